"""The four stages before partnering, in plain words. The report gives no thresholds for them, and neither do we."""

from datetime import timedelta

from bot.exercises import Answers, Case, Choice, ExerciseKind, Page, Question, Task
from bot.exercises._words import one_line
from bot.model import Text
from bot.partnership import Partnership

UNSURE = Choice("unsure", Text(ja="まだ分かりません", en="I can't say yet"))
QUESTIONS = (
    Question(
        "condition",
        Text(
            ja="この話が空振りに終わっても、本業とお給料、お客様との約束は揺らぎませんか。",
            en="If this came to nothing, would wages, daily business and promises to customers still be safe?",
        ),
        Text(
            ja="組んでもすぐに売上は立ちません。足元が落ち着いていると、失敗も含めて試せます。",
            en="Partnering brings no quick sales. With firm ground underfoot you can afford to try, and to fail.",
        ),
        (
            Choice("yes", Text(ja="揺らぎません", en="Yes, safe")),
            Choice("no", Text(ja="いまは苦しいです", en="No, things are tight")),
            UNSURE,
        ),
        "choice",
    ),
    Question(
        "spare",
        Text(
            ja="外れても困らないお金はいくらまで、人は月に何日まで出せそうですか。",
            en="How much money could you lose without harm, and how many days a month can somebody be spared?",
        ),
        Text(ja="先に上限があると、話が大きくなりすぎません。", en="A limit set early keeps things small."),
    ),
    Question(
        "will",
        Text(
            ja="だれにも勧められなくても、社長ご自身がやってみたいと思いますか。",
            en="Would the owner want to do this even if nobody had suggested it?",
        ),
        Text(
            ja="社長が「私の話だ」と思えないと、途中で止まりやすいからです。",
            en="If it is not the owner's own wish, it tends to stop half way.",
        ),
        (
            Choice("yes", Text(ja="やってみたいです", en="Yes, very much")),
            Choice("no", Text(ja="あまり気が乗りません", en="Not really")),
            UNSURE,
        ),
        "choice",
        own={
            "startup": Text(
                ja="だれにも勧められなくても、代表ご自身がやってみたいと思いますか。",
                en="Would you, the founder, want to do this even if nobody had suggested it?",
            )
        },
    ),
    Question(
        "wish",
        Text(
            ja="うまくいったら、五年後の会社はどうなっていたいですか。一言でお願いします。",
            en="If it goes well, what should the company look like in five years? One line will do.",
        ),
        Text(ja="ご自分の言葉の望みが、迷ったときの支えになります。", en="A wish in your own words helps in doubt."),
    ),
    Question(
        "limits",
        Text(
            ja="それは、社内の人・技術・設備だけで届きそうですか。",
            en="Could your own people, know-how and machines get you there?",
        ),
        Text(
            ja="届かない所が見えると、だれに何を頼むかが決まるからです。",
            en="Once you see where you fall short, you know whom to ask for what.",
        ),
        (
            Choice("short", Text(ja="自社だけでは届きません", en="No, not alone")),
            Choice("alone", Text(ja="自社だけでできそうです", en="Yes, by ourselves")),
            UNSURE,
        ),
        "choice",
    ),
    Question(
        "stuck",
        Text(ja="自社だけで進めると、どこで止まりそうですか。", en="Going on alone, where would you get stuck?"),
        Text(ja="止まる所が、そのまま頼みごとになります。", en="That spot is what you will ask help for."),
    ),
    Question(
        "outside",
        Text(
            ja="組む相手として、スタートアップ（若い技術の会社）を考えていますか。",
            en="Do you think of a startup as the partner?",
        ),
        Text(
            ja="組むのは手立てです。目的に合うなら、相手はほかの会社や大学でもかまいません。",
            en="Partnering is a means. Another firm or a university is fine too, if it fits the purpose.",
        ),
        (
            Choice("yes", Text(ja="はい、考えています", en="Yes, I do")),
            Choice("any", Text(ja="相手の種類は決めていません", en="I am open as to whom")),
            Choice("no", Text(ja="外と組むのは、まだ気が進みません", en="I would rather not go outside yet")),
        ),
        "choice",
        own={
            "startup": Text(
                ja="組む相手として、中小企業（町工場など）を考えていますか。",
                en="Do you think of a small manufacturer as the partner?",
            )
        },
    ),
)
FAILS = {"condition": "no", "will": "no", "limits": "alone"}
STAGES = {
    "condition": (Text(ja="経営の調子", en="The business is in good shape"), "spare"),
    "will": (Text(ja="社長の気持ち", en="The owner wants it"), "wish"),
    "limits": (Text(ja="自社だけでは届かない所", en="You cannot get there alone"), "stuck"),
    "outside": (Text(ja="外の相手への目", en="You look to a partner outside"), ""),
}
MARKS = {
    **dict.fromkeys(("yes", "short"), Text(ja="はい", en="yes")),
    **dict.fromkeys(("no", "alone"), Text(ja="まだ", en="not yet")),
    "any": Text(ja="はい（相手の種類はこれから）", en="yes (open as to whom)"),
    "unsure": Text(ja="分からない", en="not sure"),
    "": Text(ja="これから", en="still open"),
}
KINDLY = {
    "condition": Text(
        ja="相手探しは、いまは急がないほうがよさそうです。足元を整えるのが先で、それも立派な前進です。",
        en="This is not the moment to look for a partner. Your own house comes first, and that too is progress.",
    ),
    "will": Text(
        ja="気が乗らないうちは、相手を探さなくて大丈夫です。見送る年があってもかまいません。",
        en="While your heart is not in it, there is no need to look for a partner. Some years one passes.",
    ),
    "limits": Text(
        ja="自社でできそうなら、いま相手を探すことはありません。まず自分たちで試してみましょう。",
        en="If you can do it yourselves, you need no partner now. Try it on your own first.",
    ),
}
PEERS = (
    Text(
        ja="組んだ会社の話を聞く → 商工会議所や自治体のセミナー", en="To hear how others fared → a chamber's seminar"
    ),
    Text(ja="本音の相談 → 知り合いの社長、企業OB", en="To talk frankly → an owner you know, a retired manager"),
    Text(
        ja="気の乗らないわけ → 社内の信頼できる人と一度だけ話す",
        en="Why it does not tempt you → one trusted colleague",
    ),
)
ALONE = (
    Text(ja="測る・分析する → 公設試験場", en="To test and measure → the public testing centre"),
    Text(ja="技術の疑問 → 大学の先生", en="A technical question → a university professor"),
    Text(
        ja="加工が一つ足りない → 同業・異業種の会社、業界団体",
        en="One process missing → other firms, your trade body",
    ),
    Text(ja="どの会社にもある用事 → 市販の道具", en="An everyday need → a ready-made tool"),
)
HELP = {
    "condition": (
        Text(
            ja="資金繰り → 取引銀行・信用金庫（早いほど手が残ります）", en="Cash → your bank, the earlier the better"
        ),
        Text(
            ja="売上や本業 → 商工会議所・商工会、産業支援機関",
            en="Sales and core business → your chamber of commerce",
        ),
        Text(ja="跡継ぎ → 事業承継の公的な窓口、顧問の税理士", en="Succession → the public desk, your accountant"),
        Text(ja="日々の手間 → 市販の道具を一つ試す", en="Daily chores → one ready-made tool on trial"),
    ),
    "will": PEERS,
    "limits": ALONE,
}
STARTUP_FUNDS = (
    Text(ja="資金 → いまの株主・投資家、金融機関の創業窓口", en="Money → your investors, a bank's desk for founders"),
    Text(
        ja="売り先 → 起業支援の運営会社、自治体の創業窓口",
        en="First customers → an accelerator, the city's founder desk",
    ),
    Text(ja="人手や進め方 → 先輩の起業家、商工会議所", en="People and method → a founder ahead of you, the chamber"),
)


