"""What a session is about decides its agenda: an opening, the topic in one to three parts, and the next steps."""

import re
from typing import NamedTuple

from bot.model import Text
from bot.scene import TimeBox
from knowledge.card import Locale


class Plan(NamedTuple):
    """How to go about a kind of topic. `parts` are three; a short session takes fewer of them."""

    words: str
    """A pattern of words that the topic has."""
    intention: Text
    outcome: Text
    """What is on the table at the end."""
    parts: tuple[Text, Text, Text]


def plan_for(topic: str) -> Plan:
    """Return the plan that fits a topic."""
    return next((plan for plan in PLANS if re.search(plan.words, topic, re.IGNORECASE)), PLANS[-1])


def boxes_of(plan: Plan, minutes: int, locale: Locale) -> tuple[TimeBox, ...]:
    """Return the time boxes. Their minutes sum up to the session's; from half an hour on they are fives."""
    unit = 5 if minutes >= 30 else 1
    opening = _rounded(minutes * 0.1, unit, least=max(unit, 2), most=10)
    closing = _rounded(minutes * 0.2, unit, least=max(unit, 3), most=20)
    parts = _parts(plan, minutes)
    middle = minutes - opening - closing
    units, rest = divmod(middle, unit)
    each, more = divmod(units, len(parts))
    lengths = [(each + (number < more)) * unit for number in range(len(parts))]
    lengths[0] += rest
    titles = [OPENING, *parts, CLOSING]
    return tuple(
        TimeBox(title=title(locale), minutes=length)
        for title, length in zip(titles, [opening, *lengths, closing], strict=True)
    )


def title_of(box: TimeBox, locale: Locale) -> str:
    """Return a box's title in a language: boxes stand in the room's, and who leads may read the other."""
    known = next((text for text in _titles() if box.title in (text.ja, text.en)), None)
    return known(locale) if known else box.title


def _parts(plan: Plan, minutes: int) -> tuple[Text, ...]:
    if minutes < 20:
        return plan.parts[-1:]
    return plan.parts if minutes >= 35 else (plan.parts[0], plan.parts[-1])


def _rounded(minutes: float, unit: int, *, least: int, most: int) -> int:
    return min(most, max(least, int(minutes / unit + 0.5) * unit))


def _titles() -> list[Text]:
    return [OPENING, CLOSING, *(part for plan in PLANS for part in plan.parts)]


OPENING = Text(ja="はじめに（今日のねらいと進め方）", en="Opening: what we are here for")
CLOSING = Text(ja="決めたことと次の一歩（だれが・いつまでに）", en="What we settled, and next steps: who, by when")

