"""The record of a partnership: what stands, who wrote it and when, and what stood there before.

Every move returns a new record, or raises a RecordError that says what is in the way. Nothing is overwritten without
a line in `history`; the terms of a running experiment change only with a reason.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.entries import (
    TERM_NAMES,
    Action,
    By,
    Change,
    Cost,
    Decision,
    Experiment,
    NdaRecord,
    OpenQuestion,
    Sheet,
    Theme,
)
from bot.errors import RecordError
from bot.model import Text
from bot.names import SIDE_NAMES, STAGE_NAMES
from knowledge.card import Frozen, Side, Stage

__all__ = [
    "NEXT_STAGES",
    "TERM_NAMES",
    "Action",
    "By",
    "Change",
    "Cost",
    "Decision",
    "Experiment",
    "NdaRecord",
    "OpenQuestion",
    "Partnership",
    "Sheet",
    "Theme",
]

NEXT_STAGES: dict[Stage, tuple[Stage, ...]] = {
    "preparing": ("meeting",),
    "meeting": ("agreeing", "preparing", "allied"),  # An alliance at first meeting is rare, not forbidden.
    "agreeing": ("experimenting", "meeting"),
    "experimenting": ("deciding", "agreeing"),
    "deciding": ("building", "experimenting", "agreeing"),
    "building": ("allied", "deciding"),
    "allied": ("building",),
    "stopped": ("preparing", "meeting"),
}
"""Where a partnership may go from each stage. It may stop from anywhere."""


class Partnership(Frozen):
    """The record."""

    stage: Stage = "preparing"
    nda: NdaRecord = NdaRecord()
    theme: Theme = Theme()
    costs: tuple[Cost, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    decisions: tuple[Decision, ...] = ()
    actions: tuple[Action, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    history: tuple[Change, ...] = ()

    # Stage and NDA

    def move_to(self, stage: Stage, by: By, why: str = "") -> "Partnership":
        """Go to another stage, if one may go there from here; with a reason the record may be put right anywhere."""
        if stage == self.stage:
            return self
        if not why.strip() and stage != "stopped" and stage not in NEXT_STAGES[self.stage]:
            here, there = STAGE_NAMES[self.stage], STAGE_NAMES[stage]
            ways = [STAGE_NAMES[way] for way in (*NEXT_STAGES[self.stage], *_stops(self.stage))]
            raise RecordError(
                Text(
                    ja=f"「{here.ja}」から「{there.ja}」へは一足飛びに進めません。進めるのは"
                    f"{'、'.join(f'「{way.ja}」' for way in ways)}です。"
                    "記録の訂正なら、最後に「理由: …」と添えてください。",
                    en=f"It cannot go from {here.en} straight to {there.en}. From here it may go to "
                    f"{', '.join(way.en for way in ways)}. To put the record right, end with “because: …”.",
                )
            )
        return self._with(by, "stage", self.stage, stage, why=why, stage=stage)

    def draft_nda(self, by: By) -> "Partnership":
        """Note that an NDA is being drafted."""
        return self._nda(by, NdaRecord(state="drafting", purpose=self.nda.purpose))

    def sign_nda(self, by: By, on: date, expires: date | None = None, purpose: str = "") -> "Partnership":
        """Note that the NDA was signed: not in the future, and not to end before it begins."""
        if on > by.at.date():
            raise RecordError(
                Text(
                    ja=f"{on} はまだ先の日付です。締結してから記録しましょう。",
                    en=f"{on} is still to come. Let us note it once it is signed.",
                )
            )
        if expires is not None and expires <= on:
            raise RecordError(Text(ja="期限が締結日より前になっています。", en="It would end before it was signed."))
        signed = NdaRecord(state="signed", signed=on, expires=expires, purpose=purpose or self.nda.purpose)
        return self._nda(by, signed)

    def end_nda(self, by: By, why: str = "") -> "Partnership":
        """Note that there is no NDA (any more)."""
        return self._nda(by, NdaRecord(), why)

    def _nda(self, by: By, nda: NdaRecord, why: str = "") -> "Partnership":
        return self._with(by, "nda", _told(self.nda), _told(nda), why=why, nda=nda)

    # Theme and costs

    def set_theme(self, by: By, **parts: Any) -> "Partnership":
        """Write down the theme, or parts of it: statement, keywords, matters, brings."""
        theme = self.theme.model_copy(update=parts)
        return self._with(by, "theme", self.theme.statement, theme.statement, theme=theme)

    def add_cost(self, by: By, cost: Cost) -> "Partnership":
        """Write down who pays what; a line for the same thing takes the old one's place."""
        old = next((one for one in self.costs if one.what == cost.what), None)
        costs = (*(one for one in self.costs if one.what != cost.what), cost)
        return self._with(by, "cost", _told(old) if old else None, _told(cost), costs=costs)

    # Experiments

    def plan_experiment(self, by: By, question: str, **terms: Any) -> "Partnership":
        """Write down a new experiment."""
        experiment = Experiment(number=len(self.experiments) + 1, question=question, **terms)
        _check_dates(experiment)
        return self._with(by, "experiment", None, _told(experiment), experiments=(*self.experiments, experiment))

    def experiment(self, number: int | None = None) -> Experiment:
        """Return an experiment; without a number the latest."""
        found = [one for one in self.experiments if number in (None, one.number)]
        if not found:
            raise RecordError(
                Text(
                    ja="その実験はまだ記録にありません。「/experiment new 確かめたいこと」で書けます。",
                    en="There is no such experiment yet. Write: /experiment new what you want to find out",
                )
            )
        return found[-1]

    def change_experiment(self, by: By, number: int, terms: Mapping[str, Any], why: str = "") -> "Partnership":
        """Change an experiment's terms; those of a running one only with a reason, those of a finished one never."""
        old = self.experiment(number)
        if old.state == "done":
            raise RecordError(
                Text(ja="終わった実験の条件は変えられません。", en="The terms of a finished experiment stay.")
            )
        if old.state == "running" and not why.strip():
            raise RecordError(
                Text(
                    ja="進行中の実験の条件を変えるには理由が要ります。最後に「理由: …」と書いてください。",
                    en="The experiment is running: changing its terms needs a reason. End with “because: …”.",
                )
            )
        new = old.model_copy(update=dict(terms))
        _check_dates(new)
        return self._experiment(by, old, new, why)

    def start_experiment(self, by: By, number: int, on: date) -> "Partnership":
        """Start an experiment whose end, cap, criteria and decider are settled."""
        old = self.experiment(number)
        if old.state != "planned":
            raise RecordError(Text(ja="その実験はもう始まっています。", en="It has started already."))
        if names := [TERM_NAMES[gap] for gap in old.gaps]:
            raise RecordError(
                Text(
                    ja=f"始める前に決めておきたいことが残っています: {'、'.join(name.ja for name in names)}。",
                    en=f"Still to be settled before it starts: {', '.join(name.en for name in names)}.",
                )
            )
        new = old.model_copy(update={"state": "running", "starts": old.starts or on})
        return self._experiment(by, old, new)

    def finish_experiment(self, by: By, number: int, result: str, learnings: str = "") -> "Partnership":
        """Write down what came of it. What was learned stays, whatever came of it."""
        old = self.experiment(number)
        if old.state != "running":
            raise RecordError(Text(ja="その実験は始まっていません。", en="It is not running."))
        new = old.model_copy(update={"state": "done", "result": result, "learnings": learnings})
        return self._experiment(by, old, new)

    def note_learnings(self, by: By, number: int, learnings: str) -> "Partnership":
        """Add to what was learned from an experiment."""
        old = self.experiment(number)
        new = old.model_copy(update={"learnings": "\n".join(filter(None, (old.learnings, learnings)))})
        return self._experiment(by, old, new)

    def _experiment(self, by: By, old: Experiment, new: Experiment, why: str = "") -> "Partnership":
        experiments = tuple(new if one.number == old.number else one for one in self.experiments)
        return self._with(by, f"experiment {old.number}", _told(old), _told(new), why=why, experiments=experiments)

    # Decisions, actions, questions, sheets

    def decide(self, by: By, text: str) -> "Partnership":
        """Write down a decision."""
        decisions = (*self.decisions, Decision(text=text, by=by))
        return self._with(by, "decision", None, text, decisions=decisions)

    def add_action(
        self, by: By, text: str, owner: str = "", due: date | None = None, side: Side | None = None
    ) -> "Partnership":
        """Write down something to do; with a `side` it is that side's own."""
        action = Action(number=len(self.actions) + 1, text=text, owner=owner, due=due, side=side)
        return self._with(by, _owned("action", side), None, _told(action), actions=(*self.actions, action))

    def finish_action(self, by: By, number: int) -> "Partnership":
        """Tick something off, if this person may read it."""
        old = next((one for one in self.actions if one.number == number and one.side in (None, by.side)), None)
        if old is None:
            raise RecordError(Text(ja=f"{number} 番の宿題はありません。", en=f"There is no action {number}."))
        new = old.model_copy(update={"done": True})
        actions = tuple(new if one.number == number else one for one in self.actions)
        what = f"action {number}" if old.side is None else _owned("action", old.side)
        return self._with(by, what, _told(old), _told(new), actions=actions)

    def ask(self, by: By, text: str) -> "Partnership":
        """Write down an open question."""
        question = OpenQuestion(number=len(self.questions) + 1, text=text)
        return self._with(by, "question", None, text, questions=(*self.questions, question))

    def file(self, by: By, sheet: Sheet) -> "Partnership":
        """File the page of an exercise. A later page of the same exercise stands beside the earlier."""
        return self._with(by, _owned("sheet", sheet.side), None, sheet.title, sheets=(*self.sheets, sheet))

    def read_by(self, side: Side | None) -> "Partnership":
        """Return the record as a side may read it: without the other's own pages and tasks."""
        sheets = tuple(sheet for sheet in self.sheets if sheet.side in (None, side))
        actions = tuple(action for action in self.actions if action.side in (None, side))
        hidden = {_owned(what, other) for what in ("sheet", "action") for other in SIDE_NAMES if other != side}
        history = tuple(change for change in self.history if change.what not in hidden)
        return self.model_copy(update={"sheets": sheets, "actions": actions, "history": history})

    def on(self, day: date) -> "Partnership":
        """Return the record as it stands on a day: an NDA that has run out binds nobody."""
        standing = self.nda.standing(day)
        if standing == self.nda.state:
            return self
        return self.model_copy(update={"nda": self.nda.model_copy(update={"state": standing})})

    def _with(
        self, by: By, what: str, before: str | None, after: str | None, *, why: str = "", **update: Any
    ) -> "Partnership":
        change = Change(by=by, what=what, before=before or None, after=after or None, why=why)
        return self.model_copy(update={**update, "history": (*self.history, change)})


def _owned(what: str, side: Side | None) -> str:
    """Return how a line of history is named; of what is one side's own, the other side sees none."""
    return what if side is None else f"{what} of {side}"


def _stops(stage: Stage) -> tuple[Stage, ...]:
    return () if stage == "stopped" else ("stopped",)


def _check_dates(experiment: Experiment) -> None:
    if experiment.starts and experiment.ends and experiment.ends < experiment.starts:
        raise RecordError(Text(ja="終了日が開始日より前です。", en="It would end before it starts."))


def _told(part: Frozen) -> str:
    """Return a part of the record as one line of history."""
    told = part.model_dump(mode="json", exclude_defaults=True)
    return ", ".join(f"{name}: {value}" for name, value in told.items())
