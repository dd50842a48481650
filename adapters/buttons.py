"""What a button stands for. Platforms are given names of buttons only; what they say stands in the outbox."""

from typing import NamedTuple

from adapters.breath import wanted
from adapters.courtesy import LOBBY
from adapters.doorstep import Word
from adapters.post import Event
from adapters.services.store import Directory, Known, Lane, Mail, Posted
from bot.model import Text


class Begun(NamedTuple):
    """A command that somebody began by a button and finishes in words: where, and in which partnership."""

    place: str
    room: str
    command: str

    @property
    def kept(self) -> str:
        """How it is written down."""
        return "\n".join(self)

    @classmethod
    def read(cls, kept: str) -> "Begun | None":
        """Return what `kept` wrote."""
        parts = kept.split("\n", 2)
        return cls(*parts) if len(parts) == 3 else None


class Buttons:
    """Turns a button that was pressed into the words it stands for."""

    def __init__(self, directory: Directory, mail: Mail) -> None:
        self._directory, self._mail = directory, mail

    def pressed(self, event: Event, known: Known, lane: Lane) -> tuple[Event, list[Word] | None]:
        """Return the event as if the button's words had been said; or what is said to who pressed, if they were not.

        A button of a private word is for its reader only, and one that nobody made stands for nothing.
        """
        posted, choice = self.posted(event, lane.tenant), event.button.partition(":")[2]
        if posted is None or not self._may_press(posted, event, known, lane):
            return event, []
        if choice in ("up", "down"):
            self._mail.note_feedback(posted, known.account.key, useful=choice == "up")
            return event, [Word(_THANKS(known.account.locale or posted.parcel.locale))]
        choices = posted.parcel.reply.choices
        if not choice.isdecimal() or int(choice) >= len(choices):
            return event, []
        words = choices[int(choice)]
        if words.endswith(" "):  # The rest is for the person to write.
            self._directory.begins(lane.tenant, known.account.key, Begun(event.place.key, posted.room, words).kept)
            return event, [Word(_FINISH(posted.parcel.locale).format(words=words.strip()))]
        # What was said at a partnership's door is about that partnership as well.
        about = posted.room or ("" if posted.lane.name.startswith(LOBBY) else posted.lane.name)
        said = {"kind": "said", "text": words, "called": True, "form": {"room": (about,)}}
        return event.model_copy(update=said), None

    def begun(self, event: Event, known: Known) -> Begun | None:
        """Return the command that an event finishes, if somebody began one there."""
        begun = Begun.read(known.begun)
        finishes = event.kind == "said" and not event.button and wanted(event).wants != "command"
        return begun if begun and finishes and begun.place == event.place.key else None

    def posted(self, event: Event, tenant: str) -> Posted | None:
        """Return the parcel whose button was pressed."""
        return self._mail.posted(tenant, event.button.partition(":")[0])

    def _may_press(self, posted: Posted, event: Event, known: Known, lane: Lane) -> bool:
        parcel = posted.parcel
        if parcel.account is None:
            return parcel.place is not None and parcel.place.key == event.place.key
        if parcel.account.key not in self._directory.accounts_on(lane.tenant, known.person):
            return False
        # An exercise is for the people of its partnership, and not for who has left it.
        free = not posted.room or posted.room.startswith(LOBBY) or parcel.reply.kind != "form"
        return free or posted.room in self._directory.rooms_of(lane.tenant, known.person)


_THANKS = Text(ja="ありがとうございます。次に生かします。", en="Thank you, that helps.")
_FINISH = Text(
    ja="「{words}」に続く言葉を、次のメッセージで送ってください。",
    en="Send me the words that follow “{words}” as your next message.",
)
