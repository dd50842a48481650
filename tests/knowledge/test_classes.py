"""The shelf of closed classes is read as it is written."""

from typing import Any, get_args

import pytest
import yaml

from knowledge.card import Locale
from knowledge.classes import pattern, patterns
from knowledge.library import HERE

SHELF: dict[str, Any] = yaml.safe_load((HERE / "classes.yaml").read_text(encoding="utf-8"))
SPOKEN = {name: one for name, one in SHELF.items() if isinstance(one, dict) and set(one) == set(get_args(Locale))}
FAMILIES = [name for name, one in SPOKEN.items() if isinstance(one["ja"], dict) and name != "parts"]
FLAT = [name for name, one in SPOKEN.items() if isinstance(one["ja"], list) and name != "axes"]


@pytest.mark.parametrize("locale", get_args(Locale))
def test_every_class_is_an_expression_with_its_parts_put_in(locale: Locale) -> None:
    members = [one for name in FAMILIES for one in patterns(name, locale).values()]
    found = [one.pattern for one in (*members, *(pattern(name, locale) for name in FLAT))]
    assert len(found) > 20
    assert not [one for one in found for name in SHELF["parts"][locale] if f"{{{name}}}" in one]


@pytest.mark.parametrize("locale", get_args(Locale))
def test_every_part_is_named_somewhere_in_its_language(locale: Locale) -> None:
    written = str([one[locale] for one in SPOKEN.values()])
    assert [name for name in SHELF["parts"][locale] if f"{{{name}}}" not in written] == []


def test_a_part_is_put_in_with_the_parts_that_it_names() -> None:
    assert patterns("promised", "ja")["they"].search("担当者が、もう待っていてくれます。")
    assert patterns("promised", "en")["past"].search("the owner agreed")
    assert not patterns("promised", "en")["past"].search("nothing agreed")
