"""One side treated as a vendor, or behaving as one."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="order_taker",
    name=Text(ja="対等な間柄", en="Working as equals"),
    why=Text(
        ja="一緒に考える間柄でこそ、思いがけない案が出るからです",
        en="Unexpected ideas come when both think, rarely when one orders and the other delivers.",
    ),
    urgency="later",
    ask=Text(
        ja="頼む側と作る側に分かれると、せっかくの案が出にくくなります。頼むときは「御社ならどう解きますか」、"
        "引き受けるときは「私たちならこうします」と、一言添えてみませんか。",
        en="Once one orders and the other delivers, good ideas stay unsaid. When you ask, you might add, “How "
        "would you solve it?”; when you take something on, “Here is what we would do.”",
    ),
    ask_by_side={
        "sme": Text(
            ja="仕様を決めきる前に、困りごとのまま話してみませんか。「図面はまだありません。"
            "御社ならどう解きますか」と尋ねると、思わぬ案が出ます。引き受ける話なら「作り手としては、"
            "こうすると作りやすいです」の一言が喜ばれます。",
            en="What if you talked about the trouble before the specification? “There is no drawing yet; how "
            "would you solve it?” And where you are the one making it, “As the maker, I'd do it this way” is "
            "welcome.",
        ),
        "startup": Text(
            ja="ご要望どおりの物に、もう一案添えてみませんか。「ご依頼の形のほかに、"
            "私たちならこうします」と言うと、御社の持ち味が伝わります。"
            "頼む話なら「作りにくい所はありますか」と尋ねると、工場の知恵が出てきます。",
            en="What if you brought one idea beyond the request? “Here is what you asked for, and here is what we "
            "would do.” And where you are the one asking, “Which part of this is hard to make?” brings out what "
            "the shop knows.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n頼む側と作る側に分かれかけているのかもしれません。"
        "次の議題を納期や仕様から、問いと案と試しに替えて、双方に一案ずつ持ち寄ってもらってはいかがでしょう。",
        en="{who}: “{evidence}”\nThe two may be drifting into customer and supplier. You might change the next "
        "agenda from deadlines and specifications to questions, ideas and trials, and have each bring one idea.",
    ),
    options=(
        Text(ja="次は、双方が一案ずつ持ち寄る", en="Each brings one idea next time"),
        Text(ja="誰が何を決めるかを、事柄ごとに分けておく", en="Share out who decides what, matter by matter"),
    ),
    cards=("equal-partners", "propose-not-wait"),
)
