"""Count interruptions of real meeting talk: deliveries that nobody asked for, per hundred utterances.

Takes the Japanese AMI corpus' `dev` file by path. Its speakers are set on the two sides in turn.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.model import Message, MessageId, Person, Room, RoomId
from bot.partnership import Partnership
from bot.scene import Scene
from bot.turn import House, turn

START = datetime(2026, 4, 1, 0, 30, tzinfo=UTC)
APART = timedelta(seconds=8)


def report(path: Path, house: House, *, misses: bool = False) -> None:
    """Print the rate, and what was said if that is wanted."""
    said = heard = 0
    for meeting in json.loads(path.read_text(encoding="utf-8")):
        speakers = sorted({line["en_speaker"] for line in meeting["conversation"]})
        people = [Person(name=who, side=("sme", "startup")[n % 2]) for n, who in enumerate(speakers)]
        room = Room(id=RoomId(meeting["id"]), people=(*people, Person(name="田中", side="facilitator")))
        scene = Scene(room=room, record=Partnership(stage="meeting"))
        for number, line in enumerate(meeting["conversation"]):
            who = next(person for person in people if person.name == line["en_speaker"])
            message = Message(
                id=MessageId(f"u{number}"), sender=who, at=START + number * APART, text=line["ja_sentence"]
            )
            replies, scene, *_ = turn(message, scene, house)
            unasked = [reply for reply in replies if reply.unasked]
            heard, said = heard + 1, said + len(unasked)
            for reply in unasked if misses else ():
                print(f"  {meeting['id']} {reply.signal} {reply.to} {line['ja_sentence']}")
    print(
        f"\n{path.name}: {said} interruptions in {heard} utterances, {100 * said / max(1, heard):.2f} per 100 (<= 1)"
    )
