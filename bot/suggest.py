"""Questions that help a session along: draw in the quieter side, make a vague thing concrete, ask who and by when.

They are offered to who leads, who asks them or does not. None is offered twice.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from bot.model import Text
from bot.papers import called, spoken
from bot.scene import Heard, Scene, Session
from knowledge.card import Locale, Side

SIDES: tuple[Side, ...] = ("sme", "startup")
QUIET = 0.25
"""A side with less of the talk than this is drawn in."""
ENOUGH = 80
"""How much the two sides must have said (`bot.length`) before a balance means anything."""
LATELY = 6
"""How many of the last sayings are looked through for vague words."""


def shares(session: Session) -> dict[Side, float]:
    """Return each side's share of what the two have said; empty before they have said much."""
    said = {side: session.spoken.get(side, 0) for side in SIDES}
    total = sum(said.values())
    return {side: count / total for side, count in said.items()} if total >= ENOUGH else {}


def quieter(session: Session) -> Side | None:
    """Return the side that hardly gets a word in, if there is one."""
    return next((side for side, share in shares(session).items() if share < QUIET), None)


def suggested(session: Session, scene: Scene, locale: Locale, *, at: datetime, most: int) -> tuple[str, ...]:
    """Return questions that were not suggested before, the most needed first."""
    asked = set(session.questions)
    found: list[str] = []
    kinds: set[str] = set()
    for kind, ja, en in _candidates(session, scene, at):
        # What was suggested in one language is not new in the other.
        if kind in kinds or asked & {ja, en}:
            continue
        kinds.add(kind)
        found.append(ja if locale == "ja" else en)
    return tuple(found[:most])


def _candidates(session: Session, scene: Scene, at: datetime) -> Iterator[tuple[str, str, str]]:
    """Name kind, Japanese and English of each question that fits now, the most needed first."""
    said = [one for one in spoken(scene.heard) if one.at >= session.start]
    closing = (at - session.start).total_seconds() / 60 >= session.minutes - session.boxes[-1].minutes
    if quiet := quieter(session):
        ja, en = (_quietest(quiet, said, scene, locale) for locale in ("ja", "en"))
        yield from (("draw", text.ja.format(who=ja), text.en.format(who=en)) for text in _DRAW_IN)
    if closing:
        yield from (("who", text.ja, text.en) for text in _WHO_WHEN)
    yield from (("vague", text.ja.format(word=word), text.en.format(word=word)) for word, text in _vague(said))
    if session.actions and not closing:
        yield from (("who", text.ja, text.en) for text in _WHO_WHEN)
    yield from (("concrete", text.ja, text.en) for text in _CONCRETE)


def _quietest(side: Side, said: list[Heard], scene: Scene, locale: Locale) -> str:
    """Return whom to ask: the person of that side who has said least, else the side itself."""
    people = scene.room.of(side)
    if not people:
        return called(side, scene, locale)
    quiet = min(people, key=lambda person: sum(len(one.text) for one in said if one.who == person.name))
    return f"{quiet.name}さん" if locale == "ja" else quiet.name


def _vague(said: list[Heard]) -> Iterator[tuple[str, Text]]:
    """Name the vague words said lately, the latest first, each with what to ask about it."""
    for one in reversed(said[-LATELY:]):
        for pattern, text in _VAGUE:
            if found := pattern.search(one.text):
                yield found[0], text


_DRAW_IN = (
    Text(ja="{who}の目には、いまの話はどう映っていますか。", en="{who}, how does this look from where you stand?"),
    Text(
        ja="{who}、ここまでで引っかかったところを一つ聞かせてください。",
        en="{who}, what is one thing so far that did not sit right with you?",
    ),
    Text(
        ja="{who}のところで同じことをするとしたら、最初に困るのはどこでしょう。",
        en="{who}, if you had to do this at your place, where would it get hard first?",
    ),
    Text(
        ja="{who}がいま一番確かめておきたいことは何ですか。",
        en="{who}, what do you most want to be sure of right now?",
    ),
    Text(ja="{who}、言葉にしにくいことがあれば、途中まででも結構です。", en="{who}, half a thought is welcome too."),
)
_WHO_WHEN = (
    Text(ja="いまのお話は、どなたが、いつまでになさいますか。", en="Who will do that, and by which day?"),
    Text(ja="明日の朝、最初に動くのはどなたでしょう。", en="Who makes the first move tomorrow morning?"),
    Text(
        ja="できたかどうかを、いつ、どうやって一緒に見ますか。",
        en="When and how will you look together at whether it is done?",
    ),
    Text(ja="うまく進まないときは、だれがだれに声をかけますか。", en="If it gets stuck, who calls whom?"),
)
_CONCRETE = (
    Text(
        ja="一番最近それが起きたのは、いつ、どの工程でしたか。",
        en="When did that last happen, and at which step of the work?",
    ),
    Text(
        ja="数字で言うと、いまはどのくらいで、どこまで行けばよしとしますか。",
        en="In figures: where is it now, and what would be good enough?",
    ),
    Text(
        ja="それが解けたら、だれの一日がどう変わりますか。",
        en="If that were solved, whose day would change, and how?",
    ),
    Text(
        ja="二週間で確かめられる、一番小さなことは何でしょう。",
        en="What is the smallest thing you could find out in two weeks?",
    ),
    Text(
        ja="おたがいに、これだけは困るということは何でしょう。",
        en="For each of you: what is the one thing that must not happen?",
    ),
    Text(ja="今日ここで決めなくてよいことは、どれでしょう。", en="What need not be settled today?"),
)
_VAGUE = tuple(
    (re.compile("|".join((*japanese, *(rf"\b{word}\b" for word in english))), re.IGNORECASE), text)
    for japanese, english, text in (
        (
            ("なるべく早く", "できるだけ早く", "早めに", "早急に", "近いうち", "そのうち", "いずれ"),
            ("as soon as possible", "asap", "soon"),
            Text(ja="「{word}」は、何月何日ごろのことでしょう。", en="“{word}”: around which day would that be?"),
        ),
        (
            ("検討(?:し|する|させて)", "考えておき", "前向きに", "持ち帰"),
            ("look into", "consider", "think about it"),
            Text(
                ja="「{word}」の中身は、だれが何を確かめることですか。", en="“{word}”: who will check what, exactly?"
            ),
        ),
        (
            ("ある程度", "それなりに", "かなり", "もっと(?!も)", "だいぶ", "安く"),
            ("significantly", "to some extent", "a lot", "cheaper"),
            Text(ja="「{word}」は、数字にするとどのくらいですか。", en="“{word}”: how much is that in figures?"),
        ),
        (
            (
                "効率化",
                "最適化",
                "高度化",
                "見える化",
                "DX(?![A-Za-z])",
                "うまく",
                "しっかり",
                "いろいろ",
                "何か(?![月所])",
            ),
            ("optimi[sz]e", "improve", "synergy", "somehow", "something"),
            Text(
                ja="「{word}」とは、現場でいうと、どの作業がどう変わることですか。",
                en="“{word}”: on the shop floor, which piece of work would change, and how?",
            ),
        ),
    )
)
"""Words that leave it open, with what to ask about them."""
