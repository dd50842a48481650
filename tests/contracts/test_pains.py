"""What hurts users of other bots, each with our answer; and what Slack and Telegram ask of a good bot."""

import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.serve import House, build_app
from adapters.services.store import Mail
from adapters.services.store.engine import open_engine
from knowledge.tokens import words as words_of
from tests.contracts import light
from tests.contracts.both import Both, on_both
from tests.contracts.driving import Driver, Firm, Line, Who
from tests.contracts.running import until

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with on_both(tmp_path_factory.mktemp("both"), webhook=False) as running:
        yield running


@pytest.fixture(scope="module")
def firm(both: Both) -> Firm:
    """A partnership on Slack."""
    return both.slack.firm()


@pytest.fixture(params=["slack", "telegram"])
def driver(request: pytest.FixtureRequest, both: Both) -> Driver:
    found: Driver = getattr(both, request.param)
    return found


@pytest.fixture
def gate(both: Both) -> Iterator[None]:
    both.house.shut_gate()
    yield
    both.house.open_gate()
    both.house.settle()


def count(lines: list[Line], words: str) -> int:
    return sum(words in line.text for line in lines)


# The twelve pains


def test_pain_1_double_answers_after_retries(both: Both, firm: Firm) -> None:
    asked = both.slack.slack.mention(firm.sme.id, "再送される質問", channel=firm.room)
    sent = [both.slack.slack.deliver(one) for _ in range(3) for one in asked]
    assert all(one.wait(45).acked for one in sent)
    both.slack.heard_in_room(firm.room, "echo: 再送される質問")
    both.slack.settle()
    assert count(both.slack.in_room(firm.room), "再送される質問") == 1


def test_pain_2_a_message_that_was_acknowledged_is_not_lost_in_a_crash(both: Both, gate: None) -> None:
    askers = [(driver, driver.person("森")) for driver in (both.slack, both.telegram)]
    for driver, who in askers:
        driver.whisper(who, "ゆっくり考えて、停電のあとで")  # Returns when the platform is told that it arrived.
    both.house.wait_for_thought()
    both.house.kill()
    both.house.open_gate()
    both.house.start()
    for driver, who in askers:
        driver.heard_in_private(who, "echo: ゆっくり考えて、停電のあとで")
        driver.settle()
        assert count(driver.in_private(who), "停電のあとで") == 1


@pytest.fixture(scope="module")
def returned(both: Both) -> tuple[Who, Who]:
    """Two people: one asked before the house was closed and once two hours ago, the other thrice two hours ago."""
    telegram, faithful, often = both.telegram.telegram, both.telegram.person("旅人"), both.telegram.person("何度も")
    both.telegram.whisper(faithful, "閉店前の質問")
    both.telegram.heard_in_private(faithful, "閉店前の質問")
    both.telegram.settle()
    assert both.house.stop() == 0
    telegram.clock = lambda: time.time() - 7_200
    telegram.say(faithful.id, faithful.id, "閉店中の質問")
    for words in ("一つ目の質問", "/help", "二つ目の質問"):
        telegram.say(often.id, often.id, words)
    telegram.clock = time.time
    both.house.start()
    both.telegram.heard_in_private(often, "二つ目の質問")
    both.telegram.settle()
    return faithful, often


def test_pain_3_a_restart_neither_drops_nor_replays_what_came_meanwhile(
    both: Both, returned: tuple[Who, Who]
) -> None:
    lines = both.telegram.in_private(returned[0])
    assert count(lines, "閉店前の質問") == 1
    assert count(lines, "閉店中の質問") == 1
    assert count(lines, "しばらく席を外していました") == 1


def test_pain_3_who_wrote_often_while_nobody_was_there_hears_one_apology(
    both: Both, returned: tuple[Who, Who]
) -> None:
    lines = both.telegram.in_private(returned[1])
    assert count(lines, "一つ目の質問") == count(lines, "二つ目の質問") == 1
    assert count(lines, "しばらく席を外していました") == 1


def test_pain_4_the_bot_does_not_talk_over_the_human_who_took_over(both: Both, gate: None) -> None:
    firm = both.slack.firm("桐生織物 × アオバ", ("井上", "小林", "Park"))
    both.slack.say(firm.room, firm.sme, "ゆっくり考える質問", calling=True)
    both.house.wait_for_thought()
    both.slack.command(None, firm.facilitator, "takeover")
    both.house.open_gate()
    both.slack.heard_in_private(firm.facilitator, "お任せして")
    both.slack.settle()
    assert "ゆっくり考える質問" not in both.slack.everything(firm.room)


