"""How people come to a partnership, and a partnership to a chat."""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from adapters import doorstep
from adapters.post import Account, Parcel, Place
from adapters.services.store.directory import CODE_LETTERS
from bot.model import Text
from tests.adapters.memory import GROUP, LEE, ROOM, SATO, TANAKA, Hall, account, open_hall

OTHER = Place(key="slack:T1:C2")
NEW, NEXT = account(7, "山本"), account(8, "小川")
CHOICES = ("/side sme", "/side startup", "/side facilitator", "/language en")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    hall = open_hall(tmp_path)
    yield hall
    hall.store.close()


@pytest.fixture
def room(hall: Hall) -> Hall:
    """A house with a partnership of 佐藤 and Lee, led by 田中."""
    hall.sets_up()
    return hall


def said(parcels: list[Parcel]) -> str:
    return "\n".join(parcel.reply.text for parcel in parcels)


def private(hall: Hall, who: Account, words: str, **what: object) -> str:
    return said(hall.hears(hall.happens.private(who, words, **what)))


def code_for(hall: Hall, side: str = "sme", who: Account = TANAKA) -> str:
    [parcel] = hall.hears(hall.happens.said(who, f"/invite {side}"))
    return parcel.reply.text.splitlines()[1]


def side_of(hall: Hall, name: str) -> str | None:
    person = hall.scene().room.person(name)
    return person and person.side


# The beginning


def test_who_comes_for_the_first_time_is_greeted_and_may_say_who_they_are(hall: Hall) -> None:
    [parcel] = hall.hears(hall.happens.private(NEW, "/start"))
    assert "何かお困りでしたら、そのままお書きください" in parcel.reply.text
    assert parcel.reply.choices == CHOICES
    assert parcel.account and parcel.account.key == NEW.key


def test_who_asks_something_first_is_answered_first(hall: Hall) -> None:
    assert private(hall, NEW, "NDAはいつ結びますか") == "echo: NDAはいつ結びますか"


def test_the_greeting_is_in_the_language_of_their_client(hall: Hall) -> None:
    [parcel] = hall.hears(hall.happens.private(account(7, "Mia", "en"), "/start"))
    assert "just write it" in parcel.reply.text
    assert parcel.reply.choices[-1] == "/language ja"


def test_who_begins_again_is_told_of_which_partnership_it_is_spoken(room: Hall) -> None:
    assert "「栃ノ木精密 × ルミナ」のお話" in private(room, SATO, "/start")


def test_who_begins_again_is_told_of_the_partnership_that_they_chose(room: Hall) -> None:
    two_rooms(room)
    private(room, SATO, "/room 2")
    assert "ミア" in private(room, SATO, "/start")


def test_in_a_group_it_says_how_to_set_up(hall: Hall) -> None:
    for event in (hall.happens.event(TANAKA, OTHER, kind="added"), hall.happens.said(TANAKA, "/start", OTHER)):
        assert "/setup" in said(hall.hears(event))


@pytest.mark.parametrize("hears_all", [True, False])
def test_only_where_it_does_not_hear_everything_it_asks_to(hall: Hall, hears_all: bool) -> None:
    who, group = account(42, "田中", channel="telegram"), Place(key="telegram:-100")
    parcels = hall.hears(hall.happens.event(who, group, kind="added", hears_all=hears_all))
    assert ("管理者にしてください" in said(parcels)) is not hears_all
    assert "/setup" in said(parcels)


def test_where_a_record_exists_it_comes_back_in_silence(room: Hall) -> None:
    assert room.hears(room.happens.event(TANAKA, GROUP, kind="added")) == []


# Setting up


def test_who_sets_up_by_command_leads_and_gets_the_codes_alone(hall: Hall) -> None:
    parcels = hall.hears(hall.happens.said(TANAKA, "/setup 栃ノ木精密 × ルミナ"))
    told = [(parcel.place, parcel.account and parcel.account.key) for parcel in parcels]
    assert told == [(GROUP, None), (GROUP, None), (None, TANAKA.key), (None, TANAKA.key)]
    assert "「栃ノ木精密 × ルミナ」の記録" in parcels[0].reply.text
    assert "中小企業の方の参加コード" in parcels[2].reply.text
    assert "スタートアップの方の参加コード" in parcels[3].reply.text
    assert side_of(hall, "田中") == "facilitator"
    assert hall.directory.room_at("default", GROUP.key) == ROOM


