"""What language models were shown, as people may see it: each what was theirs, and who leads how often."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.intent import intent
from bot.model import Message, MessageId, Person, RoomId, Text, Trace, TraceEnd, TraceUse
from bot.scene import HEARD, Scene, Seen

OF_THE_ROOM: tuple[TraceUse, ...] = ("minutes", "digest")
"""Uses for which a model is given what everybody said."""
KEPT = 5
"""Uses remembered of each person."""
MOST = 60
"""Uses remembered in a room, whoever passes by."""
EXCERPT = 300
"""Characters shown of what it was asked about, and as many of what went with that."""
_MARKED = 500
"""Characters by which words are known again: some who keep them keep only their beginning."""
_FIRST = ("question", "message", "answers")
"""What a model was asked about stands in one of these, what it may need besides in others."""
_ANYBODY, _ANY = Person(name="?"), datetime(2000, 1, 1, tzinfo=UTC)
_BLOCK = re.compile(r"<([a-z_]+)>\n(.*?)\n</\1>", re.DOTALL)


def seen(message: Message, scene: Scene, traces: Sequence[Trace], texts: Iterable[str]) -> Scene:
    """Return the scene that remembers what models were shown on behalf of who wrote the message.

    `texts` are all words of people that were in it, as people wrote them. Where the room forbids models there is
    nothing to remember.
    """
    room, who = scene.room.id, message.sender.name
    marks = tuple(sorted({mark(room, text) for text in (message.text, *texts) if text.strip()}))
    for trace in traces:
        if trace.end == "forbidden":
            continue
        shown = Seen(
            number=number_of(room, message.id, trace),
            who=who,
            at=message.at,
            use=trace.use,
            model=trace.model,
            end=trace.end,
            # What the whole room said stands in the room; here it would be others' words.
            sent="…" if trace.sent and trace.use in OF_THE_ROOM else of_people(trace.sent),
            marks=marks,
        )
        mine = [one for one in scene.model_seen if one.who == who][-KEPT + 1 :]
        kept = [one for one in scene.model_seen if one.who != who or one in mine]
        uses = scene.model_uses
        if trace.sent:
            uses = {**uses, trace.model: uses.get(trace.model, 0) + 1}
        scene = scene.having(model_seen=(*kept, shown)[-MOST:], model_uses=uses)
    return scene


def without(scene: Scene, gone: Iterable[str]) -> tuple[Seen, ...]:
    """Return what is remembered of models without what holds any of these words."""
    marks = marked(scene.room.id, gone)
    return tuple(one for one in scene.model_seen if marks.isdisjoint(one.marks))


def without_person(scene: Scene, name: str) -> tuple[Seen, ...]:
    """Return what is remembered of models without a person's words, on whoever's behalf they were given."""
    kept = without(scene, (one.text for one in scene.heard if one.who == name))
    person = scene.room.person(name)
    side = person.side if person else None
    # What the room said long ago is not known here any more, and may be in what its side's people were helped with.
    gone = {one.name for one in scene.room.people if len(scene.heard) >= HEARD and one.side == side}
    return tuple(one for one in kept if one.who not in gone | {name})


def marked(room: RoomId, texts: Iterable[str]) -> set[str]:
    """Return the marks of texts."""
    return {mark(room, text) for text in texts if text.strip()}


def mark(room: RoomId, text: str) -> str:
    """Return what words are known by without being kept. Blanks do not count, nor does a call at the beginning."""
    begin = "".join(intent(Message(id=MessageId("?"), sender=_ANYBODY, at=_ANY, text=text)).words.split())[:_MARKED]
    return hashlib.blake2b(f"{room}\n{begin}".encode("utf-8", "replace"), digest_size=6).hexdigest()


def number_of(room: str, message: str, trace: Trace) -> str:
    """Return the number by which a person names a use: always the same, short enough to be read out."""
    name = f"{room}\n{message}\n{trace.use}\n{trace.given}\n{trace.sent}"
    digest = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest()
    figures = f"{int.from_bytes(digest, 'big') % 10**9:09}"
    return "-".join((figures[:3], figures[3:6], figures[6:]))


def of_people(sent: str) -> str:
    """Return what is people's own in what left: neither what Nakodo told the model, nor the cards; shortened."""
    blocks = {name: words for name, words in _BLOCK.findall(sent) if name != "passages"}
    if not blocks:
        return _cut(sent, EXCERPT)
    first = next((blocks.pop(name) for name in _FIRST if name in blocks), "")
    rest = "\n".join(blocks.values())
    return "\n".join(part for part in (_cut(first, EXCERPT), _cut(rest, EXCERPT)) if part)


def _cut(text: str, most: int) -> str:
    text = text.strip()
    if len(text) <= most:
        return text
    text = text[: most - 1]
    half = text.rfind("‹") if text.rfind("‹") > text.rfind("›") else len(text)
    return text[:half].rstrip() + "…"


ROOMS_WORDS = Text(ja="部屋で話されたこと", en="what was said in the room")
USE_NAMES: dict[TraceUse, Text] = {
    "answer": Text(ja="ご相談へのお答え", en="an answer to you"),
    "judge": Text(ja="ご発言の受けとめ方", en="a second look at what you said"),
    "minutes": Text(ja="議事録の下書き", en="a draft of minutes"),
    "digest": Text(ja="まとめの下書き", en="a draft of a digest"),
    "suggestion": Text(ja="演習での提案", en="a suggestion in an exercise"),
}
END_NAMES: dict[TraceEnd, Text] = {
    "used": Text(ja="使いました", en="used"),
    "dropped": Text(
        ja="出典で確かめられない文が多く、使いませんでした", en="not used: too little of it held against the sources"
    ),
    "slow": Text(ja="時間内に返らず、使いませんでした", en="not used: it took too long"),
    "down": Text(ja="つながらず、使いませんでした", en="not used: it could not be reached"),
    "refused": Text(ja="モデルの側に断られました", en="not used: the model turned it away"),
    "malformed": Text(ja="返事の形が崩れていて、使いませんでした", en="not used: what came back could not be read"),
    "budget": Text(
        ja="一日の上限に達していたので、渡していません", en="nothing was sent: the day's limit was reached"
    ),
    "resting": Text(
        ja="モデルの不調が続いたので、渡していません", en="nothing was sent: the model had failed too often"
    ),
    "forbidden": Text(
        ja="この部屋では使わない決まりなので、渡していません", en="nothing was sent: this room forbids it"
    ),
    "secret": Text(
        ja="NDAを結ぶ前の大事な話のようなので、渡していません",
        en="nothing was sent: it sounded confidential, and the NDA is not signed",
    ),
}
