"""The command line. Exit codes: 0 done, 1 an error with what to do about it, 2 wrong usage."""

import json
import logging
import os
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from pydantic import ValidationError

from bot.asking import Question, read_questions
from bot.errors import InputError, NakodoError, StoreError
from bot.settings import load_settings

if TYPE_CHECKING:
    from adapters.wiring import Nakodo
    from bot.model import Answer, Message
    from bot.ports import Composer

app = typer.Typer(
    name="nakodo",
    help="Nakodo 仲人: the go-between for a small manufacturer and a startup. It answers with sources.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Lang = Annotated[Literal["ja", "en"] | None, typer.Option(help="The language to answer in; else the question's.")]


@app.command()
def chat(lang: Lang = None) -> None:
    """Talk with Nakodo in the terminal."""
    from adapters.channels.terminal import talk

    if not sys.stdin.isatty():
        say('Standard input is no terminal. Ask one question with: nakodo ask "NDAの前に図面を見せてもいい？"')
        say("Many at once: nakodo ask --batch questions.jsonl --json")
        return
    nakodo = _nakodo()
    talk(nakodo.store, lambda: nakodo.house, lang)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="Your question, in Japanese or English.")] = None,
    *,
    batch: Annotated[
        Path | None, typer.Option(help="A file of questions, one JSON object a line; - is standard input.")
    ] = None,
    as_json: Json = False,
    lang: Lang = None,
    role: Annotated[str | None, typer.Option(help="sme, startup, facilitator or organizer.")] = None,
    stage: Annotated[str | None, typer.Option(help="How far you are, such as preparing or meeting.")] = None,
) -> None:
    """Ask one question, or a file of them."""
    if (question is None) == (batch is None):
        raise typer.BadParameter("give one question, or --batch FILE")
    questions = read_questions(batch) if batch is not None else [_question(question or "", lang, role, stage)]
    nakodo = _nakodo()
    coach = _Heeded(nakodo.coach)
    for one in questions:
        reply = one.put_to(coach)
        say(reply.model_dump_json() if as_json else reply.answer + ("\n" if batch else ""))
        _keep(nakodo, one, coach)


@app.command()
def replay(
    number: Annotated[list[str], typer.Argument(help="The number of an answer, such as 482-093-755.")],
    *,
    model: Annotated[str | None, typer.Option(help="Another model, provider:model.")] = None,
    prompt: Annotated[Path | None, typer.Option(help="A folder of templates that go before ours.")] = None,
    as_json: Json = False,
) -> None:
    """Run an answer of a language model again and show the difference.

    Nothing is kept of it, nobody is told.
    """
    from adapters import replay as again
    from adapters.wiring import Nakodo

    settings = load_settings()
    nakodo = Nakodo(again.with_model(settings, model) if model else settings)
    run = again.replay(nakodo, " ".join(number), prompt)
    say(run.as_json() if as_json else run.as_text())


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    *,
    as_json: Json = False,
    most: Annotated[int, typer.Option("--most", min=1, max=50, help="How many cards at most.")] = 5,
) -> None:
    """Find cards."""
    nakodo = _nakodo()
    for hit in nakodo.search.find(_spoken(question)).hits[:most]:
        card = nakodo.library[hit.card]
        if as_json:
            row = {
                "card": hit.card,
                "score": round(hit.score, 3),
                **card.citation.model_dump(exclude={"card"}),
            }
            say(json.dumps(row, ensure_ascii=False))
        else:
            say(f"{hit.score:6.2f}  {hit.card:24} {card.ja.title}")


@app.command()
def cards(*, check: Annotated[bool, typer.Option("--check", help="Check that the shelf is whole.")] = False) -> None:
    """List the cards, or check them. NAKODO_REPORT=file also looks for sentences copied from the report."""
    from knowledge.library import load_library, problems

    library = load_library()
    if not check:
        for card in library.cards.values():
            say(f"{card.id:24} {card.front.kind:10} {card.front.basis:14} {card.ja.title}")
        return
    report = load_settings().report
    if report and not report.is_file():
        raise InputError("no such file", where=f"NAKODO_REPORT={report}", remedy="Correct or unset it")
    found = problems(library, report)
    if found:
        raise InputError("\n".join(found), where="knowledge/cards")
    say(f"{len(library)} cards, nothing wrong" + ("" if report else " (not compared with the report's text)"))


@app.command()
def play(file: Annotated[Path, typer.Argument(help="A conversation file (YAML).")], *, as_json: Json = False) -> None:
    """Play a conversation file on its own clock.

    Prints what is said and what Nakodo says.
    """
    from adapters.play import play_file

    def show(message: "Message") -> None:
        if not as_json:
            to = "nakodo" if message.private else "room"
            say(f"[{message.at:%Y-%m-%d %H:%M}] {message.sender.name} -> {to}\n{message.text}\n")

    for line in play_file(file, lambda: _nakodo().house, show):
        say(line.as_json() if as_json else line.as_text())


