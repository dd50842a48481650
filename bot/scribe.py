"""Drafts by a language model on papers that are the playbook's: what was talked about, and suggestions to try.

A sentence goes in only if what it names, which people said, carries it. Decisions, things to do and dates it does not
touch. Where too little is left, the paper goes out as it is without.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Annotated, NamedTuple

from pydantic import BaseModel, BeforeValidator, Field

from bot import guide, minutes, papers
from bot.coach.passages import numbers_in
from bot.drafts import SAID, TELLING, Draft, Paper, Story, saying, unheard
from bot.model import Message, Reply, Trace, Verdict
from bot.pen import CONFIDENTIAL, Errand, Pen, Read, dropped, fault_noted, put
from bot.redact import Veil
from bot.scene import Exercise, Heard, Scene
from bot.seen import seen
from knowledge.card import Locale
from prompts import render

FEWEST_SAID = 3
"""Fewer sayings are read faster than a draft of them."""
FEWEST_ANSWERS = 2
SUGGESTED = ("sharpen_ask", "hypothesis")
"""The exercises that end with suggestions."""
SUGGESTIONS = 2
LONGEST: dict[Locale, int] = {"ja": 80, "en": 30}
"""The longest suggestion: characters, or words of English."""
ASKING = TELLING | frozenset(
    (
        *(
            "会社",
            "企業",
            "工場",
            "社",
            "メーカー",
            "職人",
            "専門",
            "先",
            "仕事",
            "御社",
            "弊社",
            "当社",
            "自社",
            "相手",
        ),
        *(
            "心当たり",
            "存知",
            "知り合い",
            "誰",
            "何方",
            "何",
            "此方",
            "一方",
            "片方",
            "互い",
            "力",
            "腕",
            "技",
            "技術",
        ),
        *("助け", "悩み", "方法", "見込み", "組み合わせ", "分", "形"),
    )
)
"""Nouns with which one asks somebody to pass a request on, or says why two firms go together."""


class Idea(BaseModel):
    """A suggestion, and the answers that it rests on."""

    text: str
    answers: Annotated[list[int], BeforeValidator(numbers_in)] = Field(default_factory=list)


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
        try:
            return self._gone_over(message, before, replies, scene)
        except Exception as fault:
            fault_noted(fault)
            return Penned(replies, scene)

    def suggest(self, message: Message, exercise: Exercise, scene: Scene, today: date) -> Suggested:
        """Return the suggestions that go with the page in which an exercise ends, if any are to be had."""
        try:
            return self._suggested(message, exercise, scene, today)
        except Exception as fault:
            fault_noted(fault)
            return Suggested("", scene)

    def _gone_over(self, message: Message, before: Scene, replies: tuple[Reply, ...], scene: Scene) -> Penned:
        paper = _paper_in(replies, message, before, scene)
        if paper is None or len(paper.said) < FEWEST_SAID:
            return Penned(replies, scene)
        said = [one for one in paper.said if self._may_see(one, before, message)]
        veil = self._pen.veil(before, before.asker(before.known(message.sender)))
        draft = Draft(self._pen, paper, said, before, veil)
        if before.model_forbidden or len(said) < FEWEST_SAID:
            trace = self._pen.unsent(draft.errand, "forbidden" if before.model_forbidden else "secret")
            return Penned(replies, seen(message, scene, (trace,), ()), (trace,))
        sheet = self._pen.fill(draft.errand, Story, draft.read)
        scene = seen(message, scene, (sheet.trace,), [one.text for one in said])
        if sheet.what is not None:
            replies, scene = _swapped(paper.plain, paper.again(sheet.what), replies, scene)
        return Penned(replies, scene, (sheet.trace,))

    def _suggested(self, message: Message, exercise: Exercise, scene: Scene, today: date) -> Suggested:
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
        sheet = self._pen.fill(errand, Ideas, partial(self._fitting, told=told, veil=veil, locale=locale))
        scene = seen(message, scene, (sheet.trace,), [text for _, text in told])
        ideas = sheet.what
        text = render("suggested", locale, what=exercise.name, ideas=ideas) if ideas is not None else ""
        return Suggested(text, scene, (sheet.trace,))

    def _may_see(self, one: Heard, scene: Scene, message: Message) -> bool:
        """Whether the model may see a saying: the whole was heard when it was said, what would be shown is now."""
        flagged = any(found.signal == CONFIDENTIAL and found.message == one.id for found in scene.findings)
        return not (flagged and self._pen.remote) and self._pen.may_see(one.text[:SAID], scene, message.at)

    def _fitting(
        self, ideas: Ideas, *, told: Sequence[tuple[str, str]], veil: Veil, locale: Locale
    ) -> Read[list[str]]:
        """Return the suggestions that hold nothing but what was answered."""
        texts = [text for _, text in told]
        passages = [saying(number, "answer", text) for number, text in enumerate(texts, 1)]
        found = []
        for idea in ideas.suggestions[: SUGGESTIONS * 2]:
            verdict = self._pen.weigh(
                idea.text, idea.answers, passages, veil=veil, locale=locale, most=LONGEST[locale]
            )
            verdict = _by_nouns(verdict, texts, locale)
            found.append(
                dropped(verdict, why) if verdict.kept and (why := _no_idea(verdict, told, locale)) else verdict
            )
        good = list(dict.fromkeys(one.sentence for one in found if one.kept))[:SUGGESTIONS]
        return Read(good or None, tuple(found))


def _by_nouns(verdict: Verdict, texts: Sequence[str], locale: Locale) -> Verdict:
    """Return the verdict on a suggestion, seen by what it names: answers are a few words, too few to be compared."""
    if not verdict.kept and (verdict.why != "foreign" or locale != "ja"):
        return verdict
    if unheard(verdict.sentence, texts, locale, ASKING):
        return dropped(verdict, "foreign")
    return verdict.model_copy(update={"kept": True, "why": ""})


def _no_idea(verdict: Verdict, told: Sequence[tuple[str, str]], locale: Locale) -> str:
    """Return why words that hold no more than the answers are no suggestion: they repeat, or nobody speaks so."""
    sentence = _squeezed(verdict.sentence)
    if any(_squeezed(asked) in sentence or sentence == _squeezed(text) for asked, text in told):
        return "repeated"
    return "" if locale == "en" or _ENDS_POLITELY.search(sentence) else "rude"


def _squeezed(text: str) -> str:
    return "".join(text.split()).rstrip("。.？?")


_ENDS_POLITELY = re.compile(r"(?:です|ます|でした|ました|ません|でしょう|ましょう|ください|下さい)か?$")


def _paper_in(replies: Sequence[Reply], message: Message, before: Scene, scene: Scene) -> Paper | None:
    """Return the paper that a command made, or None."""
    at, session = message.at, before.session
    if session is not None and scene.session is None:
        of_session = partial(papers.of_session, session, before, at, before.room.locale)
        said = papers.said_in(session, before)
        return Paper("minutes", of_session(), said, before.room.locale, lambda told: of_session(drafted=told))
    texts = [one.text for one in replies if one.kind == "document"]
    locale = before.locale_for(message.sender.name)
    of_talk, digest = partial(minutes.of_talk, before, at, locale), partial(minutes.digest, before, at, locale)
    if texts and (plain := of_talk()) in texts:
        return Paper("minutes", plain, minutes.said_of(before, at), locale, lambda told: of_talk(drafted=told))
    if texts and (plain := digest()) in texts:
        return Paper("digest", plain, minutes.said_lately(before, at), locale, lambda told: digest(drafted=told))
    return None


def _suggestions(exercise: Exercise, told: Sequence[tuple[str, str]], locale: Locale, veil: Veil) -> Errand:
    answers = [
        {"number": number, "asked": asked, "text": put(text, veil, SAID)}
        for number, (asked, text) in enumerate(told, 1)
    ]
    return Errand(
        use="suggestion",
        template="suggest",
        data="suggest_data",
        locale=locale,
        values={"answers": answers},
        what=exercise.name,
        passages=(exercise.name,),
    )


def _swapped(plain: str, page: str, replies: tuple[Reply, ...], scene: Scene) -> tuple[tuple[Reply, ...], Scene]:
    """Put one page in another's place, in what is said and in the draft of it that waits."""

    def swap(reply: Reply) -> Reply:
        return reply.model_copy(update={"text": reply.text.replace(plain, page)}) if plain in reply.text else reply

    waiting = {one.draft for one in replies if one.draft}
    drafts = tuple(
        one.model_copy(update={"reply": swap(one.reply)}) if one.id in waiting else one for one in scene.drafts
    )
    return tuple(map(swap, replies)), scene.having(drafts=drafts)
