"""Go, another round, or stop: first another way, then the decision. Only what both decided goes on record."""

from datetime import date, timedelta

from bot.exercises import Answers, Case, Choice, ExerciseKind, Page, Question, Task
from bot.exercises._words import as_told, in_a_row, one_line
from bot.model import Text
from bot.partnership import Experiment, Partnership

QUESTIONS = (
    Question(
        "other_way",
        Text(
            ja="決める前に一度だけ。別のやり方はありませんか。小さくする、材料や相手の工程を変える、などです。",
            en="Before you decide, once: is there another way? Smaller, another material, another step of the "
            "process.",
        ),
        Text(
            ja="一度探してから決めると、進むにも止まるにも悔いが残りません。",
            en="Having looked once, you regret neither going on nor stopping.",
        ),
    ),
    Question(
        "result",
        Text(
            ja="実験の結果は、決めておいた目安に照らしてどうでしたか。数字があればお願いします。",
            en="How did the experiment come out against the criteria you set? Figures, if there are any.",
        ),
        Text(
            ja="気分や使った費用でなく、目安で決めるためです。両社で決めたあとは、記録に載ります。",
            en="So that the criteria decide, not the mood or what was spent. Once both have decided, it goes on "
            "record.",
        ),
    ),
    Question(
        "learned",
        Text(ja="結果がどうあれ、分かったことは何ですか。", en="Whatever came of it, what was learned?"),
        Text(
            ja="学びは、次の一手にも、別の相手との話にも使えます。両社で決めたあとは、両社が読む記録に載ります。",
            en="It serves the next step, or another partnership. Once both have decided, it goes on the record that "
            "both sides read.",
        ),
    ),
    Question(
        "decision",
        Text(ja="進みますか、止まりますか。", en="Go on, or stop?"),
        Text(
            ja="迷うときは、期日を一つ付けて一回だけ延ばすこともできます。",
            en="In doubt you may extend once, with a date.",
        ),
        (
            Choice("go", Text(ja="進む", en="Go")),
            Choice("again", Text(ja="もう一回だけ試す", en="Another round")),
            Choice("stop", Text(ja="止まる", en="Stop")),
        ),
        "choice",
    ),
    Question(
        "reasons",
        Text(ja="そう決める訳を、二行ほどでお願いします。", en="Why? Two lines will do."),
        Text(
            ja="訳が残っていれば、後で蒸し返されません。両社で決めたあとは、記録に載ります。",
            en="With the reasons kept, nobody reopens it later. Once both have decided, they go on record.",
        ),
    ),
    Question(
        "changes",
        Text(
            ja="次の段で、何を変えますか。分担、費用の持ち方、納める形などです。",
            en="What changes in the next phase? Roles, who pays, what is delivered.",
        ),
        Text(
            ja="試しの約束のまま進むと、費用と成果の扱いが曖昧になります。",
            en="The terms of a trial do not fit what comes after it.",
        ),
    ),
    Question(
        "again_if",
        Text(
            ja="次の一回で何を変え、何が出たら進みますか。出なければ止まる、の一つを決めてください。",
            en="What do you change in that round, and what must come out to go on? If it does not, you stop.",
        ),
        Text(
            ja="「もう少し様子を」を三度くり返さないためです。",
            en="So that “let us wait a little” is not said three times.",
        ),
    ),
    Question(
        "who",
        Text(ja="次の一歩は、どなたがしますか。", en="Who takes the next step?"),
        Text(ja="名前のない宿題は、だれもしません。", en="What has no name on it, nobody does."),
    ),
    Question(
        "when",
        Text(ja="それはいつまでですか。", en="By when?"),
        Text(ja="日付があると、待つ側も次の手を打てます。", en="With a date, those who wait can plan."),
        kind="date",
    ),
    Question(
        "agreed",
        Text(ja="これは、もう両社で話して決めたことですか。", en="Have both sides talked and decided this together?"),
        Text(
            ja="両社で決めたことだけを、両社が読む記録に書きます。まだなら、この紙の上だけに置きます。",
            en="Only what both decided goes on the record that both read. Otherwise it stays on this sheet.",
        ),
        (
            Choice("both", Text(ja="両社で決めました", en="Yes, both decided")),
            Choice("mine", Text(ja="まだこちらの考えです", en="Not yet, it is our own view")),
        ),
        "choice",
    ),
)
HEADS = {
    "go": Text(
        ja="**進みます。** 次の段の約束を、始める前に書きましょう。",
        en="**Go.** Write down the terms of the next phase first.",
    ),
    "again": Text(
        ja="**もう一回だけ試します。** 今度の一回には、期日と「これが出たら進む」が付きます。",
        en="**Another round, once.** This one has a date, and a result that decides.",
    ),
    "stop": Text(
        ja="**ここで止まります。** 試したから分かったことです。失敗ではなく、予定していた分かれ道の一つです。",
        en="**You stop here.** You know because you tried. It was one of the ways planned from the start, not a "
        "failure.",
    ),
    "": Text(
        ja="**まだ決めていません。** 決める日だけ、いま置きましょう。",
        en="**Not decided yet.** Set the day on which you will.",
    ),
}
NAMES = {
    "other_way": Text(ja="別のやり方", en="Another way"),
    "reasons": Text(ja="訳", en="Why"),
    "changes": Text(ja="変えること", en="What changes"),
    "again_if": Text(ja="次の一回で変えること、進む目安", en="What changes, and what must come out"),
    "learned": Text(ja="分かったこと", en="What was learned"),
    "who": Text(ja="次の一歩をする人", en="Who takes the next step"),
    "when": Text(ja="いつまで", en="By when"),
}
STEPS = {
    "go": Text(
        ja="次の段の分担・費用・成果の扱いを一枚にする", en="Put roles, cost and results of the next phase on a page"
    ),
    "again": Text(
        ja="もう一回の試しの期日と進む目安を決めて始める", en="Set date and criteria of the last round and begin"
    ),
    "stop": Text(
        ja="「きれいな終わり方」で、返すものと伝え方を一枚にする",
        en="Put returns and words on a page: “A kind ending”",
    ),
    "": Text(ja="進むか止まるかを決める日を置く", en="Set the day on which to decide go or stop"),
}
BASIS = Text(
    ja="拠りどころ: JRIレビュー Vol.5 No.108 §6(2)（別の手を話し合い、早く決める）。問いの立て方は実務の知恵",
    en="Based on: JRI Review, Vol. 5, No. 108 (2023), §6(2) (look for another way, decide fast); the questions: "
    "general "
    "practice",
)


