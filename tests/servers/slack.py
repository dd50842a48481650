"""A strict local Slack: Web API, Socket Mode, signed events, files and OAuth, on 127.0.0.1 and a free port.

    with LocalSlack() as slack:
        tanaka = slack.add_user("田中")
        delivery = slack.deliver(slack.message(tanaka, "こんにちは"))

`slack.url` stands for `https://slack.com/api/`. The state is in `slack_world`, the methods in `slack_api`, the
limits in `slack_checks`, the transports in `slack_delivery`, what people do in `slack_people`.
"""

import asyncio
import base64
import json
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.servers.slack_api import FORM_ONLY, Args
from tests.servers.slack_checks import Refused
from tests.servers.slack_delivery import Attempt, Courier, Delivery
from tests.servers.slack_surfaces import Surfaces
from tests.servers.slack_world import APP_ID, Envelope, Team


@dataclass
class Call:
    """A call to the Web API; `error` is Slack's refusal and `status` the HTTP status, both None until answered."""

    method: str
    args: dict[str, Any]
    at: float
    team: str | None = None
    status: int | None = None
    error: str | None = None
    peer: object = None
    """The other end of the connection on which it came."""
    answer: dict[str, Any] = field(default_factory=dict)


@dataclass
class Failure:
    """A failure ordered for the next calls; see `LocalSlack.fail`."""

    applies: Callable[[Call], bool]
    times: int
    error: str | None
    status: int | None
    retry_after: int
    delay: float
    lost: bool
    refused: bool
    garbage: bool


