"""One small experiment on a page: question, smallest test, cap, dates, success, stop, decider, payer."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from bot.exercises import Case, ExerciseKind, Page, Question, Task
from bot.exercises._words import day_in_words, in_a_row, one_line
from bot.model import Text
from bot.partnership import TERM_NAMES, Experiment, Partnership

QUESTIONS = (
    Question(
        "question",
        Text(
            ja="確かめたいことは何ですか。一つだけお願いします。",
            en="What is the one thing you want to find out?",
        ),
        Text(ja="問いが一つだと、終わった日に答えが出ます。", en="With one question there is an answer at the end."),
        takes_questions=True,
    ),
    Question(
        "test",
        Text(ja="それを確かめる、いちばん小さな試し方は何ですか。", en="What is the smallest test that would tell?"),
        Text(
            ja="学ぶための品は、答えが出るだけの出来で足ります。お客様に渡す品とは別に考えます。",
            en="A piece made for learning need only give the answer. Pieces for customers are another matter.",
        ),
    ),
    Question(
        "cap",
        Text(
            ja="お金、人の日数、機械の時間は、それぞれどこまでにしますか。",
            en="What is the most it may cost, in money, people's days and machine hours?",
        ),
        Text(ja="失っても困らない上限があると、思い切って試せます。", en="A cap you could lose lets you try boldly."),
    ),
    Question(
        "starts",
        Text(ja="いつ始めますか。", en="When does it start?"),
        Text(ja="準備する人が、自分の予定を空けられます。", en="Those who prepare it can keep the days free."),
        kind="date",
    ),
    Question(
        "ends",
        Text(ja="いつ終えて、結果を持ち寄りますか。", en="When does it end, and you look at the result?"),
        Text(ja="終わりの日があると、ずるずる続きません。", en="With an end date it does not drag on."),
        kind="date",
    ),
    Question(
        "success",
        Text(
            ja="どうなったら成功ですか。できれば数字でお願いします。",
            en="What counts as success? A number, if you can.",
        ),
        Text(ja="二人が別々に見ても、同じ判定になるのが目安です。", en="Two people should judge it alike."),
    ),
    Question(
        "stop",
        Text(ja="どうなったら、途中でもやめますか。", en="What would make you stop, even half way?"),
        Text(ja="やめる目安があるから、安心して試せます。", en="Because there is a way out, one dares to try."),
    ),
    Question(
        "decider",
        Text(ja="続けるかやめるかは、どなたが決めますか。", en="Who decides whether to go on or stop?"),
        Text(ja="名前があると、返事を待つ日が減ります。", en="With a name there is less waiting."),
    ),
    Question(
        "payer",
        Text(ja="費用は、どちらが何を持ちますか。", en="Who pays for what?"),
        Text(
            ja="先に決めておくと、ただ働きも、思わぬ請求も起こりません。",
            en="Settled first, there is neither unpaid work nor an unexpected invoice.",
        ),
    ),
)
WORDS = ("question", "test", "cap", "success", "stop", "decider")
DATES = ("starts", "ends")
PAYER = Text(ja="費用を持つ人", en="who pays")
NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万半]+(?:万|円|日|時間|人|名|個|件|回|本|枚|台|割|分|秒|週|年|か月|ヶ月)|"
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|half an?|zero)\s+\w|"
    r"無料|かからない|費用なし|ゼロ|\bnothing\b|\bno (?:cost|money)\b",
    re.IGNORECASE,
)
FUZZY = re.compile(
    r"良く|よく|うまく|上手く|改善|向上|満足|手応え|手ごたえ|いい感じ|良い結果|よい結果|効果|駄目|だめ|ダメ|無理|様子|難し|"
    r"\b(?:better|improve\w*|good|well|success\w*|satisf\w*|happy|works?|bad|fail\w*|difficult|no progress)\b",
    re.IGNORECASE,
)
FINISHED = re.compile(
    r"量産(?:と同じ|品質|レベル)|製品(?:と同じ|レベル|品質)|完成品|完璧|不良ゼロ|"
    r"(?:100|１００|百)\s*[%％パ]\S{0,6}(?:保証|良品|合格|品質)|\b100\s?% (?:guarantee|good|yield|reliab)\w*|"
    r"\bperfect|\bflawless|\bzero defects?|\b(?:production|finished|final|customer)[- ](?:grade|quality)",
    re.IGNORECASE,
)
REFUSED = re.compile(
    r"求めない|求めません|不要|要らない|いらない|でなくて|ではなく|なくて|\bnot\b|n't\b", re.IGNORECASE
)
REFUSED_BEFORE = re.compile(r"(?:\bnot\b|n't\b|\bno need\b)(?:(?!\bbut\b)[^.;,]){0,20}$", re.IGNORECASE)


def _page(case: Case) -> Page:
    locale, plan = case.locale, _plan(case)
    dates, wrong = _dates(plan, case.today)
    said = {name: text for name, text in plan.items() if name not in DATES}
    said |= {name: day_in_words(day)(locale) for name, day in dates.items()}
    names = {question.id: TERM_NAMES.get(question.id, PAYER) for question in QUESTIONS}
    lines = [f"- {_capital(name(locale))}: {said[id_]}" for id_, name in names.items() if id_ in said]
    if gaps := [name for id_, name in names.items() if id_ not in said]:
        head = Text(ja="**まだ決まっていないこと**", en="**Still open**")
        lines += ["", f"{head(locale)}: {in_a_row(gaps, locale)}"]
    if remarks := [*wrong, *_remarks(plan)]:
        lines += ["", Text(ja="**始める前に、もう一言**", en="**A word before you start**")(locale)]
        lines += [f"- {one(locale)}" for one in remarks]
    record = _planned(case, plan, dates)
    stands = _standing(case) or (record and record.experiments[-1])
    lines += ["", _stands(stands.number)(locale) if stands else EMPTY(locale)]
    lines += ["", Text(ja="拠りどころ: 実務の知恵（長さや金額に決まった相場はありません）", en=PRACTICE)(locale)]
    return Page(
        EXERCISE.title(locale),
        "\n".join(lines).strip(),
        _tasks(case, plan, dates, unsettled=bool(gaps or remarks)),
        record,
        tasks_shared=record is not None,
    )


PRACTICE = "Based on: general practice (there is no standard length or budget)"
EMPTY = Text(
    ja="まだ記録には載りません。「確かめたいこと」一つからで十分です。",
    en="Nothing goes into the record yet. One thing to find out is enough to begin with.",
)


def _stands(number: int) -> Text:
    return Text(
        ja=f"二社の記録に「実験 {number}」として載ります。相手と読み合わせ、両方がよしと言ってから始めましょう。",
        en=f"It goes into the common record as experiment {number}. Read it together, and start when both agree.",
    )


def _standing(case: Case) -> Experiment | None:
    """Return the latest experiment while it is only planned: to plan once more is to go on with that one."""
    latest = case.record.experiments[-1:]
    return latest[0] if latest and latest[0].state == "planned" else None


def _plan(case: Case) -> dict[str, str]:
    """Return the answers; where one was skipped, what stands on record already."""
    standing = _standing(case)
    stood = standing.model_dump(mode="json", include=set(TERM_NAMES)) if standing else {}
    return {name: one_line(text) for name, text in {**stood, **case.mine}.items() if text}


def _dates(plan: Mapping[str, str], today: date) -> tuple[dict[str, date], list[Text]]:
    """Return the dates that can stand, and what is the matter with the others."""
    dates = {name: date.fromisoformat(plan[name]) for name in DATES if name in plan}
    ends = dates.get("ends")
    if ends and ends < dates.get("starts", ends):
        del dates["ends"]
        return dates, [
            Text(
                ja=f"終わりの日（{day_in_words(ends).ja}）が始まりより前でしたので、空けてあります。",
                en=f"The end ({day_in_words(ends).en}) came before the start, so I left it open.",
            )
        ]
    if ends and ends < today:
        del dates["ends"]
        return dates, [
            Text(
                ja=f"終わりの日（{day_in_words(ends).ja}）はもう過ぎているので、空けてあります。",
                en=f"The end ({day_in_words(ends).en}) has passed already, so I left it open.",
            )
        ]
    return dates, []


def _remarks(plan: Mapping[str, str]) -> list[Text]:
    found = []
    if "cap" in plan and not NUMBER.search(plan["cap"]):
        cap = one_line(plan["cap"], 60)
        found.append(
            Text(
                ja=f"上限の「{cap}」は、人によって受け取り方が変わりそうです。「10万円・3人日まで」のように数にしませんか。",
                en=f"“{cap}” as a cap may mean different things to each. Shall we make it a number, "
                "such as “100,000 yen and three days”?",
            )
        )
    elif re.fullmatch(r"[\d,.，．]+", plan.get("cap", "")):
        found.append(
            Text(ja="上限に単位（円、日、時間など）を添えましょう。", en="Add the unit to the cap: yen, days, hours.")
        )
    for name in ("success", "stop"):
        answer = plan.get(name, "")
        if FUZZY.search(answer) and not NUMBER.search(answer):
            label, answer = TERM_NAMES[name], one_line(answer, 60)
            found.append(
                Text(
                    ja=f"{label.ja}の「{answer}」は、判定が分かれるかもしれません。数一つと期日、または「はい・いいえ」で"
                    "答えられる形にしておくと安心です。",
                    en=f"You two might judge “{answer}” differently. One number and a date, or a plain yes or no, "
                    f"makes {label.en} safe.",
                )
            )
    if any(_asks_finished(plan.get(name, "")) for name in ("question", "test", "success")):
        found.append(LEARNING)
    return found


def _asks_finished(answer: str) -> bool:
    found = FINISHED.search(answer)
    if not found:
        return False
    refused = REFUSED.search(answer[found.end() : found.end() + 14]) or REFUSED_BEFORE.search(answer[: found.start()])
    return not refused


LEARNING = Text(
    ja="仕上がった品質を求めているように読めます。お客様に渡す品質は一歩も譲らず、学ぶための品質は答えが出るだけで足ります。"
    "この実験の品は、どちらでしょう。安全のように落とせない所と、粗くてよい所を分けておくと早く答えが出ます。",
    en="It reads as if finished quality were asked for. Quality for customers is never compromised; quality for "
    "learning need only give the answer. Which is it here? Keep what must not fail, such as safety, apart.",
)


def _planned(case: Case, plan: Mapping[str, str], dates: Mapping[str, date]) -> Partnership | None:
    """Return the record with the plan; what was skipped stays open in it."""
    terms, standing = {name: plan[name] for name in WORDS if name in case.mine}, _standing(case)
    if not case.mine or not (terms or dates):
        return None
    if standing:
        days = {name: dates.get(name) for name in DATES}
        return case.record.change_experiment(case.by, standing.number, {**terms, **days})
    return case.record.plan_experiment(case.by, terms.pop("question", ""), **terms, **dates)


def _tasks(case: Case, plan: Mapping[str, str], dates: Mapping[str, date], *, unsettled: bool) -> tuple[Task, ...]:
    soon = case.today + timedelta(days=7)
    start = dates.get("starts", soon)
    due = start if case.today <= start < soon else soon
    locale = case.locale
    if not plan:
        write = Text(ja="実験で確かめたいことを一つ書く", en="Write down one thing to find out by experiment")
        return (Task(write(locale), case.by.who, soon),)
    read = Text(
        ja="実験の一枚を両社で読み合わせ、残った所を決める", en="Read the plan together and settle what is left"
    )
    if not unsettled:
        read = Text(
            ja="実験の一枚を両社で読み合わせ、よければ始める", en="Read the plan together, and start if both agree"
        )
    tasks = [Task(read(locale), case.by.who, due)]
    if "ends" in dates:
        judge = Text(
            ja="実験の結果を持ち寄り、続けるかやめるかを決める", en="Look at the result and decide: go on or stop"
        )
        tasks.append(Task(judge(locale), _decider(plan, case), dates["ends"]))
    return tuple(tasks)


def _decider(plan: Mapping[str, str], case: Case) -> str:
    """Return the decider as owner, where one of the room's people is named."""
    named = plan.get("decider", "")
    return next((one for people in case.people.values() for one in people if one in named), "")


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


EXERCISE = ExerciseKind(
    id="experiment_plan",
    title=Text(ja="実験の一枚", en="Experiment on a page"),
    about=Text(
        ja="小さな実験の問い・試し方・上限・日・成功とやめる目安・決める人を一枚にします。十分ほどです。"
        "二社の記録に載るので、作り方の核心は書かないでください。",
        en="Question, smallest test, cap, dates, success, stop, decider on one page. Ten minutes. "
        "It goes into the record that both sides read: leave out how exactly you make things.",
    ),
    questions=QUESTIONS,
    page=_page,
    cards=("experiment-plan", "mvp-mindset", "small-experiments"),
)
