"""Commands for the human who leads: mode, quiet hours, takeover, drafts, what helped, calls for help, who left."""

import re
import unicodedata
from datetime import time
from typing import get_args

from bot import desk, gate
from bot.clock import NIGHT, QuietHours, keeps_holidays
from bot.errors import RecordError
from bot.exercises import exercises
from bot.intent import parted
from bot.model import LEADING, Mode, Reply, Room, Text
from bot.names import MODE_NAMES
from bot.orders import Done, Order, plain, talk
from bot.scene import Exercise
from prompts import render

MODES: dict[str, Mode] = {
    **{mode: mode for mode in get_args(Mode)},
    "自動": "auto",
    "確認": "review",
    "静か": "quiet",
}
HOURS: dict[str, QuietHours | None] = {
    **dict.fromkeys(("none", "off", "なし", "無し"), None),
    **dict.fromkeys(("default", "標準"), NIGHT),
}
"""Quiet hours that have a name."""
_HOUR = r"(?:翌朝|翌日|翌)?\s*(\d{1,2})\s*(?::\s*(\d\d)|時\s*(?:(\d{1,2})\s*分|(半))?)"
_HOURS = re.compile(rf"{_HOUR}\s*(?:から|より|[-–—−ー〜~]|to\b|until\b)\s*{_HOUR}\s*(?:まで)?", re.IGNORECASE)


def mode(order: Order) -> Done:
    """Choose how much goes out without the human's word; without words, say which it is."""
    if not order.words.strip():
        return order.done(_MODE_IS, mode=MODE_NAMES[order.scene.room.mode](order.locale))
    chosen = MODES[plain(parted(order.words)[0])]
    room = order.scene.room.model_copy(update={"mode": chosen})
    return order.done(_MODE, order.scene.having(room=room), mode=MODE_NAMES[chosen](order.locale))


def hours(order: Order) -> Done:
    """Choose in which hours nobody is spoken to unasked; without words, say which they are.

    What waited for hours that no longer hold is said now.
    """
    scene = order.scene
    if not order.words.strip():
        return order.done(quiet_told(scene.room))
    room = scene.room.model_copy(update={"quiet_hours": read_hours(order.words)})
    opened = gate.open_up(scene.having(room=room), order.at)
    return order.done(quiet_told(room), opened.scene)._replace(others=opened.replies)


def read_hours(words: str) -> QuietHours | None:
    """Return the quiet hours that somebody wrote: 20:00-08:00, 20時から翌8時半まで, none.

    Raises:
        RecordError: these are none.
    """
    plain = unicodedata.normalize("NFKC", words).strip().lower()
    if plain in HOURS:
        return HOURS[plain]
    found = _HOURS.fullmatch(plain)
    begins, ends = (_hour(*found.groups()[:4]), _hour(*found.groups()[4:])) if found else (None, None)
    if begins is None or ends is None:
        raise RecordError(_HOURS_HOW)
    if begins == ends:
        raise RecordError(_HOURS_SAME)
    return QuietHours(begins=begins, ends=ends)


def _hour(hour: str, minutes: str | None, spoken: str | None, half: str | None) -> time | None:
    """Return an hour of the day, or None if the day has no such hour. 24:00 is midnight, as on a timetable."""
    minute = 30 if half else int(minutes or spoken or 0)
    at = 0 if (int(hour), minute) == (24, 0) else int(hour)
    return time(at, minute) if at < 24 and minute < 60 else None


def quiet_told(room: Room) -> Text:
    """Return in words when nobody is spoken to unasked."""
    chosen, holidays = room.quiet_hours, keeps_holidays(room.zone)
    if chosen is None:
        return _ANY_HOUR_BUT if holidays else _ANY_HOUR
    begins, ends = f"{chosen.begins:%H:%M}", f"{chosen.ends:%H:%M}"
    over, too = ("翌" if chosen.over_midnight else ""), ("と、祝日" if holidays else "")
    return Text(
        ja=f"{begins}から{over}{ends}まで{too}は、私からは声をかけません。お尋ねには、いつでもお答えします。",
        en=f"From {begins} to {ends}{', and on public holidays,' if holidays else ''} I say nothing unasked. "
        "Ask me, and I answer at any hour.",
    )


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
    sent = desk.approve(order.scene, draft, order.sender.name, order.at)
    done = order.done(_APPROVED, sent.scene, id=draft.id, to=_to(draft.reply.to, order))
    return done._replace(others=(sent.reply,))