def _path(answers: Answers, record: Partnership) -> tuple[Question, ...]:
    """Ask for the result where it is not on record, and what belongs to the decision."""
    latest = _latest(record)
    left_out = {"go": {"again_if"}, "again": {"changes"}}.get(answers.get("decision", ""), {"again_if", "changes"})
    if latest and latest.state != "running":
        left_out = left_out | {"result"}
    return tuple(one for one in QUESTIONS if one.id not in left_out)


def _latest(record: Partnership) -> Experiment | None:
    return record.experiments[-1] if record.experiments else None


def _page(case: Case) -> Page:
    locale, mine = case.locale, case.mine
    decision = mine.get("decision", "")
    lines = [HEADS[decision](locale), *_experiment(case, mine)]
    told = [name for name in NAMES if mine.get(name)]
    lines += ["", *(f"- **{NAMES[one](locale)}**: {as_told(case, one, mine[one])}" for one in told)]
    if open_ := [NAMES[one.id] for one in case.path if one.id in NAMES and one.id not in mine]:
        lines.append(f"- **{Text(ja='まだ決めていないこと', en='Still open')(locale)}**: {in_a_row(open_, locale)}")
    lines += ["", f"{Text(ja='次の一歩', en='Next step')(locale)}: {STEPS[decision](locale)}"]
    if decision == "stop":
        lines += ["", KIND(locale)]
    both = bool(decision) and mine.get("agreed") == "both"
    lines += ["", (ON_RECORD if both else ON_PAGE)(locale), "", BASIS(locale)]
    tasks = (_task(case, mine),) if both else ()
    record = _moved(case, mine) if both else None
    return Page(EXERCISE.title(locale), "\n".join(lines), tasks, record, tasks_shared=both)


