"""End kindly: look once for another way, keep the learning, give things back, tell it well, leave the door open."""

from datetime import date, timedelta

from bot.exercises import BOTH, Answers, Case, Choice, ExerciseKind, Page, Question, Task
from bot.exercises._words import as_told, in_a_row, one_line
from bot.model import Text
from bot.partnership import Partnership

QUESTIONS = (
    Question(
        "way",
        Text(
            ja="終える前に一度だけ。別のやり方がないか、もう話し合いましたか。",
            en="Before it ends, once: have you looked for another way together?",
        ),
        Text(
            ja="一度話してから畳むと、どちらにも悔いが残りません。",
            en="Having talked once, neither side regrets the end.",
        ),
        (
            Choice("end", Text(ja="話しました。終えます", en="We have. It ends")),
            Choice("try", Text(ja="別のやり方を試したい", en="I want to try another way")),
            Choice("not_yet", Text(ja="まだ話していません", en="Not yet")),
        ),
        "choice",
    ),
    Question(
        "idea",
        Text(
            ja="どんな別のやり方が考えられますか。だれと、いつ話しますか。",
            en="What other way comes to mind? With whom, and when, will you talk about it?",
        ),
        Text(
            ja="小さく、安く、一回だけなら、試す値打ちがあります。",
            en="Small, cheap and once only, it is worth a try.",
        ),
    ),
    Question(
        "learned",
        Text(
            ja="この取り組みで分かったことは何ですか。三つまでお願いします。",
            en="What was learned? Up to three things.",
        ),
        Text(
            ja="学びは両社に残る財産で、次の相手との話にも使えます。",
            en="It is what both take along, to the next partner too.",
        ),
    ),
    Question(
        "keep",
        Text(
            ja="終わったあと、それぞれ何を使い続けてよいですか。データ、写真、試作品、社名などです。",
            en="What may each go on using afterwards? Data, photographs, prototypes, the company's name.",
        ),
        Text(ja="決めずに別れると、使うたびに気まずくなります。", en="Left open, every later use becomes awkward."),
    ),
    Question(
        "give_back",
        Text(
            ja="返すもの、消すものは何ですか。借りた機器、預かった図面やデータ、秘密の資料、残る支払いなどです。",
            en="What goes back or is deleted? Borrowed devices, drawings and data, secret papers, open payments.",
        ),
        Text(
            ja="片付けが早いほど、良い印象が残ります。秘密を守る約束は、終わったあとも続きます。",
            en="Quick returns are remembered well. The promise to keep secrets goes on after the end.",
        ),
    ),
    Question(
        "day",
        Text(ja="片付けはいつまでに終えますか。", en="By when will that be done?"),
        Text(ja="日付があれば、互いに催促せずに済みます。", en="With a date nobody needs to be chased."),
        kind="date",
    ),
    Question(
        "tellers",
        Text(
            ja="だれが、だれに伝えますか。相手、社内、手伝ってくれた人、外の人です。",
            en="Who tells whom? The partner, your own people, those who helped, the outside.",
        ),
        Text(ja="人づてに聞くのが、いちばん傷つきます。", en="To hear it from a third person hurts most."),
    ),
    Question(
        "reason",
        Text(
            ja="相手に伝える理由を一つだけ、事情や物のこととして書いてください。",
            en="One reason to give the partner, about circumstances or the thing.",
        ),
        Text(
            ja="正直な理由が一つあれば足ります。重ねるほど言い訳に聞こえます。",
            en="One honest reason is enough. More sound like excuses.",
        ),
    ),
    Question(
        "thanks",
        Text(ja="だれの、何に、お礼を言いたいですか。", en="Whom do you want to thank, and for what?"),
        Text(ja="名前のあるお礼は、長く覚えていてもらえます。", en="Thanks with a name are remembered for long."),
    ),
    Question(
        "told",
        Text(ja="相手は、終えることをもう知っていますか。", en="Does the partner know already that it ends?"),
        Text(
            ja="記録は両社が読みます。知らせる前に「終了」と書けば、相手は記録で知ることになります。",
            en="Both read the record. Written there first, they would learn it from the record.",
        ),
        (
            Choice("yes", Text(ja="伝えました。終了と記録してよい", en="Yes. Put the end on record")),
            Choice("no", Text(ja="まだ伝えていません", en="Not yet")),
        ),
        "choice",
    ),
)
NAMES = {
    "learned": Text(ja="分かったこと", en="What was learned"),
    "keep": Text(ja="使い続けてよいもの", en="May be used afterwards"),
    "give_back": Text(ja="返すもの・消すもの", en="Goes back or is deleted"),
    "day": Text(ja="片付けの期日", en="Done by"),
    "tellers": Text(ja="伝える人と相手", en="Who tells whom"),
    "reason": Text(ja="伝える理由", en="The reason to give"),
    "thanks": Text(ja="お礼", en="Thanks"),
}
BASIS = Text(
    ja="拠りどころ: JRIレビュー Vol.5 No.108 §6(2)（別の手を話し、無ければ早く終える）。終え方は実務の知恵",
    en="Based on: JRI Review, Vol. 5, No. 108 (2023), §6(2) (talk about another way; if none, end soon); how to end: "
    "general practice",
)


