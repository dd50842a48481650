"""Language models of any provider, by LangChain's `init_chat_model`: within a time, within the day's tokens.

    model = ChatModel("openai:gpt-x", key=SecretStr("…"), seconds=20)
    written = model.write(prompt, Composed, tenant="north", partly=show)

The only door to LangChain's chat models. A call goes: may it be (`budget`, `breaker`), ask the surest way that this
server knows (`chat_ways`), wait no longer than the limit (`chat_loop`), see what went wrong (`chat_faults`), read the
form out of what came (`chat_reading`).
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, cast

from pydantic import BaseModel, SecretStr

from adapters.services.breaker import Breaker
from adapters.services.budget import MemoryMeter, Meter, Purse, estimated, today_in_japan
from adapters.services.chat_faults import FaultError, fault_of
from adapters.services.chat_loop import Bell, Clock, followed, gathered
from adapters.services.chat_model_making import PACKAGES, Maker
from adapters.services.chat_reading import MOST, Heard, UnreadableError, filled, unfinished
from adapters.services.chat_ways import Provider, Way, again, bound, first, lower, told, tool
from adapters.services.tracing import span
from bot.errors import ModelError, SettingsError
from bot.ports import Form, Prompt, Written
from bot.settings import Settings

if TYPE_CHECKING:
    from tenacity import RetryCallState

TRIES = 4
# Less than this is not worth another try.
_SOON = 0.2
_REPEATED = 4_000
# A growing answer is read again when it has grown by one part in so many.
_LOOKS = 64


class _Call(Generic[Form]):
    """One `write`, from its beginning to its end."""

    def __init__(
        self, prompt: Prompt, form: type[Form], partly: Callable[[object], None] | None, seconds: float
    ) -> None:
        self.prompt, self.form, self.partly = prompt, form, partly
        self.clock = Clock(seconds)
        self.tries = self.tokens_in = self.tokens_out = 0
        self._shown: object = None
        self._looked = 0

    def begin(self) -> None:
        """Begin a request: what was seen of the one before is not its beginning."""
        self.tries += 1
        self._looked = 0

    def count(self, heard: Heard, sent: int, fault: FaultError | None) -> None:
        """Count what a request has cost; where nobody says, about what it must have."""
        if heard.counted or fault is None or not fault.free or heard.length:
            self.tokens_in += heard.tokens_in or sent
            self.tokens_out += heard.tokens_out or estimated(heard.text) + estimated(heard.thoughts)

    def show(self, heard: Heard, *, last: bool = False) -> None:
        """Show the unfinished form to whoever wants to see it, if it has grown enough to look at it again."""
        if self.partly is None or (heard.length - self._looked < heard.length // _LOOKS and not last):
            return
        if heard.length > MOST:  # Looking at it would take longer than anybody waits.
            return
        self._looked = heard.length
        value = unfinished(heard.text, self.form)
        if value and value != self._shown:
            self._shown = value
            self.partly(value)


class _Reading(NamedTuple, Generic[Form]):
    """What came of asking: in which way, in which words, and the form or why there is none."""

    way: Way
    wrote: str
    form: Form | None
    why: UnreadableError | None = None


class ChatModel:
    """One model. Nothing is imported and nothing is sent before the first `write`; many threads may share it."""

    def __init__(
        self,
        name: str,
        *,
        url: str | None = None,
        key: SecretStr | None = None,
        seconds: float = 20.0,
        tokens: int = 500_000,
        meter: Meter | None = None,
        today: Callable[[], date] = today_in_japan,
        breaker: Breaker | None = None,
    ) -> None:
        self.name = name
        self._maker = Maker(name, url, key, seconds)
        self._provider = self._maker.provider
        self.remote = self._maker.remote
        self._seconds = seconds
        self._purse = Purse(meter or MemoryMeter(), tokens, today)
        self._breaker = breaker or Breaker()
        self._ways: dict[type[BaseModel], Way] = {}

    def __repr__(self) -> str:
        """Name it, and nothing else."""
        return f"ChatModel({self.name!r})"

    def write(
        self,
        prompt: Prompt,
        form: type[Form],
        *,
        tenant: str = "",
        partly: Callable[[object], None] | None = None,
    ) -> Written[Form]:
        """Return the form filled in.

        `partly` is called on the caller's own thread with the unfinished value (dicts and lists as far as they are
        written; the last string may be half) while the answer streams in; states may be skipped. Where a call is made
        again it begins anew. Where the server does not stream it is called once, with the whole.

        Raises:
            ModelError: `end` is slow, down, refused, malformed, budget or resting.
        """
        call = _Call(prompt, form, partly, self._seconds)
        with span("model", model=self.name, prompt=prompt.version, tenant=tenant, remote=self.remote) as noted:
            end = "used"
            try:
                with self._purse.holding(tenant, estimated(prompt.system) + estimated(prompt.user)):
                    return self._admitted(call, tenant)
            except ModelError as error:
                end = error.end
                raise
            finally:
                noted.note(end=end, tries=call.tries, ms=round(call.clock.ms))
                noted.note(tokens_in=call.tokens_in, tokens_out=call.tokens_out)

    def left(self, tenant: str = "") -> int | None:
        """Return the tokens that a tenant has left today; None is without limit."""
        return self._purse.left(tenant)

    def warm(self) -> threading.Thread:
        """Import what the first call needs, now, on another thread."""

        def load() -> None:
            with suppress(FaultError):  # The first call will tell.
                self._maker.model()

        thread = threading.Thread(target=load, name="language-model-warming", daemon=True)
        thread.start()
        return thread

    def _admitted(self, call: _Call[Form], tenant: str) -> Written[Form]:
        if not self._breaker.admits():
            raise ModelError("resting", "it failed too often a moment ago")
        good: bool | None = None
        try:
            written = self._written(call)
            good = True
        except FaultError as fault:
            good = False
            cost = {"tokens_in": call.tokens_in, "tokens_out": call.tokens_out}
            raise ModelError(fault.end, fault.what, **cost) from None
        finally:
            self._breaker.over(good)
            self._purse.pay(tenant, call.tokens_in + call.tokens_out)
        return written

    def _written(self, call: _Call[Form]) -> Written[Form]:
        """Ask, and once more if the answer cannot be read."""
        reading = self._read(call, self._ways.get(call.form) or first(self._provider), ())
        if reading.why is not None:
            # A server that wrote no form at all, though it took the request, has to be told in words from now on.
            told_on = reading.way.told or reading.why.empty
            repair = (reading.wrote[:_REPEATED], again(str(reading.why)))
            reading = self._read(call, reading.way._replace(told=True), repair)
            reading = reading._replace(way=reading.way._replace(told=told_on))
        if reading.form is None:
            raise FaultError("malformed", "no answer in the form asked for")
        self._ways[call.form] = reading.way
        return Written(reading.form, reading.wrote, call.tokens_in, call.tokens_out, call.clock.ms)

    def _read(self, call: _Call[Form], way: Way, repair: tuple[str, ...]) -> _Reading[Form]:
        """Ask, going down the ways as they are refused, and read what came."""
        while True:
            heard: Heard | None = None
            try:
                heard = self._patiently(call, way, repair)
                return _Reading(way, heard.text or heard.thoughts, filled(call.form, heard))
            except UnreadableError as error:
                return _Reading(way, heard.text if heard else "", None, error)
            except FaultError as fault:
                next_way = lower(way, fault, self._provider)
                if next_way is not None:
                    way = next_way
                elif fault.end == "malformed" and not repair:
                    return _Reading(way, "", None, UnreadableError(fault.what, empty=True))
                else:
                    raise

    def _patiently(self, call: _Call[Form], way: Way, repair: tuple[str, ...]) -> Heard:
        """Ask; again after a pause while that may help and there is time."""
        from tenacity import Retrying, retry_if_exception

        def enough(state: "RetryCallState") -> bool:
            return state.attempt_number >= TRIES or state.upcoming_sleep + _SOON >= call.clock.left

        retrying = Retrying(
            stop=enough,
            wait=_pause,
            retry=retry_if_exception(lambda error: isinstance(error, FaultError) and error.again),
            reraise=True,
        )
        return retrying(self._once, call, way, repair)

    def _once(self, call: _Call[Form], way: Way, repair: tuple[str, ...]) -> Heard:
        heard, bell = Heard(), Bell() if call.partly else None
        call.begin()
        fault: FaultError | None = None
        try:
            work = self._talk(call, way, repair, heard, bell)
            error = followed(work, call.clock, bell, lambda: call.show(heard))
            fault = fault_of(error) if error is not None else None
            if call.clock.left > 0:
                call.show(heard, last=True)
        finally:
            sent = sum(map(estimated, (call.prompt.system, call.prompt.user, *repair)))
            call.count(heard, sent, fault)
        # What is whole was only cut off from its farewell.
        if fault is not None and not (heard.length and _readable(call.form, heard)):
            raise fault
        return heard

    # On the loop's thread

    async def _talk(
        self, call: _Call[Form], way: Way, repair: tuple[str, ...], heard: Heard, bell: Bell | None
    ) -> None:
        model = self._maker.made
        if model is None:
            model = await asyncio.to_thread(self._maker.model)
        from langsmith.run_helpers import tracing_context

        asked: Any = model
        if way.kind == "tools":
            asked = model.bind_tools([tool(call.form)], tool_choice=call.form.__name__)
        messages = self._messages(call, way, repair)
        options = bound(way, call.form, self._provider, responses=bool(getattr(model, "use_responses_api", False)))
        # What is traced to LangSmith would carry people's words there.
        with tracing_context(enabled=False):
            if way.streams:
                await gathered(asked.astream(messages, **options), heard, bell)
            else:
                heard.add(await asked.ainvoke(messages, **options))

    def _messages(self, call: _Call[Form], way: Way, repair: tuple[str, ...]) -> list[Any]:
        from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

        system, user = call.prompt.system, call.prompt.user
        if way.says:
            system = f"{system}\n\n{told(call.form)}".strip()
        # What all calls have in common comes first: providers that cache prefixes find it there.
        told_it: Any = system
        if self._provider == "anthropic":
            told_it = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]
        messages: list[Any] = [SystemMessage(told_it)] if system else []
        wrote, note = repair or ("", "")
        if wrote.strip():
            return [*messages, HumanMessage(user), AIMessage(wrote), HumanMessage(note)]
        return [*messages, HumanMessage(f"{user}\n\n{note}" if note else user)]


def open_chat_model(settings: Settings, meter: Meter | None = None) -> ChatModel | None:
    """Return the model that the settings name, or None where they name none.

    Raises:
        SettingsError: the provider's package is not there.
    """
    if settings.model is None:
        return None
    package = missing(settings.model)
    if package:
        extra = settings.model.partition(":")[0]
        raise SettingsError(
            f"{package} is not installed", where="NAKODO_MODEL", remedy=f"pip install 'nakodo[{extra}]'"
        )
    return ChatModel(
        settings.model,
        url=settings.model_url,
        key=settings.model_key,
        seconds=settings.model_seconds,
        tokens=settings.model_tokens,
        meter=meter,
    )


def missing(name: str) -> str:
    """Return the package that a model needs and that is not installed, or nothing."""
    package = PACKAGES[cast(Provider, name.partition(":")[0])]
    return "" if find_spec(package) else package


def _readable(form: type[Form], heard: Heard) -> bool:
    try:
        filled(form, heard)
    except UnreadableError:
        return False
    return True


def _pause(state: "RetryCallState") -> float:
    from tenacity import wait_exponential, wait_random

    fault = state.outcome.exception() if state.outcome else None
    if isinstance(fault, FaultError) and fault.after is not None:
        return fault.after
    return wait_exponential(multiplier=0.25, max=4)(state) + wait_random(0, 0.25)(state)
