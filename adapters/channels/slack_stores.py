"""Where workspaces that installed the bot are kept: the SDK's own stores, in the house's database."""

from typing import Any, NamedTuple

from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore

LASTS = 600
"""Seconds that somebody has to allow the installation."""


class Stores(NamedTuple):
    """What OAuth needs to remember."""

    installations: AsyncSQLAlchemyInstallationStore
    states: AsyncSQLAlchemyOAuthStateStore


async def open_stores(client_id: str, engine: Any) -> Stores:
    """Return the stores on an asynchronous SQLAlchemy engine, with their tables."""
    found = Stores(
        AsyncSQLAlchemyInstallationStore(client_id=client_id, engine=engine),
        AsyncSQLAlchemyOAuthStateStore(expiration_seconds=LASTS, engine=engine),
    )
    async with engine.begin() as connection:
        await connection.run_sync(found.installations.metadata.create_all, checkfirst=True)
        await connection.run_sync(found.states.metadata.create_all, checkfirst=True)
    return found
