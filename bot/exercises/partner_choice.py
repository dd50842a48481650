"""With whom: a startup, a university, a university startup, a firm of another industry, a package tool, or nobody."""

from datetime import timedelta

from bot.exercises import Answers, Case, Choice, ExerciseKind, Page, Question, Task
from bot.exercises._words import one_line
from bot.model import Text
from bot.partnership import Partnership

WANT = Question(
    "want",
    Text(ja="何が片づけばよいですか。一言でお願いします。", en="What do you want solved? One line will do."),
    Text(ja="相手の名前より先に、目的を決めるためです。", en="The purpose comes before the partner's name."),
)
ALONE = Question(
    "alone",
    Text(ja="人を雇うか自社で工夫すれば、済みそうですか。", en="Would hiring somebody, or your own effort, do?"),
    Text(ja="組むのは手立てで、目的ではないからです。", en="Partnering is a means, not an end."),
    (
        Choice("yes", Text(ja="自社で済みそうです", en="We can do it ourselves")),
        Choice("no", Text(ja="自社だけでは難しいです", en="Not by ourselves")),
    ),
    "choice",
)
SPARE = Question(
    "spare",
    Text(
        ja="この件に、月に何日か人を出し、外れても困らないお金を少し使えますか。",
        en="Can you spare somebody a few days a month, and a little money that may be lost?",
    ),
    Text(ja="人と費用が見合わなければ、見送るのも普通です。", en="If people or cost do not fit, passing is normal."),
    (
        Choice("yes", Text(ja="出せます", en="Yes, we can")),
        Choice("no", Text(ja="いまは出せません", en="Not at present")),
    ),
    "choice",
)
AIM = Question(
    "aim",
    Text(ja="いちばん近いのはどれですか。", en="Which comes closest?"),
    Text(ja="目的が違えば、向く相手も違います。", en="A different purpose calls for a different partner."),
    (
        Choice("product", Text(ja="新しい品や用途を一緒に作りたい", en="Make a new product or use together")),
        Choice("niche", Text(ja="自社だけの、特別な困りごとを解きたい", en="Solve a trouble only we have")),
        Choice("common", Text(ja="どの会社にもある用事を楽にしたい", en="Ease a chore that every firm has")),
        Choice("learn", Text(ja="知識、論文での評価、特許の信用がほしい", en="Gain knowledge, papers, patents")),
        Choice("lack", Text(ja="自社にない加工・設備・売り先を借りたい", en="Use a process or channel we lack")),
        Choice("unsure", Text(ja="まだはっきりしません", en="I do not know yet")),
    ),
    "choice",
)
TECH = Question(
    "tech",
    Text(ja="要りそうな技術は、どれに近いですか。", en="What sort of technology does it seem to need?"),
    Text(ja="その技がどこにあるかで、相手が分かれます。", en="Where the skill lives tells whom to ask."),
    (
        Choice("research", Text(ja="大学の研究から生まれたような新しい技術", en="New, out of university research")),
        Choice("far", Text(ja="自社とまるで違う技術や発想", en="Quite unlike ours")),
        Choice("near", Text(ja="別の業界なら当たり前にある技", en="Ordinary in another industry")),
        Choice("unsure", Text(ja="分かりません", en="I can't tell")),
    ),
    "choice",
)
TRIED = Question(
    "tried",
    Text(ja="市販の道具は、もう試しましたか。", en="Have you tried a ready-made tool?"),
    Text(ja="買って済むなら、それがいちばん早道です。", en="If buying will do, it is the quickest way."),
    (
        Choice("no", Text(ja="まだです", en="Not yet")),
        Choice("yes", Text(ja="試しましたが、合いませんでした", en="Yes, and it did not fit")),
    ),
    "choice",
)
THEME = Question(
    "theme",
    Text(ja="相手に見せるものは、もう決まっていますか。", en="What have you to show to a partner?"),
    Text(ja="どの形の橋渡しが合うかは、ここで分かれます。", en="It decides which form of matching suits you."),
    (
        Choice(
            "theme",
            Text(ja="困りごとや、ほしい物が決まっている", en="A clear trouble or wish"),
        ),
        Choice("skill", Text(ja="生かしたい技術や設備がある", en="A skill or machine to put to use")),
        Choice("none", Text(ja="まだ言葉になっていない", en="Nothing in words yet")),
    ),
    "choice",
)
PACE = Question(
    "pace",
    Text(ja="いま大事なのは、どちらですか。", en="Which counts more just now?"),
    Text(ja="個別の紹介は早く、催しは意外な出会いに強いからです。", en="A search is fast; events surprise."),
    (
        Choice("soon", Text(ja="早く会うこと", en="Meeting soon")),
        Choice("chance", Text(ja="思いがけない相手に会うこと", en="Meeting someone unexpected")),
    ),
    "choice",
)
QUESTIONS = (WANT, ALONE, SPARE, AIM, TECH, TRIED, THEME, PACE)
FITS = {
    ("product", "research"): "university_startup",
    ("product", "near"): "firm",
    ("lack", ""): "firm",
    ("learn", ""): "university",
    ("common", "no"): "package",
    ("common", ""): "package",
    ("unsure", ""): "unsure",
    ("", ""): "unsure",
}
ADVICE = {  # What it is, why it fits, what to see to first.
    "startup": (
        Text(ja="スタートアップ", en="a startup"),
        Text(
            ja="自社とまるで違う技術や発想を、小さく試しながら探せる相手です。",
            en="It brings technology and ideas unlike yours, and lets you find the fit by small trials.",
        ),
        Text(
            ja="訪ねて技術とデータを見る。紹介した人は、相手の経営まで保証しません",
            en="Visit, and look at technology and data: whoever introduces them does not vouch for their finances",
        ),
    ),
    "sme": (
        Text(ja="ものづくりの中小企業", en="a small manufacturer"),
        Text(
            ja="試作、試す現場、量産の知恵、売り先の顔を持ち、社長がその場で決められる相手です。",
            en="It has prototypes, a real site, production sense and customers, and an owner who decides.",
        ),
        Text(ja="現物を一つ持って、現場を訪ねる", en="Visit the shop floor with one thing to hold in the hand"),
    ),
    "university_startup": (
        Text(ja="大学発スタートアップ", en="a university startup"),
        Text(
            ja="研究が商売の手前まで来ているので、一緒に売る品を作るなら大学そのものより向きます。",
            en="Its research is close to business: for a product, it suits better than the university.",
        ),
        Text(
            ja="品がどこまで進んだか、もとの特許をだれが持つかを聞き、技術とデータを自分の目で見る",
            en="Ask how far the product is and who holds the patent, and see technology and data yourself",
        ),
    ),
    "university": (
        Text(ja="大学", en="a university"),
        Text(
            ja="知識を身につける、論文で評価を得る、特許に名を連ねる。そういう目的に向きます。",
            en="It suits learning, standing in papers, and a name on a patent.",
        ),
        Text(
            ja="ほしい結果と期日を一行で書き、初めに先生へ見せる。時間の物差しは会社より長めです",
            en="Show the result and date you want at the first visit; a university counts time in longer spans",
        ),
    ),
    "firm": (
        Text(ja="異業種の会社", en="a firm of another industry"),
        Text(
            ja="よそでは当たり前の技なら、もう持っている会社に聞くのが早道です。",
            en="If the skill is ordinary elsewhere, the shortest way is a firm that has it already.",
        ),
        Text(
            ja="頼みごとを物か工程の名で一行にし、会議所や取引銀行、知り合いの社長に渡す",
            en="Write the ask in one line, by thing or process; give it to chamber, bank and owners you know",
        ),
    ),
    "package": (
        Text(ja="市販の道具", en="a ready-made tool"),
        Text(
            ja="どの会社にもある用事なら、出来上がっている道具のほうが早くて入れやすいです。",
            en="For a chore that every firm has, a tool that exists already is quicker and easier to bring in.",
        ),
        Text(ja="月払いの道具を一つ、期限を切って試す", en="Try one monthly tool, with a date to decide"),
    ),
    "nobody": (
        Text(ja="いまは、だれとも組まない", en="nobody for now"),
        Text(
            ja="自社で済むなら、それがいちばんです。人や費用が見合わないときの見送りも、普通のことです。",
            en="If you can do it yourselves, all the better. When people or cost do not fit, passing is normal.",
        ),
        Text(ja="見直す月を一つ、暦に書いておく", en="Mark a month in the calendar to look at it again"),
    ),
    "unsure": (
        Text(ja="まだ決めずにおきましょう", en="still open"),
        Text(
            ja="目的がまだ広いので、先に困りごとを一文にすると、向く相手が見えてきます。",
            en="The purpose is still wide. Once the trouble stands in one sentence, the right kind of partner shows.",
        ),
        Text(
            ja="「お題づくり」で一枚にする。並行して、発表の会を聞きに行くだけでもよい",
            en="Put it on a page with “Theme on a page”; meanwhile, just listening at a pitch day is fine",
        ),
    ),
}
PATTERNS = {
    "A": Text(
        ja="A: 企業がお題を出し、決まった日程で提案を募る形（当時: 愛知県「あいちマッチング2022」）",
        en="A: firms publish themes on a fixed schedule (then: Aichi Prefecture's Aichi Matching 2022)",
    ),
    "B": Text(
        ja="B: 企業の課題に合わせ、その都度探す形（当時: 関東経済産業局「価値創造チャレンジ事業」）",
        en="B: a search made for a firm's issue (then: the Kanto METI Bureau's Value Creation Challenge)",
    ),
    "C": Text(
        ja="C: スタートアップの発表を聞く会（当時: 大阪商工会議所などのマッチング商談会）",
        en="C: a day of pitches by startups (then: the Osaka chamber's joint matching days)",
    ),
    "D": Text(
        ja="D: スタートアップの相談から、その都度つなぐ形（当時: 大阪商工会議所「町工場×スタートアップ　コネクト」）",
        en="D: a startup asks and is connected one by one (then: the Osaka chamber's workshop Connect)",
    ),
}
GUESS = Text(
    ja="要る技術の見当がつくまでは仮の答え。大学発の会社や異業種の会社も並べて聞いてみる",
    en="A guess until you know the technology: ask about university startups and other industries too",
)
READY = {
    ("sme", "D"): Text(
        ja="- 相談が届くよう、得意を物か工程の名で一行にして、会議所や取引銀行に渡しておきましょう。",
        en="- So that requests reach you, leave your skill in one line, by thing or process, with chamber and bank.",
    ),
    ("startup", "B"): Text(
        ja="- 企業の課題が出たときに声がかかるよう、できることを一行にして橋渡し役に渡しておきましょう。",
        en="- So that you are called when an issue fits, leave what you can do, in one line, with a go-between.",
    ),
}
NO_WORDS = Text(
    ja="- その前に、「お題づくり」か「頼みごとを尖らせる」で一行にしておきましょう。",
    en="- Before that, put it in one line with “Theme on a page” or “Sharpen the ask”.",
)
WAYS = {
    ("theme", "soon"): ("B", "D"),
    ("theme", "chance"): ("A", "C"),
    ("skill", "soon"): ("D", "B"),
    ("skill", "chance"): ("C", "C"),
    ("none", "soon"): ("B", "D"),
    ("none", "chance"): ("C", "A"),
}
"""The pattern for a manufacturer and for a startup, by what there is to show and what counts more."""


