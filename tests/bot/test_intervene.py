"""Observe, ask, tell, and rarely say it to the room: with the real shelf of signals, on a clock of our own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import get_args

import pytest

from bot.intervene import (
    MEMORY,
    PERSON_A_DAY,
    PERSON_APART,
    ROOM_A_DAY,
    SAME_APART,
    URGENT_APART,
    USEFUL,
    USELESS,
    Spoken,
    experience,
    feedback,
    may_speak,
    respond,
    steps_for,
    threshold,
)
from bot.model import Finding, Label, MessageId, Person, Room, RoomId, Signal, SpokenSignal, Step
from bot.partnership import Experiment, Partnership
from bot.scene import Intervention, Scene
from bot.signals import signals
from knowledge.card import Citation, Locale, Side, Stage
from tests.fakes import no_sources

NOON = datetime(2026, 6, 3, 3, tzinfo=UTC)
EVIDENCE = "八百二十度で四十分"
FAINT = 0.75
"""Heard well enough to count, and too faintly to speak of at once where there is time."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPOKEN: tuple[SpokenSignal, ...] = get_args(SpokenSignal)
URGENT = [name for name in SPOKEN if signals()[name].urgency == "now"]
SOON = [name for name in SPOKEN if signals()[name].urgency == "soon"]
LATER = [name for name in SPOKEN if signals()[name].urgency == "later"]
WORDED = [name for name in SPOKEN if signals()[name].word]
SIDES: tuple[Side, Side] = ("sme", "startup")


def scene(*, led: bool = True, done: int = 0, stage: Stage = "meeting", locale: Locale = "ja") -> Scene:
    people = [Person(name="森", side="sme"), Person(name="Kim", side="startup"), Person(name="梅", side="sme")]
    if led:
        people.append(Person(name="原", side="facilitator"))
    experiments = tuple(Experiment(number=n, question="q", state="done", result="r") for n in range(1, done + 1))
    room = Room(id=RoomId("r"), people=tuple(people), locale=locale)
    return Scene(room=room, record=Partnership(stage=stage, experiments=experiments))


def found(signal: Signal, at: datetime = NOON, *, who: str = "森", score: float = 0.9) -> Finding:
    return Finding(signal=signal, message=MessageId(f"m{at}"), who=who, at=at, score=score, evidence=EVIDENCE)


def said(
    signal: Signal, at: datetime, *, to: str, how: Step = "ask", about: str = "", number: int = 1
) -> Intervention:
    return Intervention(
        number=number, signal=signal, label=Label(why="w", how=how, whom=to), at=at, about=about or to
    )


def after(findings: Sequence[Finding], before: Scene) -> tuple[list[tuple[Step, ...]], Scene]:
    """What is done about one finding after the other, each on its own clock, and the scene at the end."""
    steps: list[tuple[Step, ...]] = []
    for finding in findings:
        before = before.noticing((finding,))
        steps.append(steps_for(finding, before, finding.at))
        before = respond((finding,), before, finding.at, no_sources).scene
    return steps, before


def days(signal: Signal, count: int, *, who: str = "森", score: float = 0.9) -> list[Finding]:
    return [found(signal, NOON + n * DAY, who=who, score=score) for n in range(count)]


# What is done


@pytest.mark.parametrize("signal", URGENT)
@pytest.mark.parametrize("who", ["森", "Kim"])
def test_what_cannot_wait_is_said_at_once_to_the_speaker_and_to_who_leads(signal: Signal, who: str) -> None:
    assert steps_for(found(signal, who=who, score=signals()[signal].clear), scene(), NOON) == ("warn", "note")


@pytest.mark.parametrize("signal", URGENT)
def test_what_cannot_wait_is_said_however_often_and_experienced_but_not_twice_in_half_an_hour(signal: Signal) -> None:
    minutes = (0, 10, 29, 31)
    steps, _ = after([found(signal, NOON + timedelta(minutes=n)) for n in minutes], scene(done=3))
    assert steps == [("warn", "note"), (), (), ("warn", "note")]
    assert timedelta(minutes=29) < URGENT_APART < timedelta(minutes=31)


def test_what_cannot_wait_is_said_to_another_person_at_once() -> None:
    steps, _ = after([found("conflict"), found("conflict", NOON + timedelta(minutes=1), who="Kim")], scene())
    assert steps == [("warn", "note")] * 2


@pytest.mark.parametrize("signal", SOON)
def test_a_plain_sign_is_asked_about_at_its_first_occurrence(signal: Signal) -> None:
    assert steps_for(found(signal, score=signals()[signal].clear), scene(), NOON) == ("ask",)


@pytest.mark.parametrize("signal", LATER)
def test_a_faint_patient_sign_is_watched_first_and_asked_about_when_it_comes_again(signal: Signal) -> None:
    steps, _ = after(days(signal, 2, score=FAINT), scene())
    assert steps == [(), ("ask",)]


