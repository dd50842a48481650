"""What the pictures count, and that they can be read by who does not see them."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from xml.etree import ElementTree

from adapters.channels.web.pictures import Picture, programme_funnel, stage_path, talk_balance, waiting_days
from adapters.channels.web.tallies import ROWS, WAY, Height, balance, talk, waits, way
from adapters.services.store.talks import Spoken
from bot.model import Person, Room, RoomId
from bot.names import STAGE_NAMES
from bot.partnership import By, Partnership
from bot.scene import Heard, Scene
from knowledge.card import Side
from tests.adapters.memory import AT

TOKYO = "Asia/Tokyo"
EVIL = '"><script>x</script>'
BY = By(who="佐藤", side="sme", at=AT)


def room(**names: str) -> Room:
    people = (
        Person(name="佐藤", side="sme"),
        Person(name="Lee", side="startup"),
        Person(name="田中", side="facilitator"),
    )
    return Room(id=RoomId("r"), people=people, names={"sme": "栃ノ木精密", "startup": "ルミナ"} | names)  # type: ignore[arg-type]


def heard(*said: tuple[Side, float, str]) -> list[Heard]:
    """Return what was said: by whom, how many days after the first Monday, and the words."""
    return [
        Heard(id=str(n), who=side, side=side, at=AT + timedelta(days=day), text=words)
        for n, (side, day, words) in enumerate(said)
    ]


def every(scene: Scene, said: Sequence[Heard], now: datetime = AT) -> list[Picture]:
    return [
        stage_path(way(scene, now), scene, "ja", now),
        talk_balance(balance(said, TOKYO), scene, "ja", now),
        waiting_days(waits(said, scene, now), scene, "ja"),
        programme_funnel([Height(stage, 2, 1, 0) for stage in WAY], "ja"),
    ]


# Counting


def test_only_what_the_two_sides_said_to_each_other_is_counted() -> None:
    def said(n: int, who: str | None, words: str) -> Spoken:
        return Spoken(n, AT, who, None, "said" if who else "answer", words)

    heard_in_order = [
        said(1, "佐藤", "一つ目"),
        said(2, "佐藤", "/record"),
        said(3, "田中", "進行役の言葉"),
        said(4, None, "答え"),
        said(5, "通りがかり", "こんにちは"),
        said(6, "佐藤", "@nakodo NDAは？"),
        said(7, "Lee", "二つ目"),
    ]
    assert [(one.side, one.text) for one in talk(heard_in_order, Scene(room=room()))] == [
        ("sme", "一つ目"),
        ("startup", "二つ目"),
    ]


def test_a_kanji_counts_as_two_letters_in_the_balance() -> None:
    [span] = balance(heard(("sme", 0, "図面図面"), ("startup", 0, "drawings")), TOKYO).spans
    assert span.share("sme") == span.share("startup") == 0.5


def test_the_balance_has_few_rows_however_long_the_talk() -> None:
    steps = {}
    for days in (3, 40, 1_000):
        found = balance(heard(*(("sme", day, "はい") for day in range(days))), TOKYO)
        steps[days] = found.step
        assert len(found.spans) <= ROWS
    assert steps == {3: "day", 40: "week", 1_000: "month"}


def test_a_week_begins_on_monday_where_the_room_is() -> None:
    # Sunday evening in London is Monday in Tokyo.
    said = heard(("sme", 0, "月曜"), *(("sme", day, "はい") for day in range(1, 20)))
    assert {span.day.weekday() for span in balance(said, TOKYO).spans} == {0}


def test_who_lets_the_other_wait_is_counted_in_working_days() -> None:
    said = heard(("sme", 0, "?"), ("sme", 1, "?"), ("startup", 2, "!"), ("startup", 2.1, "?"), ("sme", 7, "!"))
    sme, startup = waits(said, Scene(room=room()), AT + timedelta(days=8))
    assert (startup.answers, startup.longest) == (1, 2)
    assert (sme.answers, sme.longest) == (1, 3)  # Wednesday to Monday, without the weekend.


def test_the_measures_mirror_when_the_sides_are_swapped() -> None:
    def swapped(said: list[Heard]) -> list[Heard]:
        return [one.model_copy(update={"side": "startup" if one.side == "sme" else "sme"}) for one in said]

    said = heard(("sme", 0, "長い言葉です"), ("startup", 3, "はい"), ("sme", 9, "では"), ("startup", 10, "ええ"))
    scene = Scene(room=room())
    one, other = waits(said, scene, AT), waits(swapped(said), scene, AT)
    assert [each[1:] for each in one] == [each[1:] for each in reversed(other)]
    spans = zip(balance(said, TOKYO).spans, balance(swapped(said), TOKYO).spans, strict=True)
    assert all(first.share("sme") == second.share("startup") for first, second in spans)


def test_who_waits_now_is_said_of_whom_they_wait_for() -> None:
    asked = tuple(one.model_copy(update={"asks": True}) for one in heard(("sme", 0, "いつですか")))
    sme, startup = waits(list(asked), Scene(room=room(), heard=asked), AT + timedelta(days=2))
    assert (sme.now, startup.now) == (None, 2)


def test_the_way_names_each_stay_with_its_days() -> None:
    record = Partnership().move_to("meeting", BY)
    later = By(who="佐藤", side="sme", at=AT + timedelta(days=5))
    record = record.move_to("agreeing", later)
    found = way(Scene(room=room(), record=record, since=AT - timedelta(days=2)), AT + timedelta(days=6))
    assert [(one.stage, one.days) for one in found] == [("preparing", 2), ("meeting", 5), ("agreeing", 1)]


# Drawing


def test_every_picture_has_a_title_a_description_and_a_table() -> None:
    scene = Scene(room=room(), record=Partnership().move_to("meeting", BY))
    for one in every(scene, heard(("sme", 0, "はい"), ("startup", 1, "ええ"))):
        drawing = ElementTree.fromstring(one.drawing)
        title, desc = drawing[0], drawing[1]
        assert (title.tag, desc.tag) == ("title", "desc")
        assert title.text and desc.text
        assert drawing.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert one.rows
        assert all(len(row) == len(one.columns) for row in one.rows)


def test_no_picture_needs_a_style() -> None:
    for one in every(Scene(room=room()), heard(("sme", 0, "はい"), ("startup", 1, "ええ"))):
        assert not re.search(r"\bstyle=|<style|url\(|href", one.drawing)


def test_names_in_a_picture_are_escaped() -> None:
    scene = Scene(room=room(sme=EVIL, startup=EVIL))
    for one in every(scene, heard(("sme", 0, "はい"), ("startup", 1, "ええ"))):
        assert "<script" not in one.drawing
        ElementTree.fromstring(one.drawing)


def test_bars_stay_within_the_picture() -> None:
    said = heard(("sme", 0, "はい"), ("startup", 60, "ええ"), ("sme", 61, "では"))
    for one in every(Scene(room=room()), said, AT + timedelta(days=61)):
        drawing = ElementTree.fromstring(one.drawing)
        _, _, wide, high = map(float, str(drawing.get("viewBox")).split())
        for bar in drawing.iter("rect"):
            x, y, width, height = (float(str(bar.get(name))) for name in ("x", "y", "width", "height"))
            assert x >= 0 and x + width <= wide + 0.2
            assert y >= 0 and y + height <= high


def test_before_anybody_has_spoken_the_pictures_say_so() -> None:
    _, spoken, waited, _ = every(Scene(room=room()), [])
    assert spoken.rows == ()
    assert "まだありません" in waited.rows[0]


def test_the_funnel_says_in_words_what_it_draws() -> None:
    found = [Height(stage, 7 - n, 1, 0) for n, stage in enumerate(WAY)]
    drawing = programme_funnel(found, "en").drawing
    assert all(f"{STAGE_NAMES[one.stage].en} {one.reached}" in drawing for one in found)
