"""Commands that write into the record."""

import re
from typing import get_args

from bot.clock import day_of
from bot.dates import read_date, take_date
from bot.errors import RecordError
from bot.history import told as told_of
from bot.intent import parted
from bot.model import Nda, Text
from bot.names import HONORIFIC, NDA_EXPIRED, NDA_NAMES, SIDE_NAMES, STAGE_NAMES
from bot.orders import Done, Order, plain
from bot.partnership import TERM_NAMES, Action, Cost, Experiment, Partnership, Theme
from bot.scene import Scene
from knowledge.card import Side, Stage
from prompts import render

STAGES: dict[str, Stage] = {
    **{stage: stage for stage in get_args(Stage)},
    **{name.ja: stage for stage, name in STAGE_NAMES.items()},
    "商談": "meeting",
    "契約": "agreeing",
    "実験": "experimenting",
    "判断": "deciding",
    "中止": "stopped",
}
NDAS: dict[str, Nda] = {
    **{nda: nda for nda in get_args(Nda)},
    **{name.ja: nda for nda, name in NDA_NAMES.items()},
    "なし": "none",
    "締結": "signed",
}
_TERMS = {
    **{term: term for term in TERM_NAMES if term not in ("result", "learnings")},
    **{name.ja: term for term, name in TERM_NAMES.items() if term not in ("result", "learnings")},
    "問い": "question",
    "上限": "cap",
    "開始": "starts",
    "終了": "ends",
    "期限": "ends",
    "成功": "success",
    "中止": "stop",
    "撤退": "stop",
    "判断": "decider",
    "end": "ends",
    "start": "starts",
}
_EXPERIMENT = {
    **dict.fromkeys(("new", "新規", "新しく"), "new"),
    **dict.fromkeys(("set", "条件", "変更", "change"), "set"),
    **dict.fromkeys(("start", "開始"), "start"),
    **dict.fromkeys(("result", "done", "結果"), "result"),
    **dict.fromkeys(("learned", "learnt", "学び"), "learned"),
}
_THEME = {
    **dict.fromkeys(("keywords", "言葉", "キーワード"), "keywords"),
    **dict.fromkeys(("matters", "why", "大事", "わけ"), "matters"),
    **dict.fromkeys(("brings", "持ち寄り", "出せるもの"), "brings"),
}
_SIDE_WORDS: dict[str, Side] = {
    "sme": "sme",
    "中小企業": "sme",
    "startup": "startup",
    "スタートアップ": "startup",
}
_ACTION = dict.fromkeys(("done", "済", "完了"), "done")


def record(order: Order) -> Done:
    """Show the record, as this person's side may read it."""
    # In the room everybody reads along, so only what both may read is shown there.
    return Done(told(order, order.sender.side if order.private else None), order.scene, kind="document")


def told(order: Order, side: Side | None) -> str:
    """Return the record as a side reads it; None is what both may read."""
    seen = order.scene.record.read_by(side)
    expired = seen.nda.standing(order.today) != seen.nda.state
    zone = order.scene.room.zone
    history = [
        {"day": day_of(one.by.at, zone), "who": one.by.who, "told": told_of(one, order.locale), "why": one.why}
        for one in seen.history[-8:]
    ]
    return render(
        "record",
        order.locale,
        record=seen,
        stage=STAGE_NAMES[seen.stage](order.locale),
        nda=(NDA_EXPIRED if expired else NDA_NAMES[seen.nda.state])(order.locale),
        terms={name: text(order.locale) for name, text in TERM_NAMES.items()},
        sides={side: order.scene.room.names.get(side) or SIDE_NAMES[side](order.locale) for side in SIDE_NAMES},
        people=order.scene.room.people,
        history=history,
    )


def stage(order: Order) -> Done:
    """Go to another stage."""
    words, why = order.why()
    wanted = STAGES[plain(parted(words)[0])]
    new = order.scene.record.move_to(wanted, order.by, why)
    return order.done(_STAGED, order.scene.recorded(new), stage=STAGE_NAMES[wanted](order.locale))


def nda(order: Order) -> Done:
    """Note how the NDA stands; signed ones with their dates and purpose."""
    words, why = order.why()
    head, rest = parted(words)
    state = NDAS[plain(head)]
    old = order.scene.record
    if state == "none":
        new = old.end_nda(order.by, why)
    elif state == "drafting":
        new = old.draft_nda(order.by)
    else:
        on, rest = take_date(rest, order.today)
        expires, purpose = take_date(rest, order.today)
        new = old.sign_nda(order.by, on or order.today, expires, _bare(purpose))
    return order.done(_BOUND[state], order.scene.recorded(new), on=new.nda.signed)


