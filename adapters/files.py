"""Files that people hand in: read, or refused with the reason. The only door to markitdown."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath
from typing import Any, NamedTuple

import anyio
import anyio.to_thread

from adapters.post import Channel, File, RefusedError, SendError
from bot.model import Text

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 50 * 1024 * 1024
READ_AT_MOST = 1_500
"""Characters of a file that are heard as if somebody had said them."""
READ_WITHIN = 20.0
"""Seconds that reading may take: whoever sent it waits, and the room behind them."""
ROWS = 2_000
"""Rows of a sheet that are looked at; long before the last one there is enough to hear."""
LONGEST_NAME = 80
_TITLE = re.compile(r"［[^］]+］")
DITTO = "［〃］"
"""Stands for a file that was not read and is called like one before it: pictures have one name in many chats."""
PLAIN = (".txt", ".md", ".csv")
OFFICE = (".pdf", ".docx", ".xlsx", ".pptx")


class Read(NamedTuple):
    """What is known of a file. `words` are heard with the message, `told` is the answer to who sent it."""

    words: str
    told: Text

    @property
    def heard(self) -> bool:
        """Whether there is more than the file's name."""
        return "\n" in self.words

    @property
    def quoted(self) -> str:
        """What is heard of it. A file may hold anything; it does not call the bot."""
        return _uncalling(self.words)


async def take_in(file: File, channel: Channel) -> Read:
    """Fetch a file and read it, or say why not. Nothing that a file holds makes this fail."""
    kind = PurePath(file.name).suffix.lower()
    file = file.model_copy(update={"name": _shown(file.name)})
    if kind not in PLAIN + OFFICE:
        return _refused(file, _KIND)
    content = b""
    try:
        if file.size <= MOST_BYTES:
            content = await channel.fetch(file, MOST_BYTES + 1)
    except SendError as error:
        return _refused(file, _CLOSED if isinstance(error, RefusedError) else _UNREACHED)
    if max(file.size, len(content)) > MOST_BYTES or _unpacked(content) > MOST_UNPACKED:
        return _refused(file, _LARGE)
    text: str | None = None
    with anyio.move_on_after(READ_WITHIN):
        text = await anyio.to_thread.run_sync(_reader(kind), content, kind, abandon_on_cancel=True)
    if text is None:
        return _refused(file, _SLOW)
    if not text.strip() or "\0" in text:
        return _refused(file, _EMPTY)
    return Read(f"{_title(file.name)}\n{' '.join(text.split())[:READ_AT_MOST]}", _told(file, _READ))


def kept(words: str, files: Sequence[File]) -> str:
    """Return what `quoted` has put into words about these files: the line with the name, and what was read."""
    titles, lines = {_uncalling(_title(_shown(file.name))) for file in files}, words.split("\n")
    titles |= {DITTO} if files else set()
    own = [line in titles for line in lines]
    read = [before and not _TITLE.fullmatch(line) for before, line in zip([False, *own], lines, strict=False)]
    return "\n".join(line for line, *parts in zip(lines, own, read, strict=True) if any(parts))


def _uncalling(words: str) -> str:
    return words.replace("@", "＠")


def _title(name: str) -> str:
    return f"［{name}］"


def _shown(name: str) -> str:
    """Return a file's name as it can be said: on one line, and not longer than that."""
    plain = "".join(filter(str.isprintable, name))
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"


def _reader(kind: str) -> Callable[[bytes, str], str]:
    return _plain if kind in PLAIN else _sheets if kind == ".xlsx" else _office


def _unpacked(content: bytes) -> int:
    """Return how many bytes an archive, as office files are, says that it unpacks to."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(one.file_size for one in archive.infolist())
    except Exception:  # It is none, or a broken or hostile one: who tries to read it will see.
        return 0


def _plain(content: bytes, _kind: str) -> str:
    marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _sheets(content: bytes, _kind: str) -> str:
    """Read the beginning of a workbook. Markitdown reads all of it first, a minute for 200,000 cells."""
    import openpyxl  # type: ignore[import-untyped]

    read: list[str] = []
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for words in _cells(book):
            read.append(words)
            if sum(map(len, read)) > READ_AT_MOST:
                break
    except Exception:  # Whatever a broken or hostile file throws: what was read until then is all there is.
        return " ".join(read)
    return " ".join(read)


def _cells(book: Any) -> Iterator[str]:
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # What a file says of its own size need not be true.
        named = False
        for row in islice(sheet.iter_rows(values_only=True), ROWS):
            words = " ".join(str(cell) for cell in row if cell is not None)
            if words.strip():
                yield words if named else f"{sheet.title}: {words}"
                named = True


def _office(content: bytes, kind: str) -> str:
    from markitdown import MarkItDown, StreamInfo

    try:
        return (
            MarkItDown(enable_plugins=False)
            .convert_stream(io.BytesIO(content), stream_info=StreamInfo(extension=kind))
            .markdown
        )
    except Exception:  # Whatever a broken or hostile file throws: it cannot be read.
        return ""


def _refused(file: File, why: Text) -> Read:
    return Read(_title(file.name), _told(file, why))


def _told(file: File, text: Text) -> Text:
    put: Callable[[str], str] = lambda words: words.replace("{name}", file.name)  # noqa: E731
    return Text(ja=put(text.ja), en=put(text.en))


_READ = Text(ja="「{name}」を受け取り、読みました。", en="I have {name} and read it.")
_KIND = Text(
    ja="「{name}」は読めない種類のファイルです。PDF、Word、Excel、PowerPoint、テキストなら読めます。",
    en="I cannot read {name}. PDF, Word, Excel, PowerPoint and text files I can.",
)
_LARGE = Text(ja="「{name}」は大きすぎて読めません（10MBまで）。", en="{name} is too large for me (up to 10 MB).")
_CLOSED = Text(
    ja="「{name}」を開く許可がありませんでした。もう一度送っていただくか、本文に書いてください。",
    en="I was not let in to {name}. Please send it again, or write the gist.",
)
_UNREACHED = Text(
    ja="「{name}」を受け取れませんでした。少ししてから、もう一度送ってください。",
    en="{name} did not come through. Please send it again in a while.",
)
_SLOW = Text(
    ja="「{name}」は読むのに時間がかかりすぎました。要点を書いていただければ、お答えします。",
    en="{name} took me too long to read. Write me the gist and I will answer.",
)
_EMPTY = Text(
    ja="「{name}」から文字を読み取れませんでした（画像だけか、鍵がかかっているようです）。要点を書いていただければ、お答えします。",
    en="I found no text in {name}: it may be a picture or locked. Write me the gist and I will answer.",
)