def edit(order: Order) -> Done:
    """Let a draft go out in other words."""
    draft, words = desk.named(order.scene, order.words)
    if not words:
        return order.done(_EDIT_HOW, id=draft.id)
    sent = desk.edit(order.scene, draft, order.sender.name, order.at, words)
    done = order.done(_EDITED, sent.scene, id=draft.id, to=_to(draft.reply.to, order))
    return done._replace(others=(sent.reply,))


def refuse(order: Order) -> Done:
    """Hold a draft back for good, with a reason."""
    draft, why = desk.named(order.scene, order.words)
    if not why:
        return order.done(_REFUSE_HOW, id=draft.id)
    refused = desk.refuse(order.scene, draft, order.sender.name, order.at, why)
    return order.done(_REFUSED, refused, id=draft.id)


def useful(order: Order) -> Done:
    """Say of a word that nobody asked for that it helped."""
    return _judged(order, useful=True)


def useless(order: Order) -> Done:
    """Say of a word that nobody asked for that it did not help; after every second one it must be surer."""
    return _judged(order, useful=False)


def _judged(order: Order, *, useful: bool) -> Done:
    number = _number(order)
    logged = order.scene.interventions
    if not any(one.number == number for one in logged):
        return order.done(_NO_SUCH_WORD)
    marked = (
        one.model_copy(update={"useful": useful}) if one.number == number else one for one in logged
    )  # Who leads may think again: the last word counts.
    scene = order.scene.having(interventions=tuple(marked))
    return order.done(_HELPED if useful else _HELPED_NOT, scene, number=number)


def cared(order: Order) -> Done:
    """Say that one has taken care of what a human was called for. Without a number it is the only one open."""
    calls = order.scene.escalations
    still = [one for one in calls if not one.cared]
    number = _number(order) if order.words.strip() else still[0].number if len(still) == 1 else None
    found = next((one for one in calls if one.number == number), None)
    if found is None:
        return order.done(_WHICH_CALL if still else _NO_CALL, numbers=", ".join(str(one.number) for one in still))
    if found.cared:
        return order.done(_CARED_ALREADY, who=found.cared, number=number)
    done = found.model_copy(update={"cared": order.sender.name})
    scene = order.scene.having(escalations=tuple(done if one is found else one for one in calls))
    return order.done(_CARED, scene, who=found.who, number=number)


def remove(order: Order) -> Done:
    """Take the seat of somebody who has left. Somebody must go on leading; they are told nothing by Nakodo.

    Where nobody leads, a side lets its own people go and nobody else.
    """
    scene, me = order.scene, order.sender
    leaving = talk.named(order.words, scene.room)
    if leaving is None:
        return talk.nobody(order)
    own = leaving.name == me.name
    if not own and me.side not in LEADING and (me.side is None or leaving.side != me.side):
        return order.done(_OWN_SIDE)
    if [person for person in scene.room.people if scene.room.leads(person)] == [leaving]:
        return order.done(_LAST)
    for draft in desk.waiting(scene):
        if draft.reply.to == leaving.name:
            scene = desk.refuse(scene, draft, me.name, order.at, _LEFT(order.locale))
    after = scene.without(leaving.name)
    ended = [one for one in scene.exercises if one not in after.exercises and one.who != leaving.name]
    mine = scene.record.read_by(me.side).actions
    left = [str(one.number) for one in mine if one.owner == leaving.name and not one.done]
    rows = [
        _GONE if own else _REMOVED,
        *([_ACTIONS] if left else []),
        *([_BACK] if scene.takeover != after.takeover else []),
        *([] if own else [_UNTOLD]),
        _CODES,
        _CHAT_OWN if own else _CHAT,
    ]
    words = "\n".join(row(order.locale) for row in rows).format(who=leaving.name, numbers=", ".join(left))
    return Done(words, after, others=tuple(_called_off(one, order) for one in ended))


def _called_off(exercise: Exercise, order: Order) -> Reply:
    """Return what somebody hears whose exercise ends with another's part: not who left."""
    locale = order.scene.locale_for(exercise.who)
    text = render("called_off", locale, title=exercises()[exercise.name].title(locale))
    return Reply(to=exercise.who, kind="notice", text=text, in_reply_to=order.message)


def _number(order: Order) -> int | None:
    words = order.words.strip()
    return int(words) if words.isdecimal() and len(words) < 10 else None


def _to(to: str, order: Order) -> str:
    return _ROOM(order.locale) if to == "room" else to


