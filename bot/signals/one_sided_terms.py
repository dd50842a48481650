"""A term that only one side would carry. Nakodo gives no legal opinion on it."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="one_sided_terms",
    name=Text(ja="条件の釣り合い", en="Balance of terms"),
    why=Text(
        ja="片方だけが背負う約束は、決まっても長続きしにくいからです",
        en="A promise that only one side carries seldom lasts, even once it is signed.",
    ),
    urgency="soon",
    ask=Text(
        ja="守りたいものがあってのお話と思います。その条件を、用途や年数で区切るか、"
        "見返りを添える形にできないでしょうか。「釣り合うには、こちらが何をお出しすればよいですか」と尋ねると、"
        "話し合いになります。",
        en="There is surely something you need to protect. Could the term be limited by use or by years, or come "
        "with something in return? “What could we offer to balance it?” opens the talk.",
    ),
    ask_by_side={
        "sme": Text(
            ja="得意先や技を守りたくてのお話と思います。「この製品向けは三年うちだけ、"
            "ほかは御社の自由に」のように、用途と年数で区切ってみませんか。「釣り合うには、"
            "うちが何をお出しすればよいですか」と尋ねる手もあります。",
            en="You will want to protect your customers and your craft. Could it be limited by use and years: "
            "“for this product ours alone for three years, the rest is yours”? Or ask, “What could we offer to "
            "balance it?”",
        ),
        "startup": Text(
            ja="元になる技術と、この先の売り先を守りたくてのお話と思います。「元の技術は弊社のまま、"
            "この製品向けは三年、御社だけに」のように、用途と年数で区切ってみませんか。「釣り合うには、"
            "弊社が何をお出しすればよいですか」と尋ねる手もあります。",
            en="You will want to protect your core technology and your other markets. Could it be limited by use "
            "and years: “the core stays ours; for this product it is yours alone for three years”? Or ask, “What "
            "could we offer to balance it?”",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n片方に重い条件かもしれません。どちらが正しいかは決めず、"
        "双方に「立場が逆でも引き受けられますか」と尋ね、出す物と得る物を並べてもらってはいかがでしょう。"
        "契約の中身の判断は、弁護士かINPITの知財総合支援窓口へ。",
        en="{who}: “{evidence}”\nThis term may weigh on one side. Without judging who is right, you might ask "
        "both whether they would take it in the other chair, and lay out what each gives and gets. For an opinion "
        "on the contract: a lawyer or INPIT's IP support desk.",
    ),
    options=(
        Text(ja="誰の物かより、誰がどこで使えるかを決める", en="Settle less who owns it, more who may use it where"),
        Text(
            ja="独占は用途と年数で区切り、見返りを添える",
            en="Limit exclusivity by use and years, with something in return",
        ),
        Text(ja="秘密を守る約束は、お互いに同じにする", en="Make the duty to keep secrets the same for both"),
    ),
    cards=("fair-dealing", "ip-joint"),
)
