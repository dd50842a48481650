"""Commands about the talk itself: language, seat, quiet, privacy, what is kept."""

from datetime import timedelta

from bot.model import Text
from bot.names import SIDE_NAMES
from bot.orders import Done, Order
from bot.orders.record import told
from bot.scene import Mute, Scene
from bot.signals import signals
from knowledge.card import Locale, Side
from prompts import render

LANGUAGES: dict[str, Locale | None] = {
    "ja": "ja",
    "日本語": "ja",
    "en": "en",
    "英語": "en",
    "english": "en",
    "auto": None,
    "自動": None,
}
SIDES: dict[str, Side] = {
    **{side: side for side in SIDE_NAMES},
    **{name.ja: side for side, name in SIDE_NAMES.items()},
    "主催者": "organizer",
}
_OFF = {"off", "解除", "やめる"}
_YES = {"yes", "はい"}


def language(order: Order) -> Done:
    """Choose the language in which Nakodo speaks to this person."""
    chosen = LANGUAGES[order.words.strip().lower()]
    text = _SPEAKING(chosen or order.locale)
    return Done(text, order.scene.speaking(order.sender.name, chosen))


def side(order: Order) -> Done:
    """Say which side one is on."""
    chosen = SIDES[order.words.strip().lower()]
    return order.done(_SEATED, order.scene.seated(order.sender, chosen), side=SIDE_NAMES[chosen](order.locale))


def mute(order: Order) -> Done:
    """Want quiet: from the room for the room, in private for oneself; all, or one signal, for some days or until lifted."""
    who = order.sender.name if order.private else "room"
    words = order.words.lower().split()
    others = tuple(one for one in order.scene.mutes if one.who != who)
    if words and words[0] in _OFF:
        return order.done(_UNMUTED, order.scene.having(mutes=others))
    named = {name: kind.id for kind in signals().values() for name in (kind.id, kind.name.ja, kind.name.en.lower())}
    signal = next((named[word] for word in words if word in named), None)
    days = next((int(word) for word in words if word.isascii() and word.isdigit() and 0 < int(word) < 1000), None)
    until = order.at + timedelta(days=days) if days else None
    kept = tuple(one for one in order.scene.mutes if one.who != who or (signal and one.signal not in (None, signal)))
    scene = order.scene.having(mutes=(*kept, Mute(who=who, signal=signal, until=until)))
    return Done(
        render("muted", order.locale, who=who, until=until, signal=signal and signals()[signal].name(order.locale)),
        scene,
    )


def privacy(order: Order) -> Done:
    """Say what is kept and who reads what; allow or forbid language models."""
    words = order.words.lower().split()
    scene = order.scene
    if words[:1] in (["model"], ["モデル"]):
        if not scene.room.person(order.sender.name):
            return order.done(_MEMBERS)
        scene = scene.having(model_forbidden=words[1:2] not in (["on"], ["許可"]))
    return Done(render("privacy", order.locale, forbidden=scene.model_forbidden), scene)


def export(order: Order) -> Done:
    """Hand over what is kept and this person may read: the record, and their own talk with Nakodo."""
    text = render(
        "export",
        order.locale,
        record=told(order, order.sender.side),
        sheets=order.scene.record.read_by(order.sender.side).sheets,
        talk=order.scene.talk_with(order.sender.name),
        who=order.sender.name,
    )
    return Done(text, order.scene, kind="document")


def forget(order: Order) -> Done:
    """Forget what this person told Nakodo, after they have said yes."""
    if order.words.strip().lower() not in _YES:
        yes, no = ("/forget はい", "いいえ") if order.locale == "ja" else ("/forget yes", "No")
        return order.done(_FORGET)._replace(choices=(yes, no), kind="question")
    return order.done(_FORGOTTEN, forgotten(order.scene, order.sender.name))


def forgotten(scene: Scene, name: str) -> Scene:
    """Return the scene without what a person told Nakodo in private. What the record says stays: it is both sides'."""
    return scene.having(
        talks={who: said for who, said in scene.talks.items() if who != name},
        confirmations={who: one for who, one in scene.confirmations.items() if who != name},
        exercises=tuple(one for one in scene.exercises if one.who != name),
        heard=tuple(one.model_copy(update={"text": ""}) if one.who == name else one for one in scene.heard),
        findings=tuple(one for one in scene.findings if one.who != name),
        drafts=tuple(one for one in scene.drafts if one.reply.to != name),
        held=tuple(one for one in scene.held if one.reply.to != name),
        forgetting=name,
    )


_SPEAKING = Text(ja="日本語でお話しします。", en="I will speak English.")
_SEATED = Text(ja="{side}の立場でお答えします。", en="I will answer you as {side}.")
_UNMUTED = Text(ja="また声をかけるようにします。", en="I will speak up again.")
_MEMBERS = Text(ja="この部屋の方だけが変えられます。", en="Only the people of this room can change that.")
_FORGET = Text(
    ja="あなたが私に話したこと、途中の演習、あなたの発言の控えを消します。お二人の記録（決めたこと、実験など）は残ります。よろしいですか。",
    en="I will forget what you told me, exercises under way and my notes of what you said. The record that is both sides' "
    "(decisions, experiments) stays. Shall I?",
)
_FORGOTTEN = Text(ja="忘れました。", en="Forgotten.")
