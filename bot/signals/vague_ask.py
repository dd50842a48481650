"""A request that nobody could start on tomorrow."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="vague_ask",
    name=Text(ja="頼みごとの具体さ", en="Making a request concrete"),
    why=Text(
        ja="物の名前と数字が一つあると、相手がすぐ動けるからです",
        en="One named thing and one number give the other side something to start on.",
    ),
    urgency="later",
    ask=Text(
        ja="そのお話に、物の名前と数字を一つずつ足してみませんか。「この部品の検査に、"
        "一日二時間かかっています」くらいの一言で、相手はすぐ考え始められます。",
        en="What if you added one named thing and one number? A line like “inspecting this part takes us two "
        "hours a day” is enough for the other side to start thinking.",
    ),
    ask_by_side={
        "sme": Text(
            ja="いちばん手を焼いている工程を、一つだけ挙げてみませんか。「この部品のバリ取りに一日三時間、"
            "それでも百に二つは戻ってきます」くらいで、相手は明日から考え始められます。"
            "立派なテーマでなくて構いません。",
            en="What if you named the one operation that troubles you most? “Deburring this part takes three "
            "hours a day, and two in a hundred still come back” lets them start tomorrow. It need not be a grand "
            "theme.",
        ),
        "startup": Text(
            ja="まず試したい物を、一つだけ挙げてみませんか。「厚さ0.5ミリの板を五枚、"
            "傷の有無を見たいです」くらいで、工場は明日から考え始められます。"
            "決まっていない寸法は幅で構いませんし、大きな構想はそのあとで十分です。",
            en="What if you named the one thing you want to try first? “Five plates, half a millimetre thick, to "
            "look for scratches” lets a shop start tomorrow. Open dimensions can be ranges, and the grand vision "
            "can follow.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n思いはあるのに、まだ手がかりが少ないようです。「どの工程、どの品、"
        "どれくらい。誰が喜びますか」と聞き、一文にして読み返してみてはいかがでしょう。違うと言われたら、"
        "近づいた印です。",
        en="{who}: “{evidence}”\nThe wish is there; there is little yet to get hold of. You might ask which "
        "operation, which part, how much, and who would be glad, then read it back in one sentence. “Not quite” "
        "means you are close.",
    ),
    options=(
        Text(
            ja="うまくいったら、何がどれだけ減るか、増えるかを言う",
            en="Say what would shrink or grow, and by how much",
        ),
        Text(ja="これまで試して、うまくいかなかったことを話す", en="Tell what has been tried so far without success"),
    ),
    word=Text(
        ja="お話が広がってきました。お二人とも、いま気になっている物の名前と、"
        "その大きさの分かる数字を一つずつ挙げてみませんか。「この部品の検査に一日二時間」くらいの一言で、"
        "次の一歩が見えてきます。",
        en="The talk has opened wide. Shall each of you name one thing on your mind and one number that shows its "
        "size? “Two hours a day inspecting this part” is plenty to see a next step.",
    ),
    cards=("sharpen-ask", "concrete-keywords"),
)
