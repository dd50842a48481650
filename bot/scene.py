"""What the road knows when a message comes: the room, its record, the recent talk, and what is under way.

A scene is small whatever the length of the talk: what has gone by stands in the store, and here only its end.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from bot.model import Asker, Finding, Label, Person, Reply, Room, Said, Signal, Situation, TraceEnd, TraceUse
from bot.partnership import Action, Partnership
from knowledge.card import Frozen, Locale, Side

REMEMBERED = 12
"""Sayings kept of a talk with the bot; a thread longer than that has moved on."""
HEARD = 60
"""Messages kept of what the room said."""
RECENT = 6
"""Of these, how many of the asker's own side a language model may see."""
LOGGED = 200
"""Findings and interventions kept; rates are counted over days, not months."""


class Heard(Frozen):
    """Something that was said in the room."""

    id: str
    who: str
    side: Side | None
    at: datetime
    text: str
    asks: bool = False
    """Whether it seems to want an answer from the other side."""
    states: tuple[str, ...] = ()
    """What it plainly states: that the NDA is signed, who bears a cost, and so on."""


class Escalation(Frozen):
    """Something that a human was called for. `evidence` is empty where it was told in private."""

    number: int = 0
    call: str
    who: str
    at: datetime
    message: str
    evidence: str
    cared: str = ""
    """Who has taken care of it; empty while nobody has."""


class Intervention(Frozen):
    """Something said that nobody asked for, and what became of it. `useful` is None until somebody says so."""

    number: int
    signal: Signal
    label: Label
    at: datetime
    about: str
    """Whose message it was about, where it was about one."""
    useful: bool | None = None


class Confirmation(Frozen):
    """A change that a plain statement seems to make. It is made by `command` if the person says yes."""

    command: str
    at: datetime


class Exercise(Frozen):
    """An exercise under way for one person. `answers` are by question; a skipped one is an empty text."""

    name: str
    run: str
    """One run has one name; in a two-sided exercise both sides' people share it."""
    who: str
    side: Side | None
    answers: dict[str, str] = Field(default_factory=dict)
    at: str = ""
    """The question that waits, or `release:<question>` while this side says what the other may read."""
    state: Literal["open", "paused", "waiting", "done"] = "open"
    """`waiting`: this side has finished, the other has not."""
    released: tuple[str, ...] = ()
    """Questions whose answers the other side may read."""
    since: datetime
    room: bool = False
    """Whether it was asked for in the room, where its shared page then goes."""


class Draft(Frozen):
    """Something that waits for the facilitator's word."""

    id: str
    reply: Reply
    at: datetime
    state: Literal["waiting", "approved", "edited", "refused"] = "waiting"
    by: str = ""
    why: str = ""
    decided_at: datetime | None = None
    """When somebody decided it, where that is known."""


class Held(Frozen):
    """Something that waits for the end of the quiet hours."""

    reply: Reply
    at: datetime


class TimeBox(Frozen):
    """A part of a session. `minutes` is how long, `told` whether the facilitator was told that it ends."""

    title: str
    minutes: int
    told: bool = False


class Session(Frozen):
    """A coaching session run by a human."""

    topic: str
    start: datetime
    minutes: int
    boxes: tuple[TimeBox, ...]
    first: str
    """The id of the message that began it."""
    decisions: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    """What was taken on, by whom and by when as far as it was said; its number is 0."""
    questions: tuple[str, ...] = ()
    """Questions suggested so far."""
    spoken: dict[Side, int] = Field(default_factory=dict)
    """How much each side has said (`bot.length`)."""


class Mute(Frozen):
    """Somebody wants quiet. `who` is a name or `room`; without a signal all of them; without an end until lifted."""

    who: str
    signal: Signal | None = None
    until: datetime | None = None


