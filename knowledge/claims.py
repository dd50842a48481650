"""What a sentence claims that can be checked word for word: figures, dates, quotations, references, sources, certainty.

A language model rarely invents advice, often a number, a name, a study. Each such thing must stand where it is said
to come from, whatever the rest of the sentence is like. The lists are of closed classes: kinds of documents, words of
certainty, words of law. Names are read by `knowledge.names`.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.figures import Counted, counted, folded


class Claims(NamedTuple):
    """What is claimed. All texts are as `folded` returns them."""

    counted: Counted
    quotes: tuple[str, ...]
    """What stands in quotation marks."""
    refs: frozenset[str]
    """Places in a document: §5(3), 注12, 図表4, 章4, 条14."""
    documents: frozenset[str]
    """Kinds of documents that it appeals to: 白書, survey."""
    report: bool
    """Whether it appeals to the report by one of its names."""
    cited: str
    """What stands before によると or after "according to"; empty where nothing does."""
    certain: frozenset[str]
    """Classes of certainty: always, never, sure."""
    amounts: frozenset[str]
    """Classes of loose amounts: most, all, tens."""
    legal: frozenset[str]
    """Words of law."""


@lru_cache(maxsize=2048)
def claims(text: str, locale: Locale) -> Claims:
    """Return what a text claims."""
    plain = folded(text)
    unquoted = _QUOTED.sub(" ", plain)
    cited = _CITED[locale].search(plain)
    return Claims(
        counted=counted(text, locale),
        quotes=tuple(squeezed(found) for match in _QUOTED.finditer(plain) if (found := _inner(match))),
        refs=_refs(plain),
        documents=frozenset(_documents(plain, locale)),
        report=_REPORT[locale].search(plain) is not None,
        cited=next((part for part in cited.groups() if part), "").strip() if cited else "",
        certain=_classes(unquoted, _CERTAIN[locale]),
        amounts=_classes(unquoted, _AMOUNTS[locale]),
        legal=frozenset(match[0] for match in _LEGAL[locale].finditer(unquoted)),
    )


def squeezed(text: str) -> str:
    """Return letters and digits alone, for comparing what is quoted."""
    return "".join(char for char in folded(text) if char.isalnum())


def _classes(text: str, classes: tuple[tuple[str, re.Pattern[str]], ...]) -> frozenset[str]:
    return frozenset(name for name, pattern in classes if pattern.search(text))


# Quotations

_QUOTED = re.compile(r"「([^「」]*)」|『([^『』]*)』|“([^“”]*)”|‘([^‘’]{3,})’|\"([^\"]*)\"|«([^«»]*)»|(?<!\w)'([^']{8,})'(?!\w)|〈([^〈〉]*)〉")


def _inner(match: re.Match[str]) -> str:
    return next((part for part in match.groups() if part), "")


# References

_NUMBER = r"(\d+|[一二三四五六七八九十]{1,3})"
_REFS = (
    ("§", re.compile(r"§\s*(\d+(?:\s*[(（]\d+[)）])?)")),
    ("§", re.compile(r"\bsections?\s+(\d+(?:\s*\(\d+\))?)")),
    ("章", re.compile(rf"第?{_NUMBER}章|\bchapters?\s+(\d+|[ivx]+|one|two|three|four|five|six|seven|eight)\b")),
    ("節", re.compile(rf"第?{_NUMBER}節")),
    ("注", re.compile(r"(?:脚?注|注釈)\s*(\d+)|\b(?:foot|end)?notes?\s+(\d+)")),
    ("図", re.compile(r"図表?\s*(\d+)|\b(?:figures?|fig\.|charts?)\s+(\d+)")),
    ("表", re.compile(r"(?<!図)表\s*(\d+)|\btables?\s+(\d+)")),
    ("頁", re.compile(r"(\d+)\s*(?:ページ|頁)|\bpages?\s+(\d+)|\bpp?\.\s*(\d+)")),
    ("条", re.compile(rf"第?{_NUMBER}条|\b(?:articles?|arts?\.)\s+(\d+)")),
    ("号", re.compile(rf"第{_NUMBER}号|\bno\.\s*(\d+)|\bvol\.\s*(\d+)")),
)  # fmt: skip
_KANJI_NUMBERS = {char: str(number) for number, char in enumerate("一二三四五六七八九十", 1)}


def _refs(text: str) -> frozenset[str]:
    found = set()
    for name, pattern in _REFS:
        for match in pattern.finditer(text):
            number = next(part for part in match.groups() if part)
            found.add(name + re.sub(r"\s", "", _KANJI_NUMBERS.get(number, number)).translate(_PARENTHESES))
    return frozenset(found)


_PARENTHESES = str.maketrans("（）", "()")


def refs_of(places: tuple[str, ...]) -> frozenset[str]:
    """Return the references that a card's places allow: §5(3) allows §5(3), §5 and chapter 5."""
    found = set(_refs(folded(" ".join(places))))
    for ref in list(found):
        if ref.startswith("§"):
            number = ref[1:].split("(")[0]
            found |= {f"§{number}", f"章{number}"}
    return frozenset(found)


