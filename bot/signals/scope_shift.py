"""A sudden change of direction, from the one who makes it or the one it hits."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="scope_shift",
    name=Text(ja="向きの変更", en="A change of direction"),
    why=Text(
        ja="変わることより、あとから知らされることのほうが相手にはこたえるからです",
        en="Hearing of a change late hurts more than the change itself.",
    ),
    urgency="soon",
    ask=Text(
        ja="新しいことに挑むと、向きが変わることはあります。変わること、変わらないこと、"
        "相手が使った材料や時間の三つを並べて「決める前に相談させてください」と話してみませんか。"
        "驚いた側なら「何が分かったのか、聞かせてください」から始めるのはいかがでしょう。",
        en="New ground bends the road. If the change is yours, you might lay out what changes, what stays and "
        "what they have spent: “May we talk before it is decided?” If it surprised you, start with: “What did you "
        "learn?”",
    ),
    ask_by_side={
        "sme": Text(
            ja="図面の変更と同じで、変わる所と変わらない所を並べると話が早くなります。"
            "変える側なら「決める前に相談させてください。そちらの手間も伺います」、"
            "驚いた側なら「何が分かったのか聞かせてください。"
            "うちの材料と手間もお話しします」から始めるのはいかがでしょう。",
            en="As with a revised drawing, it helps to see what changes and what stays. If it is yours: “May we "
            "talk before it is decided? Tell us what you have put in.” If it surprised you: “What did you learn? "
            "Let us tell you what we have spent.”",
        ),
        "startup": Text(
            ja="向きが変わるときは、変わる所と変わらない所を並べると話が早くなります。"
            "変える側なら「決める前に相談させてください。お使いの材料と手間も伺います」、"
            "驚いた側なら「何があったのか聞かせてください。"
            "弊社の予定もお話しします」から始めるのはいかがでしょう。",
            en="When the road bends, it helps to see what changes and what stays. If it is yours: “May we talk "
            "before it is decided? Tell us what you have spent.” If it surprised you: “What happened? Let us tell "
            "you what it does to our plan.”",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n向きが変わりそうか、変わったことに戸惑っておられるようです。何が変わり、"
        "どの目的が残るかを両社の前で読み上げ、使った材料と手間を伺い、"
        "新しい案で続けるかを決める日を置いてはいかがでしょう。",
        en="{who}: “{evidence}”\nThe direction seems to be changing, or a change has come as a shock. You might "
        "read out to both what changes and which purpose remains, ask what has been spent, and set a day to "
        "decide on the new plan.",
    ),
    options=(
        Text(
            ja="材料や型は、次の区切りの分だけ手配する",
            en="Order material and tooling only up to the next checkpoint",
        ),
        Text(ja="これまでの手間を一度精算してから変える", en="Settle what has been spent so far, then change"),
        Text(
            ja="新しい案に今日から賛成できるか、双方で決め直す",
            en="Each decides afresh whether the new plan is worth a yes",
        ),
    ),
    cards=("pivots", "share-purpose"),
)