def _path(answers: Answers, record: Partnership) -> tuple[Question, ...]:
    """Whoever sees another way, or has not looked for one, is not asked about the end."""
    if answers.get("way") in ("try", "not_yet"):
        return QUESTIONS[:2]
    return tuple(one for one in QUESTIONS if one.id != "idea")


def _page(case: Case) -> Page:
    if case.mine.get("way") in ("try", "not_yet"):
        return _another_way(case)
    locale, mine = case.locale, case.mine
    ends = mine.get("way") == "end" and mine.get("told") == "yes"
    lines = [HEAD(locale), ""]
    lines += [
        f"- **{name(locale)}**: {as_told(case, part, mine[part])}" for part, name in NAMES.items() if mine.get(part)
    ]
    if open_ := [name for part, name in NAMES.items() if not mine.get(part)]:
        lines.append(f"- **{OPEN(locale)}**: {in_a_row(open_, locale)}")
    lines += ["", DRAFT_HEAD(locale), *(f"> {line}" for line in _draft(case, mine))]
    lines += ["", ORDER_HEAD(locale), *(f"- {one(locale)}" for one in ORDER)]
    lines += ["", (RECORDED if ends else NOT_RECORDED)(locale), "", BASIS(locale)]
    record = case.record.move_to("stopped", case.by) if ends else None
    # Once it is told, both sides read the tasks: nobody is to learn of the end from them.
    tasks = _tasks(case, mine) if ends else ()
    return Page(EXERCISE.title(locale), "\n".join(lines), tasks, record, tasks_shared=ends)


def _another_way(case: Case) -> Page:
    """Return the page of somebody who does not end it yet."""
    locale, idea = case.locale, one_line(case.mine.get("idea", ""))
    lines = [NOT_YET(locale)]
    if idea:
        lines += ["", f"- **{Text(ja='別のやり方', en='Another way')(locale)}**: {idea}"]
    lines += ["", TRY_HEAD(locale), *(f"- {one(locale)}" for one in TRY), "", BASIS(locale)]
    task = Text(ja="次の進め方を二社で三十分話す", en="Talk for half an hour about how to go on")
    return Page(EXERCISE.title(locale), "\n".join(lines), (Task(task(locale), "", case.today + timedelta(days=7)),))


def _draft(case: Case, mine: Answers) -> list[str]:
    """Return kind words to the partner, with the person's own in them."""
    ja = case.locale == "ja"
    other = next((side for side in BOTH if side != case.side), None) if case.side in BOTH else None
    name = case.names.get(other, "") if other else ""
    reason, thanks = (one_line(mine.get(part, "")).rstrip("。．.") for part in ("reason", "thanks"))
    day = as_told(case, "day", mine.get("day", ""))
    if ja:
        lines = [
            f"{name or 'お相手'}の皆さま",
            "話し合いを重ねましたが、この取り組みはここで区切りとさせてください。",
            f"理由は一つです。{reason}。" if reason else "理由は一つです。（ここに一つだけ書きます）",
            f"{thanks}。本当にありがとうございました。"
            if thanks
            else "ここまでご一緒くださり、心からお礼を申し上げます。",
            f"お借りしたもの、お預かりしたものは、{f'{day}までに' if day else '日を決めて'}お返しします。",
            "分かったことは、御社でも次へお役立てください。状況が変わりましたら、"
            "またこちらからご連絡してもよろしいでしょうか。",
        ]
    else:
        lines = [
            f"Dear all at {name}," if name else "Dear all,",
            "After talking it through we would like to end our joint work here.",
            f"There is one reason. {reason}." if reason else "There is one reason: (write just one here).",
            f"Our thanks: {thanks}." if thanks else "Thank you for coming this far with us.",
            f"What you lent or entrusted to us comes back {f'by {day}' if day else 'on a day we agree on'}.",
            "Please take what we learned along. Should things change, may we get in touch again?",
        ]
    return lines


