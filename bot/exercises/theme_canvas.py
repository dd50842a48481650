"""A theme on a page: whose trouble, what would change, why us, what we bring, what we do not know."""

import re
from datetime import timedelta

from bot.exercises import BOTH, Answers, Case, ExerciseKind, Page, Question, Task
from bot.exercises._words import in_a_row, one_line
from bot.model import Text
from bot.partnership import Partnership

QUESTIONS = (
    Question(
        "trouble",
        Text(ja="だれが、どんなことに困っていますか。", en="Who is troubled, and by what?"),
        Text(
            ja="困っている人の顔が見えると、手を挙げる人が出てきます。",
            en="People come forward when they can see whom they would help.",
        ),
    ),
    Question(
        "size",
        Text(
            ja="どのくらい困っていますか。時間、不良の数、年間の金額など、おおよその数でどうぞ。",
            en="How big is it? Hours, rejects or money a year; a rough number will do.",
        ),
        Text(
            ja="数があると、相手が手立てを考え始められます。お答えは、両社が読む記録に載ります。",
            en="With a number, the other side can start to think. Your answer goes on the record that both read.",
        ),
    ),
    Question(
        "change",
        Text(ja="何がどう変われば、うれしいですか。", en="What would you be glad to see change, and how?"),
        Text(
            ja="望みだけを書き、やり方は空けておくと、相手の知恵が入ります。",
            en="State the wish and leave the method open: that is where their ideas come in.",
        ),
    ),
    Question(
        "tried",
        Text(
            ja="これまでに何を試しましたか。駄目だったことほど助かります。",
            en="What have you tried? Failures help most.",
        ),
        Text(ja="同じ遠回りをせずに済みます。", en="It saves everybody the same detour."),
    ),
    Question(
        "why_us",
        Text(ja="なぜ、自社がこれに取り組むのですか。", en="Why is it you who should take this on?"),
        Text(
            ja="続ける理由があると、相手も腰を据えられます。お答えは、両社が読む記録に載ります。",
            en="A reason to keep going lets the other side commit. Your answer goes on the record that both read.",
        ),
    ),
    Question(
        "brings",
        Text(ja="こちらから持ち寄れるものは何ですか。", en="What can you bring to it?"),
        Text(
            ja="双方が出し合うと、頼む側と頼まれる側に分かれません。",
            en="When both bring something, nobody is the vendor.",
        ),
        own={
            "sme": Text(
                ja="現場、機械、不良品、データ、ベテランの時間など、持ち寄れるものは何ですか。",
                en="What can you bring: a real site, machines, rejects, data, a veteran's time?",
            ),
            "startup": Text(
                ja="技術、試作、データ、社員の時間など、持ち寄れるものは何ですか。",
                en="What can you bring: technology, prototypes, data, your people's time?",
            ),
        },
    ),
    Question(
        "unknown",
        Text(ja="まだ分からないことは何ですか。", en="What do you not know yet?"),
        Text(ja="分からないことが、最初の実験になります。", en="What you do not know becomes the first experiment."),
        takes_questions=True,
    ),
    Question(
        "keywords",
        Text(
            ja="部品・材料・工程の名など、現場の言葉を二つ三つ挙げてください。",
            en="Name two or three trade words: parts, materials, processes.",
        ),
        Text(ja="物の名があると、紹介する人に心当たりが浮かびます。", en="A thing's name brings a firm to mind."),
    ),
    Question(
        "owner",
        Text(ja="社内で進める人と、決める人はどなたですか。", en="Who drives this in your firm, and who decides?"),
        Text(ja="持ち主のいないお題には、だれも電話できません。", en="A theme that nobody owns has nobody to call."),
    ),
)
LABELS = {
    "trouble": Text(ja="だれの困りごとか", en="Whose trouble"),
    "size": Text(ja="大きさ", en="How big"),
    "change": Text(ja="変わってほしいこと", en="What should change"),
    "tried": Text(ja="試したこと", en="What was tried"),
    "why_us": Text(ja="なぜ自社か", en="Why us"),
    "brings": Text(ja="持ち寄るもの", en="What we bring"),
    "unknown": Text(ja="分からないこと", en="What we do not know"),
    "keywords": Text(ja="現場の言葉", en="Trade words"),
    "owner": Text(ja="進める人・決める人", en="Who drives, who decides"),
}
WIDE = re.compile(
    r"何か|なにか|なんとか|面白いこと|新しいこと|DX|ＤＸ|IoT|デジタル化|イノベーション|効率化|生産性|"
    r"\bsomething\b|\bsomehow\b|\binnovat|\bdigital|\befficien|\bproductiv|AIで|\busing AI\b|\bwith AI\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万半]+(?:円|日|時間|人|名|個|件|回|本|枚|台|割|分|秒|週|年|か月|ヶ月)|"
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|half|dozens?|hundreds?|thousands?)\b",
    re.IGNORECASE,
)

NO_SIZE = re.compile(r"[\d一二三四五六七八九十]+(?:人|名)|半分")
"""How many people it bothers, or a wish for half of it, does not tell how big it is."""


