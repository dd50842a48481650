"""What Telegram is given to show: nothing is lost, nothing is torn, and it looks right beside Japanese."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels.telegram_text import Page, keyboard, pages, render, short, units
from adapters.post import Parcel
from bot.model import MessageId, Reply

WRITTEN = st.text(
    alphabet=st.one_of(
        st.sampled_from("あ漢。！？、\n「」（）#*-_>`|~[]()$&;\\ \t😀👍🏽é\u0301\ufe0f\u200d"),
        st.sampled_from(string.ascii_letters + string.digits),
    ),
    max_size=400,
)


def shown(page: Page) -> list[tuple[str, str]]:
    raw = page.text.encode("utf-16-le")
    return [(m.kind, raw[2 * m.offset : 2 * (m.offset + m.length)].decode("utf-16-le")) for m in page.marks]


def parcel(*choices: str, kind: str = "answer", locale: str = "ja") -> Parcel:
    reply = Reply.model_validate(
        {"to": "佐藤", "kind": kind, "text": "はい", "choices": choices, "in_reply_to": MessageId("m1")}
    )
    return Parcel.model_validate({"id": "p1", "tenant": "t", "channel": "telegram", "reply": reply, "locale": locale})


def test_what_the_prompts_write_becomes_marks() -> None:
    page = render(
        "## 議事録: 端子\nいまの段階\n### 話したこと\n- 一つ\n  - 二つ\n> 引用です\n> 続きます\n**決めたこと**"
    )
    assert page.text == ("議事録: 端子\nいまの段階\n\n話したこと\n・一つ\n  ・二つ\n引用です\n続きます\n決めたこと")
    assert set(shown(page)) == {
        ("bold", "議事録: 端子"),
        ("underline", "議事録: 端子"),
        ("bold", "話したこと"),
        ("blockquote", "引用です\n続きます"),
        ("bold", "決めたこと"),
    }
    assert render("- one", "en").text == "• one"


@pytest.mark.parametrize("inner", ["太字", "「太字」", "（計画中）", "😀👍", "a.", "!"])
def test_bold_is_bold_between_japanese_letters(inner: str) -> None:
    page = render(f"これは**{inner}**です")
    assert (page.text, shown(page)) == (f"これは{inner}です", [("bold", inner)])


@pytest.mark.parametrize(
    "words",
    [
        "3. 三つ目\n7. 七つ目",
        "<b>太字</b>ではない &amp; $5 と $6",
        "snake_case_name と *注 と `code` と ||x||",
        "[a](b) ![c](d) https://example.com/a_b_c?d=e&f=g",
        "---\n===\n    四つ下げ",
        "\\( x \\) と \\[ y \\]",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "掛け算は2**3と4",
        "一\n\n\n二",
        "~~~\n消えない\n~~~",
    ],
)
def test_what_people_wrote_stays_as_they_wrote_it(words: str) -> None:
    assert render(words) == Page(words)


@given(WRITTEN)
def test_only_markdown_of_ours_is_taken_out(text: str) -> None:
    def bare(words: str) -> list[str]:
        return [char for char in words if not char.isspace() and char not in "#*->・+"]

    page = render(text)
    assert bare(page.text) == bare(text)
    assert all(m.offset >= 0 and m.length > 0 and m.offset + m.length <= units(page.text) for m in page.marks)


@given(WRITTEN, st.integers(min_value=8, max_value=120))
def test_pages_are_short_and_lose_only_blanks(text: str, most: int) -> None:
    whole, parts = render(text), pages(text, most=most)
    assert "".join("".join(page.text.split()) for page in parts) == "".join(whole.text.split())
    for page in parts:
        assert 0 < units(page.text) <= most
        assert page.text == page.text.strip()
        for mark in page.marks:
            assert 0 <= mark.offset < mark.offset + mark.length <= units(page.text)
        shown(page)  # A torn surrogate pair would not decode.


@given(
    st.lists(
        st.sampled_from(["短い文です。", "もう少し長い文なのです！", "**大事な所**は、ここですか？"]), min_size=4
    )
)
def test_sentences_that_fit_are_not_cut(sentences: list[str]) -> None:
    parts = pages("".join(sentences), most=40)
    assert all(page.text[-1] in "。！？" for page in parts)
    assert sum(text == "大事な所" for page in parts for _, text in shown(page)) == sum(
        "*" in one for one in sentences
    )


def test_a_mark_is_cut_only_if_it_is_longer_than_a_page() -> None:
    held = pages("前置き" * 5 + "**" + "太" * 20 + "**", most=30)
    assert [shown(page) for page in held] == [[], [("bold", "太" * 20)]]
    torn = pages("**" + "太" * 50 + "**", most=30)
    assert [shown(page) for page in torn] == [[("bold", "太" * 30)], [("bold", "太" * 20)]]


def test_a_character_is_never_torn() -> None:
    family = "👩‍👩‍👧‍👦"
    assert [page.text for page in pages("あ" * 6 + family + "い", most=14)] == ["あ" * 6, family + "い"]
    assert pages("あ" * 7 + "か\u3099" + "い" * 3, most=8)[0].text == "あ" * 7


def test_long_text_fills_pages_of_telegrams_size() -> None:
    parts = pages("これは一つの文です。" * 2_000)
    assert all(4_000 < units(page.text) <= 4_096 - 64 for page in parts[:-1])
    assert "".join(page.text for page in parts) == "これは一つの文です。" * 2_000


def test_words_before_a_page_move_its_marks() -> None:
    page = render("**太字**です").after("😀。")
    assert (page.text, shown(page)) == ("😀。太字です", [("bold", "太字")])


def test_buttons_say_what_commands_are_called_and_send_only_names() -> None:
    rows = keyboard(parcel("/record", "/approve d1", "費用の話をする"))
    assert [[one.text for one in row] for row in rows] == [["記録", "承認 d1"], ["費用の話をする"], ["👍", "👎"]]
    assert [one.data for row in rows for one in row] == ["p1:0", "p1:1", "p1:2", "p1:up", "p1:down"]
    assert keyboard(parcel("/record", kind="notice", locale="en"))[0][0].text == "Record"
    assert keyboard(parcel(kind="notice")) == ()


def test_telegram_is_given_no_more_buttons_than_it_shows() -> None:
    buttons = [one for row in keyboard(parcel(*(f"選択 {n}" for n in range(200)))) for one in row]
    assert len(buttons) == 92
    assert all(one.text for one in buttons)
    assert keyboard(parcel("  "))[0][0].text == "…"


@given(st.text(alphabet=st.sampled_from("あa😀👍🏽 \n\u0301"), max_size=120))
def test_labels_are_cut_at_a_character(words: str) -> None:
    cut = short(words)
    whole = " ".join(words.split())
    assert cut == whole or (cut[-1] == "…" and whole.startswith(cut[:-1]))
    assert len(cut) <= 61
