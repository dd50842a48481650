"""The desk: what waits for the human's word, and what becomes of it. A draft is decided once."""

import re
import unicodedata
from datetime import datetime
from typing import NamedTuple

from bot.errors import RecordError
from bot.intent import parted
from bot.model import Reply, Text
from bot.scene import Draft, Scene


class Sent(NamedTuple):
    """A draft that goes out, and the scene after it."""

    reply: Reply
    scene: Scene


def park(scene: Scene, reply: Reply, now: datetime) -> tuple[Draft, Scene]:
    """Put a reply on the desk."""
    # Scenes of before numbers were counted have only the drafts themselves to tell.
    number = 1 + max(scene.drafted, *(int(draft.id[1:]) for draft in scene.drafts), 0)
    draft = Draft(id=f"d{number}", reply=reply, at=now)
    return draft, scene.drafting(draft).having(drafted=number)


def waiting(scene: Scene) -> tuple[Draft, ...]:
    """Return what waits, the oldest first."""
    return tuple(draft for draft in scene.drafts if draft.state == "waiting")


def named(scene: Scene, words: str) -> tuple[Draft, str]:
    """Return the draft that these words begin with, else the only one that waits; and the rest of the words.

    Raises:
        RecordError: there is no such draft, or several wait and none is named, or it was decided already.
    """
    head, rest = parted(words)
    number = unicodedata.normalize("NFKC", head).lower().rstrip("。.、,:")
    draft = next((draft for draft in scene.drafts if draft.id == number), None)
    if draft is None:
        open_ones = waiting(scene)
        # A number that does not exist is a slip, not the beginning of the words to send.
        if len(open_ones) != 1 or re.fullmatch(r"d\d+", number):
            raise RecordError(_WHICH if open_ones else _NONE)
        return open_ones[0], words.strip()
    if draft.state != "waiting":
        raise RecordError(
            Text(
                ja=f"{draft.id} は{draft.by}さんがもう決めています（{_STATES[draft.state].ja}）。",
                en=f"{draft.by} has decided {draft.id} already ({_STATES[draft.state].en}).",
            )
        )
    return draft, rest


def approve(scene: Scene, draft: Draft, by: str, at: datetime) -> Sent:
    """Let a draft go out as it stands."""
    decided = draft.model_copy(update={"state": "approved", "by": by, "decided_at": at})
    return Sent(draft.reply, scene.drafting(decided))


def edit(scene: Scene, draft: Draft, by: str, at: datetime, words: str) -> Sent:
    """Let a draft go out in the human's words; its sources stay."""
    reply = draft.reply.model_copy(update={"text": words})
    decided = draft.model_copy(update={"state": "edited", "by": by, "decided_at": at, "reply": reply})
    return Sent(reply, scene.drafting(decided))


def refuse(scene: Scene, draft: Draft, by: str, at: datetime, why: str) -> Scene:
    """Hold a draft back for good."""
    return scene.drafting(draft.model_copy(update={"state": "refused", "by": by, "decided_at": at, "why": why}))


_STATES = {
    "approved": Text(ja="承認", en="approved"),
    "edited": Text(ja="修正して承認", en="sent in other words"),
    "refused": Text(ja="見送り", en="refused"),
}
_NONE = Text(ja="承認待ちの下書きはありません。", en="No draft is waiting.")
_WHICH = Text(ja="いくつか待っています。d1 のように番号を添えてください。", en="Several wait. Name one, like d1.")
