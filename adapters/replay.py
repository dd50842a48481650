"""Runs an answer of a language model again, with another model or other templates, and shows the difference.

Nothing is kept of it, and nobody is told. What it costs counts as the programme's tokens of the day.
"""

import difflib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from jinja2 import TemplateError
from pydantic import ValidationError

import prompts
from adapters.services.store.traces import KeptTrace, Traces
from adapters.wiring import Nakodo
from bot.coach.fluent import Request
from bot.errors import InputError, SettingsError
from bot.model import Answer, Trace, Verdict
from bot.settings import Settings

FIGURES = 9
"""Figures in the number of an answer."""
_SENTENCE = re.compile(r"(?<=[。！？])(?![。！？」』）])|(?<=[^\d][.!?])\s+|\n+")


class Run(NamedTuple):
    """One answer, and how it came about; without a trace no model was asked."""

    answer: str
    trace: Trace | None


class Replayed(NamedTuple):
    """An answer as it was given, and as it would be given now."""

    kept: KeptTrace
    question: str
    then: Run
    now: Run

    @property
    def difference(self) -> list[str]:
        """The sentences of both: `-` stood only there then, `+` stands only there now."""
        lines = difflib.ndiff(_sentences(self.then.answer), _sentences(self.now.answer))
        return [line for line in lines if not line.startswith("?")]

    def as_json(self) -> str:
        """One object."""
        row = {
            "id": self.kept.number,
            "at": self.kept.at.isoformat(),
            "room": self.kept.room,
            "question": self.question,
            "then": _row(self.then),
            "now": _row(self.now),
            "difference": self.difference,
        }
        return json.dumps(row, ensure_ascii=False)

    def as_text(self) -> str:
        """For reading."""
        where = f"room {self.kept.room}" if self.kept.room else "asked on the command line"
        lines = [
            f"{self.kept.number}  {self.kept.at:%Y-%m-%d %H:%M} UTC  {where}",
            self.question,
            *_told("Then", self.then),
            *_told("Now", self.now),
            *_headed("Difference", self.difference if self.then.answer != self.now.answer else ["none"]),
        ]
        return "\n".join(lines)


def replay(nakodo: Nakodo, typed: str, folder: Path | None = None) -> Replayed:
    """Run the answer that a number names again, with the model that is set up and the templates of a folder.

    Raises:
        InputError: there is no such answer, or it cannot or may not be run again.
        SettingsError: no model is set up.
    """
    number = _number(typed)
    kept = Traces(nakodo.store.engine).find(number)
    if kept is None:
        raise InputError(
            "there is no such answer", where=number, remedy="“/privacy model” and “nakodo ask” tell the numbers"
        )
    request = _request(nakodo, kept)
    if nakodo.settings.model is None:
        raise SettingsError(
            "no language model is set up", where="NAKODO_MODEL", remedy="Set it, or name one with --model"
        )
    coach = nakodo.coach_of(kept.tenant)
    with prompts.borrowed(_templates(folder)) if folder else nullcontext():
        answer = request.put_to(coach)
    return Replayed(kept, request.question, Run(kept.said, kept.trace), _fair(answer, folder))


def with_model(settings: Settings, name: str) -> Settings:
    """Return the settings with another model. Address and key go along if they are the same provider's.

    Raises:
        SettingsError: there is no such model.
    """
    same = (settings.model or "").partition(":")[0] == name.partition(":")[0].strip()
    others = {} if same else {"model_url": None, "model_key": None}
    given = {field: getattr(settings, field) for field in type(settings).model_fields}
    try:
        return Settings.model_validate({**given, **others, "model": name})
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise SettingsError(said, where="--model", remedy="Correct it") from None


def _number(typed: str) -> str:
    """Return a number as it is kept, however it was typed."""
    figures = "".join(one for one in unicodedata.normalize("NFKC", typed) if one.isdecimal())
    rest = re.sub(r"[\d\s\-‐-―−ー]", "", unicodedata.normalize("NFKC", typed))
    if len(figures) != FIGURES or rest:
        raise InputError(
            "is no number of an answer", where=typed, remedy=f"It has {FIGURES} figures, like 482-093-755"
        )
    return "-".join((figures[:3], figures[3:6], figures[6:]))


def _request(nakodo: Nakodo, kept: KeptTrace) -> Request:
    """Return what was asked, if it may be asked again."""
    if kept.trace.use != "answer":
        raise InputError(f"is no answer but of the kind “{kept.trace.use}”", where=kept.number)
    scene = nakodo.store.of(kept.tenant).load(kept.room) if kept.room else None
    if scene is not None and scene.model_forbidden:
        raise InputError(
            "its room allows no language model",
            where=kept.number,
            remedy="The room allows it with “/privacy model on”",
        )
    if not kept.trace.given:  # The room forbade it then.
        raise InputError("was answered without a language model, and what was asked is not kept", where=kept.number)
    try:
        return Request.model_validate_json(kept.trace.given)
    except ValidationError:
        raise InputError("cannot be read: another Nakodo kept it", where=kept.number) from None


def _templates(folder: Path) -> Path:
    """Return a folder of templates, or say what is wrong with it."""
    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder))
    known = {path.relative_to(prompts.HERE) for path in prompts.HERE.glob("*/*.md.j2")}
    there = {path.relative_to(folder) for path in folder.glob("*/*.md.j2")}
    if not there & known:
        raise InputError(
            "holds no template", where=str(folder), remedy="Lay it out like the folder prompts: ja/compose.md.j2"
        )
    with prompts.borrowed(folder):
        for path in sorted(there & known):
            try:
                prompts.check(str(path))
            except TemplateError as error:
                raise InputError(f"is no template ({error})", where=str(folder / path)) from None
    return folder


def _fair(answer: Answer, folder: Path | None) -> Run:
    """Return the new answer, unless the templates were at fault that no model was asked."""
    trace = answer.trace
    if folder and trace and trace.end == "dropped" and not trace.sent:
        raise InputError(
            "the templates want something that they are not given", where=str(folder), remedy="Compare them with ours"
        )
    return Run(answer.text, trace)


# Telling


def _told(title: str, run: Run) -> Iterator[str]:
    trace = run.trace
    if trace is None:
        yield from _headed(f"{title}: the playbook, no model was asked", [run.answer])
        return
    tokens = f"{trace.tokens_in} + {trace.tokens_out} tokens"
    by = trace.model if trace.end == "used" else f"the playbook, for {trace.model} ended as “{trace.end}”"
    yield from _headed(f"{title}: {by}, {trace.prompt}, {tokens}, {trace.ms:.0f} ms", [run.answer])
    if trace.verdicts:
        yield ""
    yield from (_verdict(one) for one in trace.verdicts)


def _headed(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"== {title}", *lines]


def _verdict(one: Verdict) -> str:
    rests = ",".join(map(str, one.passages)) or "-"
    return f"{'kept' if one.kept else f'dropped ({one.why})'} [{rests}] {one.sentence}"


def _row(run: Run) -> dict[str, object]:
    hidden = {"sent", "given", "wrote", "use"}
    return {"answer": run.answer, **(run.trace.model_dump(mode="json", exclude=hidden) if run.trace else {})}


def _sentences(text: str) -> list[str]:
    return [one.strip() for one in _SENTENCE.split(text) if one and one.strip()]