def _page(case: Case) -> Page:
    locale, mine = case.locale, {name: one_line(answer) for name, answer in case.mine.items()}
    statement = _statement(mine, locale == "ja")
    step = STEP if statement else BEGIN
    lines = [Text(ja=f"**お題**: {statement}", en=f"**Theme**: {statement}")(locale), ""] if statement else []
    lines += [f"- {label(locale)}: {mine[name]}" for name, label in LABELS.items() if name in mine]
    lines += ["", Text(ja="**読み返して**", en="**Reading it again**")(locale)]
    lines += [f"- {one(locale)}" for one in _remarks(mine)]
    if missing := [label for name, label in LABELS.items() if name not in mine]:
        head = Text(ja="**まだ書けていないこと**", en="**Still open**")
        lines += ["", f"{head(locale)}: {in_a_row(missing, locale)}"]
    lines += ["", Text(ja="**次の一歩**", en="**Next step**")(locale), f"- {step(locale)}"]
    record = _recorded(case, mine, statement)
    if record:
        lines += ["", f"- {RECORDED(locale)}"]
        if case.record.theme.statement not in ("", statement):
            old = one_line(case.record.theme.statement)
            lines.append(
                Text(
                    ja=f"- 前のお題「{old}」は履歴に残っています。",
                    en=f"- The theme before, “{old}”, stays in the history.",
                )(locale)
            )
    lines += ["", Text(ja="拠りどころ: 実務の知恵", en="Based on: general practice")(locale)]
    tasks = (Task(step(locale), case.by.who, case.today + timedelta(days=7)),)
    return Page(EXERCISE.title(locale), "\n".join(lines).strip(), tasks, record, tasks_shared=record is not None)


STEP = Text(
    ja="お題の一枚を業界の違う人に読んでもらい、「だれが喜ぶか」を言ってもらう",
    en="Let somebody from another trade read the theme page and say who would be glad",
)
BEGIN = Text(
    ja="先月いちばん困った一日を思い出し、だれが何に困ったかを一文にする",
    en="Recall the worst day of last month and put in one sentence whom it troubled, and how",
)
RECORDED = Text(
    ja="お題の一文・現場の言葉・大きさと理由・持ち寄るものは、二社の記録に載ります。ほかはこの紙だけです。",
    en="The theme, trade words, size, reason and what you bring go into the record that both sides read; "
    "the rest stays on this page.",
)


def _remarks(mine: Answers) -> list[Text]:
    """Return what would make it easier to answer this theme; never more than one remark on each weakness."""
    told = " ".join(mine.get(name, "") for name in ("trouble", "change"))
    sized = NUMBER.search(f"{mine.get('size', '')} {NO_SIZE.sub('', told)}")
    found = []
    wide = WIDE.search(told)
    if wide and not sized:
        found.append(
            Text(
                ja=f"お題がまだ広いようです。「{wide[0]}」の奥にある、先月いちばん困った一日を一文にしてみませんか。",
                en=f"It is still too wide. Behind “{wide[0]}”, recall one bad day and put that in a sentence.",
            )
        )
    if "trouble" not in mine:
        found.append(
            Text(
                ja="だれの困りごとかがまだ見えません。現場でいちばん困っている方を一人思い浮かべてみてください。",
                en="One cannot see yet whose trouble it is. Think of the one person it bothers most.",
            )
        )
    if not sized:
        found.append(
            Text(
                ja="数がまだありません。「月に何時間」「百個に何個」くらいの目分量で十分です。",
                en="There is no number yet. A guess such as hours a month or rejects in a hundred is plenty.",
            )
        )
    if not found:
        found.append(
            Text(
                ja="困りごとと大きさが見えます。最初の実験が紙一枚に描けるか、一年後も困っていそうか。",
                en="Trouble and size can be seen. Does the first experiment fit on a page? Will you care in a year?",
            )
        )
    return found


def _recorded(case: Case, mine: Answers, statement: str) -> Partnership | None:
    """Return the record with the theme; what was skipped leaves what stood there."""
    parts: dict[str, object] = {"statement": statement} if statement else {}
    if words := [word.strip()[:40] for word in re.split(r"[、,，;；]", mine.get("keywords", "")) if word.strip()]:
        parts["keywords"] = tuple(words[:6])
    if matters := [mine[name] for name in ("size", "why_us") if name in mine]:
        parts["matters"] = " / ".join(matters)
    if "brings" in mine and case.side in BOTH:
        parts["brings"] = {**case.record.theme.brings, case.side: mine["brings"]}
    return case.record.set_theme(case.by, **parts) if parts else None


def _statement(mine: Answers, japanese: bool) -> str:
    said = [mine[name].rstrip("。.") for name in ("trouble", "change") if name in mine]
    return "".join(f"{one}。" for one in said) if japanese else " ".join(f"{one}." for one in said)


EXERCISE = ExerciseKind(
    id="theme_canvas",
    title=Text(ja="お題づくり", en="Theme on a page"),
    about=Text(
        ja="困りごとを、相手が手を挙げたくなる一枚にします。十分ほどです。お題は相手も読む記録に載るので、"
        "客先の名や作り方の核心は書かないでください。",
        en="Turns a trouble into a page that others want to answer. Ten minutes. The theme goes into the record "
        "that both sides read, so leave out customers' names and how exactly you make things.",
    ),
    questions=QUESTIONS,
    page=_page,
    cards=("theme-setting", "theme-state"),
)
