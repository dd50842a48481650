"""What a button stands for. Platforms are given names of buttons only; what they say stands in the outbox."""

from adapters.doorstep import Word
from adapters.post import Account, Event
from adapters.services.store import Directory, Known, Lane, Mail
from bot.model import Text


class Buttons:
    """Turns a button that was pressed into the words it stands for."""

    def __init__(self, directory: Directory, mail: Mail) -> None:
        self._directory, self._mail = directory, mail

    def pressed(self, event: Event, known: Known, lane: Lane) -> tuple[Event, list[Word] | None]:
        """Return the event as if the button's words had been said; or what is said to who pressed, if they were not.

        A button of a private word is for its reader only, and one that nobody made stands for nothing.
        """
        parcel, _, choice = event.button.partition(":")
        posted = self._mail.posted(lane.tenant, parcel)
        if posted is None or not self._may_press(posted.parcel.account, known, lane):
            return event, []
        if choice in ("up", "down"):
            self._mail.note_feedback(posted, known.account.key, useful=choice == "up")
            return event, [Word(_THANKS(known.account.locale or posted.parcel.locale))]
        choices = posted.parcel.reply.choices
        if not choice.isdecimal() or int(choice) >= len(choices):
            return event, []
        words = choices[int(choice)]
        if words.endswith(" "):  # The rest is for the person to write.
            self._directory.begins(lane.tenant, known.account.key, words)
            return event, [Word(_FINISH(posted.parcel.locale).format(words=words.strip()))]
        return event.model_copy(update={"kind": "said", "text": words, "called": True}), None

    def _may_press(self, account: Account | None, known: Known, lane: Lane) -> bool:
        return account is None or account.key in self._directory.accounts_on(lane.tenant, known.person)


_THANKS = Text(ja="ありがとうございます。次に生かします。", en="Thank you, that helps.")
_FINISH = Text(
    ja="「{words}」に続く言葉を、次のメッセージで送ってください。",
    en="Send me the words that follow “{words}” as your next message.",
)
