"""The first talk, prepared: what we want from it, what we tell, what we keep, what we ask, who decides, when next."""

import re
from datetime import date, timedelta

from bot.exercises import Answers, Case, ExerciseKind, Page, Question, Task
from bot.exercises._words import day_in_words, one_line
from bot.model import Text
from bot.partnership import Partnership
from knowledge.card import Side

KEEP = Question(
    "keep",
    Text(
        ja="秘密保持契約を結ぶまで話さないものは何ですか。種類だけで、中身は書かないでください。",
        en="What do you keep until an NDA is signed? Name the kind only, not the substance.",
    ),
    Text(
        ja="先に決めておくと、話がはずんでも口が滑りません。",
        en="Decided beforehand, it does not slip out in the heat.",
    ),
)
NEVER = Question(
    "never",
    Text(
        ja="秘密保持契約があっても話さないものは何ですか。種類だけで、中身は書かないでください。",
        en="What do you keep even under the NDA? Name the kind only, not the substance.",
    ),
    Text(ja="契約は、何でも話してよいという許しではないからです。", en="An NDA is no licence to tell everything."),
)
QUESTIONS = (
    Question(
        "intention",
        Text(ja="なぜ、この相手と会うのですか。一言でお願いします。", en="Why do you meet them? One line."),
        Text(
            ja="会う理由から話し始めると、世間話で終わりません。",
            en="Begin with it, and the hour is not lost in small talk.",
        ),
    ),
    Question(
        "tell",
        Text(ja="こちらから進んで話すことは何ですか。", en="What will you tell them openly?"),
        Text(
            ja="困りごとの大きさや、公開している情報、作り方を除いた結果なら、先に話せます。",
            en="The size of the problem, public things, and results without the how are safe to tell.",
        ),
    ),
    KEEP,
    NEVER,
    Question(
        "ask",
        Text(ja="聞きたいことを三つまで書いてください。", en="Write up to three things you want to ask."),
        Text(ja="三つに絞ると、答えを落ち着いて聞けます。", en="With three you have time to listen to the answers."),
        takes_questions=True,
    ),
    Question(
        "decides",
        Text(ja="こちらでは、だれがいつまでに決めますか。", en="On your side, who decides, and by when?"),
        Text(ja="決める人が見えると、相手は安心して話せます。", en="They can talk openly once they see who decides."),
    ),
    Question(
        "outcome",
        Text(ja="終わったときに、何が決まっていれば上出来ですか。", en="What would make it a good meeting?"),
        Text(ja="小さくてよいので、行き先を決めておきます。", en="A small goal is enough, but have one."),
    ),
    Question(
        "next",
        Text(ja="次に話すのは、いつにしたいですか。", en="When would you like to talk next?"),
        Text(
            ja="その場で次の日を決めると、待たせずに済みます。", en="A date agreed on the spot keeps nobody waiting."
        ),
        kind="date",
    ),
)
ASKS: dict[Side, tuple[Text, ...]] = {
    "sme": (
        Text(ja="いま動くのはどこまでで、まだできないことは何ですか", en="What works today, and what does not yet?"),
        Text(ja="投資家などに、いつまでに何を見せたいですか", en="What must you show, to whom, and by when?"),
        Text(ja="小さく試すなら、うちの何が要りますか", en="For a small trial, what would you need of ours?"),
    ),
    "startup": (
        Text(ja="このことで、いちばん困るのはだれで、どんなときですか", en="Whom does this bother most, and when?"),
        Text(ja="これまでに何を試して、どこで止まりましたか", en="What have you tried, and where did it stop?"),
        Text(
            ja="小さく試すなら、触ってよい機械と時間はどれですか",
            en="For a small trial, which machines and hours are free?",
        ),
    ),
}
LABELS = {
    "intention": Text(ja="会う理由", en="Why we meet"),
    "tell": Text(ja="進んで話すこと", en="What we tell openly"),
    "keep": Text(ja="秘密保持契約までは話さないもの", en="What we keep until the NDA"),
    "never": Text(ja="契約があっても話さないもの", en="What we keep even under the NDA"),
    "decides": Text(ja="決める人と期日", en="Who decides, by when"),
    "outcome": Text(ja="終わったときの姿", en="A good end"),
}
UNSAID = Text(
    ja="作り方に話が及んだら: 「続きは、秘密保持契約を結んでからにしましょう」",
    en="When it comes to how it is made: “let us go on with that once the NDA is signed”",
)
MONEY = Text(
    ja="金額を聞かれたら: 「その前に、何にどれだけ手間がかかるかを一緒に書き出しませんか」",
    en="When the price comes up: “before that, shall we write down together what work it takes?”",
)
TELL_NEXT = Text(ja="次に話す日を相手に申し出る", en="Propose the day of the next talk to the other side")
THANK = Text(
    ja="話し合いのあと、その日のうちにお礼と次の約束を送る",
    en="Send thanks and the next step on the day of the meeting",
)
FOOT = Text(
    ja="拠りどころ: 実務の知恵、JRIレビュー Vol.5 No.108 注48（契約の前に話さない）",
    en="Based on: general practice; JRI Review, Vol. 5, No. 108 (2023), note 48 (not before the NDA)",
)


