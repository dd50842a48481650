"""Small real classes that stand where the outside would be."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from pydantic_core import from_json

from bot.errors import ModelError
from bot.model import Answer, Finding, Message, Reply, RoomId, Said, Situation, Trace
from bot.ports import Form, Prompt, Written
from bot.scene import Scene
from bot.turn import House
from knowledge.card import Citation, Locale
from knowledge.ear import Hearing, Sound, Words


class CountingEmbedder:
    """Vectors by hash: equal texts are equal, others are not. Counts what it embeds, and can die on the way."""

    name = "counting"
    dimension = 8

    def __init__(self, dies_after: int | None = None) -> None:
        self.embedded: list[str] = []
        self._dies_after = dies_after

    def embed_query(self, text: str) -> list[float]:
        return self._vector(text)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self._dies_after is not None and len(self.embedded) + len(texts) > self._dies_after:
            raise KeyboardInterrupt
        self.embedded += texts
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        raw = np.frombuffer(hashlib.sha256(text.encode()).digest()[:8], dtype=np.uint8).astype(float) - 127
        return list(raw / np.linalg.norm(raw))


class EchoCoach:
    """Answers with what it was asked, and remembers everything it was given."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Locale, Situation, tuple[Said, ...]]] = []

    def answer(
        self, question: str, *, locale: Locale, situation: Situation, history: Sequence[Said] = (), **_how: object
    ) -> Answer:
        self.asked.append((question, locale, situation, tuple(history)))
        return Answer(kind="answer", locale=locale, text=f"echo: {question}")


class ScriptedEar:
    """Hears in a text what it was told to, surely; in all others nothing. Remembers what it was given."""

    def __init__(
        self,
        signals: Mapping[str, Sequence[str]] = {},
        statements: Mapping[str, Sequence[str]] = {},
        calls: Mapping[str, Sequence[str]] = {},
        *,
        score: float = 0.95,
    ) -> None:
        self.heard: list[Words] = []
        self._heard = (signals, statements, calls)
        self._score = score

    def hear(self, words: Words) -> Hearing:
        self.heard.append(words)
        return Hearing(
            *({name: Sound(self._score, words.text) for name in table.get(words.text, ())} for table in self._heard)
        )


Dictation = Mapping[str, object] | ModelError | Callable[[Prompt], Mapping[str, object]]


class DictatedModel:
    """Writes what it is told to, one form a call, the last one again and again; or fails as it is told to.

    Remembers what it was given. Who reads along sees the form grow by a few characters at a time. A list stands for
    one call in which it began anew: all but the last are only read along.
    """

    def __init__(self, *dictated: Dictation | Sequence[Dictation], remote: bool = True) -> None:
        self.name, self.remote = "fake:dictated", remote
        self.asked: list[tuple[Prompt, str]] = []
        self._dictated = list(dictated)

    def write(
        self, prompt: Prompt, form: type[Form], *, tenant: str = "", partly: Callable[[object], None] | None = None
    ) -> Written[Form]:
        self.asked.append((prompt, tenant))
        dictated = self._dictated.pop(0) if len(self._dictated) > 1 else self._dictated[0]
        for one in dictated if isinstance(dictated, Sequence) else [dictated]:
            if isinstance(one, ModelError):
                raise one
            raw = json.dumps(one(prompt) if callable(one) else one, ensure_ascii=False)
            for length in range(0, len(raw) + 1, 7) if partly is not None else ():
                partly(from_json(raw[:length] or "{", allow_partial="trailing-strings"))
        return Written(form.model_validate_json(raw), raw, tokens_in=100, tokens_out=50, ms=1.0)


def no_sources(_: Sequence[str]) -> tuple[Citation, ...]:
    return ()


def house(ear: ScriptedEar | None = None, coach: EchoCoach | None = None) -> House:
    """A house with nobody clever in it."""
    return House(coach or EchoCoach(), ear or ScriptedEar(), no_sources)


class MemoryStore:
    """Keeps scenes in memory, and everything that was kept with them."""

    def __init__(self) -> None:
        self.scenes: dict[RoomId, Scene] = {}
        self.kept: list[tuple[Message | None, tuple[Reply, ...], tuple[Finding, ...]]] = []
        self.traces: list[Trace] = []

    def load(self, room: RoomId) -> Scene | None:
        return self.scenes.get(room)

    def keep(
        self,
        scene: Scene,
        *,
        message: Message | None = None,
        replies: Sequence[Reply] = (),
        findings: Sequence[Finding] = (),
        traces: Sequence[Trace] = (),
    ) -> None:
        self.scenes[scene.room.id] = scene.having(forgetting=None)
        self.kept.append((message, tuple(replies), tuple(findings)))
        self.traces += traces
