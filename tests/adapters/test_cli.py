"""The command line as a person or a program uses it: every error a sentence, never a traceback."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters import cli

Run = Callable[..., tuple[int, str, str]]
CONVERSATION = """room:
  sme: {name: 栃ノ木精密, people: [佐藤]}
  startup: {name: ルミナ, people: [Lee]}
  facilitator: {people: [田中]}
  stage: meeting
  nda: none
  lang: ja
messages:
  - {id: m1, from: 佐藤, at: 2026-04-01T10:00:00+09:00, text: "図面をお送りしますね"}
  - {id: m2, from: 佐藤, at: 2026-04-01T10:05:00+09:00, to: bot, text: "図面、まだ何も結んでないけど渡していい？"}
  - {id: m3, from: Lee, at: 2026-04-01T10:06:00+09:00, text: "@nakodo when should we talk about money?"}
  - {id: m4, from: 田中, at: 2026-04-01T10:07:00+09:00, text: "/nda signed"}
  - {id: m5, from: 佐藤, at: 2026-04-01T10:08:00+09:00, to: bot, text: "図面、渡していい？"}
"""


@pytest.fixture
def run(at_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process and return its exit code, output and errors."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nakodo", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
            sys.exit(0)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return int(left.value.code or 0), out, err

    return call


def test_a_question_gets_an_answer_with_its_source(run: Run) -> None:
    code, out, _ = run("ask", "NDAの前に図面を見せてもいい？")
    assert code == 0
    assert out.count("\n") > 4
    assert any(foot in out for foot in ("出典: ", "根拠: "))


def test_json_has_the_stable_fields(run: Run) -> None:
    code, out, _ = run("ask", "When should we talk about money?", "--json", "--role", "startup")
    reply = json.loads(out)
    assert code == 0
    assert list(reply) == ["id", "lang", "kind", "answer", "citations", "next", "ms"]
    assert list(reply["citations"][0]) == ["card", "covers", "basis", "refs"]
    assert (reply["lang"], reply["kind"]) == ("en", "answer")


def test_a_batch_is_answered_line_by_line(run: Run, at_home: Path) -> None:
    rows = [
        {"id": "a", "question": "MVPって何ですか"},
        {"id": 7, "question": "例は？", "history": [{"role": "user", "text": "MVPって何ですか"}]},
        {"id": "c", "question": "What is an MVP?", "lang": "ja", "role": "sme", "stage": "meeting"},
    ]
    (at_home / "q.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    code, out, _ = run("ask", "--batch", "q.jsonl", "--json")
    replies = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [reply["id"] for reply in replies] == ["a", "7", "c"]
    assert [reply["lang"] for reply in replies] == ["ja", "ja", "ja"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{broken", "broken JSON"),
        ('{"id": "x"}', "question"),
        ('{"id": "x", "question": "   "}', "is empty"),
        ('{"id": "x", "question": "q", "mood": 1}', "mood"),
        ('{"id": "x", "question": "q", "role": "boss"}', "role"),
        ('["a list"]', "line"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_answered_by_halves(run: Run, at_home: Path, line: str, says: str) -> None:
    (at_home / "q.jsonl").write_text('{"id": "1", "question": "MVPって何"}\n' + line, encoding="utf-8")
    code, out, err = run("ask", "--batch", "q.jsonl", "--json")
    assert (code, out) == (1, "")
    assert "q.jsonl:2:" in err
    assert says in err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["ask"], 2, "one question, or --batch"),
        (["ask", "q", "--batch", "f"], 2, "one question, or --batch"),
        (["ask", ""], 1, "empty"),
        (["ask", "  \n"], 1, "empty"),
        (["ask", "\udcff\udcfe"], 1, "UTF-8"),
        (["ask", "q", "--role", "boss"], 2, "role"),
        (["ask", "q", "--lang", "fr"], 2, "lang"),
        (["ask", "--batch", "nothing.jsonl"], 1, "no such file"),
        (["ask", "--batch", "."], 1, "is a folder"),
        (["play", "nothing.yaml"], 1, "no such file"),
        (["play", "."], 1, "is a folder"),
        (["dance"], 2, "dance"),
    ],
)
def test_wrong_usage_says_what_to_do(run: Run, words: list[str], code: int, says: str) -> None:
    found, _, err = run(*words)
    assert found == code
    assert says in err


def test_a_hundred_thousand_characters_get_a_polite_answer(run: Run) -> None:
    code, out, _ = run("ask", "うちの話です。" * 15_000)
    assert code == 0
    assert out


def test_control_characters_get_a_polite_answer(run: Run) -> None:
    code, out, _ = run("ask", "\x00\x1b[31mNDAの前に\x07図面を見せていい？")
    assert code == 0
    assert "\x1b" not in out


def test_help_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert all(name in out for name in ("chat", "ask", "search", "cards", "play", "index", "doctor"))


def test_the_shelf_checks_out(run: Run) -> None:
    code, out, _ = run("cards", "--check")
    assert code == 0
    assert "nothing wrong" in out


def test_a_report_that_is_not_there_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAKODO_REPORT", "nowhere.txt")
    code, _, err = run("cards", "--check")
    assert (code, "nowhere.txt" in err) == (1, True)


def test_search_prints_cards_best_first(run: Run) -> None:
    code, out, _ = run("search", "返事が遅いと相手はどうなる", "--json", "--most", "4")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len(rows) == 4
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)


def test_a_conversation_is_played_on_its_clock(run: Run, at_home: Path) -> None:
    (at_home / "talk.yaml").write_text(CONVERSATION, encoding="utf-8")
    code, out, _ = run("play", "talk.yaml", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(row["to"], row["kind"], row["in_reply_to"]) for row in rows] == [
        ("佐藤", "answer", "m2"),
        ("room", "answer", "m3"),
        ("room", "notice", "m4"),
        ("佐藤", "answer", "m5"),
    ]
    assert rows[0]["at"] == "2026-04-01T10:05:00+09:00"
    assert "NDAはまだ" in rows[0]["text"]
    assert "NDAは締結済み" in rows[3]["text"]


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_doctor_says_what_is_there_and_what_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAKODO_PORT", "0")
    code, out, _ = run("doctor")
    assert code == 0
    assert "MISSING" not in out
    monkeypatch.setenv("NAKODO_HOEM", "x")
    code, out, _ = run("doctor")
    assert code == 1
    assert "NAKODO_HOME" in out


def test_a_home_that_cannot_be_made_is_named(run: Run, at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (at_home / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("NAKODO_HOME", str(at_home / "file" / "home"))
    code, _, err = run("ask", "MVPって何")
    assert code == 1
    assert "NAKODO_HOME" in err


def test_a_file_with_a_byte_order_mark_is_read(run: Run, at_home: Path) -> None:
    (at_home / "q.jsonl").write_text('{"id": "1", "question": "MVPって何"}\r\n', encoding="utf-8-sig")
    code, out, _ = run("ask", "--batch", "q.jsonl", "--json")
    assert (code, json.loads(out)["id"]) == (0, "1")


def test_a_lone_surrogate_is_refused_by_its_line(run: Run, at_home: Path) -> None:
    (at_home / "q.jsonl").write_text('{"id": "1", "question": "\\ud800 NDA"}', encoding="utf-8")
    code, _, err = run("ask", "--batch", "q.jsonl", "--json")
    assert (code, "q.jsonl:1:" in err) == (1, True)


def test_a_home_that_cannot_be_written_is_an_error_and_no_traceback(
    run: Run, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = at_home / "spoilt"
    (home / "index").mkdir(parents=True)
    (home / "index" / "words").write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setenv("NAKODO_HOME", str(home))
    monkeypatch.setenv("NAKODO_EMBEDDINGS", "none")
    code, out, err = run("ask", "MVPって何")
    assert (code, out) == (1, "")
    assert "words" in err


def test_the_reports_text_may_be_given_to_every_command(
    run: Run, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (at_home / "report.txt").write_text("何の関係もない文章です。", encoding="utf-8")
    monkeypatch.setenv("NAKODO_REPORT", str(at_home / "report.txt"))
    assert run("cards", "--check")[0] == 0
    assert run("ask", "MVPって何ですか")[0] == 0


def test_chat_without_a_terminal_says_how_to_ask(at_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "adapters.cli", "chat"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "nakodo ask" in done.stdout


def test_a_reader_who_leaves_early_is_no_error(at_home: Path) -> None:
    line = f"{sys.executable} -m adapters.cli cards | head -1"
    done = subprocess.run(
        ["bash", "-c", line], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def serving(home: Path, **given: str) -> "subprocess.Popen[str]":
    """Begin `nakodo serve` in an empty folder."""
    others = ("NAKODO_", "SLACK_", "TELE", "OPENAI_")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    given = {"NAKODO_HOME": str(home), "NAKODO_PORT": "0", "NAKODO_EMBEDDINGS": "none"} | given
    return subprocess.Popen(
        [sys.executable, "-c", "from adapters.cli import main; main()", "serve"],
        env=plain | given | {"PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_who_stops_serving_by_ctrl_c_is_told_that_nothing_is_lost(tmp_path: Path) -> None:
    with serving(tmp_path) as process:
        assert process.stdout
        assert "/enter?token=" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert "nakodo: stopped." in err
    assert "Traceback" not in err
    assert "leaked" not in err


def last_words(process: "subprocess.Popen[str]") -> str:
    with process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "leaked" not in err
    return str(err.splitlines()[-1])


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_port_that_is_used_is_told_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = last_words(serving(tmp_path, NAKODO_PORT=port))
    assert (
        told == f"nakodo: NAKODO_PORT: port {port} cannot be used on 127.0.0.1. Choose another, or stop what uses it"
    )


def test_an_address_that_is_not_this_machines_is_told_as_that(tmp_path: Path) -> None:
    given = {"NAKODO_HOST": "192.0.2.1", "NAKODO_PUBLIC_URL": "https://desk.example.jp"}
    sign_in = {"NAKODO_OIDC_ISSUER": "https://a.jp", "NAKODO_OIDC_CLIENT_ID": "x", "NAKODO_OIDC_CLIENT_SECRET": "x"}
    told = last_words(serving(tmp_path, **given, **sign_in, NAKODO_SECOND_PROCESS="no"))
    assert "NAKODO_HOST: is no address of this machine" in told


def test_work_that_cannot_be_read_keeps_serve_from_starting_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_text("junk" * 1000, encoding="ascii")
    told = last_words(serving(tmp_path, NAKODO_SECOND_PROCESS="no"))
    assert f"{tmp_path / 'jobs.db'}: is not a database, or is damaged" in told
    assert "move the file away" in told


@pytest.mark.parametrize("second", ["yes", "no"])
def test_an_embedding_model_without_a_key_is_told_in_serve(tmp_path: Path, second: str) -> None:
    told = last_words(
        serving(tmp_path, NAKODO_EMBEDDINGS="openai:text-embedding-3-small", NAKODO_SECOND_PROCESS=second)
    )
    assert "NAKODO_EMBEDDINGS: the model does not start without a key. Set NAKODO_EMBEDDINGS_KEY" in told


def test_an_embedding_model_without_a_key_is_told_to_who_asks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("NAKODO_EMBEDDINGS", "openai:text-embedding-3-small")
    code, out, err = run("ask", "MVPって何")
    assert (code, out) == (1, "")
    assert "Set NAKODO_EMBEDDINGS_KEY" in err


def test_the_list_of_commands_cuts_no_sentence_off(run: Run) -> None:
    _, out, _ = run("--help")
    assert "..." not in out.partition("Commands:")[2]
