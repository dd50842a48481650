"""What language models did: each use of one, whole, and the tokens of each day."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import JSON, BigInteger, Date, Double, Engine, Index, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, load_only, mapped_column

from adapters.services.store.engine import noting, place
from adapters.services.store.errors import told
from adapters.services.store.tables import Base, MessageRow, Moment, Written
from bot.model import Message, MessageId, RoomId, Trace, TraceEnd, TraceUse, Verdict
from bot.scene import Scene
from bot.seen import marked, number_of

_AT_ONCE = 500
"""Rows that one statement deletes."""


class TraceRow(Base):
    """One use of a language model. What was asked on the command line belongs to no room."""

    __tablename__ = "traces"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    id: Mapped[str] = mapped_column(String, primary_key=True)
    number: Mapped[str] = mapped_column(String)
    """What a person types to name it. Of two that have the same, which is hardly ever, the later is meant."""
    room: Mapped[str] = mapped_column(String)
    message: Mapped[str] = mapped_column(String)
    who: Mapped[str] = mapped_column(String)
    to: Mapped[str] = mapped_column(String)
    """To whom what came of it was said; empty is nobody."""
    at: Mapped[datetime] = mapped_column(Moment)
    use: Mapped[TraceUse] = mapped_column(String)
    model: Mapped[str] = mapped_column(String)
    prompt: Mapped[str] = mapped_column(String)
    end: Mapped[TraceEnd] = mapped_column(String)
    sent: Mapped[str] = mapped_column(Written)
    wrote: Mapped[str] = mapped_column(Written)
    passages: Mapped[list[str]] = mapped_column(JSON)
    verdicts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    tokens_in: Mapped[int]
    tokens_out: Mapped[int]
    ms: Mapped[float] = mapped_column(Double)
    given: Mapped[str] = mapped_column(Written)
    said: Mapped[str] = mapped_column(Written)
    """The answer that came of it, by the model or by the playbook."""
    marks: Mapped[list[str]] = mapped_column(JSON)
    """Marks of the words that were in it (`bot.seen.mark`): by them it goes when they go."""

    __table_args__ = (
        Index("ix_traces_number", "number"),
        Index("ix_traces_room", "tenant", "room", "message"),
    )


class TokensRow(Base):
    """What a programme has spent on language models in a day."""

    __tablename__ = "tokens"

    tenant: Mapped[str] = mapped_column(String, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    spent: Mapped[int] = mapped_column(BigInteger)


class KeptTrace(NamedTuple):
    """A use of a language model as it is kept: on whose behalf, to whom what came of it was said, and the answer."""

    tenant: str
    number: str
    room: RoomId
    message: str
    who: str
    to: str
    at: datetime
    trace: Trace
    said: str


class Traces:
    """The uses of all programmes, for whoever runs the house."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._place = place(engine)

    def find(self, number: str) -> KeptTrace | None:
        """Return the use that a number names, or None."""
        wanted = select(TraceRow).where(TraceRow.number == number).order_by(TraceRow.at.desc(), TraceRow.id).limit(1)
        with told(self._place), Session(self.engine) as session:
            row = session.scalars(wanted).first()
            return _kept(row) if row else None

    def note(self, tenant: str, trace: Trace, at: datetime, said: str) -> str:
        """Keep a use that belongs to no room, and return its number."""
        number = number_of("", at.isoformat(), trace)
        row = _row(
            trace, tenant=tenant, number=number, room="", message="", who="", to="", at=at, said=said, marks=[]
        )
        with told(self._place), Session(noting(self.engine)) as session, session.begin():
            session.add(row)
        return number

    def wipe(self, before: datetime) -> None:
        """Forget the uses before a moment; what they cost stays counted."""
        with told(self._place), noting(self.engine).begin() as connection:
            connection.execute(delete(TraceRow).where(TraceRow.at < before))