def _bare(purpose: str) -> str:
    words = [
        word
        for word in purpose.split()
        if word.lower() not in ("expires", "until", "purpose", "期限", "まで", "目的")
    ]
    return " ".join(words).strip("、, ")


def theme(order: Order) -> Done:
    """Write down the theme or a part of it; without words, show it."""
    part, words = order.first(_THEME)
    old = order.scene.record
    if not words.strip():
        return order.done(_THEME_IS if old.theme.statement else _NO_THEME, theme=old.theme.statement)
    if part == "keywords":
        keywords = tuple(filter(None, (word.strip() for word in words.replace("、", ",").split(","))))
        new = old.set_theme(order.by, keywords=keywords)
    elif part == "matters":
        new = old.set_theme(order.by, matters=words)
    elif part == "brings":
        side, words = _whose(order, words)
        new = old.set_theme(order.by, brings={**old.theme.brings, side: words})
    else:
        new = old.set_theme(order.by, statement=words)
    return order.done(_THEMED, order.scene.recorded(new), theme=_shown(new.theme))


def _whose(order: Order, words: str) -> tuple[Side, str]:
    head, rest = parted(words)
    side = _SIDE_WORDS.get(plain(head).rstrip(":"))
    if side and rest:
        return side, rest
    if order.sender.side in ("sme", "startup"):
        return order.sender.side, words
    raise RecordError(_WHOSE)


def _shown(theme: Theme) -> str:
    keywords = "、".join(theme.keywords)
    return " / ".join(filter(None, (theme.statement, keywords, theme.matters)))


def cost(order: Order) -> Done:
    """Write down who pays what: `what: payer amount`, and when it was agreed."""
    what, mark, rest = order.words.replace("：", ":").partition(":")
    if not mark or not what.strip() or not rest.strip():
        return order.done(_COST_HOW)
    agreed, rest = take_date(rest, order.today)
    payer, amount = parted(rest)
    new = order.scene.record.add_cost(
        order.by, Cost(what=what.strip(), payer=payer, amount=amount, agreed=agreed or order.today)
    )
    return order.done(_COSTED, order.scene.recorded(new), what=what.strip(), payer=payer, amount=amount)


def experiment(order: Order) -> Done:
    """Plan, change, start and finish an experiment."""
    verb, words = order.first(_EXPERIMENT)
    old = order.scene.record
    if verb == "new" and words:
        new = old.plan_experiment(order.by, words)
    elif verb == "set":
        return _set_term(order, words)
    elif verb == "start":
        new = old.start_experiment(order.by, old.experiment().number, read_date(words, order.today) or order.today)
    elif verb == "result" and words:
        new = old.finish_experiment(order.by, old.experiment().number, words)
    elif verb == "learned" and words:
        return _learned(order, words)
    else:
        return order.done(_EXPERIMENT_HOW)
    return _experimented(order, new)


def _learned(order: Order, words: str) -> Done:
    old = order.scene.record.experiment()
    new = order.scene.record.note_learnings(order.by, old.number, words)
    return order.done(_LEARNED, order.scene.recorded(new), number=old.number, words=words)


def _set_term(order: Order, words: str) -> Done:
    words, why = _without_why(order, words)
    name, value = parted(words)
    term = _TERMS.get(plain(name).rstrip(":"))
    if term is None or not value:
        return order.done(_EXPERIMENT_HOW)
    given: object = value
    if term in ("starts", "ends"):
        given = read_date(value, order.today)
        if given is None:
            return order.done(_NO_DATE, words=value[:40])
    old = order.scene.record.experiment()
    new = order.scene.record.change_experiment(order.by, old.number, {term: given}, why)
    return _experimented(order, new)


def _without_why(order: Order, words: str) -> tuple[str, str]:
    """Return the words behind the verb without the reason at their end, and the reason."""
    all_words, why = order.why()
    cut = len(order.words) - len(all_words)
    return (words[: len(words) - cut].strip() if cut else words), why


def _experimented(order: Order, new: Partnership) -> Done:
    now: Experiment = new.experiment()
    gaps = [TERM_NAMES[gap](order.locale) for gap in now.gaps] if now.state == "planned" else []
    text = render("experiment", order.locale, experiment=now, gaps=gaps)
    return Done(text, order.scene.recorded(new))


def decide(order: Order) -> Done:
    """Write down a decision."""
    new = order.scene.record.decide(order.by, order.words)
    return order.done(_DECIDED, _in_session(order.scene.recorded(new), decision=order.words), text=order.words)


