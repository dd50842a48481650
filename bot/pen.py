"""How a language model fills in a sheet beside the answers: a second opinion, minutes, suggestions.

Whatever becomes of it, there is a trace; and whoever asked goes on without it where it comes to nothing.
"""

import json
import logging
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from bot.clock import day_of
from bot.coach.cite import Guard
from bot.coach.manner import unmannered
from bot.coach.manuscript import plain, stuck
from bot.coach.page import length
from bot.coach.passages import Passage
from bot.errors import ModelError
from bot.model import Asker, Nda, Trace, TraceEnd, TraceUse, Verdict
from bot.ports import Form, Listener, Model, Prompt
from bot.redact import Veil, masked
from bot.scene import Scene
from bot.watch import HEARD
from knowledge.card import Locale
from knowledge.days import folded
from knowledge.ear import Hearing, Words, sentences
from knowledge.tokens import language
from prompts import render, version

Veiling = Callable[[str, Sequence[str]], Veil]
"""From a key and the names of a room to its veil."""
CONFIDENTIAL = "pre_nda_disclosure"
_UNSENT: tuple[TraceEnd, ...] = ("budget", "resting", "forbidden", "secret")
"""Ends at which nothing had left."""
_R = TypeVar("_R")
_log = logging.getLogger("nakodo.pen")


class Errand(NamedTuple):
    """What a model is asked for. `template` is what it is told, `data` the template of what it works on."""

    use: TraceUse
    template: str
    data: str
    locale: Locale
    values: Mapping[str, object]
    """What stands in the data, as JSON has it: people's words as `put` returns them."""
    what: str = ""
    """Which of several things the template tells of."""
    passages: tuple[str, ...] = ()
    """What the numbers in the data stand for."""

    @property
    def prompt(self) -> Prompt:
        """The prompt. Nothing that people wrote is in its system message."""
        told = render(self.template, self.locale, what=self.what)
        data = render(self.data, self.locale, **self.values)
        return Prompt(told, data, self.version)

    @property
    def version(self) -> str:
        """The name and hash of the words around the data."""
        return version(self.locale, self.template, self.data)

    @property
    def given(self) -> str:
        """The errand as JSON: with other words in its templates it makes another prompt."""
        return json.dumps(self._asdict(), ensure_ascii=False)


class Read(NamedTuple, Generic[_R]):
    """What can be used of a form, or None; and what the guard found."""

    what: _R | None
    verdicts: tuple[Verdict, ...] = ()


class Sheet(NamedTuple, Generic[_R]):
    """What came of an errand, or None; and the trace of it."""

    what: _R | None
    trace: Trace


