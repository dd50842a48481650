"""An abstract ask becomes one that a person who is no expert can pass on: by the name of a thing or a process."""

import re
from datetime import timedelta

from bot.exercises import Answers, Case, ExerciseKind, Page, Question, Task
from bot.exercises._words import in_a_row, one_line
from bot.model import Text

QUESTIONS = (
    Question(
        "ask",
        Text(
            ja="いまの頼みごとを、そのままの言葉で書いてください。", en="Write what you ask for, in your own words."
        ),
        Text(ja="元の言葉は最後まで残し、書き直しと並べます。", en="Your own words stay beside the rewrites."),
    ),
    Question(
        "part",
        Text(
            ja="作りたい、または直したい部品や品は何と呼びますか。その仕事をする人の呼び名でどうぞ。",
            en="What is the part or thing called by people who make it every day?",
        ),
        Text(
            ja="「放熱性の高い材料」では伝わらず、「グリーンシート」と呼んだら相手が見つかった例があります。",
            en="“Highly heat-dissipating material” found nobody; called “green sheets”, it found its maker.",
        ),
    ),
    Question(
        "material",
        Text(ja="材料は何ですか。", en="What is it made of?"),
        Text(ja="材料の名で、思い浮かぶ会社が絞られます。", en="A material brings the right firms to mind."),
    ),
    Question(
        "size",
        Text(
            ja="大きさや厚み、数はどのくらいですか。幅でかまいません。",
            en="What size, thickness and number? A range will do.",
        ),
        Text(ja="機械に載るかどうかが、ここで分かります。", en="It tells whether their machine can take it."),
    ),
    Question(
        "number",
        Text(
            ja="温度、精度、速さなど、効いてほしい数は何ですか。「これ以上は要らない」も書いてください。",
            en="Which number matters: temperature, accuracy, speed? Say also what you do not need.",
        ),
        Text(ja="数があると、できる・できないがすぐ返ってきます。", en="With a number, a yes or no comes quickly."),
    ),
    Question(
        "process",
        Text(ja="どの工程、どの加工の話ですか。", en="Which process or operation is it about?"),
        Text(ja="工程の名は、専門外の人も見聞きしています。", en="Even laymen have heard the names of processes."),
    ),
    Question(
        "tried",
        Text(ja="これまでに何を試しましたか。", en="What have you tried so far?"),
        Text(ja="同じ提案が返ってくるのを防げます。", en="It keeps the same proposal from coming back."),
    ),
    Question(
        "keep",
        Text(ja="変えてはいけないものは何ですか。", en="What must not change?"),
        Text(ja="動かせないものが分かると、残りは自由に考えられます。", en="Once that is fixed, the rest is free."),
    ),
)
LABELS = {
    "part": Text(ja="品・部品の名", en="Name of the part"),
    "material": Text(ja="材料", en="Material"),
    "size": Text(ja="大きさ・数", en="Size and number"),
    "number": Text(ja="効いてほしい数", en="The number that matters"),
    "process": Text(ja="工程・加工の名", en="Name of the process"),
    "tried": Text(ja="試したこと", en="What was tried"),
    "keep": Text(ja="変えられないもの", en="What must not change"),
}
FITS_ALL = re.compile(
    r"革新的|次世代|高機能|高性能|高品質|最先端|先進的|画期的|ソリューション|プラットフォーム|"
    r"[一-龥ァ-ヶー]+性の?(?:高い|良い|よい|優れた)|"
    r"\binnovative|\bnext-gen\w*|\badvanced|\bhigh-performance|\bcutting-edge|\bsmart\b|\bsolutions?\b|"
    r"\bhighly [\w-]+",
    re.IGNORECASE,
)
STEP = Text(
    ja="書き直しを一つ選び、技術を知らない人に読んでもらって「どこの会社が浮かぶか」を聞く",
    en="Choose one rewrite, read it to a layman, and ask which firm comes to mind",
)


