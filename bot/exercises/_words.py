"""How answers, days and names read on the pages of exercises."""

from collections.abc import Iterable
from datetime import date

from bot.exercises import BOTH, Case
from bot.model import Text
from bot.names import SIDE_NAMES
from knowledge.card import Locale, Side


def one_line(answer: str, most: int = 200) -> str:
    """Return an answer as one line, cut where it is too long for a page."""
    line = " ".join(answer.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def day_in_words(day: date) -> Text:
    """Return a day with its weekday. It has the year as well: pages are read again much later."""
    return Text(
        ja=f"{day.year}年{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）",
        en=f"{day:%A} {day.day} {day:%B} {day.year}",
    )


def in_a_row(names: Iterable[Text], locale: Locale) -> str:
    """Return names one after another within a line. English ones may hold a comma, so a semicolon parts them."""
    if locale == "ja":
        return "、".join(name.ja for name in names)
    return "; ".join(name.en[:1].lower() + name.en[1:] for name in names)


def party(case: Case, side: Side) -> str:
    """Return what a side is called: its name, or what kind of party it is."""
    return case.names.get(side) or SIDE_NAMES[side](case.locale)


def as_told(case: Case, part: str, answer: str) -> str:
    """Return an answer as people read it: a choice in its words, a date as a day, anything else as one line."""
    question = case.kind.question(part)
    if question.kind == "date" and answer:
        return day_in_words(date.fromisoformat(answer))(case.locale)
    return next((one.text(case.locale) for one in question.choices if one.id == answer), one_line(answer))


def shown(case: Case, side: Side, part: str) -> str:
    """Return what a side lets the other read of an answer; empty where it shows nothing."""
    return as_told(case, part, case.shown.get(side, {}).get(part, ""))


def side_by_side(case: Case, part: str, name: Text) -> list[str]:
    """Return the lines of what both show of one part, under its name; none where neither shows anything."""
    said = [f"- {party(case, side)}: {words}" for side in BOTH if (words := shown(case, side, part))]
    return [f"**{name(case.locale)}**", *said] if said else []


def empty_for(case: Case, side: Side, names: Iterable[Text]) -> str:
    """Say which parts a side has left empty."""
    who, parts = party(case, side), in_a_row(names, case.locale)
    return Text(ja=f"{who}の欄で空いているのは、{parts}です。", en=f"Empty for {who}: {parts}.")(case.locale)
