"""Whoever meets the limit of the day, the facilitator hears of it, once: a second opinion and a draft tell it too."""

from datetime import datetime, timedelta

from bot.errors import ModelError
from bot.model import Person, Reply
from bot.scene import Mute
from bot.turn import Outcome
from tests.bot.test_judge import ASKS, LEE, TANAKA, Opinionated, Room3, UnsureEar
from tests.bot.test_scribe import Place, Writer

SPENT = ModelError("budget", "…")
NIGHT = timedelta(hours=10)
"""From noon to ten in the evening."""


def judged() -> Room3:
    return Room3(UnsureEar(unpaid_work=0.62), Opinionated(SPENT))


def notices(outcome: Outcome) -> list[Reply]:
    return [one for one in outcome.replies if one.to == "facilitator" and "使い切りました" in one.text]


def test_a_second_opinion_that_is_not_to_be_had_tells_that_the_tokens_are_spent() -> None:
    outcome = judged().says(LEE, ASKS)
    [notice] = notices(outcome)
    assert (notice.kind, "無償" in notice.text, "Lee" in notice.text) == ("notice", False, False)
    assert [one.to for one in outcome.replies].count("Lee") == 1


def test_minutes_without_a_draft_tell_it_too_after_what_was_asked_for() -> None:
    place = Place(Writer(SPENT))
    place.talks()
    outcome = place.says(TANAKA, "/minutes")
    assert outcome.replies[-1:] == tuple(notices(outcome))
    assert len(outcome.replies) == 2


def test_it_is_told_once_a_day_whoever_meets_the_limit() -> None:
    place = Place(Writer(SPENT))
    place.talks()
    told = [len(notices(place.says(TANAKA, words))) for words in ("/minutes", "/digest")]
    place.at += timedelta(days=1)
    place.talks()
    assert [*told, len(notices(place.says(TANAKA, "/minutes")))] == [1, 0, 1]


def test_a_room_without_a_facilitator_hears_nothing_of_it() -> None:
    room = judged()
    people = (LEE, Person(name="佐藤", side="sme"))
    room.scene = room.scene.having(room=room.scene.room.model_copy(update={"people": people}))
    assert notices(room.says(LEE, ASKS)) == []


def test_who_wants_quiet_is_told_when_they_want_it_no_longer() -> None:
    place = Place(Writer(SPENT))
    place.talks()
    place.scene = place.scene.having(mutes=(Mute(who=TANAKA.name),))
    assert notices(place.says(TANAKA, "/minutes")) == []
    place.scene = place.scene.having(mutes=())
    assert len(notices(place.says(TANAKA, "/minutes"))) == 1


def test_at_night_it_waits_for_the_morning() -> None:
    room = judged()
    assert notices(room.says(LEE, ASKS, later=NIGHT)) == []
    evening: datetime = room.at
    assert [one.at for one in room.scene.held if one.reply.to == "facilitator"] == [evening]
    assert len(notices(room.says(TANAKA, "おはようございます", later=timedelta(hours=13)))) == 1
