"""Ways to ask a language model for a filled-in form, from the surest to plain words."""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from adapters.services.chat_faults import UNKNOWN_TO_IT, FaultError

Provider = Literal["openai", "anthropic", "google", "ollama"]
Kind = Literal["schema", "tools", "json", "plain"]
WAYS: dict[Provider, tuple[Kind, ...]] = {
    "openai": ("schema", "tools", "json", "plain"),
    "anthropic": ("schema", "tools", "plain"),
    "google": ("schema", "tools", "plain"),
    "ollama": ("schema", "tools", "json", "plain"),
}
# What every server's grammar knows; the rest is checked when the answer is here.
_KEPT = ("type", "description", "enum", "const")


class Way(NamedTuple):
    """How to ask."""

    kind: Kind
    told: bool = False
    """Whether the form stands in the system message as well."""
    streams: bool = True
    usage: bool = True
    """Whether the stream is asked to end with the tokens it took."""

    @property
    def says(self) -> bool:
        """Whether the form has to be described in words."""
        return self.told or self.kind in ("json", "plain")


def first(provider: Provider) -> Way:
    """Return the surest way of a provider."""
    return Way(WAYS[provider][0])


def lower(way: Way, fault: FaultError, provider: Provider) -> Way | None:
    """Return the next way to try after a refusal, or None if there is none, or it was refused for another reason."""
    silent = fault.end == "malformed" and fault.blames == "stream"
    if silent or (fault.status in UNKNOWN_TO_IT and fault.blames == "stream"):
        return way._replace(streams=False) if way.streams else None
    if fault.status not in UNKNOWN_TO_IT:
        return None
    if fault.blames == "usage" and way.usage:
        return way._replace(usage=False)
    kinds = WAYS[provider]
    place = kinds.index(way.kind)
    if place + 1 < len(kinds):
        return way._replace(kind=kinds[place + 1])
    if way.usage and way.streams and provider == "openai":
        return way._replace(usage=False)
    return way._replace(streams=False) if way.streams else None


def schema_of(form: type[BaseModel]) -> tuple[dict[str, Any], bool]:
    """Return the JSON schema of a form in the words that all providers know, and whether it is closed everywhere."""
    schema, closed = _schema_of(form)
    return deepcopy(schema), closed  # Whoever sends it may change it.


@cache
def _schema_of(form: type[BaseModel]) -> tuple[dict[str, Any], bool]:
    whole = form.model_json_schema()
    plain = _Plain(whole.get("$defs", {}))
    return plain(whole), plain.closed


class _Plain:
    """Puts a schema into plain words: no references, every field asked for, every object closed."""

    def __init__(self, named: Mapping[str, Any], *, closing: bool = True) -> None:
        self._named, self._closing = named, closing
        self.closed = True

    def __call__(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            return self(self._named[schema["$ref"].rsplit("/", 1)[-1]])
        found = {key: schema[key] for key in _KEPT if key in schema}
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            found["anyOf"] = [self(one) for one in choices]
        if "items" in schema:
            found["items"] = self(schema["items"])
        if "properties" in schema:
            found["properties"] = {name: self(one) for name, one in schema["properties"].items()}
            found["required"] = list(found["properties"])
            found |= {"additionalProperties": False} if self._closing else {}
        elif schema.get("type") == "object" or (schema.get("type") == "array" and "items" not in schema):
            self.closed = False
        return found


def told(form: type[BaseModel]) -> str:
    """Return the words that describe a form to a model."""
    schema = json.dumps(schema_of(form)[0], ensure_ascii=False, separators=(",", ":"))
    return (
        "Answer with one JSON object and nothing else: no explanation, no Markdown fence. "
        f"It follows this JSON schema:\n{schema}"
    )


def again(why: str) -> str:
    """Return the words that ask for another try."""
    return (
        f"That cannot be used: {why}. Write the whole answer once more, as one JSON object that follows the schema "
        "and nothing else."
    )


def tool(form: type[BaseModel]) -> dict[str, Any]:
    """Return a form as a tool to call."""
    whole = form.model_json_schema()
    schema = _Plain(whole.get("$defs", {}), closing=False)(whole)
    about = "Hand in the answer."
    return {"type": "function", "function": {"name": form.__name__, "description": about, "parameters": schema}}


def bound(way: Way, form: type[BaseModel], provider: Provider, *, responses: bool = False) -> dict[str, Any]:
    """Return what a request carries besides its messages; a tool is bound by LangChain.

    `responses` is for OpenAI's models that only its Responses API has.
    """
    extra: dict[str, Any] = {}
    if provider == "openai" and way.streams and not way.usage:
        extra["stream_usage"] = False
    if way.kind == "schema":
        return extra | _schema(form, provider, responses)
    if way.kind == "json":
        asked = {"type": "json_object"}
        return extra | ({"format": "json"} if provider == "ollama" else _format(asked, responses))
    return extra


def _schema(form: type[BaseModel], provider: Provider, responses: bool) -> dict[str, Any]:
    schema, closed = schema_of(form)
    if provider == "anthropic":
        return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    if provider == "google":
        return {"response_mime_type": "application/json", "response_json_schema": schema}
    if provider == "ollama":
        return {"format": schema}
    named = {"name": form.__name__, "schema": schema, "strict": closed}
    return _format({"type": "json_schema", "json_schema": named}, responses)


def _format(asked: dict[str, Any], responses: bool) -> dict[str, Any]:
    # As a parameter of its own the SDK would parse the growing answer again at every piece, and throw away one that
    # was cut off. In the body it goes as it is.
    return {"response_format": asked} if responses else {"extra_body": {"response_format": asked}}