@pytest.mark.parametrize("signal", LATER)
def test_a_clear_patient_sign_is_asked_about_at_once(signal: Signal) -> None:
    assert steps_for(found(signal, score=0.8), scene(), NOON) == ("ask",)


def test_what_another_person_said_does_not_count_against_this_one() -> None:
    steps, _ = after(
        [found("vague_ask", who="Kim", score=FAINT), found("vague_ask", NOON + DAY, score=FAINT)], scene()
    )
    assert steps == [(), ()]


def test_what_was_watched_two_weeks_ago_is_forgotten() -> None:
    steps, _ = after([found("vague_ask", score=FAINT), found("vague_ask", NOON + MEMORY, score=FAINT)], scene())
    assert steps == [(), ()]


@pytest.mark.parametrize("signal", WORDED)
def test_after_the_ask_comes_the_note_and_then_one_word_to_the_room(signal: Signal) -> None:
    steps, _ = after(days(signal, 6), scene())
    assert steps == [("ask",), ("note",), ("word",), (), (), ()]


@pytest.mark.parametrize("signal", [name for name in (*SOON, *LATER) if name not in WORDED])
def test_what_would_shame_before_others_is_never_said_to_the_room(signal: Signal) -> None:
    steps, _ = after(days(signal, 6), scene())
    assert steps == [("ask",), ("note",), (), (), (), ()]


def test_the_room_hears_one_word_a_month_whatever_it_is_about() -> None:
    first = days("slow_decision", 3)
    second = [found("jargon", one.at + 7 * DAY, who="Kim") for one in first]
    steps, _ = after([*first, *second], scene())
    assert steps == [("ask",), ("note",), ("word",), ("ask",), ("note",), ()]


def test_where_nobody_leads_there_is_no_note() -> None:
    assert steps_for(found("conflict"), scene(led=False), NOON) == ("warn",)
    steps, _ = after(days("slow_decision", 3), scene(led=False))
    assert steps == [("ask",), ("word",), ()]


@pytest.mark.parametrize("signal", SPOKEN)
def test_who_leads_is_not_nudged_about_their_own_words(signal: Signal) -> None:
    assert steps_for(found(signal, who="原", score=1), scene(), NOON) == ()


@pytest.mark.parametrize("signal", SPOKEN)
def test_a_stranger_is_not_nudged(signal: Signal) -> None:
    assert steps_for(found(signal, who="通りすがり", score=1), scene(), NOON) == ()


@pytest.mark.parametrize("signal", SPOKEN)
def test_what_is_hardly_heard_is_passed_over(signal: Signal) -> None:
    assert steps_for(found(signal, score=signals()[signal].clear - 0.01), scene(), NOON) == ()


# How surely it must be heard


@pytest.mark.parametrize(("useless", "raised"), [(0, 0), (1, 0), (2, 0.15), (3, 0.15), (4, 0.3), (99, 9)])
def test_every_second_no_makes_the_ear_of_this_room_less_keen(useless: int, raised: float) -> None:
    marked = tuple(
        said("jargon", NOON, to="森", number=n).model_copy(update={"useful": False}) for n in range(useless)
    )
    now = scene().having(interventions=marked)
    assert threshold("jargon", now) == pytest.approx(min(0.99, signals()["jargon"].clear + raised))
    assert threshold("vague_ask", now) == signals()["vague_ask"].clear


def test_what_was_found_useful_or_left_without_a_word_changes_nothing() -> None:
    one = said("jargon", NOON, to="森")
    marked = tuple(one.model_copy(update={"useful": useful}) for useful in (True, None) * 3)
    assert threshold("jargon", scene().having(interventions=marked)) == signals()["jargon"].clear


def test_a_faint_sign_is_passed_over_once_two_said_no_and_a_clear_one_is_not() -> None:
    marked = tuple(
        said("unpaid_work", NOON - 30 * DAY, to="Kim", number=n).model_copy(update={"useful": False}) for n in (1, 2)
    )
    now = scene().having(interventions=marked)
    faint = signals()["unpaid_work"].clear + 0.1
    assert steps_for(found("unpaid_work", score=faint), scene(), NOON) == ("ask",)
    assert steps_for(found("unpaid_work", score=faint), now, NOON) == ()
    assert steps_for(found("unpaid_work", score=0.95), now, NOON) == ("ask",)


# How often


def test_nobody_is_spoken_to_twice_within_two_hours() -> None:
    now = scene().having(interventions=(said("jargon", NOON, to="森"),))
    assert not may_speak("森", "vague_ask", now, NOON + PERSON_APART - timedelta(minutes=1))
    assert may_speak("森", "vague_ask", now, NOON + PERSON_APART)
    assert may_speak("Kim", "vague_ask", now, NOON)


