"""An experiment about to run with no end, no limit, and nothing that would count as an answer."""

from bot.model import Text
from bot.signals import Context, SignalKind


def _not_settled(context: Context) -> bool:
    """Return whether the latest experiment that is not over still lacks its end, cap, criteria or decider."""
    ahead = [one for one in context.record.experiments if one.state != "done"]
    return not ahead or bool(ahead[-1].gaps)


SIGNAL = SignalKind(
    id="no_go_stop",
    name=Text(ja="実験の区切り", en="How the experiment ends"),
    why=Text(
        ja="区切りを先に決めておくと、うまくいかないときも気持ちよく止められるからです",
        en="With the end agreed beforehand, even a no leaves no hard feelings.",
    ),
    urgency="soon",
    counts=_not_settled,
    ask=Text(
        ja="まずやってみるのは良いことです。いまのうちに、何が出たら進むか、いつまでか、"
        "いくらまでかを一行にしませんか。「三週間、十万円まで。不良が半分になれば次へ、"
        "届かなければ一度止める」くらいで足ります。",
        en="Trying it out is a good thing. Before it goes further, what if one line said what means go, until "
        "when, and up to how much? “Three weeks, 100,000 yen; scrap halved means go on, otherwise we pause” will "
        "do.",
    ),
    ask_by_side={
        "sme": Text(
            ja="まずやってみるのは良いことです。削る前に寸法を決めるように、何が出たら進むか、いつまでか、"
            "いくらまでかを一行にしませんか。「三週間、材料十万円まで。不良が半分なら次へ、"
            "届かなければ一度止める」で足ります。",
            en="Trying it out is a good thing. As you set the dimension before you cut, what if one line said "
            "what means go, until when, up to how much? “Three weeks, 100,000 yen of material; scrap halved, go "
            "on; if not, pause.”",
        ),
        "startup": Text(
            ja="まずやってみるのは良いことです。手元の資金を守るためにも、何が出たら進むか、いつまでか、"
            "いくらまでかを一行にしませんか。「三週間、十人日まで。見逃しが半分なら次へ、"
            "届かなければ一度止める」で足ります。",
            en="Trying it out is a good thing. To guard your runway too, what if one line said what means go, "
            "until when, up to how much? “Three weeks, ten person-days; misses halved, go on; if not, pause.”",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n終わりの日、上限、進むかやめるかの目安、決める人のどれかが、"
        "まだ決まっていないようです。いまのうちに二十分取り、紙一枚に書いてもらってはいかがでしょう。",
        en="{who}: “{evidence}”\nAn end date, a cap, the signs for go and stop, or who decides: some of it seems "
        "to be open still. You might take twenty minutes soon and have it on one page.",
    ),
    options=(
        Text(ja="期間を先に決め、そこに収まる試しにする", en="Fix the time first and try what fits into it"),
        Text(ja="進むか止めるかを決める人を、両社から一人ずつ置く", en="Name one person from each firm who decides"),
        Text(ja="延ばすなら一度だけ、期日を付ける", en="Extend once at most, with a date"),
    ),
    word=Text(
        ja="いまのうちに、お二人で三つだけ決めておきませんか。何が出たら進むか、いつまでか、いくらまでか。"
        "先に決めておけば、止めることになっても初めの約束どおりです。",
        en="Before it goes further, shall we settle three things: what means go, until when, and up to how much? "
        "With that agreed, even stopping would simply be part of the plan.",
    ),
    cards=("experiment-plan", "go-stop"),
)