def _path(answers: Answers, record: Partnership) -> tuple[Question, ...]:
    spare = KEEP if record.nda.state == "signed" else NEVER
    return tuple(question for question in QUESTIONS if question is not spare)


def _page(case: Case) -> Page:
    locale, mine = case.locale, case.mine
    day = date.fromisoformat(mine["next"]) if "next" in mine else None
    told = [f"- {label(locale)}: {one_line(mine[name])}" for name, label in LABELS.items() if name in mine]
    if day and day >= case.today:
        told.append(f"- {Text(ja='次に話す日', en='Next talk')(locale)}: {day_in_words(day)(locale)}")
    lines = [Text(ja="自社の手控えです。", en="Notes for your own side.")(locale), *(["", *told] if told else [])]
    lines += ["", *_asks(mine, case)]
    lines += ["", Text(ja="**困ったときの一言**", en="**A word at hand**")(locale)]
    lines += [f"- {one(locale)}" for one in ((MONEY,) if _sealed(case) else (UNSAID, MONEY))]
    if gaps := _gaps(case, day):
        lines += ["", Text(ja="**まだ決まっていないこと**", en="**Still open**")(locale)]
        lines += [f"- {gap(locale)}" for gap in gaps]
    lines += ["", FOOT(locale)]
    due = case.today + timedelta(days=7)
    if day and case.today <= day < due:
        due = day
    tasks = (Task(TELL_NEXT(locale), case.by.who, due), Task(THANK(locale), case.by.who))
    return Page(EXERCISE.title(locale), "\n".join(lines), tasks)


def _asks(mine: Answers, case: Case) -> list[str]:
    """Return the questions to ask: the person's own, or some to choose from."""
    asked = [
        one_line(one)
        for one in re.split(r"\n|；|;|(?<=[?？])|[①-⑨]|(?:^|(?<=\s))[1-9１-９][.)．、）](?!\d)", mine.get("ask", ""))
    ]
    if own := [one for one in (one.lstrip("・-•* ") for one in asked) if one]:
        head = Text(ja="**聞くこと**", en="**What we ask**")
        listed = [head(case.locale), *(f"{number}. {one}" for number, one in enumerate(own[:3], 1))]
        more = " / ".join(own[3:])
        spare = Text(ja=f"- 時間があれば: {more}", en=f"- If there is time: {more}")
        return [*listed, spare(case.locale)] if more else listed
    suggested = ASKS.get(case.side or "sme", ASKS["sme"])
    head = Text(ja="**聞くことの案**", en="**Questions you might ask**")
    return [head(case.locale), *(f"{number}. {one(case.locale)}" for number, one in enumerate(suggested, 1))]


def _gaps(case: Case, day: date | None) -> list[Text]:
    path = [question.id for question in case.path]
    gaps = [label for name, label in LABELS.items() if name in path and name not in case.mine]
    if case.record.nda.state == "signed" and not _sealed(case):
        gaps.append(Text(ja="秘密保持契約（期限が過ぎています）", en="The NDA (it has expired)"))
    if day is None:
        gaps.append(
            Text(ja="次に話す日（その場で決めましょう）", en="The day of the next talk (settle it on the spot)")
        )
    elif day < case.today:
        gaps.append(
            Text(
                ja=f"次に話す日: {day_in_words(day).ja}はもう過ぎています",
                en=f"The day of the next talk: {day_in_words(day).en} has passed",
            )
        )
    return gaps


def _sealed(case: Case) -> bool:
    """Whether an NDA stands today."""
    nda = case.record.nda
    return nda.state == "signed" and (nda.expires is None or nda.expires >= case.today)


EXERCISE = ExerciseKind(
    id="first_meeting",
    title=Text(ja="初めての話し合いの支度", en="Before the first meeting"),
    about=Text(
        ja="会う理由、話すこと、まだ話さないこと、聞くことを手元の一枚にします。五分ほどです。",
        en="Why you meet, what you tell, what you keep and what you ask, on a page for yourself. Five minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    path=_path,
    cards=("nda-first", "nda-timing", "talk-to-startup", "talk-to-sme"),
)
