"""Names are known by what they are and where they stand, not from a list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.names import Name, is_country, names


def found(text: str) -> list[str]:
    return [name.text for name in names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("喜屋武さんと仲村渠さんが見えました", ["喜屋武", "仲村渠"]),
        ("プラディープ・ナイールさんが工場に来る", ["プラディープ・ナイール"]),
        ("ジャン＝リュック氏から", ["ジャン＝リュック"]),
        ("水無瀬社長は譲ってもいいと", ["水無瀬"]),
        ("林社長に聞く", ["林"]),
        ("林です。昨日はどうも。", ["林"]),
        ("御社の辻が言うには", ["辻"]),
        ("弊社の四月一日と申します", ["四月一日"]),
        ("たっくんとのりさんも", ["たっ", "のり"]),
        ("みっちーが貼った", ["みっちー"]),
        ("担当は曽我部野です", ["曽我部野"]),
        ("薬袋宛に送る", ["薬袋"]),
    ],
)
def test_people_are_known_by_politeness_titles_and_introductions(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("株式会社ヒカリノネの方", ["ヒカリノネ"]),
        ("クラフトボルト株式会社の名刺", ["クラフトボルト"]),
        ("ヤツガシラ工務に外注", ["ヤツガシラ工務"]),
        ("やまびこ信用金庫の口座", ["やまびこ信用金庫"]),
        ("浜名ワークスの共同開発", ["浜名ワークス"]),
        ("コバルトブルー社の提案", ["コバルトブルー"]),
        ("ドロップリーフという会社", ["ドロップリーフ"]),
        ("新製品「こはく」の単価", ["こはく"]),
        ("長野県岡谷市長地権現町に送る", ["長野県岡谷市長地権現町"]),
    ],
)
def test_firms_and_places_are_found_whole(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Venkatesh and Margrethe will handle the design", ["Venkatesh", "Margrethe"]),
        ("Grace out today. Penny takes notes.", ["Grace", "Penny"]),
        ("Hi Frank, to be frank, it is not ready. Hunter will explain.", ["Frank", "Hunter"]),
        ("Rose saw the sample", ["Rose"]),
        ("Lantern wants us to sign", ["Lantern"]),
        ("We met Summit yesterday", ["Summit"]),
        ("Supplier is Dorvane Polymers Inc., not ours", ["Dorvane Polymers Inc."]),
        ("Ask Takanashi-bucho or Nori-san", ["Takanashi", "Nori"]),
        ("hey its pradeep from zigura", ["pradeep", "zigura"]),
        ("ask Mr Bell", ["Bell"]),
        ("Brightさんの資料", ["Bright"]),
    ],
)
def test_names_in_latin_letters_are_known_by_capitals_and_by_being_no_english(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "お客さんと職人さん、取引先さん、社長さん、看護師さん",
        "地元銀行と取引銀行、営業部長、製造部長、経理宛",
        "図面の公差と表面粗さ、アルマイトとダイカスト、バックラッシュ",
        "森林の調査と山の上、林の中",
        "NDAとPoCとMVP、IoTとDX、SaaSのAPI、SMEとVC",
        "昭和の創業で、社員は十人、三代目です",
        "ほんなら、せやけど、ちょうだい、そやけん言うて",
        "There will be a mark on it. Will you look? May we ask? It says so.",
        "The NDA comes before the PoC; SMEs and startups sign an MOU on Monday in English.",
        "Our anodizing line, deburring and overmoulding, the cofounder's pre-seed runway",
        "Management wants a report. Everyone says yes. Finance asked.",
        "Head of Partnerships, Unit Price, Due Date",
    ],
)
def test_ordinary_words_and_terms_of_the_field_are_nobodys_name(text: str) -> None:
    assert found(text) == []


def test_a_name_that_politeness_gave_away_is_known_where_it_stands_bare() -> None:
    assert found("朧さんの売上。朧の資料。") == ["朧", "朧"]
    assert found("Chase and Dean came. Chase was early.") == ["Chase", "Dean", "Chase"]


def test_a_name_says_what_it_is_and_where_it_stands_as_it_was_written() -> None:
    text = "ｱｶﾈﾙさんと㈱ヒカリノネ、岡谷市"
    assert names(text) == (
        Name(0, 4, "ｱｶﾈﾙ", "person"),
        Name(8, 13, "ヒカリノネ", "firm"),
        Name(14, 17, "岡谷市", "place"),
    )


def test_a_country_is_a_place_and_known_as_a_country() -> None:
    assert [(name.text, name.kind) for name in names("ドイツの話。In Germany too.")] == [
        ("ドイツ", "place"),
        ("Germany", "place"),
    ]
    assert is_country("ドイツ")
    assert is_country("Germany")
    assert not is_country("岡谷市")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from("森さんは株式会社・ー Mr Kim-san①㈱ｶﾞ\n『A'’")).map("".join))
def test_names_of_any_text_stand_apart_in_order_and_say_what_stands_there(text: str) -> None:
    at = 0
    for name in names(text):
        assert at <= name.start < name.end
        assert text[name.start : name.end] == name.text
        at = name.start