# Sources

_REPORT: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"レポート|報告書|リポート|jri|日本総研|日本総合研究所"),
    "en": re.compile(
        r"\b(?:the|this|that|our|its?)\s+(?:[a-z0-9]+\s+){0,3}(?:report|review)\b(?!\s+(?:back|to\b))|\bjri\b|"
        r"\bjapan research institute\b|\breport's\b|\breports?\s+(?:says?|shows?|finds?|recommends?|suggests?|states?)\b|\bthe authors?\b|\bthe report\b"
    ),
}
_CITED: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(r"([^、。]*?)(?:によりますと|によると|によれば|の調べ(?:では|で|でも)|いわく|曰く)"),
    "en": re.compile(
        r"\b(?:according to|as (?:stated|shown|reported|noted|described|set out|laid down) (?:in|by)|cit(?:es|ing|ed)|"
        r"quot(?:es|ing|ed)|published by|issued by|in the words of)\s+([^,.;]+)"
    ),
}
_DOCUMENTS: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"白書|調査(?!員|し(?!た結果))|調べ(?=では|で、|でも|による)|統計|アンケート|論文|記事|新聞|雑誌|社説|ニュース|報道|報じ|文献|書籍|著書|"
        r"ガイドライン|ガイドブック|指針|手引き?|ハンドブック|マニュアル|教科書|事例集|要綱|要領|通達|告示|条例|法令|政令|省令|規格|"
        r"モデル契約|先行研究|実証研究|研究(?:では|によ|でも|結果|が示)|推計|試算|集計|付録|巻末|"
        r"(?<![方文作用手寸技製工便療解加説治司立無合違適方])法(?=[がはもでにを、第上]|によ|律|$)"
    ),
    "en": re.compile(
        r"\b(?:white papers?|survey(?:s|ed)?|statistics|stud(?:y|ies)(?! (?:the|it|its|their|them|what|how|your|our|technolog|hard|carefully|first|well))|"
        r"research (?:shows?|finds?|found|suggests?|paper|by|from|says?|institute)|newspapers?|magazines?|journals?|articles?|guidelines?|"
        r"guidance|guidebooks?|handbooks?|manuals?|textbooks?|model (?:contract|agreement)s?|acts?(?= of\b|\b(?<=act)(?:,| \d))|law(?!yer|suit)s?|regulations?|ordinances?|statutes?|"
        r"appendix|appendices|footnotes?|polls?|census|interviews?|yearbooks?|bulletins?|press releases?|news|"
        r"experts|economists|researchers|scholars|analysts)\b"
    ),
}  # fmt: skip
_KINDS: dict[str, str] = {
    "ガイドライン": "指針", "手引": "手引き", "guidance": "guideline", "調べ": "調査", "報じ": "報道", "アンケート": "調査", "surveyed": "survey",
    "studies": "study", "model agreement": "model contract",
}  # fmt: skip


def _documents(text: str, locale: Locale) -> list[str]:
    found = []
    for match in _DOCUMENTS[locale].finditer(text):
        kind = match[0]
        if locale == "en" and kind not in ("statistics", "census", "news", "studies"):
            kind = kind.rstrip("s")
        found.append(_KINDS.get(kind, kind))
    return found


def about(text: str, locale: Locale) -> bool:
    """Whether a text appeals to a document or a speaker at all."""
    found = claims(text, locale)
    return bool(found.report or found.cited or found.documents)


# Certainty, amounts, law

