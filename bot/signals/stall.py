"""Nobody of the two has said anything for ten days."""

from datetime import timedelta

from bot.model import Text
from bot.signals import Due, Pulse, SignalKind

QUIET = timedelta(days=10)


def _due(pulse: Pulse) -> Due | None:
    last = max(pulse.last_word.values(), default=pulse.opened)
    if last is None or pulse.now - last < QUIET or pulse.record.stage in ("stopped", "allied"):
        return None
    days = (pulse.now - last).days
    if pulse.last_word:
        evidence = Text(
            ja=f"両社のやり取りが、{days}日間途絶えています。", en=f"Neither firm has said anything for {days} days."
        )
    else:
        evidence = Text(
            ja=f"部屋を開いて{days}日、まだどちらからもお話がありません。",
            en=f"The room was opened {days} days ago, and neither firm has spoken yet.",
        )
    return Due(last.date().isoformat(), evidence)


SIGNAL = SignalKind(
    id="stall",
    name=Text(ja="話の途切れ", en="A lull"),
    why=Text(
        ja="間が空くほど、どちらからも声をかけにくくなるからです",
        en="The longer the silence, the harder it is for either to break it.",
    ),
    urgency="later",
    ask=Text(
        ja="しばらく間が空きました。「来週、十五分だけ話せますか」と、どちらからでも声をかけてみませんか。",
        en="It has been quiet for a while. Either of you might say, “Could we talk for a quarter of an hour next "
        "week?”",
    ),
    note=Text(
        ja="{evidence}\n忙しいだけかもしれません。それぞれに「止まっている訳は、時間、進め方、"
        "気がかりのどれに近いですか」と一声かけ、来週までにできる小さな一歩に日付を付けてはいかがでしょう。"
        "やめたいご様子なら、それも聞いてあげてください。",
        en="{evidence}\nThey may simply be busy. You might ask each what holds them up, time, not knowing how to "
        "go on, or a worry, and put a date on one small step for the coming week. If one would rather stop, let "
        "them say so.",
    ),
    cards=("inertia",),
    due=_due,
    to="facilitator",
)
