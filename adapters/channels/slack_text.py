"""Text on its way in from Slack's markup, and out into Slack's Markdown: nothing is lost, nothing is obeyed."""

import re
import unicodedata
from collections.abc import Mapping

LONGEST = 40_000
"""Characters of one message that are taken in."""
_CUT_NOTE = "\n（長い書き込みのため、受け取ったのはここまでです / too long: this is as far as it was read）"
_NAME = 80
_UNSEEN = ("Cc", "Cf")
_MARK = re.compile(r"<([^<>\n]*)>")
_PERSON = re.compile(r"@([UW][A-Z0-9]+)(?:\|.*)?", re.DOTALL)
_EVERYONE = ("here", "channel", "everyone")
_AFTER_SENTENCE = re.compile(r"[。！？!?…][」』）)”\"]*\s?")
_MARKUP = re.compile(r"\*\*[^\n]*?\*\*|`[^`\n]*`|\[[^\]\n]*\]\([^)\n]*\)|https?://[^\s<>、。（）「」]+")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_BOLD = re.compile(r"\*\*(?=[^\s*])((?:[^*\n]|\*(?!\*))+?)(?<=[^\s*])\*\*")
_LITERAL = re.compile(r"https?://[^\s<>、。（）「」]+|(?m:^\s*\*\s)|(?<!\*)\*(?!\*)|(?<=\w)~(?=\w)")
_SHOWN = {"*": "＊", "~": "〜"}
"""What Markdown would take for marks of its own, as in 2*3*4 and 10~20."""
_OPENING, _CLOSING = "「『（【〔〈《“(", "」』）】〕〉》”)。、！？：；!?:;.,…"
_ENTITY = re.compile(r"&(?=#?\w+;)")
_STRUCTURE = re.compile(r"\s*(?:[-*+•]\s|\d+[.)]\s|#{1,6}\s|>|\||```|$)")
_JOINED = (0x200D, *range(0x0300, 0x0370), *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400))
_JOINING = frozenset(_JOINED)


