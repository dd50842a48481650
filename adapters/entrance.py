"""The way from a chat to the desk: a link that lets in once, for who leads a partnership or is on a list."""

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from adapters.channels.web.viewer import role_of
from adapters.services.store import Directory, SqlStore
from bot.model import LEADING, Text
from bot.settings import Settings

if TYPE_CHECKING:
    from adapters.doorstep import Caller

LINKED = timedelta(minutes=15)


class Entrance(NamedTuple):
    """Gives out the links."""

    store: SqlStore
    directory: Directory
    settings: Settings

    def told(self, caller: "Caller") -> str:
        """Return what somebody is told who asks for the desk. Only who is alone with the bot is given a link."""
        tenant, known, locale = caller.lane.tenant, caller.known, caller.locale
        if not caller.event.place.direct:
            return _IN_PRIVATE(locale)
        if self.settings.public_url is None:
            return _NO_DESK(locale)
        listed = any(role_of(self.settings, key) for key in self.directory.accounts_on(tenant, known.person))
        if not listed and not self._leads(tenant, known.person):
            return _LEADS_ONLY(locale).format(account=known.account.key)
        token = self.directory.issue(tenant, "sign_in", known.person, lasts=LINKED)
        return _LINK(locale).format(link=f"{self.settings.public_url}/enter?token={token}")

    def _leads(self, tenant: str, person: str) -> bool:
        for room in self.directory.rooms_of(tenant, person):
            scene, name = self.store.of(tenant).load(room), self.directory.name_in(tenant, room, person)
            seat = scene.room.person(name) if scene and name else None
            if seat is not None and seat.side in LEADING:
                return True
        return False


_IN_PRIVATE = Text(
    ja="机へのリンクはお一人ずつのものです。私との個別の会話で「/desk」と書いてください。",
    en="The link to the desk is for one person alone. Please write /desk to me in private.",
)
_NO_DESK = Text(
    ja="ここからは机を開けません。Nakodoを動かしている方に、NAKODO_PUBLIC_URLの設定を頼んでください。",
    en="The desk cannot be opened from here. Please ask whoever runs Nakodo to set NAKODO_PUBLIC_URL.",
)
_LEADS_ONLY = Text(
    ja="机は進行役の方のためのものです。お心当たりがあれば、運営の方にこの名前をお伝えください: {account}",
    en="The desk is for facilitators. If you should have it, give this name to the people who run it: {account}",
)
_LINK = Text(
    ja="机はこちらです。使えるのは一度だけ、15分間です。ほかの方には渡さないでください。\n{link}",
    en="Here is the way to the desk. It works once, within 15 minutes. Please pass it on to nobody.\n{link}",
)
