"""Stand between two sides without judging. Legal claims, harassment and fraud are handed to people first of all."""

from datetime import date, timedelta

from bot.exercises import BOTH, Answers, Case, Choice, ExerciseKind, Page, Question, Task
from bot.exercises._words import day_in_words, in_a_row, one_line, party, shown
from bot.model import Text
from bot.partnership import Partnership
from knowledge.card import Side

QUESTIONS = (
    Question(
        "grave",
        Text(
            ja="初めに一つだけ。損害や権利の請求、いやがらせ、だまされた疑いは、この件に入っていますか。",
            en="One thing first. Is there a legal claim, harassment, or a suspicion of fraud in this?",
        ),
        Text(
            ja="それは私ではなく、人が受け止めるべきことだからです。このお答えは相手に見せません。",
            en="That is for people to take up, not for me. This answer is never shown to the other side.",
        ),
        (
            Choice("no", Text(ja="入っていません", en="No")),
            Choice("yes", Text(ja="入っています", en="Yes")),
            Choice("unsure", Text(ja="分かりません", en="I'm not sure")),
        ),
        "choice",
        shareable=False,
    ),
    Question(
        "facts",
        Text(
            ja="何日に、何がありましたか。責める言葉を抜いて、起きたことだけお願いします。",
            en="What happened, and when? Only what took place, without blame.",
        ),
        Text(
            ja="事実が並ぶと、食い違う所がどこか分かります。食い違ったままでもかまいません。",
            en="Facts side by side show where memories differ. They may go on differing.",
        ),
    ),
    Question(
        "felt",
        Text(ja="そのとき、どんな気持ちでしたか。", en="How did it feel?"),
        Text(
            ja="気持ちは事実と分けて置くと、責め合いになりません。",
            en="Set apart from the facts, a feeling is no accusation.",
        ),
    ),
    Question(
        "matters",
        Text(ja="いちばん大事にしたいことは何ですか。", en="What matters most to you in this?"),
        Text(
            ja="怒りの下には、たいてい守りたいものがあります。",
            en="Under anger there is mostly something worth protecting.",
        ),
    ),
    Question(
        "theirs",
        Text(
            ja="相手の言い分は何だと思いますか。相手がうなずく言い方でお願いします。",
            en="What do you think their point is? Put it so that they would nod.",
        ),
        Text(
            ja="分かってもらえたと感じると、人は話を聞けるようになります。",
            en="People can listen once they feel understood.",
        ),
    ),
    Question(
        "purpose",
        Text(ja="もともと、二社で何をしたかったのですか。", en="What did the two of you set out to do?"),
        Text(
            ja="元の目的に戻ると、何を失いかけているかが見えます。",
            en="Back at the purpose you see what is at stake.",
        ),
    ),
    Question(
        "offer",
        Text(
            ja="こちらから出せるもの、できることは何ですか。小さくて結構です。",
            en="What could you offer? Small is fine.",
        ),
        Text(
            ja="片方だけが譲る案は続きません。両方の出すものを並べます。",
            en="A settlement where one side alone gives does not last. Both offers go side by side.",
        ),
    ),
    Question(
        "need",
        Text(ja="続けるために、どうしても要るものは何ですか。", en="What do you need, to go on?"),
        Text(ja="要るものが分かれば、案にできます。", en="A need that is known can become an option."),
    ),
    Question(
        "day",
        Text(ja="いつまでに一度話したいですか。", en="By when would you like to talk?"),
        Text(ja="日付のある小さな一歩が、いちばん効きます。", en="A small step with a date helps most."),
        kind="date",
    ),
)
NAMES = {
    "facts": Text(ja="起きたこと", en="What happened"),
    "felt": Text(ja="気持ち", en="How it felt"),
    "matters": Text(ja="大事にしたいこと", en="What matters"),
    "theirs": Text(ja="相手の言い分だと思うこと", en="Their point, as I see it"),
    "purpose": Text(ja="元の目的", en="The shared purpose"),
    "offer": Text(ja="出せるもの", en="What I could offer"),
    "need": Text(ja="要るもの", en="What I need"),
}
BASIS = Text(ja="拠りどころ: 実務の知恵", en="Based on: general practice")
HAND_OVER = Text(
    ja="""この件は、私が間に入るより、人に渡すほうが安全です。話してくださってありがとうございます。

**いますること**
- 進行役の方に、ご自分から声をかけてください。「一件、内々に相談があります。今日、十分いただけますか」で足ります。
- 何日に、何があったかを、短く書き残します。文書やメールは消さずに取っておきます。
- 相手への返事は急がず、責める文は送らずにおきます。
- 身の危険やつらさを感じるときは、仕事より先に、そこから離れてください。
- 権利や損害のことは、弁護士か公の相談窓口が受け止めます。私は法律の判断をしません。

この紙は御社だけのものです。相手には見えません。""",
    en="""This is safer with people than with me in the middle. Thank you for telling me.

**What to do now**
- Speak to your facilitator yourself: “There is something I need to raise in confidence. Have you ten minutes today?”
- Note briefly what happened and when. Keep documents and mails; delete nothing.
- Do not hurry an answer to the other side, and send no accusation.
- If you feel unsafe or it weighs on you, get away from it first. Work can wait.
- Claims and rights belong with a lawyer or a public advice desk. I give no legal opinion.

This sheet is for your side alone. The other side does not see it.""",
)


