"""How providers put the words of a model on the wire: OpenAI's way whole, of the others what a true answer needs."""

import json
from typing import Any, NamedTuple

from tests.servers.model_says import Asked

Json = dict[str, Any]


class Voice:
    """One answer in OpenAI's words (`/v1/chat/completions`)."""

    def __init__(self, asked: Asked, text: str, usage: bool, in_thoughts: bool) -> None:
        self._asked, self._text, self._usage = asked, text, usage
        self._tool = asked.wants == "tools" and not in_thoughts
        self._field = "reasoning_content" if in_thoughts else "content"
        self._began = False
        self.layout: set[str] = set()
        """How it departs from what OpenAI does."""

    @property
    def tokens(self) -> tuple[int, int]:
        """What it says that it took."""
        return len(self._asked.text) // 3 + 1, len(self._text) // 3 + 1

    def whole(self) -> Json:
        """The answer in one body."""
        message: Json = {"role": "assistant", "content": None}
        if self._tool:
            message["tool_calls"] = [self._call(self._text, first=True)]
        else:
            message[self._field] = self._text
        body = self._shell("chat.completion", {"message": message, "finish_reason": "stop"})
        return body | ({"usage": self._told()} if self._usage else {})

    def opening(self) -> str:
        return self._event({"role": "assistant", "content": ""})

    def thought(self, words: str) -> str:
        return self._event({"reasoning_content": words})

    def piece(self, words: str) -> str:
        if not self._tool:
            parted = [{"type": "text", "text": words}] if "parts" in self.layout else words
            return self._event({self._field: parted})
        first, self._began = not self._began, True
        return self._event({"tool_calls": [self._call(words, first=first)]})

    def finish(self) -> str:
        return self._event({}, finish="tool_calls" if self._tool else "stop")

    def closing(self) -> str:
        wanted = (self._asked.body.get("stream_options") or {}).get("include_usage")
        usage = ""
        if self._usage and wanted:
            usage = _data(self._shell("chat.completion.chunk", None) | {"usage": self._told()})
        return usage + "data: [DONE]\n\n"

    def _call(self, words: str, *, first: bool) -> Json:
        name = self._asked.body["tools"][0]["function"]["name"]
        head: Json = {"id": "call_1", "type": "function"} if first else {}
        named: Json = {"name": name} if first else {}
        return {"index": 0, **head, "function": {**named, "arguments": words}}

    def _event(self, delta: Json, finish: str | None = None) -> str:
        told = {"usage": self._told()} if "usage-each" in self.layout else {}
        return _data(self._shell("chat.completion.chunk", {"delta": delta, "finish_reason": finish}) | told)

    def _shell(self, kind: str, choice: Json | None) -> Json:
        choices = [{"index": 0, **choice}] if choice is not None else []
        return {"id": "c-1", "object": kind, "created": 1, "model": "scripted", "choices": choices}

    def _told(self) -> Json:
        sent, wrote = self.tokens
        if "usage-null" in self.layout:
            return {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}
        if "usage-less" in self.layout:
            sent, wrote = -sent, -wrote
        if "usage-absurd" in self.layout:
            sent, wrote = sent * 10**30, wrote * 10**30
        return {"prompt_tokens": sent, "completion_tokens": wrote, "total_tokens": sent + wrote}