@pytest.mark.parametrize(
    "words",
    [
        "/setup 栃ノ木精密 × ルミナ",
        "／立ち上げ 栃ノ木精密、ルミナ",
        "/setup 栃ノ木精密 x ルミナ",
        "@nakodo /setup 栃ノ木精密／ルミナ",
    ],
)
def test_the_names_of_both_may_be_parted_as_people_part_them(hall: Hall, words: str) -> None:
    hall.hears(hall.happens.said(TANAKA, words))
    assert hall.scene().room.names == {"sme": "栃ノ木精密", "startup": "ルミナ"}


def test_a_firm_with_an_x_in_its_name_keeps_it(hall: Hall) -> None:
    hall.hears(hall.happens.said(TANAKA, "/setup Matex × FluxCo {0}"))
    assert hall.scene().room.names == {"sme": "Matex", "startup": "FluxCo {0}"}


def test_without_names_it_is_set_up_all_the_same(hall: Hall) -> None:
    assert "「名前のない協業」" in said(hall.hears(hall.happens.said(TANAKA, "/setup")))
    assert hall.scene().room.names == {}


def test_who_gives_no_sign_between_two_names_is_understood(hall: Hall) -> None:
    parcels = hall.hears(hall.happens.said(TANAKA, "/setup　栃ノ木精密　ルミナ"))
    assert hall.scene().room.names == {"sme": "栃ノ木精密", "startup": "ルミナ"}
    assert "×" not in parcels[0].reply.text.replace("栃ノ木精密 × ルミナ", "")


@pytest.mark.parametrize("words", ["/setup", "/setup 栃ノ木精密", "/setup Acme Robotics Lumina"])
def test_who_gives_no_two_names_is_told_how_to(hall: Hall, words: str) -> None:
    assert "/setup 中小企業の名前 × スタートアップの名前" in said(hall.hears(hall.happens.said(TANAKA, words)))
    assert hall.scene().room.names == {}


def test_who_had_named_both_is_not_told_how_to_name_them_again(room: Hall) -> None:
    told = said(room.hears(room.happens.said(TANAKA, "/setup")))
    assert "「栃ノ木精密 × ルミナ」の記録" in told
    assert "中小企業の名前" not in told


def test_who_cannot_be_written_to_yet_gets_the_codes_where_they_can_be_asked(hall: Hall) -> None:
    """A platform may point to them in the group, or ask there for a talk to be opened."""
    setup = hall.hears(hall.happens.said(TANAKA, "/setup 栃ノ木精密 × ルミナ"))
    assert [parcel.aside for parcel in setup] == [None, None, GROUP, None]
    [invited] = hall.hears(hall.happens.said(TANAKA, "/invite sme"))
    assert invited.aside == GROUP
    [alone] = hall.hears(hall.happens.private(TANAKA, "/invite sme"))
    assert alone.aside is None


def test_in_private_it_says_where_to_set_up(hall: Hall) -> None:
    assert "グループに私を招いて" in private(hall, TANAKA, "/setup 甲 × 乙")
    assert hall.store.rooms() == ()


def test_a_form_seats_everybody_at_once(room: Hall) -> None:
    assert {one.name: one.side for one in room.scene().room.people} == {
        "佐藤": "sme",
        "Lee": "startup",
        "田中": "facilitator",
    }
    assert room.directory.places_of("default", ROOM) == (GROUP,)


def test_a_form_that_names_one_side_only_gives_a_code_for_the_other(hall: Hall) -> None:
    hall.directory.meet("default", SATO)
    hall.directory.meet("default", TANAKA)
    form = {"sme": (SATO.key,), "facilitator": (TANAKA.key,)}
    parcels = hall.hears(hall.happens.event(TANAKA, GROUP, kind="arranged", form=form))
    assert "スタートアップの方の参加コード" in said(parcels)
    assert "中小企業の方の参加コード" not in said(parcels)