def _page(case: Case) -> Page:
    locale, mine = case.locale, case.mine
    lines = []
    if "ask" in mine:
        lines += [
            Text(ja=f"**元の頼みごと**: {one_line(mine['ask'])}", en=f"**As you said it**: {one_line(mine['ask'])}")(
                locale
            )
        ]
        if wide := list(dict.fromkeys(FITS_ALL.findall(mine["ask"])))[:3]:
            words = Text(ja="".join(f"「{word}」" for word in wide), en=", ".join(f"“{word}”" for word in wide))
            lines.append("")
            lines.append(
                Text(
                    ja=f"{words.ja}は、どの会社にも当てはまるので、だれの顔も浮かびにくい言葉です。",
                    en=f"{words.en} would fit any firm, so no one in particular comes to mind.",
                )(locale)
            )
        lines.append("")
    lines.append(Text(ja="**書き直し**（ご本人が選んでください）", en="**Rewrites** (the choice is yours)")(locale))
    rewrites = _rewrites(mine)
    step = STEP if rewrites else ASK_NAME
    lines += [f"{number}. {one(locale)}" for number, one in enumerate(rewrites, 1)]
    if len(rewrites) < 2:
        lines += ["", NEEDS(locale)]
    if told := [f"- {label(locale)}: {one_line(mine[name])}" for name, label in LABELS.items() if name in mine]:
        lines += ["", Text(ja="**伺ったこと**", en="**What you told me**")(locale), *told]
    if missing := [label for name, label in LABELS.items() if name not in mine]:
        head = Text(ja="**まだ分からないこと**", en="**Still open**")
        lines += ["", f"{head(locale)}: {in_a_row(missing, locale)}"]
    lines += ["", Text(ja="**次の一歩**", en="**Next step**")(locale), f"- {step(locale)}"]
    if case.record.nda.standing(case.today) != "signed":
        lines.append(f"- {CAREFUL(locale)}")
    lines += ["", FOOT(locale)]
    tasks = (Task(step(locale), case.by.who, case.today + timedelta(days=7)),)
    return Page(EXERCISE.title(locale), "\n".join(lines), tasks)


ASK_NAME = Text(
    ja="現物か写真を、その仕事をする人に見せて、何と呼ぶか聞く",
    en="Show the piece or a photo to somebody who does such work, and ask what it is called",
)
NEEDS = Text(
    ja="物か工程の名が分かると、書き直しが増やせます。現物か写真を見せて「何と呼びますか」と聞きましょう。",
    en="The name of a thing or a process gives another rewrite. Show the piece and ask what it is called.",
)
CAREFUL = Text(
    ja="外へ出す前に、客先の名や配合、加工条件が混じっていないか見る（秘密保持契約がまだのため）",
    en="Before it leaves the house, check that no customer, recipe or setting is in it: there is no NDA yet",
)
FOOT = Text(
    ja="拠りどころ: JRIレビュー Vol.5 No.108 §5(3)（物の名で通じた例）、聞き方は実務の知恵",
    en="Based on: JRI Review, Vol. 5, No. 108 (2023), §5(3) (the green sheets); questions: general practice",
)


def _rewrites(mine: Answers) -> list[Text]:
    """Return the ask by thing, by process and by trouble, as far as the answers carry it."""
    said = {name: one_line(answer, 60).rstrip("。.") for name, answer in mine.items()}
    found = []
    if thing := said.get("part") or said.get("material"):
        about = [said[name] for name in ("material", "size", "number") if name in said and said[name] != thing]
        ja, en = (f"（{'、'.join(about)}）", f" ({'; '.join(about)})") if about else ("", "")
        found.append(
            Text(
                ja=f"「{thing}」{ja}を扱う会社をご存じありませんか。",
                en=f"Do you know a firm that works with {thing}{en}?",
            )
        )
    if process := said.get("process"):
        about = [said[name] for name in ("part", "material", "size") if name in said]
        ja, en = (f"物は{'、'.join(about)}です。", f" It is for {'; '.join(about)}.") if about else ("", "")
        found.append(
            Text(
                ja=f"「{process}」を毎日している会社を探しています。{ja}",
                en=f"We look for a firm that does {process} every day.{en}",
            )
        )
    names = [said[name] for name in ("ask", "part", "process") if name in said]
    # What fits any firm is not worth leading with, if something else has a name.
    trouble = next((name for name in names if not FITS_ALL.search(name)), names[0] if names else "")
    if trouble and any(name in said for name in ("number", "tried", "keep")):
        found.append(_by_trouble(trouble, said))
    return found


def _by_trouble(trouble: str, said: Answers) -> Text:
    ja, en = [f"「{trouble}」のことで相談先を探しています。"], [f"We need advice on this: {trouble}."]
    if "number" in said:
        ja.append(f"目標は「{said['number']}」。")
        en.append(f"The mark to reach: {said['number']}.")
    if "tried" in said:
        ja.append(f"試したことは「{said['tried']}」。")
        en.append(f"Tried so far: {said['tried']}.")
    if "keep" in said:
        ja.append(f"変えられないものは「{said['keep']}」。")
        en.append(f"Must not change: {said['keep']}.")
    return Text(ja="".join(ja) + "どなたに聞けばよいでしょう。", en=" ".join([*en, "Whom should we ask?"]))


EXERCISE = ExerciseKind(
    id="sharpen_ask",
    title=Text(ja="頼みごとを尖らせる", en="Sharpen the ask"),
    about=Text(
        ja="ふわっとした頼みごとを、物や工程の名の入った一行に直します。分からない所はとばして五分ほどです。",
        en="Turns a broad request into one line that names a thing or a process. Five minutes; skip at will.",
    ),
    questions=QUESTIONS,
    page=_page,
    cards=("sharpen-ask", "concrete-keywords"),
)
