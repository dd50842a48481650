"""The server under `LocalTelegram`: requests in, updates out by polling or webhook, failures as ordered."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.servers.telegram_api import METHODS, BotApi, StoredFile
from tests.servers.telegram_checks import Call, Failure
from tests.servers.telegram_refusals import Json, RefusalError, too_many

TOKEN = "123456789:AAlocal-telegram-token-for-tests-000"
Kind = Literal["flood", "status", "refused", "page", "dropped", "lost", "slow", "garbled"]
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Page(web.HTTPException):
    """What somebody else answers on the way: no word of it is Telegram's."""

    def __init__(self, status: int) -> None:
        self.status_code = status
        super().__init__(text=f"<html><h1>{status}</h1></html>", content_type="text/html")


@dataclass(frozen=True)
class Delivery:
    """One attempt to POST an update to the webhook; `status` 0 means nobody answered."""

    update_id: int
    status: int
    time: float


class TelegramServer(BotApi):
    """A Bot API in a thread of its own."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "nakodo_bot",
        first_name: str = "Nakodo",
        privacy: bool = True,
        limits: bool = False,
    ) -> None:
        super().__init__(token, username, first_name, privacy, limits)
        self.url, self.webhook_retry, self.webhook_timeout = "", 0.05, 5.0
        self.deliveries: list[Delivery] = []
        self.failures: list[Failure] = []
        self._polls = 0
        self._changed = threading.Condition(self.lock)
        self._ready = threading.Event()
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="local-telegram", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        if self._broken:
            raise self._broken
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def wait_for(self, true: Callable[[], Any], timeout: float = 10) -> Any:
        """Wait until something holds and return it; TimeoutError says what the bot last asked for."""
        end = time.monotonic() + timeout
        with self._changed:
            while not (found := true()):
                if time.monotonic() > end:
                    last = [(one.method, one.error or one.fate) for one in self.calls[-5:]]
                    raise TimeoutError(f"not so after {timeout} s; the last calls: {last}")
                self._changed.wait(0.02)
            return found

    async def until(self, true: Callable[[], Any], timeout: float = 10) -> Any:
        """Wait like `wait_for` without holding up the caller's event loop."""
        return await asyncio.to_thread(self.wait_for, true, timeout)

    # Failures

    def fail(
        self,
        method: str,
        kind: Kind,
        times: int = 1,
        *,
        when: Callable[[Call], bool] | None = None,
        seconds: float = 1,
        status: int = 502,
        code: int = 400,
        description: str = "",
        **parameters: int,
    ) -> Failure:
        """Order a failure for the next calls of a method ("*": any).

        Before it takes effect: `flood` (429, wait `seconds`), `status` (5xx), `refused` (code and description),
        `page` (a `status` that a proxy made up), `dropped` (connection closed). After: `slow` (answers late), `lost`
        (closed without an answer), `garbled`.
        """
        refusal = too_many(seconds) if kind == "flood" else RefusalError(code, description, **parameters)
        one = Failure(method, kind, times, when, seconds, refusal, status)
        with self.lock:
            self.failures.append(one)
        return one

    # The server

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._broken = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop, self._news = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        delivering = asyncio.create_task(self._deliver())
        self._ready.set()
        await self._stop.wait()
        self._ring()
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        await runner.cleanup()

    def _bell(self) -> None:
        """Wake whoever waits, in the server and in tests."""
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _download(self, request: web.Request) -> web.Response:
        kept: StoredFile | None = None
        if request.match_info["token"] == self.token:
            kept = next((one for one in self.files.values() if one.path == request.match_info["path"]), None)
        call = Call("download", {"path": request.match_info["path"]}, self.clock(), result=kept is not None)
        with self.lock:
            self.calls.append(call)
        failure = self._due(call)
        if failure:
            await self._suffer(request, failure)
        if kept is None:
            return web.json_response(RefusalError(404, "Not Found").body(), status=404)
        return web.Response(body=kept.data, content_type="application/octet-stream")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = METHODS.get(request.match_info["method"].lower(), request.match_info["method"])
        call = Call(name, dict(request.query), self.clock())
        with self._changed:
            self.calls.append(call)
        try:
            self._admit(request.match_info["token"], name)
            await self._read(request, call)
            failure = self._due(call)
            early = failure and failure.kind in {"flood", "status", "refused", "page", "dropped"}
            if failure and early:
                await self._suffer(request, failure)
            call.result = await self._obey(call)
            if failure and not early:
                self._bell()
                await self._suffer(request, failure)
        except RefusalError as refusal:
            call.error = refusal.description
            return web.json_response(refusal.body(), status=refusal.code)
        finally:
            self._bell()
        return web.json_response({"ok": True, "result": call.result})

    def _admit(self, token: str, name: str) -> None:
        if not re.fullmatch(r"\d+:[\w-]{10,}", token):
            raise RefusalError(404, "Not Found")
        if token != self.token:
            raise RefusalError(401, "Unauthorized")
        if name not in METHODS.values():
            raise RefusalError(404, "Not Found: method not found")

    async def _read(self, request: web.Request, call: Call) -> None:
        if request.content_type == "application/json":
            try:
                body = await request.json()
            except ValueError:
                body = None
            if not isinstance(body, dict):
                raise RefusalError(400, "Bad Request: can't parse JSON object")
            call.body |= body
            return
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                with value.file as opened:
                    call.files[name] = (value.filename, opened.read())
            else:
                call.body[name] = value

    async def _obey(self, call: Call) -> Any:
        if call.method == "getUpdates":
            return await self._poll(call)
        with self._changed:
            result = getattr(self, re.sub(r"(?=[A-Z])", "_", call.method).lower())(call)
            return json.loads(json.dumps(result))

    def _due(self, call: Call) -> Failure | None:
        with self.lock:
            for one in self.failures:
                if one.times > 0 and one.method in {call.method, "*"} and (one.when is None or one.when(call)):
                    one.times -= 1
                    call.fate = one.kind
                    return one
        return None

    async def _suffer(self, request: web.Request, failure: Failure) -> None:
        if failure.kind in {"flood", "refused"} and failure.refusal:
            raise failure.refusal
        if failure.kind == "status":
            raise RefusalError(failure.status, {502: "Bad Gateway"}.get(failure.status, "Internal Server Error"))
        if failure.kind == "page":
            raise Page(failure.status)
        if failure.kind == "slow":
            await self._pause(self._stop, failure.seconds)
        elif failure.kind == "garbled":
            raise web.HTTPOk(text='{"ok":true,"result":', content_type="application/json")
        elif request.transport:
            request.transport.abort()
            raise asyncio.CancelledError

    @staticmethod
    async def _pause(event: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return

    async def _poll(self, call: Call) -> list[Json]:
        """Answer `getUpdates`: at once when something waits, else after `timeout` at most; the newest poller wins."""
        end = time.monotonic() + min(max(call.number("timeout"), 0), 50)
        with self.lock:
            self._polls += 1
            mine = self._polls
            if not self.webhook:
                self.ask_for(call)
        self._ring()
        first = True
        while True:
            news = self._news
            with self._changed:
                if self.webhook:
                    active = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the"
                    words = f"{active} webhook first" if first else "terminated by setWebhook request"
                    raise RefusalError(409, f"Conflict: {words}")
                if self._polls != mine:
                    raise RefusalError(409, f"Conflict: {OTHER_POLLER}")
                found = self.take(call)
            left = end - time.monotonic()
            if found or left <= 0 or self._stop.is_set():
                return found
            first = False
            await self._pause(news, left)

    async def _deliver(self) -> None:
        """POST what waits to the webhook, one after the other, again and again until it is taken."""
        async with ClientSession(timeout=ClientTimeout(total=self.webhook_timeout)) as session:
            while True:
                news = self._news
                with self.lock:
                    hook, update = self.webhook, self.pending[0] if self.pending else None
                    body = json.dumps(update)
                if hook is None or update is None:
                    await news.wait()
                    continue
                status, words = await self._hand_over(session, hook, body)
                with self._changed:
                    self.deliveries.append(Delivery(update["update_id"], status, self.clock()))
                    if words:
                        hook |= {"last_error_date": int(self.clock()), "last_error_message": words}
                    elif self.pending and self.pending[0] is update:
                        self.confirmed.append(self.pending.pop(0)["update_id"])
                self._bell()
                if words:
                    await self._pause(self._stop, self.webhook_retry)

    async def _hand_over(self, session: ClientSession, hook: Json, body: str) -> tuple[int, str]:
        routes = [(one, to) for one, to in self.public.items() if hook["url"].startswith(one)]
        url = routes[0][1] + hook["url"][len(routes[0][0]) :] if routes else hook["url"]
        headers = {"Content-Type": "application/json"}
        headers |= {"X-Telegram-Bot-Api-Secret-Token": hook["secret"]} if hook["secret"] else {}
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                words = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                return answer.status, "" if 200 <= answer.status < 300 else words
        except TimeoutError:
            return 0, "Read timeout expired"
        except (ClientError, OSError):
            return 0, "Connection refused"
