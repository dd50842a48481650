"""Drafts by a language model on papers that are the playbook's: what was talked about, and suggestions to try.

A sentence goes in only if what it names, which people said, carries it. Decisions, things to do and dates it does not
touch. Where too little is left, the paper goes out as it is without.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from pydantic import BaseModel, Field

from bot import guide, minutes, papers
from bot.coach.passages import Passage
from bot.model import Message, Reply, Trace, TraceUse, Verdict
from bot.names import SIDE_NAMES
from bot.pen import CONFIDENTIAL, Errand, Pen, Read, dropped, put
from bot.redact import Veil
from bot.scene import Exercise, Heard, Scene
from bot.seen import seen
from bot.watch import HEARD
from knowledge.card import Locale
from knowledge.ear import Words
from prompts import render

SAID = 300
"""Characters shown of each saying and answer."""
FEWEST_SAID = 3
"""Fewer sayings are read faster than a draft of them."""
FEWEST_ANSWERS = 2
SENTENCES: dict[TraceUse, tuple[int, int]] = {"minutes": (3, 6), "digest": (2, 3)}
"""How many sentences a draft has, at least and at most."""
MOST: dict[TraceUse, dict[Locale, int]] = {
    "minutes": {"ja": 100, "en": 35},
    "digest": {"ja": 80, "en": 28},
    "suggestion": {"ja": 80, "en": 30},
}
"""How long one sentence may be: characters, or words of English. Somewhat more than is asked for."""
SUGGESTIONS = 2
SUGGESTED = ("sharpen_ask", "hypothesis")
"""The exercises that end with suggestions."""


class Told(BaseModel):
    """A sentence, and the sayings that it rests on."""

    text: str
    sayings: list[int] = Field(default_factory=list)


class Story(BaseModel):
    """What was talked about."""

    sentences: list[Told]


class Idea(BaseModel):
    """A suggestion, and the answers that it rests on."""

    text: str
    answers: list[int] = Field(default_factory=list)


class Ideas(BaseModel):
    """Suggestions to somebody."""

    suggestions: list[Idea]


class Penned(NamedTuple):
    """Replies with what was drafted, and the scene that has it too and remembers what was shown."""

    replies: tuple[Reply, ...]
    scene: Scene
    traces: tuple[Trace, ...] = ()


class Suggested(NamedTuple):
    """What stands below the page of an exercise, or nothing; and the scene that remembers what was shown."""

    text: str
    scene: Scene
    traces: tuple[Trace, ...] = ()


class Scribe:
    """Writes drafts."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen

    def go_over(self, message: Message, before: Scene, replies: tuple[Reply, ...], scene: Scene) -> Penned:
        """Draft what was talked about into the paper that a command made, if it made one."""
        paper = _paper_in(replies, message, before, scene)
        if paper is None or len(paper.said) < FEWEST_SAID:
            return Penned(replies, scene)
        said = [one for one in paper.said if self._may_see(one, before, message)]
        veil = self._pen.veil(before, before.asker(before.known(message.sender)))
        draft = _Draft(self._pen, paper, said, before, veil)
        if before.model_forbidden or len(said) < FEWEST_SAID:
            trace = self._pen.unsent(draft.errand, "forbidden" if before.model_forbidden else "secret")
            return Penned(replies, seen(message, scene, (trace,), ()), (trace,))
        sheet = self._pen.fill(draft.errand, Story, draft.read)
        scene = seen(message, scene, (sheet.trace,), [one.text for one in said])
        if sheet.what is not None:
            replies, scene = _swapped(paper.plain, paper.again(sheet.what), replies, scene)
        return Penned(replies, scene, (sheet.trace,))

    def suggest(self, message: Message, exercise: Exercise, scene: Scene, today: date) -> Suggested:
        """Return the suggestions that go with the page in which an exercise ends, if any are to be had."""
        locale = scene.locale_for(exercise.who)
        answers = guide.answered(exercise, scene, locale, today)
        if exercise.name not in SUGGESTED or len(answers) < FEWEST_ANSWERS:
            return Suggested("", scene)
        told = [(asked, text) for asked, text in answers if self._pen.may_see(text[:SAID], scene, message.at)]
        veil = self._pen.veil(scene, scene.asker(scene.known(message.sender)))
        errand = _suggestions(exercise, told, locale, veil)
        if scene.model_forbidden or len(told) < FEWEST_ANSWERS:
            trace = self._pen.unsent(errand, "forbidden" if scene.model_forbidden else "secret")
            return Suggested("", seen(message, scene, (trace,), ()), (trace,))
        passages = [_passage(number, "answer", text) for number, (_, text) in enumerate(told, 1)]
        ideas, trace = self._pen.fill(
            errand, Ideas, partial(self._fitting, passages=passages, veil=veil, locale=locale)
        )
        scene = seen(message, scene, (trace,), [text for _, text in told])
        text = render("suggested", locale, what=exercise.name, ideas=ideas) if ideas else ""
        return Suggested(text, scene, (trace,))

    def _may_see(self, one: Heard, scene: Scene, message: Message) -> bool:
        """Whether the model may see a saying: the whole was heard when it was said, what would be shown is now."""
        flagged = any(found.signal == CONFIDENTIAL and found.message == one.id for found in scene.findings)
        return not (flagged and self._pen.remote) and self._pen.may_see(one.text[:SAID], scene, message.at)

    def _fitting(self, ideas: Ideas, *, passages: Sequence[Passage], veil: Veil, locale: Locale) -> Read[list[str]]:
        """Return the suggestions that hold nothing but what was answered."""
        found = []
        for idea in ideas.suggestions[: SUGGESTIONS * 2]:
            most = MOST["suggestion"][locale]
            found.append(self._pen.weigh(idea.text, idea.answers, passages, veil=veil, locale=locale, most=most))
        good = list(dict.fromkeys(one.sentence for one in found if one.kept))[:SUGGESTIONS]
        return Read(good or None, tuple(found))


