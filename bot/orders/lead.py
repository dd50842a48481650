"""Commands for the human who leads: mode, takeover, and the drafts at the desk."""

from typing import get_args

from bot import desk
from bot.model import Mode, Text
from bot.names import MODE_NAMES
from bot.orders import Done, Order

MODES: dict[str, Mode] = {
    **{mode: mode for mode in get_args(Mode)},
    "自動": "auto",
    "確認": "review",
    "静か": "quiet",
}


def mode(order: Order) -> Done:
    """Choose how much goes out without the human's word; without words, say which it is."""
    if not order.words.strip():
        return order.done(_MODE_IS, mode=MODE_NAMES[order.scene.room.mode](order.locale))
    chosen = MODES[order.words.strip().lower()]
    room = order.scene.room.model_copy(update={"mode": chosen})
    return order.done(_MODE, order.scene.having(room=room), mode=MODE_NAMES[chosen](order.locale))


def takeover(order: Order) -> Done:
    """Let the human talk: Nakodo only records until it is handed back."""
    if order.scene.takeover:
        return order.done(_TAKEN, who=order.scene.takeover)
    return order.done(_TAKES, order.scene.having(takeover=order.sender.name))


def handback(order: Order) -> Done:
    """Let Nakodo speak again."""
    if not order.scene.takeover:
        return order.done(_NOT_TAKEN)
    return order.done(_HANDED, order.scene.having(takeover=None))


def drafts(order: Order) -> Done:
    """List what waits for the human's word."""
    waiting = desk.waiting(order.scene)
    if not waiting:
        return order.done(_NO_DRAFTS)
    rows = [f"{draft.id} → {draft.reply.to}: {draft.reply.text[:60]}" for draft in waiting]
    return Done("\n".join(rows), order.scene)


def approve(order: Order) -> Done:
    """Let a draft go out as it stands."""
    draft, _ = desk.named(order.scene, order.words)
    sent = desk.approve(order.scene, draft, order.sender.name)
    done = order.done(_APPROVED, sent.scene, id=draft.id, to=_to(draft.reply.to, order))
    return done._replace(others=(sent.reply,))


def edit(order: Order) -> Done:
    """Let a draft go out in other words."""
    draft, words = desk.named(order.scene, order.words)
    if not words:
        return order.done(_EDIT_HOW, id=draft.id)
    sent = desk.edit(order.scene, draft, order.sender.name, words)
    done = order.done(_EDITED, sent.scene, id=draft.id, to=_to(draft.reply.to, order))
    return done._replace(others=(sent.reply,))


def refuse(order: Order) -> Done:
    """Hold a draft back for good, with a reason."""
    draft, why = desk.named(order.scene, order.words)
    if not why:
        return order.done(_REFUSE_HOW, id=draft.id)
    return order.done(_REFUSED, desk.refuse(order.scene, draft, order.sender.name, why), id=draft.id)


def _to(to: str, order: Order) -> str:
    return _ROOM(order.locale) if to == "room" else to


_ROOM = Text(ja="部屋", en="the room")
_MODE_IS = Text(ja="いまは「{mode}」です。", en="The mode is {mode}.")
_MODE = Text(ja="「{mode}」にしました。", en="The mode is now {mode}.")
_TAKES = Text(
    ja="わかりました。お任せして、私は控えるだけにします。「/handback」で戻してください。",
    en="It is yours. I only keep the record until “/handback”.",
)
_TAKEN = Text(ja="いまは{who}さんが進めています。", en="{who} has taken over already.")
_NOT_TAKEN = Text(ja="いまは私がお相手しています。", en="Nobody has taken over.")
_HANDED = Text(ja="引き継ぎました。またお手伝いします。", en="Thank you, I am back.")
_NO_DRAFTS = Text(ja="承認待ちの下書きはありません。", en="No drafts are waiting.")
_APPROVED = Text(ja="{id} を {to} へ出しました。", en="{id} went out to {to}.")
_EDITED = Text(ja="{id} を直した文で {to} へ出しました。", en="{id} went out to {to} in your words.")
_REFUSED = Text(ja="{id} は出しません。理由を控えました。", en="{id} stays in. Your reason is noted.")
_EDIT_HOW = Text(ja="「/edit {id} 直した文」と書いてください。", en="Write: /edit {id} your words")
_REFUSE_HOW = Text(ja="「/refuse {id} 理由」と書いてください。", en="Write: /refuse {id} the reason")