class Pen:
    """A language model with its guard, and whose day's tokens it spends."""

    def __init__(self, model: Model, guard: Guard, ear: Listener, *, tenant: str = "", veil: Veiling = Veil) -> None:
        self._model, self._guard, self._tenant, self._veil = model, guard, tenant, veil
        self.ear = ear

    @property
    def remote(self) -> bool:
        """Whether what the model sees leaves this machine."""
        return self._model.remote

    def veil(self, scene: Scene, asker: Asker) -> Veil:
        """Return what hides the names of a room."""
        return self._veil(f"{self._tenant}/{scene.room.id}", asker.names)

    def fill(self, errand: Errand, form: type[Form], read: Callable[[Form], Read[_R]]) -> Sheet[_R]:
        """Have a form filled in, and return what `read` makes of it."""
        prompt, start = errand.prompt, time.perf_counter()
        trace = self.unsent(errand, "dropped").model_copy(update={"sent": f"{prompt.system}\n\n{prompt.user}"})
        found: Read[_R] = Read(None)
        try:
            written = self._model.write(prompt, form, tenant=self._tenant)
            counted = {"wrote": written.raw, "tokens_in": written.tokens_in, "tokens_out": written.tokens_out}
            trace = trace.model_copy(update=counted)
            found = read(written.form)
        except ModelError as error:
            left = {} if error.end not in _UNSENT else {"sent": ""}
            cost = {"tokens_in": error.tokens_in, "tokens_out": error.tokens_out}
            trace = trace.model_copy(update={"end": error.end, **cost, **left})
        except Exception as fault:
            fault_noted(fault)
        if found.what is not None:
            trace = trace.model_copy(update={"end": "used"})
        took = round((time.perf_counter() - start) * 1000, 1)
        return Sheet(found.what, trace.model_copy(update={"verdicts": found.verdicts, "ms": took}))

    def unsent(self, errand: Errand, end: TraceEnd) -> Trace:
        """Return the trace of an errand on which nothing has left."""
        return Trace(
            use=errand.use,
            model=self._model.name,
            prompt=errand.version,
            end=end,
            passages=errand.passages,
            given=errand.given,
        )

    def weigh(
        self,
        text: str,
        cited: Sequence[int],
        passages: Sequence[Passage],
        *,
        veil: Veil,
        locale: Locale,
        most: int,
        said: str = "",
    ) -> Verdict:
        """Put what was hidden back into a sentence, and let the guard weigh it.

        `most` is how long it may be; figures and names in `said` may be repeated.
        """
        if not (whole := plain(text)[0]) or stuck(whole):
            return Verdict(sentence=text[:most], passages=tuple(cited), kept=False, why="length")
        text = whole
        if veil.leaks(text):
            return Verdict(sentence=text, passages=tuple(cited), kept=False, why="placeholder")
        sentence = masked(veil.reveal(" ".join(text.split())))
        if length(sentence, locale) > most:
            return Verdict(sentence=sentence, passages=tuple(cited), kept=False, why="length")
        asks = sentence.endswith(("?", "？"))
        return self._guard.weigh(sentence, cited, passages, said=said, locale=locale, question=asks)

    def hides(self, hearing: Hearing, scene: Scene, at: datetime) -> bool:
        """Whether what was heard so must not leave the house: it sounds confidential, and no NDA is signed."""
        sound = hearing.signals.get(CONFIDENTIAL)
        return self._wary(scene, at) and sound is not None and sound.score >= HEARD

    def may_see(self, text: str, scene: Scene, at: datetime) -> bool:
        """Whether the model may see what somebody wrote."""
        if for_machines(text):
            return False
        if not self._wary(scene, at):
            return True
        words = Words(text=text, stage=scene.record.stage, nda=_nda(scene, at))
        return not self.hides(self.ear.hear(words), scene, at)

    def _wary(self, scene: Scene, at: datetime) -> bool:
        return self._model.remote and _nda(scene, at) != "signed"


def for_machines(text: str) -> bool:
    """Whether somebody speaks to machines there, in code or about instructions: no matter of the two firms."""
    known, locale = folded(text), language(text)
    return any(unmannered(one, known, locale) in ("instruction", "placeholder") for one in sentences(text))


def put(text: str, veil: Veil, most: int) -> str:
    """Return what a person wrote as it may stand in the data: veiled, one line, unable to close its block."""
    visible = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf"))
    line = veil.hide(" ".join(visible.split())).replace("<", "＜").replace(">", "＞")
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    # Cut last: half a name would be one that the veil does not know, half a placeholder one that nobody puts back.
    return (cut[: cut.rfind("‹")] if cut.rfind("‹") > cut.rfind("›") else cut).rstrip() + "…"


def dropped(verdict: Verdict, why: str) -> Verdict:
    """Return a verdict that lets a sentence fall."""
    return verdict.model_copy(update={"kept": False, "why": why})


def fault_noted(fault: Exception) -> None:
    """Note a fault of ours without anybody's words; whoever asked goes on without the model."""
    _log.warning("a sheet is left unused: %s", type(fault).__name__)


def _nda(scene: Scene, at: datetime) -> Nda:
    return scene.record.nda.standing(day_of(at, scene.room.zone))
