"""What is said at the doorstep."""

from bot.model import Text

WELCOME = Text(
    ja="こんにちは。中小企業とスタートアップの間を取り持つ、仲人（なこうど）のNakodoです。\n"
    "何かお困りでしたら、そのままお書きください。すぐにお答えします。\n"
    "進行役の方から参加コードを受け取っていたら、それだけを送ってください。"
    "お立場は、下のボタンで教えていただけると助かります（あとでも構いません）。",
    en="Hello, I am Nakodo. I look after small manufacturers and startups who work together.\n"
    "If something is on your mind, just write it; I answer at once.\n"
    "If your facilitator gave you a code, send me just that. It helps me to know which side you are on: the buttons "
    "below tell me, now or later.",
)
WELCOME_BACK = Text(
    ja="おかえりなさい。いまは「{room}」のお話としてうかがいます。",
    en="Welcome back. I take what you write to be about {room}.",
)
HEARING = Text(
    ja="いまの設定では、呼ばれたときの言葉しか私に届かないことがあります。見守りもご希望でしたら、このグループで私を管理者にしてください。"
    "ボットを作った方が @BotFather の /setprivacy で Disable を選び、私を入れ直してくださっても同じです。",
    en="Telegram may pass on to me only what is addressed to me. If I am to watch over the talk as well, please make "
    "me an administrator of this group. Or whoever made me chooses Disable in @BotFather’s /setprivacy and adds me "
    "again.",
)
ADDED = Text(
    ja="お招きありがとうございます。仲人のNakodoです。ふだんは静かにしていて、「@nakodo」と呼ばれたときにお答えします。\n"
    "進行役の方が「/setup 中小企業の名前 × スタートアップの名前」と書くと、両社の記録を始めます。",
    en="Thank you for having me. I am Nakodo. I keep quiet here and answer when you call me with “@nakodo”.\n"
    "When the facilitator writes “/setup SME name × startup name”, I begin a record for both companies.",
)
JOINED = Text(
    ja="{name}さん、「{room}」に{side}の方としてお迎えしました。ここでのお話は、あなたの側だけのものとしてお預かりします。",
    en="{name}, you are in {room} as {side}. What you tell me here stays on your side.",
)
SEATED_ALREADY = Text(
    ja="もう{side}の方として席があります。変えるときは、進行役の方に頼んでください。",
    en="You have a seat already, as {side}. Ask the facilitator if that is to change.",
)
NO_CODE = Text(
    ja="このコードは使えませんでした。期限が過ぎたか、もう使われたようです。進行役の方に新しいものを頼んでください。",
    en="That code does not work: it is too old, or was used. Please ask your facilitator for a new one.",
)
WHICH_CODE = Text(ja="「/join」に続けて参加コードを書いてください。", en="Write the code after it: /join ABCD-2345")
SET_UP_WHERE = Text(
    ja="両社の方がいらっしゃるチャンネルやグループに私を招いて、そこで「/setup」と書いてください。",
    en="Invite me to the channel or group where both companies are, and write “/setup” there.",
)
SET_UP = Text(
    ja="「{room}」の記録を始めました。「@nakodo」と呼べば、この場でお答えします。「/help」でできることが見られます。",
    en="The record of {room} has begun. Call me with “@nakodo” and I answer here. “/help” shows what I can do.",
)
NAME_BOTH = Text(
    ja="お名前は、「/setup 中小企業の名前 × スタートアップの名前」と書けば、いつでも付けられます。",
    en="Name both whenever you like: “/setup SME name × startup name”.",
)
ASK_FOR_CODES = Text(
    ja="両社の皆さんは、進行役の方から参加コードを受け取って、私に個別に送ってください。",
    en="Both companies: please get a code from your facilitator and send it to me in private.",
)
INVITATION = Text(
    ja="{side}の方の参加コードです。ご本人に転送してください（14日間有効）。\n{code}\n{link}",
    en="The code for {side}. Please pass it on (good for 14 days).\n{code}\n{link}",
)
INVITE_WHOM = Text(ja="どちらの方を招きますか。", en="Whom shall I invite?")
LEADS_ONLY = Text(ja="これは進行役の方だけができます。", en="Only the facilitator can do that.")
NO_ROOM = Text(
    ja="まだどの協業にも参加していません。進行役の方から参加コードを受け取ったら、それだけを送ってください。",
    en="You belong to no partnership yet. If your facilitator gives you a code, send me just that.",
)
CHOOSE = Text(ja="どの件のお話にしますか。\n{rows}", en="Which one shall we talk about?\n{rows}")
CHOSEN = Text(ja="ここからは「{room}」のお話としてうかがいます。", en="From here on it is about {room}.")
UNNAMED = Text(ja="名前のない協業", en="a partnership without a name")
IN_PRIVATE = Text(ja="これは、私との個別の会話で書いてください。", en="Please write that to me in private.")
LINK = Text(
    ja="もう一方のチャットで、私に個別に「/link {code}」と送ってください（15分間有効）。"
    "そちらがSlackなら、「/nakodo link {code}」です。同じ方としてお話しします。",
    en="In your other chat app, send me “/link {code}” in private, within 15 minutes; in Slack, write “/nakodo link "
    "{code}”. Then you are one person to me.",
)
LINK_DONE = Text(
    ja="つながりました。どちらからでも、同じ方としてお話しします。", en="Done. You are one person to me now."
)
LINK_CLASH = Text(
    ja="同じ協業に、別々の席がもうあります。進行役の方に相談してください。",
    en="Both accounts have a seat in the same partnership already. Please ask the facilitator.",
)
