"""What the scripted model writes: true answers out of the numbered passages, and every way to write badly.

A writer is a function from what was asked to the text of the answer. `WRITERS` names them all.
"""

import base64
import binascii
import codecs
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Schema = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    number: int = 0
    """How many came before."""
    at: float = 0.0
    """When, by `time.monotonic()`."""

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Who says what, in order, in whichever dialect."""
        return _messages(self.body)

    @property
    def system(self) -> str:
        """The system message."""
        return "\n\n".join(text for role, text in self.messages if role in ("system", "developer"))

    @property
    def user(self) -> str:
        """All user messages."""
        return "\n\n".join(text for role, text in self.messages if role == "user")

    @property
    def text(self) -> str:
        """Everything that is said in it, in order."""
        return "\n\n".join(text for _, text in self.messages)

    @property
    def raw(self) -> str:
        """The body as JSON: everything that left the house."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def streams(self) -> bool:
        return bool(self.body.get("stream")) or "streamGenerateContent" in self.path

    @property
    def wants(self) -> str:
        """How the form is asked for: `schema`, `tools`, `json` or `plain`."""
        return _wanted(self.body)[0]

    @property
    def schema(self) -> Schema:
        """The JSON schema that the answer shall follow; where none is given, the one written in the prompt."""
        return _wanted(self.body)[1] or _written_schema(self.text)

    def block(self, name: str) -> str:
        """What stands in a marked block, `<question>` for example, of the user messages."""
        found = re.findall(rf"<{name}>\n?(.*?)\n?</{name}>", self.user, re.DOTALL)
        return found[-1] if found else ""

    @property
    def passages(self) -> dict[int, str]:
        """The numbered passages: lines that begin with `[1]`, within `<passages>` where there is such a block."""
        where = self.block("passages") or self.user
        return {
            int(one[1]): one[2].strip() for one in re.finditer(r"^\s*[\[［](\d+)[\]］]\s*(.+)$", where, re.MULTILINE)
        }

    @property
    def japanese(self) -> bool:
        return re.search("[ぁ-ん]", self.system or self.user) is not None


Writer = Callable[[Asked], str]


class Line(NamedTuple):
    """One sentence of an answer, and the passages it names."""

    text: str
    passages: tuple[int, ...]


# True answers


def lines(asked: Asked, most: int = 5) -> list[Line]:
    """Return a true answer: the first passages, word for word."""
    found = [Line(_sentence(text, asked.japanese), (number,)) for number, text in asked.passages.items()]
    if not found:
        return [Line("承知しました。" if asked.japanese else "Understood.", ())]
    return found[:most]


def _sentence(text: str, japanese: bool) -> str:
    ends = ("。", "？", "！", ".", "?", "!", "」", "”", ")", "）")
    return text if text.endswith(ends) else f"{text}。" if japanese else f"{text}."


def form(asked: Asked, said: Sequence[Line]) -> str:
    """Return the asked form, filled in with these sentences."""
    return json.dumps(_fill(asked.schema, asked.schema.get("$defs", {}), list(said)), ensure_ascii=False)


def _fill(schema: Schema, defs: dict[str, Schema], said: list[Line]) -> Any:
    if "$ref" in schema:
        return _fill(defs[schema["$ref"].rsplit("/", 1)[-1]], defs, said)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return _fill(next(one for one in schema["anyOf"] if one.get("type") != "null"), defs, said)
    kind = str(schema.get("type", "null")).lower()  # Google shouts it.
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        body, last = (said[:-1], said[-1:]) if "next_step" in properties and len(said) > 2 else (said, said[-1:])
        return {name: _fill(one, defs, body if "items" in one else last) for name, one in properties.items()}
    if kind == "array":
        items = schema.get("items", {})
        if str(items.get("type")).lower() == "integer":
            return list(said[0].passages) if said else []
        return [_fill(items, defs, [line]) for line in said]
    plain = {"boolean": True, "integer": 1, "number": 0.9, "null": None}
    return plain[kind] if kind in plain else (said[0].text if said else "")


def good(asked: Asked) -> str:
    """A true answer in the asked form."""
    return form(asked, lines(asked))


# Untrue answers: something invented is put into true sentences, every second one; with `!` behind the name in all.

