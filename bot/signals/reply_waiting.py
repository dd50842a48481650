"""One side has been waiting for an answer; the other is reminded, kindly and in private."""

from bot.model import Text
from bot.signals import Due, Pulse, SignalKind
from knowledge.card import Side

STEPS = (12, 5)
"""After so many days the other side is reminded, the later step first."""
OTHER: dict[Side, Side] = {"sme": "startup", "startup": "sme"}
UNNAMED: dict[Side, Text] = {
    "sme": Text(ja="製造の会社", en="The manufacturer"),
    "startup": Text(ja="スタートアップ", en="The startup"),
}


def _due(pulse: Pulse) -> Due | None:
    waits = [side for side in pulse.waiting if side in OTHER]
    if not waits or pulse.record.stage == "stopped":
        return None
    side = min(waits, key=lambda one: pulse.waiting[one])
    since = pulse.waiting[side]
    days = (pulse.now - since).days
    step = next((step for step in STEPS if days >= step), None)
    if step is None:
        return None
    ja, en = (pulse.names.get(side) or UNNAMED[side](locale) for locale in ("ja", "en"))
    evidence = Text(
        ja=f"{ja}が、{days}日前からお返事を待っておられるようです。",
        en=f"{en} seems to have been waiting for an answer for {days} days.",
    )
    return Due(f"{side}:{since.date()}:{step}", evidence, OTHER[side])


SIGNAL = SignalKind(
    id="reply_waiting",
    name=Text(ja="返事待ち", en="Waiting for an answer"),
    why=Text(
        ja="答えが出ていなくても、ひと言あれば相手は次の予定を立てられるからです",
        en="Even before there is an answer, a word lets the other side plan.",
    ),
    urgency="later",
    ask=Text(
        ja="{evidence}お忙しいところと思います。答えがまだでも「○日までに、私からお返事します」の一言で十分です。"
        "難しそうなら、早めにそう伝えるのも親切です。",
        en="{evidence} You must have a lot on. Even without an answer, “You will hear from me by Friday” is "
        "enough. If it looks like a no, saying so early is kind too.",
    ),
    ask_by_side={
        "sme": Text(
            ja="{evidence}日々の納品でお忙しいところと思います。答えがまだでも「○日までに、"
            "私からお返事します」の一言で、相手は資金と人の予定を立てられます。難しそうなら、"
            "早めにそう伝えるのも親切です。",
            en="{evidence} Deliveries must keep you busy. Even without an answer, “You will hear from me by "
            "Friday” lets them plan their money and people. If it looks like a no, saying so early is kind too.",
        ),
        "startup": Text(
            ja="{evidence}少ない人数でお忙しいところと思います。答えがまだでも「○日までに、"
            "私からお返事します」の一言で、相手は機械と人の予定を立てられます。難しそうなら、"
            "早めにそう伝えるのも親切です。",
            en="{evidence} A small team has its hands full. Even without an answer, “You will hear from me by "
            "Friday” lets them plan their machines and people. If it looks like a no, saying so early is kind too.",
        ),
    },
    note=Text(
        ja="{evidence}\n返す側が決めかねているのかもしれません。「いつ頃、"
        "どなたがお返事できそうですか」と一声かけ、"
        "待っている側には日取りだけでも伝わるようにしてはいかがでしょう。",
        en="{evidence}\nThe other side may be undecided. You might ask them who could answer and by when, so that "
        "at least the date reaches those who wait.",
    ),
    cards=("decide-fast",),
    due=_due,
    to="person",
)
