"""What Slack leaves out of a payload and tells who asks: files that others share, and where the bot is."""

import asyncio
from collections import OrderedDict

import structlog

from adapters.channels.slack_asking import Call, remember
from adapters.channels.slack_events import UNNAMED
from adapters.channels.slack_payload import dict_at, text_at
from adapters.channels.slack_text import one_line
from adapters.post import File, RefusedError, SendError

_QUICK = 1.0
"""Seconds to look something up before Slack is answered, which waits for three."""
_MOST = 10_000
_log = structlog.get_logger(__name__)


class Lookups:
    """Asks, as far as that goes quickly."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._inside: OrderedDict[tuple[str, str], bool] = OrderedDict()

    async def inside(self, team: str, channel: str) -> bool:
        """Whether the bot is in a conversation. Where Slack does not tell, it is taken to be."""
        if (team, channel) in self._inside:
            return True
        try:
            answer = await asyncio.wait_for(self._call("conversations.info", team, channel=channel), _QUICK)
        except RefusedError as refused:
            return refused.reason != "channel_not_found"  # So it is called where the bot may not look.
        except (SendError, TimeoutError) as error:
            _log.info("slack_not_looked_up", error=type(error).__name__)
            return True
        if dict_at(answer, "channel").get("is_member") is False:
            return False
        return remember(self._inside, (team, channel), True, _MOST)

    def left(self, team: str, channel: str) -> None:
        """Note that the bot is no longer in a conversation."""
        self._inside.pop((team, channel), None)

    async def named(self, files: tuple[File, ...]) -> tuple[File, ...]:
        """Return files with name and size: those shared by another company come with neither."""
        if all(one.name != UNNAMED for one in files):
            return files
        return tuple(await asyncio.gather(*map(self._named, files)))

    async def _named(self, file: File) -> File:
        if file.name != UNNAMED:
            return file
        team, _, name = file.ref.partition(":")
        try:
            answer = await asyncio.wait_for(self._call("files.info", team, file=name), _QUICK)
        except (SendError, TimeoutError) as error:
            _log.info("slack_file_not_named", error=type(error).__name__)
            return file
        about = dict_at(answer, "file")
        size, called = about.get("size"), text_at(about, "name") or text_at(about, "title")
        known = size if isinstance(size, int) and size > 0 else 0
        return file.model_copy(update={"name": one_line(called) or UNNAMED, "size": known})
