"""The commands, in one table. A wrong one is answered with the nearest right one."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from bot.model import Nda, Person, Text
from bot.scene import Scene
from knowledge.card import Locale, Side, Stage


class Done(NamedTuple):
    """What to say, and the scene after it."""

    text: str
    scene: Scene


@dataclass(frozen=True)
class Command:
    """`choices` are its possible words; an empty one means that the command stands alone."""

    name: str
    about: Text
    run: Callable[[str, Person, Scene, Locale], Done]
    choices: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """How it is written."""
        return f"/{self.name} {'|'.join(self.choices)}".strip()


def obey(words: str, sender: Person, scene: Scene) -> Done:
    """Do what a command says, or say what would have been right."""
    locale = scene.locale_of(sender.name) or scene.room.locale
    name, _, rest = words[1:].strip().partition(" ")
    argument = rest.strip().lower()
    command = COMMANDS.get(name.lower())
    if command is None:
        near = difflib.get_close_matches(name.lower(), COMMANDS, n=1, cutoff=0.5)
        hint = COMMANDS[near[0] if near else "help"].usage
        return Done(_UNKNOWN(locale).format(name="".join(filter(str.isprintable, name))[:30], hint=hint), scene)
    if command.choices and argument not in command.choices:
        near = difflib.get_close_matches(argument, command.choices, n=1, cutoff=0.5)
        hint = f"/{command.name} {near[0]}" if near else command.usage
        return Done(_CHOOSE(locale).format(hint=hint), scene)
    return command.run(argument, sender, scene, locale)


def _help(_: str, __: Person, scene: Scene, locale: Locale) -> Done:
    rows = [f"{command.usage}  {command.about(locale)}" for command in COMMANDS.values()]
    return Done("\n".join([_HELP(locale), *rows]), scene)


def _language(argument: str, sender: Person, scene: Scene, locale: Locale) -> Done:
    chosen: Locale | None = "ja" if argument == "ja" else "en" if argument == "en" else None
    return Done(_SPEAKING(chosen or locale), scene.speaking(sender.name, chosen))


def _side(argument: str, sender: Person, scene: Scene, locale: Locale) -> Done:
    side = next(side for side in _SIDES if side == argument)
    return Done(_SEATED(locale).format(side=SIDE_NAMES[side](locale)), scene.seated(sender, side))


def _stage(argument: str, _: Person, scene: Scene, locale: Locale) -> Done:
    stage = next(stage for stage in _STAGES if stage == argument)
    return Done(_STAGED(locale).format(stage=stage), scene.staged(stage))


def _nda(argument: str, _: Person, scene: Scene, locale: Locale) -> Done:
    nda = next(nda for nda in _NDAS if nda == argument)
    return Done(_BOUND[nda](locale), scene.bound(nda))


_SIDES: Sequence[Side] = get_args(Side)
_STAGES: Sequence[Stage] = get_args(Stage)
_NDAS: Sequence[Nda] = get_args(Nda)

SIDE_NAMES: dict[Side, Text] = {
    "sme": Text(ja="中小企業", en="the SME"),
    "startup": Text(ja="スタートアップ", en="the startup"),
    "facilitator": Text(ja="進行役", en="the facilitator"),
    "organizer": Text(ja="事業の主催者", en="the programme's organizer"),
}
_UNKNOWN = Text(
    ja="/{name} というコマンドはありません。{hint} でしょうか。",
    en="There is no /{name}. Did you mean {hint}?",
)
_CHOOSE = Text(ja="こう書いてください: {hint}", en="Please write: {hint}")
_HELP = Text(
    ja="ふだんの言葉でご相談ください。コマンドは次のとおりです。",
    en="Just ask in your own words. These commands exist:",
)
_SPEAKING = Text(ja="日本語でお話しします。", en="I will speak English.")
_SEATED = Text(ja="{side}の立場でお答えします。", en="I will answer you as {side}.")
_STAGED = Text(ja="いまの段階を {stage} として控えました。", en="Noted: the stage is {stage}.")
_BOUND: dict[Nda, Text] = {
    "none": Text(ja="NDAはまだ、と控えました。", en="Noted: no NDA yet."),
    "drafting": Text(ja="NDAは準備中、と控えました。", en="Noted: the NDA is being drafted."),
    "signed": Text(ja="NDAは締結済み、と控えました。", en="Noted: the NDA is signed."),
}
_TABLE = (
    Command("help", Text(ja="この一覧", en="this list"), _help),
    Command("side", Text(ja="どちらの立場かを伝える", en="say which side you are on"), _side, tuple(_SIDES)),
    Command("stage", Text(ja="いまの段階を伝える", en="say how far you are"), _stage, tuple(_STAGES)),
    Command("nda", Text(ja="NDAの状態を伝える", en="say how the NDA stands"), _nda, tuple(_NDAS)),
    Command("language", Text(ja="返事の言葉を選ぶ", en="choose my language"), _language, ("ja", "en", "auto")),
)
COMMANDS = {command.name: command for command in _TABLE}
