"""The log: changes of the records, how who leads steered Nakodo, codes, arrivals, sign-ins; by whom, and when.

What is one side's own stays out of it, and so do the words of a draft.
"""

from datetime import datetime
from typing import NamedTuple

from adapters.channels.web.desk_list import Briefs, path, seen, title
from adapters.channels.web.settings_deeds import COMMANDS, Deeds
from adapters.channels.web.site import Site
from adapters.channels.web.viewer import Viewer, named
from adapters.doorstep import INVITED, SEATS_A_CODE
from adapters.services.store.audit import Audit, Came, Given, Line, SignedIn
from bot.history import told
from bot.model import LEADING, RoomId, Text
from bot.names import SIDE_NAMES
from bot.partnership import Change, Partnership
from knowledge.card import Locale, Side


class Logged(NamedTuple):
    """A line of the log. `path` is empty where it is of no partnership."""

    at: datetime
    zone: str
    who: str
    side: str
    title: str
    path: str
    what: str
    why: str


class Log(NamedTuple):
    """A page of the log, the latest first."""

    lines: tuple[Logged, ...]
    more: bool


Deed = Line | Given | Came | SignedIn


def log(site: Site, viewer: Viewer, most: int, skip: int = 0) -> Log:
    """Return a page of the log of all partnerships that a viewer may see. Of sign-ins, facilitators see their own."""
    briefs, end = seen(site, viewer), skip + most + 1
    rooms, audit = list(briefs), Audit(site.store.engine, viewer.tenant)
    found: list[Deed] = [
        *audit.lines(rooms, COMMANDS, most=end),
        *audit.codes(rooms, INVITED),
        *audit.arrivals(rooms, most=end),
        *audit.sign_ins(viewer.person if viewer.role == "facilitator" else None, most=end),
    ]
    found.sort(key=lambda one: one.at, reverse=True)
    shown, more = found[skip : end - 1], len(found) >= end
    reader = _Reader(Deeds(site.store.of(viewer.tenant).load, briefs, whole=not more), briefs, viewer.locale)
    # What a command did depends on what came before it.
    read = [one for one in map(reader.read, reversed(shown)) if one is not None]
    return Log(tuple(reversed(read)), more)


class _Reader:
    """Reads what was done, the oldest first, and leaves out what did nothing."""

    def __init__(self, deeds: Deeds, briefs: Briefs, locale: Locale) -> None:
        self._deeds, self._briefs, self._locale = deeds, briefs, locale

    def read(self, one: Deed) -> Logged | None:
        """Return a line of the log, or None if it is not for all eyes or changed nothing."""
        if isinstance(one, SignedIn):
            return self._signed_in(one)
        if isinstance(one, Given):
            return self._given(one)
        if isinstance(one, Came):
            return self._came(one)
        return self._commanded(one) if one.change is None else self._changed(one, one.change)

    def _changed(self, line: Line, change: Change) -> Logged | None:
        if not Partnership(history=(change,)).read_by(None).history:
            return None
        logged = self._logged(line, line.who, line.side, told(change, self._locale))
        return logged._replace(why=change.why)

    def _commanded(self, line: Line) -> Logged | None:
        deed = self._deeds.read(line)
        if deed is None:
            return None
        what = deed.what(self._locale)
        if not deed.openly:
            return self._logged(line, _SOMEBODY(self._locale), None, what)
        return self._logged(line, line.who, line.side, what)

    def _given(self, one: Given) -> Logged:
        """Return that somebody gave out a code, and how many have come in by it."""
        used = (1 if one.side in LEADING else SEATS_A_CODE) - one.left
        whom = SIDE_NAMES[one.side](self._locale) if one.side else _ANYBODY(self._locale)
        what = (_CODE_USED if used else _CODE)(self._locale).format(whom=whom, used=used)
        return self._logged(one, one.who, self._side_of(one.room, one.who), what)

    def _came(self, one: Came) -> Logged:
        """Return that somebody came, and by whose invitation."""
        what = (_CAME_BY if one.by else _CAME)(self._locale).format(by=named(one.by, self._locale))
        return self._logged(one, one.who, self._side_of(one.room, one.who), what)

    def _side_of(self, room: RoomId, who: str) -> Side | None:
        seat = self._briefs[room].room.person(who)
        return seat.side if seat else None

    def _signed_in(self, one: SignedIn) -> Logged:
        zone = next((scene.room.zone for scene in self._briefs.values()), "Asia/Tokyo")
        return Logged(one.at, zone, named(one.who, self._locale), "", "", "", _SIGNED_IN(self._locale), "")

    def _logged(self, one: Line | Given | Came, who: str, side: Side | None, what: str) -> Logged:
        scene, locale = self._briefs[one.room], self._locale
        seat = SIDE_NAMES[side](locale) if side else ""
        where = title(scene, locale), path(one.room)
        return Logged(one.at, scene.room.zone, named(who, locale), seat, *where, what, "")


_CAME = Text(ja="協業に加わった", en="joined the partnership")
_CAME_BY = Text(ja="{by}さんの招きで協業に加わった", en="joined the partnership, invited by {by}")
_SIGNED_IN = Text(ja="この画面に入った", en="signed in to these pages")
_SOMEBODY = Text(ja="部屋のどなたか（個別に）", en="somebody of the room, in private")
_ANYBODY = Text(ja="どなたでも", en="anybody")
_CODE = Text(ja="{whom}の参加コードを作った", en="made a join code for {whom}")
_CODE_USED = Text(
    ja="{whom}の参加コードを作った（これまでに{used}人が使用）",
    en="made a join code for {whom} (used by {used} so far)",
)
