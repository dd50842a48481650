"""Every file that people hand in gets an answer: read, or refused with the reason."""

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pptx
import pytest

from adapters import files
from adapters.files import MOST_BYTES, READ_AT_MOST, Read, take_in
from adapters.post import File, NotSentError, RefusedError, UnclearError
from tests.adapters.memory import MemoryChannel

WORDS = "厚さ0.1ミリの銅箔の歪みを測りたい"
_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""
_RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="word/document.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"""
_BODY = """<?xml version="1.0" encoding="UTF-8"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>"""


def docx(words: str = WORDS) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("[Content_Types].xml", _TYPES)
        pack.writestr("_rels/.rels", _RELS)
        pack.writestr("word/document.xml", _BODY.replace("{words}", words))
    return out.getvalue()


def xlsx(words: str = WORDS) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = words
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def slides(words: str = WORDS) -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = words
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def pdf(words: str = "thickness 0.1 mm") -> bytes:
    """Return the smallest PDF that says something."""
    drawn = f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, starts = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        starts.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    return out + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )


async def taken(name: str, content: bytes | Exception, size: int | None = None) -> Read:
    channel = MemoryChannel(files={"F1": content})  # type: ignore[dict-item]
    length = len(content) if isinstance(content, bytes) else 0
    return await take_in(File(name=name, size=length if size is None else size, ref="F1"), channel)


def refused(read: Read, name: str, why: str) -> bool:
    """Return whether a file was refused for a reason, and nothing heard but its name."""
    return read.words == f"［{name}］" and why in read.told.ja and name in read.told.ja and name in read.told.en


# Read


@pytest.mark.parametrize(
    ("name", "made"),
    [("仕様.docx", docx), ("見積.xlsx", xlsx), ("紹介.pptx", slides), ("仕様.DOCX", docx)],
)
async def test_office_files_are_read(name: str, made: Callable[[], bytes]) -> None:
    read = await taken(name, made())
    assert read.words.startswith(f"［{name}］\n")
    assert WORDS in read.words
    assert read.told.ja == f"「{name}」を受け取り、読みました。"


async def test_a_pdf_is_read() -> None:
    assert (await taken("図面.pdf", pdf())).words == "［図面.pdf］\nthickness 0.1 mm"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("name", ["メモ.txt", "メモ.md", "表.csv"])
async def test_text_is_read_however_windows_saved_it(name: str, encoding: str) -> None:
    content = f"{WORDS}①㈱髙橋".encode(encoding)
    assert (await taken(name, content)).words == f"［{name}］\n{WORDS}①㈱髙橋"


async def test_a_long_file_is_heard_to_a_limit() -> None:
    read = await taken("長い.txt", ("あ" * 50_000).encode())
    assert read.words == "［長い.txt］\n" + "あ" * READ_AT_MOST


async def test_blanks_and_lines_of_a_file_become_one_line() -> None:
    assert (await taken("表.csv", "品名\t厚さ\r\n\r\n銅箔   0.1".encode())).words == "［表.csv］\n品名 厚さ 銅箔 0.1"


@pytest.mark.parametrize("name", ["{name}.txt", "{0}{who}.txt", "100%s.txt", "a}b{.txt"])
async def test_a_name_with_braces_is_told_as_it_is(name: str) -> None:
    read = await taken(name, WORDS.encode())
    assert read.words == f"［{name}］\n{WORDS}"
    assert read.told.ja == f"「{name}」を受け取り、読みました。"
    assert read.told.en == f"I have {name} and read it."


# Refused


@pytest.mark.parametrize("name", ["図.png", "音.mp3", "図面.dwg", "束.zip", "名前だけ", ".txt", "古い.doc"])
async def test_other_kinds_are_refused_and_not_even_fetched(name: str) -> None:
    channel = MemoryChannel(files={"F1": b"x"})
    read = await take_in(File(name=name, size=1, ref="F1"), channel)
    assert refused(read, name, "読めない種類")
    assert channel.fetched == []


async def test_what_is_said_to_be_too_large_is_not_fetched() -> None:
    channel = MemoryChannel(files={"F1": b"x"})
    read = await take_in(File(name="大.pdf", size=MOST_BYTES + 1, ref="F1"), channel)
    assert refused(read, "大.pdf", "大きすぎて")
    assert channel.fetched == []


async def test_what_turns_out_too_large_is_refused() -> None:
    assert refused(await taken("大.txt", b"a" * (MOST_BYTES + 1), size=0), "大.txt", "大きすぎて")


