"""Who did what: histories, commands, codes and sign-ins, the latest first, of one programme and no other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.post import Account, Event, Place
from adapters.services.store import Directory, Lane, Mail, SqlStore
from adapters.services.store.audit import SIGN_IN, Audit
from adapters.services.store.engine import open_engine
from bot.model import Message, MessageId, Person, Room, RoomId
from bot.partnership import By
from bot.scene import Scene
from tests.adapters.memory import Clock

AT = datetime(2026, 4, 6, 1, tzinfo=UTC)
ROOM, OTHER = RoomId("r"), RoomId("other")
TANAKA = Person(name="田中", side="facilitator")
LASTS = timedelta(days=14)


class House:
    """A store, a directory and a post on one database."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self.store, self.clock, self.tenant = store, clock, store.tenant
        self.directory, self.mail = Directory(store.engine, clock=clock), Mail(store.engine, clock=clock)
        self.audit = Audit(store.engine, store.tenant)

    def says(self, words: str, room: RoomId = ROOM, *, private: bool = True, tenant: str | None = None) -> None:
        store = self.store.of(tenant or self.tenant)
        scene = store.load(room) or Scene(room=Room(id=room, people=(TANAKA,)))
        at = self.clock.on(minutes=1)
        said = Message(id=MessageId(f"m{at}"), sender=TANAKA, at=at, text=words, private=private)
        store.keep(scene, message=said)

    def comes_in(self, account: str, name: str, tenant: str | None = None) -> str:
        """Let somebody sign in, and return who they are."""
        known = self.directory.meet(tenant or self.tenant, Account(key=account, name=name))
        event = Event(
            id=f"{SIGN_IN}{uuid4().hex}", channel="web", kind="opened", place=Place(key=account, direct=True),
            account=known.account, at=self.clock.on(minutes=1),
        )  # fmt: skip
        self.mail.receive(event, Lane(tenant or self.tenant, f"lobby:{account}"))
        return known.person


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    clock = Clock(AT)
    store = SqlStore(open_engine(url, tmp_path), f"default-{uuid4()}", clock=clock)
    yield House(store, clock)
    store.close()


def test_changes_and_commands_come_in_one_order_and_talk_does_not(house: House) -> None:
    house.says("/mode review", private=False)
    scene = house.store.load(ROOM)
    assert scene is not None
    by = By(who="田中", side="facilitator", at=house.clock.on(minutes=1))
    house.store.keep(scene.recorded(scene.record.decide(by, "会う")))
    for words in ("モードの話", "mode", "/modest", "／MODE auto", "@nakodo /mode quiet", "@nakodo modeは?"):
        house.says(words)
    house.says("/mode auto", OTHER)
    found = house.audit.lines([ROOM], ["mode"], most=10)
    assert [one.words or (one.change and one.change.what) for one in found] == [
        "@nakodo /mode quiet",
        "／MODE auto",
        "/modest",
        "decision",
        "/mode review",
    ]
    assert [one.private for one in found] == [True, True, True, False, False]
    assert house.audit.lines([ROOM], ["mode"], most=2, skip=3) == found[3:5]
    assert Audit(house.store.engine, "elsewhere").lines([ROOM], ["mode"], most=10) == ()


def test_codes_name_who_gave_them_out_when_for_whom_and_how_many_may_still_come(house: House) -> None:
    house.says("はい")
    known = house.directory.meet(house.tenant, Account(key="slack:T1:U3", name="Tanaka"))
    house.directory.seat(house.tenant, ROOM, known.person, "田中", member=True)
    at = house.clock.on(hours=1)
    code = house.directory.issue(house.tenant, "join", known.person, room=ROOM, side="sme", lasts=LASTS, uses=10)
    house.directory.issue(house.tenant, "sign_in", known.person, lasts=LASTS)
    house.directory.issue(house.tenant, "join", known.person, room=OTHER, side="sme", lasts=LASTS)
    assert house.directory.redeem(code, "join")
    [found] = house.audit.codes([ROOM], LASTS)
    assert found == (ROOM, at, "田中", "sme", 9)
    assert Audit(house.store.engine, "elsewhere").codes([ROOM], LASTS) == ()


def test_arrivals_are_told_with_who_let_them_in_and_once(house: House) -> None:
    tanaka, kim, park = (
        house.directory.meet(house.tenant, Account(key=f"slack:T1:U{name}", name=name)).person
        for name in ("田中", "Kim", "Park")
    )
    seat, clock = house.directory.seat, house.clock
    seat(house.tenant, ROOM, kim, "Kim")  # They passed by before they came.
    first = clock.on(hours=1)
    seat(house.tenant, ROOM, tanaka, "田中", member=True, let_in_by=tanaka)
    then = clock.on(hours=1)
    seat(house.tenant, ROOM, kim, "Kim", member=True, let_in_by=tanaka)
    clock.on(hours=1)
    seat(house.tenant, ROOM, kim, "Kim", member=True, let_in_by=park)
    seat(house.tenant, ROOM, park, "Park", member=True)  # By a command, which tells.
    seat(house.tenant, OTHER, kim, "Kim", member=True, let_in_by=park)
    came = house.audit.arrivals([ROOM], most=10)
    assert came == ((ROOM, then, "Kim", "田中"), (ROOM, first, "田中", ""))
    assert house.audit.arrivals([ROOM], most=1) == came[:1]
    assert [one.by for one in house.audit.arrivals([OTHER], most=10)] == ["?"]
    assert Audit(house.store.engine, "elsewhere").arrivals([ROOM], most=10) == ()


def test_who_let_others_in_by_two_accounts_did_so_as_one_person(house: House) -> None:
    slack, telegram, kim = (
        house.directory.meet(house.tenant, Account(key=key, name=name)).person
        for key, name in (("slack:T1:U3", "田中"), ("telegram:7", "田中"), ("slack:T1:U9", "Kim"))
    )
    house.directory.seat(house.tenant, ROOM, slack, "田中", member=True)
    house.directory.seat(house.tenant, ROOM, kim, "Kim", member=True, let_in_by=telegram)
    assert house.directory.merge(house.tenant, slack, telegram)
    assert [one.by for one in house.audit.arrivals([ROOM], most=10)] == ["田中"]


def test_sign_ins_are_told_the_latest_first_of_all_or_of_one(house: House) -> None:
    tanaka = house.comes_in("web:slack:T1:U3", "田中")
    house.comes_in("web:local", "事業の主催者")
    house.comes_in("web:slack:T1:U9", "鈴木", tenant=f"{house.tenant}-other")
    house.comes_in("web:slack:T1:U3", "田中")
    assert [one.who for one in house.audit.sign_ins(None, most=10)] == ["田中", "事業の主催者", "田中"]
    assert [one.who for one in house.audit.sign_ins(None, most=2)] == ["田中", "事業の主催者"]
    assert [one.at for one in house.audit.sign_ins(tanaka, most=10)] == [
        AT + timedelta(minutes=4),
        AT + timedelta(minutes=1),
    ]
