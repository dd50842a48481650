"""A question handed in by a program, and the reply it gets: the stable formats of `nakodo ask --json`."""

import json
import sys
import time
from pathlib import Path

from pydantic import ConfigDict, Field, ValidationError, field_validator

from bot.conversation import read_text
from bot.errors import InputError
from bot.model import AnswerKind, Nda, Said, Situation, Utterance
from bot.ports import Composer
from knowledge.card import Citation, Frozen, Locale, Side, Stage
from knowledge.tokens import language


class Turn(Frozen):
    """Something said before the question. `role` is anything; bot, assistant and nakodo mean the bot."""

    role: str
    text: Utterance


class Question(Frozen):
    """One question. Only `id` and `question` are needed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: Utterance
    lang: Locale | None = None
    role: Side | None = None
    stage: Stage | None = None
    nda: Nda | None = None
    history: tuple[Turn, ...] = ()

    @field_validator("id", mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @field_validator("question")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("is empty")
        return text

    def put_to(self, coach: Composer) -> "AskReply":
        """Ask the coach."""
        start = time.perf_counter()
        said = tuple(
            Said(
                role="bot" if turn.role.lower() in ("bot", "assistant", "nakodo") else "person",
                text=turn.text,
                side=self.role,
            )
            for turn in self.history
        )
        answer = coach.answer(
            self.question,
            locale=self.lang or language(self.question),
            situation=Situation(side=self.role, stage=self.stage, nda=self.nda),
            history=said,
        )
        return AskReply(
            id=self.id,
            lang=answer.locale,
            kind=answer.kind,
            answer=answer.text,
            citations=answer.citations,
            next=answer.next,
            ms=round((time.perf_counter() - start) * 1000, 1),
        )


class AskReply(Frozen):
    """The reply to a question. `ms` are milliseconds spent on it."""

    id: str
    lang: Locale
    kind: AnswerKind
    answer: str = Field(min_length=1)
    citations: tuple[Citation, ...]
    next: tuple[str, ...]
    ms: float


def read_questions(path: Path) -> list[Question]:
    """Read a file of questions, all of it before any is answered; `-` is standard input."""
    name = "standard input" if str(path) == "-" else str(path)
    text = _standard_input() if str(path) == "-" else read_text(path)
    questions = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            questions.append(_read_question(line, f"{name}:{number}"))
    if not questions:
        raise InputError("no questions in it", where=name, remedy='Write lines like {"id": "1", "question": "…"}')
    return questions


def _read_question(line: str, where: str) -> Question:
    try:
        return Question.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise InputError(f"broken JSON ({error.msg})", where=where, remedy="Write one object a line") from None
    except RecursionError:
        raise InputError("nested too deeply", where=where, remedy="Write one flat object a line") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "line"
        raise InputError(f"{name}: {first['msg']}", where=where, remedy="Correct the line") from None


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"not UTF-8 at byte {error.start}", where="standard input", remedy="Convert it to UTF-8"
        ) from None
