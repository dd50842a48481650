"""The Bot API's shapes, as far as they are looked at. Whatever else Telegram sends is let pass."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_AFTER_2100 = 4_102_444_800
Seconds = Annotated[int, Field(ge=0, le=_AFTER_2100)]


class Shape(BaseModel):
    """Something that Telegram sends."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class User(Shape):
    """A person or a bot."""

    id: int
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""


class Chat(Shape):
    """A conversation."""

    id: int
    type: str


class Entity(Shape):
    """Something about a stretch of text, in UTF-16 units."""

    type: str
    offset: int
    length: int
    user: User | None = None


class Held(Shape):
    """A file, or what is one to Telegram."""

    file_id: str
    file_size: int = 0
    file_name: str = ""
    emoji: str = ""


class Thrown(Shape):
    """A die, or something else that falls as it likes."""

    emoji: str = ""


class Line(Shape):
    """An option of a poll, or a task of a checklist."""

    text: str = ""


class Poll(Shape):
    """A question to all."""

    question: str = ""
    options: tuple[Line, ...] = ()


class Checklist(Shape):
    """What is to be done."""

    title: str = ""
    tasks: tuple[Line, ...] = ()


class Message(Shape):
    """A message, or what stands for one that cannot be seen any more."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    message_id: int
    chat: Chat
    date: Seconds = 0
    edit_date: Seconds = 0
    sender: User | None = Field(default=None, alias="from")
    sender_chat: Chat | None = None
    is_automatic_forward: bool = False
    message_thread_id: int | None = None
    is_topic_message: bool = False
    media_group_id: str = ""
    reply_to_message: "Message | None" = None
    text: str = ""
    caption: str = ""
    entities: tuple[Entity, ...] = ()
    caption_entities: tuple[Entity, ...] = ()
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None
    document: Held | None = None
    animation: Held | None = None
    photo: tuple[Held, ...] = ()
    video: Held | None = None
    video_note: Held | None = None
    voice: Held | None = None
    audio: Held | None = None
    sticker: Held | None = None
    dice: Thrown | None = None
    poll: Poll | None = None
    checklist: Checklist | None = None

    @property
    def private(self) -> bool:
        """Whether it was written to the bot alone."""
        return self.chat.type == "private"

    def has(self, name: str) -> bool:
        """Whether there is something of a name, though this shape may not spell it out."""
        return getattr(self, name, None) is not None


class Query(Shape):
    """A button that was pressed."""

    id: str
    sender: User = Field(alias="from")
    message: Message | None = None
    data: str = ""


class Standing(Shape):
    """What somebody is in a chat."""

    status: str
    is_member: bool = True

    @property
    def inside(self) -> bool:
        """Whether they are in it."""
        return self.status not in ("left", "kicked") and (self.status != "restricted" or self.is_member)


class Change(Shape):
    """What became of the bot in a chat."""

    chat: Chat
    sender: User = Field(alias="from")
    date: Seconds = 0
    old_chat_member: Standing
    new_chat_member: Standing


class Update(Shape):
    """Something that happened."""

    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Query | None = None
    my_chat_member: Change | None = None
    chat_member: object = None
