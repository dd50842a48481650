"""When and how to raise cost: the work first, then who bears what, then a cap. It proposes, and records nothing."""

import re
from datetime import timedelta

from bot.exercises import BOTH, Answers, Case, Choice, ExerciseKind, Page, Question, Task
from bot.exercises._words import as_told, empty_for, in_a_row, party, shown, side_by_side
from bot.model import Text
from knowledge.card import Side

QUESTIONS = (
    Question(
        "purpose",
        Text(
            ja="二社で確かめたいことを、一文で言うと何ですか。",
            en="In one sentence: what do the two of you want to find out?",
        ),
        Text(
            ja="目的がそろう前にお金の話をすると、話そのものが終わりがちです。",
            en="Money raised before a shared purpose ends many talks.",
        ),
    ),
    Question(
        "test",
        Text(ja="それを確かめる、いちばん小さな試しは何ですか。", en="What is the smallest test that would show it?"),
        Text(
            ja="することが見えて初めて、手間と金額の幅が出せます。", en="Only a test you can picture can be costed."
        ),
    ),
    Question(
        "begun",
        Text(ja="もう、どちらかが手を動かし始めていますか。", en="Has anyone started work already?"),
        Text(
            ja="ただ働きが続くと、後の請求書が思いがけないものになります。",
            en="Unpaid work ends in a bill nobody expected.",
        ),
        (
            Choice("no", Text(ja="まだ始めていない", en="Not yet")),
            Choice("us", Text(ja="こちらが始めている", en="We have started")),
            Choice("them", Text(ja="相手が始めている", en="They have started")),
            Choice("both", Text(ja="両方とも始めている", en="Both have started")),
        ),
        "choice",
    ),
    Question(
        "efforts",
        Text(
            ja="かかる手間を五つで見積もってください。人の日数、材料、機械の時間、旅費、利用料（ライセンス）。"
            "分かるものだけで結構です。",
            en="Estimate the five kinds of cost: people's days, material, machine hours, travel, licences. What "
            "you know will do.",
        ),
        Text(
            ja="金額より先に手間を並べると、値切り合いになりません。人の手間はいちばん忘れられます。",
            en="Listing the work before the money keeps it from haggling. People's time is forgotten most.",
        ),
    ),
    Question(
        "bears",
        Text(
            ja="五つのうち、どれをどちらが持つのが良いと思いますか。",
            en="Of the five, who should bear which, as you see it?",
        ),
        Text(
            ja="仮の案で十分です。並べてから、重いほうを直します。",
            en="A first idea will do. Lay both out, then ease the heavier.",
        ),
    ),
    Question(
        "cap",
        Text(
            ja="この試しに、いくらからいくらまで、またはいくらを上限に考えますか。",
            en="What range or cap do you see for it?",
        ),
        Text(
            ja="上限が先にあると、安心して始められます。", en="With a cap set first, both can begin with a calm mind."
        ),
    ),
    Question(
        "means",
        Text(
            ja="お金の枠と、決まるまでの道筋を教えてください。",
            en="What is your budget, and how does it get approved?",
        ),
        Text(
            ja="事情が分かると、相手は無理のない案を出せます。見せなくてもかまいません。",
            en="Knowing it, they can make an offer that fits. You need not show it.",
        ),
        own={
            "sme": Text(
                ja="予算の枠はどこにあり、だれの決裁を、何日で通りますか。"
                "社長がその場で決められるのはいくらまでですか。",
                en="Which budget line is it, whose approval does it need, how many days? Up to what sum can the "
                "owner say yes at once?",
            ),
            "startup": Text(
                ja="いまの資金は、あと何か月もちますか。小・中・大の二つか三つの大きさで案を出すと、"
                "それぞれいくらですか。",
                en="How many months does your money last? What would a small, a middle and perhaps a large version "
                "cost?",
            ),
        },
    ),
    Question(
        "approver",
        Text(ja="費用を最後に承認するのはどなたですか。", en="Who gives the final yes to the cost?"),
        Text(
            ja="決める人の予定を先に押さえると、待つ時間がなくなります。",
            en="Book the one who decides, and nobody waits.",
        ),
    ),
)
NAMES = {
    "purpose": Text(ja="目的の一文", en="Purpose in a sentence"),
    "test": Text(ja="いちばん小さな試し", en="Smallest test"),
    "begun": Text(ja="着手", en="Work under way"),
    "efforts": Text(ja="かかる手間", en="The work it takes"),
    "bears": Text(ja="だれが何を持つか（案）", en="Who bears what (proposal)"),
    "cap": Text(ja="範囲・上限（案）", en="Range or cap (proposal)"),
    "means": Text(ja="枠と道筋", en="Budget and path"),
    "approver": Text(ja="承認する人", en="Who approves"),
}
OWN_MEANS: dict[Side | None, Text] = {
    "sme": Text(ja="予算の枠と決裁の道筋", en="Budget line and approval"),
    "startup": Text(ja="資金の残りと、大きさの違う案", en="Runway, and versions by size"),
}
KINDS = (
    (
        Text(ja="人の日数", en="people's days"),
        r"人|社員|工数|手間|\d\s*日|people|person|staff|engineer|days?\b",
    ),
    (Text(ja="材料", en="material"), r"材料|素材|部品|試料|material|parts?\b|sample"),
    (Text(ja="機械の時間", en="machine hours"), r"機械|設備|加工機|炉|machine|equipment|press\b|oven"),
    (Text(ja="旅費", en="travel"), r"旅費|交通費|出張|宿泊|travel|train|hotel"),
    (Text(ja="利用料（ライセンス）", en="licences"), r"利用料|ライセンス|使用料|licen[cs]e|subscription|cloud"),
)
BASIS = Text(ja="拠りどころ: 実務の知恵", en="Based on: general practice")
STOP_FIRST = Text(
    ja="**切り出しどき: 今日です。** 手を動かす前に、ここまでの手間とこれからの上限を分けて話しましょう。",
    en="**When: today.** Before more work is done, part what it took so far from the cap for what comes.",
)
PURPOSE_FIRST = Text(
    ja="**切り出しどき: まだ先です。** まず二社で目的を一文にし、いちばん小さな試しを一枚に書きましょう。",
    en="**When: not yet.** First put the purpose into one sentence together and the smallest test on a page.",
)
NOW = Text(
    ja="**切り出しどき: いまです。** 目的と試しがそろっています。幅と分担から話し、着手の前に上限を決めましょう。",
    en="**When: now.** Purpose and test are there. Talk ranges and shares, and settle the cap before work begins.",
)
OPENERS: dict[Side | None, Text] = {
    None: Text(
        ja="「金額の前に、何にどれだけ手間がかかるかを一緒に書き出しませんか」",
        en="“Before sums, shall we list together what work goes into it?”",
    ),
    "sme": Text(
        ja="「今期の枠と、私がその場で決められる額をお伝えします。その中でできる案を一緒に考えませんか」",
        en="“Here is our budget, and what I can decide on the spot. Shall we find a version that fits?”",
    ),
    "startup": Text(
        ja="「資金がもつ期間をお伝えします。小さい案と大きい案を出しますので、選んでいただけますか」",
        en="“This is how long our money lasts. Here is a small and a larger version. Which suits you?”",
    ),
}
FREE = Text(
    ja="無償にするなら例外です。訳と上限と終わりの日を、三つとも書きます。",
    en="Doing it for free is an exception: write down why, how much, and until when.",
)
PROPOSALS = Text(
    ja="ここにあるのは案です。二社で決めたら「/cost 材料費: {payer} 10万円まで」のように記録へ書きます。",
    en="These are proposals. Once the two of you agree, put it on record: /cost material: {payer} up to 100,000 yen",
)


