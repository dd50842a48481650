"""Every error a person may be shown, in one tree.

    NakodoError                 what happened, where, what to do
    ├── KnowledgeError          what Nakodo knows
    │   ├── CardError           a card does not follow the format
    │   ├── SearchIndexError    the search index cannot be read or written
    │   └── WeightsError        shipped weights are missing or old
    ├── InputError              what was handed in cannot be used: a file, a question, a conversation
    └── SettingsError           a setting is wrong or unknown

They are caught once, in `adapters.cli`.
"""

from knowledge.errors import CardError, KnowledgeError, NakodoError, SearchIndexError, WeightsError


class InputError(NakodoError):
    """What was handed in cannot be used."""


class SettingsError(NakodoError):
    """A setting is wrong or unknown."""


__all__ = [
    "CardError",
    "InputError",
    "KnowledgeError",
    "NakodoError",
    "SearchIndexError",
    "SettingsError",
    "WeightsError",
]