def test_a_form_may_choose_the_rooms_language(hall: Hall) -> None:
    hall.sets_up(locale=("en",))
    assert hall.scene().room.locale == "en"


def test_who_leads_may_change_what_was_set_up(room: Hall) -> None:
    room.hears(room.happens.said(SATO, "/decide 六月に会う"))
    room.hears(room.happens.said(TANAKA, "/setup 栃ノ木 × ルミナ光学"))
    assert room.scene().room.names == {"sme": "栃ノ木", "startup": "ルミナ光学"}
    assert [one.text for one in room.scene().record.decisions] == ["六月に会う"]
    assert len(room.scene().room.people) == 3


@pytest.mark.parametrize("who", [NEW, SATO, account(66, "田中")], ids=["stranger", "member", "same name"])
def test_nobody_else_sets_it_up_again(room: Hall, who: Account) -> None:
    before = room.scene()
    assert "進行役の方だけ" in said(room.hears(room.happens.said(who, "/setup 甲 × 乙")))
    form = {"facilitator": (who.key,), "sme_name": ("甲",)}
    assert "進行役の方だけ" in said(room.hears(room.happens.event(who, GROUP, kind="arranged", form=form)))
    assert room.scene() == before


# Inviting and joining


def test_who_has_a_code_sends_just_that_and_is_in(room: Hall) -> None:
    code = code_for(room)
    assert "「栃ノ木精密 × ルミナ」に中小企業の方" in private(room, NEW, code)
    assert side_of(room, "山本") == "sme"
    private(room, NEW, "費用は?")
    assert room.scene().talk_with("山本")


@pytest.mark.parametrize(
    "written",
    [
        "{code}",
        " {code} ",
        "{lower}",
        "{plain}",
        "{spaced}",
        "/join {code}",
        "／参加 {lower}",
        "/start {plain}",
        "/start@nakodo_bot {plain}",
        "@nakodo {code}",
        "{wide}",
    ],
)
def test_a_code_may_be_written_as_it_comes(room: Hall, written: str) -> None:
    code = code_for(room)
    wide = code.translate({ord(one): ord(one) + 0xFEE0 for one in CODE_LETTERS + "-"})
    forms = {"code": code, "lower": code.lower(), "plain": code.replace("-", ""), "wide": wide}
    private(room, NEW, written.format(**forms, spaced=code.replace("-", " ")))
    assert side_of(room, "山本") == "sme"


def test_a_link_is_made_where_the_platform_has_that(room: Hall) -> None:
    event = room.happens.said(TANAKA, "/invite sme", invites="https://t.me/nakodo_bot?start=")
    _, code, link = said(room.hears(event)).splitlines()
    assert link == f"https://t.me/nakodo_bot?start={code.replace('-', '')}"


def test_without_a_side_it_asks_whom_to_invite(room: Hall) -> None:
    [parcel] = room.hears(room.happens.said(TANAKA, "/invite"))
    assert parcel.reply.choices == ("/invite sme", "/invite startup", "/invite facilitator", "/invite organizer")


@pytest.mark.parametrize(
    "who", [SATO, LEE, NEW, account(66, "田中")], ids=["sme", "startup", "stranger", "same name"]
)
def test_only_who_leads_invites(room: Hall, who: Account) -> None:
    before = room.rows("SELECT count(*) FROM codes")
    assert "進行役の方だけ" in said(room.hears(room.happens.said(who, "/invite sme")))
    assert room.rows("SELECT count(*) FROM codes") == before


def test_who_belongs_nowhere_has_nobody_to_invite(room: Hall) -> None:
    assert "まだどの協業にも" in private(room, NEW, "/invite sme")


def test_the_code_goes_to_who_asked_for_it_alone(room: Hall) -> None:
    for event in (room.happens.said(TANAKA, "/invite sme"), room.happens.private(TANAKA, "／招待 中小企業")):
        [parcel] = room.hears(event)
        assert (parcel.place, parcel.account and parcel.account.key) == (None, TANAKA.key)
        assert "中小企業の方の参加コード" in parcel.reply.text


@pytest.mark.parametrize("words", ["ABCD-2345", "/join ABCD-2345"])
def test_a_code_that_nobody_gave_out_opens_nothing(room: Hall, words: str) -> None:
    assert "使えませんでした" in private(room, NEW, words)
    assert side_of(room, "山本") is None


