"""What Nakodo says, as Slack's blocks: messages, the form that sets a partnership up, and the App Home. Pure."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from adapters.channels.slack_acts import SETUP
from adapters.channels.slack_commands import typed
from adapters.channels.slack_text import cut, emphasised, markdown, parts, plain, units
from adapters.post import Home, HomeAction, HomeRoom, Parcel
from bot.commands import label
from bot.model import Text
from bot.names import SIDE_NAMES
from knowledge.card import Locale, Side

Block = dict[str, Any]
EVENT_TYPE = "nakodo_parcel"
"""Names the kind of metadata by which a parcel is known again."""
PART = 9_000
"""Characters of one message at most; Slack takes 12,000 in its Markdown, signs included."""
_MARKDOWN = 11_500
_BUTTONS, _LABEL = 25, 75
_NOTICE = 2_900
"""Characters of the text that stands in a notification and is read aloud."""
_VIEW_BLOCKS = 100


class Part(NamedTuple):
    """One message: its blocks, the text for notifications, and the whole as plain text if the blocks are refused."""

    blocks: list[Block]
    text: str
    bare: str


def message(parcel: Parcel, *, whispered: bool = False) -> list[Part]:
    """Return a parcel as one or more messages, the buttons on the last.

    What is whispered has no buttons: pressing one would speak in the conversation, before everybody.
    """
    reply, locale = parcel.reply, parcel.locale
    pieces = [piece for one in parts(typed(reply.text), PART) for piece in _narrowed(one)]
    labels = [label(choice, locale) for choice in reply.choices]
    offered = "\n".join(f"・{typed(one)}" for one in labels)
    found = []
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        text = piece.strip("\n")
        if parcel.again and number == 0:
            text = f"{AGAIN(locale)}\n{text}"
        if last and whispered and offered:
            text = f"{text}\n{offered}".strip("\n")
        blocks: list[Block] = [{"type": "markdown", "text": markdown(text)}] if text.strip() else []
        if last and not whispered:
            blocks += _buttons(parcel, labels)
        bare = f"{text}\n{offered}" if last and not whispered and offered else text
        found.append(Part(blocks, cut(plain(text), _NOTICE) or "Nakodo", plain(bare).strip() or "Nakodo"))
    return found


def _narrowed(piece: str) -> list[str]:
    """Split a piece that has so many signs to be escaped that it would be too long."""
    if len(markdown(piece)) <= _MARKDOWN or units(piece) < 2:
        return [piece]
    return [one for half in parts(piece, max(units(piece) // 2, 2)) for one in _narrowed(half)]


def _buttons(parcel: Parcel, labels: Sequence[str]) -> list[Block]:
    blocks: list[Block] = []
    choices = [
        {
            "type": "button",
            "action_id": f"choice_{number}",
            "text": _plain(one or "…", _LABEL),
            "value": parcel.button(number),
        }
        for number, one in enumerate(labels[:_BUTTONS])
    ]
    if choices:
        blocks.append({"type": "actions", "elements": choices})
    if parcel.reply.kind == "answer":
        element: Block = {"type": "feedback_buttons", "action_id": "feedback"}
        for name, word, value in (("positive", _HELPED, "up"), ("negative", _HELPED_NOT, "down")):
            said = {"text": _plain(word(parcel.locale), _LABEL), "value": f"{parcel.id}:{value}"}
            element[f"{name}_button"] = said
        blocks.append({"type": "context_actions", "elements": [element]})
    return blocks


def _plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": cut(text, most)}


# The form


def setup_form(channel: str, user: str, locale: Locale) -> Block:
    """Return the form that sets a partnership up in a channel."""
    people: dict[str, Block] = {"facilitator": {"initial_users": [user]}, "sme": {}, "startup": {}}
    blocks: list[Block] = []
    sides: tuple[Side, ...] = ("sme", "startup")
    for side in sides:
        name = {"type": "plain_text_input", "action_id": "name", "max_length": 80}
        blocks.append(_input(f"{side}_name", _NAME(locale).format(side=SIDE_NAMES[side](locale)), name))
    for side in (*sides, "facilitator"):
        chosen = {"type": "multi_users_select", "action_id": "people"} | people[side]
        title = _PEOPLE(locale).format(side=SIDE_NAMES[side](locale))
        hint = {} if side == "facilitator" else {"hint": _plain(_LATER(locale), 2000), "optional": True}
        blocks.append(_input(side, title, chosen) | hint)
    options = [
        {"text": _plain(name, _LABEL), "value": value} for value, name in (("ja", "日本語"), ("en", "English"))
    ]
    first = options[0] if locale == "ja" else options[1]
    language: Block = {"type": "static_select", "action_id": "locale", "options": options, "initial_option": first}
    blocks.append(_input("locale", _LANGUAGE(locale), language))
    return {
        "type": "modal",
        "callback_id": SETUP,
        "private_metadata": channel,
        "title": _plain(_TITLE(locale), 24),
        "submit": _plain(_BEGIN(locale), 24),
        "close": _plain(_CLOSE(locale), 24),
        "blocks": blocks,
    }


def _input(name: str, title: str, element: Block) -> Block:
    return {"type": "input", "block_id": name, "label": _plain(title, 2000), "element": element}


# The App Home


def home_view(home: Home) -> Block:
    """Return somebody's App Home."""
    blocks = [_rich(home.hello)]
    for room in home.rooms:
        blocks += _room(room, home.locale)
    if len(blocks) > _VIEW_BLOCKS:
        blocks = [*blocks[: _VIEW_BLOCKS - 1], _line(_MORE(home.locale))]
    return {"type": "home", "blocks": blocks}


