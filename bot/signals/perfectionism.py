"""Finished quality, or a guarantee, wanted before anything is tried."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="perfectionism",
    name=Text(ja="試しと仕上げの線引き", en="Trying and finishing"),
    why=Text(
        ja="粗い試しが先にあると、どこに手間をかけて仕上げるかが見えるからです",
        en="A rough try shows where the finishing effort is worth spending.",
    ),
    urgency="later",
    ask=Text(
        ja="お客様に渡す品質は譲らず、確かめるための一つは粗くてもよい、と分けてみませんか。"
        "「安全だけは守りましょう。ほかは粗いままで、ここだけ一緒に見ませんか」と言えば始められます。",
        en="What if quality for customers stays where it is, and the first one, made only to learn from, may be "
        "rough? “Safety is a must. Leave the rest rough, and let us look at this one point together” is enough to "
        "begin.",
    ),
    ask_by_side={
        "sme": Text(
            ja="型のトライの一発目と同じで、初めの一つは見て直すための品です。「安全とこの寸法だけは守って、"
            "あとは粗くて結構です」と線を引いてみませんか。お見せする側なら「荒削りですが、"
            "ここだけ見てください」で十分です。",
            en="Like the first shot of a new die, the first one is there to be looked at and corrected. You might "
            "draw the line: “Safety and this one dimension; the rest may be rough.” And if it is yours to show: "
            "“Rough still; look only here.”",
        ),
        "startup": Text(
            ja="どんな試作も、初めの一つは学ぶための物です。お見せする側なら「まだ動かない所があります。"
            "今日はここだけ見てください」で十分です。求める側なら「安全だけは守って、"
            "あとは粗くて大丈夫です」と線を引いてみませんか。",
            en="Every first prototype is there to learn from. If it is yours to show: “Parts of it don't work "
            "yet; look only at this today.” If you are the one asking, you might draw the line: “Safety, yes; the "
            "rest may be rough.”",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n試す前から仕上がりや保証が求められているようです。"
        "「守るもの」と「粗くてよいもの」を二列に書き、試しで答える問いを一つに絞ってもらってはいかがでしょう。"
        "仕上げへの誇りは、そのまま大事にしたいところです。",
        en="{who}: “{evidence}”\nFinish or a guarantee seems to be wanted before anything is tried. You might "
        "have them write two columns, what must not fail and what may be rough, and choose one question for the "
        "trial. Pride in good work stays worth honouring.",
    ),
    options=(
        Text(
            ja="守るものと粗くてよいものを二列に書く", en="Write two columns: what must not fail, what may be rough"
        ),
        Text(ja="日数と費用だけ決め、出来はその中で", en="Fix days and cost, and take the finish that fits"),
    ),
    cards=("mvp-mindset", "mvp"),
)
