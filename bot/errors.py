"""Every error a person may be shown, in one tree.

    NakodoError                 what happened, where, what to do
    ├── KnowledgeError          what Nakodo knows
    │   ├── CardError           a card does not follow the format
    │   ├── EmbeddingsError     an embedding model does not start, or does not answer
    │   ├── SearchIndexError    the search index cannot be read or written
    │   └── WeightsError        shipped weights are missing or old
    ├── StoreError              the database of rooms cannot be opened, read or written
    │   └── RepeatedMessageError    a message is stored already
    ├── StaleSceneError         somebody else stored a later scene of a room
    ├── RecordError             a move that the record of a partnership does not allow; it speaks both languages
    ├── ModelError              a language model was not heard in time, or not understood
    ├── InputError              what was handed in cannot be used: a file, a question, a conversation
    └── SettingsError           a setting is wrong or unknown

They are caught once, in `adapters.cli`.
"""

from bot.model import Text, TraceEnd
from knowledge.errors import CardError, EmbeddingsError, KnowledgeError, NakodoError, SearchIndexError, WeightsError


class RecordError(NakodoError):
    """A move that the record does not allow. `said` is what the person is told, in both languages."""

    def __init__(self, said: Text) -> None:
        self.said = said
        super().__init__(said.en)


class StoreError(NakodoError):
    """The database cannot be opened, read or written."""


class RepeatedMessageError(StoreError):
    """The message is stored already. `where` is the room."""


class StaleSceneError(NakodoError):
    """Somebody else stored a later scene of the room. `where` is the room; whoever sees this loads it again."""

    def __init__(self, room: str) -> None:
        super().__init__("somebody else changed this room meanwhile", where=room, remedy="Load it and try again")


class ModelError(NakodoError):
    """A language model was not heard in time, or not understood.

    `end` says how it ended (`bot.model.Trace`), the tokens what it cost all the same.
    """

    def __init__(self, end: TraceEnd, what: str, *, tokens_in: int = 0, tokens_out: int = 0) -> None:
        self.end: TraceEnd = end
        self.tokens_in, self.tokens_out = tokens_in, tokens_out
        super().__init__(what, where="NAKODO_MODEL")


class ThinkingError(NakodoError):
    """Hearing or answering failed in the process that does it."""


class InputError(NakodoError):
    """What was handed in cannot be used."""


class SettingsError(NakodoError):
    """A setting is wrong or unknown."""


__all__ = [
    "CardError",
    "EmbeddingsError",
    "InputError",
    "KnowledgeError",
    "NakodoError",
    "RecordError",
    "RepeatedMessageError",
    "SearchIndexError",
    "SettingsError",
    "StaleSceneError",
    "StoreError",
    "ThinkingError",
    "WeightsError",
]
