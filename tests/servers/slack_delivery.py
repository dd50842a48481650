"""How the local Slack brings envelopes to the app: signed HTTP, or a Socket Mode WebSocket."""

import asyncio
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from tests.servers.slack_checks import Refused, check_blocks, check_view
from tests.servers.slack_world import APP_ID, Envelope

ANSWERS = {"errors": {"errors"}, "update": {"view"}, "push": {"view"}, "clear": set()}


@dataclass
class Attempt:
    """One try to deliver; `status` and `answer` are the app's, `error` is Slack's word for what went wrong."""

    number: int
    at: float
    raw: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    envelope_id: str = ""
    status: int | None = None
    answer: Any = None
    error: str | None = None
    took: float = 0.0


class Delivery:
    """An envelope on its way. `acked` when the app took it in time; `complaint` when its answer made no sense."""

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope
        self.attempts: list[Attempt] = []
        self.acked = False
        self.answer: Any = None
        self.complaint: str | None = None
        self._over = threading.Event()

    def over(self) -> None:
        """Nothing more will be tried."""
        self._over.set()

    @property
    def finished(self) -> bool:
        """Whether it is acknowledged or given up."""
        return self._over.is_set()

    def wait(self, timeout: float = 10) -> "Delivery":
        """Wait until it is acknowledged or given up; not from the loop that runs the app."""
        if not self._over.wait(timeout):
            raise TimeoutError(f"{self.envelope.kind} is neither acknowledged nor given up: {self.attempts}")
        return self

    async def done(self, timeout: float = 10) -> "Delivery":
        """`wait` for tests whose own loop runs the app."""
        return await asyncio.to_thread(self.wait, timeout)