class LocalSlack(Surfaces):
    """The server in its own thread; use it as a context manager."""

    def __init__(self, *, ack_timeout: float = 3.0, retry_delays: tuple[float, ...] = (0.0, 0.2, 0.5)) -> None:
        super().__init__()
        self.app_token = "xapp-1-A000000NAK-1-local"
        self.signing_secret = "local-signing-secret"
        self.client_id, self.client_secret = "1.2", "local-client-secret"
        self.request_url: str | None = None
        self.calls: list[Call] = []
        self.downloads: list[tuple[str, int]] = []
        self.deliveries: list[Delivery] = []
        self.faults: list[Exception] = []  # mistakes of the local Slack itself; they fail the test
        self.courier = Courier(secret=self.signing_secret, ack_timeout=ack_timeout, retry_delays=retry_delays)
        self._codes: dict[str, tuple[Team, str | None]] = {}
        self._failures: list[Failure] = []
        self.tiers = {"chat.startStream": 20, "chat.stopStream": 20, "chat.appendStream": 100}  # calls a minute
        self._past: dict[tuple[str, str], list[float]] = {}
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._runs_in = threading.Thread(target=lambda: asyncio.run(self._serve()), name="local-slack", daemon=True)

    @property
    def token(self) -> str:
        """The bot token of the home team."""
        return self.team.token

    def __enter__(self) -> Self:
        self._runs_in.start()
        if not self._ready.wait(10):
            raise RuntimeError("the local Slack did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._runs_in.join(10)
        if self.faults and error is None:
            raise RuntimeError("the local Slack itself is at fault") from self.faults[0]

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/", self.courier.socket)
        app.router.add_post("/response/{hook}", self._respond)
        app.router.add_get("/files-pri/{id}/{name:.+}", self._download)
        app.router.add_get("/login", self._login)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        self._ready.set()
        await self._stop.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await self.courier.cut()
        await runner.cleanup()
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for delivery in self.deliveries:
            delivery.over()

    # -- for tests ---------------------------------------------------------------------------------------------

    def wait_for(self, true: Callable[[], Any], timeout: float = 10, *, what: str = "") -> Any:
        """Wait until something is true, and give it; not from the loop that runs the app.

        It is asked under the lock, so it looks at the state and makes no calls.
        """
        until = time.monotonic() + timeout
        while not (value := self._look(true)):
            if time.monotonic() > until:
                raise TimeoutError(what or f"still not true after {timeout} s; calls: {self._summary()}")
            self._stopped_for(0.01)
        return value

    async def until(self, true: Callable[[], Any], timeout: float = 10, *, what: str = "") -> Any:
        """`wait_for` for tests whose own loop runs the app."""
        limit = time.monotonic() + timeout
        while not (value := self._look(true)):
            if time.monotonic() > limit:
                raise TimeoutError(what or f"still not true after {timeout} s; calls: {self._summary()}")
            await asyncio.sleep(0.01)
        return value

    def _look(self, true: Callable[[], Any]) -> Any:
        with self.lock:
            return true()

    def _stopped_for(self, seconds: float) -> None:
        threading.Event().wait(seconds)

    def _summary(self) -> list[str]:
        return [f"{one.method} → {one.error or one.status}" for one in self.calls[-12:]]

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method, in order."""
        with self.lock:
            return [one for one in self.calls if one.method == method]

    def fail(
        self,
        method: str | Callable[[Call], bool],
        *,
        times: int = 1,
        error: str | None = None,
        status: int | None = None,
        retry_after: int = 1,
        delay: float = 0.0,
        lost: bool = False,
        refused: bool = False,
        garbage: bool = False,
    ) -> None:
        """Order a failure for the next calls of a method, or of those a predicate picks (`*` is any).

        `error`: refused by name; `status`: 429 (with Retry-After) or 5xx, no effect; `delay`: answered late;
        `lost`: takes effect, then the connection closes without an answer; `refused`: the connection closes before
        any effect; `garbage`: takes effect, the answer is no JSON.
        """
        named = method
        applies = named if callable(named) else lambda call: named in ("*", call.method)
        with self.lock:
            made = Failure(applies, times, error, status, retry_after, delay, lost, refused, garbage)
            self._failures.append(made)

    def take_scope(self, *scopes: str, team: Team | None = None) -> None:
        """Take scopes away from the bot of a team."""
        with self.lock:
            (team or self.team).scopes.difference_update(scopes)

    def grant_code(self, team: Team, *, redirect_uri: str | None = None) -> str:
        """What comes back from Slack's consent page: good once, for `oauth.v2.access`; installs the app."""
        with self.lock:
            code = self._id("code")
            self._codes[code] = (team, redirect_uri)
            return code

    def deliver(
        self,
        envelope: Envelope,
        *,
        url: str | None = None,
        signature: str = "right",
        age: float = 0.0,
        retry: bool = True,
        sent: Attempt | None = None,
    ) -> Delivery:
        """Send an envelope: over HTTP to `url` or `request_url`, else over Socket Mode. Returns at once.

        `signature` is `right`, `wrong` or `missing`; `age` makes the timestamp that many seconds old; `sent` replays
        the bytes and headers of an earlier attempt.
        """
        delivery = Delivery(envelope)
        target = url or self.request_url
        if target is None:
            work = self.courier.push(delivery, retry=retry)
        else:
            work = self.courier.post(delivery, target, signature=signature, age=age, retry=retry, sent=sent)
        with self.lock:
            self.deliveries.append(delivery)
        self._soon(self._delivered(delivery, work))
        return delivery

    async def _delivered(self, delivery: Delivery, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
            payload = delivery.envelope.payload
            if payload.get("type") == "view_submission" and delivery.acked and not delivery.complaint:
                self.submitted(payload["view"], delivery.answer)
        except Exception as fault:
            self.faults.append(fault)
        finally:
            delivery.over()

    def replay(self, delivery: Delivery, *, url: str | None = None) -> Delivery:
        """Send the very same bytes and headers of a delivery's first attempt again."""
        return self.deliver(delivery.envelope, url=url, retry=False, sent=delivery.attempts[0])

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop)

    def disconnect(self, reason: str = "refresh_requested", *, grace: float = 1.0) -> None:
        """Ask all Socket Mode connections to reconnect, and close those still open after `grace` seconds."""
        self._soon(self.courier.farewell(reason, grace))

    def drop_sockets(self) -> None:
        """Cut all Socket Mode connections without a word."""
        self._soon(self.courier.cut())

    def freeze_sockets(self, frozen: bool = True) -> None:
        """Leave the connections open but deaf: no pongs, no acknowledgements heard."""
        self.courier.frozen = frozen

    # -- the server --------------------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await self._arguments(request, method)
        call = Call(method, {name: value for name, value in args.items() if name != "token"}, time.time())
        call.peer = request.transport and request.transport.get_extra_info("peername")
        with self.lock:
            self.calls.append(call)
            failure = self._failing(call) or self._over(call, request.headers.get("Authorization", ""))
        if failure and failure.delay:
            await asyncio.sleep(failure.delay)
        if failure and failure.refused:
            return self._hung_up(request, call)
        if failure and failure.status:
            call.status, call.error = failure.status, "ratelimited" if failure.status == 429 else "internal_error"
            headers = {"Retry-After": str(failure.retry_after)} if failure.status == 429 else {}
            return web.json_response({"ok": False, "error": call.error}, status=failure.status, headers=headers)
        with self.lock:
            answer, headers = self._answered(request, call, args, failure)
        if failure and failure.lost:
            return self._hung_up(request, call)
        call.status = 200
        if failure and failure.garbage:
            return web.Response(text='{"ok": tru', content_type="application/json")
        return web.json_response(answer, headers=headers)

    def _hung_up(self, request: web.Request, call: Call) -> web.Response:
        call.status = 0
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    def _failing(self, call: Call) -> Failure | None:
        for one in self._failures:
            if one.times > 0 and one.applies(call):
                one.times -= 1
                return one
        return None

    def _over(self, call: Call, token: str) -> Failure | None:
        """What Slack answers who streams more often in a minute than it allows."""
        most = self.tiers.get(call.method)
        if most is None:
            return None
        past = self._past.setdefault((call.method, token), [])
        past[:] = [at for at in past if call.at - at < 60]
        if len(past) >= most:
            wait = int(past[-most] + 60 - call.at) + 1
            return Failure(lambda _: True, 1, None, 429, wait, 0.0, False, False, False)
        past.append(call.at)
        return None

    async def _arguments(self, request: web.Request, method: str) -> Args:
        args = Args(request.query)
        if request.content_type == "application/json":
            body = await request.read()
            try:
                found = json.loads(body or b"{}")
            except ValueError:
                found = None
            if not isinstance(found, dict):
                return Args({"_broken": "invalid_json"})
            return args if method in FORM_ONLY else Args(args | found)
        return Args(args | dict(await request.post()))

    def _answered(
        self, request: web.Request, call: Call, args: Args, failure: Failure | None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        headers: dict[str, str] = {}
        try:
            answer = self._acted(request, call, args, failure)
        except Refused as refused:
            call.error = refused.error
            call.answer = {"ok": False, "error": refused.error} | refused.more
        except Exception as fault:
            self.faults.append(fault)
            call.error, call.answer = "internal_error", {"ok": False, "error": "internal_error"}
        else:
            call.answer = json.loads(json.dumps({"ok": True} | answer))
        if call.team:
            headers["x-oauth-scopes"] = ",".join(sorted(self.teams[call.team].scopes))
        return call.answer, headers

    def _acted(self, request: web.Request, call: Call, args: Args, failure: Failure | None) -> dict[str, Any]:
        if failure and failure.error:
            raise Refused(failure.error)
        if "_broken" in args:
            raise Refused(str(args["_broken"]))
        if call.method == "oauth.v2.access":
            return self._oauth(request, args)
        if call.method == "apps.connections.open":
            return self._connection(self._bearer(request, args))
        team = self._team(self._bearer(request, args))
        call.team = team.id
        return self.run(call.method, team, args)

    def _bearer(self, request: web.Request, args: Args) -> str:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not given and request.content_type != "application/json":
            given = str(args.get("token", ""))
        if not given:
            raise Refused("not_authed")
        return given

    def _team(self, token: str) -> Team:
        team = next((one for one in self.teams.values() if one.token == token), None)
        if token == self.app_token:
            raise Refused("not_allowed_token_type")
        if team is None:
            raise Refused("invalid_auth")
        if not team.installed:
            raise Refused("account_inactive")
        return team

    def _connection(self, token: str) -> dict[str, Any]:
        if token != self.app_token:
            self._team(token)
            raise Refused("not_allowed_token_type")
        ticket = self._id("ticket")
        self.courier.tickets.add(ticket)
        return {"url": self.url.replace("http:", "ws:").replace("/api/", f"/link/?ticket={ticket}&app_id={APP_ID}")}

    def _oauth(self, request: web.Request, args: Args) -> dict[str, Any]:
        basic = request.headers.get("Authorization", "").removeprefix("Basic ")
        try:
            given = base64.b64decode(basic, validate=True).decode().split(":", 1)
        except ValueError:
            given = []
        who, secret = given if len(given) == 2 else (args.get("client_id"), args.get("client_secret"))
        if who != self.client_id:
            raise Refused("invalid_client_id")
        if secret != self.client_secret:
            raise Refused("bad_client_secret")
        team, redirect_uri = self._codes.get(args.need("code", "invalid_code"), (None, None))
        if team is None:
            raise Refused("invalid_code")
        if args.get("redirect_uri") != redirect_uri:
            raise Refused("bad_redirect_uri")
        del self._codes[args["code"]]
        team.installed = True
        installer = next(one["id"] for one in self.users.values() if one["team_id"] == team.id)
        answer: dict[str, Any] = {"app_id": APP_ID, "authed_user": {"id": installer}, "enterprise": None}
        answer["scope"] = ",".join(sorted(team.scopes))
        answer |= {"token_type": "bot", "access_token": team.token, "bot_user_id": team.bot_user}
        return answer | {
            "team": {"id": team.id, "name": team.name},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    async def _respond(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        with self.lock:
            error = self.respond(request.match_info["hook"], body)
        if error in {"used_url", "expired_url"}:
            return web.json_response({"ok": False, "error": error}, status=404)
        return web.Response(text=error or "ok", status=400 if error else 200)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file for a bot that may see it; Slack sends everyone else to its login page."""
        file = request.match_info["id"].partition("-")[2]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.lock:
            team = next((one for one in self.teams.values() if one.token == token and one.installed), None)
            known = self.files.get(file)
            rooms = [self.channels[one] for one in known["channels"]] if known else []
            may = team and "files:read" in team.scopes and any(team.bot_user in room.members for room in rooms)
            call = Call("file.download", {"file": file}, time.time())
            self.calls.append(call)
            failure = self._failing(call)
            status = failure.status if failure and failure.status else 200 if may else 302
            self.downloads.append((file, status))
        call.status = status
        if failure and failure.delay:
            await asyncio.sleep(failure.delay)
        if failure and (failure.lost or failure.refused):
            return self._hung_up(request, call)
        if status == 302:
            raise web.HTTPFound("/login")
        if status != 200:
            return web.Response(status=status)
        return web.Response(body=self.file_bytes[file], content_type=str(self.files[file]["mimetype"]))

    async def _login(self, _request: web.Request) -> web.Response:
        return web.Response(text="<!DOCTYPE html><html><title>Slack</title>Sign in</html>", content_type="text/html")
