"""What the bot needs from outside, as small as it can be said. The fakes stand in `tests/fakes.py`."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

from bot.model import Answer, Asker, Finding, Message, Reply, RoomId, Said, Situation, Trace
from bot.scene import Scene
from knowledge.card import Locale
from knowledge.ear import Hearing, Words

NOBODY = Asker()

Aloud = Callable[[str], None]
"""Called with what may already be shown of an answer, from its beginning; each time with more of it."""
Form = TypeVar("Form", bound=BaseModel)


class Composer(Protocol):
    """Answers a question from what is known, with sources, or says that it is not known."""

    def answer(
        self,
        question: str,
        *,
        locale: Locale,
        situation: Situation,
        history: Sequence[Said] = (),
        asker: Asker = NOBODY,
        aloud: Aloud | None = None,
    ) -> Answer:
        """Return the answer to a question in its situation, in the thread of what was said before.

        `aloud` hears the answer while it is made, where it is made bit by bit.
        """
        ...


class Prompt(NamedTuple):
    """What a language model is told. `version` names the template and a hash of its words."""

    system: str
    user: str
    version: str


class Written(NamedTuple, Generic[Form]):
    """What a language model wrote: the form filled in, its own words as they came, tokens, milliseconds."""

    form: Form
    raw: str
    tokens_in: int
    tokens_out: int
    ms: float


class Model(Protocol):
    """A language model, within its limits of time and tokens."""

    name: str
    """`provider:model`."""
    remote: bool
    """Whether what it is told leaves this machine."""

    def write(
        self, prompt: Prompt, form: type[Form], *, tenant: str = "", partly: Callable[[object], None] | None = None
    ) -> Written[Form]:
        """Return the form filled in. `partly` sees the unfinished JSON value again and again while it is written.

        Raises:
            ModelError: no usable answer within the time limit.
        """
        ...


class Listener(Protocol):
    """Hears what a message may carry: signals, statements that change the record, calls for a human."""

    def hear(self, words: Words) -> Hearing:
        """Return how strongly each was heard, and in which words."""
        ...


class Store(Protocol):
    """Keeps rooms. Everything belongs to one programme, the tenant, which the store was opened for."""

    def load(self, room: RoomId) -> Scene | None:
        """Return a room's scene, or None if there is no such room."""
        ...

    def keep(
        self,
        scene: Scene,
        *,
        message: Message | None = None,
        replies: Sequence[Reply] = (),
        findings: Sequence[Finding] = (),
        traces: Sequence[Trace] = (),
    ) -> None:
        """Store the scene after a turn with its message, replies, findings and traces: all of it or nothing.

        Raises:
            StaleSceneError: somebody else stored a later scene of this room meanwhile.
        """
        ...