def _room(room: HomeRoom, locale: Locale) -> list[Block]:
    blocks: list[Block] = [{"type": "divider"}]
    if room.title.strip():
        blocks.append({"type": "header", "text": _plain(room.title, 150)})
    if room.where.strip():
        blocks.append({"type": "context", "elements": [_plain(room.where, 2900)]})
    for title, actions in ((_DRAFTS, room.drafts), (_DUE, room.due)):
        if actions:
            blocks.append(_rich(f"**{title(locale)}**"))
            blocks += [_action(room.room, one, locale) for one in actions if one.text.strip()]
    if room.record.strip():
        blocks += [_rich(one) for one in parts(room.record, 2_900) if one.strip()]
    return blocks


def _action(room: str, action: HomeAction, locale: Locale) -> Block:
    block = _line(action.text)
    value = json.dumps({"room": room, "command": action.command}, ensure_ascii=False)
    if action.command.strip() and units(value) <= 2_000:
        said = label(action.command, locale) or "…"
        block["accessory"] = {"type": "button", "action_id": "do", "text": _plain(said, _LABEL), "value": value}
    return block


def _line(text: str) -> Block:
    return {"type": "section", "text": _plain(typed(text), 2_900)}


def _rich(text: str) -> Block:
    """Return light Markdown as rich text, for a surface that takes no Markdown block."""
    elements: list[Block] = []
    for number, line in enumerate(typed(text).strip("\n").split("\n")):
        if number:
            elements.append({"type": "text", "text": "\n"})
        bare = line.lstrip("#").lstrip() if line.startswith("#") else line
        if bare.startswith(("- ", "* ")):
            bare = f"• {bare[2:]}"
        for piece, marked in emphasised(bare):
            bold = {"style": {"bold": True}} if marked or line.startswith("#") else {}
            elements.append({"type": "text", "text": piece} | bold)
    section = {"type": "rich_text_section", "elements": elements or [{"type": "text", "text": "Nakodo"}]}
    return {"type": "rich_text", "elements": [section]}


def prompts(locale: Locale) -> list[dict[str, str]]:
    """Return three questions to begin a talk with."""
    return [{"title": title(locale), "message": question(locale)} for title, question in _PROMPTS]


AGAIN = Text(ja="（念のため、もう一度お送りします）", en="(Sent once more, to be sure it arrives)")
POINTER = Text(
    ja="お返事は、私との個別の会話にお送りしました。", en="I have answered you in our direct conversation."
)
IN_PRIVATE = Text(ja="お返事は、私との個別の会話にお送りします。", en="I will answer in our direct conversation.")
NOT_HERE = Text(
    ja="この会話には私が入っていないので、お返事は、私との個別の会話にお送りします。",
    en="I am not part of this conversation, so I will answer in ours.",
)
TWICE = Text(
    ja="同じ方が、もう一つの側にも入っています。どちらか一方にしてください。",
    en="Somebody here is on another side as well. Please keep them on one.",
)
NOT_A_PERSON = Text(ja="ボットは席に着けません。外してください。", en="A bot takes no seat. Please leave it out.")
THINKING = Text(ja="考えています…", en="is thinking…")
_HELPED = Text(ja="👍 役に立った", en="👍 Helpful")
_HELPED_NOT = Text(ja="👎 いまひとつ", en="👎 Not helpful")
_TITLE = Text(ja="協業の記録を始める", en="Begin a partnership")
_BEGIN = Text(ja="始める", en="Begin")
_CLOSE = Text(ja="やめる", en="Cancel")
_NAME = Text(ja="{side}の名前", en="Name: {side}")
_PEOPLE = Text(ja="{side}の方", en="People: {side}")
_LATER = Text(
    ja="あとから参加コードでも入れます。空のままで構いません。", en="May stay empty: a code lets them in later."
)
_LANGUAGE = Text(ja="この部屋での言葉", en="Language of this room")
_DRAFTS = Text(ja="お返事を待っているもの", en="Waiting for your word")
_DUE = Text(ja="すること", en="To do")
_MORE = Text(ja="続きは「/nakodo record」でご覧ください。", en="There is more: see “/nakodo record”.")
_PROMPTS = (
    (
        Text(ja="初めての打ち合わせ", en="A first meeting"),
        Text(
            ja="スタートアップと初めて会います。何に気をつけて話せばいいですか。",
            en="We meet for the first time next week. What should we have ready?",
        ),
    ),
    (
        Text(ja="図面を見せる前に", en="Before showing drawings"),
        Text(
            ja="先方から図面を見せてほしいと言われました。まだ何も結んでいません。どう答えればいいですか。",
            en="The other side asks for our drawings and nothing is signed. What should I answer?",
        ),
    ),
    (
        Text(ja="小さな実験の決め方", en="A small experiment"),
        Text(
            ja="まず小さく試したいのですが、始める前に何を決めておけばいいですか。",
            en="We want to try something small first. What should we agree on before we start?",
        ),
    ),
)
