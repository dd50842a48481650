"""Work about to start, and nobody has said who pays; or asked for free."""

from bot.model import Text
from bot.signals import Context, SignalKind


def _no_cost_agreed(context: Context) -> bool:
    settled = context.said & {"cost_ours", "cost_shared"}
    return not settled and not any(cost.agreed for cost in context.record.costs)


SIGNAL = SignalKind(
    id="unpaid_work",
    name=Text(ja="作業の費用を誰が持つか", en="Who pays for the work"),
    why=Text(
        ja="費用の分担が決まらないまま始めると、あとで請求か我慢のどちらかが残るからです",
        en="Work begun without a word on cost tends to end in a surprise bill or in silent resentment.",
    ),
    urgency="soon",
    counts=_no_cost_agreed,
    ask=Text(
        ja="手を動かす前に、誰がどの費用を持つかを決めておくと、お互い気が楽です。「始める前に、"
        "費用の分担を一枚に書きませんか」と切り出してみては。無償で試すなら、"
        "理由と上限と終わりの日を添えると安心です。",
        en="Settling who bears which cost before anyone starts takes a weight off both. You might say, “Shall we "
        "put the costs on one page first?” If part of it is free, add a reason, a limit and an end date.",
    ),
    ask_by_side={
        "sme": Text(
            ja="材料も機械の時間も、相手が机で費やす日数も、ただではありません。始める前に「ここまではうち、"
            "ここから先は御社で」と分けておくと安心です。無償の分があるなら「材料代の範囲で、"
            "今月末まで」のように区切ってみませんか。",
            en="Your material and machine hours cost money, and so do their days at a desk. You might say "
            "beforehand, “Up to here we bear it, from here you do.” If part of it is free, mark it off: “up to "
            "the cost of material, until month's end.”",
        ),
        "startup": Text(
            ja="皆さんが机で費やす日数も、相手の材料や機械の時間も、ただではありません。"
            "始める前に「ここまでは弊社、ここから先は御社で」と分けておくと安心です。無償の分があるなら「二週間、"
            "この一点だけ」のように区切ってみませんか。",
            en="Your days at a desk cost money, and so do their material and machine hours. You might say "
            "beforehand, “Up to here we bear it, from here you do.” If part of it is free, mark it off: “two "
            "weeks, this one question.”",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n費用を誰が持つかが決まらないまま、作業が始まりそうです。"
        "頼まれた側からは言い出しにくいので、進行役から切り出すと助かります。金額か上限、払う人、期日を、"
        "始める前に一枚に書いてもらってはいかがでしょう。",
        en="{who}: “{evidence}”\nWork may be about to start with nobody named to pay for it. The one who was "
        "asked can hardly raise it, so it helps if you do: an amount or a cap, who pays and when, on one page "
        "before anyone begins.",
    ),
    options=(
        Text(ja="材料などの実費だけ、頼む側が持つ", en="Whoever asks covers the bare costs, such as material"),
        Text(ja="上限の額を決め、その中で試す", en="Agree a cap and try what fits within it"),
        Text(
            ja="無償は一回だけとし、次からの値段を先に決める",
            en="One free round only, with the next one's price set now",
        ),
    ),
    word=Text(
        ja="始める前に、材料、機械の時間、人の日数をどちらが持つか、お二人で一枚に書いておきませんか。"
        "無償の分があれば、理由と上限と終わりの日も添えておくと、あとで気まずくなりません。",
        en="Before anyone starts, shall we put on one page who bears material, machine hours and people's days? "
        "If part of it is free, a reason, a limit and an end date keep things easy between you.",
    ),
    cards=("cost-timing", "poc-contract"),
)
