"""The Telegram road on an emulator that others wrote: npm's telegram-test-api, where node and npm can have it."""

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.running import Running, free_port, until

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PACKAGE = "telegram-test-api@4.2.1"
LAUNCHER = Path(__file__).with_name("telegram_test_api.js")
TOKEN = "123456789:" + "e" * 35
AGAIN = "念のため、もう一度"
SATO = {"id": 7, "is_bot": False, "first_name": "佐藤", "language_code": "ja"}


class Emulator:
    """The emulator, and 佐藤 in front of it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def says(self, text: str) -> None:
        chat = {"id": SATO["id"], "type": "private", "first_name": SATO["first_name"]}
        message: dict[str, Any] = {
            "botToken": TOKEN,
            "date": int(time.time()),
            "from": SATO,
            "chat": chat,
            "text": text,
        }
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
        self._post("/sendCommand" if text.startswith("/") else "/sendMessage", message)

    def texts(self) -> list[str]:
        """Return what the bot has said so far."""
        told = self._post("/getUpdatesHistory", {"token": TOKEN})["result"]
        return [one["message"]["text"] for one in told if "chat_id" in one["message"]]

    def _post(self, path: str, body: object) -> Any:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    if not (node := shutil.which("node")) or not (npm := shutil.which("npm")):
        pytest.skip("no node here")
    folder = tmp_path_factory.mktemp("emulator")
    install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    if subprocess.run(install, capture_output=True, timeout=300, check=False).returncode:
        pytest.skip(f"npm cannot get {PACKAGE} here")
    port = free_port()
    process = subprocess.Popen(
        [node, str(LAUNCHER), str(port)],
        env={"NODE_PATH": str(folder / "node_modules"), "PATH": str(Path(node).parent)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "up"
        yield Emulator(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.communicate()


def test_a_question_a_command_and_a_burst_are_answered_once_each_and_in_order(
    emulator: Emulator, tmp_path: Path
) -> None:
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": emulator.url}
    with Running(tmp_path, settings) as house:
        emulator.says("費用はいつ話せばいいですか")
        until(lambda: len(emulator.texts()) >= 1, "the first answer")
        emulator.says("/help")
        until(lambda: any("/record" in text for text in emulator.texts()), "the list of commands")
        for words in ("もう一つ", "試作はどちらが", "払いますか"):
            emulator.says(words)
        until(lambda: any("払いますか" in text for text in emulator.texts()), "the burst's answer")
        house.kill()
        emulator.says("止まっていた間の質問です")
        house.start()
        until(lambda: any("止まっていた間" in text for text in emulator.texts()), "what was asked meanwhile")
        # What the kill cut off between sending and noting may come again, and says so.
        texts = [text for text in emulator.texts() if AGAIN not in text]
    assert "費用はいつ" in texts[0]
    assert sum("もう一つ\n試作はどちらが\n払いますか" in text for text in texts) == 1
    assert len(texts) == len(set(texts))