def _path(answers: Answers, record: Partnership) -> tuple[Question, ...]:
    """Stop at the first stage that fails: to ask on would only hurt."""
    failed = _failed(answers)
    ids = [question.id for question in QUESTIONS]
    return QUESTIONS[: ids.index(failed) + 1] if failed else QUESTIONS


def _failed(answers: Answers) -> str:
    return next((stage for stage, answer in FAILS.items() if answers.get(stage) == answer), "")


def _page(case: Case) -> Page:
    locale, mine = case.locale, case.mine
    path, failed = [question.id for question in case.path], _failed(mine)
    lines = [_verdict(mine)(locale), "", Text(ja="**四つの段**", en="**The four stages**")(locale)]
    for number, (stage, (name, words)) in enumerate(STAGES.items(), 1):
        if stage in path:
            mark, said = MARKS[mine.get(stage, "")], one_line(mine.get(words, ""))
            ja, en = (f"（{said}）", f" ({said})") if said else ("", "")
            stood = Text(ja=f"{name.ja}: {mark.ja}{ja}", en=f"{name.en}: {mark.en}{en}")
            lines.append(f"{number}. {stood(locale)}")
    if failed:
        help_ = STARTUP_FUNDS if (case.side, failed) == ("startup", "condition") else HELP[failed]
        lines += ["", Text(ja="**先に役立つ相談先**", en="**Who can help first**")(locale)]
        lines += [f"- {one(locale)}" for one in help_]
    step, due = _step(mine), case.today + timedelta(days=7)
    lines += ["", Text(ja="**次の一歩**", en="**Next step**")(locale), f"- {step(locale)}"]
    lines += ["", _foot(case)]
    # The list of tasks is read by both sides; how a company is doing stays on its own page.
    task = Text(
        ja="「組む前の四つの確認」の紙にある次の一歩を進める", en="Take the next step on the “Ready to partner?” page"
    )
    return Page(EXERCISE.title(locale), "\n".join(lines), (Task(task(locale), case.by.who, due),))


