"""Commands about the talk itself: language, seat, quiet, privacy, what is kept."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clock import day_of, local
from bot.dates import take_date, take_days
from bot.intent import parted
from bot.model import LEADING, Person, Reply, Room, Said, Text
from bot.names import SIDE_NAMES, bare
from bot.orders import Done, Order, plain
from bot.orders.record import told
from bot.papers import dated
from bot.scene import Confirmation, Mute, Scene
from bot.seen import END_NAMES, OF_THE_ROOM, ROOMS_WORDS, USE_NAMES, without_person
from bot.signals import signals
from bot.statements import FORGET
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
MODEL_WISHES = {"off": "off", "禁止": "off", "使わない": "off", "on": "on", "許可": "on", "使う": "on"}
_MODEL = ("model", "モデル")
LONGEST_NAME = 80
_PLACES = {"room", "facilitator", "everyone", "here", "channel", "all"}
_OFF = {"off", "解除", "やめる"}
_YES = {"yes", "はい"}


def language(order: Order) -> Done:
    """Choose the language in which Nakodo speaks to this person."""
    chosen = LANGUAGES[plain(parted(order.words)[0])]
    scene = order.scene.speaking(order.sender.name, chosen)
    return Done(_SPEAKING(scene.locale_for(order.sender.name)), scene)


def side(order: Order) -> Done:
    """Say which side one is on; who leads says it of somebody else, named with an @.

    A seat opens what its side wrote for itself, so in a room of several nobody changes theirs, and nobody comes in
    or takes the lead by their own word.
    """
    head, rest = parted(order.words)
    chosen, name = SIDES[plain(head)], bare(rest)
    other = name not in ("", order.sender.name)
    no = _may_not_seat(order, name, chosen) or _no_name(name) if other else _may_not_sit(order, chosen)
    if no is not None:
        return order.done(no, who=name)
    scene = order.scene.seated(Person(name=name) if other else order.sender, chosen)
    return order.done(_SEATS if other else _SEATED, scene, who=name, side=SIDE_NAMES[chosen](order.locale))


def _may_not_sit(order: Order, chosen: Side) -> Text | None:
    """Return why somebody does not take a seat, or None."""
    room, me = order.scene.room, order.scene.room.person(order.sender.name)
    if all(person.name == order.sender.name for person in room.people):
        return None
    if me is None:
        return _NO_STRANGERS
    if me.side is not None:
        return None if me.side == chosen else _KEEPS
    return _NOT_BY_ONESELF if chosen in LEADING else None


def _may_not_seat(order: Order, name: str, chosen: Side) -> Text | None:
    """Return why somebody does not give another a seat, or None."""
    room, me = order.scene.room, order.scene.room.person(order.sender.name)
    if me is None:
        return _NO_STRANGERS
    if me.side in LEADING:
        return None
    if not room.leads(me):
        return _NOT_YOURS_TO_GIVE
    # Where nobody leads, a side brings in its own people; nobody is moved, nor sent to sit with the others.
    known = room.person(name)
    free = known is None or known.side is None
    return None if free and me.side is not None and chosen == me.side else _OWN_PEOPLE


def _no_name(name: str) -> Text | None:
    """Return why these words name nobody, or None. A private word to one called like a place would go there."""
    mark = "@" in name or "＠" in name or not any(map(str.isalnum, name))
    return _ONE_PERSON if mark or len(name) > LONGEST_NAME or name.lower() in _PLACES else None


def named(words: str, room: Room) -> Person | None:
    """Return whom of a room's people words name: @宮田さん, ｌｅｅ. Of several alike, the one written just so."""
    wanted = {plain(words).lstrip("@").strip(), plain(bare(plain(words)))}
    alike = [person for person in room.people if plain(person.name) in wanted]
    return room.person(words.strip().lstrip("@＠").strip()) or (alike[0] if len(alike) == 1 else None)


def nobody(order: Order) -> Done:
    """Say that whom somebody named has no seat here, or no more, or how one names somebody; and who is here."""
    scene, name = order.scene, " ".join(bare(order.words).split())[:LONGEST_NAME]
    people = [f"{one.name}さん" if order.locale == "ja" else one.name for one in scene.room.people]
    here = ("、" if order.locale == "ja" else ", ").join(people)
    if not any(map(str.isalnum, name)):
        return order.done(_WHOSE, here=here)
    spoke = {*scene.talks, *(one.who for one in scene.heard), *(one.by.who for one in scene.record.history)}
    return order.done(_NO_MORE if name in spoke else _NOT_HERE, who=name, here=here)


