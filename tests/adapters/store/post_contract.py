"""What the post and the directory must do, whatever database they stand on."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier, BrokenBarrierError, Thread
from threading import Event as Signal
from typing import NamedTuple, TypeAlias, TypeVar

import pytest
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.orm import Session

from adapters.post import Account, Event, File, Parcel, Place
from adapters.services.store import Directory, Lane, Mail, Span, SqlStore, StaleSceneError, StoreError, Taken
from adapters.services.store.directory import Purpose
from adapters.services.store.tables import CodeRow, FeedbackRow, InboxRow, OutboxRow
from bot.model import Label, MessageId, Reply, RoomId
from tests.adapters.store.contract import loaded
from tests.adapters.store.scenes import CITATION, ROOM, bare, message, rich

START = datetime(2026, 4, 1, 9, tzinfo=UTC)
LANE, BANK = Lane("chamber", ROOM), Lane("bank", ROOM)
HERE = Place(key="telegram:-100", thread="t7")
SATO, LEE = Account(key="telegram:42", name="佐藤", locale="ja"), Account(key="slack:T1:U1", name="Lee", locale="en")
TOGETHER = 0.25
"""Seconds that one waits for the others to come as far as itself; where the database keeps them out, they cannot."""
_T = TypeVar("_T")


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **much: float) -> datetime:
        self.now += timedelta(**much)
        return self.now


class Post(NamedTuple):
    """One process's view of a database."""

    engine: Engine
    mail: Mail
    directory: Directory

    def store(self, tenant: str = LANE.tenant) -> SqlStore:
        return SqlStore(self.engine, tenant)


Open: TypeAlias = Callable[[], Post]
"""Opens the same database anew, as another process would."""


def at_once(acts: Sequence[tuple[Post, Callable[[Post], _T]]]) -> list[_T | StoreError]:
    """Do things in as many processes, none of which goes on from its first question before all have asked theirs."""
    barrier = Barrier(len(acts))

    def run(post: Post, act: Callable[[Post], _T]) -> _T | StoreError:
        met: list[str] = []

        def meet(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
            if not met and not statement.startswith(("BEGIN", "PRAGMA")):
                met.append(statement)
                with suppress(BrokenBarrierError):
                    barrier.wait(TOGETHER)

        with listening(post.engine, "after_cursor_execute", meet):
            try:
                return act(post)
            except StoreError as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(20) for future in [pool.submit(run, *one) for one in acts]]


