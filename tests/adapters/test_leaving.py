"""Who has left a partnership is shut out of it wherever they write, press or look."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.home import home_of
from bot.model import Label, MessageId, Person, Reply
from bot.scene import Held
from tests.adapters.memory import ROOM, SATO, TANAKA, Hall, direct, open_hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    hall.sets_up()
    yield hall
    hall.store.close()


def texts(hall: Hall, words: str, **form: tuple[str, ...]) -> str:
    return "\n".join(one.reply.text for one in hall.hears(hall.happens.private(SATO, words, form=form)))


def code_of(hall: Hall) -> str:
    hall.hears(hall.happens.said(TANAKA, "/invite sme"))
    said = list(hall.parcels().values())[-1].reply.text
    return next(line for line in said.splitlines() if line[4:5] == "-")


def test_who_has_left_reads_no_record_by_word_button_page_or_old_code(hall: Hall) -> None:
    code = code_of(hall)
    hall.hears(hall.happens.private(SATO, "/decide 五ミリ"))
    form = hall.hears(hall.happens.private(SATO, "/coach readiness"))[-1]
    said = hall.hears(hall.happens.said(TANAKA, f"/remove <@{SATO.key}>"))
    assert [one.account for one in said] == [TANAKA]
    known = hall.directory.known("default", SATO.key)
    assert known is not None
    assert (known.room, hall.directory.rooms_of("default", known.person)) == (None, ())
    assert home_of(hall.store, hall.directory, "default", SATO.key, hall.clock()).rooms == ()
    before = hall.scene().record
    for words in ("/record", "/export", "/decide やめる"):
        assert "五ミリ" not in texts(hall, words)
        assert "五ミリ" not in texts(hall, words, room=(ROOM,))
    hall.hears(hall.happens.event(SATO, direct(SATO), kind="pressed", button=f"{form.id}:0"))
    assert "このコードは使えませんでした" in texts(hall, code)
    assert hall.scene().room.person("佐藤") is None
    assert (hall.scene().record, hall.scene().exercises) == (before, ())


def test_what_waited_for_the_morning_is_not_said_to_who_leaves_that_morning(hall: Hall) -> None:
    label = Label(why="w", how="ask", whom="佐藤")
    kept = Reply(to="佐藤", kind="question", text="内緒の一言", in_reply_to=MessageId("m"), label=label)
    hall.store.keep(hall.scene().having(held=(Held(reply=kept, at=hall.clock()),)))
    said = hall.hears(hall.happens.private(TANAKA, "/remove 佐藤"))
    assert [one.account for one in said] == [TANAKA]


def test_who_leaves_by_their_own_word_is_answered(hall: Hall) -> None:
    hall.hears(hall.happens.private(TANAKA, "/side facilitator Lee"))
    (answer,) = hall.hears(hall.happens.private(TANAKA, "/remove 田中"))
    posted = hall.mail.posted("default", answer.id)
    assert posted is not None
    assert (posted.state, answer.account) == ("waiting", TANAKA)


def test_who_has_left_may_be_let_in_again(hall: Hall) -> None:
    hall.hears(hall.happens.private(TANAKA, "/remove 佐藤"))
    hall.hears(hall.happens.private(TANAKA, "/side sme 佐藤"))
    assert hall.scene().room.person("佐藤") == Person(name="佐藤", side="sme")
    assert "二人の記録" in texts(hall, "/record")
