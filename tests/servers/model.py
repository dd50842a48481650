"""A scripted OpenAI-compatible server on 127.0.0.1, which behaves as well or as badly as it is told.

    with ScriptedModel() as server:                      # well: fills the asked form from the numbered passages
        model = ChatModel("openai:scripted", url=server.url)
        server.then("429", "malformed", "good")          # the next requests, in order; then `server.behave` again
        server.behave = "invents-figure"                 # all that follow
        server.behave = lambda asked: "good" if "NDA" in asked.user else "stalls"
        server.asked[0].raw                              # every request as it came: what left the house

A behaviour is one or more names joined with `+`: at most one says what is written (`model_says.WRITERS`: `good`,
`fenced`, `invents-name` …; with `!` every sentence is bad, else every second one), others say how it travels
(`TRAVELS`: `small`, `stalls`, `429` …): "invents-name+small". A writer of a test's own goes into `server.writers`.

It also speaks as much of Anthropic's, Google's and Ollama's dialects as a true answer needs (`model_dialects`).

A test that uses it needs `pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])`. To play with:
`python -m tests.servers.model --port 8000 --behaviour good`.
"""

import argparse
import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from tests.servers.model_dialects import DIALECTS, Dialect
from tests.servers.model_says import WRITERS, Asked, Writer

Supports = Literal["schema", "tools", "json", "plain"]
"""The best that it knows of structured output; what it does not know it refuses with `refusal`."""
Behave = str | Callable[[Asked], str]

_LADDER = ("schema", "tools", "json", "plain")
STATUSES = ("400", "401", "403", "404", "408", "422", "429", "500", "502", "503")
TRAVELS: dict[str, str] = {
    **{status: f"refuses with {status}" for status in STATUSES},
    "429-soon": "429 with Retry-After: 0.3",
    "429-long": "429 with Retry-After: 3600",
    "no-quota": "429 because the account is empty",
    "small": "streams one to three characters at a time",
    "whole": "streams it in one piece",
    "one-body": "answers a stream request with one JSON body",
    "slow": "sends one byte a second",
    "slow-headers": "sends even the headers one byte a second",
    "steady": "streams a piece every 20 ms",
    "stalls": "accepts and says nothing, no headers either",
    "stalls-middle": "says half of it, then nothing",
    "endless": "says all of it, then keeps the line open without a finish",
    "lingers": "finishes, then keeps the line open",
    "forever": "never stops writing",
    "hangs-up": "hangs up without a word",
    "hangs-up-middle": "hangs up in the middle",
    "html": "answers 200 with a web page",
    "garbage": "streams what is no JSON",
    "empty-stream": "streams nothing",
    "error-in-stream": "streams half, then an error event",
    "reasons": "thinks aloud in a field of its own first",
    "reasons-only": "writes the answer into the field for thoughts",
    "no-choices": "answers JSON without choices",
    "error-body": "answers 200 with an error in the body",
    "parts": "streams its words as lists of parts",
    "usage-null": "says null of how many tokens it took",
    "usage-less": "says that it took less than nothing",
    "usage-absurd": "says that it took more than there are",
    "usage-each": "says with each piece how many it took so far",
}
_REFUSALS = {
    "schema": "Unknown parameter: 'response_format'.",
    "json": "Unknown parameter: 'response_format'.",
    "tools": "tool_choice and tools are not supported by this model",
    "stream": "Streaming is not supported.",
    "usage": "Unrecognized request argument supplied: stream_options",
}