def test_nobody_hears_the_same_thing_twice_in_a_week() -> None:
    now = scene().having(interventions=(said("jargon", NOON, to="森"),))
    assert not may_speak("森", "jargon", now, NOON + SAME_APART - HOUR)
    assert may_speak("森", "jargon", now, NOON + SAME_APART)


def test_nobody_is_spoken_to_more_than_twice_a_day() -> None:
    told: tuple[Signal, ...] = ("jargon", "vague_ask")
    at = [NOON, NOON + 3 * HOUR]
    now = scene().having(interventions=tuple(said(one, when, to="森") for one, when in zip(told, at, strict=True)))
    assert len(told) == PERSON_A_DAY
    assert not may_speak("森", "prejudice", now, NOON + 8 * HOUR)
    assert may_speak("森", "prejudice", now, NOON + DAY)


def test_a_room_is_left_alone_after_six_words_a_day() -> None:
    hearers = [f"p{n}" for n in range(ROOM_A_DAY)]
    now = scene().having(interventions=tuple(said("jargon", NOON, to=who) for who in hearers))
    assert not may_speak("森", "vague_ask", now, NOON + 3 * HOUR)
    fewer = now.having(interventions=now.interventions[1:])
    assert may_speak("森", "vague_ask", fewer, NOON + 3 * HOUR)


def test_a_day_full_of_sparks_stays_within_bounds() -> None:
    sparks = [*SOON, *LATER] * 2
    findings = [
        found(signal, NOON + n * timedelta(minutes=20), who=("森", "Kim")[n % 2]) for n, signal in enumerate(sparks)
    ]
    assert findings[-1].at - NOON < DAY
    _, now = after(findings, scene())
    assert 2 * PERSON_A_DAY <= len(now.interventions) <= ROOM_A_DAY
    for who in ("森", "Kim", "facilitator"):
        mine = [one.at for one in now.interventions if one.label.whom == who]
        assert len(mine) <= PERSON_A_DAY
        assert all(later - earlier >= PERSON_APART for earlier, later in pairwise(mine))


# Fading


@pytest.mark.parametrize(
    ("done", "stage", "expected"),
    [(0, "meeting", 0), (1, "experimenting", 1), (2, "deciding", 2), (0, "building", 1), (2, "allied", 3)],
)
def test_experience_is_experiments_finished_together_and_an_alliance(done: int, stage: Stage, expected: int) -> None:
    assert experience(scene(done=done, stage=stage)) == expected


def test_an_experiment_that_still_runs_is_no_experience_yet() -> None:
    running = Experiment(number=1, question="q", state="running")
    now = scene(done=0).having(record=Partnership(experiments=(running,)))
    assert experience(now) == 0


@pytest.mark.parametrize("signal", SOON)
def test_with_two_experiments_behind_them_a_faint_sign_is_only_watched(signal: Signal) -> None:
    steps, _ = after(days(signal, 2, score=FAINT), scene(done=2))
    assert steps == [(), ("ask",)]
    assert steps_for(found(signal, score=FAINT), scene(done=1), NOON) == ("ask",)


def test_an_experienced_person_hears_one_word_a_day() -> None:
    told = (said("jargon", NOON, to="森"),)
    assert may_speak("森", "vague_ask", scene().having(interventions=told), NOON + 3 * HOUR)
    assert not may_speak("森", "vague_ask", scene(done=1).having(interventions=told), NOON + 3 * HOUR)


@pytest.mark.parametrize(("done", "most"), [(0, 6), (1, 5), (2, 4), (7, 4)])
def test_an_experienced_room_hears_fewer_words_but_never_none(done: int, most: int) -> None:
    def room(count: int) -> Scene:
        return scene(done=done).having(interventions=tuple(said("jargon", NOON, to=f"p{n}") for n in range(count)))

    assert may_speak("森", "vague_ask", room(most - 1), NOON)
    assert not may_speak("森", "vague_ask", room(most), NOON)


# What is said


def spoken(*findings: Finding, now: Scene | None = None) -> Spoken:
    return respond(findings, now or scene(), NOON, no_sources)


def test_one_message_is_one_matter_and_the_most_urgent_one() -> None:
    out = spoken(found("jargon", score=1), found("unpaid_work", score=0.9), found("pre_nda_disclosure", score=0.6))
    assert {reply.signal for reply in out.replies} == {"pre_nda_disclosure"}
    assert [(reply.to, reply.kind) for reply in out.replies] == [("森", "warning"), ("facilitator", "note")]


def test_of_two_equally_urgent_the_surer_one_is_taken() -> None:
    out = spoken(found("unpaid_work", score=0.7), found("scope_shift", score=0.8))
    assert [reply.signal for reply in out.replies] == ["scope_shift"]


