"""Commands that start work: exercises, sessions, minutes, digests."""

from bot import minutes, session, workshop
from bot.exercises import exercises
from bot.guide import find_kind
from bot.intent import parted
from bot.model import Text
from bot.orders import Done, Order, plain
from prompts import render

_RESUME = {"resume", "再開", "続き"}
_START, _END = {"start", "開始", "始める"}, {"end", "終了", "終わる"}


def coach(order: Order) -> Done:
    """Start an exercise, go on with one, or list them."""
    words = order.words.strip()
    if plain(words) in _RESUME:
        worked = workshop.again(order.sender.name, order.scene, order.message, order.today)
        if worked is None:
            return Done(render("exercise", order.locale, what="nothing"), order.scene)
        return Done("", worked.scene, worked.replies)
    kind = find_kind(words) if words else None
    if kind is None:
        kinds = [(one.id, one.title(order.locale), one.about(order.locale)) for one in exercises().values()]
        names = tuple(f"/coach {one.title(order.locale)}" for one in exercises().values())
        return Done(render("exercises", order.locale, kinds=kinds, unknown=words), order.scene, choices=names)
    if order.sender.side is None and len(order.scene.room.people) > 1:
        # A page is one side's own; whose would this one be?
        return order.done(_WHOSE)._replace(choices=("/side sme", "/side startup"))
    worked = workshop.start(kind, order.sender, order.scene, order.at, room=not order.private, message=order.message)
    told = "" if order.private else _BEGUN(order.locale).format(title=kind.title(order.locale))
    return Done(told, worked.scene, worked.replies)


def share(order: Order) -> Done:
    """Show the room one's own last page, unless it was promised to stay with one's own side."""
    sheet = workshop.last_page(order.sender, order.scene)
    if sheet is None:
        return order.done(_NO_PAGE)
    kind = exercises().get(sheet.exercise)
    if kind is not None and kind.two_sided:
        return order.done(_OWN_SIDE, title=kind.title(order.locale))
    worked = workshop.share(sheet, order.by, order.scene, order.message)
    return order.done(_SHARED, worked.scene)._replace(others=worked.replies)


def hold_session(order: Order) -> Done:
    """Start a session with its length and topic, see how it stands, or end it."""
    head, rest = parted(order.words)
    if plain(head) in _START:
        return session.start(order, rest)
    if order.scene.session is None:
        return order.done(_NO_SESSION)
    if plain(head) in _END:
        return session.end(order)
    return session.look(order)


def draw_minutes(order: Order) -> Done:
    """Write minutes of what the room has said lately."""
    return Done(minutes.of_talk(order.scene, order.at, order.locale), order.scene, kind="document")


def digest(order: Order) -> Done:
    """Say what moved, what waits, what is due."""
    return Done(minutes.digest(order.scene, order.at, order.locale), order.scene, kind="document")


_BEGUN = Text(
    ja="「{title}」を始めます。問いは、それぞれの方に個別にお送りします。",
    en="We begin “{title}”. I put the questions to each of you in private.",
)
_NO_PAGE = Text(ja="部屋に出せる紙はまだありません。", en="There is no page of yours to show yet.")
_OWN_SIDE = Text(
    ja="「{title}」の一枚は、そちら側だけのものとお約束しました。お二人で見るには、部屋で「/coach {title}」を"
    "始めてください。見せてよい項目だけを一枚にします。",
    en="I promised that your page of “{title}” stays with your side. To look at it together, start "
    "“/coach {title}” in the room: it shows only what each side releases.",
)
_WHOSE = Text(
    ja="どちらの立場でお答えになるかを、先に教えてください。書かれた紙は、その側だけのものになります。",
    en="Which side are you on? Tell me first: what you write belongs to that side alone.",
)
_SHARED = Text(ja="部屋に出しました。", en="The room can see it now.")
_NO_SESSION = Text(
    ja="いまセッションはありません。「/session start 45 テーマ設定」のように始めます。",
    en="No session is running. Begin one like: /session start 45 choosing a theme",
)