def test_pain_5_a_draft_is_decided_by_its_reviewer_once_and_every_click_is_answered(both: Both) -> None:
    slack, firm = both.slack, both.slack.firm("岡谷時計 × ツバサ", ("高橋", "鈴木", "Kim"))
    slack.command(None, firm.facilitator, "mode review")
    slack.settle()
    slack.whisper(firm.sme, "下書きになる質問")
    draft = slack.heard_in_private(firm.facilitator, "下書きになる質問")
    slack.forge(firm.startup, firm.room, draft.knobs[0].value)  # Not theirs to press.
    slack.settle()
    assert "echo: 下書きになる質問" not in slack.everything(firm.sme)
    slack.press(firm.facilitator, draft, "承認")
    slack.heard_in_private(firm.sme, "echo: 下書きになる質問")
    heard = len(slack.in_private(firm.facilitator))
    slack.press_stale(firm.facilitator, draft, "承認")
    until(lambda: len(slack.in_private(firm.facilitator)) > heard, "the second click is not answered")
    slack.settle()
    assert count(slack.in_private(firm.sme), "echo: 下書きになる質問") == 1


def test_pain_5_the_button_of_one_partnerships_draft_decides_nothing_in_another(driver: Driver) -> None:
    first, second = (driver.firm(f"{name} × ヒバリ", ("高橋", f"{name}主", "Kim")) for name in ("一番星", "二番星"))
    # One facilitator looks after both, and spoke of the second last.
    facilitator = second.facilitator
    code = driver.invited(first, "facilitator")
    driver.join(facilitator, code)
    driver.heard_in_private(facilitator, "一番星")
    driver.command(None, first.facilitator, "mode review")
    driver.command(None, facilitator, "room")
    listed = driver.heard_in_private(facilitator, "どの件のお話")
    number = next(line[:1] for line in listed.text.splitlines() if "二番星" in line)
    driver.command(None, facilitator, f"room {number}")
    driver.heard_in_private(facilitator, "ここからは「二番星")
    driver.command(None, facilitator, "mode review")
    driver.settle()
    driver.whisper(first.sme, "一番星の質問")
    driver.whisper(second.sme, "二番星の質問")
    draft = driver.heard_in_private(facilitator, "一番星の質問")
    driver.heard_in_private(facilitator, "二番星の質問")
    driver.press(facilitator, draft, "承認")
    driver.settle()
    assert "echo: 二番星の質問" not in driver.everything(second.sme)
    assert "echo: 一番星の質問" in driver.everything(first.sme)


def test_pain_6_in_its_own_thread_it_needs_no_mention_and_elsewhere_it_does(both: Both, firm: Firm) -> None:
    both.slack.say(firm.room, firm.sme, "糸口の質問", calling=True)
    line = both.slack.heard_in_room(firm.room, "echo: 糸口の質問")
    both.slack.say(firm.room, firm.startup, "呼ばずに続ける", under=line)
    answer = both.slack.heard_in_room(firm.room, "呼ばずに続ける")
    assert answer.under == line.under
    before = len(both.slack.in_room(firm.room))
    both.slack.say(firm.room, firm.startup, "糸口の外の話")
    both.slack.settle()
    assert len(both.slack.in_room(firm.room)) == before


def test_pain_7_japanese_is_searched_by_its_words_not_as_one() -> None:
    assert {"図面", "契約"} <= set(words_of("図面を見せる前に契約を結ぶべきでしょうか？"))


def test_pain_7_japanese_is_neither_cut_mid_sentence_nor_shown_with_asterisks(driver: Driver) -> None:
    who = driver.person("長谷川")
    driver.whisper(who, "長文でお願いします")
    until(lambda: "続0559番" in driver.everything(who), "the end of the long text does not come")
    driver.settle()
    whole = [line for line in driver.in_private(who) if "文では図面の寸法" in line.text]
    assert whole
    assert all(re.match(r"第\d{4}文では", line.text) for line in whole)
    assert "**" not in driver.everything(who)


def test_pain_8_no_attachment_is_passed_over_without_a_word(both: Both) -> None:
    telegram, who = both.telegram, both.telegram.person("送り主")
    telegram.telegram.photo(who.id, who.id)
    telegram.telegram.voice(who.id, who.id)
    telegram.telegram.sticker(who.id, who.id)
    for name in ("photo.jpg", "voice.ogg", "sticker👍.webp"):
        telegram.heard_in_private(who, f"「{name}」は読めない種類のファイルです")