class ScriptedModel:
    """The server, in a thread of its own; a context manager."""

    def __init__(
        self,
        behave: Behave = "good",
        *,
        supports: Supports = "schema",
        streams: bool = True,
        usage: bool = True,
        takes_usage: bool = True,
        key: str = "",
        refusal: int = 400,
        mute: bool = False,
        port: int = 0,
    ) -> None:
        self.behave = behave
        """What all requests get for which `then` says nothing."""
        self.supports, self.streams = supports, streams
        self.usage = usage
        """Whether it says how many tokens it took."""
        self.takes_usage = takes_usage
        """Whether it knows `stream_options`."""
        self.key = key
        self.refusal, self.mute = refusal, mute
        """The status with which it refuses what it does not know; `mute` does so without saying why."""
        self.writers: dict[str, Writer] = dict(WRITERS)
        self.asked: list[Asked] = []
        self.left = 0
        """How many clients went away before it was done."""
        self.faults: list[Exception] = []
        self._then: deque[Behave] = deque()
        self._port = port
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="scripted", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the scripted model did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        if self.faults and error is None:
            raise RuntimeError("the scripted model itself is at fault") from self.faults[0]

    def then(self, *behaviours: Behave) -> None:
        """Behave so for the next requests, one each."""
        with self._lock:
            self._then.extend(behaviours)

    def forget(self) -> None:
        """Drop what was asked and what is still to come."""
        with self._lock:
            self.asked, self.left = [], 0
            self._then.clear()

    def wait_until(self, true: Callable[[], Any], timeout: float = 5.0) -> None:
        """Wait until something is true; not from the server's own loop."""
        until = time.monotonic() + timeout
        while not true():
            if time.monotonic() > until:
                raise TimeoutError(f"still not true after {timeout} s")
            threading.Event().wait(0.005)

    # The server

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_get("/v1/models", self._models)
        for dialect in DIALECTS:
            app.router.add_post(dialect.path, partial(self._answer, dialect))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self.host = f"http://127.0.0.1:{runner.addresses[0][1]}"
        """Without a path."""
        self.url = f"{self.host}/v1"
        self._ready.set()
        await self._stop.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await runner.cleanup()
        await asyncio.gather(*others, return_exceptions=True)

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    def _next(self, asked: Asked) -> set[str]:
        with self._lock:
            behave = self._then.popleft() if self._then else self.behave
        names = set((behave(asked) if callable(behave) else behave).split("+"))
        unknown = names - set(self.writers) - set(TRAVELS)
        if unknown:
            raise ValueError(f"no such behaviour: {', '.join(unknown)}")
        return names

    async def _answer(self, dialect: Dialect, request: web.Request) -> web.StreamResponse:
        try:
            asked = await self._heard(request)
            how = self._next(asked)
            refused = self._refused(request, asked, how)
            if refused is not None:
                return refused
            return await _Travel(self, request, dialect, asked, how).answer()
        except ConnectionError:  # The client went away, or was thrown out.
            self.left += 1
            return web.Response()
        except Exception as fault:
            self.faults.append(fault)
            return web.json_response({"error": {"message": repr(fault)}}, status=500)

    async def _heard(self, request: web.Request) -> Asked:
        body = json.loads(await request.read())
        headers = {name.lower(): value for name, value in request.headers.items()}
        with self._lock:
            asked = Asked(request.path, body, headers, len(self.asked), time.monotonic())
            self.asked.append(asked)
        return asked

    def _refused(self, request: web.Request, asked: Asked, how: set[str]) -> web.Response | None:
        if self.key and self.key not in request.headers.get("Authorization", ""):
            return _refusal(401, "Incorrect API key provided")
        for name in how:
            status = name.partition("-")[0]
            if name == "no-quota":
                return _refusal(429, "You exceeded your current quota", code="insufficient_quota")
            if status in STATUSES:
                after = {"429-soon": "0.3", "429-long": "3600"}.get(name)
                return _refusal(int(status), "as told", after=after)
        unknown = self._unknown(asked)
        return _refusal(self.refusal, "Bad request" if self.mute else _REFUSALS[unknown]) if unknown else None

    def _unknown(self, asked: Asked) -> str:
        if _LADDER.index(asked.wants) < _LADDER.index(self.supports):
            return asked.wants
        if asked.streams and not self.streams:
            return "stream"
        return "usage" if "stream_options" in asked.body and not self.takes_usage else ""


