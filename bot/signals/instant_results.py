"""Large results expected at once."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="instant_results",
    name=Text(ja="成果の出る早さ", en="How soon results come"),
    why=Text(
        ja="途中の目印があると、分かったことも成果として残せるからです",
        en="With a mark on the way, what you learn counts as a result too.",
    ),
    urgency="later",
    ask=Text(
        ja="大きな成果の手前に、目印を一つ置いてみませんか。「三か月後に、"
        "何が分かっていれば前進と言えますか」と二社で話しておくと、うまくいかない回も一歩になります。",
        en="What if you set one mark on the way to the big result? “In three months, what would we need to know "
        "to call it progress?” Settled together, it makes even a failed try a step.",
    ),
    ask_by_side={
        "sme": Text(
            ja="新しい機械も、据えたその月から儲かるとは限りませんよね。「三か月後に、"
            "この工程で何が分かっていれば前進と言えますか」と話しておきませんか。一回目でうまくいかなくても、"
            "使えない条件が一つ減れば収穫です。",
            en="Even a new machine seldom earns in its first month. What if you asked, “In three months, what "
            "would we need to know about this operation to call it progress?” One unfit condition ruled out is "
            "already a gain.",
        ),
        "startup": Text(
            ja="大きな数字を早く見たい時期もありますよね。「三か月後に、"
            "この現場で何が分かっていれば前進と言えますか」と話しておきませんか。「お見せできるのはここまで、"
            "その先はまた決めましょう」と言えば、あとで苦しくなりません。",
            en="There are times when you need a big number soon. What if you asked, “In three months, what would "
            "we need to know on this floor to call it progress?” “This much we can show; then we decide again” is "
            "a promise you can keep.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n早い時期に大きな成果を見込んでおられるようです。一か月後、"
        "三か月後に分かっていたいことを、双方から一つずつ出してもらってはいかがでしょう。急ぐ訳があれば、"
        "それも聞いておくと助かります。",
        en="{who}: “{evidence}”\nA large result seems to be expected early. You might have each name one thing to "
        "know in a month and in three. If there is a reason for the hurry, it helps to hear it.",
    ),
    options=(
        Text(ja="一回の試しで答える問いを、一つに絞る", en="Let one trial answer one question"),
        Text(
            ja="月に一度、分かったことを一行ずつ書き残す", en="Once a month, write one line each on what was learned"
        ),
    ),
    cards=("expect-progress", "learn-each-time"),
)
