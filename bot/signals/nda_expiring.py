"""The NDA nears its end: the facilitator hears of it a month before, a week before, and on the day."""

from datetime import date

from bot.model import Text
from bot.signals import Due, Pulse, SignalKind

STEPS = (7, 30)
"""Days before the end at which it is said."""


def _due(pulse: Pulse) -> Due | None:
    nda = pulse.record.nda
    if nda.state != "signed" or nda.expires is None:
        return None
    days = (nda.expires - pulse.today).days
    step = "ended" if days <= 0 else next((str(step) for step in STEPS if days <= step), None)
    return Due(f"{nda.expires}:{step}", _told(nda.expires, days)) if step else None


def _told(expires: date, days: int) -> Text:
    ja, en = f"{expires.year}年{expires.month}月{expires.day}日", f"{expires.day} {expires:%B %Y}"
    if days > 0:
        return Text(
            ja=f"秘密保持契約の期限は{ja}、あと{days}日です。",
            en=f"The NDA runs until {en}: {days} day{'s' if days > 1 else ''} left.",
        )
    if days == 0:
        return Text(ja=f"秘密保持契約の期限は今日、{ja}です。", en=f"The NDA runs out today, {en}.")
    return Text(
        ja=f"秘密保持契約の期限は{ja}で、過ぎています。新しい秘密の話は、延長のあとがよさそうです。",
        en=f"The NDA ran out on {en}. New secrets had better wait until it is renewed.",
    )


SIGNAL = SignalKind(
    id="nda_expiring",
    name=Text(ja="秘密保持契約の期限", en="The end of the NDA"),
    why=Text(
        ja="期限に気づかないまま秘密の話が続くと、両社とも守られないおそれがあるからです",
        en="If secret talk runs past the end unnoticed, both firms may be left unprotected.",
    ),
    urgency="soon",
    ask=Text(
        ja="秘密保持契約の期限が近づいています。「この先も続けるなら、"
        "いまのうちに延ばしませんか」と切り出してみてはいかがでしょう。",
        en="The NDA is nearing its end. You might say, “If we go on, shall we renew it now?”",
    ),
    note=Text(
        ja="{evidence}\n話を続けるなら、延長を両社に切り出してはいかがでしょう。続けないなら、"
        "預かった物の返し方と、終わったあとも秘密を守る年数を、契約書で確かめてもらうと安心です。"
        "迷う所は弁護士や知財の窓口へ。",
        en="{evidence}\nIf the talks go on, you might raise its renewal with both. If not, have them look up in "
        "the contract how things are returned and for how long secrets must still be kept. For doubts: a lawyer "
        "or the IP support desk.",
    ),
    cards=("nda-clauses", "nda-timing"),
    due=_due,
    to="facilitator",
)