class TokenMeter:
    """Counts the tokens of each programme and day, for all who serve from one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._place = place(engine)

    def spent(self, tenant: str, day: date) -> int:
        """Return the tokens that a programme has spent on a day."""
        wanted = select(TokensRow.spent).where(TokensRow.tenant == tenant, TokensRow.day == day)
        with told(self._place), self.engine.connect() as connection:
            return connection.execute(wanted).scalar() or 0

    def spend(self, tenant: str, day: date, tokens: int) -> None:
        """Add tokens to what a programme has spent on a day."""
        insert = (sqlite if self.engine.dialect.name == "sqlite" else postgresql).insert(TokensRow)
        row = insert.values(tenant=tenant, day=day, spent=tokens)
        more = {"spent": TokensRow.spent + row.excluded.spent}
        added = row.on_conflict_do_update(index_elements=["tenant", "day"], set_=more)
        with told(self._place), noting(self.engine).begin() as connection:
            connection.execute(added)


# Within the transaction of a turn


def rows_of(
    tenant: str, scene: Scene, message: Message | None, traces: Sequence[Trace], now: datetime
) -> list[TraceRow]:
    """Return what language models did in a turn as rows, with marks of the words that they were given."""
    room, seen = scene.room.id, {one.number: set(one.marks) for one in scene.model_seen}
    cause, who, at = (message.id, message.sender.name, message.at) if message else (now.isoformat(), "", now)
    rows = []
    for trace in traces:
        number, to = number_of(room, cause, trace), _hearer(trace, message)
        wordless, noted = trace.end == "forbidden", seen.get(number)
        # What was held back is not noted: nobody saw it. But the request, which stays here, has it.
        if noted is None or trace.end == "secret":
            noted = marked(room, _all_words(scene, message)) | (noted or set())
        rows.append(
            _row(
                _wordless(trace) if wordless else trace,
                tenant=tenant,
                number=number,
                room=room,
                message=message.id if message else "",
                who=who,
                to=to,
                at=at,
                said=_last_said(scene, to) if trace.use == "answer" else "",
                marks=[] if wordless else sorted(noted),
            )
        )
    return rows


def forget(session: Session, tenant: str, room: RoomId, name: str) -> None:
    """Delete what was asked on a person's behalf, and all else that their words are in."""
    theirs = (MessageRow.tenant == tenant, MessageRow.room == room, MessageRow.sender == name)
    said = session.execute(select(MessageRow.id, MessageRow.text).where(*theirs)).all()
    gone = marked(room, (one.text for one in said))
    messages = {one.id for one in said}
    _delete(session, tenant, room, lambda one: one.who == name or one.message in messages or _holds(one, gone))


def retract(session: Session, tenant: str, room: RoomId, message: MessageId) -> None:
    """Delete all that the words of a message are in; to be called while it still has them."""
    this = (MessageRow.tenant == tenant, MessageRow.room == room, MessageRow.id == message)
    gone = marked(room, session.execute(select(MessageRow.text).where(*this)).scalars())
    _delete(session, tenant, room, lambda one: one.message == message or _holds(one, gone))


def forget_room(session: Session, tenant: str, room: RoomId) -> None:
    """Delete all that was done in a room."""
    session.execute(delete(TraceRow).where(TraceRow.tenant == tenant, TraceRow.room == room))


def _delete(session: Session, tenant: str, room: RoomId, goes: Callable[[TraceRow], bool]) -> None:
    mine = (TraceRow.tenant == tenant, TraceRow.room == room)
    brief = load_only(TraceRow.who, TraceRow.message, TraceRow.marks)
    ids = [one.id for one in session.scalars(select(TraceRow).options(brief).where(*mine)) if goes(one)]
    for start in range(0, len(ids), _AT_ONCE):
        session.execute(delete(TraceRow).where(*mine, TraceRow.id.in_(ids[start : start + _AT_ONCE])))


def _holds(row: TraceRow, gone: set[str]) -> bool:
    return not gone.isdisjoint(row.marks)


def _hearer(trace: Trace, message: Message | None) -> str:
    """Return to whom is said what comes of a use."""
    if trace.use == "judge":
        return ""
    if message is None:
        return "facilitator"
    return message.sender.name if message.private else "room"


def _last_said(scene: Scene, to: str) -> str:
    """Return the answer as it was given, whatever became of it at the gate."""
    return next((one.text for one in reversed(scene.talk_with(to)) if one.role == "bot"), "")


def _all_words(scene: Scene, message: Message | None) -> list[str]:
    """Return all words that a model can have been given in a turn: better one use forgotten too many than a secret
    kept."""
    heard = [one.text for one in scene.heard]
    if message is None:
        return heard
    who = message.sender.name
    talks = [one.text for to in (who, "room") for one in scene.talk_with(to) if one.role == "person"]
    answers = [answer for one in scene.exercises if one.who == who for answer in one.answers.values()]
    return [message.text, *heard, *talks, *answers]


def _wordless(trace: Trace) -> Trace:
    """Return a use without words: where a room forbids models, nothing is kept for them either."""
    return trace.model_copy(update={"sent": "", "wrote": "", "given": "", "verdicts": ()})


# From nouns to rows and back


def _row(trace: Trace, **beside: Any) -> TraceRow:
    return TraceRow(id=uuid4().hex, **_writable(trace.model_dump(mode="json")), **_writable(beside))


def _kept(row: TraceRow) -> KeptTrace:
    trace = Trace(
        use=row.use,
        model=row.model,
        prompt=row.prompt,
        end=row.end,
        sent=row.sent,
        wrote=row.wrote,
        passages=tuple(row.passages),
        verdicts=tuple(Verdict.model_validate(one) for one in row.verdicts),
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        ms=row.ms,
        given=row.given,
    )
    return KeptTrace(row.tenant, row.number, RoomId(row.room), row.message, row.who, row.to, row.at, trace, row.said)


def _writable(value: Any) -> Any:
    """Return a value that every database takes: a model may write half characters and null ones."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _writable(one) for name, one in value.items()}
    return [_writable(one) for one in value] if isinstance(value, list) else value
