"""A second opinion on what the watch was in two minds about, from a language model.

It can let a finding stand or drop it; what the watch did not hear at all it does not bring up. It is asked only
where its word decides whether something is said, once a message, and in any trouble the watch decides alone.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from pydantic import BaseModel, Field

from bot import intervene
from bot.clock import day_of
from bot.coach.passages import Passage
from bot.gate import release
from bot.model import Finding, Message, Trace
from bot.names import NDA_NAMES, SIDE_NAMES, STAGE_NAMES
from bot.pen import CONFIDENTIAL, Errand, Pen, Read, dropped, fault_noted, for_machines, put
from bot.redact import Veil
from bot.scene import Scene
from bot.seen import seen
from bot.signals import signals
from bot.watch import HEARD, watch
from knowledge.card import Citation, Locale
from knowledge.claims import claims
from knowledge.ear import Hearing, clip
from prompts import render

# Measured on talks-tuning: of what is heard at 0.45 to 0.5 two in three is so, of what is fainter one in ten; from a
# little above what is spoken of, nine in ten, and a model does not know better than that.
FAINTEST = 0.45
"""What is fainter stays unheard."""
BELOW, ABOVE = 0.15, 0.05
"""How far around a signal's own `clear` it is in doubt."""
BEFORE = 3
"""Earlier sayings of the speaker's own side that are shown."""
SAID, SHORT = 1_200, 200
"""Characters shown of the message, and of each earlier saying."""
REASON: dict[Locale, int] = {"ja": 60, "en": 15}
"""The longest reason: characters, or words of English."""
QUOTED: dict[Locale, int] = {"ja": 10, "en": 24}
"""So many characters in a row out of the message are a repetition."""
ASTRAY = ("language", "placeholder", "instruction", "figure", "name", "date", "source", "quote")
"""What the guard finds of a reason whose writer has left the message: then the opinion is none. With any other fault
the reason is not shown, and the opinion none the worse."""
BEYOND = ("unsourced", "foreign", "polarity", "overclaim")
"""What the guard finds of a sentence that says other things than its source. A reason speaks about the message."""


class Opinion(BaseModel):
    """What the model thinks of a finding. The reason comes first, so that the answer is given with it in mind."""

    reason: str = Field(description="one short sentence for the facilitator: what in the message shows it, or not")
    stands: bool = Field(description="whether it shows in the message")


class Judged(NamedTuple):
    """The findings after a second opinion, if one was asked, and the scene that remembers what was shown."""

    findings: tuple[Finding, ...]
    scene: Scene
    traces: tuple[Trace, ...] = ()


