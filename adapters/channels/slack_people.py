"""Who people are in Slack: their names, languages and own workspaces, asked for once an hour."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping

import structlog

from adapters.channels.slack_asking import Call, remember
from adapters.channels.slack_events import NOBODY
from adapters.channels.slack_payload import dict_at, text_at
from adapters.channels.slack_text import tidy
from adapters.post import Account, SendError
from knowledge.card import Locale

_HOUR = 3_600.0
_QUICK = 1.0
"""Seconds to look something up before Slack is answered, which waits for three."""
_MOST = 10_000
_TOGETHER = 20
_LANGUAGES: dict[str, Locale] = {"ja": "ja", "en": "en"}
_log = structlog.get_logger(__name__)


class People:
    """Remembers who people are."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._known: OrderedDict[str, tuple[float, Account]] = OrderedDict()
        self._teams: OrderedDict[str, str] = OrderedDict()
        self._met_at: OrderedDict[str, str] = OrderedDict()

    @property
    def teams(self) -> Mapping[str, str]:
        """The workspaces of people, as far as they are known."""
        return dict(self._teams)

    def met(self, account: Account, team: str) -> None:
        """Note at which workspace somebody from elsewhere was met."""
        if account.outsider:
            user = account.key.rsplit(":", 1)[-1]
            remember(self._teams, user, _team(account), _MOST)
            remember(self._met_at, user, team, _MOST)

    def meets_at(self, account: Account) -> str:
        """Return the workspace whose bot somebody is reached by."""
        return self._met_at.get(account.key.rsplit(":", 1)[-1], _team(account))

    async def acquainted(self, account: Account) -> Account:
        """Return an account with its name and language; as it was where Slack does not tell."""
        until, known = self._known.get(account.key, (0.0, account))
        if account.key.endswith(f":{NOBODY}"):
            return account
        if time.monotonic() < until:
            return known.model_copy(update={"outsider": known.outsider or account.outsider})
        team, user = self.meets_at(account), account.key.rsplit(":", 1)[-1]
        try:
            answer = await self._call("users.info", team, user=user, include_locale=True)
        except SendError as error:
            _log.info("slack_not_acquainted", error=type(error).__name__)
            return account
        about = dict_at(answer, "user")
        shown = (text_at(about, "profile", "display_name"), text_at(about, "profile", "real_name"))
        name = next(filter(None, map(tidy, (*shown, text_at(about, "real_name"), account.name))), "")
        locale = _LANGUAGES.get(text_at(about, "locale")[:2], account.locale)
        outsider = account.outsider or about.get("is_stranger") is True
        found = account.model_copy(update={"name": name, "locale": locale, "outsider": outsider})
        if text_at(about, "team_id")[:1] == "T":
            remember(self._teams, user, text_at(about, "team_id"), _MOST)
        remember(self._known, account.key, (time.monotonic() + _HOUR, found), _MOST)
        return found

    async def placed(self, team: str, users: Iterable[str]) -> None:
        """Find out the own workspaces of people, as far as that goes quickly."""
        unknown = [Account(key=f"slack:{team}:{user}") for user in users if user not in self._teams]
        await asyncio.gather(*(self.quickly(one) for one in unknown[:_TOGETHER]))

    async def quickly(self, account: Account) -> Account:
        """Return an account with its name and language if Slack tells them at once."""
        try:
            return await asyncio.wait_for(self.acquainted(account), _QUICK)
        except TimeoutError:
            return account


def _team(account: Account) -> str:
    return account.key.split(":")[1]
