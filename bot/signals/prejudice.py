"""A whole kind of firm dismissed in one sentence."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="prejudice",
    name=Text(ja="相手の会社への見方", en="How we see each other's firms"),
    why=Text(
        ja="ひとまとめの見方は、目の前の相手の良さを隠してしまうからです",
        en="A view of all such firms can hide what is good in this one.",
    ),
    urgency="soon",
    ask=Text(
        ja="そう感じる出来事が、前にあったのかもしれません。気がかりは、目の前の相手に尋ねると答えが出ます。"
        "「ここが気がかりです。御社ではどうなさっていますか」と聞いてみませんか。",
        en="Perhaps something in the past made you feel that way. The partner in front of you can answer a worry: "
        "“This is what I wonder about. How do you handle it?”",
    ),
    ask_by_side={
        "sme": Text(
            ja="若い会社と組むのに気がかりがあるのは当然です。「長く続けてもらえるかが気がかりです。"
            "この先一年の見通しを聞かせてください」と、目の前の相手に尋ねてみませんか。"
            "答えは会社ごとに違いますし、相手も説明する機会がほしいものです。",
            en="Worries about working with a young firm are natural. What if you asked this partner: “I wonder "
            "whether you can stay with it. How do you see the coming year?” Each firm answers differently, and "
            "most are glad of the chance to explain.",
        ),
        "startup": Text(
            ja="長く続く工場と組むのに戸惑いがあるのは当然です。「現場で使ってもらえるかが気がかりです。"
            "新しい道具は、ふだんどう取り入れていますか」と、目の前の相手に尋ねてみませんか。"
            "答えは工場ごとに違いますし、相手も説明する機会がほしいものです。",
            en="It is natural to wonder about working with a long-standing shop. What if you asked this partner: "
            "“I wonder whether the floor will use it. How do you bring in a new tool?” Each shop answers "
            "differently, and most are glad of the chance to explain.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n会社をひとまとめに見る言葉に聞こえました。正そうとせず、"
        "何が心配かを聞いて、工場の見学や試作品のように、相手を自分の目で見る機会を作ってはいかがでしょう。",
        en="{who}: “{evidence}”\nThis sounded like a view of all such firms. Rather than correct it, you might "
        "ask what the worry is, and make an occasion to see for oneself: a walk through the shop, a prototype on "
        "the table.",
    ),
    cards=("negative-image", "sme-backbone"),
)
