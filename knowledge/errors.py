"""The root of the error tree. It stands here because nothing lies below; `bot.errors` draws the whole tree."""

RESTORE = (
    "Install Nakodo again, or restore knowledge/weights from its source (after a change of cards: make vectors train)"
)


class NakodoError(Exception):
    """An error that can be shown to a person: what happened, where, and what to do about it."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        """Return one line: where, what, and what to do."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.remedy}" if self.remedy else head


class KnowledgeError(NakodoError):
    """Something is wrong with what Nakodo knows."""


class CardError(KnowledgeError):
    """A card does not follow the format. `where` is file and line."""


class SearchIndexError(KnowledgeError):
    """The search index on disk cannot be read or written."""


class EmbeddingsError(KnowledgeError):
    """The embedding model of another provider cannot be had, or does not answer."""


class WeightsError(KnowledgeError):
    """Shipped weights are missing, damaged, or were trained on other cards. They come with Nakodo."""

    def __init__(self, what: str, *, where: str = "", remedy: str = RESTORE) -> None:
        super().__init__(what, where=where, remedy=remedy)


class WeakerWarning(UserWarning):
    """Something works less well here than it could. Its words are ours, and hold nothing that people wrote."""
