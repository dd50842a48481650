"""The process beside hears and answers as this one would, and its death costs nobody an answer."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from adapters.beside import Beside
from adapters.wiring import Nakodo
from bot.errors import ThinkingError
from bot.model import Situation
from bot.settings import Settings
from knowledge.ear import Words

QUESTION = "秘密保持契約は、いつ結べばいいですか。"
SAID = Words(text="図面はまだ見せられませんが、加工の条件はこうです。", stage="exploration")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), embeddings="none")


@pytest.fixture
def beside(settings: Settings) -> Iterator[Beside]:
    beside = Beside(settings)
    yield beside
    beside.close()


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]


def test_it_hears_and_answers_as_this_process_would(beside: Beside, settings: Settings) -> None:
    here = Nakodo(settings)
    how = {"locale": "ja", "situation": Situation()}
    assert beside.answer(QUESTION, **how) == here.playbook.answer(QUESTION, **how)  # type: ignore[arg-type]
    assert beside.hear(SAID) == here.ear.hear(SAID)


def test_another_takes_its_place_when_it_dies(beside: Beside) -> None:
    before = beside.hear(SAID)
    [process] = children()
    process.kill()
    process.wait(10)
    assert beside.hear(SAID) == before


def test_what_fails_there_is_told_here_without_the_words(beside: Beside) -> None:
    with pytest.raises(ThinkingError) as caught:
        beside.hear("図面" * 3)  # type: ignore[arg-type]
    assert "AttributeError" in str(caught.value)
    assert "図面" not in str(caught.value)
    assert beside.hear(SAID) is not None


def test_it_ends_when_it_is_closed(beside: Beside) -> None:
    beside.hear(SAID)
    [process] = children()
    beside.close()
    assert not process.is_running()


def test_it_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    script = tmp_path / "starts.py"
    script.write_text(
        "import os, sys, psutil\n"
        "from pathlib import Path\n"
        "from adapters.beside import Beside\n"
        "from bot.settings import Settings\n"
        "from knowledge.ear import Words\n"
        "if __name__ == '__main__':\n"
        "    Beside(Settings(home=Path(sys.argv[1]), embeddings='none')).hear(Words('x'))\n"
        "    print(*(one.pid for one in psutil.Process().children() if 'spawn_main' in ' '.join(one.cmdline())))\n"
        "    sys.stdout.flush()\n"
        "    os.kill(os.getpid(), 9)\n",
        encoding="utf-8",
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    [orphan] = map(int, done.stdout.split())
    with suppress(psutil.NoSuchProcess):
        psutil.Process(orphan).wait(10)
    assert not psutil.pid_exists(orphan)


def test_only_who_serves_many_has_one(settings: Settings) -> None:
    assert Nakodo(settings).beside is None
    assert Nakodo(settings.model_copy(update={"second_process": False}), many=True).beside is None
