"""Going on because of what was spent, not because of what lies ahead."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="sunk_cost",
    name=Text(ja="これまでにかけた分", en="What has been spent"),
    why=Text(
        ja="戻らない分をいったん脇に置くと、この先の見込みが見やすくなるからです",
        en="Set aside what will not come back, and what lies ahead is easier to see.",
    ),
    urgency="later",
    ask=Text(
        ja="かけた時間とお金は、分かったことという形で残っています。そのうえで「今日初めて聞いた話なら、"
        "この先の費用を出すだろうか」と考えてみませんか。続けても止めても、学びは次に使えます。",
        en="What you put in remains, as what you know. With that safe, what if you asked: “Had we heard of this "
        "only today, would we pay for the next step?” Go on or stop, the learning is yours.",
    ),
    ask_by_side={
        "sme": Text(
            ja="ここまでの材料と手間は、軽いものではありませんよね。そのうえで「今日初めて聞いた話なら、"
            "次の型代を出すだろうか」と考えてみませんか。続けても止めても、分かったことは次の仕事に使えます。",
            en="The material and hours so far are no small thing. With that said, what if you asked: “Had we "
            "heard of this only today, would we pay for the next die?” Go on or stop, what you learned serves the "
            "next job.",
        ),
        "startup": Text(
            ja="ここまでの月日と資金は、軽いものではありませんよね。そのうえで「今日初めて聞いた話なら、"
            "次の一か月を使うだろうか」と考えてみませんか。続けても止めても、"
            "分かったことは次の現場に持って行けます。",
            en="The months and money so far are no small thing. With that said, what if you asked: “Had we heard "
            "of this only today, would we give it the next month?” Go on or stop, what you learned goes with you "
            "to the next floor.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\nこれまでにかけた分が、続ける理由になっているのかもしれません。"
        "分かったことを双方に三つずつ書いてもらい、「別のやり方はあるか」を一度だけ話してから、"
        "進むか止まるかを決める日を置いてはいかがでしょう。",
        en="{who}: “{evidence}”\nWhat has been spent may have become the reason to go on. You might have each "
        "write three things they learned, ask once whether there is another way, and set a day for go or stop.",
    ),
    options=(
        Text(ja="分かったことを三つ書いてから、続けるかを決める", en="Write down three things learned, then decide"),
        Text(ja="一度だけ、期日と目印を付けて延ばす", en="Extend once, with a date and a mark to reach"),
        Text(
            ja="止める場合に返す物や残る約束を、先に書き出してみる",
            en="List what would be returned or settled if you stopped",
        ),
    ),
    cards=("go-stop", "graceful-stop"),
)
