"""Every error a person may be shown, in one tree.

    NakodoError                 what happened, where, what to do
    ├── KnowledgeError          what Nakodo knows
    │   ├── CardError           a card does not follow the format
    │   ├── SearchIndexError    the search index cannot be read or written
    │   └── WeightsError        shipped weights are missing or old
    ├── RecordError             a move that the record of a partnership does not allow; it speaks both languages
    ├── InputError              what was handed in cannot be used: a file, a question, a conversation
    └── SettingsError           a setting is wrong or unknown

They are caught once, in `adapters.cli`.
"""

from bot.model import Text
from knowledge.errors import CardError, KnowledgeError, NakodoError, SearchIndexError, WeightsError


class RecordError(NakodoError):
    """A move that the record does not allow. `said` is what the person is told, in both languages."""

    def __init__(self, said: Text) -> None:
        self.said = said
        super().__init__(said.en)


class InputError(NakodoError):
    """What was handed in cannot be used."""


class SettingsError(NakodoError):
    """A setting is wrong or unknown."""


__all__ = [
    "CardError",
    "InputError",
    "KnowledgeError",
    "NakodoError",
    "RecordError",
    "SearchIndexError",
    "SettingsError",
    "WeightsError",
]
