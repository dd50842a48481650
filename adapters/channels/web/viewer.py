"""Who looks at a page. A session is a signed cookie; nothing in it is secret, and nobody can change it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple, get_args

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request

from bot.model import Text
from bot.settings import Settings
from knowledge.card import Locale

Role = Literal["organizer", "facilitator", "reader"]
"""Organizer: all partnerships. Facilitator: their own. Reader: looks at all of them and changes nothing."""
COOKIE = "nakodo"
FLASH = "nakodo-flash"
FLASHED = 2_400
"""Characters that are carried to the next page; a cookie holds no more."""
IDLE = 12 * 60 * 60
"""Seconds after which who does nothing has to sign in again."""
FRESH = 60 * 60
"""Seconds after which a session that is used gets a new cookie."""
LASTS = 7 * 24 * 60 * 60
"""Seconds after which everybody has to sign in again."""
WEB = "web:"
"""What the keys of accounts begin with that are used on pages."""
LOCAL = "local"
"""Who sits at the machine itself."""
_HOST = Text(ja="事業の主催者", en="Organizer")
"""What is called who signed in at the machine itself, and so gave no name."""


def _now() -> datetime:
    return datetime.now(UTC)


def named(name: str, locale: Locale) -> str:
    """Return a name as a page says it: that of who gave none is what they are, in the reader's language."""
    return _HOST(locale) if name in (_HOST.ja, _HOST.en) else name


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

    @property
    def called(self) -> str:
        """Their name, in their language where they gave none."""
        return named(self.name, self.locale)


class _Session(NamedTuple):
    since: float
    """When they signed in."""
    at: float
    """When the cookie was made."""
    viewer: Viewer


class Sessions:
    """Writes and reads session cookies."""

    def __init__(self, secret: str, *, clock: Callable[[], datetime] = _now) -> None:
        self._signer = URLSafeSerializer(secret, salt="session")
        self._flash = URLSafeSerializer(secret, salt="flash")
        self._clock = clock
        self._ended: dict[str, float] = {}
        """Sessions that were ended, by their CSRF token, till their cookies are too old anyway."""

    def write(self, viewer: Viewer, since: float | None = None) -> str:
        """Return the cookie's value: of a new session, or of one that began at `since`."""
        now = self._clock().timestamp()
        return self._signer.dumps([now if since is None else since, now, *viewer])

    def read(self, request: Request) -> Viewer | None:
        """Return who looks; None if nobody signed in, or too long ago, or they signed out."""
        session = self._read(request)
        return session.viewer if session else None

    def renewed(self, request: Request, viewer: Viewer | None = None) -> str | None:
        """Return a new cookie's value if the one that came is due for it, or if `viewer` has changed."""
        session = self._read(request)
        if session is None or (viewer is None and self._clock().timestamp() - session.at < FRESH):
            return None
        return self.write(viewer or session.viewer, session.since)

    def end(self, viewer: Viewer) -> None:
        """Take no cookie of this session any more, whoever brings it."""
        now = self._clock().timestamp()
        self._ended = {one: until for one, until in self._ended.items() if until > now}
        self._ended[viewer.csrf] = now + LASTS

    def _read(self, request: Request) -> _Session | None:
        try:
            since, at, *rest = self._signer.loads(request.cookies.get(COOKIE, ""))
            viewer, now = Viewer(*rest), self._clock().timestamp()
        except (BadSignature, TypeError, ValueError):
            return None
        known = viewer.role in get_args(Role) and viewer.locale in get_args(Locale)
        current = now - at < IDLE and now - since < LASTS and viewer.csrf not in self._ended
        return _Session(since, at, viewer) if known and current else None

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


def role_of(settings: Settings, identity: str) -> Role | None:
    """Return the role that the settings give to somebody: `local`, an email address, or an account on a chat."""
    if identity == LOCAL:
        return "organizer" if settings.local else None
    name = identity.lower()
    return "organizer" if name in settings.organizers else "reader" if name in settings.readers else None


def stands(settings: Settings, viewer: Viewer) -> bool:
    """Whether somebody may still be what they were when they signed in: a name may have been taken off a list."""
    identity = viewer.account.removeprefix(WEB)
    given = role_of(settings, identity)
    if identity == LOCAL or "@" in identity:
        return given == viewer.role
    return ":" not in identity or viewer.role in ("facilitator", given)
