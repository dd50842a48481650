"""The rooms for trying things out: each session has an invented partnership, ready to talk, and one for its story."""

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from adapters.channels.web.security import DeniedError
from adapters.channels.web.story import PLAIN, STORY, example, is_story, stage_of
from adapters.channels.web.try_talk import TRY
from adapters.channels.web.viewer import Viewer
from adapters.services.store import StaleSceneError
from adapters.services.store.passing import PassingStore
from bot.model import RoomId, Text
from bot.scene import Scene
from knowledge.card import Locale, Side

if TYPE_CHECKING:
    from adapters.channels.web.site import Site

MOST = 200
"""Rooms that are kept."""
_NAME = re.compile(r"(?:try|story)-[0-9a-f]{20}")


class Suggestion(NamedTuple):
    """Something to click that shows what Nakodo does."""

    label: Text
    words: Text
    private: bool = True


class Column(NamedTuple):
    """One side's view. `who` is what its people are here."""

    side: Side
    title: Text
    who: Text
    suggestions: tuple[Suggestion, ...]


def room_of(viewer: Viewer, kind: str) -> RoomId:
    """Return the name of a session's own room. Nobody guesses it, so who knows it was shown it."""
    key = hashlib.blake2b(f"{viewer.tenant}\n{viewer.account}\n{viewer.csrf}".encode(), digest_size=10).hexdigest()
    return RoomId(f"{kind}-{key}")


def opened(site: "Site", room: RoomId, viewer: Viewer) -> Scene:
    """Return the scene of a room; the session's own is made if it is not there.

    Raises:
        DeniedError: there is no such room.
    """
    if not _NAME.fullmatch(room):
        raise DeniedError(404)
    store = PassingStore(site.store.engine, TRY)
    scene = store.load(room)
    if scene is None and room in (room_of(viewer, PLAIN), room_of(viewer, STORY)):
        _make_way(site, store)
        _make(store, room, viewer.locale)
        scene = store.load(room)
    if scene is None:
        raise DeniedError(404)
    return scene


def forget(site: "Site", room: RoomId) -> None:
    """Forget a room whole."""
    stage_of(site).forgotten(room)
    PassingStore(site.store.engine, TRY).forget_room(room)


def _make(store: PassingStore, room: RoomId, locale: Locale) -> None:
    scene = example().as_scene(room)
    if not is_story(room):
        scene = scene.having(room=scene.room.model_copy(update={"locale": locale}))
    try:
        store.keep(scene)
    except StaleSceneError:
        return  # Two pages of one session were opened at once, and the other was first.


def _make_way(site: "Site", store: PassingStore) -> None:
    """Forget the rooms that were idle longest, so that there is room for one more."""
    stage = stage_of(site)
    for old in store.rooms()[MOST - 1 :]:
        if not stage.busy(old.id):
            forget(site, old.id)


COLUMNS = (
    Column(
        "sme",
        Text(ja="町工場から", en="From the shop floor"),
        Text(ja="佐藤さん（社長）と大橋さん（現場）", en="佐藤 (Sato, the owner) and 大橋 (Ohashi, press floor)"),
        (
            Suggestion(
                Text(ja="初めての相手と、どう話せばいい？", en="What do I tell a startup first?"),
                Text(
                    ja="ベンチャーの人と話すのは初めてなんだ。何に気をつけて話せばいい？",
                    en="I have never worked with a startup. What should I tell them first?",
                ),
            ),
            Suggestion(
                Text(ja="部屋で、いきなり値段を聞いてみる", en="Ask the price at once, in the room"),
                Text(
                    ja="ところで、そのセンサーは一台いくら？値段を先に聞かないと話が始まらんよ",
                    en="By the way, what does one sensor cost? We cannot start talking before we know the price.",
                ),
                private=False,
            ),
            Suggestion(
                Text(ja="演習：困りごとをお題にする", en="Exercise: turn a worry into a theme"),
                Text(ja="/演習 お題づくり", en="/coach theme_canvas"),
            ),
        ),
    ),
    Column(
        "startup",
        Text(ja="スタートアップから", en="From the startup"),
        Text(ja="Leeさん（代表）と Mori さん（技術）", en="Lee (founder) and Mori (engineer)"),
        (
            Suggestion(
                Text(ja="初めて訪ねるとき、何を用意する？", en="What do I bring to a first visit?"),
                Text(
                    ja="町工場をはじめて訪ねます。何を用意して、何を話せばいいですか",
                    en="I am about to visit a small manufacturer for the first time. What should I prepare?",
                ),
            ),
            Suggestion(
                Text(ja="部屋で、図面をせがんでみる", en="Press for drawings in the room"),
                Text(
                    ja="NDAはまだですが、金型の図面と加工条件表を先に全部送ってもらえますか",
                    en="The NDA can wait. Could you send us the die drawings and the full process sheet today?",
                ),
                private=False,
            ),
            Suggestion(
                Text(ja="実験の前に決めることは？", en="What must be settled before a trial?"),
                Text(
                    ja="最初の小さな実験を始める前に、何を決めておけばいいですか",
                    en="What should we settle before we start a first small experiment?",
                ),
            ),
        ),
    ),
    Column(
        "facilitator",
        Text(ja="進行役から", en="From the facilitator"),
        Text(ja="田中さん（企業OB）", en="田中 (Tanaka, a retired manager)"),
        (
            Suggestion(
                Text(ja="初回の打ち合わせに、何をそろえる？", en="What does a first meeting need?"),
                Text(
                    ja="初めての打ち合わせで、最初に何をそろえておくとよいですか",
                    en="What should I prepare before the first meeting between the two?",
                ),
            ),
            Suggestion(
                Text(ja="返事を、先に自分で確かめる", en="See every answer before it goes out"),
                Text(ja="/モード 確認", en="/mode review"),
            ),
            Suggestion(
                Text(ja="いまの記録を見る", en="Look at the record"),
                Text(ja="/記録", en="/record"),
            ),
        ),
    ),
)
"""The three views, and three things to click in each."""
BY_SIDE: Mapping[str, Column] = {column.side: column for column in COLUMNS}
