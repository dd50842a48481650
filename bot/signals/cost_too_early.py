"""Money in the first talks, before there is anything to price."""

from bot.model import Text
from bot.signals import Context, SignalKind


def _first_talks(context: Context) -> bool:
    return context.stage in ("preparing", "meeting")


SIGNAL = SignalKind(
    id="cost_too_early",
    name=Text(ja="お金の話の頃合い", en="When to talk money"),
    why=Text(
        ja="何をするか決まる前の金額は、どちらにとっても当てにならないからです",
        en="Before it is clear what will be done, neither side can rely on a figure.",
    ),
    urgency="soon",
    counts=_first_talks,
    ask=Text(
        ja="お金が気になるのは当然です。ただ、何を確かめるかが揃う前の金額は、当てずっぽうになりがちです。"
        "「金額の前に、何にどれだけ手間がかかるかを一緒に書き出しませんか」と切り出してみてはいかがでしょう。",
        en="It is natural to want a figure. Before you both know what will be tried, though, it can only be a "
        "guess. You might open with: “Before any figure, shall we list together what takes how much work?”",
    ),
    ask_by_side={
        "sme": Text(
            ja="お金が気になるのは当然です。ただ、いま出る金額は図面なしの見積もりと同じで、"
            "当てにしにくいものです。「金額の前に、"
            "何にどれだけ手間がかかるかを一緒に書き出しませんか」と切り出してみてはいかがでしょう。",
            en="It is natural to want a figure, but a price today is a quote without a drawing. You might open "
            "with: “Before any figure, shall we list together what takes how much work?”",
        ),
        "startup": Text(
            ja="お金が気になるのは当然です。ただ、何を試すかが見える前では、予算も料金も当てにしにくいものです。"
            "「まず目的を一文にしましょう。そのうえで、"
            "小さい案と大きい案をお持ちします」と切り出してみてはいかがでしょう。",
            en="It is natural to want a figure, but until you both see what will be tried, a budget or a rate is "
            "a guess. You might open with: “Let's put the purpose in one sentence; then I'll bring a small "
            "version and a large one.”",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n初めの話し合いで金額が先に立ったようです。"
        "両社に目的を一文ずつ言ってもらい、揃えば費用の幅と分担へ、違えば目的の話へ戻す手があります。",
        en="{who}: “{evidence}”\nMoney seems to have come up while the two are still getting acquainted. You "
        "might have both say the purpose in one sentence: if they agree, go on to ranges and shares; if not, back "
        "to the purpose.",
    ),
    options=(
        Text(
            ja="困りごとの大きさを、時間や不良の数で先に話す",
            en="Speak first of the size of the trouble, in hours or scrap",
        ),
        Text(ja="お金を話す日だけ、先に決めておく", en="Just fix the day on which you will talk money"),
    ),
    cards=("cost-timing", "share-purpose"),
)