class _Paper(NamedTuple):
    """A paper that the playbook wrote: its words, what it is about, and how it is written with sentences put in."""

    use: TraceUse
    plain: str
    said: list[Heard]
    locale: Locale
    again: Callable[[Sequence[str]], str]


def _paper_in(replies: Sequence[Reply], message: Message, before: Scene, scene: Scene) -> _Paper | None:
    """Return the paper that a command made, or None."""
    at, session = message.at, before.session
    if session is not None and scene.session is None:
        of_session = partial(papers.of_session, session, before, at, before.room.locale)
        said = papers.said_in(session, before)
        return _Paper("minutes", of_session(), said, before.room.locale, lambda told: of_session(drafted=told))
    texts = [one.text for one in replies if one.kind == "document"]
    locale = before.locale_for(message.sender.name)
    of_talk, digest = partial(minutes.of_talk, before, at, locale), partial(minutes.digest, before, at, locale)
    if texts and (plain := of_talk()) in texts:
        return _Paper("minutes", plain, minutes.said_of(before, at), locale, lambda told: of_talk(drafted=told))
    if texts and (plain := digest()) in texts:
        return _Paper("digest", plain, minutes.said_lately(before, at), locale, lambda told: digest(drafted=told))
    return None


class _Draft:
    """A draft of what was talked about: what is asked for it, and what of it can stand."""

    def __init__(self, pen: Pen, paper: _Paper, said: Sequence[Heard], scene: Scene, veil: Veil) -> None:
        self._pen, self._paper, self._said, self._scene, self._veil = pen, paper, said, scene, veil
        self._passages = [
            _passage(number, one.id, f"{self._speaker(one)}: {one.text}") for number, one in enumerate(said, 1)
        ]

    @property
    def errand(self) -> Errand:
        """What the model is asked."""
        sayings = [
            {
                "number": number,
                "who": put(self._speaker(one), self._veil, SAID),
                "text": put(one.text, self._veil, SAID),
            }
            for number, one in enumerate(self._said, 1)
        ]
        shown = tuple(one.id for one in self._said)
        return Errand(
            self._paper.use,
            f"{self._paper.use}_draft",
            "sayings",
            self._paper.locale,
            {"sayings": sayings},
            "",
            shown,
        )

    def read(self, story: Story) -> Read[list[str]]:
        """Return the sentences that what was said carries, each with who said it; none if too few, or unfair."""
        fewest, most = SENTENCES[self._paper.use]
        verdicts: list[Verdict] = []
        for told in story.sentences[: most * 2]:
            verdict = self._weighed(told)
            again = any(verdict.sentence == one.sentence for one in verdicts)
            verdicts.append(dropped(verdict, "repeated") if again else verdict)
        kept = [one for one in verdicts if one.kept][:most]
        spoke = {one.side for one in self._said} & set(papers.SIDES)
        told_of = {one.side for verdict in kept for one in self._cited(verdict)}
        # Minutes that tell of one side alone are nobody's.
        if len(kept) < fewest or not spoke <= told_of:
            return Read(None, tuple(verdicts))
        return Read([self._with_speakers(one) for one in kept], tuple(verdicts))

    def _weighed(self, told: Told) -> Verdict:
        locale, most = self._paper.locale, MOST[self._paper.use][self._paper.locale]
        verdict = self._pen.weigh(told.text, told.sayings, self._passages, veil=self._veil, locale=locale, most=most)
        cited = self._cited(verdict)
        if not verdict.kept:
            return verdict
        if not self._names_its_speakers(verdict.sentence, cited):
            return dropped(verdict, "name")
        if self._settles(verdict.sentence) and not any(self._settles(one.text) for one in cited):
            return dropped(verdict, "overclaim")
        return verdict

    def _cited(self, verdict: Verdict) -> list[Heard]:
        return [self._said[number - 1] for number in dict.fromkeys(verdict.passages) if 0 < number <= len(self._said)]

    def _names_its_speakers(self, sentence: str, cited: Sequence[Heard]) -> bool:
        """Whether whoever of the room is named in a sentence said all that it rests on, or is spoken of there."""
        room = self._scene.room
        known = {*(one.name for one in room.people), *(one.who for one in self._said), *room.names.values()}
        named = [name for name in known if name in sentence]
        return all(name in (one.who, self._party(one)) or name in one.text for name in named for one in cited)

    def _settles(self, text: str) -> bool:
        """Whether words tell of something decided, promised or signed."""
        if _SETTLED.search(text):
            return True
        heard = self._pen.ear.hear(Words(text=text)).statements
        return any(name in heard and heard[name].score >= HEARD for name in ("decision", "nda_signed"))

    def _speaker(self, one: Heard) -> str:
        side = SIDE_NAMES[one.side](self._paper.locale) if one.side else ""
        return ("・" if self._paper.locale == "ja" else ", ").join(filter(None, (side, self._party(one), one.who)))

    def _party(self, one: Heard) -> str:
        return self._scene.room.names.get(one.side, "") if one.side else ""

    def _with_speakers(self, verdict: Verdict) -> str:
        who = dict.fromkeys(one.who for one in self._cited(verdict))
        if self._paper.locale == "ja":
            return f"{verdict.sentence}（{'、'.join(f'{name}さん' for name in who)}）"
        return f"{verdict.sentence} ({', '.join(who)})"


