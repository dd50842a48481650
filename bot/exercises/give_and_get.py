"""What each side gives, gets and fears to lose. Each writes alone; the shared page lays both side by side."""

import re
from datetime import timedelta

from bot.exercises import BOTH, Case, Choice, ExerciseKind, Page, Question, Task
from bot.exercises._words import as_told, day_in_words, in_a_row, one_line, party, shown, side_by_side
from bot.model import Text
from knowledge.card import Side

QUESTIONS = (
    Question(
        "purpose",
        Text(
            ja="この取り組みで、二社で何を確かめたいですか。一文でお願いします。",
            en="What do the two of you want to find out together? One sentence.",
        ),
        Text(
            ja="出すものと得るものは、目的に照らすと釣り合いが見えてきます。",
            en="Gives and gets can only be weighed against a purpose.",
        ),
    ),
    Question(
        "give",
        Text(
            ja="こちらが出すものを、読点で区切って挙げてください。人の日数、場所、データ、知恵、お金、"
            "何でも数えます。",
            en="What do you give? List it with commas: people's days, a place, data, know-how, money. Everything "
            "counts.",
        ),
        Text(
            ja="目に見えない持ち出しほど、後で「こんなにやったのに」になります。",
            en="What nobody sees you give becomes a grudge later.",
        ),
        own={
            "sme": Text(
                ja="御社が出すものを、読点で区切って挙げてください。社員の日数、機械の時間、材料、試す現場、"
                "データ、紹介先、職人の知恵、何でも数えます。",
                en="What does your company give? List it with commas: people's days, machine hours, material, a "
                "place to "
                "test, data, introductions, the craft of your people. Everything counts.",
            ),
            "startup": Text(
                ja="御社が出すものを、読点で区切って挙げてください。開発の日数、機器、ソフト、出張、早い報告、"
                "社名の紹介、何でも数えます。",
                en="What does your company give? List it with commas: development days, devices, software, travel, "
                "quick "
                "reports, their name in public. Everything counts.",
            ),
        },
    ),
    Question(
        "get",
        Text(
            ja="こちらが得たいものを、読点で区切って挙げてください。「実績」なら、"
            "誰に見せる何の実績かまでお願いします。",
            en="What do you want to get? List it with commas. If it is “a reference”: which result, shown to whom?",
        ),
        Text(
            ja="得たいものがはっきりすると、相手も手を貸しやすくなります。",
            en="Once it is clear, they can help with it.",
        ),
    ),
    Question(
        "until",
        Text(ja="いつまでに、何が得られないと困りますか。", en="What must you have, and by when?"),
        Text(
            ja="急ぐ所が違うと、悪気がなくてもすれ違います。", en="Different clocks cause trouble without ill will."
        ),
    ),
    Question(
        "keep",
        Text(ja="これは出さない、と決めているものと、その訳は何ですか。", en="What will you not give, and why?"),
        Text(
            ja="先に言っておけば、頼まれて断る気まずさがありません。",
            en="Said early, it spares both the awkward refusal.",
        ),
    ),
    Question(
        "fear",
        Text(ja="失うのが怖いものは何ですか。", en="What do you fear to lose?"),
        Text(
            ja="怖いものが分かると、守り方を二社で決められます。見せなくてもかまいません。",
            en="What is feared can be protected. You need not show it.",
        ),
    ),
    Question(
        "theirs",
        Text(ja="相手は何を得ると思いますか。", en="What do you think they get?"),
        Text(
            ja="思い込みと実際の違いが、話し合いのいちばんの入口です。",
            en="Where your guess and their answer differ is the best place to begin.",
        ),
    ),
    Question(
        "balance",
        Text(ja="いまの釣り合いを、どう感じていますか。", en="How balanced does it feel today?"),
        Text(ja="感じ方は、数だけでは分からないからです。", en="Numbers do not tell how it feels."),
        (
            Choice("even", Text(ja="釣り合っている", en="Balanced")),
            Choice("us", Text(ja="こちらが多く出している", en="We give more")),
            Choice("them", Text(ja="相手が多く出している", en="They give more")),
            Choice("unsure", Text(ja="まだ分からない", en="I can't say yet")),
        ),
        "choice",
    ),
)
PARTS = {
    "purpose": Text(ja="目的", en="Purpose"),
    "give": Text(ja="出すもの", en="Gives"),
    "get": Text(ja="得たいもの", en="Wants to get"),
    "until": Text(ja="いつまでに", en="Needed, and by when"),
    "keep": Text(ja="出さないもの", en="Will not give"),
    "fear": Text(ja="失うのが怖いもの", en="Fears to lose"),
    "theirs": Text(ja="相手が得ると思うもの", en="Thinks the other gets"),
}
BASIS = Text(ja="拠りどころ: 実務の知恵", en="Based on: general practice")