class Judge:
    """Gives second opinions."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    def weigh(self, message: Message, scene: Scene, hearing: Hearing, findings: tuple[Finding, ...]) -> Judged:
        """Return the findings of a message, the one in doubt dropped or with the reason for which it stands."""
        try:
            return self._weighed(message, scene, hearing, findings)
        except Exception as fault:
            fault_noted(fault)
            return Judged(findings, scene)

    def _weighed(self, message: Message, scene: Scene, hearing: Hearing, findings: tuple[Finding, ...]) -> Judged:
        doubt = in_doubt(message, scene, hearing, findings)
        if doubt is None or for_machines(message.text):
            return Judged(findings, scene)
        asker = scene.asker(scene.known(message.sender))
        before = [one for one in asker.recent[-BEFORE:] if self._pen.may_see(one, scene, message.at)]
        veil = self._pen.veil(scene, asker)
        errand = _errand(doubt, message, scene, before, veil)
        if scene.model_forbidden or self._pen.hides(hearing, scene, message.at):
            trace = self._pen.unsent(errand, "forbidden" if scene.model_forbidden else "secret")
            return Judged(findings, seen(message, scene, (trace,), ()), (trace,))
        sheet = self._pen.fill(errand, Opinion, lambda opinion: self._read(opinion, message, veil, errand.locale))
        if sheet.what is not None:
            findings = _after(findings, doubt, sheet.what)
        return Judged(findings, seen(message, scene, (sheet.trace,), before), (sheet.trace,))

    def _read(self, opinion: Opinion, message: Message, veil: Veil, locale: Locale) -> Read[Opinion]:
        """Return an opinion, its reason only as far as that keeps to the message."""
        text, most = message.text, REASON[locale]
        this = Passage(1, message.id, text, "practice", (), "saying")
        verdict = self._pen.weigh(opinion.reason, (1,), (this,), veil=veil, locale=locale, most=most, said=text)
        if verdict.why in BEYOND and not claims(verdict.sentence, locale).certain:
            verdict = verdict.model_copy(update={"kept": True, "why": ""})
        if verdict.kept and _echoes(verdict.sentence, text, locale):
            verdict = dropped(verdict, "repeated")
        if verdict.why in ASTRAY:
            return Read(None, (verdict,))
        reason = verdict.sentence if verdict.kept else ""
        return Read(Opinion(reason=reason, stands=opinion.stands), (verdict,))


def in_doubt(message: Message, scene: Scene, hearing: Hearing, findings: Sequence[Finding]) -> Finding | None:
    """Return the finding on which a second opinion decides whether something is said, or None.

    It is the one that would be spoken of first, and neither sure nor faint. It may be fainter than what is noted.
    """
    if not any(_doubtful(name, sound.score) for name, sound in hearing.signals.items()):
        return None
    found = {one.signal: one for one in (*_faint(message, scene, hearing), *findings)}
    as_it_may_be = [_raised(one) if _doubtful(one.signal, one.score) else one for one in found.values()]
    for one in sorted(as_it_may_be, key=intervene.pressing):
        if _is_said(one, message, scene):
            doubt = found[one.signal]
            return doubt if _doubtful(doubt.signal, doubt.score) else None
    return None


def _echoes(reason: str, text: str, locale: Locale) -> bool:
    """Whether a reason repeats the message, which stands above it: it tells nothing, or what it was told to tell."""
    found = SequenceMatcher(None, reason, text, autojunk=False).find_longest_match()
    return found.size >= QUOTED[locale] or found.size * 2 >= len(reason)


def _after(findings: Sequence[Finding], doubt: Finding, opinion: Opinion) -> tuple[Finding, ...]:
    """Return the findings, with the one that was in doubt made clear, or without it."""
    others = [one for one in findings if one.signal != doubt.signal]
    kept = [_raised(doubt).model_copy(update={"reason": opinion.reason})] if opinion.stands else []
    return tuple(sorted([*others, *kept], key=lambda one: -one.score))


def _doubtful(name: str, score: float) -> bool:
    kind = next((one for one in signals().values() if one.id == name), None)
    # A secret is warned of at once, or it is too late; and what sounds like one is nothing to show around.
    if kind is None or kind.id == CONFIDENTIAL:
        return False
    return max(FAINTEST, kind.clear - BELOW) <= score < kind.clear + ABOVE


def _faint(message: Message, scene: Scene, hearing: Hearing) -> list[Finding]:
    """Return what counts here and is a little too faint to be noted."""
    near = {
        name: sound._replace(score=HEARD)
        for name, sound in hearing.signals.items()
        if FAINTEST <= sound.score < HEARD
    }
    found = watch(message, scene, hearing._replace(signals=near))
    return [one.model_copy(update={"score": round(hearing.signals[one.signal].score, 3)}) for one in found]


def _raised(finding: Finding) -> Finding:
    """Return a finding as surely heard as it takes to speak of it; a room that found it useless wants it surer."""
    return finding.model_copy(update={"score": max(finding.score, signals()[finding.signal].clear)})


def _is_said(finding: Finding, message: Message, scene: Scene) -> bool:
    """Whether anything would be said of a finding, now or in the morning."""
    spoken = intervene.respond((finding,), scene, message.at, _uncited)
    out = release(spoken.replies, spoken.scene, message.at)
    return bool(out.replies) or out.scene.held != scene.held


def _uncited(_: Sequence[str]) -> tuple[Citation, ...]:
    return ()


def _errand(doubt: Finding, message: Message, scene: Scene, before: Sequence[str], veil: Veil) -> Errand:
    locale = scene.locale_for("facilitator")
    kind = signals()[doubt.signal]
    side = scene.known(message.sender).side
    nda = scene.record.nda.standing(day_of(message.at, scene.room.zone))
    values = {
        "signal": render("judge_signal", locale, signal=kind.id, about=f"{kind.name(locale)}\n{kind.why(locale)}"),
        "side": SIDE_NAMES[side](locale) if side else "",
        "stage": STAGE_NAMES[scene.record.stage](locale),
        "nda": NDA_NAMES[nda](locale),
        "before": [put(one, veil, SHORT) for one in before],
        "message": put(clip(message.text), veil, SAID),
    }
    return Errand("judge", "judge", "judge_data", locale, values, passages=(doubt.signal,))