def _path(answers: Answers, record: Partnership) -> tuple[Question, ...]:
    """Ask nothing more where people have to take over; in doubt they do."""
    return QUESTIONS[:1] if answers.get("grave") in ("yes", "unsure") else QUESTIONS


def _page(case: Case) -> Page:
    """Return a side's own sheet. It makes no tasks: the list of tasks is read by both."""
    locale, mine = case.locale, case.mine
    title = Text(ja="間を取り持つ（御社の控え）", en="Mending it (your own sheet)")(locale)
    if mine.get("grave") in ("yes", "unsure"):
        return Page(title, f"{HAND_OVER(locale)}\n\n{BASIS(locale)}")
    lines = [PRIVATE(locale), ""]
    lines += [f"- **{name(locale)}**: {one_line(mine[part])}" for part, name in NAMES.items() if mine.get(part)]
    if open_ := [name for part, name in NAMES.items() if not mine.get(part)]:
        lines.append(f"- **{OPEN(locale)}**: {in_a_row(open_, locale)}")
    lines += ["", WORDS_HEAD(locale), *(f"- {one(locale)}" for one in WORDS), "", BASIS(locale)]
    return Page(title, "\n".join(lines))


def _shared(case: Case) -> Page:
    """Return the page for both, from what each side shows. It takes no stand."""
    locale = case.locale
    lines = [SHARED_HEAD(locale)]
    for side in BOTH:
        lines += ["", *_restated(case, side)]
    if common := _common(case):
        lines += ["", COMMON_HEAD(locale), *(f"- {one}" for one in common)]
    day = _day(case)
    if all(case.shown.get(side) for side in BOTH):
        lines += ["", OPTIONS_HEAD(locale), *_options(case)]
        task = Text(
            ja="進行役と三人で三十分話し、案を一つ選ぶ",
            en="Talk for half an hour with the facilitator and pick one option",
        )
    else:  # Who shows nothing may have grave reasons: no joint talk before the facilitator has heard each alone.
        task = Text(
            ja="進行役が両社から別々に話を伺い、そのうえで進め方を決める",
            en="The facilitator hears each side alone, then decides how to go on",
        )
    step = Text(
        ja=f"次の一歩: {day_in_words(day).ja}までに、{task.ja}。",
        en=f"Next step, by {day_in_words(day).en}: {task.en}.",
    )
    lines += ["", step(locale), "", LAW(locale), "", BASIS(locale)]
    return Page(EXERCISE.title(locale), "\n".join(lines), (Task(task(locale), "", day),))


def _restated(case: Case, side: Side) -> list[str]:
    """Say a side's point again, for it to correct."""
    locale, name = case.locale, party(case, side)
    told = [
        f"- {label(locale)}: {said}"
        for part, label in NAMES.items()
        if part in ("facts", "felt", "matters", "theirs") and (said := shown(case, side, part))
    ]
    head = Text(
        ja=f"**{name}の言い分**（違う所は直してください）", en=f"**{name}'s point** (please put right what is wrong)"
    )
    return [head(locale), *(told or [f"- {NOT_SHOWN(locale)}"])]


def _common(case: Case) -> list[str]:
    locale = case.locale
    found = [
        Text(ja=f"{party(case, side)}の元の目的: {said}", en=f"What {party(case, side)} set out to do: {said}")(
            locale
        )
        for side in BOTH
        if (said := shown(case, side, "purpose"))
    ]
    if not found and (theme := one_line(case.record.theme.statement)):
        found.append(Text(ja=f"記録にある二社のテーマ: {theme}", en=f"The theme on record: {theme}")(locale))
    if all(shown(case, side, "offer") for side in BOTH):
        found.append(BOTH_OFFER(locale))
    if all(case.shown.get(side) for side in BOTH):
        found.append(BOTH_HERE(locale))
    return found