HINTS: dict[Side | None, Text] = {
    "startup": Text(
        ja="お金が出せなくても、早い報告、改良版の先の利用、社名の紹介などを返せます。",
        en="Without cash you can still give quick reports, first use of the next version, their name in public.",
    ),
    "sme": Text(
        ja="社員の手が週に何時間取られるかも、忘れずに数えましょう。",
        en="Count the hours a week that your people spend on it.",
    ),
}
ALONE = Text(
    ja="出すだけでは続きません。得たいものを一つ書きましょう。", en="Giving alone does not last. Name one get."
)
REFERENCE = Text(
    ja="「実績」は、誰に見せる何の実績かまで言うと伝わります。", en="A reference: say which result, shown to whom."
)
ASK = Text(
    ja="相手の欄は埋めずに「御社は何が得られると良いですか」と聞きます。",
    en="Leave their boxes to them. Ask: “What would make it worthwhile for you?”",
)


def _page(case: Case) -> Page:
    """Return a side's own sheet. It makes no tasks: the list of tasks is read by both."""
    mine, locale = case.mine, case.locale
    own = "This sheet is for your side alone. The other side does not see it."
    lines = [_say(case, "この紙は御社だけのものです。相手には見えません。", own), ""]
    told = {part: name for part, name in PARTS.items() if mine.get(part)}
    lines += [f"- **{name(locale)}**: {one_line(mine[part])}" for part, name in told.items()]
    if balance := mine.get("balance"):
        feels = as_told(case, "balance", balance)
        lines.append(f"- **{_say(case, 'いまの釣り合い', 'Balance today')}**: {feels}")
    if empty := [name for part, name in PARTS.items() if part not in told]:
        lines.append(f"- **{_say(case, 'まだ空いている欄', 'Still empty')}**: {in_a_row(empty, locale)}")
    hints = [HINTS.get(case.side), ASK]
    if re.search("実績|reference", mine.get("get", ""), re.IGNORECASE):
        hints.append(REFERENCE)
    if mine.get("give") and not mine.get("get"):
        hints.append(ALONE)
    lines += ["", f"**{_say(case, '話す前に', 'Before you talk')}**", *(f"- {one(locale)}" for one in hints if one)]
    title = _say(case, "出すもの・得るもの（御社の控え）", "Give and get (your own sheet)")
    return Page(title, "\n".join([*lines, "", BASIS(locale)]))


def _shared(case: Case) -> Page:
    """Return the page for both, from what each side shows."""
    intro = "両社が見せてよいと言ったものだけを並べました。多い少ないに良し悪しはありません。"
    lines = [_say(case, intro, "Only what each side agreed to show. More or less is neither good nor bad."), ""]
    for part, name in PARTS.items():
        lines += side_by_side(case, part, name)
    talk = _say(case, "ここから話しましょう", "Talk about this first")
    lines += ["", f"**{talk}**", *(f"- {one}" for one in _gaps(case))]
    due = case.today + timedelta(days=7)
    step = _say(
        case,
        f"次の一歩: {day_in_words(due).ja}までに三十分、この紙を一緒に読みます。"
        "目的や分担が変わった日に書き直します。",
        f"Next step: by {day_in_words(due).en}, read this together for half an hour. Rewrite it whenever "
        "the purpose changes.",
    )
    task = _say(
        case,
        "「出すもの・得るもの」の紙を一緒に読み、空いた欄を埋める",
        "Read “Give and get” together and fill what is empty",
    )
    text = "\n".join([*lines, "", step, "", BASIS(case.locale)])
    return Page(EXERCISE.title(case.locale), text, (Task(task, "", due),))


