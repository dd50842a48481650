"""The watch runs the signals over the talk. It never speaks; `intervene` decides what to do with a finding."""

from collections.abc import Sequence
from datetime import datetime

from bot.clock import day_of
from bot.length import length_of
from bot.model import Finding, Message
from bot.redact import masked
from bot.scene import Heard, Scene
from bot.signals import Context, Due, Pulse, SignalKind, signals
from knowledge.card import Side
from knowledge.ear import Hearing, Words

HEARD = 0.5
LATELY = 6
"""Messages within which something plainly stated still holds, though nobody has noted it yet."""
PLAIN = 0.8
"""How surely a statement must be heard for that."""
MOST = 2_000
"""Characters kept of a message that was heard."""
SIDES: tuple[Side, ...] = ("sme", "startup")


def words_of(message: Message, scene: Scene, text: str) -> Words:
    """Return the text of a message as the ear takes it, with where the two stand."""
    nda = scene.record.nda.standing(day_of(message.at, scene.room.zone))
    return Words(text=text, stage=scene.record.stage, nda=nda)


def watch(message: Message, scene: Scene, hearing: Hearing) -> tuple[Finding, ...]:
    """Return what a message carries, the surest first, each with its score and the words that showed it."""
    speaker = scene.known(message.sender)
    context = Context(
        side=speaker.side,
        stage=scene.record.stage,
        nda=scene.record.nda.standing(day_of(message.at, scene.room.zone)),
        record=scene.record,
        said=frozenset(state for one in scene.heard[-LATELY:] for state in one.states) | _states(hearing),
    )
    found = [
        Finding(
            signal=kind.id,
            message=message.id,
            who=message.sender.name,
            at=message.at,
            score=round(sound.score, 3),
            evidence=masked(sound.evidence),
        )
        for kind in signals().values()
        if (sound := hearing.signals.get(kind.id)) and sound.score >= HEARD and kind.counts(context)
    ]
    return tuple(sorted(found, key=lambda finding: -finding.score))


def overheard(message: Message, scene: Scene, hearing: Hearing) -> Scene:
    """Return the scene after something was said in the room; a word to the bot alone was not."""
    if message.private:
        return scene
    side = scene.known(message.sender).side
    request = hearing.statements.get("request")
    asks = request is not None and request.score >= HEARD
    heard = Heard(
        id=message.id,
        who=message.sender.name,
        side=side,
        at=message.at,
        text=message.text[:MOST],
        asks=asks,
        states=tuple(sorted(_states(hearing))),
    )
    return scene.hearing(heard)


def _states(hearing: Hearing) -> frozenset[str]:
    return frozenset(name for name, sound in hearing.statements.items() if sound.score >= PLAIN)


def computed(pulse: Pulse) -> list[tuple[SignalKind, Due]]:
    """Return the signals that record and clock say are due."""
    found = ((kind, kind.due(pulse)) for kind in signals().values())
    return [(kind, due) for kind, due in found if due is not None]


def pulse_of(scene: Scene, now: datetime) -> Pulse:
    """Return what the computed signals look at."""
    talk = [one for one in scene.heard if one.side in SIDES][-40:]
    last = {side: max((one.at for one in talk if one.side == side), default=None) for side in SIDES}
    return Pulse(
        now=now,
        today=day_of(now, scene.room.zone),
        record=scene.record,
        opened=scene.since,
        last_word={side: at for side, at in last.items() if at is not None},
        waiting=waiting(scene),
        spoken={side: sum(length_of(one.text) for one in talk if one.side == side) for side in SIDES},
        messages=len(talk),
        names=scene.room.names,
    )


def waiting(scene: Scene) -> dict[Side, datetime]:
    """Return since when each side waits for the other: since it spoke last and the other has not answered."""
    talk = [one for one in scene.heard if one.side in SIDES]
    if not talk:
        return {}
    side = talk[-1].side
    since = talk[-1].at
    for one in reversed(talk):
        if one.side != side:
            break
        since = one.at
    return {side: since} if side and _asks(talk, side) else {}


def _asks(talk: Sequence[Heard], side: Side) -> bool:
    """Whether a side's last words before the silence ask for something."""
    for one in reversed(talk):
        if one.side != side:
            return False
        if one.asks:
            return True
    return False