def mute(order: Order) -> Done:
    """Want quiet: from the room for the room, in private for oneself; all or one signal, for days or until lifted."""
    member = order.scene.room.person(order.sender.name) is not None
    who = "room" if member and not order.private else order.sender.name
    words = order.words.lower().split()
    others = tuple(one for one in order.scene.mutes if one.who != who)
    if words and plain(words[0]) in _OFF:
        return order.done(_UNMUTED, order.scene.having(mutes=others))
    named = {name: kind.id for kind in signals().values() for name in (kind.id, kind.name.ja, kind.name.en.lower())}
    said = " ".join(words)
    name = max((name for name in named if name in said), key=len, default="")
    signal = named.get(name)
    until = _until(order, said.replace(name, "", 1))
    kept = tuple(one for one in order.scene.mutes if one.who != who or (signal and one.signal not in (None, signal)))
    scene = order.scene.having(mutes=(*kept, Mute(who=who, signal=signal, until=until)))
    return Done(
        render(
            "muted",
            order.locale,
            who=who,
            until=until and day_of(until, order.scene.room.zone),
            signal=signal and signals()[signal].name(order.locale),
        ),
        scene,
    )


def _until(order: Order, words: str) -> datetime | None:
    """Return the end of the quiet: after so many days, or with a day that is named."""
    if days := take_days(words):
        return order.at + timedelta(days=days)
    day, _ = take_date(words, order.today)
    return _end_of(day, order.scene.room.zone) if day else None


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(23, 59), ZoneInfo(zone))


def privacy(order: Order) -> Done:
    """Say what is kept and who reads what; allow or forbid language models, or show what they were given."""
    head, *rest = map(plain, order.words.split() or [""])
    scene, wish = order.scene, MODEL_WISHES.get(rest[0]) if rest else None
    if head in _MODEL and wish is None:
        return _shown(order)
    if head in _MODEL:
        if not scene.room.person(order.sender.name):
            return order.done(_MEMBERS)
        scene = scene.having(model_forbidden=wish == "off")
    text = render("privacy", order.locale, model=order.model, forbidden=scene.model_forbidden)
    return Done(text, scene)


def _shown(order: Order) -> Done:
    """Show a person what models were given on their behalf; who leads sees how often they were asked, no words."""
    scene, zone = order.scene, order.scene.room.zone
    mine = [
        {
            "when": f"{dated(day_of(one.at, zone), order.locale, order.today)} {local(one.at, zone):%H:%M}",
            "use": USE_NAMES[one.use](order.locale),
            "model": one.model,
            "number": one.number,
            "sent": ROOMS_WORDS(order.locale) if one.sent and one.use in OF_THE_ROOM else _on_one_line(one.sent),
            "end": END_NAMES[one.end](order.locale),
        }
        for one in reversed(scene.model_seen)
        if one.who == order.sender.name
    ]
    leads = order.sender.side in LEADING
    text = render(
        "privacy_model",
        order.locale,
        model=order.model,
        forbidden=scene.model_forbidden,
        mine=mine,
        uses=scene.model_uses if leads else {},
    )
    return Done(text, scene)


def _on_one_line(text: str) -> str:
    return " / ".join(text.split("\n"))


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
    if plain(order.words) not in _YES:
        yes, no = ("/forget はい", "いいえ") if order.locale == "ja" else ("/forget yes", "No")
        asked = order.scene.confirming(order.sender.name, Confirmation(command=FORGET, at=order.at))
        return order.done(_FORGET, asked)._replace(choices=(yes, no), kind="question")
    return order.done(_FORGOTTEN, forgotten(order.scene, order.sender.name))


