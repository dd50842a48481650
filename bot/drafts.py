"""Drafts of what was talked about: what a language model is shown of it, and what of its sentences can stand.

The guard compares words with words. Here comes what it cannot know: who spoke, what was settled, and that minutes may
name nothing which those whom they quote have not named.
"""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

from pydantic import BaseModel, BeforeValidator, Field

from bot import papers
from bot.coach.page import length
from bot.coach.passages import Passage, numbers_in
from bot.model import TraceUse, Verdict
from bot.names import SIDE_NAMES
from bot.pen import Errand, Pen, Read, dropped, put
from bot.redact import Veil
from bot.scene import Heard, Scene
from bot.watch import HEARD
from knowledge.card import Locale
from knowledge.ear import Words
from knowledge.grammar import morphemes
from knowledge.tokens import normalise

SAID = 300
"""Characters shown of each saying."""
SENTENCES: dict[TraceUse, tuple[int, int]] = {"minutes": (3, 6), "digest": (2, 3)}
"""How many sentences a draft has, at least and at most."""
MOST: dict[TraceUse, dict[Locale, int]] = {"minutes": {"ja": 100, "en": 35}, "digest": {"ja": 80, "en": 28}}
"""How long one sentence may be: characters, or words of English. Somewhat more than is asked for."""
LEAST: dict[Locale, int] = {"ja": 12, "en": 4}
"""What is shorter tells nothing."""
CITED = 4
"""Sayings on which one sentence may rest; who names more names none."""


class Told(BaseModel):
    """A sentence, and the sayings that it rests on."""

    text: str
    sayings: Annotated[list[int], BeforeValidator(numbers_in)] = Field(default_factory=list)


class Story(BaseModel):
    """What was talked about."""

    sentences: list[Told]


class Paper(NamedTuple):
    """A paper that the playbook wrote: its words, what it is about, and how it is written with sentences put in."""

    use: TraceUse
    plain: str
    said: list[Heard]
    locale: Locale
    again: Callable[[Sequence[str]], str]


