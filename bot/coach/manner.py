"""How a sentence is said: in which language, how politely, and whether it is a sentence to this person at all.

What speaks to machines (links, code, markup, encoded text, talk of instructions) has no place in an answer.
"""

import re
from functools import lru_cache

from knowledge.card import Locale
from knowledge.claims import claims
from knowledge.figures import folded
from knowledge.grammar import morphemes, polite, words_in
from knowledge.tokens import normalise

CHATTER: dict[Locale, int] = {"ja": 45, "en": 110}
"""Characters of a word that only takes up what was said."""
FOREIGN = 0.34
"""The share of letters of another script that a sentence may have, where the cards do not have them."""

_KANA = re.compile(r"[\u3040-\u30ff]")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々ー]+")
_LATIN = re.compile(r"[a-z][a-z'’&-]*")
_OTHER = re.compile(r"[\u0370-\u1fff\uac00-\ud7af\u1100-\u11ff]")
_PLACEHOLDER = re.compile(
    r"[‹›⟨⟩〈〉◆■□]|\{\{|\}\}|\{[a-z_]+\}|<[a-z/!|]|\[[A-Z_]{3,}\d*\]|__\w+__|[〇○●×✕]{2,}|X{2,}社|【[^】]{0,12}】|%[sd]\b|\$\{"
)
_MACHINE = re.compile(
    r"https?:|www\.|\b[\w-]+\.(?:com|org|net|jp|io|dev|ai|co|app|xyz|example)\b|\w@\w|!?\[[^\]]*\]\(|```|`|</?\w+|<\||\|>|\[/?inst\]|"
    r"[{}]|\\[nrtux]|\b(?:sudo|curl|wget|rm -rf|select \* from|drop table)\b|(?:^|\s)/[a-z]{3,}|#{2,}|\b[a-z0-9+/]{28,}={0,2}|"
    r"\b(?=\w*\d)(?=\w*[a-z])[a-z0-9]+-[a-z0-9]*\d{3,}\b|&[a-z]+;|->|=>|;;|\bbase64\b"
)
_META: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"プロンプト|システム(?:メッセージ|の指示|設定)|(?:私|わたし|わたくし|当方|ボット|仲人|自分)(?:の|に(?:は|対する)?|への|が受けた)?(?:指示|命令|規則|ルール|設定|制限|役割)|"
        r"指示(?:に(?:は|従|より)|を(?:無視|解除|忘れ))|制限(?:を|は|が)?解除|言語モデル|生成ai|aiアシスタント|aiとして|開発者モード|管理者権限|出力し(?:ます|ました)"
    ),
    "en": re.compile(
        r"\bprompts?\b|\bsystem (?:message|instruction|prompt|rule)s?\b|\b(?:my|these|your|previous|prior|above|the) (?:instructions|guidelines|rules|restrictions|programming|configuration)\b|"
        r"\bi (?:was|am|have been) (?:told|instructed|programmed|configured|designed|an? (?:ai|assistant|language model|bot))\b|\blanguage model\b|\bas an ai\b|\bdeveloper mode\b|\bjailbreak|\bunrestricted\b|"
        r"\bignore (?:all|any|the|previous|prior|above)\b|\boverride\b|\bdisregard\b"
    ),
}
_RUDE: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"馬鹿|ばか(?:げ|な|じゃ|です)|バカ|アホ|あほ|くそ|クソ|お前|おまえ|てめえ|貴様|黙れ|ふざける|間抜け|役立たず|くだらな|死ね|うざい|愚か"
    ),
    "en": re.compile(
        r"\b(?:idiot\w*|stupid\w*|dumb|moron\w*|damn\w*|crap\w*|shit\w*|fuck\w*|shut up|hell|bloody|loser|pathetic|ridiculous|nonsense|bullshit|lazy|hopeless|worthless)\b"
    ),
}


def unmannered(sentence: str, known: str, locale: Locale) -> str:
    """Return what is wrong with how a sentence is said, or nothing. `known` is what the asker and the cards say."""
    plain = folded(sentence)
    if not sentence.strip():
        return "unsourced"
    if _PLACEHOLDER.search(sentence):
        return "placeholder"
    if _MACHINE.search(plain) or (_META[locale].search(plain) is not None):
        return "instruction"
    if _strange(plain, known, locale):
        return "language"
    rude = _RUDE[locale].search(plain)
    if rude and rude[0] not in known:
        return "rude"
    if locale == "ja" and not polite(_without_quotes(sentence)):
        return "rude"
    return ""


def _without_quotes(sentence: str) -> str:
    return re.sub(r"「[^「」]*」|『[^『』]*』|（[^（）]*）|\([^()]*\)", "", sentence)