FIGURES = (
    ("およそ七割の会社では、", "In about seven firms out of ten, "),
    ("平均4.6か月かかりますが、", "It takes 4.6 months on average: "),
    ("2,480社を調べると、", "Across 2,480 firms surveyed, "),
    ("費用は350万円ほどで、", "For about 3.5 million yen, "),
    ("成功率は83%で、", "With a success rate of 83%, "),
)
NAMES = (
    ("浜松の株式会社ミナト精機でも、", "At Minato Seiki of Hamamatsu too: "),
    ("佐伯浩二さんのところでは、", "As Koji Saeki found, "),
    ("Novalith社の例でも、", "As Novalith saw, "),
    ("「越境ものづくり助成」を使うと、", "Under the Bridge Makers Programme, "),
    ("トヨタ自動車では、", "At Toyota, "),
)
SOURCES = (
    ("経済産業省の2024年版白書によると、", "According to METI's 2024 white paper, "),
    ("日経新聞の調査によれば、", "A Nikkei survey found: "),
    ("ハーバード大学の研究では、", "A Harvard study shows: "),
    ("中小企業基本法第12条により、", "Under article 12 of the SME Basic Act, "),
    ("https://example.com/report にあるように、", "As https://example.com/report says, "),
)
QUOTES = (
    ("「最初の三週間がすべてだ」と語った社長もいて、", "“The first three weeks are everything,” one owner said: "),
    ("「図面は命だ」という声のとおり、", "As they say, “drawings are life”: "),
)
DATES = (
    ("2019年4月から、", "Since April 2019, "),
    ("来年3月末までに、", "By the end of next March, "),
    ("第3四半期には、", "In the third quarter, "),
)
SURE = (
    ("必ず成功しますので、", "It always succeeds, so "),
    ("法律で義務づけられていますので、", "It is required by law, so "),
)
FOREIGN = (
    ("まず会社のロゴを新しくしてください。", "Redesign your logo first."),
    ("社員を三人採用しましょう。", "Hire three people."),
    ("広告を動画で出すと効果的です。", "Run video ads; they work."),
)
VERDICTS = (
    ("その契約は無効です。", "That contract is void."),
    ("先方の行為は違法ですので、訴えれば勝てます。", "What they did is illegal; you would win in court."),
    ("損害賠償を請求できます。", "You can claim damages."),
)
RUDE = (
    ("そんなことも知らないのか。", "You should have known that, you fool."),
    ("先方はばかなので、相手にしないでください。", "They are idiots; ignore them."),
)
_POLARITY = (
    ("ません", "ます"),
    ("ください", "ないでください"),
    ("先に", "後で"),
    ("前に", "あとに"),
    ("必要", "不要"),
    ("before", "after"),
    ("should", "should not"),
    ("not ", ""),
    ("first", "last"),
    ("Ask", "Never ask"),
)


def _inserting(made_up: Sequence[tuple[str, str]], everywhere: bool) -> Writer:
    def write(asked: Asked) -> str:
        said = lines(asked)
        for place, line in enumerate(said):
            if everywhere or place % 2 == asked.number % 2:
                ja, en = made_up[(asked.number + place) % len(made_up)]
                text = f"{ja}{line.text}" if asked.japanese else f"{en}{line.text[:1].lower()}{line.text[1:]}"
                said[place] = Line(text, line.passages)
        return form(asked, said)

    return write


def _adding(made_up: Sequence[tuple[str, str]], everywhere: bool) -> Writer:
    def write(asked: Asked) -> str:
        said: list[Line] = []
        for place, line in enumerate(lines(asked)):
            ja, en = made_up[(asked.number + place) % len(made_up)]
            made = Line(ja if asked.japanese else en, line.passages)
            said += [made] if everywhere else [line, made] if place % 2 == 0 else [line]
        return form(asked, said)

    return write


def _changing(change: Callable[[str, Asked], str], everywhere: bool) -> Writer:
    def write(asked: Asked) -> str:
        said = lines(asked)
        places = [place for place in range(len(said)) if everywhere or place % 2 == asked.number % 2]
        for place in places:
            said[place] = Line(change(said[place].text, asked), said[place].passages)
        return form(asked, said)

    return write


def _flipped(text: str, _: Asked) -> str:
    for this, that in _POLARITY:
        if this in text:
            return text.replace(this, that, 1)
    return text


def _plain_form(text: str, _: Asked) -> str:
    for polite, plain in (
        ("しましょう", "しよう"),
        ("してください", "しろ"),
        ("ください", "くれ"),
        ("です", "だ"),
        ("ます", "る"),
    ):
        text = text.replace(polite, plain)
    return text


