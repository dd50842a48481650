"""What must be known of answers that are still being written, whatever database it stands in."""

from sqlalchemy import Connection

from adapters.post import Account, Parcel, Place
from adapters.services.store import Answering, Lane, Mail
from tests.adapters.store.post_contract import LANE, SATO, Open, came, listening, parcel

SHOWN = "T1 C1 100.1 99.0 100.2"


def taken(mail: Mail, number: int = 1, lane: Lane = LANE) -> Answering:
    sequence = mail.receive(came(number), lane)
    assert sequence is not None
    return Answering(lane, sequence)


def kinded(name: str, kind: str = "answer", **more: object) -> Parcel:
    found = parcel(name, **more)  # type: ignore[arg-type]
    return found.model_copy(update={"reply": found.reply.model_copy(update={"kind": kind})})


def shown(mail: Mail, name: str) -> str:
    posted = mail.begin(LANE.tenant, name)
    assert posted is not None
    return posted.parcel.shown


class PreviewContract:
    """What a preview is, and when nobody goes on with it."""

    def test_what_was_noted_is_there_in_the_next_life_until_it_is_forgotten(self, open_post: Open) -> None:
        mail = open_post().mail
        answering = taken(mail)
        assert (mail.previewed, mail.preview(answering)) == (False, "")
        for where in ("T1 C1 100.1 99.0 ", SHOWN):
            mail.note_preview(answering, kinded("p1"), where)
        later = open_post().mail
        assert (later.previewed, later.preview(answering)) == (True, SHOWN)
        later.forget_preview(answering)
        assert (later.previewed, later.preview(answering)) == (False, "")
        assert not open_post().mail.previewed

    def test_the_first_answer_that_goes_there_is_told_where_its_beginnings_stand(self, open_post: Open) -> None:
        mail = open_post().mail
        answering = taken(mail)
        mail.note_preview(answering, kinded("p"), SHOWN)
        parcels = [
            kinded("notice", "notice"),
            kinded("unasked", "question", unasked=True),
            kinded("elsewhere", place=None, account=SATO),
            kinded("other place", place=Place(key="telegram:-200")),
            kinded("answer"),
            kinded("second"),
        ]
        mail.settle(LANE, [answering.sequence], parcels=parcels)
        found = {one.id: shown(mail, one.id) for one in parcels}
        assert found == {one.id: SHOWN if one.id == "answer" else "" for one in parcels}
        assert shown(open_post().mail, "answer") == SHOWN, "and so it is in the next life"

    def test_a_private_answer_is_not_put_in_the_place_of_another_persons(self, open_post: Open) -> None:
        mail = open_post().mail
        answering = taken(mail)
        mail.note_preview(answering, kinded("p", place=None, account=SATO), SHOWN)
        lee = Account(key="slack:T1:U1")
        mail.settle(LANE, [answering.sequence], parcels=[kinded("hers", place=None, account=lee)])
        assert shown(mail, "hers") == ""
        assert [left.shown for left in mail.previews_left()] == [SHOWN]

    def test_a_preview_is_left_when_no_answer_will_come_and_not_before(self, open_post: Open) -> None:
        mail = open_post().mail
        answering = taken(mail)
        mail.note_preview(answering, kinded("p1"), SHOWN)
        assert mail.previews_left() == (), "the event is still to be handled"
        mail.settle(LANE, [answering.sequence], parcels=[kinded("p1")])
        assert mail.previews_left() == (), "the answer is still to be sent"
        mail.begin(LANE.tenant, "p1")
        assert mail.previews_left() == ()
        mail.ended(LANE.tenant, "p1", "withdrawn", reason="a human has taken over")
        (left,) = mail.previews_left()
        assert (left.answering, left.channel, left.shown, left.answered) == (answering, "telegram", SHOWN, False)
        assert open_post().mail.previews_left() == (left,)

    def test_a_preview_that_became_the_answer_is_known_as_that(self, open_post: Open) -> None:
        mail = open_post().mail
        answering = taken(mail)
        mail.note_preview(answering, kinded("p1"), SHOWN)
        mail.settle(LANE, [answering.sequence], parcels=[kinded("p1")])
        mail.begin(LANE.tenant, "p1")
        mail.ended(LANE.tenant, "p1", "sent", receipt="100.2")
        assert [left.answered for left in mail.previews_left()] == [True]

    def test_programmes_with_the_same_rooms_are_kept_apart(self, open_post: Open) -> None:
        mail = open_post().mail
        ours, theirs = taken(mail), taken(mail, lane=Lane("bank", LANE.name))
        mail.note_preview(ours, kinded("p1"), SHOWN)
        assert (mail.preview(ours), mail.preview(theirs)) == (SHOWN, "")

    def test_none_of_its_words_are_kept(self, open_post: Open) -> None:
        post = open_post()
        written: list[str] = []

        def hear(_c: Connection, _cursor: object, statement: str, values: object, *_: object) -> None:
            written.append(f"{statement} {values}")

        answering = taken(post.mail)
        with listening(post.engine, "before_cursor_execute", hear):
            post.mail.note_preview(answering, kinded("p1"), SHOWN)
        assert SHOWN in str(written)
        assert kinded("p1").reply.text not in str(written)

    def test_where_nothing_is_previewed_the_post_asks_for_nothing_more(self, open_post: Open) -> None:
        post = open_post()
        assert not post.mail.previewed
        asked: list[str] = []

        def hear(_c: Connection, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        answering = taken(post.mail)
        post.mail.settle(LANE, [answering.sequence], parcels=[kinded("p1")])
        with listening(post.engine, "before_cursor_execute", hear):
            post.mail.begin(LANE.tenant, "p1")
            post.mail.ended(LANE.tenant, "p1", "sent", receipt="1")
            assert post.mail.previews_left() == ()
        assert asked
        assert not [one for one in asked if "previews" in one]
