"""What is said beside a turn: at the door, about files, after an absence, to who asks too fast."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters import door_words
from adapters.doorstep import Word
from adapters.files import Read
from adapters.post import Event, Parcel
from adapters.routing import parcel_id, title_of
from adapters.services.store import Known, Lane, Taken
from bot.model import Message, MessageId, Person, Reply, Room, RoomId, Text
from bot.scene import Scene
from prompts import render

MOST = 4_000
"""Characters of what is repeated whole: a command, an answer in an exercise."""
AWAY = timedelta(hours=1)
"""A question that waited longer gets a word of apology before its answer."""
LOBBY = "lobby:"


def lobby(event: Event) -> str:
    """Return the lane of a talk that belongs to no partnership."""
    return LOBBY + (event.account.key if event.place.direct else event.place.key)


def lobby_scene(event: Event, known: Known) -> Scene:
    """Return the scene of a talk that belongs to no partnership: alone one is at home, in a group nobody is."""
    name = known.account.name or "?"
    people = (Person(name=f"{name} 2" if name in ("room", "facilitator") else name),) if event.place.direct else ()
    return Scene(room=Room(id=RoomId(lobby(event)), people=people, locale=known.account.locale or "ja"))


def apology(message: Message, scene: Scene, now: datetime) -> tuple[Reply, ...]:
    """Return a word to a room in which somebody asked long ago, while nobody was here; once for one absence."""
    last = scene.reminded.get("away")
    if last is not None and now - last < AWAY:
        return ()
    to = message.sender.name if message.private else "room"
    return (Reply(to=to, kind="notice", text=LATE(scene.locale_for(to)), in_reply_to=message.id),)


def without_words(message: Message, scene: Scene, files: Sequence[Read]) -> tuple[Reply, ...] | None:
    """Return what is said to who turns to the bot without a word; None leaves it to the road.

    Who hands in what cannot be read has the receipt for an answer, who only calls is told what one can ask.
    """
    who = message.sender.name
    if scene.human_drives or any(one.heard for one in files):
        return None
    if files:
        return ()
    if message.private and scene.exercise_of(who) is not None:
        return None
    text = render("smalltalk", scene.locale_for(who), act="what_can_you_do")
    to = who if message.private else "room"
    return (Reply(to=to, kind="notice", text=text, choices=("/help",), in_reply_to=message.id),)


def too_long(words: str, wants: str, name: str, scene: Scene, *, private: bool) -> Word | None:
    """Return what is said to who writes more than can be noted; half of it would be kept for the whole."""
    answers = private and not scene.human_drives and scene.exercise_of(name) is not None
    if not (wants == "command" or answers) or len(words) <= MOST:
        return None
    locale = scene.locale_for(name)
    return Word(TOO_LONG(locale).format(most=f"{MOST:,}", length=f"{len(words):,}"), locale=locale)


def receipts(files: Sequence[Read], message: Message, scene: Scene) -> tuple[Reply, ...]:
    """Return what is said about files: to who sent them alone, for a file may be nobody else's business."""
    to = message.sender.name
    if not files or scene.human_drives:
        return ()
    text = "\n".join(dict.fromkeys(one.told(scene.locale_for(to)) for one in files))
    return (Reply(to=to, kind="notice", text=text, in_reply_to=message.id),)


def goes_on(event: Event, name: str, replies: Sequence[Reply]) -> bool:
    """Whether a private talk goes on where an event belongs. A button that only settles something leaves it be."""
    typed = not event.form.get("room")
    return typed or any(one.to == name and one.kind in ("answer", "question", "form") for one in replies)


def moved(message: Message, scene: Scene) -> tuple[Reply, ...]:
    """Say of which partnership it is spoken from now on, to who has several and did not choose it just now."""
    to = message.sender.name
    locale = scene.locale_for(to)
    text = door_words.CHOSEN(locale).replace("{room}", title_of(scene.room) or door_words.UNNAMED(locale))
    return (Reply(to=to, kind="notice", text=text, choices=("/room",), in_reply_to=message.id),)


