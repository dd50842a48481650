"""Builds the house that `nakodo serve` opens: store, post, road, and each channel whose settings are present."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from adapters.channels import slack_settings, telegram_settings
from adapters.home import home_of
from adapters.post import ChannelName, Event, Home
from adapters.reception import Reception
from adapters.sending import Sender
from adapters.serve import House, Running
from adapters.services.jobs import Jobs
from adapters.services.store import Directory, Mail
from adapters.services.store.engine import open_async_engine
from adapters.services.store.lock import alone
from adapters.wiring import Nakodo, prepared
from bot.errors import SettingsError

_NOTHING = (
    "no chat is set up",
    "Set SLACK_BOT_TOKEN with SLACK_APP_TOKEN (docs/slack.md), or TELEGRAM_BOT_TOKEN (docs/telegram.md)",
)


@asynccontextmanager
async def open_house(nakodo: Nakodo) -> AsyncIterator[House]:
    """Build the house, in the event loop in which it will work.

    Raises:
        SettingsError: no channel is set up, or one is set up wrongly.
        StoreError: the database cannot be opened, or another process serves it.
    """
    settings, store = nakodo.settings, nakodo.store
    slack, telegram = slack_settings.from_environment(), telegram_settings.from_environment()
    if slack is None and telegram is None:
        raise SettingsError(_NOTHING[0], remedy=_NOTHING[1])
    directory, mail = Directory(store.engine), Mail(store.engine)
    channels: dict[ChannelName, Running] = {}
    url = settings.database_url.get_secret_value() if settings.database_url else None
    reception = Reception(store, directory, mail, lambda: nakodo.house, settings)
    jobs = Jobs(
        reception,
        Sender(store, directory, mail, channels),
        channels,
        url=url,
        home=prepared(settings.home),
    )

    async def receive(event: Event) -> None:
        await jobs.receive(event)

    async def home(team: str, account: str) -> Home:
        tenant = await asyncio.to_thread(directory.tenant_of, "", account, team)
        return await asyncio.to_thread(home_of, store, directory, tenant, account, datetime.now(UTC))

    async with AsyncExitStack() as stack:
        stack.enter_context(alone(store.engine, prepared(settings.home)))
        await asyncio.to_thread(_warm, nakodo)
        if slack is not None:
            from adapters.channels.slack import SlackChannel
            from adapters.channels.slack_stores import open_stores

            installations = states = None
            if slack.oauth:
                engine = open_async_engine(store.engine)
                stack.push_async_callback(engine.dispose)
                installations, states = await open_stores(slack.client_id or "", engine)
            channels["slack"] = SlackChannel(
                slack, receive, home=home, follows=mail.spoke_in, installations=installations, states=states
            )
        if telegram is not None:
            from adapters.channels.telegram import TelegramChannel

            channels["telegram"] = TelegramChannel(telegram, receive)
        stack.callback(store.close)
        yield House(jobs, channels)


def _warm(nakodo: Nakodo) -> None:
    """Load what the first answer needs, so that nobody waits for it."""
    from knowledge.ear import Words

    nakodo.house.ear.hear(Words("こんにちは"))
    nakodo.search.find("NDA")
