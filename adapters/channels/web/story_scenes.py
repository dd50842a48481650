"""What happens in the story of the example, scene by scene: a sentence for who watches."""

from collections.abc import Mapping, Sequence

from bot.model import Message, Text


def caption(said: Sequence[Message]) -> Text:
    """Return what happens, when so much of the story was said."""
    told = [SCENES[message.id] for message in said if message.id in SCENES]
    return told[-1] if told else BEFORE


BEFORE = Text(
    ja="これから始まります。町工場の栃ノ木精密と、音を聞くセンサーの Lumina。六週間のお話です。",
    en="About to begin: Tochinoki, a small press shop, and Lumina, who make a sensor that listens. Six weeks.",
)
SCENES: Mapping[str, Text] = {
    "hello": Text(ja="二社が、はじめて挨拶します。", en="The two firms say hello."),
    "shy": Text(
        ja="佐藤さんが、Nakodoだけにそっと相談します。相手には見えません。",
        en="佐藤 asks Nakodo something in private. The other side sees none of it.",
    ),
    "room-ask": Text(ja="田中さんが、みんなの前で Nakodo に尋ねます。", en="田中 asks Nakodo in front of all."),
    "vague": Text(
        ja="ふわっとした願いが、頼める形の一言に変わります。",
        en="A vague wish turns into something one can say yes to.",
    ),
    "price": Text(
        ja="お金の話が少し早く出ました。Nakodo は本人にだけ声をかけます。",
        en="Price comes up a little early. Nakodo has a word with the speaker alone.",
    ),
    "secret": Text(ja="NDAの前に、大事なコツがこぼれました。", en="Know-how slips out before the NDA is signed."),
    "theme": Text(
        ja="佐藤さんが問いに答えていくと、お題が一枚にまとまります。",
        en="佐藤 answers a few questions, and the theme stands on one page.",
    ),
    "signed": Text(
        ja="「NDAを締結しました」のひと言を、ボタンで確かめて記録します。",
        en="“The NDA is signed”: one button, and it is on the record.",
    ),
    "give": Text(
        ja="出すもの・得るものを別々に書き、見せてよい所だけを並べます。",
        en="Each side writes what it gives and gets, and shows only what it chooses.",
    ),
    "kept": Text(ja="朝のお知らせに応えて、宿題が一つ済みました。", en="A morning reminder, and a promise kept."),
    "session": Text(
        ja="四十五分のセッション。議事録は田中さんが見てから部屋に出ます。",
        en="A session of 45 minutes. 田中 reads the minutes before the room does.",
    ),
    "plan": Text(
        ja="小さな実験の中身を一枚にします。いつまで、いくらまで、どうなったらやめるか。",
        en="The experiment on one page: until when, for how much, and when to stop.",
    ),
    "agreed": Text(ja="実験が始まります。", en="The experiment starts."),
    "review": Text(
        ja="確認モード。Nakodo の返事は、田中さんが見てから届きます。",
        en="Review mode: Nakodo's answers pass 田中's eyes first.",
    ),
    "holiday": Text(
        ja="連休の夜に、強い言葉。Nakodo の声かけは休み明けの朝まで待ちます。",
        en="Strong words on a holiday evening. Nakodo keeps its word until the first working morning.",
    ),
    "softer": Text(ja="休みが明けて、言い直しがありました。", en="After the holidays, it is put another way."),
    "tense": Text(ja="場が張りつめました。", en="The air grows tense."),
    "takeover": Text(
        ja="田中さんが交代します。Nakodo は黙って、記録だけします。",
        en="田中 takes over. Nakodo keeps silent and takes notes.",
    ),
    "handback": Text(ja="落ち着きました。Nakodo に戻ります。", en="Calm again. Nakodo is back."),
    "result": Text(ja="決めておいた日。実験が終わりました。", en="The agreed day: the experiment is over."),
    "gostop": Text(ja="進むか、止まるか。一枚に書いて決めます。", en="Go or stop? They settle it on one page."),
    "building": Text(ja="共同開発へ進みます。", en="On to building together."),
}
"""What happens from this message of the story on."""