def _page(case: Case) -> Page:
    """Return a side's own sheet. It makes no tasks: the list of tasks is read by both."""
    locale, mine = case.locale, case.mine
    names = {**NAMES, "means": OWN_MEANS.get(case.side, NAMES["means"])}
    lines = [_when(mine)(locale), ""]
    lines += [
        f"- **{name(locale)}**: {as_told(case, part, mine[part])}" for part, name in names.items() if mine.get(part)
    ]
    if unnamed := _unnamed(mine):
        lines.append(f"- **{UNNAMED(locale)}**: {in_a_row(unnamed, locale)}")
    if open_ := [name for part, name in names.items() if not mine.get(part)]:
        lines.append(f"- **{OPEN(locale)}**: {in_a_row(open_, locale)}")
    openers = [OPENERS[None]] + ([OPENERS[case.side]] if case.side in BOTH else [])
    lines += ["", OPENER_HEAD(locale), *(f"- {one(locale)}" for one in openers)]
    lines += ["", FREE(locale), "", PRIVATE(locale), "", BASIS(locale)]
    title = Text(ja="費用の話（御社の控え）", en="Talking about cost (your own sheet)")
    return Page(title(locale), "\n".join(lines))


def _when(answers: Answers) -> Text:
    if answers.get("begun") in ("us", "them", "both"):
        return STOP_FIRST
    return NOW if answers.get("purpose") and answers.get("test") else PURPOSE_FIRST