def _verdict(mine: Answers) -> Text:
    if failed := _failed(mine):
        return KINDLY[failed]
    unsure = [name for stage, (name, _) in STAGES.items() if mine.get(stage, "unsure") == "unsure"]
    if unsure:
        return Text(
            ja=f"まだ分からない段があります。いちばん手前の「{unsure[0].ja}」から確かめましょう。",
            en=f"Some stages are still open. Begin with the first of them: “{unsure[0].en}”.",
        )
    if mine["outside"] == "yes":
        return Text(
            ja="四つとも「はい」です。安心して相手探しに進めます。",
            en="Four times yes. You can look for a partner with a calm mind.",
        )
    return Text(
        ja="足元も気持ちもそろっています。だれと組むか、組まないかは、目的から選びましょう。",
        en="Ground and will are there. With whom, or whether at all, should follow from your purpose.",
    )


def _step(mine: Answers) -> Text:
    if _failed(mine):
        return Text(
            ja="相談先を一つ選んで、一週間のうちに電話する。三か月ほどしたら、この四つをもう一度見る",
            en="Choose one of them and phone within a week. Look at the four stages again in three months or so",
        )
    if any(mine.get(stage, "unsure") == "unsure" for stage in STAGES):
        return Text(
            ja="分からない段を、社内の二、三人が別々に答えて見比べる",
            en="Have two or three people in the firm answer the open stages separately, and compare",
        )
    if mine["outside"] == "yes":
        return Text(ja="困りごとを「お題づくり」で一枚にする", en="Put your trouble on a page with “Theme on a page”")
    return Text(
        ja="「相手選び」で、目的に合う相手を考える", en="Find the kind of partner that fits: “Whom to work with”"
    )


def _foot(case: Case) -> str:
    ja = "拠りどころ: JRIレビュー Vol.5 No.108 §6(1)・要約5（四つの段。合格点は無し）、問いと相談先は実務の知恵"
    en = (
        "Based on: JRI Review, Vol. 5, No. 108 (2023), §6(1), summary 5 (the stages; it gives no pass mark); "
        "questions and advice: general practice"
    )
    if case.side == "startup":
        ja += "。報告書の四つの段は中小企業についてのものです"
        en += ". The report's stages are about SMEs"
    return Text(ja=ja, en=en)(case.locale)


EXERCISE = ExerciseKind(
    id="readiness",
    title=Text(ja="組む前の四つの確認", en="Ready to partner?"),
    about=Text(
        ja="相手を探す前に、四つの段を順に確かめます。点数はつけません。五分ほどです。",
        en="Four stages to check before looking for a partner. No score. About five minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    path=_path,
    cards=("four-stages", "not-everyone", "who-to-ask"),
)