def _gaps(case: Case) -> list[str]:
    """Say what is missing or one-sided, for both sides by the same measure."""
    gaps = []
    for side in BOTH:
        name, gives, gets = party(case, side), _count(case, side, "give"), _count(case, side, "get")
        if not gives:
            gaps.append(
                _say(
                    case, f"{name}の「出すもの」がまだ並んでいません。", f"What {name} gives is not on the page yet."
                )
            )
        if not gets:
            gaps.append(
                _say(
                    case,
                    f"{name}の「得たいもの」がまだ並んでいません。何があれば引き合うか、聞いてみましょう。",
                    f"What {name} gets is not on the page yet. Ask what would make it worthwhile.",
                )
            )
        elif gives >= 2 * gets + 1:
            gaps.append(
                _say(
                    case,
                    f"{name}は、出すものが{gives}つ、得るものが{gets}つです。見合うか確かめましょう。",
                    f"{name} gives {gives} things and gets {gets}. Is that worth it for them?",
                )
            )
    sme, startup = (_count(case, side, "give") for side in BOTH)
    if sme and startup and abs(sme - startup) >= 3:
        more, less = BOTH if sme > startup else BOTH[::-1]
        gaps.append(
            _say(
                case,
                f"出すものの数に開きがあります（{party(case, more)} {max(sme, startup)}、{party(case, less)} "
                f"{min(sme, startup)}）。"
                "数え忘れがないか、両社で見直しましょう。",
                f"The lists of gives differ in length ({party(case, more)} {max(sme, startup)}, {party(case, less)} "
                f"{min(sme, startup)}). Was anything left uncounted?",
            )
        )
    found = [*gaps, *_felt(case)][:5]  # More than five nobody reads.
    calm = "欄はそろっています。食い違う所から読み合わせましょう。"
    return found or [_say(case, calm, "All boxes are filled. Start where the two differ.")]


def _felt(case: Case) -> list[str]:
    """Say where the two see the balance, or the other's gain, differently."""
    felt = []
    feelings = {side: case.shown.get(side, {}).get("balance", "") for side in BOTH}
    for side, other in (BOTH, BOTH[::-1]):
        name, theirs = party(case, side), party(case, other)
        if feelings[side] in ("us", "them"):
            ja, en = ("自社", "it") if feelings[side] == "us" else (theirs, theirs)
            felt.append(
                _say(
                    case,
                    f"{name}は、{ja}のほうが多く出していると感じています。",
                    f"{name} feels that {en} gives more.",
                )
            )
        if shown(case, side, "theirs") and shown(case, other, "get"):
            felt.append(
                _say(
                    case,
                    f"{name}が思う「{theirs}の得るもの」と、{theirs}の答えを見比べましょう。",
                    f"Compare what {name} thinks {theirs} gets with what {theirs} wrote.",
                )
            )
    return felt


def _count(case: Case, side: Side, part: str) -> int:
    """Return how many things a side lists."""
    return sum(bool(item.strip()) for item in re.split(r"[、,;；\n]", case.shown.get(side, {}).get(part, "")))


def _say(case: Case, ja: str, en: str) -> str:
    return Text(ja=ja, en=en)(case.locale)


EXERCISE = ExerciseKind(
    id="give_and_get",
    title=Text(ja="出すもの・得るもの", en="Give and get"),
    about=Text(
        ja="両社が別々に「出すもの・得るもの・失うのが怖いもの」を書き、見せてよい所だけを一枚に並べます。"
        "十分ほどです。",
        en="Each side writes alone what it gives, gets and fears to lose; what both may see goes on one page. Ten "
        "minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    shared=_shared,
    cards=("give-and-get", "fair-to-both", "offer-assets"),
)
