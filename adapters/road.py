"""A message from a channel along the road and into the store: load, decide, keep, send. The store comes first."""

from collections.abc import Callable
from datetime import datetime

from bot.model import Message, Reply, Room
from bot.ports import Store
from bot.scene import Scene
from bot.turn import House, tick, turn


def receive(message: Message, room: Room, store: Store, house: Callable[[], House]) -> tuple[Reply, ...]:
    """Take a message, keep what came of it, and return what is to be sent.

    Raises:
        StaleSceneError: somebody else changed the room meanwhile; nothing was kept.
    """
    scene = store.load(room.id) or Scene(room=room)
    outcome = turn(message, scene, house())
    store.keep(
        outcome.scene,
        message=message,
        replies=outcome.replies,
        findings=outcome.findings,
        traces=outcome.traces,
    )
    return outcome.replies


def pass_time(room: Room, now: datetime, store: Store, house: Callable[[], House]) -> tuple[Reply, ...]:
    """Let time pass in a room, keep what came of it, and return what is to be sent."""
    scene = store.load(room.id)
    if scene is None:
        return ()
    outcome = tick(now, scene, house())
    if outcome.scene != scene:
        store.keep(outcome.scene, replies=outcome.replies, traces=outcome.traces)
    return outcome.replies