def test_pain_8_a_file_that_is_dropped_into_the_room_is_answered_to_its_sender_alone(driver: Driver) -> None:
    firm = driver.firm("諏訪光学 × レンゲ", ("内田", "原田", "Choi"))
    before = len(driver.in_room(firm.room))
    driver.attach(firm.room, firm.sme, "図面.dwg", b"AC1032", "共有します")
    driver.heard_in_private(firm.sme, "「図面.dwg」は読めない種類のファイルです")
    driver.settle()
    assert "図面.dwg" not in driver.everything(firm.startup)
    assert all("図面.dwg" not in line.text for line in driver.in_room(firm.room)[before:])


@pytest.fixture(scope="module")
def failed(both: Both, firm: Firm) -> tuple[Who, Who]:
    """Somebody on Slack and somebody on Telegram, whose questions made the coach fail; so did a member's."""
    alone, goes_on = both.slack.person("不運"), both.telegram.person("粘る人")
    both.slack.whisper(alone, "壊れる質問、合言葉はスミレ")
    both.telegram.whisper(goes_on, "壊れる質問、合言葉はツバキ")
    both.slack.whisper(firm.startup, "壊れる質問、合言葉はアヤメ")
    both.slack.settle()
    return alone, goes_on


def test_pain_9_nobody_is_shown_a_raw_exception_and_no_log_quotes_it(
    both: Both, firm: Firm, failed: tuple[Who, Who]
) -> None:
    both.slack.heard_in_private(firm.facilitator, "うまく受け取れませんでした（控え")
    heard = both.slack.everything(failed[0], firm.startup, firm.facilitator, firm.room)
    heard += both.telegram.everything(failed[1])
    printed = both.house.printed()
    assert '"put aside"' in printed
    for words in ("ZeroDivisionError", "Traceback"):
        assert words not in heard
    for words in ("スミレ", "ツバキ", "アヤメ", "Traceback"):
        assert words not in printed


def test_pain_9_after_a_failure_the_talk_goes_on(both: Both, failed: tuple[Who, Who]) -> None:
    both.telegram.whisper(failed[1], "壊れていない質問です")
    both.telegram.heard_in_private(failed[1], "echo: 壊れていない質問です")


def test_pain_11_a_member_whose_answer_fails_is_not_left_in_silence(
    both: Both, firm: Firm, failed: tuple[Who, Who]
) -> None:
    after = [line.text for line in both.slack.in_private(firm.startup) if "お迎えしました" not in line.text]
    assert any("控え" in text for text in after), "only the facilitator hears of it"


def test_pain_11_a_stranger_whose_answer_fails_is_not_left_in_silence(both: Both, failed: tuple[Who, Who]) -> None:
    assert any("控え" in line.text for line in both.slack.in_private(failed[0])), "nobody hears of it at all"


async def test_pain_10_a_channel_that_gives_no_sign_of_life_is_not_ready(tmp_path: Path) -> None:
    deaf = _Deaf()
    mail = Mail(open_engine(None, tmp_path))
    mail.note_sign("house", datetime.now(UTC))

    @asynccontextmanager
    async def build() -> AsyncIterator[House]:
        yield House(_Road(mail), {"slack": deaf})  # type: ignore[arg-type, dict-item]

    app = build_app(build)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house") as client,
    ):
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/ready")).status_code == 503
        deaf.heard_at = datetime.now(UTC)
        assert (await client.get("/ready")).status_code == 200
        deaf.heard_at -= timedelta(minutes=10)
        assert (await client.get("/ready")).json()["silent"] == ["slack"]
    mail.engine.dispose()


class _Deaf:
    """A channel that is up, whatever its platform does."""

    def __init__(self) -> None:
        self.heard_at: datetime | None = None
        self.refused: Counter[str] = Counter()

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def routes(self) -> list[Any]:
        return []

    def alive(self) -> datetime | None:
        return self.heard_at


class _Road:
    """A road that nobody walks."""

    def __init__(self, mail: Mail) -> None:
        self.mail = mail

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