def _shared(case: Case) -> Page:
    """Return the page for both, from what each side shows; what they agree on stays a proposal."""
    locale = case.locale
    lines = [SHARED_HEAD(locale), ""]
    for part, name in NAMES.items():
        if part == "begun":  # Said below, first of all.
            continue
        lines += side_by_side(case, part, name)
    lines += ["", DIFFER_HEAD(locale), *(f"- {one}" for one in _differences(case))]
    payer = Text(ja="○○社", en="(who)")(locale)
    opener = Text(ja="切り出し方", en="A good way to begin")(locale)
    lines += ["", f"{opener}: {OPENERS[None](locale)}"]
    lines += ["", PROPOSALS(locale).replace("{payer}", payer), "", BASIS(locale)]
    week = case.today + timedelta(days=7)
    table = Text(
        ja="費用の五つ（人・材料・機械・旅費・利用料）を、だれが持つか一緒に表にする",
        en="Fill in together who bears which of the five kinds of cost",
    )
    cap = Text(
        ja="着手の前に、費用の上限と承認する人を決める", en="Before work begins, settle the cap and who approves"
    )
    tasks = (Task(table(locale), "", week), Task(cap(locale), "", case.today + timedelta(days=14)))
    return Page(EXERCISE.title(locale), "\n".join(lines), tasks)


def _differences(case: Case) -> list[str]:
    """Say where the two differ and what nobody has named, by the same measure for both; most urgent first."""
    locale, found = case.locale, []
    if started := [party(case, side) for side in BOTH if _has_started(case, side)]:
        ja, en = "と".join(started), " and ".join(started)
        found.append(Text(ja=f"{ja}は、{BEGUN.ja}", en=f"Already at work: {en}. {BEGUN.en}")(locale))
    both = {part: " ".join(shown(case, side, part) for side in BOTH) for part in ("efforts", "bears")}
    if unnamed := _unnamed(both):
        found.append(f"{UNNAMED(locale)}: {in_a_row(unnamed, locale)}")
    for part in ("purpose", "bears", "cap"):
        told = {said for side in BOTH if (said := shown(case, side, part))}
        if len(told) == 2:
            found.append(TWO_WORDS(locale).replace("{part}", NAMES[part](locale)))
    for side in BOTH:
        needed = ("purpose", "efforts", "bears", "cap", "approver")
        if empty := [NAMES[part] for part in needed if not shown(case, side, part)]:
            found.append(empty_for(case, side, empty))
    return found or [SAME(locale)]


def _has_started(case: Case, side: Side) -> bool:
    """Whether a side is at work already, by its own word or the other's."""
    told = {of: case.shown.get(of, {}).get("begun", "") for of in BOTH}
    return any(word in ("both", "us" if of == side else "them") for of, word in told.items())


def _unnamed(answers: Answers) -> list[Text]:
    """Return the kinds of cost that nobody has named, once any cost was."""
    told = " ".join((answers.get("efforts", ""), answers.get("bears", ""))).strip()
    return [name for name, words in KINDS if told and not re.search(words, told, re.IGNORECASE)]


UNNAMED = Text(ja="まだ名前の出ていない費用", en="Costs nobody has named yet")
OPEN = Text(ja="まだ書いていないこと", en="Still open")
OPENER_HEAD = Text(ja="**切り出し方**", en="**A good way to begin**")
PRIVATE = Text(ja="この紙は御社だけのものです。相手には見えません。", en="This sheet is for your side alone.")
SHARED_HEAD = Text(
    ja="両社が見せてよいと言ったことだけを並べました。額の大小より、抜けている手間を先に見ましょう。",
    en="Only what each side agreed to show. Look for forgotten work first, for sums afterwards.",
)
DIFFER_HEAD = Text(ja="**違う所・抜けている所**", en="**Where you differ, and what is missing**")
TWO_WORDS = Text(
    ja="「{part}」は二社で言葉が違います。読み比べましょう。", en="{part}: you put it differently. Compare."
)
BEGUN = Text(
    ja="もう手を動かしているようです。ここまでの手間とこれからの上限を、分けて話しましょう。",
    en="Part what it took so far from the cap for what comes.",
)
SAME = Text(
    ja="大きな違いは見えません。上限と払う日を決めれば、始められます。",
    en="No great difference to be seen. Settle the cap and the day of payment, and you can begin.",
)
EXERCISE = ExerciseKind(
    id="cost_talk",
    title=Text(ja="費用の話", en="Talking about cost"),
    about=Text(
        ja="お金の話をいつ、どう切り出すか。手間を五つに分け、だれが何を持つかの案を並べます。十分ほどです。",
        en="When and how to raise cost: five kinds of work, who might bear which, and a cap. Ten minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    shared=_shared,
    cards=("cost-timing", "cost-kinds"),
)