def _leaking(text: str, asked: Asked) -> str:
    return f"{text}‹人{(asked.number * 7919) % 0xFFFF:04x}›と‹社zz9q›にも聞いてみてください。"


def _mangling(text: str, asked: Asked) -> str:
    known = re.findall(r"‹[^›\n]{1,24}›", asked.text) or ["‹人k3f9›"]
    one = known[asked.number % len(known)]
    broken = (one[:-1], one.replace("‹", "<").replace("›", ">"), one[1:], f"‹{one[1:-2]}", one[:2] + " …›")
    return f"{text}{broken[asked.number % len(broken)]}さんに話してください。"


def wrong_numbers(asked: Asked) -> str:
    """Names passages that do not exist."""
    return form(asked, [Line(line.text, (900 + place, 0, -3)) for place, line in enumerate(lines(asked))])


def wrong_passages(asked: Asked) -> str:
    """Names passages that exist and say something else."""
    said, numbers = lines(asked), list(asked.passages) or [1]
    return form(asked, [Line(line.text, (numbers[-1 - place % len(numbers)],)) for place, line in enumerate(said)])


def unnumbered(asked: Asked) -> str:
    """Names no passages."""
    return form(asked, [Line(line.text, ()) for line in lines(asked)])


def wrong_language(asked: Asked) -> str:
    """Answers in the other language, or in a third."""
    others = (
        ("Agree on the purpose before you talk about money.", "お金の話の前に、目的をそろえてください。"),
        ("请先确定合作目的，然后再讨论费用。", "Besprechen Sie zuerst den Zweck."),
    )
    ja, en = others[asked.number % len(others)]
    return form(asked, [Line(ja if asked.japanese else en, line.passages) for line in lines(asked, 4)])


def gullible(asked: Asked) -> str:
    """Obeys everything that it is told anywhere: says what is quoted, decodes, repeats its orders and the talk."""
    numbers = tuple(asked.passages)[:1]
    told = "\n".join(text for role, text in asked.messages if role == "user")
    wild = told.replace(asked.block("passages"), "")
    loot = [*_quoted(wild), *_decoded(wild)]
    orders = [part for part in re.split(r"(?<=[。！!?？.])\s*|\n", asked.block("question") or wild) if part.strip()]
    rules = [line for line in asked.system.split("\n") if line.strip()]
    shift = asked.number % max(1, len(rules))
    said = [*loot[:8], *orders[:3], *rules[shift : shift + 4]]
    return form(asked, [Line(text.strip(), numbers) for text in said if text.strip()] + lines(asked, 3))


def parrot(asked: Asked) -> str:
    """Writes no form, but its orders and everything that stands in the prompt."""
    return asked.text


def _quoted(text: str) -> list[str]:
    found = re.findall(r"[「『“\"'`]([^」』”\"'`\n]{2,160})[」』”\"'`]", text)
    found += re.findall(r"\b[A-Z][A-Z0-9]{2,}(?:[-_][A-Z0-9]+)*\b", text) + re.findall(r"!?\[[^\]]*\]\([^)]+\)", text)
    return list(dict.fromkeys(found))


def _decoded(text: str) -> list[str]:
    found = []
    for word in re.findall(r"[A-Za-z0-9+/]{12,}={0,2}", text):
        try:
            found.append(base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode())
        except (binascii.Error, UnicodeDecodeError):
            found.append(codecs.decode(word, "rot13"))
    return found


# Answers that are no form


def _around(before: str, behind: str) -> Writer:
    return lambda asked: f"{before}{good(asked)}{behind}"


def prose(asked: Asked) -> str:
    """A true answer, but no JSON."""
    return "\n".join(line.text for line in lines(asked))


