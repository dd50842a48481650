"""A house for the Slack channel in tests: it keeps what it receives, and can refuse to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from adapters.channels.slack import SlackChannel
from adapters.channels.slack_settings import SlackSettings
from adapters.post import Account, Event, Home, HomeAction, HomeRoom, Parcel, Place
from bot.model import Label, MessageId, Reply
from tests.servers.slack import LocalSlack


@dataclass
class House:
    """Keeps events, unless it is `broken`; `slow` makes it wait for a word."""

    events: list[Event] = field(default_factory=list)
    broken: bool = False
    threads: set[tuple[str, str]] = field(default_factory=set)
    gate: asyncio.Event | None = None

    async def receive(self, event: Event) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.broken:
            raise OSError("the disk is full: 極秘")
        self.events.append(event)

    def follows(self, place: str, thread: str) -> bool:
        return (place, thread) in self.threads

    async def home(self, team: str, account: str) -> Home:
        room = HomeRoom(
            room="r1",
            title="栃ノ木精密 × ルミナ",
            where="話し合い中・NDAなし",
            record="**二人の記録**\n- 段階: 話し合い",
            drafts=(HomeAction(text="「初回の進め方」の下書き", command="/approve d1"),),
            due=(HomeAction(text="1. 見積もり", command="/action done 1"), HomeAction(text="ただの行")),
        )
        return Home(locale="ja", hello=f"{account}さん、こんにちは。", rooms=(room,))


def settings(slack: LocalSlack, **more: Any) -> SlackSettings:
    given = {"bot_token": slack.token, "signing_secret": slack.signing_secret} | more
    named = {name: SecretStr(value) if value and name.endswith(("token", "secret")) else value
             for name, value in given.items()}  # fmt: skip
    return SlackSettings.model_validate({"api_url": slack.url} | named)


@asynccontextmanager
async def over_http(slack: LocalSlack, house: House, **more: Any) -> AsyncIterator[SlackChannel]:
    """The channel behind uvicorn, and Slack told where it is."""
    options = {name: more.pop(name) for name in ("installations", "states") if name in more}
    channel = SlackChannel(settings(slack, **more), house.receive, home=house.home, follows=house.follows, **options)
    await channel.start()
    config = uvicorn.Config(Starlette(routes=channel.routes()), port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await slack.until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    slack.request_url = f"http://127.0.0.1:{port}/slack/events"
    try:
        yield channel
    finally:
        await channel.stop()
        server.should_exit = True
        await serving


@asynccontextmanager
async def over_socket(slack: LocalSlack, house: House, **more: Any) -> AsyncIterator[SlackChannel]:
    """The channel on Socket Mode."""
    given = {"app_token": slack.app_token, "signing_secret": None} | more
    channel = SlackChannel(settings(slack, **given), house.receive, home=house.home, follows=house.follows)
    await channel.start()
    try:
        yield channel
    finally:
        await channel.stop()


def parcel(
    text: str = "こんにちは。",
    *,
    place: str | None = None,
    account: str | None = None,
    aside: Place | None = None,
    thread: str | None = None,
    direct: bool = False,
    answers: str = "",
    kind: str = "answer",
    choices: tuple[str, ...] = (),
    unasked: bool = False,
    name: str = "p1",
    **more: Any,
) -> Parcel:
    label = Label(why="x", how="ask", whom="room") if unasked else None
    reply = Reply(to="room", kind=kind, text=text, choices=choices, in_reply_to=MessageId("m"), label=label)
    return Parcel(
        id=name,
        tenant="default",
        channel="slack",
        place=Place(key=place, thread=thread, direct=direct) if place else None,
        account=Account(key=account) if account else None,
        aside=aside,
        answers=answers,
        reply=reply,
        **more,
    )


Make = Callable[..., Parcel]
