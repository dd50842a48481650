"""Builds the house that `nakodo serve` opens: store, post, road, the pages, and every chat that is set up."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from adapters.channels import slack_settings, telegram_settings
from adapters.channels.web import sign_in
from adapters.channels.web.channel import Speaking, WebChannel
from adapters.channels.web.live import Hub
from adapters.channels.web.openid import OpenId
from adapters.channels.web.pages import WAYS
from adapters.channels.web.security import secret_of
from adapters.channels.web.site import Site, mounted
from adapters.channels.web.try_talk import TRY
from adapters.channels.web.viewer import Sessions
from adapters.home import first_home_of
from adapters.post import ChannelName, Event, Home
from adapters.reception import Reception
from adapters.sending import Sender
from adapters.serve import House, Running
from adapters.services.jobs import Jobs
from adapters.services.store import Directory, Mail
from adapters.services.store.engine import open_async_engine
from adapters.services.store.lock import alone
from adapters.wiring import Nakodo, prepared


@asynccontextmanager
async def open_house(nakodo: Nakodo) -> AsyncIterator[House]:
    """Build the house, in the event loop in which it will work.

    Raises:
        SettingsError: a channel is set up wrongly, or strangers could open the pages.
        StoreError: the database cannot be opened, or another process serves it.
    """
    settings, store = nakodo.settings, nakodo.store
    slack, telegram = slack_settings.from_environment(), telegram_settings.from_environment()
    sign_in.check(settings, chats=slack is not None or telegram is not None)
    secret = secret_of(settings.secret, prepared(settings.home))
    directory, mail, hub = Directory(store.engine), Mail(store.engine), Hub()
    channels: dict[ChannelName, Running] = {"web": WebChannel(hub)}
    url = settings.database_url.get_secret_value() if settings.database_url else None
    reception = Reception(store, directory, mail, nakodo.house_of, settings)
    jobs = Jobs(
        reception,
        Sender(store, directory, mail, channels),
        channels,
        url=url,
        home=prepared(settings.home),
        turns=nakodo.beside,
        changed=hub.changed,
    )
    site = Site(
        store=store,
        directory=directory,
        mail=mail,
        speaking=Speaking(jobs, directory, mail),
        hub=hub,
        sessions=Sessions(secret),
        settings=settings,
        library=nakodo.library,
        search=lambda: nakodo.search,
        house=lambda: nakodo.house_of(TRY),
        channels=channels,
        openid=OpenId(settings, secret) if settings.oidc_issuer else None,
    )

    async def receive(event: Event) -> None:
        await jobs.receive(event)

    async def home(team: str, account: str) -> Home:
        return await first_home_of(store, directory, channels["slack"], team, account, now=datetime.now(UTC))

    async with AsyncExitStack() as stack:
        stack.enter_context(alone(store.engine, prepared(settings.home)))
        if nakodo.beside is not None:
            stack.callback(nakodo.beside.close)
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
        yield House(jobs, channels, (mounted(site, WAYS),))


def _warm(nakodo: Nakodo) -> None:
    """Load what the first answer needs, so that nobody waits for it; all that stays is spared by the collector."""
    from knowledge.ear import Words

    nakodo.house.ear.hear(Words("こんにちは"))
    if nakodo.beside is None:
        nakodo.search.find("NDA")
    gc.collect()
    gc.freeze()
