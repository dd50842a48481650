"""What `nakodo doctor` says of the Telegram bot: what is amiss, and what to press."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from adapters.channels.telegram_line import TokenError
from adapters.channels.telegram_listening import ASKED_FOR
from adapters.post import SendError

Finding = tuple[bool, str, str]
"""Whether it is well, what was looked at, and what to do."""
RECENT = timedelta(hours=1)
MANY = 100


class Looks(NamedTuple):
    """The bot as Telegram describes it. `url` is the webhook that is set, `wanted` the one that should be."""

    username: str
    joins_groups: bool
    reads_all: bool
    url: str
    wanted: str
    asked_for: tuple[str, ...]
    needed: tuple[str, ...]
    pending: int
    failed: str
    failed_at: datetime | None

    @classmethod
    def of(cls, me: Mapping[str, Any], hook: Mapping[str, Any], *, wanted: str, needed: tuple[str, ...]) -> "Looks":
        """Read the answers of `getMe` and `getWebhookInfo`."""
        failed_at = hook.get("last_error_date")
        return cls(
            username=me.get("username", ""),
            joins_groups=me.get("can_join_groups", False),
            reads_all=me.get("can_read_all_group_messages", False),
            url=hook.get("url", ""),
            wanted=wanted,
            asked_for=tuple(hook.get("allowed_updates", ())),
            needed=needed,
            pending=hook.get("pending_update_count", 0),
            failed=hook.get("last_error_message", ""),
            failed_at=datetime.fromtimestamp(failed_at, UTC) if failed_at else None,
        )


NO_TOKEN: Finding = (
    False,
    "Telegram: the token is refused",
    "@BotFather: /mybots, the bot, API Token; put it into TELEGRAM_BOT_TOKEN",
)


async def examined(
    itself: Callable[[], Awaitable[tuple[Mapping[str, Any], Mapping[str, Any]]]],
    wanted: str,
    url: str,
    now: datetime,
) -> list[Finding]:
    """Return what is well and what is amiss. `itself` asks Telegram at `url` who the bot is and how it is reached."""
    try:
        me, hook = await itself()
        return findings(Looks.of(me, hook, wanted=wanted, needed=ASKED_FOR), now)
    except TokenError:
        return [NO_TOKEN]
    except SendError:
        return [unreached(url)]


def unreached(url: str) -> Finding:
    """Return that Telegram does not answer."""
    return (False, f"Telegram: no answer from {url}", "check the network and a proxy, or correct TELEGRAM_API_URL")


def findings(looks: Looks, now: datetime) -> list[Finding]:
    """Return everything worth saying."""
    found = [(True, f"Telegram: @{looks.username}", "")]
    if not looks.joins_groups:
        remedy = "@BotFather: /mybots, the bot, Bot Settings, Allow Groups?, Turn groups on"
        found.append((False, "Telegram: the bot may not be added to groups", remedy))
    if looks.reads_all:
        found.append((True, "Telegram: reads what is said in its groups (privacy mode is off)", ""))
    else:
        what = "Telegram: privacy mode is on, so in groups it sees commands, mentions and replies only"
        remedy = (
            "@BotFather: /setprivacy, the bot, Disable; then take the bot out of each group and add it again. "
            "Or make it an administrator of each group: there it hears all, which Telegram does not tell here"
        )
        found.append((False, what, remedy))
    return found + (_webhook(looks, now) if looks.wanted else _polling(looks))


def _polling(looks: Looks) -> list[Finding]:
    if not looks.url:
        return [(True, f"Telegram: polling, {looks.pending} updates wait", "")]
    remedy = (
        "start `nakodo serve`, which takes it away; if another program needs it, make a bot of its own for Nakodo "
        "(@BotFather: /newbot)"
    )
    return [(False, "Telegram: a webhook is set though TELEGRAM_WEBHOOK_URL is not", remedy)]


def _webhook(looks: Looks, now: datetime) -> list[Finding]:
    if looks.url != looks.wanted:
        what = "Telegram: the webhook is not the one of TELEGRAM_WEBHOOK_URL"
        return [(False, what, "start `nakodo serve`, which sets it; see that nobody else uses this token")]
    found = [(True, f"Telegram: webhook set, {looks.pending} updates wait", "")]
    if missing := sorted(set(looks.needed) - set(looks.asked_for)):
        found.append((False, f"Telegram: the webhook leaves out {', '.join(missing)}", "start `nakodo serve` again"))
    if looks.failed and looks.failed_at is not None and now - looks.failed_at < RECENT:
        what = f"Telegram: the last post failed at {looks.failed_at:%H:%M} UTC: {looks.failed}"
        remedy = (
            "see that TELEGRAM_WEBHOOK_URL leads to Nakodo, with a valid certificate and the same secret everywhere"
        )
        found.append((False, what, remedy))
    if looks.pending > MANY:
        found.append((False, f"Telegram: {looks.pending} updates pile up", "see whether `nakodo serve` runs"))
    return found
