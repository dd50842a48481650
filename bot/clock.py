"""Time as people live it: the room's zone, its quiet hours, Japan's holidays. Time comes in: no clock is read."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import jpholiday

DAY_BEGINS, DAY_ENDS = time(8), time(20)
"""Nobody is spoken to unasked before or after."""
ROUND = time(9)
"""When what is due is looked at, once a working day."""
_JAPAN = "Asia/Tokyo"


def local(at: datetime, zone: str) -> datetime:
    """Return a moment in the room's zone."""
    return at.astimezone(ZoneInfo(zone))


def day_of(at: datetime, zone: str) -> date:
    """Return the day that it is in the room's zone."""
    return local(at, zone).date()


def is_holiday(day: date, zone: str) -> bool:
    """Whether it is a public holiday where the room works."""
    return zone == _JAPAN and bool(jpholiday.is_holiday(day))


def is_quiet(at: datetime, zone: str) -> bool:
    """Whether nobody is to be spoken to unasked: in the evening, at night, on a holiday."""
    here = local(at, zone)
    return not DAY_BEGINS <= here.time() < DAY_ENDS or is_holiday(here.date(), zone)


def quiet_ends(at: datetime, zone: str) -> datetime:
    """Return when the quiet hours around a moment end; the moment itself if it is not quiet."""
    if not is_quiet(at, zone):
        return at
    here = local(at, zone)
    begins = here.replace(hour=DAY_BEGINS.hour, minute=0, second=0, microsecond=0)
    opens = begins if here < begins else begins + timedelta(days=1)
    while is_holiday(opens.date(), zone):
        opens += timedelta(days=1)
    return opens


def is_working(day: date, zone: str) -> bool:
    """Whether people work on that day."""
    return day.weekday() < 5 and not is_holiday(day, zone)


def next_round(after: datetime, zone: str) -> datetime:
    """Return the next working day's round after a moment."""
    here = local(after, zone)
    moment = here.replace(hour=ROUND.hour, minute=0, second=0, microsecond=0)
    while moment <= here or not is_working(moment.date(), zone):
        moment += timedelta(days=1)
    return moment


def working_days(since: datetime, until: datetime, zone: str) -> int:
    """Return how many working days lie after the day of `since`, up to the day of `until`."""
    first, last = day_of(since, zone), day_of(until, zone)
    return sum(is_working(first + timedelta(days=n), zone) for n in range(1, (last - first).days + 1))
