"""Scenes, messages and replies to keep."""

from datetime import UTC, date, datetime, timedelta, timezone

from bot.model import Finding, Label, Message, MessageId, Person, Reply, Room, RoomId, Said, Trace, Verdict
from bot.partnership import Action, By, Cost, Partnership, Sheet
from bot.scene import (
    Confirmation,
    Draft,
    Escalation,
    Exercise,
    Heard,
    Held,
    Intervention,
    Mute,
    Scene,
    Seen,
    Session,
    TimeBox,
)
from knowledge.card import Citation

AWKWARD = "先に。\n「 」 🙏 \u2028 \\ \" ' 𠮷"
AT = datetime(2026, 4, 1, 10, 0, tzinfo=timezone(timedelta(hours=9)))
ROOM = RoomId("栃ノ木×ルミナ")
SATO = Person(name="佐藤", side="sme")
LEE = Person(name="Lee", side="startup")
TANAKA = Person(name="田中", side="facilitator")
CITATION = Citation(card="nda-first", covers=("NDA-1",), basis="report", refs=("§5(3)", "注48"))


def room(name: str = ROOM) -> Room:
    return Room(id=RoomId(name), people=(SATO, LEE, TANAKA), mode="review", names={"sme": "栃ノ木精密"})


def bare(name: str = ROOM) -> Scene:
    return Scene(room=room(name))


def message(number: int = 1, sender: Person = SATO, text: str = "公差は±0.01です", private: bool = False) -> Message:
    at = AT + timedelta(minutes=number)
    return Message(id=MessageId(f"m{number}"), sender=sender, at=at, text=text, private=private)


def reply(to: str = "佐藤", text: str = "先にNDAを結びましょう。", answering: str = "m1") -> Reply:
    return Reply(
        to=to,
        kind="warning",
        text=text,
        citations=(CITATION,),
        choices=("/nda", "あとで 🙏"),
        in_reply_to=MessageId(answering),
        signal="pre_nda_disclosure",
        label=Label(why="NDAの前です", how="warn", whom=to),
        draft="d1",
    )


def finding(about: str = "m1", who: str = "佐藤", evidence: str = "±0.01") -> Finding:
    return Finding(
        signal="pre_nda_disclosure", message=MessageId(about), who=who, at=AT, score=0.8125, evidence=evidence
    )


def trace(words: str = "公差は±0.01です", **changes: object) -> Trace:
    """Return a use of a model in which nothing is left out."""
    whole = Trace(
        use="answer",
        model="openai:gpt-x",
        prompt="compose@1a2b3c4d",
        end="used",
        sent="<question>\n公差は‹数1›です\n</question>",
        wrote='{"kind": "answer"}',
        passages=("nda-first", "cost-early"),
        verdicts=(
            Verdict(sentence="先にNDAを。", passages=(1, 2), kept=True),
            Verdict(sentence="嘘", passages=(), kept=False, why="source"),
        ),
        tokens_in=1200,
        tokens_out=80,
        ms=812.5,
        given=f'{{"question": "{words}"}}',
    )
    return whole.model_copy(update=changes)


def record() -> Partnership:
    by = By.of(SATO, AT)
    return (
        Partnership()
        .move_to("meeting", by)
        .sign_nda(by, date(2026, 3, 1), date(2027, 3, 1), "試作の検討")
        .set_theme(by, statement="薄板の歪みを測れるか", keywords=("歪み", "薄板"), brings={"sme": "金型"})
        .add_cost(by, Cost(what="治具", payer="sme", amount="20万円", agreed=date(2026, 3, 2)))
        .plan_experiment(
            by, "歪みは見えるか", cap="30万円", ends=date(2026, 6, 1), success="8割", stop="5割", decider="佐藤"
        )
        .start_experiment(by, 1, date(2026, 4, 1))
        .change_experiment(by, 1, {"cap": "40万円"}, "治具が増えたため")
        .decide(by, "六月に会う")
        .add_action(by, "図面を送る", owner="Lee", due=date(2026, 4, 9))
        .add_action(by, "図面を選ぶ", side="sme")
        .ask(by, "誰が保管する?")
        .file(
            by,
            Sheet(exercise="theme_canvas", title="お題", text="# お題\n\n| a | b |", at=AT, side="sme", who="佐藤"),
        )
    )


def rich() -> Scene:
    """Return a scene in which every field holds something."""
    return Scene(
        room=room(),
        record=record(),
        talks={
            "佐藤": (Said(role="person", text="NDAは?"), Said(role="bot", text="先に。\n「 」 🙏 \u2028 \\ \" ' 𠮷"))
        },
        locales={"Lee": "en"},
        written={"佐藤": "ja"},
        buttons={"佐藤": ("戻る", "とばす")},
        heard=(Heard(id="m1", who="佐藤", side="sme", at=AT, text="どうですか?", asks=True),),
        findings=(finding(),),
        interventions=(
            Intervention(
                number=1,
                signal="stall",
                label=Label(why="静か", how="note", whom="facilitator"),
                at=AT,
                about="佐藤",
                useful=False,
            ),
        ),
        confirmations={"佐藤": Confirmation(command="/nda signed", at=AT)},
        exercises=(
            Exercise(
                name="give_and_get",
                run="r1",
                who="佐藤",
                side="sme",
                answers={"gives": "金型", "gets": ""},
                at="release:gives",
                state="paused",
                released=("gives",),
                since=AT,
                room=True,
            ),
        ),
        drafts=(Draft(id="d1", reply=reply(), at=AT, state="refused", by="田中", why="早い"),),
        drafted=1,
        held=(Held(reply=reply("Lee"), at=AT),),
        mutes=(Mute(who="room", signal="jargon", until=AT), Mute(who="佐藤")),
        session=Session(
            topic="費用",
            start=AT,
            minutes=60,
            boxes=(TimeBox(title="始め", minutes=5, told=True),),
            first="m1",
            decisions=("六月",),
            actions=(Action(number=0, text="図面"),),
            questions=("いくら?",),
            spoken={"sme": 120, "startup": 80},
        ),
        escalations=(Escalation(call="legal", who="Lee", at=AT, message="m2", evidence="訴える"),),
        takeover="田中",
        model_forbidden=True,
        model_seen=(
            Seen(
                number="123-456-789",
                who="佐藤",
                at=AT,
                use="answer",
                model="p:m",
                end="used",
                sent="‹人1›",
                marks=("a1",),
            ),
        ),
        model_uses={"p:m": 1},
        since=AT.astimezone(UTC),
        reminded={"go_stop:1": AT},
    )