_ROOM = Text(ja="部屋", en="the room")
_MODE_IS = Text(ja="いまは「{mode}」です。", en="The mode is {mode}.")
_MODE = Text(ja="「{mode}」にしました。", en="The mode is now {mode}.")
_ANY_HOUR = Text(
    ja="時刻にかかわらず、要るときには声をかけます。", en="I may speak up at any hour, if there is reason to."
)
_ANY_HOUR_BUT = Text(
    ja="時刻にかかわらず、要るときには声をかけます。祝日だけは控えます。",
    en="I may speak up at any hour, if there is reason to, though not on public holidays.",
)
_HOURS_HOW = Text(
    ja="始まりと終わりの時刻を書いてください。例: 「/hours 20:00-08:00」。決めないときは「/hours none」です。",
    en="Write when they begin and end, like: /hours 20:00-08:00. For no such hours: /hours none",
)
_HOURS_SAME = Text(
    ja="始まりと終わりが同じ時刻です。決めないなら「/hours none」、一日じゅう静かにするなら「/mute」です。",
    en="They would end when they begin. For no such hours write /hours none; for quiet all day, /mute.",
)
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
_NO_SUCH_WORD = Text(
    ja="その番号の声かけはありません。「/useful 12」のように番号で書いてください。",
    en="I have said nothing with that number. Write it like: /useful 12",
)
_HELPED = Text(ja="{number} は「役に立った」と控えました。", en="Noted: number {number} helped.")
_HELPED_NOT = Text(
    ja="{number} は「不要」と控えました。同じような声かけは、もう少し控えめにします。",
    en="Noted: number {number} did not help. I will be slower to raise that again.",
)
_NO_CALL = Text(ja="いま、人の助けを待っていることはありません。", en="Nobody is waiting for a human just now.")
_WHICH_CALL = Text(ja="番号を添えてください（{numbers}）。", en="Which one? Open: {numbers}.")
_CARED = Text(
    ja="{who}さんの件（{number}）は、対応済みと控えました。", en="Noted: you took care of {who} ({number})."
)
_CARED_ALREADY = Text(
    ja="{number} は{who}さんがもう対応しています。", en="{who} has taken care of number {number} already."
)
_LEFT = Text(ja="席を離れたため", en="They have no seat here any more.")
_OWN_SIDE = Text(
    ja="外せるのは、ご自分の側の方だけです。ほかの方のお席は、その側の方か事業の事務局に頼みましょう。",
    en="You can let people of your own side go. For other seats, ask that side or the programme's office.",
)
_LAST = Text(
    ja="それでは、進行する方がいなくなってしまいます。先に、次の進行役を決めてください。"
    "この部屋の方なら「/side facilitator @お名前」、これからお招きする方なら「/invite facilitator」です。",
    en="Then nobody would be left to lead. Let somebody else lead first, please: “/side facilitator @who” if they "
    "are here, “/invite facilitator” if they are new.",
)
_REMOVED = Text(
    ja="{who}さんの席を外しました。この部屋の記録も、私からの個別のお知らせも、もう届きません。"
    "これまでのお話と記録は、{who}さんのお名前のまま残ります。",
    en="{who} has no seat here any more: neither the record nor private words of mine reach them. What they said and "
    "did stays in the record under their name.",
)
_GONE = Text(
    ja="あなたの席を外しました。この部屋の記録も、私からの個別のお知らせも、もう届きません。"
    "これまでのお話と記録は、お名前のまま残ります。ありがとうございました。",
    en="You have no seat here any more: neither the record nor private words of mine reach you. What you said and "
    "did stays in the record under your name. Thank you for all of it.",
)
_ACTIONS = Text(
    ja="{who}さんの宿題が残っています（{numbers}）。どなたが引き継ぐか、決めておきましょう。",
    en="{who} leaves things to do ({numbers}). Let us settle who takes them on.",
)
_BACK = Text(
    ja="{who}さんが話を引き取っていたので、また私がお相手します。", en="{who} had taken over; I am back instead."
)
_UNTOLD = Text(
    ja="ご本人には、私からは何もお伝えしていません。あなたからお話しください。",
    en="I have told them nothing. That is for you to say.",
)
_CODES = Text(
    ja="この部屋の参加コードのうち、まだ使えたものはすべて止めました。新しい方には「/invite」で出し直せます。",
    en="Codes for coming in here that could still be used no longer work. “/invite” makes new ones.",
)
_CHAT = Text(
    ja="チャットのグループにいるあいだは、そこでの発言が見えます。グループからも外してください。",
    en="As long as they are in the group chat, they see what is said there. Please take them out of it as well.",
)
_CHAT_OWN = Text(
    ja="チャットのグループからは、ご自分で退出してください。", en="The group chat itself is for you to leave."
)