def test_where_the_most_urgent_was_just_said_the_next_may_be() -> None:
    told = said("conflict", NOON - timedelta(minutes=5), to="facilitator", how="warn", about="森")
    out = spoken(found("conflict"), found("unpaid_work"), now=scene().having(interventions=(told,)))
    assert [reply.signal for reply in out.replies] == ["unpaid_work"]


@pytest.mark.parametrize("locale", get_args(Locale))
@pytest.mark.parametrize("signal", SPOKEN)
def test_every_unasked_word_says_why_how_and_to_whom(signal: Signal, locale: Locale) -> None:
    out = respond((found(signal),), scene(locale=locale), NOON, no_sources)
    steps = ("warn", "note") if signal in URGENT else ("ask",)
    assert tuple(reply.label.how for reply in out.replies if reply.label) == steps
    for reply in out.replies:
        assert reply.label is not None and reply.unasked
        assert (reply.label.whom, reply.label.why) == (reply.to, signals()[signal].why(locale))
        assert reply.label.why in reply.text and reply.in_reply_to == f"m{NOON}"
        named = {"ja": "進行役", "en": "facilitator"}[locale] if reply.to == "facilitator" else reply.to
        assert named in reply.text.splitlines()[-1]
        assert reply.choices == (USEFUL(locale), USELESS(locale))


@pytest.mark.parametrize("signal", SPOKEN)
def test_each_side_is_asked_in_its_own_terms(signal: Signal) -> None:
    for who, side in (("森", SIDES[0]), ("Kim", SIDES[1])):
        words = spoken(found(signal, who=who)).replies[0].text
        assert words.startswith(signals()[signal].asked_of(side).ja)
        assert all(option.ja in words for option in signals()[signal].options)


def test_the_speaker_does_not_read_the_note_and_the_facilitator_reads_the_words() -> None:
    told, note = spoken(found("pre_nda_disclosure")).replies
    assert EVIDENCE not in told.text
    assert "森さん" in note.text and EVIDENCE in note.text


@pytest.mark.parametrize("signal", WORDED)
def test_the_word_to_the_room_names_nobody_and_repeats_nothing(signal: Signal) -> None:
    findings = days(signal, 3)
    _, now = after(findings[:2], scene())
    out = respond(findings[2:], now, findings[2].at, no_sources)
    (word,) = out.replies
    assert (word.to, word.kind, word.choices) == ("room", "note", ())
    assert not [name for name in ("森", "Kim", "梅", "原", EVIDENCE) if name in word.text]


def test_words_rest_on_the_cards_of_their_signal() -> None:
    asked: list[tuple[str, ...]] = []

    def cite(cards: Sequence[str]) -> tuple[Citation, ...]:
        asked.append(tuple(cards))
        return ()

    respond((found("order_taker"),), scene(), NOON, cite)
    assert asked == [signals()["order_taker"].cards]


def test_what_was_said_is_logged_with_numbers_of_its_own() -> None:
    out = spoken(found("conflict"))
    assert [(one.number, one.label.how, one.about) for one in out.scene.interventions] == [
        (1, "warn", "森"),
        (2, "note", "森"),
    ]


def test_nothing_found_is_nothing_said() -> None:
    before = scene()
    assert respond((), before, NOON, no_sources) == Spoken((), before)


# What became of it


@pytest.mark.parametrize(
    ("words", "useful"), [("役に立った", True), (" useful ", True), ("不要", False), ("Not useful", False)]
)
def test_a_word_back_is_kept_with_the_latest_word_to_this_person(words: str, useful: bool) -> None:
    told = tuple(said("jargon", NOON + n * DAY, to=who, number=n) for n, who in enumerate(("森", "森", "Kim")))
    now = feedback(words, "森", scene().having(interventions=told))
    assert now is not None
    assert [one.useful for one in now.interventions] == [None, useful, None]


def test_a_second_word_back_is_for_the_word_before() -> None:
    told = tuple(said("jargon", NOON + n * DAY, to="森", number=n) for n in (1, 2))
    now = feedback("役に立った", "森", scene().having(interventions=told))
    assert now is not None
    now = feedback("不要", "森", now)
    assert now is not None
    assert [one.useful for one in now.interventions] == [False, True]


def test_who_leads_answers_for_the_notes() -> None:
    told = (said("conflict", NOON, to="facilitator", how="note", about="森"),)
    now = feedback("不要", "原", scene().having(interventions=told))
    assert now is not None and now.interventions[0].useful is False
    other = feedback("不要", "森", scene().having(interventions=told))
    assert other is not None and other.interventions[0].useful is None


def test_other_words_are_no_word_back() -> None:
    told = (said("jargon", NOON, to="森"),)
    assert feedback("不要な工程を省きたいです", "森", scene().having(interventions=told)) is None


def test_a_word_back_to_nothing_changes_nothing() -> None:
    assert feedback("不要", "森", scene()) == scene()
