"""Walk through an exercise as people do: answer what is asked, skip the rest, show or keep each answer."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime

from bot.exercises import ExerciseKind, Page
from bot.guide import advance, begin, own_page, shared_page
from bot.model import Person, Room, RoomId
from bot.partnership import By, Partnership
from bot.scene import Exercise, Scene
from knowledge.card import Locale, Side

NOW, TODAY = datetime(2026, 4, 1, 10, tzinfo=UTC), date(2026, 4, 1)
SATO, LEE = Person(name="佐藤", side="sme"), Person(name="Lee", side="startup")
ROOM = Room(id=RoomId("r"), people=(SATO, LEE), names={"sme": "栃ノ木精密", "startup": "ルミナ"})
EMPTY = Partnership()
BY = By.of(SATO, NOW)
LONG = "# 長い\n話 | **です**" + "あ" * 5000


def walk(
    kind: ExerciseKind,
    said: Mapping[str, str],
    *,
    side: Side = "sme",
    locale: Locale = "ja",
    record: Partnership = EMPTY,
    room: bool = False,
    keep: Collection[str] = (),
) -> tuple[Exercise, list[str]]:
    """Return the finished exercise and what was asked; `keep` names the answers the other side may not read."""
    who = next(person for person in ROOM.people if person.side == side)
    exercise = begin(kind, who, record, NOW, room=room, run="r1")
    asked: list[str] = []
    while exercise.state == "open":
        asked.append(exercise.at)
        kept = exercise.at.removeprefix("release:") in keep
        words = ("見せない" if kept else "見せてよい") if ":" in exercise.at else said.get(exercise.at, "とばす")
        exercise = advance(exercise, words, record, locale, TODAY).exercise
        assert exercise.at != asked[-1], f"{asked[-1]} was not understood"
    return exercise, asked


def through(
    kind: ExerciseKind,
    said: Mapping[str, str],
    *,
    side: Side = "sme",
    locale: Locale = "ja",
    record: Partnership = EMPTY,
) -> tuple[Page, list[str]]:
    """Return a person's own page and what was asked."""
    exercise, asked = walk(kind, said, side=side, locale=locale, record=record)
    who = next(person for person in ROOM.people if person.side == side)
    return own_page(exercise, Scene(room=ROOM, record=record), locale, By.of(who, NOW), TODAY), asked


def page_of(
    kind: ExerciseKind,
    said: Mapping[str, str],
    *,
    side: Side = "sme",
    locale: Locale = "ja",
    record: Partnership = EMPTY,
) -> Page:
    """Return a person's own page."""
    return through(kind, said, side=side, locale=locale, record=record)[0]


def both_page(
    kind: ExerciseKind,
    sme: Mapping[str, str],
    startup: Mapping[str, str],
    *,
    locale: Locale = "ja",
    record: Partnership = EMPTY,
    keep: Collection[str] = (),
) -> Page:
    """Return the page for both; `keep` names what both sides keep to themselves."""
    first, _ = walk(kind, sme, side="sme", locale=locale, record=record, room=True, keep=keep)
    second, _ = walk(kind, startup, side="startup", locale=locale, record=record, room=True, keep=keep)
    scene = Scene(room=ROOM, record=record).exercising(first).exercising(second)
    page = shared_page(second, scene, locale, By.of(LEE, NOW), TODAY)
    assert page is not None
    return page


def lines(page: Page) -> list[str]:
    """Return a page's lines, having seen that it fits one sheet."""
    found = page.text.splitlines()
    assert len(found) <= 36
    assert max(map(len, found)) < 700
    return found