def test_pain_12_a_thumb_is_kept_with_the_answer_and_its_sources(driver: Driver) -> None:
    who = driver.person("評者")
    driver.whisper(who, "評価される質問")
    line = driver.heard_in_private(who, "評価される質問")
    driver.press(who, line, "👎")
    driver.heard_in_private(who, "ありがとうございます")
    parcel = line.knobs[-1].value.partition(":")[0]
    kept = driver.house.rows("SELECT kind, cards, useful FROM feedback WHERE parcel = ?", parcel)
    assert kept == [("answer", f'["{light.CARD}"]', 0)]
    driver.press_stale(who, line, "👍")
    driver.settle()
    assert driver.house.rows("SELECT useful FROM feedback WHERE parcel = ?", parcel) == [(1,)]


# One person at two platforms


def test_one_person_at_slack_and_telegram_is_one_person(both: Both, firm: Firm) -> None:
    slack, telegram, elsewhere = both.slack, both.telegram, both.telegram.person("イ・ミンス")
    slack.command(firm.room, firm.sme, "theme 錆の早期発見")
    slack.whisper(firm.startup, "Slackでの最初の質問")
    slack.heard_in_private(firm.startup, "Slackでの最初の質問")
    telegram.whisper(elsewhere, "私の立場は")
    telegram.heard_in_private(elsewhere, "side=None")
    slack.command(None, firm.startup, "link")
    told = slack.heard_in_private(firm.startup, "もう一方のチャットで")
    code = re.search(r"/link ([A-Z2-9]{4}-[A-Z2-9]{4})", told.text)
    assert code is not None
    telegram.command(None, elsewhere, f"link {code[1]}")
    telegram.heard_in_private(elsewhere, "つながりました")
    telegram.whisper(elsewhere, "あらためて、私の立場は")
    known = telegram.heard_in_private(elsewhere, "side=startup")
    assert "theme=錆の早期発見" in known.text
    assert "before=0" not in known.text
    telegram.command(None, elsewhere, "decide 来月、錆びた板を十枚持ち寄る")
    telegram.settle()
    slack.command(None, firm.sme, "record")
    assert "Lee" in slack.heard_in_private(firm.sme, "錆びた板を十枚").text
    telegram.command(None, elsewhere, "link")
    used = telegram.heard_in_private(elsewhere, "もう一方のチャットで")
    assert code[1] not in used.text


# What Slack asks of a bot


def test_slack_is_told_at_once_though_the_answer_takes_long(both: Both, gate: None) -> None:
    who = both.slack.person("気長")
    both.slack.whisper(who, "ゆっくり考えてください")
    both.house.wait_for_thought()
    assert both.slack.slack.deliveries[-1].acked
    assert not both.slack.in_private(who)
    both.house.open_gate()
    both.slack.heard_in_private(who, "ゆっくり考えてください")


def test_slack_hears_a_private_word_in_a_direct_message_not_only_in_passing(both: Both, firm: Firm) -> None:
    both.slack.command(firm.room, firm.sme, "privacy")
    line = both.slack.heard_in_private(firm.sme, "相手の側には")
    assert line.where == both.slack.slack.im(firm.sme.id)
    passing = [one for one in both.slack.slack.ephemerals if one["user"] == firm.sme.id]
    assert all("相手の側には" not in str(one) for one in passing)


def test_slack_previews_are_off(both: Both) -> None:
    who = both.slack.person("縁")
    both.slack.whisper(who, "https://example.com/ を見て")
    both.slack.heard_in_private(who, "example.com")
    assert both.slack.slack.calls_of("chat.postMessage")[-1].args["unfurl_links"] in (False, "false", "0")


def test_slack_bots_are_not_answered(both: Both, firm: Firm) -> None:
    slack = both.slack.slack
    before, refused = len(both.slack.in_room(firm.room)), both.house.refused("slack").get("bot", 0)
    bot = slack.team.bot_user
    envelopes = [slack.bot_message(f"<@{bot}> /record", channel=firm.room, legacy=legacy) for legacy in (True, False)]
    envelopes.append(slack.own_message(firm.room, both.slack.in_room(firm.room)[-1].name))
    for one in envelopes:
        assert slack.deliver(one).wait(45).acked
    both.slack.settle()
    assert len(both.slack.in_room(firm.room)) == before
    assert both.house.refused("slack")["bot"] == refused + 3


