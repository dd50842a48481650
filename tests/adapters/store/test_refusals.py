"""What a database refuses is told apart, each with what to do, and without a secret."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from adapters.services.store import StoreError, open_store
from adapters.services.store.errors import told
from tests.servers.postgres import Postgres, address

GUEST = "nakodo_test_guest"
FAILED = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '


def refusal(url: str, home: Path) -> StoreError:
    with pytest.raises(StoreError) as caught:
        open_store(url, home)
    assert "hush" not in str(caught.value)
    return caught.value


def heard(said: str, statement: str | None = None) -> StoreError:
    """Return what becomes of something that PostgreSQL says: while somebody connects, unless they asked already."""
    with pytest.raises(StoreError) as caught, told("db"):
        raise OperationalError(statement, {}, psycopg.OperationalError(said))
    return caught.value


@pytest.fixture
def guest(postgres: Postgres) -> Iterator[str]:
    """Somebody who may connect and no more."""
    plain = address(postgres.url.set(drivername="postgresql"))
    with closing(psycopg.connect(plain, autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'hush'").format(sql.Identifier(GUEST)))
        yield GUEST
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(GUEST)))


def test_a_database_that_does_not_exist_is_to_be_made(postgres: Postgres, tmp_path: Path) -> None:
    found = refusal(address(postgres.url.set(database="nowhere", password="hush")), tmp_path)
    assert "no such database" in found.what
    assert "CREATE DATABASE" in found.remedy


def test_a_user_that_does_not_exist_is_to_be_made(postgres: Postgres, tmp_path: Path) -> None:
    found = refusal(address(postgres.url.set(username="nobody_here", password="hush")), tmp_path)
    assert "does not know this user" in found.what
    assert "CREATE ROLE" in found.remedy


def test_a_user_who_may_make_no_tables_is_to_be_allowed_to(empty_postgres: str, guest: str, tmp_path: Path) -> None:
    url = make_url(empty_postgres).set(username=guest, password="hush")
    found = refusal(address(url), tmp_path)
    assert "may not make tables" in found.what
    assert "GRANT USAGE, CREATE ON SCHEMA" in found.remedy


def test_tables_of_another_user_are_told(ready_postgres: str, guest: str, tmp_path: Path) -> None:
    url = make_url(ready_postgres).set(username=guest, password="hush")
    assert "another user's" in refusal(address(url), tmp_path).what


@pytest.mark.parametrize(
    ("said", "what", "remedy"),
    [
        ('FATAL:  password authentication failed for user "u"', "password", "NAKODO_DATABASE_URL"),
        ("fe_sendauth: no password supplied", "password", "NAKODO_DATABASE_URL"),
        ('FATAL:  ユーザー"u"のパスワード認証に失敗しました', "password", "NAKODO_DATABASE_URL"),
        ('FATAL:  データベース"n"は存在しません', "no such database", "CREATE DATABASE"),
        (
            'FATAL:  データベース"n"への接続が拒否されました\nDETAIL:  ユーザーはCONNECT権限を持ちません。',
            "may not use",
            "GRANT CONNECT",
        ),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "u"', "from this machine", "pg_hba.conf"),
        ("FATAL:  sorry, too many clients already", "no more connections", "max_connections"),
        ("FATAL:  the database system is starting up", "starting", "moment"),
        ("Connection refused", "does not answer", "the port"),
    ],
)
def test_what_is_said_to_who_connects_is_told_apart(said: str, what: str, remedy: str) -> None:
    for message in (
        FAILED + said,
        f"Multiple connection attempts failed. All failures were:\n- host: {FAILED}{said}",
    ):
        found = heard(message)
        assert what in found.what
        assert remedy in found.remedy


def test_a_host_that_does_not_exist_is_not_a_server_that_sleeps() -> None:
    found = heard("failed to resolve host 'nowhere': [Errno -2] Name or service not known")
    assert "no machine" in found.what


def test_what_people_wrote_is_not_taken_for_a_reason() -> None:
    found = heard("value too long\nDETAIL: the disk is full, password authentication failed", "INSERT")
    assert found.what == "the database refuses (value too long)"


def test_a_state_is_understood_in_any_language() -> None:
    with pytest.raises(StoreError, match="may not make tables"), told("db"):
        raise ProgrammingError("CREATE", {}, psycopg.errors.InsufficientPrivilege("スキーマ public は拒否"))


def test_an_at_sign_in_a_password_gives_nothing_of_it_away(tmp_path: Path) -> None:
    found = refusal("postgresql://u:p@hush@127.0.0.1:1/nakodo", tmp_path)
    assert "%40" in found.remedy
