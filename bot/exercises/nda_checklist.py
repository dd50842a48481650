"""What may be shown now, what after the NDA, and what never; what the NDA should say. The never list stays home."""

from datetime import timedelta

from bot.exercises import BOTH, Case, Choice, ExerciseKind, Page, Question, Task
from bot.exercises._words import as_told, empty_for, in_a_row, one_line, shown, side_by_side
from bot.model import Text

QUESTIONS = (
    Question(
        "purpose",
        Text(
            ja="秘密を見せ合うのは何のためですか。「二社で、何が何に使えるかを確かめるため」"
            "のように一文でお願いします。",
            en="What do you show each other secrets for? One sentence, like “to find out together whether A works "
            "for B”.",
        ),
        Text(
            ja="目的の外では使わない、という約束の土台になります。狭く書くほど安心です。",
            en="Secrets may be used for this and nothing else. The narrower, the safer.",
        ),
    ),
    Question(
        "now",
        Text(ja="いま、誰に話してもよいものは何ですか。", en="What may anybody hear today?"),
        Text(
            ja="困りごと、結果の数字、完成品の写真などがあれば、署名を待たずに話が進みます。",
            en="Your trouble, figures of results, photographs of the finished thing: the talks need not wait.",
        ),
        own={
            "sme": Text(
                ja="いま、誰に話してもよいものは何ですか。困りごと、不良の割合、完成品の写真、"
                "道順を決めた見学などです。",
                en="What may anybody hear or see today? Your trouble, scrap rates, photographs, a tour along a set "
                "path.",
            ),
            "startup": Text(
                ja="いま、誰に話してもよいものは何ですか。できること、性能の幅、公開した論文や特許、"
                "動く様子などです。",
                en="What may anybody hear or see today? What it does, ranges, published papers and patents, a "
                "demonstration.",
            ),
        },
    ),
    Question(
        "after",
        Text(
            ja="秘密保持契約（NDA）のあとなら見せられるものは何ですか。中身は書かず、名前だけお願いします。",
            en="What could you show once an NDA is signed? Only its name, please, not what is in it.",
        ),
        Text(
            ja="見せられるものが先に並ぶと、契約に書く範囲が決まります。",
            en="A list of names is what the NDA needs to cover.",
        ),
    ),
    Question(
        "never",
        Text(
            ja="契約のあとでも見せないものは何ですか。これは相手に見せるかどうかを伺うこともしません。",
            en="What will you never show, NDA or not? I shall not even ask whether they may see this one.",
        ),
        Text(
            ja="先に決めておけば、その場の勢いで話さずに済みます。",
            en="Decided beforehand, it will not slip out in the heat of a good talk.",
        ),
        shareable=False,
    ),
    Question(
        "wanted",
        Text(ja="相手には、何を見せてもらいたいですか。", en="What would you like them to show you?"),
        Text(
            ja="頼まれて初めて、出す出さないを考えられるものもあります。",
            en="They can think about it once they know that you would like it.",
        ),
    ),
    Question(
        "mark",
        Text(ja="渡すものに、秘密の印をどう付けますか。", en="How do you mark what is secret?"),
        Text(
            ja="もめごとの多くは、印の付け忘れから起きます。口で話したことも、後から書いて送ると残ります。",
            en="Many quarrels begin with a forgotten mark. What is spoken can be noted and sent afterwards.",
        ),
        (
            Choice(
                "stamp",
                Text(ja="紙にもファイル名にも「秘」と日付", en="“Confidential” and the date on paper and file name"),
            ),
            Choice("cover", Text(ja="表紙をつけて渡す", en="A cover sheet each time")),
        ),
    ),
    Question(
        "log",
        Text(
            ja="いつ、だれが、だれに、何を渡したかを、だれがどこに控えますか。",
            en="Who notes, and where, who gave what to whom and when?",
        ),
        Text(
            ja="一行の控えが、返すとき、言った言わないのときに、両社を守ります。",
            en="One line each protects you both when things go back, or memories differ.",
        ),
    ),
    Question(
        "tell",
        Text(
            ja="話し合いをしていること自体を、だれには伝えられないと困りますか。投資家、銀行、親会社などです。",
            en="Whom must you be able to tell that you are talking at all? Investors, your bank, a parent company.",
        ),
        Text(
            ja="話し合いの存在まで秘密にすると、報告ができずに困る方がいます。",
            en="If even the talks are secret, somebody cannot report where they must.",
        ),
    ),
    Question(
        "period",
        Text(ja="契約の期間は、どのくらいが良いですか。", en="How long should it run?"),
        Text(
            ja="一年ほどの契約に、終わった後も数年守る決まりを添える例があります。技術の寿命で考えます。",
            en="A year, with secrecy kept for some years after, is one published example. Think of how long the "
            "secret lives.",
        ),
        (
            Choice("half", Text(ja="半年", en="Six months")),
            Choice("one", Text(ja="一年", en="One year")),
            Choice("two", Text(ja="二年", en="Two years")),
            Choice("unsure", Text(ja="まだ分からない", en="I can't say yet")),
        ),
        "choice",
    ),
)
SORTED = {
    "now": Text(ja="いま話せるもの", en="May be shown now"),
    "after": Text(ja="NDAのあとで見せるもの", en="After the NDA"),
    "never": Text(ja="見せないもの（この紙だけ）", en="Never (on this sheet only)"),
}
TERMS = {
    "purpose": Text(ja="目的の一文", en="Purpose in a sentence"),
    "wanted": Text(ja="見せてもらいたいもの", en="Would like to see"),
    "mark": Text(ja="秘密の印", en="Marking"),
    "log": Text(ja="渡した控え", en="Log of what was given"),
    "tell": Text(ja="話し合いの事実を伝えたい先", en="Must be able to tell that you talk"),
    "period": Text(ja="期間の希望", en="Wished period"),
}
BOTH_SEE = ("purpose", "now", "after", "wanted", "mark", "log", "tell", "period")
NO_ADVICE = Text(
    ja="この紙は整理のためのもので、法律の助言ではありません。文案は弁護士か、無料の相談先「INPIT "
    "知財総合支援窓口」に見てもらいましょう。",
    en="This sheet sorts things; it is no legal advice. Have the text read by a lawyer, or by INPIT's free help "
    "desk for "
    "intellectual property (知財総合支援窓口).",
)
BASIS = Text(
    ja="拠りどころ: 経済産業省・特許庁のモデル契約書 v1.0（秘密保持）、実務の知恵",
    en="Based on: METI/JPO model contracts v1.0 (NDA); general practice",
)
RULES = {
    "sme": Text(
        ja="客先から預かった図面や見本は、客先の許しなしには見せません。",
        en="Drawings and samples that belong to a customer need the customer's consent.",
    ),
    "startup": Text(
        ja="特許を出す前のものは、見せる前に専門家に一言聞きます。",
        en="What is not filed as a patent yet: ask an adviser before you show it.",
    ),
}


