"""What Telegram refuses in texts, entities and keyboards, and how often one may write."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers.telegram_markup import MarkdownV2, read_html
from tests.servers.telegram_refusals import Json, RefusalError, bad, listed, too_many, units

TEXT_LIMIT, CAPTION_LIMIT, ANSWER_LIMIT, DATA_LIMIT = 4096, 1024, 200, 64
DOWNLOAD_LIMIT, UPLOAD_LIMIT = 20 * 1024 * 1024, 50 * 1024 * 1024
ACTIONS = frozenset(
    listed(
        "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
        "find_location record_video_note upload_video_note"
    )
)
DETECTED = frozenset(listed("mention hashtag cashtag bot_command url email phone_number"))
STYLES = frozenset(
    listed(
        "bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre text_link "
        "text_mention custom_emoji date_time"
    )
)
BUTTON_ACTIONS = listed(
    "callback_data url web_app login_url switch_inline_query switch_inline_query_current_chat "
    "switch_inline_query_chosen_chat copy_text callback_game pay"
)


@dataclass
class Call:
    """One request: `error` is the refusal's description, `fate` an ordered failure that met it."""

    method: str
    body: Json
    time: float
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    error: str | None = None
    result: Any = None
    fate: str | None = None

    def get(self, name: str) -> str:
        """Return a value as text; missing is empty."""
        value = self.body.get(name)
        return "" if value is None else value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number; what is none is the default, as in the real server."""
        return int(self.get(name)) if re.fullmatch(r"-?\d+", self.get(name)) else default

    def flag(self, name: str) -> bool:
        """Return a truth value."""
        return self.get(name).lower() in {"true", "yes", "1"}

    def decoded(self, name: str, kind: type, words: str) -> Any:
        """Return a JSON value of a kind, or None; refuse with these words what is something else."""
        value = self.body.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                bad(words)
        if not isinstance(value, kind):
            bad(words)
        return value


@dataclass
class Failure:
    """A failure ordered for the next calls of a method ("*": of any)."""

    method: str
    kind: str
    times: int
    when: Callable[[Call], bool] | None
    seconds: float
    refusal: RefusalError | None
    status: int


@dataclass
class Limiter:
    """One message a second in a chat, 20 a minute in a group, 30 a second in all."""

    past: list[tuple[float, int]] = field(default_factory=list)

    def admit(self, chat: int, now: float) -> None:
        """Count a message, or refuse it."""
        self.past = [one for one in self.past if now - one[0] < 60]
        here = [at for at, where in self.past if where == chat]
        rules = [(here, 1, 1.0), ([at for at, _ in self.past], 30, 1.0)] + ([(here, 20, 60.0)] if chat < 0 else [])
        for times, most, span in rules:
            recent = [at for at in times if now - at < span]
            if len(recent) >= most:
                raise too_many(recent[-most] + span - now)
        self.past.append((now, chat))


# Texts


def read_text(call: Call, words: str = "text", listed: str = "entities") -> tuple[str, list[Json]]:
    """Read a text and its markup; what is wrong in it is refused before anyone looks for the chat."""
    text, mode = call.get(words), call.get("parse_mode").lower()
    try:
        text.encode()
    except UnicodeEncodeError:
        bad("strings must be encoded in UTF-8")
    if mode == "markdownv2":
        return MarkdownV2(text).read()
    if mode == "html":
        return read_html(text)
    if mode and mode != "none":
        bad("unsupported parse_mode")  # the old Markdown as well: nobody should begin with it
    entities = call.decoded(listed, list, "can't parse entities JSON object") or []
    for one in entities:
        if not isinstance(one, dict) or one.get("type") not in STYLES | DETECTED:
            bad("can't parse MessageEntity: Unsupported type specified")
    return text, [one for one in entities if one["type"] in STYLES]


def settle(text: str, entities: list[Json], limit: int, too_long: str) -> tuple[str, list[Json]]:
    """Check entities against the text and its length; return what people see: trimmed, with what is detected."""
    edges, at = {0: 0}, 0
    for char in text:
        at += units(char)
        edges[at] = 1
    for one in entities:
        _check_entity(one, text, edges, at)
    if units(text) > limit:
        bad(too_long)
    front = units(text) - units(text.lstrip())
    text = text.strip()
    kept = []
    for one in entities:
        begin, end = max(one["offset"] - front, 0), min(one["offset"] + one["length"] - front, units(text))
        if end > begin:
            kept.append(one | {"offset": begin, "length": end - begin})
    taken = [one for one in kept if one["type"] in {"code", "pre", "text_link"}]
    kept += [one for one in detect(text) if not any(_overlap(one, other) for other in taken)]
    return text, sorted(kept, key=lambda one: (one["offset"], -one["length"], one["type"]))


def _overlap(one: Json, other: Json) -> bool:
    return bool(one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"])


def _check_entity(one: Json, text: str, edges: dict[int, int], size: int) -> None:
    begin, length = one.get("offset"), one.get("length")
    if not isinstance(begin, int) or not isinstance(length, int):
        bad('can\'t parse MessageEntity: Field "offset" must be of type Number')
    end = begin + length
    if begin < 0:
        bad(f"receive an entity with incorrect offset {begin}")
    if length <= 0:
        bad(f"receive an entity with incorrect length {length}")
    if begin >= size:
        bad(f"entity begins after the end of the text at UTF-16 offset {begin}")
    if end > size:
        bad(f"entity beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {end}")
    for place, words in ((begin, "begins"), (end, f"beginning at UTF-16 offset {begin} ends")):
        if place not in edges:
            shown = text.encode("utf-16-le")[: 2 * (place + 1)].decode("utf-16-le")
            bad(f"entity {words} in a middle of a UTF-16 symbol at byte offset {len(shown.encode())}")
    if one["type"] == "text_link":
        check_url(one.get("url", ""), "entity URL")


def detect(text: str) -> list[Json]:
    """Find commands, mentions and addresses."""
    found = []
    for kind, pattern in (
        ("bot_command", r"(?<![\w/@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![A-Za-z0-9_/])"),
        ("mention", r"(?<![\w/@])@[A-Za-z0-9_]{3,32}"),
        ("url", r"https?://[^\s<>\u3000-\u9fff]+"),
    ):
        for one in re.finditer(pattern, text):
            found.append({"type": kind, "offset": units(text[: one.start()]), "length": units(one[0])})
    return found


def entity_text(text: str, one: Json) -> str:
    """Return the piece of text that an entity covers."""
    return text.encode("utf-16-le")[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le")


def check_url(url: str, what: str) -> None:
    """Refuse an address that Telegram cannot open."""
    if re.match(r"(?i)(tg|ton)://", url):
        return
    scheme = re.match(r"([A-Za-z][\w+.-]*)://", url)
    if scheme and scheme[1].lower() not in {"http", "https"}:
        bad(f"{what} '{url}' is invalid: Unsupported URL protocol")
    host = re.sub(r"^https?://", "", url, flags=re.IGNORECASE)
    if not re.split(r"[/?#]", host)[0]:
        bad(f"{what} '{url}' is invalid: URL host is empty")
    if not re.match(r"[^\s/?#]+\.[^\s/?#.]+|localhost", host):
        bad(f"{what} '{url}' is invalid: Wrong HTTP URL")


# Keyboards


def read_markup(call: Call, inline_only: bool = False) -> Json | None:
    """Read `reply_markup`."""
    markup: Json | None = call.decoded("reply_markup", dict, "object expected as reply markup")
    if markup is None or markup == {}:
        return None
    if "inline_keyboard" in markup:
        return _inline(markup)
    if inline_only:
        bad("inline keyboard expected")
    for name in ("remove_keyboard", "force_reply"):
        if name in markup and not isinstance(markup[name], bool):
            bad(f'field "{name}" must be of type Boolean')
    if not {"remove_keyboard", "force_reply"} & markup.keys():
        rows = markup.get("keyboard")
        if not isinstance(rows, list) or not all(isinstance(row, list) and row for row in rows):
            bad('field "keyboard" must be of type Array')
    return None  # Telegram gives back inline keyboards only


def _inline(markup: Json) -> Json | None:
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list):
        bad('field "inline_keyboard" must be of type Array')
    for row in rows:
        if not isinstance(row, list):
            bad("can't parse inline keyboard button: an array of arrays is expected")
        for button in row:
            _check_button(button)
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        bad("reply markup is too long")
    rows = [row for row in rows if row]
    return {"inline_keyboard": rows} if rows else None


def _check_button(button: Any) -> None:
    if not isinstance(button, dict):
        bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        bad("can't parse inline keyboard button: Can't find field \"text\"")
    acts = [name for name in BUTTON_ACTIONS if name in button]
    data = button.get("callback_data")
    if not acts or (acts == ["callback_data"] and not data):
        bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(acts) > 1 or acts[0] in {"pay", "callback_game"}:
        bad("BUTTON_TYPE_INVALID")
    if acts == ["callback_data"] and (not isinstance(data, str) or len(data.encode()) > DATA_LIMIT):
        bad("BUTTON_DATA_INVALID")
    if acts == ["url"]:
        check_url(button["url"], "inline keyboard button URL")
