"""Before they meet: this SME and this startup give this, because. What must be true, and the cheapest way to see."""

from datetime import date, timedelta

from bot.exercises import Answers, Case, ExerciseKind, Page, Question, Task
from bot.exercises._words import day_in_words, one_line
from bot.model import Text

QUESTIONS = (
    Question(
        "sme",
        Text(
            ja="中小企業の側の、技・設備・困りごとを一行で。", en="The SME's skill, machine or trouble, in one line."
        ),
        Text(ja="物や数の入った言葉だと、掛け合わせが浮かびます。", en="Things and numbers make ideas spring up."),
        own={
            "sme": Text(ja="御社の技・設備・困りごとを一行で。", en="Your skill, machine or trouble, in one line."),
            "startup": Text(
                ja="先方の技・設備・困りごとを、分かる範囲で一行で。",
                en="Their skill, machine or trouble, as you see it.",
            ),
        },
    ),
    Question(
        "startup",
        Text(
            ja="スタートアップの側の、技術・できること・足りないものを一行で。",
            en="The startup's technology and what it lacks.",
        ),
        Text(ja="足りないものも書くと、与え合う形が見えます。", en="What it lacks shows what it would be glad of."),
        own={
            "sme": Text(
                ja="先方の技術・できること・足りないものを、分かる範囲で一行で。",
                en="Their technology and lacks, as you see it.",
            ),
            "startup": Text(
                ja="御社の技術・できること・足りないものを一行で。",
                en="Your technology and what you lack, in one line.",
            ),
        },
    ),
    Question(
        "gain",
        Text(
            ja="二社が組むと、何がどれだけ良くなりそうですか。",
            en="If the two join, what gets better, and by how much?",
        ),
        Text(
            ja="会う理由が一文で言えると、初めの一時間が生きます。",
            en="With a reason to meet, the first hour counts.",
        ),
    ),
    Question(
        "because",
        Text(
            ja="なぜ、そうなると思いますか。「なぜなら」に続けてください。", en="Why would it? Go on after “because”."
        ),
        Text(ja="「なぜなら」があって、はじめて仮説になります。", en="Only the “because” makes it a hypothesis."),
    ),
    Question(
        "gets",
        Text(ja="中小企業とスタートアップは、それぞれ何を得ますか。", en="What does each of the two get out of it?"),
        Text(ja="片方だけが得をする話は、長く続きません。", en="What serves one side only does not last."),
    ),
    Question(
        "must",
        Text(ja="これが本当でなければ崩れる、という点は何ですか。", en="What must be true, or it all falls down?"),
        Text(
            ja="いちばん怪しい所から確かめるのが、早くて安いからです。",
            en="Checking the shakiest point first is cheapest.",
        ),
        takes_questions=True,
    ),
    Question(
        "test",
        Text(ja="それを確かめる、いちばん安い方法は何ですか。", en="What is the cheapest way to find that out?"),
        Text(
            ja="電話一本、現物一つで分かることも多いものです。",
            en="One call, or one piece in hand, often settles it.",
        ),
    ),
    Question(
        "when",
        Text(ja="いつまでに確かめますか。", en="By when will you know?"),
        Text(ja="日があると、考えたままで終わりません。", en="With a date it does not stay a thought."),
        kind="date",
    ),
)
STEP = Text(ja="仮説の紙にある、いちばん安い確かめ方を一つ行う", en="Do the cheapest check on the hypothesis page")
CALLS = Text(
    ja="双方に電話を一本ずつかけ、「そこで本当に困っていますか」「それは本当にできますか」と聞く",
    en="One call to each: “does this really trouble you?” and “can you really do that?”",
)


