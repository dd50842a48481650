"""Templates are filled whole or not at all."""

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from prompts import render


def test_a_missing_value_is_an_error_and_never_a_gap() -> None:
    with pytest.raises(UndefinedError):
        render("smalltalk", "ja")


def test_a_template_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TemplateNotFound):
        render("no-such-template", "ja")


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_markup_in_a_value_stays_what_it_is(locale: str) -> None:
    text = render("where", locale, basis="report", source="{{ 7 * 7 }} <b>", places=["§1"])
    assert "{{ 7 * 7 }} <b>" in text