def _path(answers: Answers, record: Partnership) -> tuple[Question, ...]:
    if answers.get("alone") == "yes":
        return (WANT, ALONE)
    if answers.get("spare") == "no":
        return (WANT, ALONE, SPARE)
    aim = answers.get("aim", "")
    more = {"product": (TECH,), "common": (TRIED,)}.get(aim, ())
    meets = aim in ("product", "niche", "lack") or (aim, answers.get("tried")) == ("common", "yes")
    return (WANT, ALONE, SPARE, AIM, *more, *((THEME, PACE) if meets else ()))


def _partner(mine: Answers, case: Case) -> str:
    if mine.get("alone") == "yes" or mine.get("spare") == "no":
        return "nobody"
    aim = mine.get("aim", "")
    found = FITS.get((aim, mine.get("tech") or mine.get("tried") or ""), "startup")
    # The same wish mirrors: where a manufacturer needs a startup or another firm, a startup needs a manufacturer.
    return "sme" if case.side == "startup" and found in ("startup", "firm") else found


def _page(case: Case) -> Page:
    locale, mine = case.locale, case.mine
    partner = _partner(mine, case)
    name, why, first = ADVICE[partner]
    due = case.today + timedelta(days=7)
    lines = [Text(ja=f"**向く相手: {name.ja}**", en=f"**Fits best: {name.en}**")(locale)]
    if "want" in mine:
        lines.append(
            Text(ja=f"- 片づけたいこと: {one_line(mine['want'])}", en=f"- To be solved: {one_line(mine['want'])}")(
                locale
            )
        )
    lines += [
        f"- {why(locale)}",
        "",
        Text(ja="**先にすること**", en="**First**")(locale),
        f"- {first(locale)}",
    ]
    if partner == "startup" and mine.get("aim") == "product" and mine.get("tech") != "far":
        lines.append(f"- {GUESS(locale)}")
    if partner in ("startup", "sme") or (partner == "university_startup" and case.side != "startup"):
        lines += ["", *_meeting(mine, case)]
    if asked := [one for one in case.path if one.id not in mine]:
        lines += ["", Text(ja="**まだ決まっていないこと**", en="**Still open**")(locale)]
        lines += [f"- {one.ask(locale)}" for one in asked]
    lines += [
        "",
        Text(
            ja="組むのは手立てです。途中で別の相手のほうが合うと分かれば、替えてかまいません。",
            en="Partnering is a means. If another kind of partner turns out to fit better, change.",
        )(locale),
        "",
        Text(
            ja="拠りどころ: JRIレビュー Vol.5 No.108 §3(3)・§3(5)・§4(3)・§5(2)・§6(1)・図表12。問いは実務の知恵",
            en="Based on: JRI Review, Vol. 5, No. 108 (2023), §3(3), §3(5), §4(3), §5(2), §6(1), figure 12; "
            "the questions: general practice",
        )(locale),
    ]
    task = Text(
        ja="「相手選び」の紙にある「先にすること」を一つ進める",
        en="Do the first thing on the “Whom to work with” page",
    )
    return Page(EXERCISE.title(locale), "\n".join(lines), (Task(task(locale), case.by.who, due),))


