"""Commands change the scene, and a wrong one gets the nearest right one."""

from datetime import UTC, date, datetime

import pytest

from bot.commands import COMMANDS, obey
from bot.model import Message, MessageId, Person, Reply, Room, RoomId
from bot.scene import Scene

SATO, LEE, TANAKA = (
    Person(name="佐藤", side="sme"),
    Person(name="Lee", side="startup"),
    Person(name="田中", side="facilitator"),
)
SCENE = Scene(room=Room(id=RoomId("r"), people=(SATO, LEE, TANAKA)))
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def order(words: str, scene: Scene = SCENE, who: Person = SATO, *, private: bool = True) -> tuple[str, Scene]:
    replies, scene = asked(words, scene, who, private=private)
    return "\n".join(reply.text for reply in replies), scene


def asked(
    words: str, scene: Scene = SCENE, who: Person = SATO, *, private: bool = True
) -> tuple[tuple[Reply, ...], Scene]:
    message = Message(id=MessageId("m"), sender=Person(name=who.name), at=NOON, text=words, private=private)
    return obey(words, message, scene)


def after(*orders: str, scene: Scene = SCENE, who: Person = SATO) -> Scene:
    for words in orders:
        _, scene = order(words, scene, who)
    return scene


def test_help_names_every_command_in_both_languages() -> None:
    english, _ = order("/help", SCENE.speaking("佐藤", "en"))
    japanese, _ = order("/help", SCENE.speaking("佐藤", "ja"))
    assert all(f"/{command.name}" in english for command in COMMANDS)
    assert all(f"/{command.name}" in japanese and f"/{command.ja}" in japanese for command in COMMANDS)


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("/stage meeting", "/段階 初めの話し合い"),
        ("/nda signed 2026-03-30", "/秘密保持 締結済み 3月30日"),
        ("/theme バリを減らす", "/テーマ バリを減らす"),
        ("/decide 五ミリでいく", "/決定 五ミリでいく"),
        ("/action 試料を送る @Lee 2026-04-20", "/宿題 試料を送る @Lee 4/20"),
        ("/experiment new 反りは測れるか", "/実験 新規 反りは測れるか"),
        ("/cost 材料費: ルミナ 10万円", "/費用 材料費： ルミナ 10万円"),
    ],
)
def test_the_grammar_is_the_same_in_both_languages(english: str, japanese: str) -> None:
    assert after(english).record == after(japanese).record
    assert after(english).record != SCENE.record


def test_a_reader_sees_who_changed_what_and_what_stood_there() -> None:
    scene = after("/nda drafting", "/nda signed 2026-04-01 2027-03-31 目的 反りの測定")
    text, _ = order("/record", scene)
    assert (scene.record.nda.expires, scene.record.nda.purpose) == (date(2027, 3, 31), "反りの測定")
    assert "佐藤" in text
    assert "drafting" in text


def test_a_step_too_far_says_where_one_may_go() -> None:
    text, scene = order("/stage building")
    assert "初めの話し合い" in text
    assert scene == SCENE
    _, scene = order("/stage building 理由: 記録を始める前に進んでいた")
    assert scene.record.stage == "building"
    assert scene.record.history[-1].why == "記録を始める前に進んでいた"


def test_an_experiment_starts_only_when_its_terms_are_settled() -> None:
    scene = after("/experiment new 反りは測れるか", "/experiment set 終了日 5/20", "/experiment set cap 10万円")
    text, scene = order("/experiment start", scene)
    assert "成功の目安" in text
    scene = after(
        "/experiment set success 0.1ミリで分かる",
        "/experiment set stop 三回だめなら",
        "/experiment set decider 佐藤",
        "/experiment start",
        scene=scene,
    )
    assert scene.record.experiments[0].state == "running"


def test_terms_of_a_running_experiment_change_only_with_a_reason() -> None:
    scene = after(
        "/experiment new q", "/experiment set ends 5/20", "/experiment set cap 1", "/experiment set success s",
        "/experiment set stop t", "/experiment set decider d", "/experiment start",
    )  # fmt: skip
    text, same = order("/experiment set success ゆるめる", scene)
    assert "理由" in text
    assert same == scene
    _, changed = order("/experiment set success ゆるめる 理由: 治具が届かない", scene)
    assert changed.record.experiments[0].success == "ゆるめる"
    assert changed.record.history[-1].why == "治具が届かない"
    assert "s" in (changed.record.history[-1].before or "")


def test_only_the_people_of_the_room_write_into_its_record() -> None:
    text, scene = order("/decide 社外の人の決定", who=Person(name="通りすがり"))
    assert "この部屋の方" in text
    assert scene == SCENE


@pytest.mark.parametrize("words", ["/mode quiet", "/takeover", "/approve d1", "/session start 30 テーマ"])
def test_only_who_leads_may_lead(words: str) -> None:
    text, scene = order(words, who=LEE)
    assert "進行役" in text or "facilitator" in text
    assert scene == SCENE


def test_what_is_ones_own_is_answered_in_private_wherever_it_was_asked() -> None:
    for words in ("/privacy", "/export", "/forget", "/coach"):
        replies, _ = asked(words, private=False)
        assert {reply.to for reply in replies} == {"佐藤"}, words


def test_a_chosen_language_stays_until_it_is_given_back() -> None:
    scene = after("/language en")
    assert scene.locale_of("佐藤") == "en"
    assert after("/language auto", scene=scene).locale_of("佐藤") is None


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("/halp", "/help"),
        ("/stagee meeting", "/stage"),
        ("/stage agreeingg", "/stage agreeing"),
        ("/nda", "/nda none|drafting|signed"),
        ("/段落 準備", "/stage"),
        ("/zzz", "/help"),
        ("/decide", "/decide"),
    ],
)
def test_a_wrong_command_gets_the_nearest_right_one(wrong: str, hint: str) -> None:
    text, scene = order(wrong)
    assert hint in text
    assert scene == SCENE


def test_forgetting_asks_first_and_then_forgets() -> None:
    from bot.model import Said

    scene = SCENE.remembering("佐藤", (Said(role="person", text="秘密"),))
    replies, same = asked("/forget", scene)
    assert same == scene
    assert replies[0].choices
    _, scene = order(replies[0].choices[0], scene)
    assert "秘密" not in scene.model_dump_json()
    assert scene.forgetting == "佐藤"
