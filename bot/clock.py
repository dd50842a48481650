"""Time as people live it: the room's zone, its quiet hours, Japan's holidays. Time comes in: no clock is read."""

from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import jpholiday
from pydantic import model_validator

from knowledge.card import Frozen

ROUND = time(9)
"""When what is due is looked at, once a working day."""
_JAPAN = "Asia/Tokyo"
_DAY = timedelta(days=1)


class QuietHours(Frozen):
    """The hours of every day in which nobody is spoken to unasked. They may go over midnight."""

    begins: time = time(20)
    ends: time = time(8)

    @model_validator(mode="after")
    def _some_and_not_all(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("must not end when they begin: that could be no time, or all of it")
        if any(one.tzinfo or one.second or one.microsecond for one in (self.begins, self.ends)):
            raise ValueError("must be hours and minutes, in the zone of the room")
        return self

    @property
    def over_midnight(self) -> bool:
        """Whether they end on the next day."""
        return self.ends < self.begins

    def hold_at(self, hour: time) -> bool:
        """Whether it is quiet at an hour of the day."""
        if self.over_midnight:
            return hour >= self.begins or hour < self.ends
        return self.begins <= hour < self.ends


NIGHT = QuietHours()
"""What holds where nobody has chosen otherwise."""


def local(at: datetime, zone: str) -> datetime:
    """Return a moment in the room's zone."""
    return at.astimezone(ZoneInfo(zone))


def day_of(at: datetime, zone: str) -> date:
    """Return the day that it is in the room's zone."""
    return local(at, zone).date()


def keeps_holidays(zone: str) -> bool:
    """Whether the public holidays are known where the room works."""
    return zone == _JAPAN


def is_holiday(day: date, zone: str) -> bool:
    """Whether it is a public holiday where the room works."""
    return keeps_holidays(zone) and bool(jpholiday.is_holiday(day))


def is_quiet(at: datetime, zone: str, hours: QuietHours | None = NIGHT) -> bool:
    """Whether nobody is to be spoken to unasked: in the quiet hours, if there are any, and on a holiday."""
    here = local(at, zone)
    return is_holiday(here.date(), zone) or (hours is not None and hours.hold_at(here.time()))


def quiet_ends(at: datetime, zone: str, hours: QuietHours | None = NIGHT) -> datetime:
    """Return when the quiet around a moment ends; the moment itself if it is not quiet."""
    here = at
    while is_quiet(here, zone, hours):
        here = local(here, zone)
        # A holiday lasts until midnight, whatever the hours are; after that they may still hold.
        ends = time(0) if hours is None or is_holiday(here.date(), zone) else hours.ends
        today = datetime.combine(here.date(), ends, here.tzinfo)
        here = today if today > here else today + _DAY
    return here


def is_working(day: date, zone: str) -> bool:
    """Whether people work on that day."""
    return day.weekday() < 5 and not is_holiday(day, zone)


def next_round(after: datetime, zone: str) -> datetime:
    """Return the next working day's round after a moment."""
    here = local(after, zone)
    moment = here.replace(hour=ROUND.hour, minute=0, second=0, microsecond=0)
    while moment <= here or not is_working(moment.date(), zone):
        moment += _DAY
    return moment


def working_days(since: datetime, until: datetime, zone: str) -> int:
    """Return how many working days lie after the day of `since`, up to the day of `until`."""
    first, last = day_of(since, zone), day_of(until, zone)
    return sum(is_working(first + timedelta(days=n), zone) for n in range(1, (last - first).days + 1))