class Draft:
    """A draft for a paper, of those sayings that the model may see."""

    def __init__(self, pen: Pen, paper: Paper, said: Sequence[Heard], scene: Scene, veil: Veil) -> None:
        self._pen, self._paper, self._said, self._scene, self._veil = pen, paper, said, scene, veil
        self._locale = paper.locale
        self._deciding: dict[str, bool] = {}
        self._texts = [f"{self._speaker(one)}: {one.text}" for one in said]
        self._passages = [
            saying(number, one.id, text) for number, (one, text) in enumerate(zip(said, self._texts, strict=True), 1)
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
        return Errand(
            use=self._paper.use,
            template=f"{self._paper.use}_draft",
            data="sayings",
            locale=self._locale,
            values={"sayings": sayings},
            passages=tuple(one.id for one in self._said),
        )

    def read(self, story: Story) -> Read[list[str]]:
        """Return the sentences that what was said carries, each with who said it; none if too few, or unfair."""
        fewest, most = SENTENCES[self._paper.use]
        verdicts: list[Verdict] = []
        kept: list[Verdict] = []
        for told in story.sentences[: most * 2]:
            verdict = self.weighed(told)
            if verdict.kept and any(verdict.sentence == one.sentence for one in kept):
                verdict = dropped(verdict, "repeated")
            verdicts.append(verdict)
            kept += [verdict] if verdict.kept else []
            if len(kept) == most:
                break
        spoke = {one.side for one in self._said} & set(papers.SIDES)
        told_of = {self._said[number - 1].side for verdict in kept for number in verdict.passages}
        # Minutes that tell of one side alone are nobody's.
        if len(kept) < fewest or not spoke <= told_of:
            return Read(None, tuple(verdicts))
        return Read([self._with_speakers(one) for one in kept], tuple(verdicts))

    def weighed(self, told: Told) -> Verdict:
        """Return what is found of a sentence, and on which sayings it rests."""
        most = MOST[self._paper.use][self._locale]
        verdict = self._pen.weigh(
            told.text, told.sayings, self._passages, veil=self._veil, locale=self._locale, most=most
        )
        if not verdict.kept:
            return verdict
        named = tuple(one for one in dict.fromkeys(told.sayings) if 0 < one <= len(self._said))
        if not named:
            return dropped(verdict, "unsourced")
        # The guard names what would do. Who spoke belongs to it all the same, so long as that is not everybody.
        if set(verdict.passages) <= set(named) and len(named) <= CITED:
            verdict = verdict.model_copy(update={"passages": named})
        why = self._fault(verdict) if verdict.passages else "unsourced"
        return dropped(verdict, why) if why else verdict

    def _fault(self, verdict: Verdict) -> str:
        """Return what is wrong with a sentence that the guard lets through."""
        sentence, texts = verdict.sentence, [self._texts[number - 1] for number in verdict.passages]
        if length(sentence, self._locale) < LEAST[self._locale]:
            return "length"
        if not self._names_its_speakers(sentence, [self._said[number - 1] for number in verdict.passages]):
            return "name"
        if unheard(sentence, texts, self._locale, TELLING):
            return "foreign"
        return "overclaim" if self._settles_more(sentence, texts) else ""

    def _names_its_speakers(self, sentence: str, cited: Sequence[Heard]) -> bool:
        """Whether whoever of the room is named in a sentence said all that it rests on, or is spoken of there."""
        room = self._scene.room
        known = {*(one.name for one in room.people), *(one.who for one in self._said), *room.names.values()}
        named = [name for name in known if name in sentence]
        return all(name in (one.who, self._party(one)) or name in one.text for name in named for one in cited)

    def _settles_more(self, sentence: str, texts: Sequence[str]) -> bool:
        """Whether a sentence tells of something settled, and what was said does not."""
        if any(map(_SETTLED.search, texts)):
            return False
        if _SETTLED.search(sentence):
            return True
        return self._decides(sentence) and not any(map(self._decides, texts))

    def _decides(self, text: str) -> bool:
        if text not in self._deciding:
            heard = self._pen.ear.hear(Words(text=text)).statements
            self._deciding[text] = any(one in heard and heard[one].score >= HEARD for one in _DECIDES)
        return self._deciding[text]

    def _speaker(self, one: Heard) -> str:
        side = SIDE_NAMES[one.side](self._locale) if one.side else ""
        return ("・" if self._locale == "ja" else ", ").join(filter(None, (side, self._party(one), one.who)))

    def _party(self, one: Heard) -> str:
        return self._scene.room.names.get(one.side, "") if one.side else ""

    def _with_speakers(self, verdict: Verdict) -> str:
        """Return a sentence behind who said it: what somebody claims, minutes do not claim themselves."""
        who = dict.fromkeys(self._said[number - 1].who for number in verdict.passages)
        names = "、".join(f"{name}さん" for name in who) if self._locale == "ja" else ", ".join(who)
        return f"{names}: {verdict.sentence}"


def saying(number: int, id_: str, text: str) -> Passage:
    """Return what somebody said as something that a sentence may rest on."""
    return Passage(number, id_, text, "practice", (), "saying")


def unheard(sentence: str, texts: Sequence[str], locale: Locale, free: frozenset[str]) -> list[str]:
    """Return what a sentence names and none of the texts does; `free` are words that it may bring along.

    In Japanese these are nouns, in English only words that are written large, for there nothing else tells them.
    """
    said = normalise(" ".join(texts))
    if locale == "en":
        large = [word for word in _LARGE.findall(sentence) if word.lower() not in said and not _DAY.match(word)]
        return [word for word in large if not sentence.startswith(word) or word.isupper()]
    stems = {one.stem for one in morphemes(said)}
    nouns = [
        one
        for one in morphemes(normalise(sentence))
        if one.speech[0] == "名詞" and one.speech[1] != "数詞" and "助数詞" not in one.speech[2]
    ]
    return [one.stem for one in nouns if one.stem not in stems | free and one.surface not in said]


_LARGE = re.compile(r"\b[A-Z][A-Za-z0-9-]+\b")
# Days are compared by what they mean.
_DAY = re.compile(r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)[a-z]*$")
TELLING = frozenset(
    (
        *("話", "問い", "質問", "答え", "報告", "指摘", "説明", "提案", "希望", "要望", "願い", "依頼", "相談", "案"),
        *("点", "考え", "意見", "見方", "感想", "心配", "懸念", "紹介", "確認", "様子", "内容", "例", "事", "こと"),
        *("物", "人", "方", "者", "双方", "両方", "両社", "三者", "今回", "今後", "時", "所", "為", "他", "御"),
    )
)
"""Nouns with which one tells that something was said, in Sudachi's normalised form."""
_DECIDES = ("decision", "nda_signed")
# Words for what is settled. Whoever writes one of them says that something was; a draft may not be the first to.
_SETTLED = re.compile(
    r"決ま|決め|決定|合意|約束|承諾|了承|承認|同意|締結|調印|署名|確定|契約|ことにな[りっ]|こととな[りっ]|ことにし[たま]|"
    r"\b(?:decid|decision|agree|settl|promis|commit|confirm|approv|accept|guarantee|contract|signed?\b)",
    re.IGNORECASE,
)
