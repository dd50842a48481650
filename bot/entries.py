"""What the record of a partnership holds: NDA, theme, costs, experiments, decisions, actions, questions, pages."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from bot.model import Nda, Person, Text
from knowledge.card import Frozen, Side


class By(Frozen):
    """Who does something, and when."""

    who: str
    side: Side | None
    at: datetime

    @classmethod
    def of(cls, person: Person, at: datetime) -> "By":
        """Return a person's hand at a moment."""
        return cls(who=person.name, side=person.side, at=at)


class Change(Frozen):
    """One line of history. `before` and `after` are what a person would read; None is nothing."""

    by: By
    what: str
    before: str | None
    after: str | None
    why: str = ""


class NdaRecord(Frozen):
    """How the non-disclosure agreement stands."""

    state: Nda = "none"
    signed: date | None = None
    expires: date | None = None
    purpose: str = ""

    def standing(self, on: date) -> Nda:
        """Return how it stands on a day: one that has run out binds nobody."""
        return "none" if self.state == "signed" and self.expires and self.expires < on else self.state


class Theme(Frozen):
    """What they want to find out together, in trade words."""

    statement: str = ""
    keywords: tuple[str, ...] = ()
    matters: str = ""
    brings: dict[Side, str] = Field(default_factory=dict)
    """What each side brings."""


class Cost(Frozen):
    """Who pays what. `agreed` is None while one side alone has said so."""

    what: str
    payer: str
    amount: str = ""
    agreed: date | None = None


class Experiment(Frozen):
    """One small experiment. `cap` is the most it may cost, with its unit."""

    number: int
    question: str
    test: str = ""
    cap: str = ""
    starts: date | None = None
    ends: date | None = None
    success: str = ""
    stop: str = ""
    decider: str = ""
    state: Literal["planned", "running", "done"] = "planned"
    result: str = ""
    learnings: str = ""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is not settled yet and has to be before it starts."""
        return tuple(name for name in MUST_STAND if not getattr(self, name))


TERMS = ("question", "test", "cap", "starts", "ends", "success", "stop", "decider")
MUST_STAND = ("ends", "cap", "success", "stop", "decider")


class Decision(Frozen):
    """Something decided."""

    text: str
    by: By


class Action(Frozen):
    """Something to do. `owner` is a person's name, or empty while nobody took it; `side` is whose own it is."""

    number: int
    text: str
    owner: str = ""
    due: date | None = None
    done: bool = False
    side: Side | None = None
    """None means that both may read it."""


class OpenQuestion(Frozen):
    """Something that nobody could answer yet."""

    number: int
    text: str
    answer: str = ""


class Sheet(Frozen):
    """The page an exercise ends in, as Markdown. `side` is whose it is; None means that both may read it. `who` wrote
    it."""

    exercise: str
    title: str
    text: str
    at: datetime
    side: Side | None = None
    who: str = ""


TERM_NAMES: dict[str, Text] = {
    "question": Text(ja="確かめたいこと", en="the question"),
    "test": Text(ja="試し方", en="the smallest test"),
    "cap": Text(ja="費用の上限", en="the cost cap"),
    "starts": Text(ja="開始日", en="the start"),
    "ends": Text(ja="終了日", en="the end date"),
    "success": Text(ja="成功の目安", en="the success criteria"),
    "stop": Text(ja="やめる目安", en="the stop criteria"),
    "decider": Text(ja="決める人", en="who decides"),
    "result": Text(ja="結果", en="the result"),
    "learnings": Text(ja="学び", en="what was learned"),
}