def _meeting(mine: Answers, case: Case) -> list[str]:
    """Return how to meet such a partner: one of the four patterns, or all four while it is open which."""
    ways = WAYS.get((mine.get("theme", ""), mine.get("pace", "")), ("", ""))
    way = ways[case.side == "startup"]
    lines = [Text(ja="**出会い方**", en="**How to meet**")(case.locale)]
    lines += [f"- {PATTERNS[one](case.locale)}" for one in ([way] if way else PATTERNS)]
    if note := NO_WORDS if mine.get("theme") == "none" else READY.get((case.side or "", way)):
        lines.append(note(case.locale))
    history = Text(
        ja="- 例は2022〜23年当時の記録で、いまの募集ではありません。似た事業の有無は会議所や銀行へどうぞ。",
        en="- The examples are history of 2022-23, not open calls: ask your chamber or bank what runs now.",
    )
    return [*lines, history(case.locale)]


EXERCISE = ExerciseKind(
    id="partner_choice",
    title=Text(ja="相手選び", en="Whom to work with"),
    about=Text(
        ja="スタートアップ、大学、ほかの会社、市販の道具、それとも組まないか。目的から選びます。三分ほど。",
        en="A startup, a university, another firm, a ready-made tool, or nobody: what fits. Three minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    path=_path,
    cards=("means-not-end", "choose-pattern", "university-when", "spinoff-when", "package-first"),
)