class _Travel:
    """One answer on its way."""

    def __init__(
        self, server: ScriptedModel, request: web.Request, dialect: Dialect, asked: Asked, how: set[str]
    ) -> None:
        self._server, self._request, self._dialect, self._asked, self._how = server, request, dialect, asked, how
        named = [name for name in how if name in server.writers]
        self._text = server.writers[named[0] if named else "good"](asked)
        self._voice = dialect.voice(asked, self._text, server.usage, "reasons-only" in how)
        self._voice.layout = how & {"parts", "usage-null", "usage-less", "usage-absurd", "usage-each"}

    async def answer(self) -> web.StreamResponse:
        how = self._how
        if "stalls" in how:
            await self._silence()
        if how & {"hangs-up", "slow-headers"}:
            return await self._on_the_wire("hangs-up" in how)
        if "html" in how:
            return web.Response(text="<!doctype html><title>Sign in</title>", content_type="text/html")
        if "error-body" in how:
            return web.json_response({"error": {"message": "No endpoints found.", "code": 404}})
        if "no-choices" in how:
            return web.json_response({"detail": "warming up"})
        if not self._asked.streams or "one-body" in how:
            return web.json_response(self._voice.whole())
        response = web.StreamResponse(headers={"Content-Type": self._dialect.content_type})
        await response.prepare(self._request)
        async for piece in self._pieces():
            await self._write(response, piece)
        await response.write_eof()
        return response

    async def _write(self, response: web.StreamResponse, piece: str) -> None:
        raw = piece.encode()
        if "slow" not in self._how:
            await response.write(raw)
            return
        for byte in raw:
            await response.write(bytes([byte]))
            await self._pause(1.0)

    async def _pieces(self) -> AsyncIterator[str]:
        how = self._how
        if "empty-stream" in how:
            return
        if "garbage" in how:
            yield "data: {this is no JSON\n\n"
            return
        voice, said = self._voice, 0
        yield voice.opening()
        if "reasons" in how:
            for part in ("考え中 {", '"draft": true} …', "よし。"):
                yield voice.thought(part)
        broken = bool(how & {"stalls-middle", "hangs-up-middle", "error-in-stream"})
        for part in _parts(self._text, self._size()):
            if broken and said > len(self._text) // 2:
                break
            said += len(part)
            yield voice.piece(part)
            if "steady" in how:
                await self._pause(0.02)
        async for piece in self._ending(broken):
            yield piece

    async def _ending(self, broken: bool) -> AsyncIterator[str]:
        how, voice = self._how, self._voice
        if "error-in-stream" in how:
            yield 'data: {"error": {"message": "The server had an error", "type": "server_error"}}\n\n'
        if "hangs-up-middle" in how:
            self._hang_up()
        while "forever" in how:
            yield voice.piece(" まだ続きます。")
            await self._pause(0.005)
        if how & {"stalls-middle", "endless"}:
            await self._silence()
        if broken:
            return
        yield voice.finish()
        if "lingers" in how:
            await self._silence()
        yield voice.closing()

    def _size(self) -> int:
        if "whole" in self._how:
            return len(self._text) or 1
        return 2 if "small" in self._how else max(12, len(self._text) // 400)

    async def _on_the_wire(self, hang_up: bool) -> web.StreamResponse:
        if hang_up:
            self._hang_up()
        transport = self._request.transport
        for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n":
            if transport is not None:
                transport.write(bytes([byte]))
            await self._pause(1.0)
        raise ConnectionResetError

    def _hang_up(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()
        raise ConnectionResetError

    async def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._request.transport is None or self._request.transport.is_closing():
                raise ConnectionResetError
            await asyncio.sleep(min(0.01, seconds))

    async def _silence(self) -> None:
        await self._pause(600)


def _parts(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _refusal(status: int, message: str, *, code: str = "", after: str | None = None) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "code": code or None}
    headers = {"Retry-After": after} if after else {}
    return web.json_response({"error": error}, status=status, headers=headers)


def halves(*bad: str, good: str = "good") -> Callable[[Asked], str]:
    """Behave well and badly in turn; the bad ways one after the other."""
    return lambda asked: bad[asked.number // 2 % len(bad)] if asked.number % 2 else good


def main() -> None:
    """Serve until somebody presses Ctrl+C, and tell what comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--behaviour", default="good", help="names joined with +; see --list")
    parser.add_argument("--supports", choices=_LADDER, default="schema")
    parser.add_argument("--list", action="store_true", help="tell the behaviours")
    given = parser.parse_args()
    if given.list:
        print("written:", ", ".join(WRITERS))
        print("travels:", *(f"\n  {name}: {what}" for name, what in TRAVELS.items()))
        return
    with ScriptedModel(given.behaviour, supports=given.supports, port=given.port) as server:
        print(f"NAKODO_MODEL=openai:scripted NAKODO_MODEL_URL={server.url}")
        told = 0
        try:
            while True:
                threading.Event().wait(0.2)
                for asked in server.asked[told:]:
                    print(f"\n--- {asked.path} {asked.wants}{' streamed' if asked.streams else ''}\n{asked.text}")
                told = len(server.asked)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