def _page(case: Case) -> Page:
    """Return a side's own sheet. It makes no tasks: the list of tasks is read by both."""
    locale, mine = case.locale, case.mine
    lines = [
        Text(
            ja="この紙は御社だけのものです。打ち合わせの前に、出る人みんなで一度読みましょう。",
            en="This sheet is for your side alone. Let everyone who attends read it before a meeting.",
        )(locale)
    ]
    for part, name in SORTED.items():
        lines += ["", f"**{name(locale)}**", f"- {one_line(mine.get(part, '')) or EMPTY(locale)}"]
    told = [f"- {name(locale)}: {as_told(case, part, mine[part])}" for part, name in TERMS.items() if mine.get(part)]
    if told:
        lines += ["", TERMS_HEAD(locale), *told]
    if open_ := [name for part, name in TERMS.items() if not mine.get(part)]:
        lines += ["", f"{OPEN(locale)} {in_a_row(open_, locale)}"]
    rule = RULES.get(case.side or "")
    lines += ["", _stands(case), *([rule(locale)] if rule else []), "", NO_ADVICE(locale), "", BASIS(locale)]
    title = Text(ja="見せるもの・見せないもの（御社の控え）", en="What to show and what not (your own sheet)")
    return Page(title(locale), "\n".join(lines))


def _stands(case: Case) -> str:
    """Say what may be shown as the NDA stands now."""
    nda = case.record.nda
    if nda.state != "signed" or (nda.expires and nda.expires < case.today):
        return Text(
            ja="いまは有効なNDAが記録にありません。作り方に入る手前で「続きは紙を交わしてから」と止めます。",
            en="No NDA in force is on record. Stop before the how: “Let us go on once the paper is signed.”",
        )(case.locale)
    return Text(
        ja="NDAは締結済みです。それでも見せるのは目的の内だけにし、渡すたびに印と控えを残します。",
        en="The NDA is signed. Even so, show only what its purpose needs; mark and log each time.",
    )(case.locale)


