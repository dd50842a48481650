"""What language models did is kept with its turn, goes with the words that were in it, and counts by day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.services.store import RepeatedMessageError, SqlStore, StaleSceneError
from adapters.services.store.passing import PassingStore
from adapters.services.store.traces import KeptTrace, TokenMeter, TraceRow, Traces
from bot.consult import consult
from bot.model import Answer, Message, MessageId, Person, RoomId, Trace
from bot.retract import retracted
from bot.scene import Heard, Scene
from bot.seen import number_of
from tests.adapters.store.contract import Open, loaded
from tests.adapters.store.scenes import AT, LEE, ROOM, bare, message, trace
from tests.adapters.store.test_store import opener

OHASHI = Person(name="大橋", side="sme")
DAY = date(2026, 4, 1)


class Told:
    """Answers with what it was told to, as a composer with a language model does."""

    def __init__(self, trace: Trace | None) -> None:
        self.trace = trace

    def answer(self, question: str, **_how: object) -> Answer:
        used = self.trace and self.trace.model_copy(update={"given": f"given: {question}"})
        return Answer(kind="answer", locale="ja", text=f"echo: {question}", trace=used)


def asked(store: SqlStore, said: Message, scene: Scene | None = None) -> str:
    """Let somebody ask the coach, keep what came of it, and return the number of the use."""
    scene = scene or store.load(ROOM) or bare()
    answered = consult(said, said.text, scene, Told(trace()))
    after = answered.scene
    if not said.private:
        side = scene.known(said.sender).side
        after = after.hearing(Heard(id=said.id, who=said.sender.name, side=side, at=said.at, text=said.text))
    store.keep(after, message=said, replies=answered.replies, traces=answered.traces)
    return number_of(ROOM, said.id, answered.traces[0])


def found(store: SqlStore, number: str) -> KeptTrace | None:
    return Traces(store.engine).find(number)


def numbers(store: SqlStore, room: str = ROOM) -> set[str]:
    wanted = select(TraceRow.number).where(TraceRow.tenant == store.tenant, TraceRow.room == room)
    with Session(store.engine) as session:
        return set(session.scalars(wanted))


class TracesContract:
    """A subclass for each database brings the fixture `open_as`."""

    @pytest.fixture
    def store(self, open_as: Open) -> SqlStore:
        return open_as("chamber")

    # Kept

    def test_a_use_comes_back_whole_with_who_asked_and_what_was_answered(self, store: SqlStore) -> None:
        number = asked(store, message(1, text="公差の決め方は？", private=True))
        kept = found(store, number)
        assert kept is not None
        assert kept.trace == trace(given="given: 公差の決め方は？")
        assert kept[:6] == (store.tenant, number, ROOM, "m1", "佐藤", "佐藤")
        assert (kept.at, kept.said) == (message(1).at, "echo: 公差の決め方は？")

    def test_what_was_asked_in_the_room_was_said_to_the_room(self, store: SqlStore) -> None:
        kept = found(store, asked(store, message(1)))
        assert kept is not None
        assert (kept.who, kept.to) == ("佐藤", "room")

    def test_what_the_person_sees_bears_the_number_by_which_it_is_found(self, store: SqlStore) -> None:
        number = asked(store, message(1))
        assert [one.number for one in loaded(store).model_seen] == [number]

    def test_a_number_that_names_nothing_finds_nothing(self, store: SqlStore) -> None:
        asked(store, message(1))
        assert found(store, "000-000-000") is None

    def test_of_two_with_one_number_the_later_is_meant(self, store: SqlStore) -> None:
        first = Traces(store.engine).note(store.tenant, trace(), datetime(2026, 5, 1, tzinfo=UTC), "first")
        with Session(store.engine) as session, session.begin():
            row = session.scalars(select(TraceRow).where(TraceRow.number == first, TraceRow.tenant == store.tenant))
            twin = row.one()
            columns = {column.name: getattr(twin, column.name) for column in TraceRow.__table__.columns}
            session.add(TraceRow(**columns | {"id": uuid4().hex, "at": AT.replace(year=2027), "said": "second"}))
        kept = found(store, first)
        assert kept is not None
        assert kept.said == "second"

    def test_what_was_asked_on_the_command_line_belongs_to_no_room(self, store: SqlStore) -> None:
        at = datetime(2026, 4, 1, tzinfo=UTC)
        number = Traces(store.engine).note(store.tenant, trace(), at, "はい")
        kept = found(store, number)
        assert kept is not None
        assert (kept.room, kept.who, kept.at, kept.said, kept.trace) == ("", "", at, "はい", trace())

    def test_a_model_may_write_what_no_column_takes(self, store: SqlStore) -> None:
        broken = trace(
            wrote="図\0面\ud83d", verdicts=(trace().verdicts[0].model_copy(update={"sentence": "\ud83d\0"}),)
        )
        store.keep(bare(), message=message(1), traces=[broken])
        kept = found(store, number_of(ROOM, "m1", broken))
        assert kept is not None
        assert kept.trace.wrote == "図面?"
        assert kept.trace.verdicts[0].sentence == "?"

    def test_where_the_room_forbids_models_no_words_are_kept_for_them(self, store: SqlStore) -> None:
        forbidden = trace("秘密語", end="forbidden", sent="秘密語")
        store.keep(bare(), message=message(1), traces=[forbidden])
        kept = found(store, number_of(ROOM, "m1", forbidden))
        assert kept is not None
        assert (kept.trace.end, kept.trace.given, kept.trace.sent, kept.trace.verdicts) == ("forbidden", "", "", ())

    def test_time_that_passes_may_use_a_model_too(self, store: SqlStore) -> None:
        store.keep(bare())
        store.keep(loaded(store), traces=[trace(use="digest")])
        assert len(numbers(store)) == 1

    # With its turn

    def test_a_use_goes_with_the_turn_or_not_at_all(self, store: SqlStore) -> None:
        store.keep(bare(), message=message(1))
        stale = loaded(store)
        store.keep(loaded(store))
        with pytest.raises(StaleSceneError):
            store.keep(stale, message=message(2), traces=[trace()])
        with pytest.raises(RepeatedMessageError):
            store.keep(loaded(store), message=message(1), traces=[trace()])
        assert numbers(store) == set()

    def test_a_turn_taken_again_gives_the_same_number(self, store: SqlStore, open_as: Open) -> None:
        first = asked(store, message(1))
        again = asked(open_as("bank"), message(1))
        assert first == again

    # Gone

    def test_who_is_forgotten_is_forgotten_with_what_was_asked_for_them(self, store: SqlStore) -> None:
        mine, other = (
            asked(store, message(1, private=True)),
            asked(store, message(2, LEE, "公差とは？", private=True)),
        )
        assert numbers(store) == {mine, other}
        store.keep(loaded(store).having(forgetting="佐藤"))
        assert numbers(store) == {other}

    def test_a_colleagues_use_goes_if_forgotten_words_were_in_it(self, store: SqlStore) -> None:
        people = (*bare().room.people, OHASHI)
        scene = bare().having(room=bare().room.model_copy(update={"people": people}))
        store.keep(scene)
        before = asked(store, message(1, OHASHI, "その前の問い", private=True))
        store.keep(heard(loaded(store), message(2, text="配合は七対三")), message=message(2, text="配合は七対三"))
        after = asked(store, message(3, OHASHI, "配合の話の続き", private=True))
        other = asked(store, message(4, LEE, "what next?", private=True))
        store.keep(loaded(store).having(forgetting="佐藤"))
        assert numbers(store) == {before, other}
        assert after not in numbers(store)

    @pytest.mark.parametrize("text", ["", "別の言い方"])
    def test_what_somebody_takes_back_goes_wherever_it_was_in(self, store: SqlStore, text: str) -> None:
        first = asked(store, message(1, text="配合は七対三でいい？", private=True))
        later = asked(store, message(2, text="もう少し詳しく", private=True))
        other = asked(store, message(3, LEE, "what next?", private=True))
        assert numbers(store) == {first, later, other}  # The later one was given the talk so far.
        scene = retracted(loaded(store), MessageId("m1"), "配合は七対三でいい？", text)
        store.keep(scene, retracts=(MessageId("m1"), text))
        assert numbers(store) == {other}
        assert [one.number for one in loaded(store).model_seen] == [other]

    def test_words_of_the_room_are_known_again_with_and_without_the_call(self, store: SqlStore) -> None:
        called = message(1, text="@nakodo 配合は七対三でいい？")
        number = asked(store, called)
        later = consult(message(2, text="次は？"), "次は？", loaded(store), Told(trace()))
        store.keep(later.scene, message=message(2, text="次は？"), traces=later.traces)
        assert numbers(store) > {number}
        store.keep(loaded(store), retracts=(MessageId("m1"), ""))
        assert numbers(store) == set()

    def test_a_use_that_nobody_noted_goes_with_whatever_the_room_had_said(self, store: SqlStore) -> None:
        scene = heard(bare(), message(1, LEE, "our runway is seven months"))
        store.keep(scene, message=message(1, LEE, "our runway is seven months"))
        store.keep(loaded(store), message=message(2), traces=[trace(use="minutes")])
        assert len(numbers(store)) == 1
        store.keep(loaded(store).having(forgetting="Lee"))
        assert numbers(store) == set()

    def test_forgetting_ends_at_the_programme_and_the_room(self, store: SqlStore, open_as: Open) -> None:
        bank = open_as("bank")
        for one in (store, bank):
            asked(one, message(1, private=True))
        store.keep(bare("B"), message=message(1, private=True), traces=[trace()])
        store.keep(loaded(store).having(forgetting="佐藤"))
        assert (len(numbers(store)), len(numbers(store, "B")), len(numbers(bank))) == (0, 1, 1)

    def test_a_room_for_trying_out_takes_its_uses_along(self, store: SqlStore) -> None:
        passing = PassingStore(store.engine, store.tenant)
        for room in ("try-1", "try-2"):
            passing.keep(bare(room), message=message(1), traces=[trace()])
        passing.forget_room(RoomId("try-1"))
        assert (len(numbers(store, "try-1")), len(numbers(store, "try-2"))) == (0, 1)

    # Tokens

    def test_tokens_add_up_by_day_and_programme(self, store: SqlStore, open_as: Open) -> None:
        meter, mine, other = TokenMeter(store.engine), store.tenant, open_as("bank").tenant
        assert meter.spent(mine, DAY) == 0
        for tokens in (1200, 80):
            meter.spend(mine, DAY, tokens)
        meter.spend(mine, DAY.replace(day=2), 7)
        meter.spend(other, DAY, 5)
        assert [meter.spent(mine, DAY), meter.spent(mine, DAY.replace(day=2)), meter.spent(other, DAY)] == [
            1280,
            7,
            5,
        ]

    def test_what_is_older_than_its_day_is_forgotten_and_stays_counted(self, store: SqlStore) -> None:
        kept, meter = Traces(store.engine), TokenMeter(store.engine)
        day = datetime(2020, 4, 1, tzinfo=UTC)  # Long before all others, whose programmes are wiped as well.
        old, young = (kept.note(store.tenant, trace(), day.replace(month=month), "はい") for month in (4, 5))
        meter.spend(store.tenant, day.date(), 900)
        kept.wipe(day.replace(month=5))
        assert numbers(store, "") == {young} != {old}
        assert meter.spent(store.tenant, day.date()) == 900

    def test_what_many_spend_at_once_is_counted_whole(self, store: SqlStore, open_as: Open) -> None:
        def spend() -> None:
            meter = TokenMeter(open_as("chamber").engine)
            for _ in range(20):
                meter.spend(store.tenant, DAY, 3)

        threads = [Thread(target=spend) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert TokenMeter(store.engine).spent(store.tenant, DAY) == 240


def heard(scene: Scene, said: Message) -> Scene:
    side = scene.known(said.sender).side
    return scene.hearing(Heard(id=said.id, who=said.sender.name, side=side, at=said.at, text=said.text))


class TestSqlite(TracesContract):
    @pytest.fixture
    def open_as(self, tmp_path: Path) -> Iterator[Open]:
        yield from opener(None, tmp_path)

    def test_forgotten_words_are_gone_from_the_bytes_of_the_file(self, tmp_path: Path, open_as: Open) -> None:
        store = open_as("default")
        for number in range(30):
            asked(store, message(number, text=f"秘密語{number}", private=True))
        assert any("秘密語".encode() in path.read_bytes() for path in tmp_path.iterdir())
        store.keep(loaded(store).having(talks={}, forgetting="佐藤"))
        assert not any("秘密語".encode() in path.read_bytes() for path in tmp_path.iterdir())


class TestPostgres(TracesContract):
    @pytest.fixture
    def open_as(self, postgres_url: str, tmp_path: Path) -> Iterator[Open]:
        """Give each test programmes of its own, so that nothing needs to be cleaned away."""
        yield from opener(postgres_url, tmp_path, f"-{uuid4()}")