_Classes = dict[Locale, tuple[tuple[str, re.Pattern[str]], ...]]
_CERTAIN: _Classes = {
    "ja": (
        ("sure", re.compile(r"必ず(?!しも)|絶対|間違いなく|確実|決まって|きっと|疑いなく|疑いありません|例外なく|百パーセント|100%")),
        ("guaranteed", re.compile(r"保証され|保証し|約束され|保証(?:でき|が[あつ]|付)|請け合")),
        ("never", re.compile(r"決して|二度と|絶対に?.{0,12}ない|一人もい(?:ない|ません)|一社も(?:ない|ありません)|あり得(?:ない|ません)|ありえ(?:ない|ません)|限り.{0,12}(?:ません|ない)")),
        ("always", re.compile(r"いつでも|常に|毎回|どんな.{1,14}(?:でも|も)|どの.{1,10}(?:でも|も)|誰(?:で)?も(?!が知)|すべての|全ての|一切")),
        ("at once", re.compile(r"すぐに?(?:売|儲|利益|成果|結果|黒字)|たちまち|あっという間|即座")),
        ("by law", re.compile(r"義務|法律上|法的|法令上|禁じられ|許されません|強制|決まりです|定められ")),
        ("only", re.compile(r"ほかに(?:道|方法|手)は|唯一|以外に.{0,10}(?:ません|ない)|しかありません|しかない")),
        ("too late", re.compile(r"取り返しがつ|手遅れ|取り戻せ|もう(?:無理|駄目|遅い)")),
    ),
    "en": (
        ("sure", re.compile(r"\bcertain(?:ly)?\b(?! (?:part|amount|kind|type|number|point)s?\b)|\bsure(?:ly)?\b(?! (?:that |you |both |to ask|to say|of )?(?:you|both|what|whether)\b)|\bdefinite(?:ly)?\b|\binevitabl[ey]\b|\bundoubtedly\b|\bno doubt\b|\bbound to\b|\bwithout (?:fail|exception)\b|\bguarantee[ds]?\b|\bproven\b")),
        ("never", re.compile(r"\bnever\b(?! been)|\bnot once\b|\bno (?:firm|company|owner|startup|one) (?:ever|has|can|will)\b|\bcannot (?:fail|work|lose)\b")),
        ("always", re.compile(r"\balways\b|\bevery time\b|\bany (?:firm|company|owner|startup|manufacturer) (?:that|who|can|will)\b|\ball it takes\b|\bwithout exception\b|\bevery (?:firm|company|owner|startup|supplier|manufacturer)\b|\bany more\b|\bby itself\b")),
        ("at once", re.compile(r"\bovernight\b|\binstantly\b|\bin no time\b|\bimmediate (?:results?|profits?|sales)\b")),
        ("by law", re.compile(r"\b(?:legally|by law|in law|obliged|obligatory|mandatory|compulsory|forbidden|prohibited|no choice|have to by|must by)\b")),
        ("too late", re.compile(r"\btoo late\b|\birreparabl[ey]\b|\bbeyond repair\b")),
    ),
}  # fmt: skip
_AMOUNTS: _Classes = {
    "ja": (
        ("most", re.compile(r"大半|ほとんど(?!ない)|大多数|大部分|過半|大抵|たいていの|ほぼ(?:全|すべ)")),
        ("many", re.compile(r"多くの(?:会社|企業|社長|経営|中小|スタートアップ|人|場合|例)|(?:会社|企業|社長|中小|スタートアップ|例|人|者)の多く|多数の|大勢")),
        ("all", re.compile(r"全員|全社(?!的)|全部の|すべての(?:会社|企業|社長|中小)|皆さん")),
        ("few", re.compile(r"(?:ごく)?(?:わずか|一握り|少数)の(?:会社|企業|中小|スタートアップ|人)|ごく一部の(?:会社|企業)")),
        ("growing", re.compile(r"増え続け|年々(?:増|減)|急増|急減|激減|右肩上がり|増加傾向|減少傾向|伸び続け")),
    ),
    "en": (
        ("most", re.compile(r"(?<!the )(?<!at )\bmost (?:of|[a-z]+s\b(?! (?:likely|of all)))|\bmajority\b|\bmostly\b|\bnearly (?:all|every|always)\b|\balmost (?:all|every|always)\b")),
        ("many", re.compile(r"\bmany (?:of|[a-z]*firms|[a-z]*companies|owners|startups|smes|manufacturers|people)\b|\bplenty of (?:firms|companies)\b|\bnumerous\b|\bcountless\b|\blots of (?:firms|companies)\b")),
        ("few", re.compile(r"\b(?:only )?a? ?(?:few|handful of) (?:firms|companies|owners|startups|smes|manufacturers)\b")),
        ("several", re.compile(r"\bseveral\b|\bscores of\b")),
        ("growing", re.compile(r"\b(?:soar|surg|plummet|skyrocket)\w*|\bever (?:more|fewer)\b|\byear (?:by|on|after) year\b|\b(?:growing|rising|falling) (?:number|share)\b")),
    ),
}  # fmt: skip
_LEGAL: dict[Locale, re.Pattern[str]] = {
    "ja": re.compile(
        r"違法|適法|合法|無効|違反|債務|不履行|賠償|訴訟|裁判|訴え|勝訴|敗訴|勝て|負けること|法的|法律|責任を(?:負|問)|責任は(?:ありません|問)|"
        r"請求(?:でき|が認|は通|する権利)|権利が(?:あり|生|認)|時効|罰金|罰則|罪に|犯罪|不当利得|独占禁止|独禁|下請(?:代金)?法|不正競争|民法|商法|会社法|拘束力|効力|支払う?義務|契約解除"
    ),
    "en": re.compile(
        r"\b(?:illegal\w*|unlawful\w*|lawful\w*|void|invalid\w*|legally|legal (?:basis|right|claim|force|effect|duty)|binding|enforceable|unenforceable|liab(?:le|ility)|"
        r"breach\w*|sue[ds]?|suing|lawsuits?|court|damages|compensation|in law|by law|entitled|owes?|owed|statut\w+|offen[cs]e|antitrust|competition law|infring\w+|negligen\w+|"
        r"terminat\w+ the contract|no basis|right to (?:claim|refuse|terminate))\b"
    ),
}  # fmt: skip
