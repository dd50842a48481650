"""What leaves for a language model says neither who nor where nor how much; what comes back says it again."""

import re
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.redact import Veil

KNOWN = (
    "栃ノ木精密",
    "Lumora AI",
    "東雲プレス工業",
    "鵜木 恒一",
    "森",
    "Mark",
    "Ray Oduya",
    "ルミナ",
    "株式会社ミライ",
)
MARK = re.compile(r"‹[人社所名数鍵][A-Z]{7}›")


@pytest.fixture(name="veil")
def _veil() -> Veil:
    return Veil("secret of the house / room 1", KNOWN)


def sentences() -> st.SearchStrategy[str]:
    """Names, figures, secrets, placeholders of all shapes and any characters between them, in any order."""
    pieces = st.sampled_from(
        [
            *KNOWN,
            "栃ノ木",
            "さん",
            "は",
            "の",
            "社長",
            "350万円",
            "三百",
            "２０〜３０個",
            "①",
            "㈱",
            "½",
            "ｶﾞﾝﾀﾞﾑ",
            "か\u3099",
            "‹人BCDFGHJ›",
            "<社 bcdfghj>",
            "［人ＢＣＤＦＧＨＪ］",
            "BCDFGHJ",
            "人BCDFGHJ",
            "‹人",
            "›",
            "‹",
            "person",
            "KLMNPQR",
            "(",
            ")",
            "https://a.example/x?y=1",
            "a.b@c.example",
            "パスワードはhimitsu",
            "password: x#1yZ",
            "AKIA4XNVQ7RTBWLZ2HKD",
            "090-1234-5678",
            "Mr Kim",
            "Dorvane Polymers Inc.",
            " ",
            "\n",
            "three hundred",
            "’s",
            "X-200",
            "@kz",
            "ſ",
            "K",
        ]
    )
    return st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=14).map("".join)


@settings(max_examples=400, deadline=None)
@given(sentences())
@example("‹人BCDFGHJ›さんと‹人BCDFGHJ› BCDFGHJ")
@example("人‹人栃ノ木›BCDFGHJ")
def test_what_was_hidden_comes_back_exactly(text: str) -> None:
    veil = Veil("k", KNOWN)
    hidden = veil.hide(text)
    assert veil.reveal(hidden) == text
    assert not veil.leaks(hidden)


@settings(max_examples=100, deadline=None)
@given(st.lists(sentences(), max_size=4))
def test_many_texts_under_one_veil_do_not_disturb_each_other(texts: list[str]) -> None:
    veil = Veil("k", KNOWN)
    hidden = [veil.hide(text) for text in texts]
    assert [veil.reveal(one) for one in hidden] == texts
    assert veil.reveal("\n".join(hidden)) == "\n".join(texts)