class Seen(Frozen):
    """What a language model was shown on somebody's behalf, in short; the store has the whole (`bot.model.Trace`)."""

    number: str
    """What a person types to name it."""
    who: str
    at: datetime
    use: TraceUse
    model: str
    end: TraceEnd
    sent: str = ""
    """People's words in it, as they left; empty if nothing left."""
    marks: tuple[str, ...] = ()
    """Marks of these words (`bot.seen.mark`): by them it goes when they go."""


class Scene(Frozen):
    """A room with its record, its talks, and what is under way."""

    room: Room
    record: Partnership = Partnership()
    talks: dict[str, tuple[Said, ...]] = Field(default_factory=dict)
    locales: dict[str, Locale] = Field(default_factory=dict)
    """Languages that people chose."""
    written: dict[str, Locale] = Field(default_factory=dict)
    """Languages in which people last wrote."""
    buttons: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The buttons last shown to somebody, by name or `room`."""
    heard: tuple[Heard, ...] = ()
    findings: tuple[Finding, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    confirmations: dict[str, Confirmation] = Field(default_factory=dict)
    exercises: tuple[Exercise, ...] = ()
    drafts: tuple[Draft, ...] = ()
    drafted: int = 0
    """The highest number that a draft was given, so that it is never given again."""
    held: tuple[Held, ...] = ()
    mutes: tuple[Mute, ...] = ()
    session: Session | None = None
    escalations: tuple[Escalation, ...] = ()
    takeover: str | None = None
    """The name of the human who talks instead of the bot."""
    model_forbidden: bool = False
    """Whether no language model may see this room's words."""
    model_seen: tuple[Seen, ...] = ()
    """What language models were shown lately, a few of each person."""
    model_uses: dict[str, int] = Field(default_factory=dict)
    """How often each language model was asked in this room."""
    since: datetime | None = None
    """When the room was opened."""
    forgetting: str | None = None
    """Whose words the store is to forget with this turn."""
    reminded: dict[str, datetime] = Field(default_factory=dict)
    """What people were reminded of, and when last."""

    @property
    def human_drives(self) -> bool:
        """Whether a human has taken over."""
        return self.takeover is not None

    def known(self, person: Person) -> Person:
        """Return the person as the room knows them, with their side."""
        return self.room.person(person.name) or person

    def talk_with(self, name: str) -> tuple[Said, ...]:
        """Return what this person and the bot said to each other, oldest first."""
        return self.talks.get(name, ())

    def locale_of(self, name: str) -> Locale | None:
        """Return the language that this person chose, if they chose one."""
        return self.locales.get(name)

    def locale_for(self, to: str) -> Locale:
        """Return the language in which to speak to somebody: the chosen one, the one they write, the room's."""
        who = self.room.of("facilitator")[0].name if to == "facilitator" and self.room.of("facilitator") else to
        return self.locales.get(who) or self.written.get(who) or self.room.locale

    def situation_of(self, person: Person, today: date) -> Situation:
        """Return what the coach may know of a person's case: the record as it stands today; for strangers nothing."""
        if self.room.person(person.name) is None:
            return Situation(side=person.side)
        done = tuple(one for one in self.record.experiments if one.state == "done")
        return Situation(
            side=person.side,
            stage=self.record.stage,
            nda=self.record.nda.standing(today),
            theme=self.record.theme.statement,
            tried=tuple(f"{one.question} → {one.result}" for one in done[-3:]),
        )

    def asker(self, person: Person) -> Asker:
        """Return what a language model's side of the house should know of who asks; of strangers little.

        What was said before the NDA and sounded confidential is not in it.
        """
        if self.room.person(person.name) is None:
            return Asker(room=self.room.id, names=(person.name,), model=not self.model_forbidden)
        hushed = {one.message for one in self.findings if one.signal == "pre_nda_disclosure"}
        own = [one.text for one in self.heard if one.side == person.side and one.id not in hushed]
        return Asker(
            room=self.room.id,
            names=(*self.room.names.values(), *(one.name for one in self.room.people)),
            recent=tuple(own[-RECENT:]),
            model=not self.model_forbidden,
        )

    # Talk

    def remembering(self, name: str, said: tuple[Said, ...]) -> "Scene":
        """Return the scene after something was said between this person and the bot."""
        kept = (self.talk_with(name) + said)[-REMEMBERED:]
        return self.having(talks={**self.talks, name: kept})

    def hearing(self, heard: Heard) -> "Scene":
        """Return the scene after something was said in the room."""
        return self.having(heard=(*self.heard, heard)[-HEARD:])

    def writing(self, name: str, locale: Locale) -> "Scene":
        """Return the scene after a person wrote in a language."""
        return self if self.written.get(name) == locale else self.having(written={**self.written, name: locale})

    def showing(self, replies: tuple[Reply, ...]) -> "Scene":
        """Return the scene after these were said, with their buttons."""
        shown = {reply.to: reply.choices for reply in replies if reply.choices}
        return self.having(buttons={**self.buttons, **shown}) if shown else self

    def speaking(self, name: str, locale: Locale | None) -> "Scene":
        """Return the scene after a person chose a language; None follows what they write."""
        chosen = {who: which for who, which in self.locales.items() if who != name}
        return self.having(locales={**chosen, name: locale} if locale else chosen)

    # The record

    def recorded(self, record: Partnership) -> "Scene":
        """Return the scene with another record."""
        return self.having(record=record)

    def seated(self, person: Person, side: Side) -> "Scene":
        """Return the scene with a person on a side."""
        others = tuple(other for other in self.room.people if other.name != person.name)
        people = (*others, Person(name=person.name, side=side))
        return self.having(room=self.room.model_copy(update={"people": people}))

    def without(self, name: str) -> "Scene":
        """Return the scene without a person: nothing waits for them, and whose part of an exercise needs theirs ends.

        What they said and did stays under their name, and how they like to be spoken to: they may write as a guest.
        """
        left = {one.run for one in self.exercises if one.who == name and one.state != "done"}
        people = tuple(person for person in self.room.people if person.name != name)
        return self.having(
            room=self.room.model_copy(update={"people": people}),
            exercises=tuple(one for one in self.exercises if one.run not in left),
            held=tuple(one for one in self.held if one.reply.to != name),
            confirmations={who: one for who, one in self.confirmations.items() if who != name},
            buttons={who: shown for who, shown in self.buttons.items() if who != name},
            takeover=None if self.takeover == name else self.takeover,
        )

    # What is under way

    def noticing(self, findings: tuple[Finding, ...]) -> "Scene":
        """Return the scene with findings logged."""
        return self.having(findings=(*self.findings, *findings)[-LOGGED:]) if findings else self

    def intervened(self, intervention: Intervention) -> "Scene":
        """Return the scene with an intervention logged."""
        return self.having(interventions=(*self.interventions, intervention)[-LOGGED:])

    def confirming(self, name: str, confirmation: Confirmation | None) -> "Scene":
        """Return the scene with a person asked to confirm something, or no longer."""
        others = {who: one for who, one in self.confirmations.items() if who != name}
        return self.having(confirmations={**others, name: confirmation} if confirmation else others)

    def exercising(self, exercise: Exercise) -> "Scene":
        """Return the scene with a person's part of an exercise as it is now."""
        others = tuple(one for one in self.exercises if (one.run, one.who) != (exercise.run, exercise.who))
        return self.having(exercises=(*others, exercise))

    def exercise_of(self, name: str) -> Exercise | None:
        """Return the exercise that waits for this person's answer."""
        return next((one for one in reversed(self.exercises) if one.who == name and one.state == "open"), None)

    def drafting(self, draft: Draft) -> "Scene":
        """Return the scene with a draft as it is now."""
        return self.having(drafts=(*(one for one in self.drafts if one.id != draft.id), draft)[-LOGGED:])

    def having(self, **changes: object) -> "Scene":
        """Return the scene with parts of it changed."""
        return self.model_copy(update=changes)
