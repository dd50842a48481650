"""Words that stand in blocks only, in Slack's markup as if they had been written as text. Pure; nothing is raised."""

from collections.abc import Callable, Iterable

from adapters.channels.slack_payload import Body, dicts_at, text_at

_DEEPEST = 20
_PREFORMATTED, _QUOTE, _LIST = "rich_text_preformatted", "rich_text_quote", "rich_text_list"
_HOLDERS = ("rich_text", "rich_text_section", _PREFORMATTED, _QUOTE, _LIST)
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def written(blocks: Iterable[Body]) -> str:
    """Return what blocks say."""
    return "\n".join(filter(None, (_block(one) for one in blocks)))


def _block(block: Body) -> str:
    kind = text_at(block, "type")
    if kind in _HOLDERS:
        return _held(block, _DEEPEST)
    if kind == "markdown":
        return text_at(block, "text").translate(_ESCAPED)
    said = [block.get("text"), *dicts_at(block, "fields"), *dicts_at(block, "elements")]
    return "\n".join(filter(None, map(_text_object, said)))


def _text_object(given: object) -> str:
    kind, text = text_at(given, "type"), text_at(given, "text")
    return text if kind == "mrkdwn" else text.translate(_ESCAPED) if kind == "plain_text" else ""


def _held(holder: Body, depth: int) -> str:
    """Return what a part of rich text says that holds others."""
    if depth == 0:
        return ""
    kind, inside = text_at(holder, "type"), dicts_at(holder, "elements")
    said = [_held(one, depth - 1) if text_at(one, "type") in _HOLDERS else _element(one) for one in inside]
    if kind == _LIST:
        ordered = text_at(holder, "style") == "ordered"
        return "\n".join(f"{f'{number}.' if ordered else '•'} {one}" for number, one in enumerate(said, 1) if one)
    if kind == "rich_text":
        return "\n".join(filter(None, said))
    text = "".join(said)
    if kind == _QUOTE:
        return "\n".join(f"&gt; {line}" for line in text.split("\n"))
    return f"```\n{text}\n```" if kind == _PREFORMATTED else text


def _element(one: Body) -> str:
    make = _ELEMENTS.get(text_at(one, "type"))
    return make(one) if make is not None else ""


def _link(one: Body) -> str:
    url, label = text_at(one, "url").translate(_ESCAPED), text_at(one, "text").translate(_ESCAPED)
    return f"<{url}|{label}>" if label else f"<{url}>"


def _emoji(one: Body) -> str:
    try:
        return "".join(chr(int(code, 16)) for code in text_at(one, "unicode").split("-"))
    except (ValueError, OverflowError):
        return f":{text_at(one, 'name')}:"


_ELEMENTS: dict[str, Callable[[Body], str]] = {
    "text": lambda one: text_at(one, "text").translate(_ESCAPED),
    "link": _link,
    "emoji": _emoji,
    "user": lambda one: f"<@{text_at(one, 'user_id')}>",
    "usergroup": lambda one: f"@{text_at(one, 'usergroup_id')}",
    "channel": lambda one: f"<#{text_at(one, 'channel_id')}>",
    "broadcast": lambda one: f"<!{text_at(one, 'range')}>",
    "date": lambda one: text_at(one, "fallback").translate(_ESCAPED),
    "color": lambda one: text_at(one, "value").translate(_ESCAPED),
}