SHAPES = {
    "other brackets": lambda mark: f"[{mark[1:-1]}]",
    "wide brackets": lambda mark: f"【{mark[1:-1]}】",
    "tags": lambda mark: f"<{mark[1:-1]}>",
    "no brackets": lambda mark: mark[1:-1],
    "doubled brackets": lambda mark: f"‹{mark}›",
    "small letters": str.lower,
    "wide letters": lambda mark: mark.translate({n: n + 0xFEE0 for n in range(0x41, 0x5B)}),
    "a blank after the sign": lambda mark: f"{mark[:2]} {mark[2:]}",
    "blanks inside": lambda mark: f"‹ {mark[1:5]} {mark[5:-1]} ›",
    "an English sign": lambda mark: f"‹person {mark[2:]}",
    "another sign": lambda mark: f"‹所{mark[2:]}",
    "no sign": lambda mark: f"‹{mark[2:]}",
    "a colon": lambda mark: f"[{mark[1]}: {mark[2:-1]}]",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_placeholder_is_known_in_whatever_shape_a_model_writes_it(veil: Veil, shape: str) -> None:
    mark = MARK.search(veil.hide("栃ノ木さんに聞いてください"))
    assert mark
    written = f"では{SHAPES[shape](mark[0])}さんに聞きましょう。"
    assert veil.reveal(written) == "では栃ノ木さんに聞きましょう。"
    assert not veil.leaks(written)


@pytest.mark.parametrize(
    "text",
    [
        "‹人BCDFGHJ›さんに聞きましょう。",
        "[person: BCDFGHJ] will know.",
        "‹人KQX›さんに聞きましょう。",
        "人KQXTB さんに聞きましょう。",
        "担当は‹です。",
        "Ask KQXTBDF.",
    ],
)
def test_a_placeholder_that_was_never_given_out_or_broke_is_a_leak(veil: Veil, text: str) -> None:
    veil.hide("栃ノ木さん")
    assert veil.leaks(text)


@pytest.mark.parametrize(
    "text",
    [
        "ふつうの文です（3月まで）。",
        "Soft skills (people skills), [key points], (name here)",
        "The NDA comes first [see HTTPS, PMF].",
        "『提案』と【注意】",
        "人に聞く",
        "",
    ],
)
def test_ordinary_brackets_and_capitals_are_no_leak(veil: Veil, text: str) -> None:
    assert not veil.leaks(text)


def test_what_somebody_typed_in_the_shape_of_a_placeholder_reveals_nobody(veil: Veil) -> None:
    mark = MARK.search(veil.hide("森さん"))
    assert mark
    typed = f"{mark[0]}とは誰ですか。{mark[0][2:-1]}も。"
    hidden = veil.hide(typed)
    assert mark[0] not in hidden
    assert "森" not in veil.reveal(hidden)
    assert veil.reveal(hidden) == typed


def test_a_name_has_one_placeholder_in_a_room_and_another_in_another() -> None:
    first, again, other = (Veil(key, ["栃ノ木精密"]) for key in ("a", "a", "b"))
    again.hide("ほかの話。オリフネさんは500円。")
    text = "栃ノ木精密の見積もりは350万円、オリフネさんは不安です。"
    assert first.hide(text) == again.hide(text)
    assert not set(MARK.findall(first.hide(text))) & set(MARK.findall(other.hide(text)))


def test_a_name_has_the_same_placeholder_in_every_process() -> None:
    text = "栃ノ木さんの見積もりは350万円です。"
    hide = f"Veil('a', ['栃ノ木精密']).hide({text!r})"
    code = f"import sys; from bot.redact import Veil; sys.stdout.buffer.write({hide}.encode())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stdout.decode() == Veil("a", ["栃ノ木精密"]).hide(text)


def test_forms_of_one_name_share_their_first_letters(veil: Veil) -> None:
    whole, short, latin = (MARK.findall(veil.hide(text))[0] for text in ("栃ノ木精密", "栃ノ木さん", "Lumora"))
    assert whole != short
    assert whole[:7] == short[:7]
    assert whole[2:7] != latin[2:7]


def test_thousands_of_figures_have_thousands_of_placeholders(veil: Veil) -> None:
    text = "、".join(f"{n}円" for n in range(3000))
    marks = MARK.findall(veil.hide(text))
    assert len(set(marks)) == 3000
    assert veil.reveal(veil.hide(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "栃ノ木さんから",
        "栃ノ木精密の",
        "ＬＵＭＯＲＡさん",
        "lumora ai と",
        "LumoraAIの",
        "Lumora's offer",
        "東雲プレスの担当",
        "東雲さん",
        "鵜木です",
        "恒一さん",
        "鵜木恒一が",
        "森に確認します",
        "Mark says no",
        "MARK says no",
        "Ask Oduya",
        "ﾙﾐﾅさん",
        "ミライさん",
    ],
)
def test_a_known_name_is_hidden_in_every_form(veil: Veil, text: str) -> None:
    hidden = veil.hide(text)
    assert MARK.match(hidden) or re.match(r"Ask ‹", hidden)


@pytest.mark.parametrize(
    "text",
    [
        "森林の調査です",
        "a scratch mark on the sample",
        "アルミナの粉",
        "ray of light",
        "There will be a mark here",
        "一緒に一つずつ、一番から考えます",
        "万が一の場合は統一します",
        "一般的には十分です",
        "お客さんと職人さん",
        "NDAの前にPoCとMVPの話、IoTやDXの補助金",
        "SMEs and startups sign an NDA before the PoC",
        "B2BのSaaSをAPIで",
        "CO2を減らす",
        "We meet on Monday in Japan and speak English",
        "One of us will call you; no one knows yet",
    ],
)
def test_ordinary_words_and_terms_of_the_field_stay(veil: Veil, text: str) -> None:
    assert veil.hide(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ヤツガシラ工務に外注", "に外注"),
        ("やまびこ信用金庫の口座", "の口座"),
        ("株式会社ヒカリノネの方", "株式会社の方"),
        ("プラディープ・ナイールさん", "さん"),
        ("小鳥遊部長", "部長"),
        ("四月一日と申します", "と申します"),
        ("長野県岡谷市長地権現町4-11-23", ""),
        ("三百万円", "円"),
        ("一億五千万", ""),
        ("XR-210B", ""),
        ("1,250円", "円"),
        ("https://x.example/s/9fK2?token=eyQ", ""),
        ("keiri-2@kuonji.example", ""),
        ("090-5512-3478", ""),
        ("xoxb-71839-204417-pRq8ZmTfakeLk3", ""),
        ("Dorvane Polymers", ""),
        ("three hundred and twenty million yen", " yen"),
        ("Mr Bell", "Mr "),
        ("Margrethe said so", " said so"),
    ],
)
def test_what_identifies_is_hidden_whole(veil: Veil, text: str, left: str) -> None:
    assert MARK.sub("", veil.hide(text)) == left


@pytest.mark.parametrize(
    "said", ["パスワードはKuzumochi#7714です", "pwd: m0mijiManju!", "The password is Willow-Tram", "PIN=8841"]
)
def test_a_password_is_hidden_as_a_secret(veil: Veil, said: str) -> None:
    hidden = veil.hide(said)
    assert "‹鍵" in hidden
    assert not re.search("Kuzumochi|mijiManju|Willow|8841", hidden)


def test_a_name_that_politeness_gave_away_is_hidden_where_it_stands_bare(veil: Veil) -> None:
    assert "朧" not in veil.hide("朧さんの売上は三億円です。朧の資料を見ました。")


def test_a_room_without_names_hides_as_well() -> None:
    assert "350" not in Veil("", []).hide("350円")