def _page(case: Case) -> Page:
    locale, mine = case.locale, {name: one_line(answer) for name, answer in case.mine.items()}
    due = date.fromisoformat(mine["when"]) if "when" in mine else case.today + timedelta(days=7)
    late = due < case.today
    due = case.today + timedelta(days=7) if late else due
    lines = [Text(ja="**仮説**", en="**Hypothesis**")(locale), _sentence(mine, case)(locale), ""]
    if "gets" in mine:
        lines.append(Text(ja=f"- それぞれが得るもの: {mine['gets']}", en=f"- What each gets: {mine['gets']}")(locale))
    if "must" in mine:
        lines.append(
            Text(ja=f"- 本当でないと崩れる点: {mine['must']}", en=f"- What must be true: {mine['must']}")(locale)
        )
    test = Text(ja=mine["test"], en=mine["test"]) if "test" in mine else CALLS
    ja, en = (
        ("いちばん安い確かめ方", "Cheapest check") if "test" in mine else ("確かめ方の案", "A check to begin with")
    )
    lines.append(Text(ja=f"- {ja}: {test.ja}", en=f"- {en}: {test.en}")(locale))
    day = day_in_words(due)
    lines.append(Text(ja=f"- 確かめる日: {day.ja}まで", en=f"- To be known by: {day.en}")(locale))
    if late:
        lines.append(
            Text(
                ja="- 伺った日は過ぎていたので、一週間後にしました",
                en="- The day you named has passed; I put a week from now",
            )(locale)
        )
    if gaps := _gaps(mine):
        lines += ["", Text(ja="**まだ決まっていないこと**", en="**Still open**")(locale)]
        lines += [f"- {gap(locale)}" for gap in gaps]
    lines += ["", Text(ja="**よい仮説か、三つで確かめる**", en="**Three tests of a good one**")(locale)]
    lines += [f"- {one(locale)}" for one in TESTS]
    lines += ["", FOOT(locale)]
    return Page(EXERCISE.title(locale), "\n".join(lines), (Task(STEP(locale), case.by.who, due),))


TESTS = (
    Text(ja="だれが喜ぶかが、知らない人にも伝わりますか", en="Can a stranger see who would be glad?"),
    Text(ja="外れたときに、外れたと分かりますか", en="If it is wrong, will you be able to tell?"),
    Text(ja="最初の試しが、紙一枚に描けますか", en="Does the first trial fit on a page?"),
)
GAPS = {
    "sme": Text(ja="中小企業の側の持ちもの", en="What the SME has"),
    "startup": Text(ja="スタートアップの側の持ちもの", en="What the startup has"),
    "gain": Text(
        ja="何が良くなるか（ここが決まると一文になります）", en="What gets better (the heart of the sentence)"
    ),
    "because": Text(
        ja="なぜなら（これがないうちは、まだ思いつきです）", en="Because (without it, it is still a hunch)"
    ),
    "gets": Text(ja="それぞれが得るもの", en="What each side gets"),
    "must": Text(ja="本当でないと崩れる点", en="What must be true"),
}
FOOT = Text(
    ja="拠りどころ: JRIレビュー Vol.5 No.108 §5(3)（会わせる前に仮説を立てた例）、書き方は実務の知恵",
    en="Based on: JRI Review, Vol. 5, No. 108 (2023), §5(3) (a hypothesis first); the form: general practice",
)


def _sentence(mine: Answers, case: Case) -> Text:
    """Return this SME × this startup → this gain, because; as far as it goes."""
    ja = [_who(case.names.get("sme", "中小企業"), mine.get("sme", ""), "（{}）")]
    ja.append(" × " + _who(case.names.get("startup", "スタートアップ"), mine.get("startup", ""), "（{}）"))
    en = [_who(case.names.get("sme", "The SME"), mine.get("sme", ""), " ({})")]
    en.append(" × " + _who(case.names.get("startup", "the startup"), mine.get("startup", ""), " ({})"))
    if "gain" in mine:
        ja.append(f" → {mine['gain'].rstrip('。')}。")
        en.append(f" → {mine['gain'].rstrip('.')}")
    if "because" in mine:
        ja.append(f"なぜなら、{mine['because'].removeprefix('なぜなら').lstrip('、, ').rstrip('。')}。")
        en.append(f", because {mine['because'].removeprefix('because').removeprefix('Because').strip(' ,.')}.")
    return Text(ja="".join(ja), en="".join(en))


def _who(name: str, has: str, form: str) -> str:
    return name + form.replace("{}", has.rstrip("。.")) if has else name


def _gaps(mine: Answers) -> list[Text]:
    return [gap for name, gap in GAPS.items() if name not in mine]


EXERCISE = ExerciseKind(
    id="hypothesis",
    title=Text(ja="組む前の仮説", en="Hypothesis"),
    about=Text(
        ja="「この二社なら何が良くなるか。なぜなら」を一文にし、安く確かめる方法を決めます。五分ほどです。",
        en="What these two could do together, because, and the cheapest way to find out. Five minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    cards=("hypothesis", "hypothesis-how"),
)
