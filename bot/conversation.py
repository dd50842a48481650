"""A conversation file: a room, its people, and what they say, with times. A stable format."""

from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import ConfigDict, Field, ValidationError, field_validator

from bot.errors import InputError
from bot.model import Message, MessageId, Mode, Nda, Person, Room, RoomId, Utterance
from bot.partnership import NdaRecord, Partnership
from bot.scene import Scene
from knowledge.card import Frozen, Locale, Side, Stage
from knowledge.marks import line_of

MAX_TEXT = 40_000
"""Characters of one message; Slack's limit, the largest of the channels."""

YEARS = range(1970, 2200)
"""When people talk: around the ends of the calendar no clock can be put forward."""


class Party(Frozen):
    """One side of the room."""

    name: str | None = None
    people: tuple[str, ...] = ()


class RoomSpec(Frozen):
    """The room at the start of the file."""

    sme: Party = Party()
    startup: Party = Party()
    facilitator: Party = Party()
    organizer: Party = Party()
    stage: Stage = "preparing"
    nda: Nda = "none"
    lang: Locale = "ja"
    mode: Mode = "auto"
    zone: str = "Asia/Tokyo"

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is no time zone; write one like Asia/Tokyo") from None
        return zone


class Spoken(Frozen):
    """One message of the file. Without `to` it is said to the room."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str = Field(min_length=1)
    from_: str = Field(alias="from", min_length=1)
    at: datetime
    text: Utterance = Field(min_length=1, max_length=MAX_TEXT)
    to: Literal["room", "bot"] = "room"

    @field_validator("id", mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        return str(value) if isinstance(value, int) else value

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("says nothing")
        return text

    @field_validator("at", mode="before")
    @classmethod
    def _is_no_number(cls, at: object) -> object:
        number = isinstance(at, (int, float))
        if number:  # YAML takes 10:00 for six hundred.
            raise ValueError("is a number; write 2026-04-01T10:00:00+09:00")
        return at

    @field_validator("at")
    @classmethod
    def _knows_its_zone(cls, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("has no time zone; write 2026-04-01T10:00:00+09:00")
        if at.year not in YEARS:
            raise ValueError(f"is not between {YEARS[0]} and {YEARS[-1]}")
        return at


class Conversation(Frozen):
    """A room and what is said in it."""

    room: RoomSpec
    messages: tuple[Spoken, ...]

    def as_room(self, name: str) -> Room:
        """Return the room as the bot knows it."""
        spec = self.room
        sides: dict[Side, Party] = {
            "sme": spec.sme,
            "startup": spec.startup,
            "facilitator": spec.facilitator,
            "organizer": spec.organizer,
        }
        people = tuple(Person(name=who, side=side) for side, party in sides.items() for who in party.people)
        return Room(
            id=RoomId(name),
            people=people,
            locale=spec.lang,
            mode=spec.mode,
            zone=spec.zone,
            names={side: party.name for side, party in sides.items() if party.name},
        )

    def as_scene(self, name: str) -> Scene:
        """Return the room with its record as they are when the file begins."""
        record = Partnership(stage=self.room.stage, nda=NdaRecord(state=self.room.nda))
        return Scene(room=self.as_room(name), record=record)

    def as_messages(self, room: Room) -> list[Message]:
        """Return the messages in the order of their times; equal times keep the order of the file."""
        found = [
            Message(
                id=MessageId(said.id),
                sender=room.person(said.from_) or Person(name=said.from_),
                at=said.at,
                text=said.text,
                private=said.to == "bot",
            )
            for said in self.messages
        ]
        return sorted(found, key=lambda message: message.at)


def read_conversation(path: Path) -> Conversation:
    """Read a conversation file, or say in which line it is wrong."""
    source = read_text(path)
    try:
        data = yaml.safe_load(source)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"broken YAML ({error.problem})", where=f"{path}:{line}") from None
    except RecursionError:
        raise InputError("broken YAML (nested too deep)", where=str(path)) from None
    except ValueError as error:  # A day that no calendar has.
        raise InputError(f"broken YAML ({error})", where=str(path), remedy="Correct the dates") from None
    except yaml.YAMLError as error:  # control characters
        raise InputError(f"broken YAML ({str(error).splitlines()[0]})", where=str(path)) from None
    if not isinstance(data, dict):
        raise InputError("no conversation", where=f"{path}:1", remedy="Write 'room:' and 'messages:'")
    try:
        conversation = Conversation.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        where = f"{path}:{line_of(source, first['loc'])}"
        raise InputError(f"{name}: {first['msg']}", where=where, remedy=_remedy(first["type"])) from None
    ids = [said.id for said in conversation.messages]
    for number, id_ in enumerate(ids):
        if id_ in ids[:number]:
            where = f"{path}:{line_of(source, ('messages', number))}"
            raise InputError(f"message id {id_!r} stands twice", where=where, remedy="Give each its own")
    return conversation


def read_text(path: Path) -> str:
    """Read a file of text, or say why it cannot be read."""
    if path.is_dir():
        raise InputError("is a folder", where=str(path), remedy="Name a file")
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("no such file", where=str(path), remedy="Check the name") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"not UTF-8 at byte {error.start}", where=str(path), remedy="Save the file as UTF-8"
        ) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from None


def _remedy(kind: str) -> str:
    if kind == "extra_forbidden":
        return "Remove the field or correct its name"
    return "Add it" if kind == "missing" else "Correct it"