def _experiment(case: Case, mine: Answers) -> list[str]:
    """Lay the latest experiment's criteria beside its result."""
    latest, locale = _latest(case.record), case.locale
    parts = [
        (Text(ja="確かめたかったこと", en="The question"), latest.question if latest else ""),
        (Text(ja="成功の目安", en="Success criteria"), latest.success if latest else ""),
        (Text(ja="やめる目安", en="Stop criteria"), latest.stop if latest else ""),
        (Text(ja="結果", en="Result"), mine.get("result") or (latest.result if latest else "")),
        (Text(ja="決める人", en="Who decides"), latest.decider if latest else ""),
    ]
    lines = [f"- {name(locale)}: {one_line(said)}" for name, said in parts if said]
    if latest and not (latest.success and latest.stop):
        lines.append(f"- {NO_CRITERIA(locale)}")
    return ["", Text(ja="**目安と結果**", en="**Criteria and result**")(locale), *lines] if lines else []


def _task(case: Case, mine: Answers) -> Task:
    """Return the next step. An owner is one of the room's people; anybody else stands in the text."""
    due = date.fromisoformat(mine["when"]) if "when" in mine else case.today + timedelta(days=7)
    who, text = one_line(mine.get("who", "")), STEPS[mine["decision"]](case.locale)
    known = {name for names in case.people.values() for name in names}
    owner = next((name for name in sorted(known, key=len, reverse=True) if name in who), "")
    ja, en = (f"{text}（{who}）", f"{text} ({who})") if who and not owner else (text, text)
    return Task(Text(ja=ja, en=en)(case.locale), owner, due)


def _moved(case: Case, mine: Answers) -> Partnership:
    """Return the record with what both decided, and with what came of a running experiment."""
    record, latest = case.record, _latest(case.record)
    if latest and latest.state == "running" and mine.get("result"):
        record = record.finish_experiment(case.by, latest.number, mine["result"], mine.get("learned", ""))
    choice = next(one for one in EXERCISE.question("decision").choices if one.id == mine["decision"])
    reasons = one_line(mine.get("reasons", ""))
    return record.decide(case.by, ": ".join(filter(None, (choice.text(case.locale), reasons))))


NO_CRITERIA = Text(
    ja="記録に目安がそろっていません。いま見てよいのは「続けたら何が分かるか」です。",
    en="The criteria are not all on record. Ask what going on would show, not what was spent.",
)
KIND = Text(
    ja="伝えるのは早いほど親切です。理由は一つ、人の値打ちには触れず、学びと手伝ってくれた方の名前を残します。"
    "言葉と返すものは「きれいな終わり方」（/coach graceful_stop）で整えられます。",
    en="The sooner you tell it, the kinder. One reason, nothing about what people are worth; keep what was "
    "learned, and the "
    "names of those who helped. For words and returns: “A kind ending” (/coach graceful_stop).",
)
ON_RECORD = Text(
    ja="両社で決めたこととして、決定と訳を記録に書きました。",
    en="Decision and reasons are on record as decided by both.",
)
ON_PAGE = Text(
    ja="両社の記録にはまだ書いていません。話し合って決めたら、もう一度ここへ来るか「/decide」で残してください。",
    en="Nothing is on the shared record yet. Once both have decided, come back here or write it down with /decide.",
)
EXERCISE = ExerciseKind(
    id="go_stop",
    title=Text(ja="進むか止まるか", en="Go or stop"),
    about=Text(
        ja="別のやり方を一度探してから、目安と結果を並べて、進む・もう一回・止まるを決めます。七分ほどです。",
        en="Look once for another way, lay criteria and result side by side, then go, try once more, or stop. "
        "Seven minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    path=_path,
    cards=("go-stop", "expect-progress", "disappointing-result"),
)