PLANS = (
    Plan(
        r"行き違い|もめ|対立|こじれ|仲裁|誤解|不満|conflict|dispute|misunderst|mediat|tension",
        Text(ja="責めずに、食い違っているところを見つける", en="Find where we differ, blaming nobody"),
        Text(ja="両方が「それなら」と言える小さな一歩が一つある", en="One small step that both can say yes to"),
        (
            Text(ja="それぞれの話を、さえぎらずに聞く", en="Hear each side out"),
            Text(ja="事実と気持ちと困りごとを分けて書く", en="Part facts, feelings and needs"),
            Text(ja="道を二つ三つ並べ、双方の得るものを見る", en="Two or three ways, and what each side gets"),
        ),
    ),
    Plan(
        r"費用|コスト|予算|お金|値段|価格|見積|支払|\bcosts?\b|budget|\bpric|money|\bpay",
        Text(ja="金額の前に、何に手間がかかるかをそろえる", en="See where the effort lies before talking sums"),
        Text(ja="だれが何をいくらまで受け持つかの表がある", en="A list of who bears what, up to how much"),
        (
            Text(ja="何にどれだけ手間とお金がかかるかを書き出す", en="List what takes effort and money"),
            Text(ja="おたがいの事情（予算の枠、手元の資金）を話す", en="Each side's limits: budget line, runway"),
            Text(ja="だれが何を、いくらまで受け持つかを並べる", en="Lay out who bears what, up to how much"),
        ),
    ),
    Plan(
        r"NDA|秘密|契約|知財|特許|取り決め|contract|secre|confidential|\bIP\b|patent|terms",
        Text(ja="何を出し、何を出さないかを、先に分ける", en="Sort what is shared from what is not, first"),
        Text(
            ja="目的の一文と、専門家に確かめる点の一覧がある",
            en="The purpose in one sentence, and a list of points for an expert",
        ),
        (
            Text(ja="いま出せるもの・結んでから・出さないものに分ける", en="Sort: now, after signing, never"),
            Text(ja="たがいに困ること、ゆずれないことを話す", en="What would hurt each side, and what must stand"),
            Text(
                ja="目的を一文にし、専門家に確かめる点を挙げる",
                en="One sentence of purpose, and points for an expert",
            ),
        ),
    ),
    Plan(
        r"続け|やめ|撤退|判断|振り返|\bgo\b|\bstop\b|go/stop|decid|decision|review|retrospect",
        Text(ja="分かったことから、続けるかどうかを考える", en="Decide from what we have learned"),
        Text(ja="続ける・変える・やめるのどれかが決まっている", en="It is settled: go on, change or stop"),
        (
            Text(ja="分かったことを、数字と事実で並べる", en="What we found out, in figures and facts"),
            Text(
                ja="続ける・変える・やめるを、双方の得失で見る",
                en="Go on, change, stop: gains and losses of each side",
            ),
            Text(ja="心配な点を聞き、案を直して決める", en="Hear concerns, mend the proposal, settle it"),
        ),
    ),
    Plan(
        r"実験|試|検証|PoC|MVP|experiment|trial|pilot|\btest",
        Text(ja="いちばん小さく確かめる形を決める", en="Find the smallest test that tells us something"),
        Text(ja="期日・上限・やめる目安の入った一枚がある", en="One page with dates, a cap and when to stop"),
        (
            Text(ja="何を確かめたいかを、問い一つにする", en="Put what we want to know into one question"),
            Text(ja="いちばん小さな試し方を考える", en="Think of the smallest test"),
            Text(
                ja="期日・費用の上限・成功とやめる目安を決める",
                en="Dates, cost cap, and what counts as success or a stop",
            ),
        ),
    ),
    Plan(
        r"顔合わせ|初回|初めて|はじめて|自己紹介|見学|kick.?off|first meeting|introduc|get to know",
        Text(ja="おたがいの仕事と困りごとを知る", en="Get to know each other's work and troubles"),
        Text(ja="次に一緒に見るものと、その日が決まっている", en="A day, and one thing to look at together"),
        (
            Text(ja="おたがいの仕事を、実物や写真で見せる", en="Show your work: a piece in the hand, a photograph"),
            Text(ja="困っていることと、できることを話す", en="What troubles us, and what we can do"),
            Text(ja="次に一緒に見たいものを選ぶ", en="Choose what to look at together next"),
        ),
    ),
    Plan(
        r"テーマ|困りごと|課題|theme|topic|problem|challenge",
        Text(ja="だれの何の困りごとに取り組むかを選ぶ", en="Choose whose trouble to take up"),
        Text(ja="現場の言葉で書いたテーマの一文がある", en="The theme in one sentence of plain trade words"),
        (
            Text(ja="困りごとを、現場の言葉と数字で話す", en="The trouble, in shop-floor words and numbers"),
            Text(ja="なぜこの二社か、何を持ち寄れるかを話す", en="Why the two of us, and what each can bring"),
            Text(ja="テーマを一文にしてみる", en="Put the theme into one sentence"),
        ),
    ),
    Plan(
        r"",
        Text(ja="いまの様子をそろえ、進む道を選ぶ", en="See where we are, and choose a way on"),
        Text(ja="次の一歩が一つ決まっている", en="One next step is settled"),
        (
            Text(ja="いまの様子を、それぞれの目から話す", en="Where we are, as each side sees it"),
            Text(ja="考えられる道を並べる", en="Lay out the ways we could go"),
            Text(ja="一つ選び、気がかりを聞く", en="Choose one, and hear what worries anybody"),
        ),
    ),
)
"""The first that fits is taken; the last fits anything."""
