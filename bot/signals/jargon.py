"""Words of one trade that the other side may not know."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="jargon",
    name=Text(ja="業界の言葉", en="Words of the trade"),
    why=Text(
        ja="知らない言葉は、聞き返されないまま流れてしまいがちだからです",
        en="People seldom ask about a word they don't know; they nod, and it slips by.",
    ),
    urgency="later",
    ask=Text(
        ja="お話の中に、相手の業界ではあまり使わない言葉があったかもしれません。「つまり、"
        "こういうことです」と普段の言葉を一言足すと、ぐっと伝わります。",
        en="There may have been a word or two that are not used in the other trade. “In other words…” and one "
        "plain line would bring it home.",
    ),
    ask_by_side={
        "sme": Text(
            ja="現場では当たり前の言葉も、相手には初めてかもしれません。「抜き勾配、"
            "つまり型から外しやすくする傾きです」のように一言足してみませんか。完成品を指さしながらなら、"
            "もっと早く伝わります。",
            en="What every hand in the shop knows may be new to them. You might add a line: “draft angle, that "
            "is, the slope that lets the part leave the mould.” With a finished piece in your hand it goes faster "
            "still.",
        ),
        "startup": Text(
            ja="仲間うちでは当たり前の言葉も、相手には初めてかもしれません。「チャーン、"
            "つまり百社のうち月に何社やめるかです」のように一言足してみませんか。例を相手の部品や工程で話すと、"
            "もっと早く伝わります。",
            en="What everyone in your circle knows may be new to them. You might add a line: “churn, that is, how "
            "many customers in a hundred leave each month.” With their own part as the example it goes faster "
            "still.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n相手に届きにくい言葉が混じっていたようです。「つまり、"
        "こういうことですか」と進行役が聞き返すと、どちらも恥ずかしい思いをせずに済みます。",
        en="{who}: “{evidence}”\nSome of these words may not have reached the other side. If you ask, “So that "
        "means…?”, neither of them has to feel foolish.",
    ),
    word=Text(
        ja="お二人の業界の言葉が混じってきました。初めて聞く言葉は、遠慮なく「それは何ですか」と尋ねてください。"
        "お話しになる方も、「つまり」と一言足していただくと話が早くなります。",
        en="Words of two trades are meeting here. If one is new to you, do ask what it means. And whoever speaks, "
        "a short “in other words” speeds things up for everybody.",
    ),
    cards=("translator",),
)