class Courier:
    """Sends envelopes inside the server's loop and keeps the WebSockets."""

    def __init__(self, *, secret: str, ack_timeout: float, retry_delays: tuple[float, ...]) -> None:
        self.secret = secret
        self.ack_timeout = ack_timeout
        self.retry_delays = retry_delays
        self.sockets: list[web.WebSocketResponse] = []
        self.connections = 0
        self.acks: list[dict[str, Any]] = []  # all that came over the sockets
        self.stray_acks: list[Any] = []  # late, unknown, or not JSON
        self.frozen = False
        self.tickets: set[str] = set()
        self._leaving: set[web.WebSocketResponse] = set()
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._turn = 0

    # -- HTTP --------------------------------------------------------------------------------------------------

    def signed(self, raw: bytes, at: float, *, signature: str = "right") -> dict[str, str]:
        """Slack's signature headers over raw bytes: `right`, `wrong` (another secret) or `missing`."""
        stamp = str(int(at))
        if signature == "missing":
            return {}
        secret = self.secret if signature == "right" else f"{self.secret}-wrong"
        digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    def encoded(self, envelope: Envelope) -> tuple[bytes, str]:
        """The bytes and content type of an envelope over HTTP."""
        if envelope.kind in {"events_api", "url_verification"}:
            return json.dumps(envelope.payload, ensure_ascii=False).encode(), "application/json"
        form = {"payload": json.dumps(envelope.payload)} if envelope.kind == "interactive" else envelope.payload
        return urlencode(form).encode(), "application/x-www-form-urlencoded"

    async def post(
        self, delivery: Delivery, url: str, *, signature: str, age: float, retry: bool, sent: Attempt | None
    ) -> None:
        """Post until answered 200 in time; only events are tried again."""
        raw, kind = self.encoded(delivery.envelope)
        delays = self.retry_delays if retry and delivery.envelope.kind == "events_api" else ()
        reason = ""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.ack_timeout)) as client:
            for number in range(len(delays) + 1):
                if number:
                    await asyncio.sleep(delays[number - 1])
                attempt = Attempt(number, time.time(), raw)
                attempt.headers = {"Content-Type": kind, "User-Agent": "Slackbot 1.0"}
                attempt.headers |= self.signed(raw, attempt.at - age, signature=signature)
                if number:
                    attempt.headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
                if sent is not None:
                    attempt.raw, attempt.headers = sent.raw, dict(sent.headers)
                delivery.attempts.append(attempt)
                stop = await self._post_once(client, url, attempt)
                attempt.took = time.time() - attempt.at
                reason = attempt.error or ""
                if not attempt.error:
                    self.accept(delivery, attempt.answer)
                    return
                if stop:
                    return

    async def _post_once(self, client: aiohttp.ClientSession, url: str, attempt: Attempt) -> bool:
        try:
            async with client.post(url, data=attempt.raw, headers=attempt.headers, allow_redirects=False) as answer:
                text = await answer.text()
                attempt.status = answer.status
                try:
                    attempt.answer = json.loads(text) if text else None
                except ValueError:
                    attempt.answer = text
                attempt.error = None if answer.status == 200 else "http_error"
                return answer.headers.get("X-Slack-No-Retry") == "1"
        except TimeoutError:
            attempt.error = "http_timeout"
        except aiohttp.ClientError:
            attempt.error = "connection_failed"
        return False

    def accept(self, delivery: Delivery, answer: Any) -> None:
        """The app has taken it; look whether its answer makes sense."""
        delivery.acked, delivery.answer = True, answer
        delivery.complaint = complaint(delivery.envelope, answer)

    # -- Socket Mode -------------------------------------------------------------------------------------------

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket for a ticket that `apps.connections.open` gave; each ticket works once."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            return web.Response(status=408)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if len(self.sockets) >= 10:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        self.connections += 1
        hello = {"type": "hello", "num_connections": len(self.sockets) + 1, "connection_info": {"app_id": APP_ID}}
        await socket.send_json(hello | {"debug_info": {"host": "local", "approximate_connection_time": 18060}})
        self.sockets.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.PING and not self.frozen:
                    await socket.pong(message.data)
                elif message.type is WSMsgType.TEXT and not self.frozen:
                    self._heard(message.data)
        except ConnectionError:
            pass
        finally:
            self.sockets.remove(socket)
            self._leaving.discard(socket)
        return socket

    def _heard(self, data: str) -> None:
        try:
            ack = json.loads(data)
            waiting = self._waiting.get(ack["envelope_id"])
        except (ValueError, KeyError, TypeError):
            self.stray_acks.append(data)
            return
        self.acks.append(ack)
        if waiting is None or waiting.done():
            self.stray_acks.append(ack)
        else:
            waiting.set_result(ack)

    async def push(self, delivery: Delivery, *, retry: bool) -> None:
        """Send over a socket until acknowledged in time; only events are sent again, in a new envelope."""
        kind = delivery.envelope.kind
        delays = self.retry_delays if retry and kind == "events_api" else ()
        for number in range(len(delays) + 1):
            if number:
                await asyncio.sleep(delays[number - 1])
            attempt = Attempt(number, time.time(), envelope_id=str(uuid.uuid4()))
            delivery.attempts.append(attempt)
            body: dict[str, Any] = {
                "envelope_id": attempt.envelope_id,
                "type": kind,
                "payload": delivery.envelope.payload,
            }
            body["accepts_response_payload"] = kind != "events_api"
            if kind == "events_api":
                body |= {"retry_attempt": number, "retry_reason": "timeout" if number else ""}
            waiting = self._waiting[attempt.envelope_id] = asyncio.get_running_loop().create_future()
            try:
                await (await self._socket()).send_json(body)
                ack = await asyncio.wait_for(waiting, self.ack_timeout)
            except (TimeoutError, ConnectionError):
                attempt.error = "timeout"
                continue
            finally:
                attempt.took = time.time() - attempt.at
                del self._waiting[attempt.envelope_id]
            attempt.answer = ack.get("payload")
            self.accept(delivery, attempt.answer)
            return

    async def _socket(self) -> web.WebSocketResponse:
        """One of the open sockets, in turn; when there is none, one that opens within the ack timeout."""
        until = time.monotonic() + self.ack_timeout
        while time.monotonic() < until:
            ready = [one for one in self.sockets if not one.closed and one not in self._leaving]
            if ready:
                self._turn += 1
                return ready[self._turn % len(ready)]
            await asyncio.sleep(0.01)
        raise TimeoutError

    async def farewell(self, reason: str, grace: float) -> None:
        """Ask every socket to leave, as Slack does when it refreshes; close those still here after `grace`."""
        going = list(self.sockets)
        self._leaving |= set(going)
        for one in going:
            await one.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
        await asyncio.sleep(grace)
        for one in going:
            await one.close()

    async def cut(self) -> None:
        """Break every socket without a word."""
        for one in list(self.sockets):
            transport = getattr(one._req, "transport", None)  # a cable has no API
            if transport is not None:
                transport.abort()


def complaint(envelope: Envelope, answer: Any) -> str | None:
    """What Slack would not take in an answer, or None."""
    payload = envelope.payload
    if envelope.kind == "url_verification":
        text = answer.get("challenge") if isinstance(answer, dict) else answer
        return None if text == payload["challenge"] else "challenge_failed"
    if envelope.kind == "interactive" and payload["type"] == "view_submission" and answer:
        action = answer.get("response_action") if isinstance(answer, dict) else None
        if action not in ANSWERS or not ANSWERS[action] <= answer.keys():
            return f"invalid_response: {answer}"
        known = {block["block_id"] for block in payload["view"]["blocks"] if block["type"] == "input"}
        if action == "errors" and (not answer["errors"] or not answer["errors"].keys() <= known):
            return f"unknown block in errors: {answer['errors']}"
        return _refusal(lambda: check_view(answer["view"], kind="modal")) if "view" in answer else None
    if envelope.kind == "slash_commands" and isinstance(answer, dict) and "blocks" in answer:
        return _refusal(lambda: check_blocks(answer["blocks"]))
    if envelope.kind == "interactive" and payload["type"] == "block_actions" and answer:
        return f"block_actions takes no answer: {answer}"
    return None


def _refusal(check: Callable[[], Any]) -> str | None:
    try:
        check()
    except Refused as refused:
        return refused.error
    return None