@app.command()
def watch(
    file: Annotated[Path, typer.Argument(help="A conversation file (YAML).")], *, as_json: Json = False
) -> None:
    """Say what is noticed in a conversation file, message by message."""
    from adapters.play import watch_file

    for line in watch_file(file, lambda: _nakodo().ear):
        say(line.as_json() if as_json else line.as_text())


@app.command()
def index() -> None:
    """Build the search index, or bring it up to date."""
    nakodo = _nakodo()
    say(f"{len(nakodo.library)} cards, {nakodo.search.size} texts, ready in {nakodo.settings.home}")


@app.command()
def serve() -> None:
    """Serve the pages, Slack and Telegram, until told to stop.

    Slack and Telegram are served where their tokens are set; `nakodo doctor` says what is missing.
    """
    from adapters import logs
    from adapters.opening import open_house
    from adapters.serve import build_app, run

    nakodo = _nakodo(many=True)
    logs.set_up()
    served = build_app(lambda: open_house(nakodo))
    try:
        run(served, nakodo.settings.host, nakodo.settings.port, lambda port: say(_way_in(nakodo, port)))
    except KeyboardInterrupt:  # How a person stops it; no failure.
        _note("stopped. What has not been answered yet is answered after the next start")


@app.command()
def link() -> None:
    """Print a new link to the pages of `nakodo serve`.

    It works once, within 15 minutes. With NAKODO_PUBLIC_URL it is the address at which people sign in.
    """
    nakodo = _nakodo()
    say(_way_in(nakodo, nakodo.settings.port))


@app.command()
def doctor() -> None:
    """Say what is set up, what is missing, and what to do."""
    from adapters.doctor import examine

    logging.getLogger().addHandler(logging.NullHandler())  # What matters of what libraries log is told in words.
    sick = False
    for finding in examine():
        say(str(finding))
        sick = sick or finding.state == "missing"
    if sick:
        raise typer.Exit(1)


def main() -> None:
    """Run the command line: every error becomes a sentence, none a traceback."""
    warnings.showwarning = lambda message, *_, **__: print(f"Note: {message}", file=sys.stderr)  # noqa: T201
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except NakodoError as error:
        _note(str(error))
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # The reader left, as `head` does.
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        what = error.strerror or type(error).__name__
        _note(f"{where}{what}. Check the disk and the rights")
        sys.exit(1)
    except Exception as error:
        _note(f"an unexpected fault ({type(error).__name__}). `nakodo doctor` may tell more")
        sys.exit(1)


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


def _note(text: str) -> None:
    print(f"nakodo: {text}", file=sys.stderr)  # noqa: T201


def _nakodo(*, many: bool = False) -> "Nakodo":
    from adapters.wiring import Nakodo

    return Nakodo(load_settings(), many=many)


class _Heeded:
    """A coach whose last answer is at hand whole."""

    def __init__(self, coach: "Composer") -> None:
        self._coach = coach
        self.last: Answer | None = None

    def answer(self, question: str, **how: Any) -> "Answer":
        self.last = self._coach.answer(question, **how)
        return self.last


def _keep(nakodo: "Nakodo", question: Question, coach: _Heeded) -> None:
    """Keep what a language model did for a question, and say by which number it can be run again."""
    last = coach.last
    if last is None or last.trace is None:
        return
    from adapters.services.store.traces import Traces
    from adapters.wiring import TENANT

    try:
        number = Traces(nakodo.store.engine).note(TENANT, last.trace, datetime.now(UTC), last.text)
    except StoreError as error:  # The answer was given all the same.
        _note(f"{question.id}: not kept, {error}")
        return
    _note(f"{question.id}: ID {number}, {last.trace.model} {last.trace.end}")


def _way_in(nakodo: "Nakodo", port: int) -> str:
    from adapters.channels.web.sign_in import way_in
    from adapters.services.store import Directory

    return way_in(nakodo.settings, Directory(nakodo.store.engine), port)


def _spoken(text: str) -> str:
    """Return an argument as text, or say that its bytes are none."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("the question is not UTF-8", remedy="Set the terminal to UTF-8") from None
    if not text.strip():
        raise InputError("the question is empty", remedy='Write it in quotes: nakodo ask "…"')
    return text


def _question(text: str, lang: str | None, role: str | None, stage: str | None) -> Question:
    try:
        return Question.model_validate(
            {"id": "1", "question": _spoken(text), "lang": lang, "role": role, "stage": stage}
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{first['loc'][0]}: {first['msg']}") from None


if __name__ == "__main__":
    main()
