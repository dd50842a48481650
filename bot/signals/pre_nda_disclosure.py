"""A secret told, or pressed for, before the NDA: said at once, and only in private."""

from bot.model import Text
from bot.signals import Context, SignalKind


def _unsigned(context: Context) -> bool:
    return context.nda != "signed" and "nda_signed" not in context.said


SIGNAL = SignalKind(
    id="pre_nda_disclosure",
    name=Text(ja="秘密保持契約の前の話", en="Talk before the NDA"),
    why=Text(
        ja="一度伝わったことは取り戻せず、あとで両社が困りかねないからです",
        en="What has been told cannot be taken back, and both firms may be sorry for it.",
    ),
    urgency="now",
    clear=0.5,
    counts=_unsigned,
    ask=Text(
        ja="秘密保持契約（NDA）はまだ結ばれていません。作り方に関わることは、"
        "出すのも尋ねるのも署名のあとにしませんか。今日は結果の数字やその幅、完成品の写真、名前を消した見本、"
        "道順を決めた見学で、十分に話が進みます。",
        en="The NDA isn't signed yet, so the “how” is better neither told nor asked for today. Result figures, "
        "ranges, photographs of the finished thing, anonymised samples or a visit along a set path will carry the "
        "talk until then.",
    ),
    ask_by_side={
        "sme": Text(
            ja="秘密保持契約（NDA）はまだです。図面や加工条件、客先のこと、相手の仕組みの中身は、"
            "出すのも尋ねるのも署名のあとにしませんか。「詳しくは署名のあとに。"
            "今日は結果の数字と幅で」と言えば足ります。完成品の写真、名前を消した見本、"
            "道順を決めた見学も使えます。",
            en="The NDA isn't signed yet: drawings, settings, customers, or what is inside their system can wait. "
            "You might say, “The how after we sign; today, results and ranges.” Photographs of the finished part, "
            "an anonymised sample or a visit along a set path are fine.",
        ),
        "startup": Text(
            ja="NDAの署名がまだです。コードやデータ、未出願の発明、相手の図面や原価は、"
            "出すのも頼むのも署名のあとにしませんか。「詳しくは署名のあとに。"
            "今日はどれだけ効くかの数字と幅で」と言えば足ります。完成品の写真、名前を消した見本、"
            "道順を決めた見学も使えます。",
            en="The NDA isn't signed yet: code, data, unfiled ideas, or their drawings and costs can wait. You "
            "might say, “How well it works, today; the how, after we sign.” Ranges, photographs of the finished "
            "thing, an anonymised sample or a visit along a set path are fine.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n秘密保持契約の前に、作り方に近い話が出たようです。"
        "話を結果の数字や見学へ移してはいかがでしょう。もう伝わった分があれば、いつ誰に何をと控え、"
        "契約に「これまでの分も含む」と入れる手があります。痛手が大きそうなら専門家へ。",
        en="{who}: “{evidence}”\nThis seems to come close to the “how”, and no NDA is signed. You might move the "
        "talk to result figures or a visit. If something has already been told, note what, when and to whom, and "
        "let the NDA cover it; where the harm could be large, see a professional.",
    ),
    cards=("nda-timing", "nda-first"),
)
