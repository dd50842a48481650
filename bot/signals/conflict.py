"""Heat between the two: said at once, and only in private."""

from bot.model import Text
from bot.signals import SignalKind

SIGNAL = SignalKind(
    id="conflict",
    name=Text(ja="言葉の熱", en="Heat"),
    why=Text(
        ja="熱のこもった一言は、肝心の中身より先に相手の胸に残りやすいからです",
        en="Words said in heat are often remembered longer than what they were about.",
    ),
    urgency="now",
    clear=0.7,
    ask=Text(
        ja="大事なことだからこそ、力が入りますよね。起きたこと、困っていること、"
        "頼みたいことの順に分けると伝わりやすくなります。「先週の件で予定が立たず困っています。今週三十分、"
        "話せますか」のように。一晩置いても大丈夫です。",
        en="It matters to you, and it shows. It may land better as what happened, what it does to you, and what "
        "you would like: “Since last week's news we can't plan. Could we talk for half an hour?” It can also wait "
        "until tomorrow.",
    ),
    ask_by_side={
        "sme": Text(
            ja="本気で取り組んでおられるからこそ、力が入りますよね。「先週の変更で材料と段取りが宙に浮き、"
            "困っています。今週三十分、話せますか」のように、起きたこと、困りごと、頼みの順にすると伝わります。"
            "一晩置いても大丈夫です。",
            en="You are in earnest about this, and it shows. It may land better as what happened, what it costs "
            "you, what you want: “Since last week's change our material lies idle. Could we talk for half an "
            "hour?” It can also wait until tomorrow.",
        ),
        "startup": Text(
            ja="本気で取り組んでおられるからこそ、力が入りますよね。「先週から返事が見えず、"
            "資金の予定が立たずに困っています。今週三十分、話せますか」のように、起きたこと、困りごと、"
            "頼みの順にすると伝わります。一晩置いても大丈夫です。",
            en="You are in earnest about this, and it shows. It may land better as what happened, what it costs "
            "you, what you want: “With no answer since last week we can't plan our cash. Could we talk for half "
            "an hour?” It can also wait until tomorrow.",
        ),
    },
    note=Text(
        ja="{who}さん: 「{evidence}」\n言葉に熱が入ってきたようです。裁かずに一方ずつ話を聞き、"
        "言い分を「そうだ」と言われるまで言い直し、事実・気持ち・望みに分けて、"
        "元の目的と日付のある小さな一歩へ戻してはいかがでしょう。損害の請求や嫌がらせなら、人の専門家へ。",
        en="{who}: “{evidence}”\nThings seem to be heating up. You might hear each alone, without judging; "
        "restate each point until they say yes; part facts, feelings and wishes; then return to the shared "
        "purpose and a small step with a date. Claims for damages or harassment belong with human professionals.",
    ),
    options=(
        Text(ja="間に人を入れて、三十分だけ話す", en="Talk for half an hour with somebody in between"),
        Text(ja="相手の言い分を一度言い直してから、自分の話をする", en="Restate their point first, then make yours"),
        Text(ja="今日は、次に話す日時だけ決める", en="For today, fix only when you will talk"),
    ),
    cards=("mediation", "remove-sparks"),
)