def heard(text: str, team: str, bot_user: str, teams: Mapping[str, str]) -> str:
    """Return what was written, without Slack's markup. `teams` are the workspaces of people known to be elsewhere."""

    def named(found: re.Match[str]) -> str:
        person = _PERSON.fullmatch(found[1])
        if person is None:
            return _unmarked(found[1])
        if person[1] != bot_user:
            return f"<@slack:{teams.get(person[1], team)}:{person[1]}>"
        before, after = text[: found.start()][-1:], text[found.end() :][:1]
        return f"{' ' if _runs_on(before) else ''}@nakodo{' ' if _runs_on(after) else ''}"

    plain = _MARK.sub(named, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return shortened(whole(plain))


def mentioned(text: str) -> set[str]:
    """Return the ids of the people whom a text names."""
    return {person[1] for mark in _MARK.findall(text) if (person := _PERSON.fullmatch(mark))}


def whole(text: str) -> str:
    """Return a text that can be written down: half characters and nulls replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")


def one_line(name: str) -> str:
    """Return a name in one line that does nothing to the text around it: what is not seen in it is left out."""
    seen = "".join(one for one in whole(name) if one.isspace() or unicodedata.category(one) not in _UNSEEN)
    return " ".join(seen.split())


def tidy(name: str) -> str:
    """Return the name of somebody, in one line that is not too long."""
    return one_line(name)[:_NAME].rstrip()


def shortened(text: str) -> str:
    """Return a text that is not too long to be taken in; what is cut off is said."""
    return text if len(text) <= LONGEST else text[: LONGEST - len(_CUT_NOTE)] + _CUT_NOTE


def _runs_on(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _unmarked(mark: str) -> str:
    target, _, label = mark.partition("|")
    if target[:1] == "!":
        name = target[1:].split("^")[0]
        return f"@{name}" if name in _EVERYONE else label or f"@{name}"
    if target[:1] in ("#", "@"):
        return target[:1] + (label or target[1:])
    if ":" in target:
        return label or target.removeprefix("mailto:")
    return f"<{mark}>"  # No markup of Slack's.


def units(text: str) -> int:
    """Return a text's length in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, most: int) -> str:
    """Return a text of at most so many UTF-16 units, cut with … where it is longer."""
    if units(text) <= most:
        return text
    end = _fitting(text, most - 1)
    while end > 1 and ord(text[end]) in _JOINING:
        end -= 1
    return text[:end] + "…"


def parts(text: str, most: int) -> list[str]:
    """Split a text into pieces of at most `most` UTF-16 units that together are the text.

    It is split after a paragraph, a line, a sentence or a word, in that order, and never inside markup that fits.
    """
    found = []
    while units(text) > most:
        end = _place_to_split(text, _fitting(text, most))
        found.append(text[:end])
        text = text[end:]
    return [*found, text] if text or not found else found


def _fitting(text: str, most: int) -> int:
    """Return how many characters fit into so many units."""
    end = min(len(text), most)
    while units(text[:end]) > most:
        end -= max((units(text[:end]) - most) // 2, 1)
    return end


def _place_to_split(text: str, end: int) -> int:
    head, least = text[:end], end // 2
    for mark in ("\n\n", "\n"):
        place = head.rfind(mark) + len(mark)
        if place > max(least, len(mark)) and not _in_code(text, place):
            return place
    begin = text.rfind("\n", 0, max(0, end - 4000)) + 1  # Markup stays within a line.
    spans = [found.span() for found in _MARKUP.finditer(text, begin, end + 4000)]
    free = [found.end() for found in _AFTER_SENTENCE.finditer(head) if found.end() > least]
    free = [place for place in free if not any(start < place < stop for start, stop in spans)]
    if free:
        return free[-1]
    place = head.rfind("\n") + 1 or head.rfind(" ") + 1
    if place > least and not any(start < place < stop for start, stop in spans):
        return place
    around = next((start for start, stop in spans if start < end < stop), end)
    place = around if around > 0 else end
    while place > 1 and place < len(text) and (ord(text[place]) in _JOINING or ord(text[place - 1]) == 0x200D):
        place -= 1
    return place


def _in_code(text: str, place: int) -> bool:
    return text.count("```", 0, place) % 2 == 1


def markdown(text: str) -> str:
    """Return a text for a Markdown block: no mention or entity in it takes effect, bold holds beside Japanese."""
    pieces = _CODE.split(text)
    return "".join(piece if number % 2 else _markdown(piece) for number, piece in enumerate(pieces))


def _markdown(text: str) -> str:
    literal = _LITERAL.sub(lambda found: _SHOWN.get(found[0], found[0]), text)
    escaped = _ENTITY.sub("&amp;", literal).replace("<", "&lt;")
    lines = _BOLD.sub(_bold, escaped).split("\n")
    # A single line end would run two lines together.
    kept = [
        f"{line}  " if not _STRUCTURE.match(line) and line.strip() and not _STRUCTURE.match(following) else line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
    ]
    return "\n".join(kept)


def so_far(text: str) -> str:
    """Return the beginning of a text for a Markdown block, as far as nothing that follows can make it another."""
    before, end, last = text.strip("\n").rpartition("\n")
    for sign in ("**", "`"):
        if last.count(sign) % 2:  # What it is will be known when it is closed.
            last = last[: last.rfind(sign)]
    return markdown(f"{before}{end}{last}").rstrip()


def _bold(found: re.Match[str]) -> str:
    """Put brackets and stops outside the asterisks: beside a Japanese character they would keep them from working."""
    words = found[1]
    inner = words.lstrip(_OPENING)
    before = words[: len(words) - len(inner)]
    core = inner.rstrip(_CLOSING)
    return f"{before}**{core}**{inner[len(core) :]}" if core.strip() == core and core else words


def emphasised(text: str) -> list[tuple[str, bool]]:
    """Return the pieces of a text, and whether each is bold."""
    return [(piece, number % 2 == 1) for number, piece in enumerate(_BOLD.split(text)) if piece]


def plain(text: str) -> str:
    """Return a text for where there is no Markdown: without its signs, and nothing in it takes effect."""
    bare = "".join(words for words, _ in emphasised(re.sub(r"(?m)^#{1,6} +", "", text)))
    return bare.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