def _strange(plain: str, known: str, locale: Locale) -> bool:
    """Whether a sentence is in another language; names and terms that the cards or the asker use are in none."""
    if any(char not in known for char in _OTHER.findall(plain)):
        return True
    if locale == "ja":
        foreign = sum(len(word) for word in _LATIN.findall(plain) if word not in known)
        own = sum(len(run) for run in _JAPANESE.findall(plain))
        return not _KANA.search(plain) or foreign > FOREIGN * (foreign + own)
    return any(run not in known for run in _JAPANESE.findall(plain)) or not _LATIN.search(plain)


# What needs no passage

_ENDS_ASKING: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"(?:か|かしら)[。？?]?$|[？?]$"),
    "en": re.compile(r"\?[\"”’')]*$"),
}
_PROPOSES: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"いかが|ませんか|ましょうか|どうでしょう|てはどう|べきでは|ではないでしょうか|のではありません|ほうがよ|ほうがい|とよ[いろ]|ではありませんか|ないのですか"
    ),
    "en": re.compile(
        r"^(?:so |then |and |well,? |perhaps |maybe )*(?:why (?:not|don't)|how about|what about|shall (?:we|i)|shouldn't|wouldn't|don't you|didn't|aren't|isn't|"
        r"did you know|have you (?:heard|considered)|couldn't)\b|\b(?:why not|right|isn't it|don't you think|shall we|aren't they|doesn't it|won't you)\?"
    ),
}


def talks_back(sentence: str, locale: Locale, *, asked: bool) -> bool:
    """Whether a sentence asks the person something."""
    return asked or _ENDS_ASKING[locale].search(folded(sentence).strip()) is not None


def proposal(sentence: str, locale: Locale) -> bool:
    """Whether what looks like a question is advice, or a statement that wants a nod."""
    return _PROPOSES[locale].search(folded(sentence).strip()) is not None


_SOFT: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"(?:です|ます|でした|ました)(?:よ?ね|よね)[。！!]?$|でしょう(?:ね)?[。！!]?$|お察し|お気の毒|お疲れ|(?:思|存じ)います[。]?$|ありがとうございま|申し訳|ご安心ください[。]?$|承知|かしこまり|分かりました|よくあることです"
    ),
    "en": re.compile(
        r"^(?:that|this|it|what|how|i|i'm|i'd|you|you're|your|sorry|thank|of course|understood|no wonder|good|congratulations|well|oh|ah)\b"
    ),
}
_FEELING: dict[Locale, frozenset[str]] = {
    "ja": frozenset(
        "心配 不安 悩む 悩み 困る 迷う 迷い 大変 辛い つらい 残念 御 気持ち 気 揉める 揉む 焦る 戸惑う 疲れる 疲れ 驚く がっかり 嬉しい 楽しみ 難しい 苦しい 重い 怖い 悔しい "
        "寂しい 心 心細い 心苦しい 腹立たしい 腹 立つ 不愉快 不満 負担 苦労 骨 折れる もどかしい 歯痒い 急 急ぐ 忙しい 遣う 使う 感じる 思う 察する 分かる 良い 無理 当然 尤も 当たり前 "
        "話 事情 状況 場面 質問 相談 有り難い ありがとう 申し訳 安心 承知 其れ とても さぞ 本当に 色々 沢山 頑張る 御苦労 落ち着く 落ち込む 悪い 切り出す 言い出す にくい 続く 増える 待つ 気掛かり 真剣 大切 丁寧 熱心 大事".split()
    ),
    "en": frozenset(
        "sorry hear worr trouble hard tough frustrat disappoint sad awkward pit sham understand understandabl natural feel feeling know blow shock annoy "
        "uncomfortabl painful hurt nast surpris unpleasant lonel lonel wear tir exhaust stress difficult tricky delicat situation spot place position moment "
        "question thank ask glad nice good congratulation wonder sound must seem really quit rather sure bit lot time day week month honest happ "
        "anxious nervous puzzl unsure stuck weigh burden common kind brave right fair enough sens concern leav left".split()
    ),
}


@lru_cache(maxsize=256)
def chatter(sentence: str, said: str, locale: Locale) -> bool:
    """Whether a sentence only takes up what the person said or feels, and so claims nothing."""
    plain = folded(sentence).strip()
    if len(plain) > CHATTER[locale] or not _SOFT[locale].search(plain):
        return False
    heard = {word.stem for word in words_in(said, locale)} | {word.key for word in words_in(said, locale) if word.key}
    feeling = _FEELING[locale]
    own = [word for word in words_in(sentence, locale) if word.stem not in feeling and word.plain not in feeling]
    strange = [
        word for word in own if word.stem not in heard and word.key not in heard and not _colour(word.plain, sentence)
    ]
    felt = len(own) < len(words_in(sentence, locale))
    return felt and not strange and len(own) <= 3 and not claims(sentence, locale).certain


def _colour(word: str, sentence: str) -> bool:
    """Whether a Japanese word is an adjective or an adverb."""
    return any(
        one.stem == word and one.speech[0] in ("形容詞", "副詞", "感動詞") for one in morphemes(normalise(sentence))
    )