def test_without_a_code_it_says_how_to_write_it(room: Hall) -> None:
    assert "「/join」に続けて" in private(room, NEW, "/join")


def test_a_code_is_good_for_fourteen_days(room: Hall) -> None:
    first, second = code_for(room), code_for(room)
    room.clock.on(days=14)
    assert "お迎えしました" in private(room, NEW, first)
    room.clock.on(seconds=1)
    assert "使えませんでした" in private(room, NEXT, second)


def test_a_code_to_lead_is_used_once(room: Hall) -> None:
    code = code_for(room, "facilitator")
    assert "お迎えしました" in private(room, NEW, code)
    assert "使えませんでした" in private(room, NEXT, code)
    assert (side_of(room, "山本"), side_of(room, "小川")) == ("facilitator", None)


def test_a_code_for_a_side_seats_ten_people(room: Hall) -> None:
    code = code_for(room)
    told = [private(room, account(20 + n, f"社員{n}"), code) for n in range(11)]
    assert ["お迎えしました" in one for one in told] == [True] * 10 + [False]


def test_a_second_click_uses_up_nothing_and_does_no_harm(room: Hall) -> None:
    code = code_for(room, "facilitator")
    for _ in range(2):
        assert "お迎えしました" in private(room, NEW, code)
    assert [one.name for one in room.scene().room.people].count("山本") == 1


def test_a_code_for_the_other_side_moves_nobody_and_is_not_used_up(room: Hall) -> None:
    code = code_for(room, "facilitator")
    assert "もう中小企業の方として席があります" in private(room, SATO, code)
    assert side_of(room, "佐藤") == "sme"
    assert "お迎えしました" in private(room, NEW, code)


def test_a_link_code_joins_nothing_and_a_join_code_links_nobody(room: Hall) -> None:
    code = private(room, SATO, "/link").split("/link ")[1][:9]
    assert "使えませんでした" in private(room, NEW, f"/join {code}")
    assert "使えませんでした" in private(room, NEW, f"/link {code_for(room)}")


def test_who_is_called_like_a_member_gets_a_name_of_their_own(room: Hall) -> None:
    assert "佐藤 2さん" in private(room, account(66, "佐藤"), code_for(room, "startup"))
    assert (side_of(room, "佐藤"), side_of(room, "佐藤 2")) == ("sme", "startup")


@pytest.mark.parametrize("words", ["whatever", "research", "Help them", "startups"])
def test_an_english_word_of_eight_letters_is_no_code(room: Hall, words: str) -> None:
    assert private(room, NEW, words) == f"echo: {words}"


def test_a_name_with_braces_is_told_as_it_is(room: Hall) -> None:
    assert "{who} {0}さん、" in private(room, account(7, "{who} {0}"), code_for(room))


def test_who_joins_before_everybody_is_promised_no_privacy_there(room: Hall) -> None:
    [parcel] = room.hears(room.happens.said(NEW, f"/join {code_for(room)}"))
    assert parcel.place == GROUP
    assert "お迎えしました" in parcel.reply.text
    assert "あなたの側だけのものとしてお預かり" not in parcel.reply.text
    assert side_of(room, "山本") == "sme"


def test_a_code_says_for_which_partnership_it_is(room: Hall) -> None:
    two_rooms(room)
    for number, firm in (("1", "ルミナ"), ("2", "ミア")):
        private(room, TANAKA, f"/room {number}")
        assert f"「栃ノ木精密 × {firm}」の中小企業の方の参加コード" in private(room, TANAKA, "/invite sme")


@pytest.mark.parametrize("words", ["／ｉｎｖｉｔｅ　ｓｍｅ", "／招待　中小企業。"])
def test_the_door_opens_to_a_full_width_keyboard(room: Hall, words: str) -> None:
    assert "中小企業の方の参加コード" in private(room, TANAKA, words)


