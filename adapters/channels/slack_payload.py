"""Reading what Slack delivers without trusting its shape: what is not there, or is of another kind, is empty."""

from collections.abc import Mapping
from datetime import UTC, datetime

Body = Mapping[str, object]


def when(ts: str, now: datetime) -> datetime:
    """Return the time of a Slack timestamp; `now` where it is none."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return now


def text_at(body: object, *path: str) -> str:
    """Return the text at a path; empty where there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, str) else ""


def dict_at(body: object, *path: str) -> Body:
    """Return the object at a path; empty where there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, Mapping) else {}


def dicts_at(body: Body, name: str) -> list[Body]:
    """Return the objects of a list; empty where there is none."""
    found = body.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