async def test_a_file_of_just_the_limit_is_read() -> None:
    assert "読みました" in (await taken("大.txt", b"a" * MOST_BYTES)).told.ja


@pytest.mark.parametrize("name", ["空.txt", "空.pdf", "空.docx", "空.xlsx", "空.pptx"])
@pytest.mark.parametrize("content", [b"", b" \r\n\t "])
async def test_an_empty_file_is_refused(name: str, content: bytes) -> None:
    assert refused(await taken(name, content), name, "文字を読み取れませんでした")


@pytest.mark.parametrize("name", ["壊.pdf", "壊.docx", "壊.xlsx", "壊.pptx", "壊.txt"])
async def test_a_broken_file_is_refused(name: str) -> None:
    whole = {"壊.pdf": pdf, "壊.docx": docx, "壊.xlsx": xlsx, "壊.pptx": slides}.get(name)
    content = whole()[:60] + bytes(range(128, 256)) if whole else bytes(range(128, 256)) * 3
    assert refused(await taken(name, content), name, "文字を読み取れませんでした")


@pytest.mark.parametrize(("name", "made"), [("実は図.docx", pdf), ("実は本文.pdf", docx), ("実は表.pptx", xlsx)])
async def test_a_wrong_extension_does_no_harm(name: str, made: Callable[[], bytes]) -> None:
    read = await taken(name, made())
    assert read.words.startswith(f"［{name}］")
    assert name in read.told.ja


@pytest.mark.parametrize("name", ["実は図.txt", "実は図.csv"])
async def test_a_picture_that_calls_itself_text_is_not_heard(name: str) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(64)
    assert refused(await taken(name, picture), name, "文字を読み取れませんでした")


async def test_a_small_file_that_unpacks_to_a_huge_one_is_refused() -> None:
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        pack.writestr("word/media/image1.bmp", bytes(6 * MOST_BYTES))
    assert len(out.getvalue()) < MOST_BYTES // 4
    assert refused(await taken("爆弾.docx", out.getvalue()), "爆弾.docx", "大きすぎて")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RefusedError("no_permission"), "開く許可がありません"),
        (NotSentError("busy"), "受け取れませんでした"),
        (UnclearError("timeout"), "受け取れませんでした"),
    ],
)
async def test_a_file_that_is_not_handed_over_is_answered_with_the_reason(error: Exception, why: str) -> None:
    assert refused(await taken("図面.pdf", error), "図面.pdf", why)


def strange(content: bytes, at: int, bytes_: bytes) -> bytes:
    """Return an archive with something else in the first entry of its list."""
    place = content.index(b"PK\x01\x02") + at
    return content[:place] + bytes_ + content[place + len(bytes_) :]


@pytest.mark.parametrize("name", ["新.docx", "新.xlsx", "新.pptx", "新.pdf", "新.txt"])
@pytest.mark.parametrize(("at", "bytes_"), [(6, b"\xff\x00"), (8, b"\x00\x08" + bytes(36) + b"\xff")])
async def test_an_archive_of_a_kind_that_nobody_knows_is_refused(name: str, at: int, bytes_: bytes) -> None:
    assert refused(await taken(name, strange(docx(), at, bytes_)), name, "文字を読み取れませんでした")


async def test_of_a_large_workbook_the_beginning_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "READ_WITHIN", 10)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("単価表")
    for number in range(5_000):
        sheet.append([f"部品{number}", number, None, 0.5])
    out = io.BytesIO()
    book.save(out)
    read = await taken("単価.xlsx", out.getvalue())
    assert read.words.startswith("［単価.xlsx］\n単価表: 部品0 0 0.5 部品1 1 0.5")
    assert len(read.words) == len("［単価.xlsx］\n") + READ_AT_MOST


async def test_what_takes_too_long_to_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "READ_WITHIN", 0)
    assert refused(await taken("厚い.txt", WORDS.encode()), "厚い.txt", "時間がかかりすぎました")


@pytest.mark.parametrize("name", ["二\n行.txt", "図面\u202efdp.txt", "あ" * 300 + ".txt"])
async def test_a_strange_name_is_told_on_one_line_and_shortened(name: str) -> None:
    read = await taken(name, WORDS.encode())
    told, heading = read.told.ja.splitlines(), read.words.splitlines()[0]
    assert len(told) == 1
    assert len(heading) < 100
    assert heading.isprintable()
    assert read.words.endswith(WORDS)