def test_who_seats_somebody_whom_the_room_has_not_met_is_told_so(room: Hall) -> None:
    room.hears(room.happens.said(account(7, "新人"), "はじめまして"))
    assert "まだお会いしていません" not in said(room.hears(room.happens.said(TANAKA, "/side sme @新人")))
    *_, told = room.hears(room.happens.said(TANAKA, "/side sme @来月来る人"))
    assert "来月来る人さんというお名前の方とは、この部屋でまだお会いしていません" in told.reply.text
    assert (told.account and told.account.key, told.reply.choices) == (TANAKA.key, ("/invite",))


def test_nobody_is_seated_by_a_mention_of_somebody_unknown(room: Hall) -> None:
    before = room.scene().room
    assert "お一人ずつ" in said(room.hears(room.happens.said(TANAKA, "/side sme <@slack:T1:U404>")))
    assert room.scene().room == before


def test_who_leads_alone_goes_on_leading_though_a_form_gives_them_another_seat(room: Hall) -> None:
    form = {"sme": (SATO.key, TANAKA.key), "startup": (LEE.key,), "facilitator": ()}
    room.hears(room.happens.event(TANAKA, GROUP, kind="arranged", form=form))
    assert side_of(room, "田中") == "facilitator"


def test_where_strangers_are_not_served_the_greeting_promises_no_answers(tmp_path: Path) -> None:
    hall = open_hall(tmp_path, strangers=False)
    [parcel] = hall.hears(hall.happens.private(NEW, "/start"))
    assert "参加コード" in parcel.reply.text
    assert "すぐにお答えします" not in parcel.reply.text
    assert parcel.reply.choices == ()
    hall.store.close()


# Which room


def two_rooms(hall: Hall) -> None:
    partner = account(5, "Mia")
    for who in (partner, SATO):
        hall.directory.meet("default", who)
    form = {"sme": (SATO.key,), "startup": (partner.key,), "facilitator": (TANAKA.key,)}
    names = {"sme_name": ("栃ノ木精密",), "startup_name": ("ミア",)}
    hall.hears(hall.happens.event(TANAKA, OTHER, kind="arranged", form=form | names))
    hall.settles_all()


def test_who_has_several_partnerships_chooses_by_number(room: Hall) -> None:
    two_rooms(room)
    [parcel] = room.hears(room.happens.private(SATO, "/room"))
    assert "1. 栃ノ木精密 × ルミナ\n2. 栃ノ木精密 × ミア" in parcel.reply.text
    assert parcel.reply.choices == ("/room 1", "/room 2")
    assert "「栃ノ木精密 × ミア」のお話" in private(room, SATO, "／部屋 ２")


@pytest.mark.parametrize("words", ["/room 0", "/room 3", "/room ミア", "/room ²"])
def test_a_number_that_is_not_there_is_asked_again(room: Hall, words: str) -> None:
    two_rooms(room)
    assert "どの件の" in private(room, SATO, words)


def test_nobody_chooses_a_partnership_that_is_not_theirs(room: Hall) -> None:
    two_rooms(room)
    assert "1. 栃ノ木精密 × ルミナ" in private(room, LEE, "/room")
    assert "2." not in private(room, LEE, "/room 2")
    assert "まだどの協業にも" in private(room, NEW, "/room 1")


# One person on two platforms

PHONE = account(42, "Sato", channel="telegram")


def link(hall: Hall, first: Account, second: Account) -> str:
    code = private(hall, first, "/link").split("/link ")[1][:9]
    return private(hall, second, f"/link {code}")


@pytest.mark.parametrize(("first", "second"), [(SATO, PHONE), (PHONE, SATO)], ids=["from here", "from there"])
def test_two_accounts_become_one_person(room: Hall, first: Account, second: Account) -> None:
    assert "つながりました" in link(room, first, second)
    private(room, PHONE, "費用は?")
    assert room.name_of(PHONE) == room.name_of(SATO) == "佐藤"
    assert len(room.scene().talk_with("佐藤")) == 2


def test_who_has_two_accounts_is_written_to_where_they_wrote_last(room: Hall) -> None:
    link(room, SATO, PHONE)
    for who in (SATO, PHONE):
        room.clock.on(seconds=1)
        private(room, who, "こんにちは")
        [last, *_] = room.directory.accounts_of("default", ROOM, "佐藤")
        assert last.key == who.key


