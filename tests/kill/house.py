"""A program: Nakodo with nobody clever in it, which kills itself at the steps of its road that it is told to.

    DIE_AT="mid_think after_send" NAKODO_HOME=… SLACK_BOT_TOKEN=… python -m tests.kill.house

It dies at a step when something comes by that names the step, and once only: a file `died-…` in its home says that
it has. Everything but the coach and the ear is the real thing, and put together as `adapters/opening.py` does it.

mid_receive       an event has come, nothing of it is written
after_receive     the event is committed, the platform not told yet
after_ack         the platform was told: answered 200, acknowledged on the socket, asked for what comes behind it
mid_think         in the turn, before anything of it is written
after_think       the turn is committed, its step has not returned
mid_send          the parcel is marked as being sent, nothing went out
mid_send_reached  the parcel went out, the answer got lost (the local platform has to lose it)
after_send        the answer is there, and not written down

At the step `poison` it dies in the turn like at `mid_think`, but every time. At the step `stay` it does not die, but
stays in the turn for ever, once.

With BESIDE=1 a second process takes the turns, and what happens in a turn happens there: only the second dies of it.

With a language model set up, answers are shown while they are made, and it can die of that as well:

stream_noted      it is noted that there may be a stream, and there is none
stream_begun      there is one, and nobody has written down where
stream_named      that is written down, and there is no word in it yet
mid_stream        the answer has begun to be seen
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters import logs
from adapters.beside import Beside
from adapters.channels import slack_settings, telegram_settings
from adapters.channels.slack import SlackChannel
from adapters.channels.slack_door import Door
from adapters.channels.telegram import TelegramChannel
from adapters.channels.telegram_line import Line
from adapters.home import home_of
from adapters.post import ChannelName, Event, Home, Note, Parcel, Preview, UnclearError
from adapters.sending import Sender
from adapters.serve import House, Running, build_app, run
from adapters.services.jobs import Jobs
from adapters.services.store import Lane, Mail, open_store
from adapters.services.store.lock import alone
from bot.errors import NakodoError
from bot.settings import Settings
from tests.kill.death import Death, death_of, mortal_reception, mortal_tasks, url_of


class MortalMail(Mail):
    """Dies before or behind writing an event down."""

    def __init__(self, engine: Any, death: Death) -> None:
        super().__init__(engine)
        self._death = death

    def receive(self, event: Event, lane: Lane) -> int | None:
        self._death.at("mid_receive", event.text)
        number = super().receive(event, lane)
        self._death.at("after_receive", event.text)
        return number


class MortalSlack(SlackChannel):
    """Dies on the way out, and behind an acknowledgement."""

    def __init__(self, death: Death, settings: slack_settings.SlackSettings, *rest: Any, **more: Any) -> None:
        super().__init__(settings, *rest, **more)
        self._death = death
        self._door = MortalDoor(settings, self._bots, self._intake, installations=None, states=None)
        self._door.death = death

    async def send(self, parcel: Parcel) -> str:
        self._death.at("mid_send", parcel.reply.text)
        try:
            receipt = await super().send(parcel)
        except UnclearError:
            self._death.at("mid_send_reached", parcel.reply.text)
            raise
        self._death.at("after_send", parcel.reply.text)
        return receipt

    async def show(self, preview: Preview, note: Note) -> None:
        words, steps = preview.parcel.reply.text, [("", "stream_noted"), ("stream_begun", "stream_named")]

        async def noting(shown: str) -> None:
            before, after = steps.pop(0) if shown else ("", "")
            self._death.at(before, words)
            await note(shown)
            self._death.at(after, words)

        await super().show(preview, noting)
        self._death.at("mid_stream", words)


class MortalDoor(Door):
    """Dies when it has acknowledged something on the socket."""

    death: Death

    async def _from_socket(self, client: AsyncBaseSocketModeClient, asked: SocketModeRequest) -> None:
        await super()._from_socket(client, asked)
        self.death.at("after_ack", json.dumps(asked.payload))


class MortalTelegram(TelegramChannel):
    """Dies on the way out, and behind an offset."""

    def __init__(self, death: Death, *rest: Any, **more: Any) -> None:
        super().__init__(*rest, **more)
        self._death = death
        self._listener._line = MortalLine(self._line, death)

    async def send(self, parcel: Parcel) -> str:
        self._death.at("mid_send", parcel.reply.text)
        try:
            receipt = await super().send(parcel)
        except UnclearError:
            self._death.at("mid_send_reached", parcel.reply.text)
            raise
        self._death.at("after_send", parcel.reply.text)
        return receipt


class MortalLine:
    """Dies when it has told Telegram that updates were taken."""

    def __init__(self, line: Line, death: Death) -> None:
        self._line, self._death, self._heard = line, death, ""
        self.answer, self.say = line.answer, line.say

    async def updates(self, offset: int | None, wait: int) -> Sequence[Mapping[str, Any]]:
        if offset is not None and self._death.awaits("after_ack", self._heard):
            await self._line.updates(offset, 0)
            self._death.at("after_ack", self._heard)
        found = await self._line.updates(offset, wait)
        self._heard = json.dumps([dict(one) for one in found])
        return found


class Answered:
    """Dies when it has answered a post with 200."""

    def __init__(self, app: ASGIApp, death: Death) -> None:
        self._app, self._death = app, death

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        heard, status = bytearray(), 0

        async def hearing() -> Message:
            message = await receive()
            heard.extend(message.get("body", b""))
            return message

        async def answering(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        await self._app(scope, hearing, answering)
        if status == 200:
            self._death.at("after_ack", heard.decode(errors="replace"))


@asynccontextmanager
async def open_house(settings: Settings, death: Death) -> AsyncIterator[House]:
    """Build the house as `adapters.opening` does, of parts that can die."""
    url = url_of(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    store = open_store(url, settings.home)
    mail = MortalMail(store.engine, death)
    reception = mortal_reception(store, mail, settings, death)
    directory = reception.directory
    beside = Beside(settings, mortal_tasks) if os.environ.get("BESIDE") else None
    channels: dict[ChannelName, Running] = {}
    jobs = Jobs(
        reception,
        Sender(store, directory, mail, channels),
        channels,
        url=url,
        home=settings.home,
        turns=beside,
    )

    async def receive(event: Event) -> None:
        await jobs.receive(event)

    async def home(team: str, account: str) -> Home:
        tenant = await asyncio.to_thread(directory.tenant_of, "", account, team)
        return await asyncio.to_thread(home_of, store, directory, tenant, account, datetime.now(UTC))

    with ExitStack() as stack:
        stack.callback(store.close)
        stack.enter_context(alone(store.engine, settings.home))
        if beside is not None:
            stack.callback(beside.close)
        slack, telegram = slack_settings.from_environment(), telegram_settings.from_environment()
        if slack is not None:
            channels["slack"] = MortalSlack(death, slack, receive, home=home, follows=mail.spoke_in)
        if telegram is not None:
            channels["telegram"] = MortalTelegram(death, telegram, receive)
        yield House(jobs, channels)


def main() -> None:
    """Serve until told to stop, or until it is time to die."""
    settings = Settings()
    death = death_of(settings)
    logs.set_up()
    app = build_app(lambda: open_house(settings, death))
    app.add_middleware(Answered, death=death)
    try:
        run(app, settings.host, settings.port)
    except NakodoError as error:
        print(f"nakodo: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