def _tasks(case: Case, mine: Answers) -> tuple[Task, ...]:
    week = case.today + timedelta(days=7)
    done = date.fromisoformat(mine["day"]) if mine.get("day") else case.today + timedelta(days=14)
    back = Text(
        ja="返すもの・消すもの・残る支払いを片付け、済んだら知らせる",
        en="Return, delete and pay what is open, and confirm",
    )
    learned = Text(
        ja="分かったことを両社で三つずつ書き残す（三十分）", en="Each side writes down three things it learned"
    )
    thank = Text(ja="手伝ってくれた人に、名前を挙げてお礼を言う", en="Thank those who helped, by name")
    return tuple(Task(one(case.locale), "", due) for one, due in ((back, done), (learned, week), (thank, week)))


HEAD = Text(
    ja="ここまで一緒に試したことは、両社に残ります。早く、短く、自分の口で伝えましょう。",
    en="What you tried together stays with both. Tell it early, briefly and yourself.",
)
OPEN = Text(ja="まだ決めていないこと", en="Still open")
DRAFT_HEAD = Text(
    ja="**お伝えする言葉の下書き**（ご自分の言葉に直してください）", en="**Draft words** (make them your own)"
)
ORDER_HEAD = Text(ja="**順番**", en="**In this order**")
ORDER = (
    Text(
        ja="電話か対面で伝え、その日のうちに短い文を送ります。", en="Phone or visit, then a short note the same day."
    ),
    Text(
        ja="返すもの・消すもの・支払いに担当と日付を付け、同じ紙を両社で持ちます。",
        en="A name and a date for each return and payment; both hold the same page.",
    ),
    Text(
        ja="秘密を守る約束は終わったあとも続きます。契約や支払いで食い違えば、専門家か公の窓口に渡します。",
        en="Secrets stay secret afterwards. If you differ over contract or money, take it to an adviser or a "
        "public desk.",
    ),
)
RECORDED = Text(
    ja="記録の段階を「終了」にしました。また始めることもできます。",
    en="The record says “stopped”. You may begin again.",
)
NOT_RECORDED = Text(
    ja="記録の段階は変えていません。相手に伝えたあとで「/stage 終了」と書いてください。",
    en="The record has not moved. Once the partner knows, write: /stage stopped",
)
NOT_YET = Text(
    ja="まだ終えなくて大丈夫です。一度だけ、別のやり方を二社で話してみましょう。",
    en="It need not end yet. Talk once, the two of you, about another way.",
)
TRY_HEAD = Text(ja="**話すとき**", en="**When you talk**")
TRY = (
    Text(
        ja="「同じ費用で、もう一つだけ試すなら何でしょうか」",
        en="“For the same money, what one more thing would we try?”",
    ),
    Text(ja="小さく、一回だけ、期日を付けます。", en="Small, once, and with a date."),
    Text(
        ja="見通しが立たなければ、そこで早く終えます。そのときは、またここへ来てください。",
        en="If nothing is in sight, end it soon. Then come back here.",
    ),
)
EXERCISE = ExerciseKind(
    id="graceful_stop",
    title=Text(ja="きれいな終わり方", en="A kind ending"),
    about=Text(
        ja="別の手を一度探し、無ければ、学びを残して気持ちよく終えます。伝える言葉の下書きも作ります。十分ほどです。",
        en="Look once for another way; if there is none, end well and keep the learning. With a draft of what to "
        "say. Ten "
        "minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    path=_path,
    cards=("graceful-stop", "disappointing-result", "decline-ok"),
)