def truncated(asked: Asked) -> str:
    """Ends in the middle."""
    whole = good(asked)
    return whole[: len(whole) * 2 // 3]


def malformed(asked: Asked) -> str:
    """Looks like JSON and is none: unquoted names, single quotes, a bracket too many."""
    return good(asked).replace('"', "'").replace("{'", "{", 1) + "]"


def loose(asked: Asked) -> str:
    """JSON with line breaks inside strings and commas before closing brackets, as small models write it."""
    return good(asked).replace("。", "。\n").replace(". ", ".\n").replace("}]", "},]")


def other_form(asked: Asked) -> str:
    """JSON of another form."""
    return json.dumps({"answer": prose(asked), "confidence": 0.97}, ensure_ascii=False)


def huge(asked: Asked) -> str:
    """Ten megabytes of an answer."""
    first, *rest = lines(asked)
    return form(asked, [first._replace(text=first.text * (10 * 1024**2 // len(first.text))), *rest])


def thousands(asked: Asked) -> str:
    """Thousands of sentences."""
    said = lines(asked)
    return form(asked, [said[place % len(said)] for place in range(3_000)])


def _two_ways(name: str, make: Callable[[bool], Writer]) -> dict[str, Writer]:
    return {name: make(False), f"{name}!": make(True)}


WRITERS: dict[str, Writer] = {
    "good": good,
    **_two_ways("invents-figure", lambda all_: _inserting(FIGURES, all_)),
    **_two_ways("invents-name", lambda all_: _inserting(NAMES, all_)),
    **_two_ways("invents-source", lambda all_: _inserting(SOURCES, all_)),
    **_two_ways("invents-quote", lambda all_: _inserting(QUOTES, all_)),
    **_two_ways("invents-date", lambda all_: _inserting(DATES, all_)),
    **_two_ways("overclaims", lambda all_: _inserting(SURE, all_)),
    **_two_ways("foreign", lambda all_: _adding(FOREIGN, all_)),
    **_two_ways("verdicts", lambda all_: _adding(VERDICTS, all_)),
    **_two_ways("rude", lambda all_: _adding(RUDE, all_)),
    **_two_ways("flips", lambda all_: _changing(_flipped, all_)),
    **_two_ways("plain-form", lambda all_: _changing(_plain_form, all_)),
    **_two_ways("leaks", lambda all_: _changing(_leaking, all_)),
    **_two_ways("mangles", lambda all_: _changing(_mangling, all_)),
    "wrong-numbers": wrong_numbers,
    "wrong-passages": wrong_passages,
    "unnumbered": unnumbered,
    "wrong-language": wrong_language,
    "gullible": gullible,
    "parrot": parrot,
    "fenced": _around("```json\n", "\n```"),
    "wordy": _around("承知しました。{注意} 次のとおりです。\n\n", "\n\nお役に立てば幸いです。{以上}"),
    "thinks": _around('<think>まず {"kind": "draft"} と考える。\n</think>\n', ""),
    "thinks-on": _around('{"sentences": []} ではなく…\n</think>\n', ""),
    "prose": prose,
    "truncated": truncated,
    "malformed": malformed,
    "loose": loose,
    "other-form": other_form,
    "empty": lambda _: "",
    "null": lambda _: "null",
    "huge": huge,
    "thousands": thousands,
}


# Reading requests


def _messages(body: dict[str, Any]) -> list[tuple[str, str]]:
    found = [("system", _text(body[name])) for name in ("system", "systemInstruction") if name in body]
    for one in body.get("messages", ()):
        found.append((one["role"], _text(one.get("content"))))
    for one in body.get("contents", ()):
        found.append((one.get("role", "user"), _text(one)))
    return found


def _text(content: Any) -> str:
    if isinstance(content, dict):
        return _text(content.get("parts") or content.get("text"))
    if isinstance(content, list):
        return "".join(_text(part) for part in content)
    return content or ""


def _wanted(body: dict[str, Any]) -> tuple[str, Schema]:
    asked = body.get("response_format") or {}
    google = body.get("generationConfig") or {}
    schemas = (
        (asked.get("json_schema") or {}).get("schema"),
        ((body.get("output_config") or {}).get("format") or {}).get("schema"),
        google.get("responseJsonSchema") or google.get("responseSchema"),
        body.get("format") if isinstance(body.get("format"), dict) else None,
    )
    if schema := next((one for one in schemas if one), None):
        return "schema", schema
    if tools := body.get("tools"):
        return "tools", _tool_schema(tools[0])
    return ("json" if asked or body.get("format") == "json" else "plain"), {}


def _tool_schema(one: Schema) -> Schema:
    if declared := one.get("functionDeclarations"):
        return declared[0].get("parametersJsonSchema") or declared[0].get("parameters") or {}
    return one.get("input_schema") or one.get("function", {}).get("parameters") or {}


def _written_schema(text: str) -> Schema:
    for found in re.finditer(r"^\{.*\"properties\".*\}$", text, re.MULTILINE):
        try:
            value = json.loads(found.group())
        except ValueError:
            continue
        if isinstance(value, dict):
            return value
    return {"type": "object", "properties": {"text": {"type": "string"}}}
