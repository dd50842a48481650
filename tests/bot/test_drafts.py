"""A sentence of a draft names the sayings that it rests on, however a model writes their numbers."""

import pytest

from bot.drafts import Story


@pytest.mark.parametrize(
    ("written", "read"),
    [([1, 2], [1, 2]), ("1, 2", [1, 2]), ("[1]", [1]), (3, [3]), (["2", "[4]"], [2, 4]), (None, []), ("", [])],
)
def test_the_numbers_of_sayings_are_read_however_they_are_written(written: object, read: list[int]) -> None:
    story = Story.model_validate({"sentences": [{"text": "写真を撮ることにしました。", "sayings": written}]})
    assert story.sentences[0].sayings == read