class AnthropicVoice(Voice):
    """The same in Anthropic's (`/v1/messages`)."""

    def whole(self) -> Json:
        sent, wrote = self.tokens
        shell = self._message() | {"content": [self._block(self._text)], "stop_reason": "end_turn"}
        return shell | {"usage": {"input_tokens": sent, "output_tokens": wrote}}

    def opening(self) -> str:
        start = {"type": "message_start", "message": self._message()}
        empty = self._block("")
        return _named(start) + _named({"type": "content_block_start", "index": 0, "content_block": empty})

    def piece(self, words: str) -> str:
        text = {"type": "text_delta", "text": words}
        delta = {"type": "input_json_delta", "partial_json": words} if self._tool else text
        return _named({"type": "content_block_delta", "index": 0, "delta": delta})

    def finish(self) -> str:
        sent, wrote = self.tokens
        over = {"stop_reason": "end_turn", "stop_sequence": None}
        return _named({"type": "content_block_stop", "index": 0}) + _named(
            {"type": "message_delta", "delta": over, "usage": {"input_tokens": sent, "output_tokens": wrote}}
        )

    def closing(self) -> str:
        return _named({"type": "message_stop"})

    def _message(self) -> Json:
        sent, _ = self.tokens
        shell = {"id": "m-1", "type": "message", "role": "assistant", "model": "scripted", "content": []}
        return shell | {"stop_reason": None, "usage": {"input_tokens": sent, "output_tokens": 0}}

    def _block(self, text: str) -> Json:
        if not self._tool:
            return {"type": "text", "text": text}
        name = self._asked.body["tools"][0]["name"]
        return {"type": "tool_use", "id": "t-1", "name": name, "input": json.loads(text) if text else {}}


class GoogleVoice(Voice):
    """The same in Google's (`:generateContent`, `:streamGenerateContent`)."""

    def whole(self) -> Json:
        return self._said(self._text, over=True)

    def opening(self) -> str:
        return ""

    def piece(self, words: str) -> str:
        return "" if self._tool else _data(self._said(words))

    def finish(self) -> str:
        return _data(self._said(self._text if self._tool else "", over=True))

    def closing(self) -> str:
        return ""

    def _said(self, words: str, *, over: bool = False) -> Json:
        part: Json = {"text": words}
        if self._tool:
            name = self._asked.body["tools"][0]["functionDeclarations"][0]["name"]
            part = {"functionCall": {"name": name, "args": json.loads(words)}}
        candidate: Json = {"index": 0, "content": {"role": "model", "parts": [part]}}
        sent, wrote = self.tokens
        usage = {"promptTokenCount": sent, "candidatesTokenCount": wrote, "totalTokenCount": sent + wrote}
        body: Json = {"candidates": [candidate | ({"finishReason": "STOP"} if over else {})]}
        return body | ({"usageMetadata": usage} if over else {})


class OllamaVoice(Voice):
    """The same in Ollama's (`/api/chat`): a JSON object a line."""

    def whole(self) -> Json:
        return self._said(self._text, over=True)

    def opening(self) -> str:
        return ""

    def piece(self, words: str) -> str:
        return "" if self._tool else json.dumps(self._said(words)) + "\n"

    def finish(self) -> str:
        return json.dumps(self._said(self._text if self._tool else "", over=True)) + "\n"

    def closing(self) -> str:
        return ""

    def _said(self, words: str, *, over: bool = False) -> Json:
        message: Json = {"role": "assistant", "content": words}
        if self._tool:
            name = self._asked.body["tools"][0]["function"]["name"]
            call = {"function": {"name": name, "arguments": json.loads(words)}}
            message = {"role": "assistant", "content": "", "tool_calls": [call]}
        sent, wrote = self.tokens
        body: Json = {"model": "scripted", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": over}
        return body | ({"done_reason": "stop", "prompt_eval_count": sent, "eval_count": wrote} if over else {})


class Dialect(NamedTuple):
    """Where a provider is asked, and how it answers."""

    path: str
    voice: type[Voice]
    content_type: str = "text/event-stream"


DIALECTS = (
    Dialect("/v1/chat/completions", Voice),
    Dialect("/v1/messages", AnthropicVoice),
    Dialect("/{version}/models/{model}", GoogleVoice),
    Dialect("/api/chat", OllamaVoice, "application/x-ndjson"),
)


def _data(body: Json) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


def _named(body: Json) -> str:
    return f"event: {body['type']}\n{_data(body)}"