def action(order: Order) -> Done:
    """Write down something to do, with who and by when; or tick one off."""
    verb, words = order.first(_ACTION)
    if verb == "done":
        wanted = plain(words)
        if not wanted.isdecimal():
            return order.done(_DONE_HOW)
        number = int(wanted[:9])
        new = order.scene.record.finish_action(order.by, number)
        return order.done(_TICKED, order.scene.recorded(new), number=number)
    due, text = take_date(words, order.today)
    owner, text = _owner(order, text)
    if not text:
        return order.done(_ACTION_HOW)
    new = order.scene.record.add_action(order.by, text, owner, due)
    scene = _in_session(order.scene.recorded(new), action=new.actions[-1])
    return Done(render("action", order.locale, action=new.actions[-1]), scene)


def _owner(order: Order, text: str) -> tuple[str, str]:
    """Return who is named with an @, politely or not, if the room knows them, and the rest."""
    for person in sorted(order.scene.room.people, key=lambda one: -len(one.name)):
        # Lee is not Leena, who may be somebody else.
        mark = re.compile(rf"[@＠]{re.escape(person.name)}(?:{HONORIFIC})?(?![A-Za-z0-9])")
        if mark.search(text):
            return person.name, mark.sub("", text).strip(" 　、,")
    return "", text.strip(" 　、,")


def _in_session(scene: Scene, decision: str = "", action: Action | None = None) -> Scene:
    if scene.session is None:
        return scene
    session = scene.session
    if decision:
        session = session.model_copy(update={"decisions": (*session.decisions, decision)})
    if action is not None:
        session = session.model_copy(update={"actions": (*session.actions, action)})
    return scene.having(session=session)


_STAGED = Text(ja="いまの段階を「{stage}」として控えました。", en="Noted: the stage is “{stage}”.")
_BOUND: dict[Nda, Text] = {
    "none": Text(ja="NDAはまだ、と控えました。", en="Noted: no NDA yet."),
    "drafting": Text(ja="NDAは準備中、と控えました。", en="Noted: the NDA is being drafted."),
    "signed": Text(ja="NDAは締結済み（{on}）、と控えました。", en="Noted: the NDA is signed ({on})."),
}
_THEME_IS = Text(ja="いまのテーマ: {theme}", en="The theme so far: {theme}")
_NO_THEME = Text(
    ja="テーマはまだ書かれていません。「/theme 誰のどんな困りごとを、どう変えたいか」で書けます。"
    "「/coach theme_canvas」で一緒に考えることもできます。",
    en="No theme yet. Write: /theme whose trouble, and what would change. Or think it through: /coach theme_canvas",
)
_THEMED = Text(ja="テーマを控えました: {theme}", en="Noted, the theme: {theme}")
_WHOSE = Text(
    ja="どちらが持ち寄るものか分かりません。「/theme brings sme 加工の現場」のように書いてください。",
    en="Whose is it? Write it like: /theme brings startup the sensor",
)
_COST_HOW = Text(
    ja="「/cost 材料費: 栃ノ木精密 10万円まで」のように、何を・誰が・いくらまで、の順で書いてください。",
    en="Write what, who and how much: /cost material: Lumina up to 100,000 yen",
)
_COSTED = Text(ja="費用を控えました: {what} は {payer} {amount}", en="Noted: {what} is paid by {payer} {amount}")
_EXPERIMENT_HOW = Text(
    ja="「/experiment new 確かめたいこと」で始め、「/experiment set 終了日 5/20」（ほかに 試し方・上限・成功・中止・"
    "決める人）で決め、「/experiment start」「/experiment result …」「/experiment learned …」と進みます。",
    en="Begin with “/experiment new the question”, settle it with “/experiment set ends 20 May” (also test, cap, "
    "success, stop, decider), then “/experiment start”, “/experiment result …”, “/experiment learned …”.",
)
_LEARNED = Text(
    ja="ありがとうございます。実験 {number} の学びとして控えました: {words}",
    en="Thank you. Noted as learned from experiment {number}: {words}",
)
_NO_DATE = Text(ja="「{words}」を日付として読めませんでした。", en="I could not read “{words}” as a date.")
_DECIDED = Text(ja="決めたこととして控えました: {text}", en="Noted as decided: {text}")
_TICKED = Text(ja="{number} 番を済みにしました。", en="Action {number} is done.")
_DONE_HOW = Text(
    ja="何番が済みましたか。「/action 済 1」のように番号で書いてください。",
    en="Which one is done? Write its number: /action done 1",
)
_ACTION_HOW = Text(
    ja="「/action 試料を送る @佐藤 4/20」のように、すること・誰・いつまで、を書いてください。",
    en="Write what, who and by when: /action send the samples @Lee 20 April",
)
