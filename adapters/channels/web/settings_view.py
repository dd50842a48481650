"""How the house stands and how each partnership is set: what the page of settings shows. Never a secret."""

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from adapters.channels.web.desk_list import path, title
from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer, named
from adapters.post import Channel, ChannelName
from adapters.serve import QUIET
from adapters.services.store.engine import place
from bot.clock import QuietHours, is_quiet, keeps_holidays, quiet_ends
from bot.model import Mode, Person, RoomId, Text
from bot.names import MODE_NAMES, SIDE_NAMES
from bot.scene import Mute, Scene
from bot.signals import signals
from knowledge.card import Locale, Side


class Health(NamedTuple):
    """How a channel is. `refused` says what was not let in, and how often since the start."""

    name: str
    at: datetime | None
    well: bool
    refused: tuple[tuple[str, int], ...]


class Count(NamedTuple):
    """How much of something there is; more than none may be a `trouble`."""

    name: str
    many: int
    trouble: bool


class Party(NamedTuple):
    """A side of a partnership, with its people."""

    id: Side
    name: str
    firm: str
    people: tuple[str, ...]


class Quiet(NamedTuple):
    """A wish for quiet that holds. `signal` is empty where it is for all of them, `until` None till lifted."""

    signal: str
    until: datetime | None


class Settings(NamedTuple):
    """How a partnership is set."""

    room: RoomId
    title: str
    path: str
    zone: str
    mode: Mode
    takeover: str | None
    hours: QuietHours | None
    holidays: bool
    """Whether public holidays are quiet too."""
    quiet_now: bool
    quiet_ends: datetime
    held: int
    """Words that wait for the end of the quiet hours."""
    room_quiet: tuple[Quiet, ...]
    my_quiet: tuple[Quiet, ...]
    sides: tuple[Party, ...]
    unseated: tuple[str, ...]


class About(NamedTuple):
    """What runs here, and where it keeps what it knows."""

    version: str
    home: str
    database: str
    search: str
    address: str
    sign_in: str


def channels(site: Site, locale: Locale) -> list[Health]:
    """Return how each channel is."""
    now = site.clock()
    return [_health(name, channel, now, locale) for name, channel in sorted(site.channels.items())]


def _health(name: ChannelName, channel: Channel, now: datetime, locale: Locale) -> Health:
    at = channel.alive()
    refused: Mapping[str, int] = getattr(channel, "refused", {})
    return Health(_CHANNELS[name](locale), at, at is not None and now - at < QUIET, tuple(sorted(refused.items())))


def post(site: Site, locale: Locale) -> list[Count]:
    """Return how the post stands, over all that this house serves."""
    counts = site.mail.counts()._asdict()
    return [
        Count(name(locale), counts[field], field in _TROUBLES and counts[field] > 0) for field, name in _POST.items()
    ]


def as_set(site: Site, viewer: Viewer, scene: Scene) -> Settings:
    """Return how a partnership is set."""
    now, room = site.clock(), scene.room
    mine = site.directory.name_in(viewer.tenant, room.id, viewer.person)
    return Settings(
        room=room.id,
        title=title(scene, viewer.locale),
        path=path(room.id),
        zone=room.zone,
        mode=room.mode,
        takeover=scene.takeover and named(scene.takeover, viewer.locale),
        hours=room.quiet_hours,
        holidays=keeps_holidays(room.zone),
        quiet_now=is_quiet(now, room.zone, room.quiet_hours),
        quiet_ends=quiet_ends(now, room.zone, room.quiet_hours),
        held=len(scene.held),
        room_quiet=_quiet(scene, "room", now, viewer.locale),
        my_quiet=_quiet(scene, mine, now, viewer.locale) if mine else (),
        sides=tuple(
            Party(side, name(viewer.locale), room.names.get(side, ""), _names(room.of(side), viewer.locale))
            for side, name in SIDE_NAMES.items()
        ),
        unseated=_names(tuple(one for one in room.people if one.side is None), viewer.locale),
    )


def _names(people: tuple[Person, ...], locale: Locale) -> tuple[str, ...]:
    return tuple(named(one.name, locale) for one in people)


def _quiet(scene: Scene, who: str, now: datetime, locale: Locale) -> tuple[Quiet, ...]:
    def holds(one: Mute) -> bool:
        return one.who == who and (one.until is None or now < one.until)

    return tuple(
        Quiet(signals()[one.signal].name(locale) if one.signal else "", one.until)
        for one in scene.mutes
        if holds(one)
    )


def modes(locale: Locale) -> Mapping[Mode, str]:
    """Return the modes by name."""
    return {mode: name(locale) for mode, name in MODE_NAMES.items()}


def about(site: Site, locale: Locale) -> About:
    """Return what runs here. Of addresses, nothing is told that stands before an @ or behind a ?."""
    settings = site.settings
    return About(
        version=_version(),
        home=str(settings.home),
        database=place(site.store.engine),
        search=_SEARCH.get(settings.embeddings or "", _OTHER if settings.embeddings else _BUILT_IN)(locale),
        address=settings.public_url or f"http://{settings.host}:{settings.port}",
        sign_in=(_LOCAL if settings.local else _OPENID if settings.oidc_issuer else _LINKS)(locale),
    )


def _version() -> str:
    try:
        return version("nakodo")
    except PackageNotFoundError:  # Run from its folder.
        return "?"


_CHANNELS: dict[ChannelName, Text] = {
    "slack": Text(ja="Slack", en="Slack"),
    "telegram": Text(ja="Telegram", en="Telegram"),
    "web": Text(ja="ブラウザ", en="Browser"),
    "terminal": Text(ja="端末", en="Terminal"),
}
_POST = {
    "waiting": Text(ja="順番を待つ、届いた言葉", en="Came in, waiting their turn"),
    "unsent": Text(ja="これから出す返事", en="Replies on their way"),
    "parked": Text(ja="相手が話しかけるのを待つ返事", en="Replies that wait until the person writes first"),
    "aside": Text(ja="受け取れず、脇に置いたもの", en="Put aside: could not be taken in"),
    "again": Text(ja="二度届いたかもしれない返事", en="Replies that may have arrived twice"),
}
_TROUBLES = ("aside", "again")
_SEARCH = {"none": Text(ja="言葉だけでさがす", en="by words alone")}
_BUILT_IN = Text(ja="内蔵の埋め込み（この機械の中だけで動きます）", en="built-in embeddings, on this machine alone")
_OTHER = Text(ja="設定された埋め込みモデル", en="the embedding model that was set")
_LOCAL = Text(ja="この機械からだけ開けます", en="opens on this machine alone")
_LINKS = Text(ja="チャットの「/desk」でもらう一度きりのリンク", en="a link for once, from “/desk” in the chat")
_OPENID = Text(ja="OpenID Connect、または「/desk」のリンク", en="OpenID Connect, or a link from “/desk” in the chat")
