"""The bot's own page shows each person what is theirs, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.home import DRAFTS, DUE, ROOMS, first_home_of, home_of
from adapters.post import Account, Home, Place
from bot.model import MessageId, Reply
from bot.names import NDA_NAMES, STAGE_NAMES
from bot.partnership import By
from bot.scene import Draft
from tests.adapters.memory import AT, LEE, ROOM, SATO, TANAKA, Hall, MemoryChannel, account, open_hall

TODAY = AT.date()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    hall.sets_up()
    yield hall
    hall.store.close()


def home(hall: Hall, who: Account) -> Home:
    return home_of(hall.store, hall.directory, "default", who.key, hall.clock())


def works(hall: Hall) -> None:
    """Let the room have actions of both sides and of each alone."""
    scene = hall.scene()
    by = By.of(scene.room.people[0], AT)
    record = (
        scene.record.add_action(by, "日付なし", owner="Lee")
        .add_action(by, "図面を送る", owner="佐藤", due=TODAY + timedelta(days=9))
        .add_action(by, "見学の日を決める", due=TODAY - timedelta(days=1))
        .add_action(by, "原価を見直す", side="sme", due=TODAY)
        .add_action(by, "投資家に話す", side="startup", due=TODAY)
    )
    hall.store.keep(scene.recorded(record))


def drafted(hall: Hall, count: int = 1) -> None:
    scene = hall.scene()
    for number in range(1, count + 1):
        reply = Reply(to="佐藤", kind="answer", text=f"下書き{number}", in_reply_to=MessageId("m1"))
        scene = scene.drafting(Draft(id=f"d{number}", reply=reply, at=AT))
    hall.store.keep(scene)


def test_who_was_never_met_sees_a_greeting_and_nothing_else(hall: Hall) -> None:
    page = home(hall, account(404))
    assert (page.locale, page.rooms) == ("ja", ())
    assert "そのままお書きください" in page.hello


class Slack(MemoryChannel):
    """Knows in which language people have their Slack."""

    async def acquainted(self, account: Account) -> Account:
        self.asked.append(account.key)
        return account.model_copy(update={"name": "Mia", "locale": "en"})


async def test_who_comes_for_the_first_time_is_greeted_in_the_language_of_their_client(hall: Hall) -> None:
    slack = Slack()
    page = await first_home_of(hall.store, hall.directory, slack, "T1", account(404).key, now=hall.clock())
    assert (page.locale, page.hello[:5]) == ("en", "Hello")


async def test_who_was_met_before_is_not_asked_about_again(hall: Hall) -> None:
    hall.directory.meet("default", account(5, "健", "ja"))
    slack = Slack()
    page = await first_home_of(hall.store, hall.directory, slack, "default", account(5).key, now=hall.clock())
    assert (page.locale, slack.asked) == ("ja", [])


def test_a_passer_by_sees_no_partnership(hall: Hall) -> None:
    passer = account(9, "佐藤")
    hall.hears(hall.happens.said(passer, "こんにちは"))
    assert home(hall, passer).rooms == ()


def test_who_uses_english_reads_english(hall: Hall) -> None:
    hall.directory.meet("default", account(2, "Lee", "en"))
    page = home(hall, LEE)
    assert page.locale == "en"
    assert "write it to me" in page.hello


def test_a_member_sees_where_the_two_stand(hall: Hall) -> None:
    hall.hears(hall.happens.said(TANAKA, "/stage meeting"), hall.happens.said(TANAKA, "/nda signed"))
    [room] = home(hall, SATO).rooms
    assert (room.room, room.title) == (ROOM, "栃ノ木精密 × ルミナ")
    assert room.where == f"{STAGE_NAMES['meeting'].ja} ・ NDA {NDA_NAMES['signed'].ja}"


@pytest.mark.parametrize(
    ("who", "sees", "never"), [(SATO, "原価を見直す", "投資家に話す"), (LEE, "投資家に話す", "原価を見直す")]
)
def test_what_one_side_noted_for_itself_is_not_on_the_others_page(
    hall: Hall, who: Account, sees: str, never: str
) -> None:
    works(hall)
    page = home(hall, who).model_dump_json()
    assert sees in page
    assert never not in page


def test_what_is_due_first_stands_first_and_can_be_ticked_off(hall: Hall) -> None:
    works(hall)
    [room] = home(hall, SATO).rooms
    assert [one.text.split()[0] for one in room.due] == ["見学の日を決める", "原価を見直す", "図面を送る", "日付なし"]
    assert room.due[2].text == f"図面を送る @佐藤 {TODAY + timedelta(days=9)}"
    assert [one.command for one in room.due] == [f"/action done {number}" for number in (3, 4, 2, 1)]
    hall.hears(hall.happens.private(SATO, room.due[0].command))
    assert len(home(hall, SATO).rooms[0].due) == 3


def test_drafts_are_on_the_page_of_who_leads_alone(hall: Hall) -> None:
    drafted(hall, 2)
    assert [one.drafts for who in (SATO, LEE) for one in home(hall, who).rooms] == [(), ()]
    [room] = home(hall, TANAKA).rooms
    assert [one.text for one in room.drafts] == ["d1 → 佐藤: 下書き1", "d2 → 佐藤: 下書き2"]
    hall.hears(hall.happens.private(TANAKA, room.drafts[0].command))
    assert [one.command for one in home(hall, TANAKA).rooms[0].drafts] == ["/approve d2"]


def test_a_page_shows_so_much_at_most(hall: Hall) -> None:
    drafted(hall, DRAFTS + 2)
    scene = hall.scene()
    by, record = By.of(scene.room.people[0], AT), scene.record
    for number in range(DUE + 2):
        record = record.add_action(by, f"すること{number}")
    hall.store.keep(scene.recorded(record))
    [room] = home(hall, TANAKA).rooms
    assert (len(room.drafts), len(room.due)) == (DRAFTS, DUE)


def test_a_page_shows_so_many_partnerships_at_most_and_only_ones_own(hall: Hall) -> None:
    for number in range(ROOMS + 1):
        place = Place(key=f"slack:T1:X{number:02}")
        hall.hears(hall.happens.event(TANAKA, place, kind="arranged", form={"facilitator": (TANAKA.key,)}))
    assert len(home(hall, TANAKA).rooms) == ROOMS
    assert [one.room for one in home(hall, SATO).rooms] == [ROOM]


def test_a_partnership_of_another_programme_is_not_on_the_page(hall: Hall) -> None:
    assert home_of(hall.store, hall.directory, "T2", SATO.key, AT).rooms == ()


def test_both_accounts_of_a_person_see_the_same(hall: Hall) -> None:
    phone = account(42, "Sato", channel="telegram")
    one, other = hall.directory.known("default", SATO.key), hall.directory.meet("default", phone)
    assert one and hall.directory.merge("default", one.person, other.person)
    assert home(hall, phone).rooms == home(hall, SATO).rooms != ()
