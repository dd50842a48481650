"""One side does nearly all the talking: the facilitator is asked to invite the other."""

from bot.model import Text
from bot.signals import Due, Pulse, SignalKind
from knowledge.card import Side

MESSAGES = 20
SHARE = 0.8
UNNAMED: dict[Side, Text] = {
    "sme": Text(ja="製造の会社", en="the manufacturer"),
    "startup": Text(ja="スタートアップ", en="the startup"),
}


def _due(pulse: Pulse) -> Due | None:
    said: dict[Side, int] = {side: pulse.spoken.get(side, 0) for side in UNNAMED}
    total = sum(said.values())
    if pulse.messages < MESSAGES or not total:
        return None
    talker, quiet = sorted(said, key=lambda side: -said[side])
    if said[talker] < SHARE * total:
        return None
    percent = 100 * said[talker] // total
    (talker_ja, talker_en), (quiet_ja, quiet_en) = (_names(side, pulse) for side in (talker, quiet))
    evidence = Text(
        ja=f"このところの{pulse.messages}通では、話の量の{percent}%が{talker_ja}で、{quiet_ja}のお話は少なめです。",
        en=f"Of the last {pulse.messages} messages {talker_en} wrote {percent}%; little is heard from {quiet_en}.",
    )
    return Due(_week(pulse), evidence, quiet)


def _week(pulse: Pulse) -> str:
    """Return the week of the last word: where nobody spoke since, there is nothing new to raise."""
    year, week, _ = max((at.date() for at in pulse.last_word.values()), default=pulse.today).isocalendar()
    return f"{year}-W{week:02}"


def _names(side: Side, pulse: Pulse) -> tuple[str, str]:
    name = pulse.names.get(side)
    return name or UNNAMED[side].ja, name or UNNAMED[side].en


SIGNAL = SignalKind(
    id="talk_imbalance",
    name=Text(ja="話す量の偏り", en="Who does the talking"),
    why=Text(
        ja="静かな側にも案はあり、聞かれないと出てこないことが多いからです",
        en="The quieter side has ideas too, and often offers them only when asked.",
    ),
    urgency="later",
    ask=Text(
        ja="次の話題では、先に「御社ならどうしますか」と尋ねてみませんか。少し待つと、思わぬ案が出ることがあります。",
        en="On the next topic, what if you first asked, “How would you do it?” A short wait often brings an idea "
        "nobody had.",
    ),
    note=Text(
        ja="{evidence}\n次の話題では、静かな側へ先に「御社ならどうしますか」と尋ねてはいかがでしょう。"
        "話しにくいご様子なら、別に聞くか、双方が書いてから見せ合う手もあります。話す役と聞く役で、"
        "納得しておられることもあります。",
        en="{evidence}\nOn the next topic you might ask the quieter side first: “How would you do it?” If "
        "speaking up seems hard, ask them alone, or have both write before they show. It may also be that both "
        "are content with it so.",
    ),
    cards=("dialogue", "propose-not-wait"),
    due=_due,
    to="facilitator",
)