@contextmanager
def listening(engine: Engine, name: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(engine, name, listener)
    try:
        yield
    finally:
        event.remove(engine, name, listener)


def came(number: int = 1, account: Account = SATO, **other: object) -> Event:
    plain: dict[str, object] = {
        "id": f"e{number}", "channel": "telegram", "kind": "said", "place": HERE, "account": account, "at": START,
        "text": f"言葉{number} 🙏", "message": f"{HERE.key}:{number}",
    }  # fmt: skip
    return Event.model_validate(plain | other)


def whole() -> Event:
    """Return an event in which every field holds something."""
    return Event(
        id="e1", channel="slack", kind="said", place=Place(key="slack:T1:C1", direct=True, thread="9"), account=LEE,
        at=START, text="言葉", called=True, message="m", button="b:1", files=(File(name="図.pdf", size=3, ref="r"),),
        form={"sme": ("a", "b")}, moved_to="x", invites="https://t.me/x?start=", team="T1", album="7",
        hears_all=True,
    )  # fmt: skip


def parcel(
    name: str = "p1", lane: Lane = LANE, *, place: Place | None = HERE, account: Account | None = None,
    answers: str = "", unasked: bool = False,
) -> Parcel:  # fmt: skip
    label = Label(why="NDAの前です", how="warn", whom="room") if unasked else None
    reply = Reply(
        to="room", kind="answer", text=f"返事{name}", citations=(CITATION,), choices=("/nda", "/help"),
        in_reply_to=MessageId("m1"), label=label,
    )  # fmt: skip
    return Parcel(
        id=name, tenant=lane.tenant, channel="telegram", place=place, account=account, answers=answers, reply=reply
    )


def took(post: Post, lane: Lane = LANE) -> Taken:
    taken = post.mail.take(lane)
    assert taken is not None
    return taken


def column(post: Post, wanted: object) -> list[object]:
    with post.engine.connect() as connection:
        return list(connection.scalars(select(wanted)))  # type: ignore[call-overload]


class Contract:
    """A subclass for each database brings the fixture `open_post`."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def post(self, open_post: Open) -> Post:
        return open_post()


class MailContract(Contract):
    """The inbox."""

    # Coming in

    def test_events_are_numbered_as_they_come_in_each_lane(self, post: Post) -> None:
        lobby = Lane("chamber", "telegram:42")
        lanes = (LANE, lobby, LANE, BANK, LANE)
        assert [post.mail.receive(came(n), lane) for n, lane in enumerate(lanes)] == [1, 1, 2, 1, 3]

    def test_an_event_that_comes_again_is_not_written_again(self, post: Post, open_post: Open) -> None:
        assert post.mail.receive(came(), LANE) == 1
        assert post.mail.receive(came(text="同じ"), LANE) is None
        assert open_post().mail.receive(came(), Lane("chamber", "elsewhere")) is None
        post.mail.settle(LANE, [1])
        assert post.mail.receive(came(), LANE) is None
        assert post.mail.receive(came(2), LANE) == 2

    def test_events_of_one_id_on_two_channels_or_in_two_programmes_are_two(self, post: Post) -> None:
        assert post.mail.receive(came(), LANE) == 1
        assert post.mail.receive(came(channel="slack"), LANE) == 2
        assert post.mail.receive(came(), BANK) == 1

    def test_an_event_comes_back_as_it_was(self, post: Post) -> None:
        assert set(whole().model_dump(exclude_defaults=True)) == set(Event.model_fields)
        post.mail.receive(whole(), LANE)
        assert took(post).event == whole()

    def test_an_event_that_comes_through_many_doors_at_once_is_written_once(self, open_post: Open) -> None:
        numbers = at_once([(open_post(), lambda post: post.mail.receive(came(), LANE)) for _ in range(4)])
        assert sorted(map(str, numbers)).count("None") == 3
        assert open_post().mail.counts().waiting == 1

    def test_many_doors_together_lose_no_event_and_write_none_twice(self, post: Post, open_post: Open) -> None:
        def receive(door: Post, first: int) -> list[int]:
            order = [*range(first, 12), *range(first)]
            return [n for n in (door.mail.receive(came(number), LANE) for number in order) if n is not None]

        doors = [(open_post(), first) for first in (0, 4, 8, 11)]
        with ThreadPoolExecutor(4) as pool:
            written = [number for numbers in pool.map(lambda one: receive(*one), doors) for number in numbers]
        assert len(written) == len(set(written)) == 12
        assert post.mail.counts().waiting == 12

    def test_who_comes_later_is_written_later_though_the_one_before_is_slow(
        self, post: Post, open_post: Open
    ) -> None:
        post.mail.receive(came(0), LANE)
        slow, late = open_post(), open_post()
        numbered, go_on, numbers = Signal(), Signal(), []

        def hold(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("INSERT INTO inbox"):
                numbered.set()
                go_on.wait(10)

        def receive(one: Post, number: int) -> None:
            numbers.append((number, one.mail.receive(came(number), LANE)))

        first, second = Thread(target=receive, args=(slow, 1)), Thread(target=receive, args=(late, 2))
        with listening(slow.engine, "before_cursor_execute", hold):
            first.start()
            assert numbered.wait(10)
            second.start()
            second.join(TOGETHER)
            passed_by = not second.is_alive()
            go_on.set()
            first.join(10)
            second.join(10)
        assert not passed_by
        assert sorted(numbers) == [(1, 2), (2, 3)]

    def test_a_lane_that_begins_for_two_at_once_begins_once(self, open_post: Open) -> None:
        acts = [(open_post(), lambda post, n=n: post.mail.receive(came(n), LANE)) for n in range(3)]
        assert sorted(at_once(acts), key=str) == [1, 2, 3]

    # Its turn

    def test_the_first_that_waits_is_taken_and_each_try_counted(self, post: Post, clock: Clock) -> None:
        for number in (1, 2):
            post.mail.receive(came(number), LANE)
            clock.passes(seconds=1)
        assert took(post) == Taken(LANE, 1, came(1), 1, START)
        assert took(post) == Taken(LANE, 1, came(1), 2, START)
        post.mail.settle(LANE, [1])
        assert took(post) == Taken(LANE, 2, came(2), 1, START + timedelta(seconds=1))
        post.mail.settle(LANE, [2], state="aside")
        assert post.mail.take(LANE) is None

    def test_two_who_take_at_once_are_two_tries(self, post: Post, open_post: Open) -> None:
        post.mail.receive(came(), LANE)
        at_once([(open_post(), lambda one: one.mail.take(LANE)) for _ in range(2)])
        assert took(post).tries == 3

    def test_what_follows_waits_behind_in_its_order(self, post: Post, clock: Clock) -> None:
        for number in range(1, 5):
            post.mail.receive(came(number), LANE)
            clock.passes(seconds=1)
        post.mail.receive(came(9), Lane("chamber", "elsewhere"))
        post.mail.settle(LANE, [3])
        seconds = timedelta(seconds=1)
        assert post.mail.following(took(post)) == ((2, came(2), START + seconds), (4, came(4), START + 3 * seconds))
        post.mail.settle(LANE, [1, 2])
        assert post.mail.following(took(post)) == ()

    def test_lanes_in_which_something_waits_are_known_and_since_when(self, post: Post, clock: Clock) -> None:
        old, new = LANE, Lane("bank", "x")
        post.mail.receive(came(1), old)
        post.mail.receive(came(2), old)
        later = clock.passes(minutes=1)
        post.mail.receive(came(3), new)
        assert sorted(post.mail.lanes_waiting()) == sorted([old, new])
        assert post.mail.lanes_waiting(later) == (old,)
        assert post.mail.lanes_waiting(START) == ()
        post.mail.settle(old, [1, 2])
        assert post.mail.lanes_waiting() == (new,)

    # What became of it

    def test_a_turn_its_event_and_its_parcels_are_written_together(self, post: Post) -> None:
        post.mail.receive(came(), LANE)
        beside = post.mail.handled(LANE, [1], room=ROOM, stored="m1", parcels=[parcel()], driven=True)
        post.store().keep(bare(), message=message(1), beside=beside)
        assert post.mail.take(LANE) is None
        posted = post.mail.posted("chamber", "p1")
        assert posted is not None
        assert (posted.parcel, posted.lane, posted.room, posted.driven) == (parcel(), LANE, ROOM, True)
        assert loaded(post.store()) == bare()

    def test_a_turn_that_comes_too_late_leaves_its_event_waiting_and_sends_nothing(self, post: Post) -> None:
        post.mail.receive(came(), LANE)
        store = post.store()
        store.keep(bare())
        stale = loaded(store)
        store.keep(loaded(store))
        beside = post.mail.handled(LANE, [1], room=ROOM, stored="m1", parcels=[parcel()])
        with pytest.raises(StaleSceneError):
            store.keep(stale.having(takeover="田中"), message=message(1), beside=beside)
        assert took(post).event == came()
        assert post.mail.posted("chamber", "p1") is None

    def test_an_event_that_cannot_be_settled_leaves_the_room_as_it_was(self, post: Post) -> None:
        post.mail.receive(came(), LANE)
        store = post.store()
        store.keep(bare())

        def torn(session: object) -> None:
            post.mail.handled(LANE, [1], room=ROOM, stored="m1", parcels=[parcel()])(session)  # type: ignore[arg-type]
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            store.keep(loaded(store).having(takeover="田中"), message=message(1), beside=torn)
        assert loaded(store) == bare()
        assert store.timeline(ROOM) == ()
        assert took(post).event == came()
        assert post.mail.posted("chamber", "p1") is None
        store.keep(loaded(store), message=message(1), beside=post.mail.handled(LANE, [1], parcels=[parcel()]))
        assert post.mail.unsent(LANE) == ("p1",)

    @pytest.mark.parametrize("state", ["handled", "ignored"])
    def test_the_words_of_an_event_are_wiped_when_it_is_settled_and_those_of_others_are_not(
        self, post: Post, state: str
    ) -> None:
        for lane in (LANE, BANK):
            post.mail.receive(came(1), lane)
            post.mail.receive(came(2), lane)
        post.mail.settle(LANE, [1], state=state)
        assert sorted(map(str, column(post, InboxRow.payload))) == sorted(
            ["", came(1).model_dump_json(), came(2).model_dump_json(), came(2).model_dump_json()]
        )
        assert took(post).sequence == 2
        assert took(post, BANK).sequence == 1

    def test_what_a_message_became_is_found_by_its_place_and_name(self, post: Post) -> None:
        post.mail.receive(came(1), LANE)
        post.mail.receive(came(2), LANE)
        one = came().message
        assert post.mail.became("chamber", HERE.key, one) is None
        post.store().keep(rich(), beside=post.mail.handled(LANE, [1, 2], room=ROOM, stored="m1"))
        assert post.mail.became("chamber", HERE.key, one) == (ROOM, "m1", None)
        assert post.mail.became("chamber", HERE.key, came(2).message) == (ROOM, "m1", None)
        assert post.mail.became("chamber", HERE.key, "other") is None
        assert post.mail.became("chamber", "telegram:-200", one) is None
        assert post.mail.became("bank", HERE.key, one) is None

    def test_what_was_settled_outside_of_rooms_became_nothing(self, post: Post) -> None:
        post.mail.receive(came(), LANE)
        post.mail.settle(LANE, [1], state="ignored")
        assert post.mail.became("chamber", HERE.key, came().message) is None

    def test_recent_events_are_counted_by_account_and_in_all_up_to_the_one_in_hand(
        self, post: Post, clock: Clock
    ) -> None:
        for number, account in enumerate((SATO, SATO, LEE)):
            post.mail.receive(came(number, account), LANE)
            clock.passes(seconds=10)
        first = took(post)
        assert post.mail.recent(first, START)[0] == 1
        post.mail.settle(LANE, [first.sequence])
        second = took(post)
        assert post.mail.recent(second, START)[0] == 2
        assert post.mail.recent(second, START + timedelta(seconds=5))[0] == 1
        post.mail.settle(LANE, [second.sequence])
        third = took(post)
        assert post.mail.recent(third, START)[0] == 1
        assert post.mail.recent(third, START)[1] == 3
        assert post.mail.recent(third._replace(lane=BANK), START)[1] == 0

    def test_words_of_a_breath_keep_their_places_when_one_of_them_is_reworded(self, post: Post) -> None:
        for number in (1, 2):
            post.mail.receive(came(number), LANE)
        spans = [Span(0, 4), Span(5, 6)]
        post.store().keep(rich(), beside=post.mail.handled(LANE, [1, 2], room=ROOM, stored="m1", spans=spans))
        first = post.mail.became("chamber", HERE.key, came(1).message)
        assert first is not None
        post.store().keep(loaded(post.store()), beside=post.mail.reworded("chamber", first, 1))
        for number, span in ((1, Span(0, 1)), (2, Span(2, 6))):
            assert post.mail.became("chamber", HERE.key, came(number).message) == (ROOM, "m1", span)

    def test_programmes_never_take_each_others_events(self, post: Post) -> None:
        post.mail.receive(came(1), LANE)
        post.mail.receive(came(2), LANE)
        assert post.mail.take(BANK) is None
        post.mail.receive(came(3), BANK)
        assert took(post, BANK).event == came(3)
        assert post.mail.following(took(post, BANK)) == ()
        post.mail.settle(BANK, [1, 2], parcels=[parcel("p1", BANK)])
        assert took(post).event == came(1)
        assert post.mail.posted("chamber", "p1") is None


class OutboxContract(Contract):
    """What goes out."""

    def send(self, post: Post, *names: str, **how: object) -> None:
        post.mail.send_also(LANE, [parcel(name, **how) for name in names], ROOM)  # type: ignore[arg-type]

    def state(self, post: Post, name: str, tenant: str = "chamber") -> str:
        posted = post.mail.posted(tenant, name)
        assert posted is not None
        return posted.state

    # In order

    def test_parcels_leave_in_the_order_in_which_they_were_thought(self, post: Post, clock: Clock) -> None:
        for number in (1, 2):
            post.mail.receive(came(number), LANE)
            post.mail.settle(LANE, [number], parcels=[parcel(f"{9 - number}b"), parcel(f"{9 - number}a")])
        clock.passes(seconds=1)
        self.send(post, "0", "1")
        assert post.mail.unsent(LANE) == ("8b", "8a", "7b", "7a", "0", "1")
        post.mail.ended("chamber", "8a", "sent", receipt="r")
        post.mail.begin("chamber", "7b")
        assert post.mail.unsent(LANE) == ("8b", "7b", "7a", "0", "1")

    def test_lanes_with_something_to_send_are_known(self, post: Post) -> None:
        assert post.mail.lanes_unsent() == ()
        self.send(post, "p1", "p2")
        post.mail.send_also(BANK, [parcel("p1", BANK)], ROOM)
        assert sorted(post.mail.lanes_unsent()) == sorted([LANE, BANK])
        post.mail.ended("bank", "p1", "withdrawn")
        post.mail.begin("chamber", "p1")
        post.mail.ended("chamber", "p2", "parked")
        assert post.mail.lanes_unsent() == (LANE,)

    def test_what_comes_of_no_event_is_sent_once_though_it_is_told_twice(self, post: Post) -> None:
        self.send(post, "p1")
        post.mail.ended("chamber", "p1", "sent", receipt="r")
        told = ""
        try:
            self.send(post, "p1", "p2")
        except StoreError as error:
            told = str(error)
        assert told == ""
        assert post.mail.unsent(LANE) == ("p2",)

    # One try

    def test_a_parcel_that_is_begun_is_shown_as_it_was_and_counted(self, post: Post) -> None:
        self.send(post, "p1")
        first, second, now = (post.mail.begin("chamber", "p1") for _ in range(3))
        assert first is not None
        assert second is not None
        assert now is not None
        assert [(one.state, one.tries) for one in (first, second, now)] == [
            ("waiting", 0), ("sending", 1), ("sending", 2),
        ]  # fmt: skip
        assert first.parcel == parcel()

    def test_a_parcel_that_is_not_there_cannot_be_begun_or_ended(self, post: Post) -> None:
        self.send(post, "p1")
        assert post.mail.begin("bank", "p1") is None
        assert post.mail.begin("chamber", "p2") is None
        post.mail.ended("bank", "p1", "sent", receipt="r")
        assert self.state(post, "p1") == "waiting"

    @pytest.mark.parametrize("state", ["sent", "refused", "withdrawn", "parked"])
    def test_what_is_over_is_not_begun_again(self, post: Post, state: str) -> None:
        self.send(post, "p1")
        post.mail.begin("chamber", "p1")
        post.mail.ended("chamber", "p1", state)
        begun = post.mail.begin("chamber", "p1")
        assert begun is not None
        assert (begun.state, begun.tries, self.state(post, "p1")) == (state, 1, state)

    def test_of_two_who_begin_at_once_only_one_finds_it_untouched(self, post: Post, open_post: Open) -> None:
        self.send(post, "p1")

        def begin(one: Post) -> str:
            begun = one.mail.begin("chamber", "p1")
            return begun.state if begun else "gone"

        found = at_once([(open_post(), begin) for _ in range(2)])
        assert sorted(map(str, found)) == ["sending", "waiting"]

    # What became of it

    @pytest.mark.parametrize("state", ["sent", "refused", "withdrawn"])
    def test_words_are_wiped_when_it_is_over_and_buttons_and_sources_stay(
        self, post: Post, clock: Clock, state: str
    ) -> None:
        self.send(post, "p1")
        over = clock.passes(seconds=3)
        post.mail.ended("chamber", "p1", state, receipt="r1", reason="why")
        posted = post.mail.posted("chamber", "p1")
        assert posted is not None
        assert posted.parcel.reply == parcel().reply.model_copy(update={"text": ""})
        assert (posted.state, posted.receipt) == (state, "r1")
        assert column(post, OutboxRow.sent_at) == [over]
        assert column(post, OutboxRow.reason) == ["why"]
        assert "返事" not in str(column(post, OutboxRow.parcel))

    @pytest.mark.parametrize("state", ["waiting", "sending", "parked"])
    def test_words_stay_while_it_is_to_be_sent(self, post: Post, state: str) -> None:
        self.send(post, "p1")
        post.mail.ended("chamber", "p1", state, reason="later")
        posted = post.mail.posted("chamber", "p1")
        assert posted is not None
        assert (posted.parcel, posted.state, posted.receipt) == (parcel(), state, None)

    def test_that_it_may_arrive_twice_is_remembered(self, post: Post) -> None:
        self.send(post, "p1")
        post.mail.ended("chamber", "p1", "sending", again=True)
        post.mail.ended("chamber", "p1", "sent", receipt="r")
        posted = post.mail.posted("chamber", "p1")
        assert posted is not None
        assert posted.parcel.again

    def test_what_a_person_could_not_be_told_waits_for_them(self, post: Post) -> None:
        lobby = Lane("chamber", "lobby")
        self.send(post, "p1", place=None, account=SATO)
        self.send(post, "p2", place=None, account=LEE)
        post.mail.send_also(lobby, [parcel("p3", lobby, place=None, account=SATO)], "")
        post.mail.send_also(BANK, [parcel("p1", BANK, place=None, account=SATO)], ROOM)
        self.send(post, "p4", place=None, account=SATO)
        post.mail.ended("chamber", "p4", "sent", receipt="r")
        for tenant, name in (("chamber", "p1"), ("chamber", "p2"), ("chamber", "p3"), ("bank", "p1")):
            post.mail.begin(tenant, name)
            post.mail.ended(tenant, name, "parked", reason="unreachable")
        assert post.mail.lanes_unsent() == ()
        assert sorted(post.mail.unpark("chamber", SATO.key)) == sorted([LANE, lobby])
        assert [self.state(post, name) for name in ("p1", "p2", "p3", "p4")] == [
            "waiting",
            "parked",
            "waiting",
            "sent",
        ]
        assert self.state(post, "p1", "bank") == "parked"
        posted = post.mail.begin("chamber", "p1")
        assert posted is not None
        assert (posted.tries, posted.parcel.reply.text) == (0, "返事p1")
        assert post.mail.unpark("chamber", SATO.key) == ()

    # Found again

    def test_a_parcel_is_found_by_what_its_platform_calls_it(self, post: Post) -> None:
        self.send(post, "p1", "p2")
        post.mail.ended("chamber", "p2", "sent", receipt="r2")
        found = post.mail.by_receipt("chamber", "r2")
        assert found is not None
        assert found.parcel.id == "p2"
        assert post.mail.by_receipt("chamber", "r1") is None
        assert post.mail.by_receipt("bank", "r2") is None

    def test_a_thread_in_which_it_was_asked_is_one_where_it_spoke(self, post: Post) -> None:
        flat = Place(key="slack:T1:C1")
        self.send(post, "p1", place=HERE)
        self.send(post, "p2", place=flat, answers="m5")
        self.send(post, "p3", place=flat.model_copy(update={"thread": "m6"}), unasked=True)
        self.send(post, "p4", place=None, account=SATO, answers="m7")
        assert post.mail.spoke_in(HERE.key, "t7")
        assert post.mail.spoke_in(flat.key, "m5")
        assert not post.mail.spoke_in(HERE.key, "m5")
        assert not any(post.mail.spoke_in(flat.key, thread) for thread in ("m6", "m7", ""))

    def test_the_post_says_how_it_stands(self, post: Post) -> None:
        assert tuple(post.mail.counts()) == (0, 0, 0, 0, 0)
        for number in range(1, 5):
            post.mail.receive(came(number), LANE)
        post.mail.receive(came(), BANK)
        post.mail.settle(LANE, [1])
        post.mail.settle(LANE, [2], state="aside")
        self.send(post, "p1", "p2", "p3", "p4")
        post.mail.begin("chamber", "p1")
        post.mail.ended("chamber", "p2", "parked")
        post.mail.ended("chamber", "p3", "sent", again=True)
        counts = post.mail.counts()
        assert counts._asdict() == {"waiting": 3, "aside": 1, "unsent": 2, "parked": 1, "again": 1}

    # What is noted besides

    def test_a_sign_of_life_is_the_last_one(self, post: Post, open_post: Open) -> None:
        assert post.mail.sign("house") is None
        post.mail.note_sign("house", START)
        post.mail.note_sign("house", START + timedelta(minutes=1))
        assert open_post().mail.sign("house") == START + timedelta(minutes=1)
        assert post.mail.sign("slack") is None

    def test_signs_of_two_at_once_are_both_taken(self, post: Post, open_post: Open) -> None:
        assert (
            at_once([(open_post(), lambda one: one.mail.note_sign("house", START)) for _ in range(2)]) == [None] * 2
        )
        assert post.mail.sign("house") == START

    def test_what_people_thought_of_an_answer_is_kept_as_they_think_now(self, post: Post) -> None:
        self.send(post, "p1")
        posted = post.mail.posted("chamber", "p1")
        assert posted is not None
        post.mail.note_feedback(posted, SATO.key, useful=True)
        post.mail.note_feedback(posted, LEE.key, useful=True)
        post.mail.note_feedback(posted, SATO.key, useful=False)
        with post.engine.connect() as connection:
            rows = connection.execute(select(FeedbackRow.__table__).order_by(FeedbackRow.account)).all()
        assert [(row.tenant, row.parcel, row.account, row.room, row.kind, row.cards, row.useful) for row in rows] == [
            ("chamber", "p1", LEE.key, ROOM, "answer", ["nda-first"], True),
            ("chamber", "p1", SATO.key, ROOM, "answer", ["nda-first"], False),
        ]

    def test_a_thumb_that_is_pressed_twice_at_once_counts_once(self, post: Post, open_post: Open) -> None:
        self.send(post, "p1")
        posted = post.mail.posted("chamber", "p1")
        assert posted is not None

        def press(one: Post) -> None:
            one.mail.note_feedback(posted, SATO.key, useful=True)

        assert at_once([(open_post(), press) for _ in range(2)]) == [None] * 2
        assert column(post, FeedbackRow.useful) == [True]


class DirectoryContract(Contract):
    """Who is who, and where."""

    def person(self, post: Post, account: Account = SATO, tenant: str = "chamber") -> str:
        return post.directory.meet(tenant, account).person

    # Accounts

    def test_who_is_met_again_is_the_same_person_and_what_is_new_is_noted(self, post: Post) -> None:
        first = post.directory.meet("chamber", Account(key="slack:T1:U9"))
        assert (first.account, first.room, first.begun) == (Account(key="slack:T1:U9"), None, "")
        full = Account(key="slack:T1:U9", name="王", locale="en", outsider=True)
        assert post.directory.meet("chamber", full).account == full
        third = post.directory.meet("chamber", Account(key="slack:T1:U9"))
        assert (third.account, third.person) == (full.model_copy(update={"outsider": False}), first.person)
        assert post.directory.known("chamber", "slack:T1:U9") == third

    def test_two_accounts_are_two_persons(self, post: Post) -> None:
        assert self.person(post, SATO) != self.person(post, LEE)

    def test_who_is_met_twice_at_once_is_one_person(self, open_post: Open) -> None:
        found = at_once([(open_post(), lambda one: one.directory.meet("chamber", SATO).person) for _ in range(3)])
        assert not [one for one in found if isinstance(one, StoreError)]
        assert len(set(found)) == 1

    def test_what_somebody_speaks_of_and_has_begun_is_remembered(self, post: Post) -> None:
        self.person(post)
        self.person(post, LEE)
        post.directory.speaks_of("chamber", SATO.key, ROOM)
        post.directory.begins("chamber", SATO.key, "/theme ")
        known, other = (post.directory.known("chamber", one.key) for one in (SATO, LEE))
        assert known is not None
        assert other is not None
        assert (known.room, known.begun, other.room, other.begun) == (ROOM, "/theme ", None, "")
        post.directory.speaks_of("chamber", SATO.key, None)
        post.directory.begins("chamber", SATO.key, "")
        again = post.directory.meet("chamber", SATO)
        assert (again.room, again.begun) == (None, "")

    def test_a_persons_accounts_are_found_by_their_name_in_a_room_the_last_used_first(
        self, post: Post, clock: Clock
    ) -> None:
        sato = self.person(post)
        second = Account(key="slack:T1:U2", name="Sato")
        post.directory.merge("chamber", sato, self.person(post, second))
        post.directory.seat("chamber", ROOM, sato, "佐藤")
        clock.passes(seconds=1)
        post.directory.meet("chamber", second)
        assert post.directory.accounts_of("chamber", ROOM, "佐藤") == (second, SATO)
        clock.passes(seconds=1)
        post.directory.meet("chamber", SATO)
        assert post.directory.accounts_of("chamber", ROOM, "佐藤") == (SATO, second)
        assert post.directory.accounts_on("chamber", sato) == (second.key, SATO.key)
        assert post.directory.accounts_of("chamber", ROOM, "Sato") == ()
        assert post.directory.accounts_of("chamber", RoomId("other"), "佐藤") == ()

    # Seats

    def test_names_in_a_room_are_unlike_each_other_and_stay(self, post: Post) -> None:
        seat = post.directory.seat
        people = {
            "a": "佐藤",
            "b": " 佐藤 ",
            "c": "佐藤",
            "d": "room",
            "e": "facilitator",
            "f": " Ann  Lee ",
            "g": "  ",
        }
        names = [seat("chamber", ROOM, person, name) for person, name in people.items()]
        assert names == ["佐藤", "佐藤 2", "佐藤 3", "room 2", "facilitator 2", "Ann Lee", "?"]
        assert seat("chamber", ROOM, "b", "鈴木") == "佐藤 2"
        assert post.directory.name_in("chamber", ROOM, "b") == "佐藤 2"
        assert seat("chamber", RoomId("other"), "c", "佐藤") == "佐藤"
        assert post.directory.name_in("chamber", RoomId("other"), "a") is None

    def test_two_of_one_name_who_sit_down_at_once_get_two_names(self, post: Post, open_post: Open) -> None:
        def sit(person: str) -> Callable[[Post], str]:
            return lambda one: one.directory.seat("chamber", ROOM, person, "佐藤", member=True)

        names = at_once([(open_post(), sit(person)) for person in "abc"])
        assert sorted(map(str, names)) == ["佐藤", "佐藤 2", "佐藤 3"]
        assert [post.directory.name_in("chamber", ROOM, person) for person in "abc"] == names

    def test_one_who_sits_down_twice_at_once_has_one_seat(self, open_post: Open) -> None:
        names = at_once(
            [(open_post(), lambda one: one.directory.seat("chamber", ROOM, "a", "佐藤")) for _ in range(2)]
        )
        assert names == ["佐藤", "佐藤"]

    def test_who_passes_by_has_no_seat_until_they_sit_down(self, post: Post) -> None:
        seat, other = post.directory.seat, RoomId("B")
        seat("chamber", ROOM, "a", "佐藤")
        assert post.directory.rooms_of("chamber", "a") == ()
        seat("chamber", ROOM, "a", "佐藤", member=True)
        seat("chamber", other, "a", "佐藤", member=True)
        seat("chamber", ROOM, "a", "佐藤")
        assert post.directory.rooms_of("chamber", "a") == (other, ROOM)

    # Who has left

    def leaves(self, post: Post, *names: str, tenant: str = "chamber") -> None:
        step = post.directory.unseated(tenant, ROOM, names)
        with Session(post.engine) as session, session.begin():
            step(session)

    def test_who_has_left_belongs_to_that_room_no_more_and_keeps_their_name_there(self, post: Post) -> None:
        sato, lee, other = self.person(post), self.person(post, LEE), RoomId("B")
        for room, person, name in ((ROOM, sato, "佐藤"), (other, sato, "佐藤"), (ROOM, lee, "Lee")):
            post.directory.seat("chamber", room, person, name, member=True)
        post.directory.speaks_of("chamber", SATO.key, ROOM)
        post.directory.speaks_of("chamber", LEE.key, ROOM)
        self.leaves(post, "佐藤")
        assert post.directory.rooms_of("chamber", sato) == (other,)
        assert post.directory.name_in("chamber", ROOM, sato) == "佐藤"
        assert post.directory.seat("chamber", ROOM, "another", "佐藤") == "佐藤 2"
        assert post.directory.rooms_of("chamber", lee) == (ROOM,)
        spoken = [post.directory.known("chamber", one.key) for one in (SATO, LEE)]
        assert [one and one.room for one in spoken] == [None, ROOM]

    def test_who_speaks_of_another_partnership_goes_on_speaking_of_it(self, post: Post) -> None:
        post.directory.seat("chamber", ROOM, self.person(post), "佐藤", member=True)
        post.directory.speaks_of("chamber", SATO.key, RoomId("B"))
        self.leaves(post, "佐藤")
        known = post.directory.known("chamber", SATO.key)
        assert known is not None
        assert known.room == "B"

    def test_no_old_code_lets_in_who_has_left_and_other_codes_stay(self, post: Post) -> None:
        def issue(tenant: str, purpose: Purpose, room: RoomId | None) -> str:
            return post.directory.issue(tenant, purpose, "p", room=room, side="sme", lasts=timedelta(days=1), uses=9)

        ours = issue("chamber", "join", ROOM)
        others: list[tuple[str, Purpose, RoomId | None]] = [
            ("chamber", "join", RoomId("B")), ("bank", "join", ROOM), ("chamber", "link", None),
        ]  # fmt: skip
        codes = [(issue(*one), one[1]) for one in others]
        post.directory.seat("chamber", ROOM, self.person(post), "佐藤", member=True)
        self.leaves(post)
        assert post.directory.redeem(ours, "join") is not None
        self.leaves(post, "佐藤")
        assert post.directory.redeem(ours, "join") is None
        assert post.directory.redeem(ours, "join", look=True) is not None, "who is in already may click again"
        assert None not in [post.directory.redeem(code, purpose) for code, purpose in codes]

    def test_what_waits_to_be_said_in_private_to_who_has_left_is_not_said_and_loses_its_words(
        self, post: Post
    ) -> None:
        for account, name in ((SATO, "佐藤"), (LEE, "Lee")):
            post.directory.seat("chamber", ROOM, self.person(post, account), name, member=True)
        mine, theirs = (parcel(name, account=SATO, place=None) for name in ("mine", "elsewhere"))
        hers, all_of_us = parcel("hers", account=LEE, place=None), parcel("room")
        post.mail.send_also(LANE, [mine, hers, all_of_us], ROOM)
        post.mail.send_also(LANE, [theirs], "B")
        post.mail.ended("chamber", "mine", "parked")
        self.leaves(post, "佐藤")
        post.mail.unpark("chamber", SATO.key)
        found = {name: post.mail.posted("chamber", name) for name in ("mine", "hers", "room", "elsewhere")}
        assert {name: one and one.state for name, one in found.items()} == {
            "mine": "withdrawn", "hers": "waiting", "room": "waiting", "elsewhere": "waiting",
        }  # fmt: skip
        assert [name for name, one in found.items() if one and not one.parcel.reply.text] == ["mine"]

    def test_who_is_let_in_again_has_their_seat_and_name_again(self, post: Post) -> None:
        sato = self.person(post)
        post.directory.seat("chamber", ROOM, sato, "佐藤", member=True)
        self.leaves(post, "佐藤")
        assert post.directory.seat("chamber", ROOM, sato, "Sato", member=True) == "佐藤"
        assert post.directory.rooms_of("chamber", sato) == (ROOM,)

    # One person, two accounts

    def test_two_persons_become_one_with_all_that_they_have(self, post: Post) -> None:
        sato, lee = self.person(post), self.person(post, LEE)
        post.directory.seat("chamber", ROOM, sato, "佐藤", member=True)
        post.directory.seat("chamber", RoomId("B"), lee, "Lee", member=True)
        assert post.directory.merge("chamber", sato, lee)
        assert self.person(post, LEE) == sato
        assert post.directory.accounts_on("chamber", sato) == tuple(sorted([SATO.key, LEE.key]))
        assert post.directory.rooms_of("chamber", sato) == (RoomId("B"), ROOM)
        assert post.directory.accounts_on("chamber", lee) == post.directory.rooms_of("chamber", lee) == ()
        assert post.directory.merge("chamber", sato, sato)

    def test_who_sits_in_one_room_twice_stays_two(self, post: Post) -> None:
        sato, lee = self.person(post), self.person(post, LEE)
        for person in (sato, lee):
            post.directory.seat("chamber", ROOM, person, "佐藤", member=True)
        post.directory.seat("chamber", RoomId("B"), lee, "Lee", member=True)
        assert not post.directory.merge("chamber", sato, lee)
        assert self.person(post, LEE) == lee
        assert post.directory.rooms_of("chamber", sato) == (ROOM,)
        assert post.directory.rooms_of("chamber", lee) == (RoomId("B"), ROOM)

    def test_a_code_given_out_before_two_became_one_still_names_them(self, post: Post) -> None:
        sato, lee = self.person(post), self.person(post, LEE)
        code = post.directory.issue("chamber", "link", lee, lasts=timedelta(minutes=15))
        post.directory.merge("chamber", sato, lee)
        redeemed = post.directory.redeem(code, "link")
        assert redeemed is not None
        assert redeemed.person == sato

    # Codes

    def test_a_code_stands_for_what_it_was_given_out_for(self, post: Post) -> None:
        code = post.directory.issue("chamber", "join", "p", room=ROOM, side="sme", lasts=timedelta(days=1), uses=2)
        assert len(code) == 8
        assert not set(code) & set("01IOl")
        typed = f" {code[:4].lower()}-{code[4:]}"
        redeemed = [post.directory.redeem(typed, "join") for _ in range(3)]
        assert redeemed == [("chamber", "join", ROOM, "sme", "p")] * 2 + [None]
        assert post.directory.redeem("ABCD2345", "join") is None

    def test_who_only_looks_uses_nothing_up(self, post: Post) -> None:
        code = post.directory.issue("chamber", "join", "p", lasts=timedelta(days=1))
        looked = [post.directory.redeem(code, "join", look=True) for _ in range(2)]
        assert looked == [("chamber", "join", None, None, "p")] * 2
        assert post.directory.redeem(code, "join") is not None
        assert post.directory.redeem(code, "join", look=True) == looked[0], "who is in already may click again"
        assert post.directory.redeem(code, "join") is None

    def test_a_code_grows_too_old(self, post: Post, clock: Clock) -> None:
        code = post.directory.issue("chamber", "link", "p", lasts=timedelta(minutes=15))
        clock.passes(minutes=15)
        assert post.directory.redeem(code, "link", look=True) is not None
        clock.passes(seconds=1)
        assert post.directory.redeem(code, "link") is None

    def test_a_code_is_good_for_one_purpose_and_not_used_up_by_another(self, post: Post) -> None:
        code = post.directory.issue("chamber", "link", "p", lasts=timedelta(minutes=15))
        assert post.directory.redeem(code, "join") is None
        assert post.directory.redeem(code, "sign_in") is None
        assert post.directory.redeem(code, "link") is not None

    def test_a_code_itself_is_not_kept(self, post: Post) -> None:
        code = post.directory.issue("chamber", "join", "p", lasts=timedelta(days=1))
        with post.engine.connect() as connection:
            row = connection.execute(select(CodeRow.__table__)).one()
        assert code.lower() not in str(row).lower()
        assert len(row.digest) == 64

    def test_a_code_for_one_is_used_by_one_though_two_come_at_once(self, post: Post, open_post: Open) -> None:
        code = post.directory.issue("chamber", "join", "p", lasts=timedelta(days=1))
        found = at_once([(open_post(), lambda one: one.directory.redeem(code, "join")) for _ in range(3)])
        assert len([one for one in found if one is None]) == 2
        assert len([one for one in found if isinstance(one, tuple)]) == 1

    # Conversations

    def test_a_room_talks_in_its_conversations_and_the_oldest_comes_first(self, post: Post, clock: Clock) -> None:
        first, second, other = (Place(key=f"telegram:{n}") for n in (9, 5, 7))
        for where, room in ((first, ROOM), (second, ROOM), (other, RoomId("B"))):
            post.directory.bind("chamber", where, room)
            clock.passes(seconds=1)
        assert post.directory.places_of("chamber", ROOM) == (first, second)
        assert post.directory.room_at("chamber", other.key) == "B"
        assert post.directory.room_at("chamber", "telegram:0") is None
        post.directory.bind("chamber", other, ROOM)
        assert post.directory.places_of("chamber", ROOM) == (first, second, other)
        assert post.directory.places_of("chamber", RoomId("B")) == ()

    def test_where_the_bot_was_put_out_it_does_not_talk_until_it_is_back(self, post: Post) -> None:
        post.directory.bind("chamber", HERE, ROOM)
        post.directory.opened("chamber", HERE.key, still=False)
        assert post.directory.places_of("chamber", ROOM) == ()
        assert post.directory.room_at("chamber", HERE.key) == ROOM
        post.directory.opened("chamber", HERE.key, still=True)
        assert post.directory.places_of("chamber", ROOM) == (Place(key=HERE.key),)

    def test_a_conversation_that_moves_keeps_its_room_and_its_age(self, post: Post, clock: Clock) -> None:
        old, new, other = Place(key="telegram:-1"), Place(key="telegram:-1001"), Place(key="telegram:-5")
        post.directory.bind("chamber", old, ROOM)
        clock.passes(seconds=1)
        post.directory.bind("chamber", other, ROOM)
        clock.passes(seconds=1)
        for _ in range(2):
            post.directory.move("chamber", old.key, new.key)
        assert post.directory.room_at("chamber", old.key) is None
        assert post.directory.room_at("chamber", new.key) == ROOM
        assert post.directory.places_of("chamber", ROOM) == (new, other)
        post.directory.move("chamber", "telegram:0", other.key)
        assert post.directory.room_at("chamber", other.key) == ROOM

    def test_a_conversation_that_is_bound_twice_at_once_is_bound_once(self, post: Post, open_post: Open) -> None:
        acts = [(open_post(), lambda one: one.directory.bind("chamber", HERE, ROOM)) for _ in range(2)]
        assert at_once(acts) == [None] * 2
        assert post.directory.room_at("chamber", HERE.key) == ROOM

    # Programmes

    def test_a_programme_is_known_by_the_conversation_then_by_the_account(self, post: Post, clock: Clock) -> None:
        find = post.directory.tenant_of
        assert find(HERE.key, SATO.key, "default") == "default"
        self.person(post, SATO, "chamber")
        clock.passes(seconds=1)
        self.person(post, SATO, "bank")
        assert find(HERE.key, SATO.key, "default") == "bank"
        clock.passes(seconds=1)
        self.person(post, SATO, "chamber")
        assert find(HERE.key, SATO.key, "default") == "chamber"
        post.directory.bind("bank", HERE, ROOM)
        assert find(HERE.key, SATO.key, "default") == find(HERE.key, LEE.key, "default") == "bank"

    def test_programmes_never_see_each_others_people_and_places(self, post: Post) -> None:
        here, sato = post.directory, self.person(post)
        here.seat("chamber", ROOM, sato, "佐藤", member=True)
        here.bind("chamber", HERE, ROOM)
        assert here.known("bank", SATO.key) is None
        assert here.name_in("bank", ROOM, sato) is None
        assert here.room_at("bank", HERE.key) is None
        assert not any(
            (here.rooms_of("bank", sato), here.accounts_of("bank", ROOM, "佐藤"), here.accounts_on("bank", sato))
        )
        assert here.places_of("bank", ROOM) == ()
        assert here.seat("bank", ROOM, "another", "佐藤") == "佐藤"
        assert self.person(post, SATO, "bank") != sato

    def test_what_one_programme_changes_is_unchanged_in_the_other(self, post: Post) -> None:
        here, sato = post.directory, self.person(post)
        lee = self.person(post, LEE)
        here.seat("chamber", ROOM, lee, "Lee", member=True)
        here.bind("chamber", HERE, ROOM)
        before = here.known("chamber", SATO.key)
        here.speaks_of("bank", SATO.key, RoomId("X"))
        here.begins("bank", SATO.key, "/x ")
        here.opened("bank", HERE.key, still=False)
        here.move("bank", HERE.key, "telegram:1")
        here.merge("bank", sato, lee)
        assert here.known("chamber", SATO.key) == before
        assert here.places_of("chamber", ROOM) == (Place(key=HERE.key),)
        assert here.rooms_of("chamber", lee) == (ROOM,)
        assert here.accounts_on("chamber", lee) == (LEE.key,)
