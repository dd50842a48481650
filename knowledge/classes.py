"""The closed classes of words in `classes.yaml`, compiled once."""

import re
from functools import cache
from typing import Any

import yaml

from knowledge.card import Locale
from knowledge.library import HERE


@cache
def _classes() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(
        (HERE / "classes.yaml").read_text(encoding="utf-8"),
        loader,  # noqa: S506 (both are safe loaders)
    )
    return data


@cache
def pattern(name: str, locale: Locale | None = None) -> re.Pattern[str]:
    """Return one class as a pattern; `locale` is None for one that is the same in all languages."""
    found = _classes()[name]
    return re.compile("|".join(found)) if locale is None else _compiled(found[locale], locale)


@cache
def patterns(name: str, locale: Locale) -> dict[str, re.Pattern[str]]:
    """Return a family of classes by their names."""
    return {kind: _compiled(some, locale) for kind, some in _classes()[name][locale].items()}


_PART = re.compile(r"\{([a-z_]+)\}")


def _compiled(words: list[str], locale: Locale) -> re.Pattern[str]:
    """Return words as one pattern, with the parts that they name put in; a part may name others."""
    text = "|".join(words)
    while _PART.search(text):
        text = _PART.sub(lambda part: _classes()["parts"][locale][part[1]], text)
    return re.compile(text)


@cache
def stems(name: str, locale: Locale) -> frozenset[str]:
    """Return a class that is a list of stems."""
    return frozenset(_classes()[name][locale].split())


@cache
def axes(locale: Locale) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Return the opposites: for each axis the words at its two poles."""
    poles = (line.split("/") for line in _classes()["axes"][locale])
    return tuple((tuple(near.split()), tuple(far.split())) for near, far in poles)