def _options(case: Case) -> list[str]:
    """Return two or three ways, each with what either side gives and gets."""
    sme, startup = (party(case, side) for side in BOTH)
    offers, needs = ([shown(case, side, part) for side in BOTH] for part in ("offer", "need"))
    ways: list[tuple[Text, tuple[str, str], tuple[str, str]]] = []
    if all(offers):
        ways.append((TRADE, (offers[0], offers[1]), (offers[1], offers[0])))
    if all(needs):
        ways.append((TRIAL, (needs[1], needs[0]), (needs[0], needs[1])))
    for way, gives, gets in ((FACTS, HALF_HOUR, CLARITY), (PAUSE, QUIET, BREATH)):
        if len(ways) < (2 if way is FACTS else 3):
            ways.append((way, (gives(case.locale),) * 2, (gets(case.locale),) * 2))
    lines = []
    for number, (way, given, got) in enumerate(ways, 1):
        lines.append(f"{number}. {way(case.locale)}")
        for name, gives_, gets_ in ((sme, given[0], got[0]), (startup, given[1], got[1])):
            both = Text(ja=f"{name}が出す: {gives_} ／ 得る: {gets_}", en=f"{name} gives: {gives_} / gets: {gets_}")
            lines.append(f"   - {both(case.locale)}")
    return lines


def _day(case: Case) -> date:
    """Return the day by which both can talk: the later of the two wished, if it is still to come; else in a week."""
    wished = [answers["day"] for answers in case.shown.values() if answers.get("day")]
    latest = max((date.fromisoformat(day) for day in wished), default=case.today)
    return latest if latest > case.today else case.today + timedelta(days=7)


PRIVATE = Text(
    ja="この紙は御社だけのものです。相手には見えません。書けただけで、半分は整っています。",
    en="This sheet is for your side alone. Having written it down is half the work.",
)
OPEN = Text(ja="まだ書いていないこと", en="Not written yet")
WORDS_HEAD = Text(ja="**話すときの言い方**", en="**Words to use**")
WORDS = (
    Text(
        ja="「責めたいのではなく、何が起きたかを一緒に並べたいのです」",
        en="“I don't want to blame. Let us lay out what happened.”",
    ),
    Text(
        ja="「こうおっしゃりたいのですね。違う所を直してください」",
        en="“This is your point, as I hear it. Correct me.”",
    ),
    Text(ja="「いちばん困っているのは何ですか」", en="“What troubles you most?”"),
)
SHARED_HEAD = Text(
    ja="どちらが正しいかは決めません。両社が見せてよいと言ったことだけを並べました。",
    en="This page does not say who is right. It holds only what each side agreed to show.",
)
NOT_SHOWN = Text(
    ja="ここにはまだ並んでいません。ご本人の言葉を待ちます。",
    en="Nothing here yet. It waits for their own words.",
)
COMMON_HEAD = Text(ja="**重なる所**", en="**Common ground**")
BOTH_OFFER = Text(ja="両社とも、出せるものを考えてくれました。", en="Both have thought of something to offer.")
BOTH_HERE = Text(
    ja="両社とも、話すためにこの時間を使ってくれました。", en="Both have taken the time to make talking possible."
)
OPTIONS_HEAD = Text(ja="**案**（選ばなくても、混ぜてもかまいません）", en="**Options** (mix them, or take none)")
TRADE = Text(ja="互いに一つずつ出し合う", en="Each gives one thing")
TRIAL = Text(ja="要るものを小さくして、二週間だけ両方試す", en="Try a small form of both needs for two weeks")
FACTS = Text(
    ja="起きたことの年表を一緒に作り、食い違いはそのまま残す", en="Write the timeline together; let differences stand"
)
HALF_HOUR = Text(ja="三十分と手元の記録", en="half an hour and what is on file")
CLARITY = Text(ja="どこが食い違うかが分かる", en="knowing where you differ")
PAUSE = Text(ja="一週間だけ手を止め、その間の決まりを一つ決める", en="Pause for a week, with one rule for that time")
QUIET = Text(ja="一週間、責める文を送らない", en="a week without accusing messages")
BREATH = Text(ja="落ち着いて考える時間", en="time to think calmly")
LAW = Text(
    ja="権利や損害の話になったら、この紙ではなく、進行役を通じて専門家に渡します。",
    en="Should it come to rights or damages, it goes to professionals by way of the facilitator, not on this page.",
)
EXERCISE = ExerciseKind(
    id="mediation",
    title=Text(ja="間を取り持つ", en="Mending it"),
    about=Text(
        ja="こじれたときに、両社の言い分を別々に伺い、見せてよい所だけで案を並べます。裁きません。十五分ほどです。",
        en="When things have soured: I hear each side alone and lay out options from what both may see. I do not "
        "judge. "
        "Fifteen minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    shared=_shared,
    path=_path,
    cards=("mediation", "fair-to-both"),
)
