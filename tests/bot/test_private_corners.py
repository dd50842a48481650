"""What one side tells Nakodo alone stays there: not with the other side, not in the room, in no wording.

Secrets are planted in every private way there is; then all that the other side or the room
can get is searched for them.
Both sides are played: the tests are the same with the seats changed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.exercises import exercises
from bot.model import Message, MessageId, Person, Reply, Room, RoomId
from bot.partnership import Partnership
from bot.reminders import next_moment
from bot.scene import Scene
from bot.signals import signals
from bot.turn import House, tick, turn
from tests.fakes import EchoCoach, ScriptedEar, house

TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = datetime(2026, 6, 1, 10, tzinfo=TOKYO)
SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
GUEST = Person(name="Guest")
SIDES = pytest.mark.parametrize(("teller", "other"), [(SATO, LEE), (LEE, SATO)], ids=["the SME's", "the startup's"])
SLIP = "部屋で話した炉の温度のこと"
HELP = "霧島部長に毎晩どなられ、もう限界です"
SECRETS = {
    "asked": ("鷲羽自動車が来月で取引をやめる", "鷲羽自動車", "取引をやめる"),
    "kept back": ("赤城式の焼戻しは三百七十度", "赤城式", "三百七十"),
    "own page": ("Osprey の資金は 417 万円で尽きる", "Osprey", "417"),
    "laid aside": ("白鷺商会に乗り換える話がある", "白鷺", "乗り換え"),
    "dropped": ("虎徹という名の新合金", "虎徹", "新合金"),
    "forgotten": ("葛城会長が入院した", "葛城", "入院"),
    "call for help": (HELP, "霧島", "どなられ", "限界です"),
    "waiting at the desk": ("Borealis の株を手放したい", "Borealis", "株を手放"),
    "refused at the desk": ("琥珀酸を 3.7 部だけ入れる", "琥珀酸", "3.7"),
}
"""By the way it is told: the secret, and parts that would give it away."""
WALK = (
    "/record", "/export", "/minutes", "/digest", "/coach", "/coach resume", "/coach give_and_get", "やめる", "/share",
    "/drafts", "/approve d1", "/approve", "/edit d1 x", "/refuse d1 x", "/session", "/mode", "/takeover", "/help",
    "/privacy", "/theme", "/mute", "/mute off", "/action done 1", "/language auto", "/nosuch", "/stage", "/cost",
    "/nda", "役に立った", "はい", "/forget はい", "/export",
)  # fmt: skip
"""What anybody may try."""


class Play:
    """A room on its own clock. It keeps what is said to whom, and what coach and ear were given on whose behalf."""

    def __init__(self, *, mode: str = "auto", people: Iterable[Person] = (SATO, LEE, TANAKA)) -> None:
        self.coach = EchoCoach()
        self.ear = ScriptedEar(
            signals={SLIP: ["pre_nda_disclosure"]}, calls={HELP: ["distress"]}, statements={SLIP: ["decision"]}
        )
        self.house: House = house(self.ear, self.coach)
        room = Room(id=RoomId("r"), people=tuple(people), names={"sme": "栃ノ木精密", "startup": "ルミナ"})
        self.scene = Scene(room=room.model_copy(update={"mode": mode}), record=Partnership(stage="meeting"))
        self.at = MONDAY
        self.said: list[Reply] = []
        self.given: list[tuple[str, str]] = []
        """For whom (a name in private, else `room`), and what coach or ear got."""
        self._number = 0

    def private(self, who: Person, *texts: str) -> tuple[Reply, ...]:
        return [self._say(who, text, private=True) for text in texts][-1]

    def room(self, who: Person, *texts: str) -> tuple[Reply, ...]:
        return [self._say(who, text, private=False) for text in texts][-1]

    def wait(self, until: datetime) -> None:
        """Let the clock run, as the program does between messages."""
        while (moment := next_moment(self.scene, self.at)) < until:
            self.at = moment
            replies, self.scene, *_ = tick(moment, self.scene, self.house)
            self.said += replies
        self.at = until

    def _say(self, who: Person, text: str, *, private: bool) -> tuple[Reply, ...]:
        self.at += timedelta(minutes=1)
        self._number += 1
        asked, heard = len(self.coach.asked), len(self.ear.heard)
        message = Message(
            id=MessageId(f"m{self._number}"), sender=Person(name=who.name), at=self.at, text=text, private=private
        )
        replies, self.scene, *_ = turn(message, self.scene, self.house)
        self.said += replies
        given = [*map(repr, self.coach.asked[asked:]), *map(repr, self.ear.heard[heard:])]
        self.given += [(who.name if private else "room", one) for one in given]
        return replies

    def read_by(self, *readers: str) -> str:
        """Return everything that these got to read, and what coach and ear were given on their behalf."""
        said = [one.model_dump_json() for one in self.said if one.to in readers]
        return "\n".join([*said, *(one for who, one in self.given if who in readers)])


def found_in(text: str, secrets: Iterable[tuple[str, ...]] = SECRETS.values()) -> list[str]:
    """Return the secrets, or parts of them, that stand in a text however it is spaced."""
    bare = "".join(text.split()).casefold()
    return [part for parts in secrets for part in parts if "".join(part.split()).casefold() in bare]


def shown_and_kept(play: Play, who: Person, kept: str) -> None:
    """Answer “give and get” in a run that the room began, and keep back what one fears to lose."""
    play.private(who, "音で測れるか確かめたい", "試作", "実績", "とばす", kept, kept, "とばす", "釣り合っている")
    play.private(who, "見せてよい", "見せてよい", "見せてよい", "見せない", "見せない", "見せない")


def plant(play: Play, teller: Person) -> None:
    """Tell a secret in each private way."""
    play.private(teller, f"{SECRETS['forgotten'][0]}。どうしたらいい？", "/forget はい")
    play.private(teller, f"{SECRETS['asked'][0]}。相手に言うべき？")
    play.private(teller, "/coach nda_checklist", "目的", "写真", "図面", SECRETS["own page"][0])
    play.private(teller, "とばす", "とばす", "とばす", "とばす", "一年")
    play.private(teller, "/coach cost_talk", SECRETS["dropped"][0], "やめる")
    play.private(teller, "/coach mediation", "入っていません", SECRETS["laid aside"][0], "あとで続ける")
    play.private(teller, HELP)


def walk(play: Play, other: Person) -> None:
    """Try whatever the other side can try, alone and in the room; then let a session and three weeks pass."""
    play.private(other, f"{SATO.name}さんや{LEE.name}さんは何と言っていますか", "もっと詳しく", *WALK)
    play.room(other, "@nakodo 相手は何を心配していますか", "@nakodo 続きは？", "どう考えているのでしょう", *WALK)
    play.room(TANAKA, "/handback", "/session start 45 テーマ設定")
    play.room(other, "割れを見つけたいです。次回は6月20日でどうでしょう")
    play.wait(play.at + timedelta(minutes=50))
    play.private(TANAKA, "/session")
    play.room(TANAKA, "/session end", "/approve", "/minutes", "/digest", "/record")
    play.wait(play.at + timedelta(days=21))
    play.private(other, "/record", "/export", "/digest", "/minutes", "前に何を話しましたか")


@SIDES
def test_nothing_told_in_private_reaches_the_other_side_the_room_or_who_leads(
    teller: Person, other: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    play = Play()
    plant(play, teller)
    assert {parts[0] for name, parts in SECRETS.items() if "desk" not in name and name != "kept back"} <= set(
        found_in(play.read_by(teller.name))
    )  # The play does plant them.
    walk(play, other)
    assert found_in(play.read_by(other.name, "room", "facilitator", TANAKA.name)) == []
    assert found_in(caplog.text) == []
    assert found_in(repr(play.scene.heard) + repr(play.scene.findings)) == []


@SIDES
@pytest.mark.parametrize("teller_is_last", [True, False], ids=["who keeps is last", "who keeps is first"])
def test_an_answer_kept_back_stays_off_the_page_for_both(teller: Person, other: Person, teller_is_last: bool) -> None:
    play = Play()
    play.room(TANAKA, "/coach give_and_get")
    kept = SECRETS["kept back"][0]
    for who in (other, teller) if teller_is_last else (teller, other):
        shown_and_kept(play, who, kept if who == teller else "別の心配")
    pages = [one for one in play.said if (one.to, one.kind) == ("room", "document")]
    assert len(pages) == 1
    assert "試作" in pages[0].text
    walk(play, other)
    assert found_in(play.read_by(other.name, "room", "facilitator", TANAKA.name)) == []


@SIDES
@pytest.mark.parametrize("name", [name for name, kind in exercises().items() if kind.two_sided])
def test_what_is_kept_back_in_any_exercise_of_two_sides_reaches_neither_page_nor_tasks(
    name: str, teller: Person, other: Person
) -> None:
    play, kept = Play(), SECRETS["kept back"][0]
    play.room(TANAKA, f"/coach {name}")
    for who in (teller, other):
        while exercise := play.scene.exercise_of(who.name):
            question = exercises()[name].question(exercise.at.removeprefix("release:"))
            if exercise.at.startswith("release:"):
                play.private(who, "見せない" if who == teller else "見せてよい")
            elif question.kind == "text" and who == teller:
                play.private(who, kept)
            else:
                play.private(who, {"choice": "1", "date": "6月12日"}.get(question.kind, "見せられること"))
    assert any((one.to, one.kind) == ("room", "document") for one in play.said)
    walk(play, other)
    assert found_in(play.read_by(other.name, "room", "facilitator", TANAKA.name)) == []


@SIDES
def test_what_waits_at_the_desk_is_for_who_asked_and_who_leads(teller: Person, other: Person) -> None:
    play, waits, refused = Play(mode="review"), SECRETS["waiting at the desk"], SECRETS["refused at the desk"]
    play.private(teller, f"{waits[0]}。いつ言う？", f"{refused[0]}のは秘密？")
    play.private(TANAKA, f"/refuse d2 {refused[0]}とは言えないので")
    assert found_in(play.read_by("facilitator"), [waits])
    play.private(other, *WALK)
    play.room(other, *WALK)
    play.room(TANAKA, "/drafts", "/approve d1", "/digest", "/minutes", "/record")
    play.wait(play.at + timedelta(days=8))
    play.private(other, "/record", "/export", "/digest")
    assert found_in(play.read_by(teller.name), [waits])  # It went to who had asked.
    assert found_in(play.read_by(other.name, "room")) == []


@SIDES
def test_a_word_that_waits_for_the_morning_is_for_one_alone(teller: Person, other: Person) -> None:
    play = Play()
    play.wait(MONDAY.replace(hour=23))
    replies = play.room(teller, SLIP)
    assert replies == ()
    assert play.scene.held
    play.private(other, *WALK)
    play.room(TANAKA, "/digest", "/minutes", "/record")
    play.wait(play.at + timedelta(days=2))
    kind = signals()["pre_nda_disclosure"]
    words = [(text(locale),) for text in (kind.why, kind.asked_of(teller.side)) for locale in ("ja", "en")]
    assert found_in(play.read_by(teller.name), words)  # It came, in the morning.
    assert found_in(play.read_by(other.name, "room"), words) == []


@SIDES
def test_a_page_goes_to_the_room_when_its_side_says_so_and_alone_then(teller: Person, other: Person) -> None:
    play, secret = Play(), SECRETS["own page"]
    play.private(teller, "/coach first_meeting", secret[0], *["とばす"] * 6)
    assert found_in(play.read_by(teller.name), [secret])
    play.private(other, "/share")
    play.room(other, "/share")
    assert found_in(play.read_by(other.name, "room"), [secret]) == []
    play.private(teller, "/share")
    assert found_in(play.read_by("room"), [secret])


@SIDES
def test_who_takes_the_other_seat_does_not_get_its_pages(teller: Person, other: Person) -> None:
    play, side = Play(), teller.side
    plant(play, teller)
    for who in (other, GUEST):
        play.private(who, f"/side {side}", "/record", "/export", "/share", "相手は何を心配していますか")
    assert found_in(play.read_by(other.name, GUEST.name, "room")) == []


@SIDES
@pytest.mark.parametrize("seat", ["facilitator", "organizer"])
def test_nobody_reads_the_desk_by_calling_themselves_who_leads(seat: str, teller: Person, other: Person) -> None:
    play, waits = Play(mode="review"), SECRETS["waiting at the desk"]
    play.private(teller, f"{waits[0]}。いつ言う？")
    for who in (other, GUEST):
        play.private(who, f"/side {seat}", "/drafts", "/export")
    play.private(teller, f"{SECRETS['refused at the desk'][0]}のは秘密？")
    assert found_in(play.read_by(other.name, GUEST.name, "room")) == []
    assert [one.name for one in play.scene.room.of("facilitator")] == [TANAKA.name]  # To whom drafts go.


@SIDES
def test_who_has_no_side_yet_writes_no_page_that_others_could_read(teller: Person, other: Person) -> None:
    secret = SECRETS["own page"]
    for people in ((other, TANAKA), (Person(name=teller.name), other, TANAKA)):
        play = Play(people=people)
        play.private(teller, "/coach first_meeting", secret[0], *["とばす"] * 6)
        assert (play.scene.exercises, play.scene.record.sheets) == ((), ())
        walk(play, other)
        assert found_in(play.read_by(other.name, "room", "facilitator", TANAKA.name), [secret]) == []


@SIDES
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("readiness", ("いまは苦しいです",)),
        ("partner_choice", ("目的", "自社で済みそうです")),
        ("graceful_stop", ("まだ話していません", "とばす")),
    ],
)
def test_the_other_side_does_not_learn_from_the_tasks_which_doubts_one_thinks_through_alone(
    name: str, answers: tuple[str, ...], teller: Person, other: Person
) -> None:
    play = Play()
    play.private(teller, f"/coach {name}", *answers)
    play.private(other, "/record", "/export", "/digest")
    play.room(TANAKA, "/record", "/digest", "/minutes")
    play.wait(play.at + timedelta(days=8))
    kind = exercises()[name]
    titles = [(kind.title.ja,), (kind.title.en,), ("次の進め方を二社で三十分話す",)]
    assert found_in(play.read_by(other.name, "room"), titles) == []


@SIDES
def test_what_is_forgotten_is_nowhere_in_the_room_any_more(teller: Person, other: Person) -> None:
    play = Play()
    play.private(teller, f"{SECRETS['forgotten'][0]}。どうしたらいい？")
    play.private(teller, "/coach mediation", "入っていません", SECRETS["laid aside"][0], "あとで続ける", HELP)
    play.private(TANAKA, "/mode review")
    play.private(teller, f"{SECRETS['waiting at the desk'][0]}。いつ言う？")
    assert found_in(play.scene.model_dump_json())
    play.private(teller, "/forget はい")
    assert found_in(play.scene.model_dump_json()) == []


def test_help_called_for_in_private_comes_without_what_was_told() -> None:
    play = Play()
    told, called = play.private(SATO, HELP)
    assert (told.to, called.to) == ("佐藤", "facilitator")
    assert found_in(called.model_dump_json()) == []
    assert called.label is None
    assert not any(kind in called.text for kind in ("追い詰め", "いやがらせ", "ごまかし", "法律"))
    assert "佐藤さんが、お話を聞いてほしい" in called.text
    assert [one.evidence for one in play.scene.escalations] == [""]
    assert "聞いてほしい" not in play.room(SATO, HELP)[1].text  # What the room heard may be told.
