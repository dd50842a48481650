"""The commands, in one table, with the same grammar on every channel.

A wrong one is answered with the nearest right one.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.clock import day_of
from bot.errors import RecordError
from bot.intent import parted
from bot.model import Message, Reply, Text
from bot.orders import Done, Order, lead, plain, record, talk, work
from bot.ports import Model
from bot.scene import Scene
from knowledge.card import Locale


@dataclass(frozen=True)
class Command:
    """`choices` are the words it takes first, in both languages; an empty table means that any words will do."""

    name: str
    ja: str
    about: Text
    run: Callable[[Order], Done]
    choices: Mapping[str, object] | None = None
    how: str = ""
    """What stands behind the name in the list of commands."""
    needs: bool = False
    """Whether it needs words."""
    members: bool = False
    """Whether only the people of the room may give it, for it reads or writes what is theirs."""
    leads: bool = False
    """Whether only who leads may give it."""
    own: bool = False
    """Whether its answer is for the person alone, wherever it was given."""

    def usage(self, japanese: bool = False) -> str:
        """How it is written."""
        return f"/{self.ja if japanese else self.name} {self.how}".strip()


def obey(words: str, message: Message, scene: Scene, model: Model | None = None) -> tuple[tuple[Reply, ...], Scene]:
    """Do what a command says, or say what would have been right. `model` is the language model, if one is set up."""
    sender = scene.known(message.sender)
    locale = scene.locale_for(sender.name)
    name, rest = parted(words[1:])
    command = BY_NAME.get(plain(name))
    if command is None:
        near = difflib.get_close_matches(plain(name), BY_NAME, n=1, cutoff=0.5)
        hint = (BY_NAME[near[0]] if near else BY_NAME["help"]).usage()
        told = _UNKNOWN(locale).format(name="".join(filter(str.isprintable, name))[:30], hint=hint)
        return (_reply(Done(told, scene), message, own=False),), scene
    order = Order(
        words=rest,
        sender=sender,
        scene=scene,
        locale=locale,
        at=message.at,
        today=day_of(message.at, scene.room.zone),
        message=message.id,
        private=message.private,
        model=model,
    )
    done = _refused(command, order) or _done(command, order)
    said = (_reply(done, message, own=command.own),) if done.text else ()
    return (*said, *done.others), done.scene


def label(choice: str, locale: Locale) -> str:
    """Return what stands on a button: a command by what it is called, other words as they are."""
    name, rest = parted(choice[1:]) if choice[:1] == "/" else ("", "")
    command = BY_NAME.get(name.lower())
    if command is None:
        return choice.strip()
    if rest in _NAMED:
        return _NAMED[rest](locale)
    return " ".join([command.ja if locale == "ja" else command.name.capitalize(), rest]).strip()


def _refused(command: Command, order: Order) -> Done | None:
    """Return why the command is not carried out, or None."""
    member = order.scene.room.person(order.sender.name) is not None
    if command.members and not member:
        return order.done(_MEMBERS)
    if command.leads and not order.scene.room.leads(order.sender):
        return order.done(_LEADS)
    if command.needs and not order.words:
        return order.done(_HOW, hint=command.usage())
    if command.choices is None:
        return None
    first = plain(parted(order.why()[0])[0])
    if first in command.choices or (not first and not command.needs):
        return None
    near = difflib.get_close_matches(first, list(command.choices), n=1, cutoff=0.5)
    return order.done(_HOW, hint=f"/{command.name} {near[0]}" if near else command.usage())


def _done(command: Command, order: Order) -> Done:
    try:
        return command.run(order)
    except RecordError as error:
        return Done(error.said(order.locale), order.scene)


def _reply(done: Done, message: Message, *, own: bool) -> Reply:
    to = message.sender.name if message.private or own else "room"
    return Reply(to=to, kind=done.kind, text=done.text, choices=done.choices, in_reply_to=message.id)


def _help(order: Order) -> Done:
    japanese = order.locale == "ja"
    rows = [
        f"{command.usage()}（/{command.ja}）  {command.about.ja}"
        if japanese
        else f"{command.usage()}  {command.about.en}"
        for command in COMMANDS
    ]
    return Done("\n".join([_HELP(order.locale), *rows]), order.scene)


_NAMED: dict[str, Text] = {
    "sme": Text(ja="中小企業の側です", en="I am with the SME"),
    "startup": Text(ja="スタートアップの側です", en="I am with the startup"),
    "facilitator": Text(ja="進行役です", en="I am the facilitator"),
    "ja": Text(ja="日本語で", en="日本語で"),
    "en": Text(ja="In English", en="In English"),
}
"""Words behind a command that say more on a button than the command does."""
_UNKNOWN = Text(
    ja="/{name} というコマンドはありません。{hint} でしょうか。",
    en="There is no /{name}. Did you mean {hint}?",
)
_HOW = Text(ja="こう書いてください: {hint}", en="Please write: {hint}")
_LEADS = Text(ja="これは進行役の方だけができます。", en="Only the facilitator can do that.")
_MEMBERS = Text(
    ja="これは、この部屋の方だけがお使いになれます。ご相談なら、いつでもどうぞ。",
    en="That is for the people of this room only. Do ask me anything else.",
)
_HELP = Text(
    ja="ふだんの言葉でご相談ください。コマンドは次のとおりです。日本語の名前でも書けます。",
    en="Just ask in your own words. These commands exist:",
)
COMMANDS = (
    Command("help", "ヘルプ", Text(ja="この一覧", en="this list"), _help),
    Command("record", "記録", Text(ja="二人の記録を見る", en="see the record"), record.record, members=True),
    Command(
        "stage", "段階", Text(ja="どこまで進んだかを記す", en="note how far you are"), record.stage,
        record.STAGES, how="preparing|meeting|agreeing|experimenting|deciding|building|allied|stopped",
        needs=True, members=True,
    ),
    Command(
        "nda", "秘密保持", Text(ja="NDAの状態を記す", en="note how the NDA stands"), record.nda,
        record.NDAS, how="none|drafting|signed [2026-04-01] [2027-03-31] [purpose]", needs=True, members=True,
    ),
    Command(
        "theme", "テーマ", Text(ja="テーマを記す", en="write down the theme"), record.theme,
        how="… | keywords … | matters … | brings sme …", members=True,
    ),
    Command(
        "cost", "費用", Text(ja="誰が何を払うかを記す", en="note who pays what"), record.cost,
        how="material: Lumina 100,000 yen", needs=True, members=True,
    ),
    Command(
        "experiment", "実験", Text(ja="小さな実験を決め、始め、終える", en="plan, start and finish an experiment"),
        record.experiment, how="new … | set ends … | start | result … | learned …", needs=True, members=True,
    ),
    Command(
        "decide", "決定", Text(ja="決めたことを記す", en="note a decision"), record.decide, how="…",
        needs=True, members=True,
    ),
    Command(
        "action", "宿題", Text(ja="することを記す、済みにする", en="note something to do, or tick it off"),
        record.action, how="… @who 4/20 | done 1", needs=True, members=True,
    ),
    Command(
        "coach", "演習", Text(ja="演習を始める", en="start an exercise"), work.coach,
        how="[name] | resume", members=True, own=True,
    ),
    Command(
        "share", "見せる", Text(ja="自分の紙を部屋に出す", en="show the room your page"), work.share,
        members=True, own=True,
    ),
    Command(
        "session", "会議", Text(ja="セッションを始める、終える", en="hold a session"), work.hold_session,
        how="start 45 topic | end", members=True, leads=True, own=True,
    ),
    Command("minutes", "議事録", Text(ja="議事録を書く", en="write minutes"), work.draw_minutes, members=True),
    Command(
        "digest", "まとめ", Text(ja="動いたこと、待っていること", en="what moved and what waits"), work.digest,
        members=True,
    ),
    Command(
        "mode", "モード", Text(ja="どこまで任せるかを選ぶ", en="choose how much goes out unseen"), lead.mode,
        lead.MODES, how="auto|review|quiet", members=True, leads=True,
    ),
    Command(
        "hours", "静かな時間", Text(ja="声をかけない時間を決める", en="choose when I say nothing unasked"),
        lead.hours, how="20:00-08:00 | none | default", members=True, leads=True,
    ),
    Command(
        "takeover", "交代", Text(ja="人が話を引き取る", en="a human takes over"), lead.takeover,
        members=True, leads=True,
    ),
    Command("handback", "復帰", Text(ja="また任せる", en="hand back"), lead.handback, members=True, leads=True),
    Command(
        "drafts", "下書き", Text(ja="承認待ちを見る", en="see what waits"), lead.drafts,
        members=True, leads=True, own=True,
    ),
    Command(
        "approve", "承認", Text(ja="下書きを出す", en="send a draft"), lead.approve,
        how="d1", members=True, leads=True, own=True,
    ),
    Command(
        "edit", "修正", Text(ja="下書きを直して出す", en="send a draft in your words"), lead.edit,
        how="d1 …", members=True, leads=True, own=True,
    ),
    Command(
        "refuse", "却下", Text(ja="下書きを見送る", en="hold a draft back"), lead.refuse,
        how="d1 …", members=True, leads=True, own=True,
    ),
    Command(
        "useful", "役に立った", Text(ja="声かけが役に立ったと記す", en="note that a word of mine helped"),
        lead.useful, how="12", needs=True, members=True, leads=True, own=True,
    ),
    Command(
        "useless", "不要", Text(ja="声かけは要らなかったと記す", en="note that a word of mine did not help"),
        lead.useless, how="12", needs=True, members=True, leads=True, own=True,
    ),
    Command(
        "cared", "対応済み", Text(ja="人を呼んだ件に対応したと記す", en="note that you took care of a call for help"),
        lead.cared, how="[3]", members=True, leads=True, own=True,
    ),
    Command(
        "remove", "外す", Text(ja="離れた方の席を外す", en="take the seat of somebody who has left"), lead.remove,
        how="@who", members=True, leads=True, own=True,
    ),
    Command(
        "mute", "静かに", Text(ja="声かけを止める", en="want no unasked words"), talk.mute,
        how="[signal] [7 days | until 6/8] | off",
    ),
    Command(
        "side", "立場", Text(ja="どちらの立場かを伝える", en="say which side you are on"), talk.side,
        talk.SIDES, how="sme|startup|facilitator|organizer [@who]", needs=True,
    ),
    Command(
        "language", "言葉", Text(ja="返事の言葉を選ぶ", en="choose my language"), talk.language,
        talk.LANGUAGES, how="ja|en|auto", needs=True,
    ),
    Command(
        "privacy", "内緒", Text(ja="誰が何を読めるかを見る", en="see who reads what"), talk.privacy,
        how="[model [off|on]]", own=True,
    ),
    Command(
        "export", "書き出し", Text(ja="控えを受け取る", en="take your copy"), talk.export, members=True, own=True,
    ),
    Command("forget", "忘れて", Text(ja="話したことを消す", en="have your words deleted"), talk.forget, own=True),
)  # fmt: skip
BY_NAME = {name: command for command in COMMANDS for name in (command.name, command.ja)}
