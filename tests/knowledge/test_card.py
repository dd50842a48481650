"""A card is read whole or refused with file and line."""

from pathlib import Path

import pytest

from knowledge.card import Part, parse_card
from knowledge.errors import CardError

JA = "\n".join(f"    - 問いかけの言い回し{n}番" for n in range(16))
EN = "\n".join(f"    - a way of asking number {n}" for n in range(8))
GOOD = f"""---
id: good
kind: guidance
covers: [GDE-20-nda-first]
basis: report
refs: ["§5(3)", "注48"]
stages: [meeting]
for: [sme, startup]
related: []
asks:
  ja:
{JA}
  en:
{EN}
---
## ja
**題**

### 答え
- 誰にでも言う答え。
- (sme) 中小企業に言う答え。
### 手順
- 一つ目。
### 問い
- どうですか。

## en
**Title**

### Answer
- For everybody.
- (startup) For the startup.
### Steps
- One.
### Question
- How is it?
"""


def write(folder: Path, text: str, name: str = "good.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_card_says_to_each_side_what_is_meant_for_it(tmp_path: Path) -> None:
    card = parse_card(write(tmp_path, GOOD))
    assert [line.text for line in card.ja.lines(Part.ANSWER, "sme")] == ["誰にでも言う答え。", "中小企業に言う答え。"]
    assert [line.text for line in card.ja.lines(Part.ANSWER, "startup")] == ["誰にでも言う答え。"]
    assert [line.text for line in card.en.lines(Part.ANSWER, None)] == ["For everybody."]


@pytest.mark.parametrize(
    ("broken", "line", "says"),
    [
        (GOOD.replace("kind: guidance", "kind: gossip"), 3, "kind"),
        (GOOD.replace("stages: [meeting]", "stages: [wedding]"), 7, "stages.0"),
        (GOOD.replace("covers: [GDE-20-nda-first]", "covers: [a, b, c, d, e, f]"), 4, "covers"),
        (GOOD.replace("kind: guidance", "kind: guidance\nmood: good"), 4, "mood"),
        (GOOD.replace("refs: [", "refs: [[["), 7, "broken YAML"),
        (GOOD.replace("    - 問いかけの言い回し3番\n", ""), 12, "asks.ja"),
        (GOOD.replace("言い回し3番", "言い回し2番"), 12, "stands twice"),
        (GOOD.replace("### 手順", "### 手引き"), 44, "手引き"),
        (GOOD.replace("- 一つ目。", "一つ目。"), 45, "neither bullet nor heading"),
        (GOOD.replace("## ja", "## fr"), 38, "fr"),
        (GOOD.replace("id: good", "id: other"), 2, "other"),
        ("no front matter at all", 1, "front matter"),
    ],
)
def test_a_broken_card_is_refused_with_file_and_line(tmp_path: Path, broken: str, line: int, says: str) -> None:
    with pytest.raises(CardError) as error:
        parse_card(write(tmp_path, broken))
    assert f"good.md:{line}:" in str(error.value)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (GOOD[: GOOD.index("## en")], "no text in en"),
        (GOOD.replace("**題**", ""), "no title"),
        (GOOD.replace("- 誰にでも言う答え。\n", ""), "for one side only"),
        (GOOD.replace("### 問い\n- どうですか。\n", ""), "question"),
    ],
)
def test_a_card_that_lacks_something_is_refused(tmp_path: Path, broken: str, says: str) -> None:
    with pytest.raises(CardError, match=says):
        parse_card(write(tmp_path, broken))


def test_a_card_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "good.md"
    path.write_bytes(GOOD.encode("shift_jis"))
    with pytest.raises(CardError, match="not UTF-8"):
        parse_card(path)
