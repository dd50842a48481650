"""The last door. What is said goes out, waits for the morning, waits at the desk, or is not said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot import desk
from bot.clock import is_quiet, quiet_ends
from bot.model import LEADING, Reply, Text
from bot.scene import Held, Scene
from prompts import render

_NOT_DRAFTED = ("notice", "form", "draft")
"""Kinds that need no approval: they acknowledge a command or put a fixed question."""
_ANSWERS = ("answer", "question")
"""Kinds that somebody waits for, having asked."""
HELD_AT_MOST = 30
_AT_ONCE = timedelta(seconds=1)


class Released(NamedTuple):
    """What goes out now, and the scene with what waits."""

    replies: tuple[Reply, ...]
    scene: Scene


def release(replies: Sequence[Reply], scene: Scene, now: datetime) -> Released:
    """Let replies through, each by the same questions: who drives, who wants quiet, what hour is it, which mode."""
    out: list[Reply] = []
    for reply in replies:
        if scene.human_drives:
            continue
        if reply.unasked and muted(reply, scene, now):
            continue
        if reply.unasked and _rests(scene, now):
            scene = scene.having(held=(*scene.held, Held(reply=reply, at=now))[-HELD_AT_MOST:])
            continue
        if _needs_approval(reply, scene):
            draft, scene = desk.park(scene, reply, now)
            out.append(as_draft(draft.id, reply, scene))
            if not reply.unasked and reply.kind in _ANSWERS:
                out.append(_patience(reply, scene))
            continue
        out.append(reply)
    return Released(tuple(out), scene)


def open_up(scene: Scene, now: datetime) -> Released:
    """Let out what waited for the morning, by the same questions as any other word."""
    if not scene.held or _rests(scene, now):
        return Released((), scene)
    return release([one.reply for one in scene.held], scene.having(held=()), now)


def opens(scene: Scene, after: datetime) -> datetime | None:
    """Return when, after a moment, what waits may go out: if it is not quiet then, at once."""
    if not scene.held:
        return None
    return max(quiet_ends(after, scene.room.zone, scene.room.quiet_hours), after + _AT_ONCE)


def _rests(scene: Scene, now: datetime) -> bool:
    """Whether it is quiet where the room works, as the room wants it."""
    return is_quiet(now, scene.room.zone, scene.room.quiet_hours)


def muted(reply: Reply, scene: Scene, now: datetime) -> bool:
    """Whether who would hear this wanted quiet."""
    hearers = {"room", reply.to}
    if reply.to == "facilitator":
        hearers |= {person.name for person in scene.room.of("facilitator")}
    return any(
        one.who in hearers and one.signal in (None, reply.signal) and (one.until is None or now < one.until)
        for one in scene.mutes
    )


def _needs_approval(reply: Reply, scene: Scene) -> bool:
    if reply.kind == "document" and reply.to != "room":
        return False  # It is handed back to who made it: their own page, their own copy.
    leading = {person.name for person in scene.room.people if scene.room.leads(person)}
    if reply.kind in _NOT_DRAFTED or reply.to == "facilitator" or reply.to in leading:
        return False
    return scene.room.mode != "auto" and any(person.side in LEADING for person in scene.room.people)


def _patience(reply: Reply, scene: Scene) -> Reply:
    """Tell who asked that the answer takes a human's look first."""
    text = _PATIENCE(scene.locale_for(reply.to))
    return Reply(to=reply.to, kind="notice", text=text, in_reply_to=reply.in_reply_to)


def as_draft(number: str, reply: Reply, scene: Scene) -> Reply:
    """Return a draft as the facilitator sees it: to whom, why, the words, and what to do with it."""
    locale = scene.locale_for("facilitator")
    why = reply.label.why if reply.label else ""
    text = render("draft", locale, id=number, to=reply.to, text=reply.text, why=why)
    edit = f"/edit {number} "
    choices = (f"/approve {number}", edit, f"/refuse {number} ")
    return Reply(
        to="facilitator",
        kind="draft",
        text=text,
        citations=reply.citations,
        choices=choices,
        in_reply_to=reply.in_reply_to,
        signal=reply.signal,
        draft=number,
    )


_PATIENCE = Text(
    ja="進行役が目を通してからお返事します。", en="The facilitator looks over my answer first; then it comes to you."
)
