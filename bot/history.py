"""A line of the record's history as a person would tell it, in the reader's language."""

import re
from collections.abc import Callable

from bot.entries import Change
from bot.model import Text
from bot.names import NDA_NAMES, STAGE_NAMES
from bot.papers import short
from knowledge.card import Locale


def told(change: Change, locale: Locale) -> str:
    """Return a line of history as a person would tell it."""
    kind = change.what.split()[0]
    name = _NAMES[kind](locale) if kind in _NAMES else change.what
    words = _TELL.get(kind, _as_it_is)(change, locale)
    return f"{name}: {short(words, 60)}"


def _as_it_is(change: Change, locale: Locale) -> str:
    return change.after or _CHANGED(locale).strip(" （）()")


def _staged(change: Change, locale: Locale) -> str:
    names: dict[str, Text] = {stage: text for stage, text in STAGE_NAMES.items()}  # noqa: C416  # Any text may come.
    return " → ".join(names[one](locale) if one in names else one for one in (change.before, change.after) if one)


def _bound(change: Change, locale: Locale) -> str:
    names: dict[str, Text] = {nda: text for nda, text in NDA_NAMES.items()}  # noqa: C416  # Any text may come.
    stood = (change.before, change.after) if change.before else (change.after,)
    states = [_part(told, "state") or "none" for told in stood]
    return " → ".join(names[one](locale) if one in names else one for one in states)


def _costed(change: Change, _: Locale) -> str:
    parts = (_part(change.after, name) for name in ("what", "payer", "amount"))
    return " / ".join(filter(None, parts))


def _tried(change: Change, locale: Locale) -> str:
    before, after = (_part(told, "state") for told in (change.before, change.after))
    verb = _ADDED if change.before is None else _VERBS.get(after, _CHANGED) if before != after else _CHANGED
    return f"{short(_part(change.after, 'question'), 40)}{verb(locale)}"


def _taken(change: Change, locale: Locale) -> str:
    done = _part(change.after, "done") == "True"
    return f"{short(_part(change.after, 'text'), 50)}{(_TICKED if done else _ADDED)(locale)}"


def _part(told: str | None, name: str) -> str:
    found = re.search(rf"(?:^|, ){name}: (.*?)(?=, (?:{_FIELDS}): |$)", told or "", re.DOTALL)
    return found[1] if found else ""


_FIELDS = (
    "number|text|owner|due|done|what|payer|amount|agreed|question|test|cap|starts|ends|success|stop|decider|state|result|"
    "learnings|signed|expires|purpose|side"
)
_TELL: dict[str, Callable[[Change, Locale], str]] = {
    "stage": _staged,
    "nda": _bound,
    "cost": _costed,
    "experiment": _tried,
    "action": _taken,
}
_NAMES = {
    "stage": Text(ja="段階", en="Stage"),
    "nda": Text(ja="NDA", en="NDA"),
    "theme": Text(ja="テーマ", en="Theme"),
    "cost": Text(ja="費用", en="Costs"),
    "experiment": Text(ja="実験", en="Experiment"),
    "decision": Text(ja="決めたこと", en="Decided"),
    "action": Text(ja="宿題", en="Action"),
    "question": Text(ja="残った問い", en="Open question"),
    "sheet": Text(ja="まとめた紙", en="Page"),
}
_ADDED = Text(ja="（新しく）", en=" (new)")
_CHANGED = Text(ja="（書き直し）", en=" (changed)")
_TICKED = Text(ja="（済み）", en=" (done)")
_VERBS = {
    "running": Text(ja="（始まりました）", en=" (started)"),
    "done": Text(ja="（終わりました）", en=" (finished)"),
}
