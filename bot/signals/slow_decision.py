"""An answer put off with no date and nobody's name."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="slow_decision",
    name=Text(ja="返事の日取り", en="When the answer comes"),
    why=Text(
        ja="日取りの分からない返事待ちは、待つ側の時間とお金を減らすからです",
        en="Waiting without a date eats the other side's time and money.",
    ),
    urgency="later",
    ask=Text(
        ja="結論はまだで構いません。「来週の金曜までに、私からお返事します」と、日と人だけ添えてみませんか。"
        "見送りになりそうなときも、早い返事は立派な助けになります。",
        en="The answer itself can wait. What if you added a day and a name: “You will hear from me by next "
        "Friday”? Even if it turns out a no, an early one is a real help.",
    ),
    ask_by_side={
        "sme": Text(
            ja="社内で詰める時間は要りますよね。「来週の金曜までに、私からお返事します」と、"
            "日と人だけ添えてみませんか。限られた資金で待つ相手には、見送りの返事でも、"
            "早ければ立派な助けになります。",
            en="Of course you need time to talk it over in the firm. What if you added a day and a name: “You "
            "will hear from me by next Friday”? To a partner whose money is running down, even a no is a real "
            "help if it comes early.",
        ),
        "startup": Text(
            ja="チームで詰める時間は要りますよね。「来週の金曜までに、私からお返事します」と、"
            "日と人だけ添えてみませんか。機械と人の手を空けて待つ工場には、見送りの返事でも、"
            "早ければ立派な助けになります。",
            en="Of course you need time to talk it over in the team. What if you added a day and a name: “You "
            "will hear from me by next Friday”? To a shop keeping a machine and people free, even a no is a real "
            "help if it comes early.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n返事の日と人が決まらないまま、先へ延びたようです。「何日に、誰が、"
        "何を決めますか」とだけ尋ね、決めるのに足りないものが一つあれば、"
        "それを埋める日も決めてもらってはいかがでしょう。",
        en="{who}: “{evidence}”\nThe answer seems to have moved off with no day and no name. You might ask just "
        "this: who decides what, and on which day? If one thing is missing for it, agree when that will be there.",
    ),
    options=(
        Text(
            ja="決める日が遠ければ、途中の様子を知らせる日を置く",
            en="If the day is far off, set one for a word in between",
        ),
        Text(ja="小さく試すことだけ、先に決める", en="Decide just the small trial now"),
    ),
    word=Text(
        ja="次のお返事を、いつ、どなたがなさるかだけ、いま決めておきませんか。結論は先で構いません。日が遠ければ、"
        "途中で様子を知らせる日を一つ置くのも手です。",
        en="Shall we settle just who will answer next, and on which day? The decision itself can wait. If it is "
        "far off, one day in between for a short word would help.",
    ),
    cards=("decide-fast", "decline-ok"),
)
