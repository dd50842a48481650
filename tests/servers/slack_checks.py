"""What Slack refuses in blocks, views, metadata and streams, with the error names it uses.

Where Slack's documentation is silent, the stricter reading is taken.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

COMMON = {"type", "block_id"}
BLOCKS: dict[str, tuple[set[str], set[str]]] = {  # type: (required fields, optional fields)
    "section": (set(), {"text", "fields", "accessory", "expand"}),
    "divider": (set(), set()),
    "image": ({"alt_text"}, {"image_url", "slack_file", "title"}),
    "actions": ({"elements"}, set()),
    "context": ({"elements"}, set()),
    "context_actions": ({"elements"}, set()),
    "input": ({"label", "element"}, {"hint", "optional", "dispatch_action"}),
    "header": ({"text"}, set()),
    "markdown": ({"text"}, set()),
    "rich_text": ({"elements"}, set()),
    "table": ({"rows"}, {"column_settings"}),
    "plan": ({"title"}, {"tasks"}),
    "task_card": ({"task_id", "title"}, {"details", "output", "sources", "status"}),
    "alert": ({"text"}, {"level"}),
    "video": (
        {"alt_text", "video_url", "thumbnail_url", "title"},
        {"title_url", "description", "provider_icon_url", "provider_name", "author_name"},
    ),
}
MESSAGE_ONLY = {"markdown", "context_actions", "table", "plan", "task_card"}
WITH_TEXT = {"placeholder", "focus_on_load", "confirm"}
PICK = {"options", "option_groups"} | WITH_TEXT
ELEMENTS: dict[str, tuple[set[str], set[str]]] = {
    "button": (
        {"text"},
        {"url", "value", "style", "confirm", "accessibility_label"}
        | {"agent_prompt", "agent_prompt_display", "visible_to_user_ids"},
    ),
    "icon_button": ({"icon", "text"}, {"value", "confirm", "accessibility_label", "visible_to_user_ids"}),
    "feedback_buttons": ({"positive_button", "negative_button"}, set()),
    "overflow": ({"options"}, {"confirm"}),
    "checkboxes": ({"options"}, {"initial_options", "confirm", "focus_on_load"}),
    "radio_buttons": ({"options"}, {"initial_option", "confirm", "focus_on_load"}),
    "static_select": (set(), PICK | {"initial_option"}),
    "multi_static_select": (set(), PICK | {"initial_options", "max_selected_items"}),
    "external_select": (set(), WITH_TEXT | {"initial_option", "min_query_length"}),
    "users_select": (set(), WITH_TEXT | {"initial_user"}),
    "multi_users_select": (set(), WITH_TEXT | {"initial_users", "max_selected_items"}),
    "conversations_select": (
        set(),
        WITH_TEXT | {"initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"},
    ),
    "channels_select": (set(), WITH_TEXT | {"initial_channel", "response_url_enabled"}),
    "datepicker": (set(), WITH_TEXT | {"initial_date"}),
    "timepicker": (set(), WITH_TEXT | {"initial_time", "timezone"}),
    "datetimepicker": (set(), {"initial_date_time", "confirm", "focus_on_load"}),
    "plain_text_input": (
        set(),
        WITH_TEXT - {"confirm"}
        | {"initial_value", "multiline", "min_length", "max_length", "dispatch_action_config"},
    ),
    "email_text_input": (set(), WITH_TEXT - {"confirm"} | {"initial_value", "dispatch_action_config"}),
    "url_text_input": (set(), WITH_TEXT - {"confirm"} | {"initial_value", "dispatch_action_config"}),
    "number_input": (
        {"is_decimal_allowed"},
        WITH_TEXT - {"confirm"} | {"initial_value", "min_value", "max_value", "dispatch_action_config"},
    ),
}
SELECTS = {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
PICKERS = {"datepicker", "timepicker", "datetimepicker"}
MULTI = {"multi_static_select", "multi_users_select"}
INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
IN_ACTIONS = SELECTS | PICKERS | {"button", "overflow", "checkboxes", "radio_buttons"}
IN_INPUT = SELECTS | PICKERS | MULTI | INPUTS | {"checkboxes", "radio_buttons"}
VIEW_FIELDS = {
    "modal": {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close"}
    | {"notify_on_close", "external_id", "submit_disabled"},
    "home": {"type", "blocks", "private_metadata", "callback_id", "external_id"},
}
CHUNKS = {
    "markdown_text": {"text"},
    "plan_update": {"title"},
    "task_update": {"id", "title", "status", "details", "output", "sources"},
    "blocks": {"blocks"},
}


class Refused(Exception):  # noqa: N818 - it is Slack's answer, not a fault
    """Slack's answer `{"ok": false, "error": …}`; `more` holds the other fields of the answer."""

    def __init__(self, error: str, *messages: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more
        if messages:
            self.more = more | {"response_metadata": {"messages": [f"[ERROR] {one}" for one in messages]}}


class Complaints(list[str]):
    """What is wrong, each with the pointer that Slack writes beside it."""

    def say(self, at: str, what: str) -> None:
        self.append(f"{what} [json-pointer:{at}]")

    def length(self, at: str, value: object, most: int, least: int = 1) -> None:
        """A string of `least` to `most` characters."""
        if not isinstance(value, str):
            self.say(at, "must be a string")
        elif len(value) > most:
            self.say(at, f"must be less than {most + 1} characters")
        elif len(value) < least or (least and not value.strip()):
            self.say(at, f"must be more than {least - 1} characters")

    def fields(self, at: str, value: Any, required: set[str], optional: set[str]) -> bool:
        """An object that has what it must and nothing unknown; False when it cannot be looked into."""
        if not isinstance(value, dict):
            self.say(at, "must be an object")
            return False
        for name in sorted(required - value.keys()):
            self.say(at, f"missing required field: {name}")
        for name in sorted(value.keys() - required - optional):
            self.say(f"{at}/{name}", "no such property")
        for name in sorted(name for name in value if value[name] is None):
            self.say(f"{at}/{name}", "must not be null")
        return required <= value.keys()

    def items(self, at: str, value: Any, most: int, least: int = 1) -> Iterator[tuple[str, Any]]:
        """An array of `least` to `most` items; gives each with its pointer."""
        if not isinstance(value, list):
            self.say(at, "must be an array")
            return
        if len(value) > most:
            self.say(at, f"no more than {most} items allowed")
        if len(value) < least:
            self.say(at, f"no fewer than {least} items allowed")
        for place, one in enumerate(value):
            yield f"{at}/{place}", one

    def text(self, at: str, value: Any, most: int = 3000, kinds: tuple[str, ...] = ("plain_text",)) -> None:
        """A text object of one of the kinds."""
        if not self.fields(at, value, {"type", "text"}, {"emoji", "verbatim"}):
            return
        if value["type"] not in kinds:
            self.say(f"{at}/type", f"must be one of {', '.join(kinds)}")
        wrong = "verbatim" if value["type"] == "plain_text" else "emoji"
        if wrong in value:
            self.say(f"{at}/{wrong}", "no such property")
        self.length(f"{at}/text", value["text"], most)


BOTH = ("plain_text", "mrkdwn")


def kind_of(part: Any) -> str | None:
    """The type of a block, element or chunk; None when it has none."""
    kind = part.get("type") if isinstance(part, dict) else None
    return kind if isinstance(kind, str) else None


def check_blocks(
    blocks: Any, *, surface: str = "message", at: str = "/blocks", error: str = "invalid_blocks"
) -> None:
    """Refuse blocks that Slack would refuse on a `message`, a `modal` or the `home` tab."""
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    wrong = Complaints()
    ids: set[str] = set()
    for here, block in wrong.items(at, blocks, 50 if surface == "message" else 100, least=0):
        kind = kind_of(block)
        if kind not in BLOCKS or (surface != "message" and kind in MESSAGE_ONLY):
            wrong.say(f"{here}/type", f"unsupported type: {kind}")
            continue
        required, optional = BLOCKS[kind]
        looks_right = wrong.fields(here, block, required | {"type"}, optional | COMMON)
        if "block_id" in block:
            wrong.length(f"{here}/block_id", block["block_id"], 255)
            if str(block["block_id"]) in ids:
                wrong.say(f"{here}/block_id", f"block_id already exists: {block['block_id']}")
            ids.add(str(block["block_id"]))
        if looks_right:
            _block(wrong, here, kind, block)
    if sum(1 for block in blocks if isinstance(block, dict) and block.get("type") == "table") > 1:
        raise Refused("invalid_attachments", "only_one_table_allowed")
    if wrong:
        raise Refused(error, *wrong, errors=list(wrong))
    if surface == "message":
        _whole_length(blocks)


def _whole_length(blocks: list[dict[str, Any]]) -> None:
    """Markdown blocks share 12,000 characters; all blocks together about 13,200, each with its container's cost."""
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > 12_000 or sum(_texts(blocks)) + 125 * (len(blocks) - 1) > 13_200:
        raise Refused("msg_blocks_too_long")


def _texts(part: Any) -> Iterator[int]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "text" and isinstance(value, str):
                yield len(value)
            else:
                yield from _texts(value)
    elif isinstance(part, list):
        for one in part:
            yield from _texts(one)


def _block(wrong: Complaints, at: str, kind: str, block: dict[str, Any]) -> None:
    look = LOOKS.get(kind)
    if look:
        look(wrong, at, block)


def _header(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    wrong.text(f"{at}/text", block["text"], 150)


def _markdown(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    wrong.length(f"{at}/text", block["text"], 12_000)


def _image_block(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    _image(wrong, at, block)
    if "title" in block:
        wrong.text(f"{at}/title", block["title"], 2000)


def _context(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    for here, one in wrong.items(f"{at}/elements", block["elements"], 10):
        if isinstance(one, dict) and one.get("type") == "image":
            wrong.fields(here, one, {"type", "alt_text"}, {"image_url", "slack_file"})
            _image(wrong, here, one)
        else:
            wrong.text(here, one, 3000, BOTH)


def _actions(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    few = block["type"] == "context_actions"
    allowed, most = ({"feedback_buttons", "icon_button"}, 5) if few else (IN_ACTIONS, 25)
    given: list[str] = []
    for here, one in wrong.items(f"{at}/elements", block["elements"], most):
        _element(wrong, here, one, allowed)
        if isinstance(one, dict) and "action_id" in one:
            given.append(str(one["action_id"]))
    for twice in sorted({one for one in given if given.count(one) > 1}):
        wrong.say(f"{at}/elements", f"action_id already exists: {twice}")


def _input(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    wrong.text(f"{at}/label", block["label"], 2000)
    if "hint" in block:
        wrong.text(f"{at}/hint", block["hint"], 2000)
    _element(wrong, f"{at}/element", block["element"], IN_INPUT)


def _rich_text(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    known = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    for here, one in wrong.items(f"{at}/elements", block["elements"], 1000):
        if not isinstance(one, dict) or kind_of(one) not in known or not isinstance(one.get("elements"), list):
            wrong.say(here, "unsupported rich text element")


def _section(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    if "text" not in block and "fields" not in block:
        wrong.say(at, "missing required field: text")
    if "text" in block:
        wrong.text(f"{at}/text", block["text"], 3000, BOTH)
    if "fields" in block:
        for here, one in wrong.items(f"{at}/fields", block["fields"], 10):
            wrong.text(here, one, 2000, BOTH)
    if "accessory" in block:
        accessory = block["accessory"]
        if isinstance(accessory, dict) and accessory.get("type") == "image":
            _image(wrong, f"{at}/accessory", accessory)
        else:
            _element(wrong, f"{at}/accessory", accessory, IN_ACTIONS | MULTI)


def _image(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    wrong.length(f"{at}/alt_text", block.get("alt_text"), 2000)
    if ("image_url" in block) == ("slack_file" in block):
        wrong.say(at, "one of image_url and slack_file is needed")
    if "image_url" in block:
        _url(wrong, f"{at}/image_url", block["image_url"])


def _url(wrong: Complaints, at: str, value: Any) -> None:
    wrong.length(at, value, 3000)
    if not str(value).startswith(("https://", "http://")):
        wrong.say(at, "must be a valid URL")


def _table(wrong: Complaints, at: str, block: dict[str, Any]) -> None:
    for here, row in wrong.items(f"{at}/rows", block["rows"], 100):
        for cell, one in wrong.items(here, row, 20):
            kind = kind_of(one)
            if kind not in {"raw_text", "raw_number", "rich_text"}:
                wrong.say(f"{cell}/type", f"unsupported type: {kind}")
            elif kind == "raw_text":
                wrong.length(f"{cell}/text", one.get("text"), 10_000)
    if sum(_texts(block["rows"])) > 10_000:
        wrong.say(f"{at}/rows", "table has more than 10000 characters")


def _element(wrong: Complaints, at: str, one: Any, allowed: set[str]) -> None:
    kind = kind_of(one)
    if kind not in allowed:
        wrong.say(f"{at}/type", f"unsupported type: {kind}")
        return
    required, optional = ELEMENTS[kind]
    if not wrong.fields(at, one, required | {"type"}, optional | {"action_id"}):
        return
    for name, most in (("action_id", 255), ("accessibility_label", 75), ("agent_prompt", 4000)):
        if name in one:
            wrong.length(f"{at}/{name}", one[name], most)
    if "placeholder" in one:
        wrong.text(f"{at}/placeholder", one["placeholder"], 150)
    if "confirm" in one:
        _confirm(wrong, f"{at}/confirm", one["confirm"])
    _inside(wrong, at, kind, one)


def _inside(wrong: Complaints, at: str, kind: str, one: dict[str, Any]) -> None:
    if kind in {"button", "icon_button"}:
        _button(wrong, at, one)
    elif kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            if wrong.fields(f"{at}/{name}", one[name], {"text", "value"}, {"accessibility_label"}):
                _button(wrong, f"{at}/{name}", one[name])
    elif kind in {"static_select", "multi_static_select", "overflow", "checkboxes", "radio_buttons"}:
        _choices(wrong, at, kind, one)


def _button(wrong: Complaints, at: str, one: dict[str, Any]) -> None:
    wrong.text(f"{at}/text", one["text"], 75)
    if "value" in one:
        wrong.length(f"{at}/value", one["value"], 2000)
    if "url" in one:
        _url(wrong, f"{at}/url", one["url"])
    if "style" in one and one["style"] not in {"primary", "danger"}:
        wrong.say(f"{at}/style", "must be one of primary, danger")


def _confirm(wrong: Complaints, at: str, one: Any) -> None:
    if wrong.fields(at, one, {"title", "text", "confirm", "deny"}, {"style"}):
        wrong.text(f"{at}/title", one["title"], 100)
        wrong.text(f"{at}/text", one["text"], 300, BOTH)
        wrong.text(f"{at}/confirm", one["confirm"], 30)
        wrong.text(f"{at}/deny", one["deny"], 30)


def _choices(wrong: Complaints, at: str, kind: str, one: dict[str, Any]) -> None:
    if ("options" in one) == ("option_groups" in one):
        wrong.say(at, "one of options and option_groups is needed")
    most = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}.get(kind, 100)
    groups = [(f"{at}/options", one["options"])] if "options" in one else []
    if "option_groups" in one:
        for here, group in wrong.items(f"{at}/option_groups", one["option_groups"], 100):
            if wrong.fields(here, group, {"label", "options"}, set()):
                wrong.text(f"{here}/label", group["label"], 75)
                groups.append((f"{here}/options", group["options"]))
    offered: list[Any] = []
    kinds = BOTH if kind in {"checkboxes", "radio_buttons"} else ("plain_text",)
    for place, options in groups:
        for here, option in wrong.items(place, options, most):
            offered.append(option)
            _option(wrong, here, option, kinds, linked=kind == "overflow")
    chosen = one.get("initial_options") or ([one["initial_option"]] if "initial_option" in one else [])
    if any(option not in offered for option in chosen):
        wrong.say(f"{at}/initial_option", "must be one of the options")


def _option(wrong: Complaints, at: str, option: Any, kinds: tuple[str, ...], *, linked: bool) -> None:
    if wrong.fields(at, option, {"text", "value"}, {"description", "url"} if linked else {"description"}):
        wrong.text(f"{at}/text", option["text"], 75, kinds)
        wrong.length(f"{at}/value", option["value"], 150)
        if "description" in option:
            wrong.text(f"{at}/description", option["description"], 75, kinds)
        if "url" in option:
            _url(wrong, f"{at}/url", option["url"])


LOOKS: dict[str, Callable[[Complaints, str, dict[str, Any]], None]] = {
    "section": _section,
    "header": _header,
    "markdown": _markdown,
    "image": _image_block,
    "context": _context,
    "actions": _actions,
    "context_actions": _actions,
    "input": _input,
    "table": _table,
    "rich_text": _rich_text,
}


def check_view(view: Any, *, kind: str) -> dict[str, Any]:
    """Refuse a view that Slack would refuse; `kind` is `modal` or `home`."""
    wrong = Complaints()
    if not isinstance(view, dict) or view.get("type") != kind:
        raise Refused("invalid_arguments", f"must be a {kind} view [json-pointer:/view/type]")
    needed = {"type", "blocks"} | ({"title"} if kind == "modal" else set())
    wrong.fields("/view", view, needed, VIEW_FIELDS[kind])
    for name in ("title", "submit", "close"):
        if name in view and kind == "modal":
            wrong.text(f"/view/{name}", view[name], 24)
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if name in view:
            wrong.length(f"/view/{name}", view[name], most, least=0)
    blocks = view.get("blocks")
    asks = isinstance(blocks, list) and any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)
    if kind == "modal" and asks and "submit" not in view:
        wrong.say("/view", "missing required field: submit")
    if wrong:
        raise Refused("invalid_arguments", *wrong)
    check_blocks(blocks, surface=kind, at="/view/blocks", error="invalid_arguments")
    return view


def check_metadata(metadata: Any) -> dict[str, Any]:
    """Refuse metadata that is not `{event_type, event_payload}` or is over 8,000 bytes."""
    if not isinstance(metadata, dict):
        raise Refused("invalid_metadata_format")
    right = metadata.keys() == {"event_type", "event_payload"} and isinstance(metadata["event_payload"], dict)
    if not right or not isinstance(metadata["event_type"], str) or not 0 < len(metadata["event_type"]) <= 255:
        raise Refused("invalid_metadata_schema")
    if len(json.dumps(metadata).encode()) > 8000:
        raise Refused("metadata_too_large")
    return metadata


def check_chunks(chunks: Any) -> str:
    """Refuse unknown chunks of a stream; give the text of the known ones."""
    if not isinstance(chunks, list):
        raise Refused("invalid_chunks")
    text = ""
    for chunk in chunks:
        kind = kind_of(chunk)
        if kind not in CHUNKS or chunk.keys() - CHUNKS[kind] - {"type"}:
            raise Refused("invalid_chunks", f"unsupported chunk: {kind}")
        if kind == "markdown_text":
            if not isinstance(chunk.get("text"), str) or not chunk["text"]:
                raise Refused("invalid_chunks", "empty text")
            if len(chunk["text"]) > 12_000:
                raise Refused("msg_too_long")
            text += chunk["text"]
        elif kind == "blocks":
            check_blocks(chunk.get("blocks"))
    return text