def unmet(names: Sequence[str], message: Message, scene: Scene) -> tuple[Reply, ...]:
    """Say of people who were given a seat by name that nobody of that name has been met: it is an empty seat."""
    to = message.sender.name
    locale = scene.locale_for(to)
    text = "\n".join(UNMET(locale).replace("{who}", name) for name in names)
    return (Reply(to=to, kind="notice", text=text, choices=("/invite",), in_reply_to=message.id),) if names else ()


def put_aside(taken: Taken, scene: Scene) -> Reply:
    """Return what who leads is told of a message that could not be taken in; nothing of its words."""
    who, number = taken.event.account.name or "?", f"{taken.lane.name}#{taken.sequence}"
    text = ASIDE(scene.locale_for("facilitator")).format(who=who, number=number)
    return Reply(to="facilitator", kind="notice", text=text, in_reply_to=MessageId(taken.event.id))


def words_said(taken: Taken, words: Sequence[Word]) -> list[Parcel]:
    """Return the parcels of what is said at the door. One hint that there is a direct message is enough."""
    parcels = [word(taken.lane, taken, number, one) for number, one in enumerate(words)]
    hints = [parcel.id for parcel in parcels if parcel.aside is not None]
    return [one.model_copy(update={"aside": None}) if one.id in hints[1:] else one for one in parcels]


def word(lane: Lane, taken: Taken, number: int, word: Word) -> Parcel:
    """Return a parcel of something said at the door: where the event happened, or to one person alone."""
    event = taken.event
    account = word.account or (event.account if event.place.direct else None)
    return Parcel(
        id=parcel_id(lane, f"door {taken.sequence}", number),
        tenant=lane.tenant,
        channel=event.channel,
        place=None if account else event.place,
        account=account,
        aside=event.place if account and account.key == event.account.key and not event.place.direct else None,
        answers=event.message if account in (None, event.account) else "",
        reply=Reply(
            to=account.name if account else "room",
            kind="notice",
            text=word.text,
            choices=word.choices,
            in_reply_to=MessageId(event.id),
        ),
        locale=word.locale,
    )


SILENCE = Text(ja="", en="")
TOO_FAST = Text(
    ja="少し立て込んでいます。一分ほどおいて、続きを聞かせてください。",
    en="That was a lot at once. Give me a minute, then go on.",
)
MEMBERS_ONLY = Text(
    ja="ここは、協業に参加している方のための窓口です。進行役の方から参加コードを受け取ったら、それだけを送ってください。",
    en="I am here for the people of a partnership. If your facilitator gave you a code, send me just that.",
)
UNMET = Text(
    ja="ただ、{who}さんというお名前の方とは、この部屋でまだお会いしていません。ご本人には、参加コードをお渡しください。",
    en="But I have met nobody called {who} in this room yet. Please give them a code to come in.",
)
TOO_LONG = Text(
    ja="すみません、{length}字は一度に控えきれません（{most}字まで）。まだ何も控えていませんので、要点に絞るか、"
    "いくつかに分けて送ってください。",
    en="Sorry, {length} characters are more than I can note at once (up to {most}). I have noted none of it yet: "
    "please send me the gist, or send it in parts.",
)
LATE = Text(
    ja="お返事が遅くなりました。しばらく席を外していました。",
    en="Sorry to be late: I was away for a while.",
)
ASIDE = Text(
    ja="{who}さんの書き込みを一つ、うまく受け取れませんでした（控え {number}）。お話は続けられます。"
    "大事な内容でしたら、もう一度書いてもらってください。",
    en="One message of {who} could not be taken in (reference {number}). The talk goes on. If it mattered, please "
    "have it written once more.",
)
ASIDE_YOURS = Text(
    ja="すみません、いまの書き込みをうまく受け取れませんでした（控え {number}）。"
    "言い方を変えて、もう一度書いていただけますか。",
    en="Sorry, I could not take in what you just wrote (reference {number}). Would you write it once more, in other "
    "words?",
)
