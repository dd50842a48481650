"""Who looks at a page. A session is a signed cookie; nothing in it is secret, and nobody can change it."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from starlette.requests import Request

from knowledge.card import Locale

Role = Literal["organizer", "facilitator", "reader"]
"""Organizer: all partnerships. Facilitator: their own. Reader: looks at all of them and changes nothing."""
COOKIE = "nakodo"
FLASH = "nakodo-flash"
FLASHED = 2_400
"""Characters that are carried to the next page; a cookie holds no more."""
LASTS = 12 * 60 * 60
"""Seconds that a session lasts."""


class Viewer(NamedTuple):
    """Who looks. `account` names them on the durable road, `person` in the directory."""

    tenant: str
    account: str
    person: str
    name: str
    role: Role
    locale: Locale
    csrf: str

    @property
    def acts(self) -> bool:
        """Whether they may change anything."""
        return self.role != "reader"


class Sessions:
    """Writes and reads session cookies."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="session")
        self._flash = URLSafeSerializer(secret, salt="flash")

    def write(self, viewer: Viewer) -> str:
        """Return the cookie's value."""
        return self._signer.dumps(list(viewer))

    def read(self, request: Request) -> Viewer | None:
        """Return who looks; None if nobody signed in, or too long ago."""
        try:
            found = Viewer(*self._signer.loads(request.cookies.get(COOKIE, ""), max_age=LASTS))
        except (BadSignature, TypeError):
            return None
        return found if found.role in get_args(Role) and found.locale in get_args(Locale) else None

    def carry(self, texts: Sequence[str]) -> str:
        """Return a cookie's value that carries words to the next page."""
        kept, room = [], FLASHED
        for text in texts:
            kept.append(text if len(text) <= room else text[: max(room - 1, 0)] + "…")
            room -= len(kept[-1])
        return self._flash.dumps([text for text in kept if text])

    def carried(self, request: Request) -> list[str]:
        """Return the words that the page before had for this one."""
        try:
            found = self._flash.loads(request.cookies.get(FLASH, ""))
        except BadSignature:
            return []
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