def forgotten(scene: Scene, name: str) -> Scene:
    """Return the scene without what a person told Nakodo in private. The record stays as it is: it is both sides'."""
    theirs = {one.id for one in scene.heard if one.who == name}
    theirs |= {one.message for one in scene.findings if one.who == name}
    theirs |= {one.message for one in scene.escalations if one.who == name}
    words = [one.text for one in scene.heard if one.who == name and one.text]

    def goes(reply: Reply) -> bool:
        return reply.to == name or reply.in_reply_to in theirs

    return scene.having(
        talks={who: without(said, words) for who, said in scene.talks.items() if who != name},
        confirmations={who: one for who, one in scene.confirmations.items() if who != name},
        exercises=tuple(one for one in scene.exercises if one.who != name),
        heard=tuple(one.model_copy(update={"text": ""}) if one.who == name else one for one in scene.heard),
        model_seen=without_person(scene, name),
        findings=tuple(one for one in scene.findings if one.who != name),
        escalations=tuple(one for one in scene.escalations if one.who != name),
        drafts=tuple(one for one in scene.drafts if not goes(one.reply)),
        held=tuple(one for one in scene.held if not goes(one.reply)),
        buttons={who: shown for who, shown in scene.buttons.items() if who != name},
        forgetting=name,
    )


def without(said: tuple[Said, ...], words: Sequence[str]) -> tuple[Said, ...]:
    """Return a talk without what stood in these words, and without what Nakodo answered to it."""
    kept: list[Said] = []
    gone = False
    for one in said:
        if one.role == "person":
            gone = any(one.text in text for text in words)
        if not gone:
            kept.append(one)
    return tuple(kept)


_SPEAKING = Text(ja="日本語でお話しします。", en="I will speak English.")
_SEATED = Text(ja="{side}の立場でお答えします。", en="I will answer you as {side}.")
_SEATS = Text(ja="{who}さんを、{side}の方として迎えました。", en="{who} is here as {side} now.")
_NO_STRANGERS = Text(
    ja="お席は、この部屋の方に頼んでくださいますか。決まりましたら、喜んでお手伝いします。",
    en="Please ask the people of this room for a seat. Once you have one, I am glad to help.",
)
_KEEPS = Text(
    ja="お席は、いまのままでお願いします。それぞれの側だけのお話をお預かりしているためです。"
    "違っているときは、進行役の方に頼んでください。",
    en="Please keep the seat you have: each side trusts me with things of its own. If it is the wrong one, ask the "
    "facilitator to change it.",
)
_NOT_BY_ONESELF = Text(
    ja="進行の席は、ご自分では決められません。いまの進行役の方か、事業の事務局に頼んでくださいますか。",
    en="Nobody takes the lead by their own word. Please ask the facilitator, or the programme's office.",
)
_NOT_YOURS_TO_GIVE = Text(
    ja="ほかの方のお席は、進行役の方に頼んでくださいますか。", en="Please ask the facilitator to give {who} a seat."
)
_OWN_PEOPLE = Text(
    ja="新しい方は、ご自分の側の方として迎えてください。ほかの席は、その側の方か事業の事務局に頼みましょう。",
    en="You can bring in people of your own side. For other seats, ask that side or the programme's office.",
)
_ONE_PERSON = Text(
    ja="お席は、お一人ずつお名前で書いてください。例: 「/side sme @佐藤」",
    en="One person at a time, please, by name. Like: /side sme @Lee",
)
_WHOSE = Text(
    ja="どなたの席を外しますか。「/remove @お名前」と書いてください。いまいらっしゃるのは、{here}です。",
    en="Whose seat shall I take away? Write: /remove @who. Here are: {here}.",
)
_NOT_HERE = Text(
    ja="{who}さんというお名前の方は、この部屋にいらっしゃいません。いまいらっしゃるのは、{here}です。",
    en="Nobody called {who} has a seat here. Here are: {here}.",
)
_NO_MORE = Text(
    ja="{who}さんは、もうこの部屋にいらっしゃいません。いまいらっしゃるのは、{here}です。",
    en="{who} is not here any more. Here are: {here}.",
)
_UNMUTED = Text(ja="また声をかけるようにします。", en="I will speak up again.")
_MEMBERS = Text(ja="この部屋の方だけが変えられます。", en="Only the people of this room can change that.")
_FORGET = Text(
    ja="あなたが私に話したこと、途中の演習、あなたの発言の控えを消します。"
    "お二人の記録（決めたこと、実験など）は残ります。よろしいですか。",
    en="I will forget what you told me, exercises under way and my notes of what you said. The record that is both "
    "sides' (decisions, experiments) stays. Shall I?",
)
_FORGOTTEN = Text(ja="忘れました。", en="Forgotten.")