def _shared(case: Case) -> Page:
    """Return the page for both, from what each side shows."""
    locale = case.locale
    names = {**SORTED, **TERMS}
    lines = [SHARED_HEAD(locale), ""]
    for part in BOTH_SEE:
        lines += side_by_side(case, part, names[part])
    lines += ["", TALK_HEAD(locale), *(f"- {one}" for one in _differences(case))]
    lines += ["", NO_ADVICE(locale), "", BASIS(locale)]
    return Page(EXERCISE.title(locale), "\n".join(lines), _tasks(case))


def _differences(case: Case) -> list[str]:
    """Say what is missing or differs, by the same measure for both."""
    found = []
    names = {**SORTED, **TERMS}
    for side in BOTH:
        needed = ("purpose", "after", "mark", "log", "tell")
        if empty := [names[part] for part in needed if not shown(case, side, part)]:
            found.append(empty_for(case, side, empty))
    purposes, periods = ({shown(case, side, part) for side in BOTH} - {""} for part in ("purpose", "period"))
    if len(purposes) > 1:
        found.append(ONE_PURPOSE(case.locale))
    if len(periods) > 1:
        found.append(TWO_PERIODS(case.locale))
    return found or [READY(case.locale)]


def _tasks(case: Case) -> tuple[Task, ...]:
    week, fortnight = case.today + timedelta(days=7), case.today + timedelta(days=14)
    log = Text(
        ja="渡したものの控え（日付・だれから・だれへ・何を）を一枚用意する", en="Set up the log: date, from, to, what"
    )
    if case.record.nda.standing(case.today) == "signed":
        check = Text(
            ja="並んだ項目が、締結したNDAの目的に収まるか確かめる",
            en="Check that the listed items fit the signed NDA's purpose",
        )
        return (Task(check(case.locale), "", week), Task(log(case.locale), "", week))
    purpose = Text(ja="NDAの目的の一文を二社でそろえる", en="Agree on the NDA's purpose in one sentence")
    text = Text(
        ja="NDAの文案を弁護士かINPIT 知財総合支援窓口に見てもらう",
        en="Have the NDA's text read by a lawyer or INPIT's help desk",
    )
    return tuple(Task(one(case.locale), "", due) for one, due in ((purpose, week), (log, week), (text, fortnight)))


EMPTY = Text(ja="（まだ書いていません）", en="(not written yet)")
TERMS_HEAD = Text(ja="**契約に向けて**", en="**Towards the NDA**")
OPEN = Text(ja="まだ決めていないこと:", en="Still open:")
SHARED_HEAD = Text(
    ja="両社が見せてよいと言ったものだけを並べました。ここに無いものは、尋ねない約束にしましょう。",
    en="Only what each side agreed to show. Let us agree not to ask after what is not here.",
)
TALK_HEAD = Text(ja="**そろえたいところ**", en="**To be settled**")
ONE_PURPOSE = Text(
    ja="目的の一文が二つあります。読み比べて、狭いほうへそろえましょう。",
    en="There are two purposes. Read both and settle on one, rather the narrower.",
)
TWO_PERIODS = Text(
    ja="期間の希望が違います。それぞれの秘密が何年生きるかから話しましょう。",
    en="The wished periods differ. Begin with how long each side's secrets live.",
)
READY = Text(
    ja="欄はそろっています。目的の一文を声に出して読み、文案に進みましょう。",
    en="Everything is there. Read the purpose aloud, then go on to the text.",
)
EXERCISE = ExerciseKind(
    id="nda_checklist",
    title=Text(ja="見せるもの・見せないもの（NDAの準備）", en="What to show, what not (before the NDA)"),
    about=Text(
        ja="手持ちの情報を「いま・契約のあと・見せない」に分け、NDAに書くことをそろえます。十分ほどです。",
        en="Sort what you have into now, after the NDA, and never, and settle what the NDA should say. Ten minutes.",
    ),
    questions=QUESTIONS,
    page=_page,
    shared=_shared,
    cards=("nda-timing", "nda-clauses", "nda-first"),
)