def _suggestions(exercise: Exercise, told: Sequence[tuple[str, str]], locale: Locale, veil: Veil) -> Errand:
    answers = [
        {"number": number, "asked": asked, "text": put(text, veil, SAID)}
        for number, (asked, text) in enumerate(told, 1)
    ]
    values = {"answers": answers}
    return Errand("suggestion", "suggest", "suggest_data", locale, values, exercise.name, (exercise.name,))


def _passage(number: int, card: str, text: str) -> Passage:
    """Return what somebody said as something that a sentence may rest on."""
    return Passage(number, card, text, "practice", (), "saying")


def _swapped(plain: str, page: str, replies: tuple[Reply, ...], scene: Scene) -> tuple[tuple[Reply, ...], Scene]:
    """Put one page in another's place, in what is said and in the draft of it that waits."""

    def swap(reply: Reply) -> Reply:
        return reply.model_copy(update={"text": reply.text.replace(plain, page)}) if plain in reply.text else reply

    waiting = {one.draft for one in replies if one.draft}
    drafts = tuple(
        one.model_copy(update={"reply": swap(one.reply)}) if one.id in waiting else one for one in scene.drafts
    )
    return tuple(map(swap, replies)), scene.having(drafts=drafts)


# Words for what is settled. Whoever writes one of them says that something was; a draft may not be the first to.
_SETTLED = re.compile(
    r"決ま|決め|決定|合意|約束|承諾|了承|承認|同意|締結|調印|署名|確定|契約|"
    r"\b(?:decid|decision|agree|settl|promis|commit|confirm|approv|accept|guarantee|contract|signed?\b)",
    re.IGNORECASE,
)
