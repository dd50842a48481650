"""What the road knows when a message comes: the room, and what each person and the bot last said to each other."""

from pydantic import Field

from bot.model import Nda, Person, Room, Said
from knowledge.card import Frozen, Locale, Side, Stage

REMEMBERED = 12
"""Sayings kept of a talk; a thread longer than that has moved on."""


class Scene(Frozen):
    """A room with the talks in it."""

    room: Room
    talks: dict[str, tuple[Said, ...]] = Field(default_factory=dict)
    locales: dict[str, Locale] = Field(default_factory=dict)

    def known(self, person: Person) -> Person:
        """Return the person as the room knows them, with their side."""
        return self.room.person(person.name) or person

    def talk_with(self, name: str) -> tuple[Said, ...]:
        """Return what this person and the bot said to each other, oldest first."""
        return self.talks.get(name, ())

    def locale_of(self, name: str) -> Locale | None:
        """Return the language that this person chose, if they chose one."""
        return self.locales.get(name)

    def remembering(self, name: str, said: tuple[Said, ...]) -> "Scene":
        """Return the scene after something was said."""
        kept = (self.talk_with(name) + said)[-REMEMBERED:]
        return self.model_copy(update={"talks": {**self.talks, name: kept}})

    def speaking(self, name: str, locale: Locale | None) -> "Scene":
        """Return the scene after a person chose a language; None follows what they write."""
        chosen = {who: which for who, which in self.locales.items() if who != name}
        return self.model_copy(update={"locales": {**chosen, name: locale} if locale else chosen})

    def staged(self, stage: Stage) -> "Scene":
        """Return the scene at another stage."""
        return self.model_copy(update={"room": self.room.model_copy(update={"stage": stage})})

    def bound(self, nda: Nda) -> "Scene":
        """Return the scene with the NDA in another state."""
        return self.model_copy(update={"room": self.room.model_copy(update={"nda": nda})})

    def seated(self, person: Person, side: Side) -> "Scene":
        """Return the scene with a person on a side."""
        others = tuple(other for other in self.room.people if other.name != person.name)
        people = (*others, Person(name=person.name, side=side))
        return self.model_copy(update={"room": self.room.model_copy(update={"people": people})})