def test_who_sits_in_one_partnership_twice_is_not_made_one(room: Hall) -> None:
    assert "別々の席がもうあります" in link(room, SATO, LEE)
    assert (room.name_of(SATO), room.name_of(LEE)) == ("佐藤", "Lee")


def test_a_word_said_in_passing_is_no_seat_in_the_way(room: Hall) -> None:
    room.directory.bind("default", Place(key="telegram:-100"), ROOM)
    room.hears(room.happens.said(PHONE, "こんにちは", Place(key="telegram:-100")))
    assert "つながりました" in link(room, SATO, PHONE)


def test_a_code_to_link_is_good_once_and_for_fifteen_minutes(room: Hall) -> None:
    codes = [private(room, SATO, "/link").split("/link ")[1][:9] for _ in range(2)]
    room.clock.on(minutes=15)
    assert "つながりました" in private(room, PHONE, f"/link {codes[0]}")
    assert "使えませんでした" in private(room, NEW, f"/link {codes[0]}")
    room.clock.on(seconds=1)
    assert "使えませんでした" in private(room, NEW, f"/link {codes[1]}")


def test_a_code_to_link_sent_back_where_it_came_from_links_nothing_and_is_still_good(room: Hall) -> None:
    code = private(room, SATO, "/link").split("/link ")[1][:9]
    assert "もう一方のチャット" in private(room, SATO, f"/link {code}")
    assert "つながりました" in private(room, PHONE, f"/link {code}")


def test_a_code_to_link_is_never_shown_in_a_group(room: Hall) -> None:
    assert "個別の会話で" in said(room.hears(room.happens.said(SATO, "/link")))
    assert room.rows("SELECT count(*) FROM codes WHERE purpose = 'link'") == [(0,)]


# What is kept of a code


def test_of_a_code_nothing_is_kept_from_which_it_could_be_read(room: Hall) -> None:
    for code in (code_for(room), private(room, SATO, "/link").split("/link ")[1][:9]):
        assert code.replace("-", "") not in str(room.rows("SELECT * FROM codes"))


async def test_a_code_that_was_delivered_and_used_stands_nowhere_any_more(room: Hall) -> None:
    code = code_for(room)
    await room.sends_all()
    assert code in room.channel.texts()[-1]
    private(room, NEW, code)
    await room.sends_all()
    for table in ("inbox", "outbox", "messages", "deliveries", "rooms", "codes", "accounts", "members"):
        kept = str(room.rows(f"SELECT * FROM {table}"))
        assert code not in kept, table
        assert code.replace("-", "") not in kept, table


# Words

WORDS = {name: text for name, text in vars(doorstep).items() if isinstance(text, Text)}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_every_word_at_the_door_exists_in_both_languages(name: str) -> None:
    text = WORDS[name]
    gaps = [sorted(gap for _, gap, *_ in Formatter().parse(words) if gap) for words in (text.ja, text.en)]
    assert gaps[0] == gaps[1]
    assert text.ja != text.en
    assert text.en.isascii() or set(text.en) - set("“”×…’") <= set(map(chr, range(128)))


def test_who_uses_english_is_spoken_to_in_english_at_every_door(hall: Hall) -> None:
    lead, guest = account(3, "Tanaka", "en"), account(7, "Mia", "en")
    words = [
        *(parcel.reply.text for parcel in hall.hears(hall.happens.said(lead, "/setup Tochi x Lumina"))),
        *(
            private(hall, lead, one)
            for one in ("/start", "/invite", "/invite sme", "/room", "/link", "/link ABCD2345")
        ),
        *(private(hall, guest, one) for one in ("/start", "/join", "ABCD-2345", "/invite", "/setup", "/room")),
        *(said(hall.hears(hall.happens.said(guest, one))) for one in ("/setup", "/link", "/invite sme")),
    ]
    assert len(words) > 15
    assert [one for one in words if not one or any("\u3040" <= letter <= "\u9fff" for letter in one)] == []


def test_a_room_without_a_name_is_called_so(hall: Hall) -> None:
    hall.hears(hall.happens.said(TANAKA, "/setup"))
    assert "1. 名前のない協業" in private(hall, TANAKA, "/room")