def test_slack_outsiders_of_a_shared_channel_do_not_see_the_record(both: Both) -> None:
    slack, (facilitator, other) = both.slack.slack, (both.slack.person(name) for name in ("田中", "佐藤"))
    away = slack.add_team("Away", installed=False)
    outsider = type(other)(slack.add_user("よその人", team=away), "よその人")
    room = slack.add_channel("shared", [facilitator.id, other.id, outsider.id], shared_with=[away])
    both.slack.set_up(room, facilitator)
    both.slack.say(room, facilitator, "/theme 鋳肌の検査", calling=True)
    both.slack.settle()
    before = len(both.slack.in_room(room))
    both.slack.say(room, outsider, "/record", calling=True)
    both.slack.heard_in_room(room, "この部屋の方だけ")
    assert "鋳肌" not in both.slack.everything(outsider)
    assert all("鋳肌" not in line.text for line in both.slack.in_room(room)[before:])


def test_slack_home_buttons_act_in_the_partnership_under_which_they_stand(both: Both) -> None:
    slack = both.slack
    first, second = (slack.firm(f"{name} × ヒバリ", ("高橋", f"{name}主", "Kim")) for name in ("三番星", "四番星"))
    facilitator = second.facilitator
    slack.join(facilitator, slack.invited(first, "facilitator"))
    slack.heard_in_private(facilitator, "三番星")
    slack.enter(first.room, facilitator)
    for firm in (first, second):
        slack.say(firm.room, facilitator, "/action 見積もりを出す", calling=True)
    slack.command(None, facilitator, "room")
    listed = slack.heard_in_private(facilitator, "どの件のお話").text.splitlines()
    slack.command(None, facilitator, f"room {next(line[:1] for line in listed if '四番星' in line)}")
    slack.heard_in_private(facilitator, "ここからは「四番星")
    slack.settle()
    slack.slack.deliver(slack.slack.home_opened(facilitator.id)).wait(45)
    view = until(lambda: slack.slack.homes.get(facilitator.id), "no home is shown")
    buttons = [one["accessory"] for one in view["blocks"] if "accessory" in one]
    mine = next(one for one in buttons if first.room in one["value"])
    slack.slack.deliver(slack.slack.press(facilitator.id, mine["action_id"], view_id=view["id"])).wait(45)
    slack.settle()
    done = {firm.room: _done(both, firm) for firm in (first, second)}
    assert done == {first.room: True, second.room: False}


def _done(both: Both, firm: Firm) -> bool:
    rows = both.house.rows("SELECT scene FROM rooms WHERE id LIKE ?", f"%{firm.room}")
    return '"done":true' in str(rows[0][0]).replace(" ", "")


# What Telegram asks of a bot


def test_telegram_clicks_are_always_answered_and_carry_64_bytes_at_most(both: Both) -> None:
    telegram, who = both.telegram, both.telegram.person("押す人")
    telegram.whisper(who, "押すための質問")
    line = telegram.heard_in_private(who, "押すための質問")
    assert all(len(knob.value.encode()) <= 64 for knob in line.knobs)
    for label in ("👍", light.CHOICES[0]):
        telegram.press(who, line, label)
    telegram.telegram.wait_for(lambda: set(telegram.telegram.callbacks) <= set(telegram.telegram.answers), 45)


def test_telegram_previews_are_off(both: Both) -> None:
    who = both.telegram.person("縁")
    both.telegram.whisper(who, "https://example.com/ を見て")
    both.telegram.heard_in_private(who, "example.com")
    options = both.telegram.telegram.calls_of("sendMessage")[-1].get("link_preview_options")
    assert '"is_disabled": true' in options.lower()


def test_telegram_groups_are_told_at_setup_what_privacy_mode_keeps_from_the_bot(both: Both) -> None:
    telegram, who = both.telegram, both.telegram.person("幹事")
    group = telegram.telegram.group(admins=[who.id], bot="left")
    telegram.telegram.add_bot(group, who.id)
    telegram.heard_in_room(group, "お招きありがとうございます")
    telegram.command(group, who, "setup 甲 × 乙")
    telegram.heard_in_room(group, "記録を始めました")
    telegram.settle()
    assert "管理者" in telegram.everything(group), "nobody learns that it hears only what is addressed to it"


def test_telegram_group_that_moves_keeps_its_partnership(both: Both) -> None:
    telegram = both.telegram
    people = [telegram.person(name) for name in ("田中", "佐藤")]
    group = telegram.telegram.group(members=[people[1].id], admins=[people[0].id], kind="group", bot="administrator")
    telegram.set_up(group, people[0])
    telegram.command(group, people[0], "theme 歯車の音")
    telegram.settle()
    new = telegram.telegram.migrate(group)
    telegram.settle()
    telegram.command(new, people[0], "record")
    telegram.heard_in_room(new, "歯車の音")
