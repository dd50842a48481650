"""What a sentence claims that can be checked word for word: figures, quotations, references, sources, certainty.

A language model rarely invents advice, often a number, a name, a study. Each such thing must stand where it is said
to come from, whatever the rest of the sentence is like. Kinds of documents, words of certainty and of law are closed
classes (`classes.yaml`). Names are read by `knowledge.names`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from knowledge.card import Locale
from knowledge.classes import pattern, patterns
from knowledge.days import folded
from knowledge.figures import Counted, counted


class Claims(NamedTuple):
    """What is claimed. All texts are as `folded` returns them."""

    counted: Counted
    quotes: tuple[str, ...]
    """What stands in quotation marks."""
    refs: frozenset[str]
    """Places in a document: §5(3), 注12, 図表4, 章4, 条14; and numbers that one calls."""
    documents: frozenset[str]
    """Kinds of documents that it appeals to: 白書, survey."""
    report: bool
    """Whether it appeals to the report by one of its names."""
    cited: str
    """What stands before によると or after "according to"; empty where nothing does."""
    certain: Counter[str]
    """Classes of certainty (always, never, sure), and how often it is said."""
    amounts: Counter[str]
    """The same for loose amounts: most, all."""
    legal: frozenset[str]
    """Words of law."""
    vouched: frozenset[str]
    """Kinds of voices that it has speak for it without citing them: it is known, it was shown, experts say."""
    promised: frozenset[str]
    """Kinds of things that somebody here is said to do, to have done or to agree to."""
    bodies: frozenset[str]
    """Kinds of offices, professions and aid: 銀行, attorney, subsidy."""


@lru_cache(maxsize=8192)
def claims(text: str, locale: Locale) -> Claims:
    """Return what a text claims."""
    plain = folded(text)
    unquoted = _QUOTED.sub(" ", plain)
    cited = pattern("cited", locale).search(plain)
    return Claims(
        counted=counted(text, locale),
        quotes=tuple(squeezed(found) for match in _QUOTED.finditer(plain) if (found := _inner(match))),
        refs=_refs(plain),
        documents=frozenset(_documents(plain, locale)),
        report=pattern("report", locale).search(plain) is not None,
        cited=next((part for part in cited.groups() if part), "").strip() if cited else "",
        certain=_kinds("certain", unquoted, locale),
        amounts=_kinds("amounts", unquoted, locale) + Counter(_found(_AMOUNTS, unquoted, locale)),
        legal=frozenset(_words(pattern("legal", locale), unquoted)) | _found(_LAW, unquoted, locale),
        vouched=_found(_VOUCHED, unquoted, locale),
        promised=_found(_PROMISED, unquoted, locale),
        bodies=frozenset(one.rstrip("yies") for one in _words(_BODIES[locale]["bodies"], unquoted)),
    )


def squeezed(text: str) -> str:
    """Return letters and digits alone, for comparing what is quoted."""
    return "".join(char for char in folded(text) if char.isalnum())


def _kinds(name: str, text: str, locale: Locale) -> Counter[str]:
    return Counter({kind: n for kind, words in patterns(name, locale).items() if (n := len(words.findall(text)))})


def _words(words: re.Pattern[str], text: str) -> Iterator[str]:
    return (match[0] for match in words.finditer(text))


# On whose word it is said, and what is said of this very case

Kinds = dict[str, re.Pattern[str]]


def _table(text: str) -> dict[Locale, Kinds]:
    """Read lines of `language kind: words ; words`. A kind may have several lines; English words count whole only."""
    found: dict[Locale, dict[str, list[str]]] = {"ja": {}, "en": {}}
    for line in text.strip().splitlines():
        name, words = line.split(": ", 1)
        found["ja" if name.startswith("ja ") else "en"].setdefault(name[3:], []).extend(words.split(" ; "))
    edge: dict[Locale, str] = {"ja": "", "en": r"\b"}
    return {
        locale: {
            kind: re.compile(f"{edge[locale]}(?:{'|'.join(some)}){edge[locale]}") for kind, some in kinds.items()
        }
        for locale, kinds in found.items()
    }


def _found(kinds: dict[Locale, Kinds], text: str, locale: Locale) -> frozenset[str]:
    told = _OPEN.sub(" ", text) if locale == "en" else text
    return frozenset(kind for kind, words in kinds[locale].items() if words.search(told))


_OPEN = re.compile(
    r"\b(?:if|whether|what|which|who|how|until|unless|once|where|when|before)\b(?:(?! (?:as|and) )[^,.;:(])*"
)
"""What is asked or supposed is not said to be so."""
_SAY = (
    "(?:話|語|述べ|認め|勧め|薦め|奨め|唱え|訴え|報じ|伝え|説い|(?:指摘|強調|主張|提唱|推奨|証言|断言|公表)し|明かし)"
)
_WHO = (
    "(?:専門家|学者|研究者|識者|関係者|経験者|政府|行政|当局|先人|先輩|業界|弁護士|[弁税]理士|会計士|コンサルタント)"
)
_SAYS = "(?:all |often |also )?(?:say(?!,)|agree that|advise|believe|argue|note|report)"
_FIRM_EN = "(?:firm|company|owner|startup|founder|manufacturer|factory|maker)"
_FIRM = "(?:会社|企業|社長|経営者|町?工場|スタートアップ|創業者|例)"
_VOUCHED = _table(
    rf"""
ja say: {_SAY}て(?:い[まる]|おり) ; と(?:[言い]っ|言われ)て(?:い[まる]|おり) ; (?<=[るた])そうで(?:す|した)
ja say: 口をそろえ ; (?:{_SAY}|言わ?れ?)[るた]?(?:とおり|通り|ように) ; おっしゃって(?:い[まる]|おり)
ja say: 聞いた話で[すは] ; と聞(?:いてい|きました) ; 書(?:いてあ|かれ)[てい]*る?た?(?:とおり|通り|ように)
ja say: (?:という|との)(?:話|こと)です ; おっしゃ[るい].{{0,3}}(?:よう|とおり|通り)
ja say: (?:と[のい]|という|と言う)声[がもに] ; 聞くところ
ja words: 言葉(?:を借り|どおり|通り|のとおり|にも?あ) ; ことわざ ; 諺 ; 格言 ; 名言
ja known: 知られ(?:てい|た|る) ; 周知 ; 常識(?=で[はもす]|から) ; 定説 ; 通説 ; 定石 ; 標準(?=で[はもす]) ; 一般に
ja known: 世間で
ja shown: (?:証明|実証|立証|裏[付づ]け|確認)(?:され|済|でき) ; 示[すし](?:され)?(?:とおり|通り|ように|てい)
ja shown: (?:研究|分析|調査|実験)[でか][らは]?(?:分か|わか|明らか|示|確か) ; エビデンス ; 知見
ja shown: 明らか(?:です|に(?:なって|され)) ; データ(?:によ|が[あ示物]|で[はも]|から|上) ; 科学的 ; 学術 ; 学問
ja shown: 理論[上的] ; (?<![大見入進留通在奨])学(?:的|上|では|の知見) ; 実績(?:から|が示|では)
ja who: [ァ-ヶー]の(?:考え方|手法|理論|法則)[でに]
ja who: {_WHO}(?:[はもがい]|の(?:間|話|見解|意見|見方|考え|方針|多く|大半|中)|に(?:よ|言わ)) ; 国[はも] ; 有識 ; 見解
ja example: (?<![一-鿿])(?:と?ある|別の|某){_FIRM} ; (?<![a-z])[a-z]社 ; (?:の|という)例(?:で[はも]|が(?:あ|有名))
ja example: 成功例 ; 実例が ; 好例 ; [ただ]{_FIRM}[もが](?:あ[りる]|い[まる])
ja before: 過去の[^、。]{{1,4}}(?:から|では|によ|が示|を見) ; (?:これまで|今まで)の(?:例|経験|事例) ; 前例 ; 先例
ja before: 経験(?:則|上|から) ; 海外で ; 世界(?:的|で|中) ; 国際
ja press: 出典 ; 出所 ; 典拠 ; ホームページ ; サイト ; インターネット ; ネット(?:上|検索|の(?:記事|情報|声)) ; ブログ
ja press: 動画(?=で[はも]) ; テレビ ; プレス ; メディア ; 発表(?:では|によ|され|資料) ; 公表資料 ; 検索
en say: said(?! (?:what|by|in the same)) ; says(?! (?:little|nothing|less|more|much|what|which|whether|who|no)\b)
en say: tells us ; told us ; reports? that ; reported ; note[sd] that ; argues ; recommend(?:s|ed) ; advise[sd]
en say: warn(?:s that|ed) ; insists ; stress(?:es|ed) that ; confirm(?:s|ed)? (?:it|this|that) ; has it ; wrote
en say: as .{{1,30}} puts? it ; (?:many|most|some|all|everyone|people|they|sources) {_SAYS}
en say: (?:owner|founder|lawyer|consultant|scientist|paper|book)s? {_SAYS}
en words: as the (?:saying|proverb|adage) ; proverbs? ; saying (?:goes|has) ; words (?:were|are)
en words: in (?:his|her|their) (?:own )?words
en known: (?:well|widely|generally|commonly)[- ](?:known|accepted|agreed|recogni[sz]ed)
en known: common (?:knowledge|sense|practice) ; as (?:\w+ ){{1,4}}knows? ; best practice ; known (?:that|to)
en known: conventional wisdom ; the (?:standard|norm)(?=[.,;]) ; standard practice ; by [a-z -]*standards
en shown: (?:been|is|was|are|were) (?:shown|proven?|proved|demonstrated|established|confirmed)
en shown: (?:shows?|proves?|indicates?) that ; data (?:shows?|proves?|suggests?|confirms?|indicates?|is|are)
en shown: (?:figures|numbers|cases|examples) (?:show|prove|confirm) ; evidence ; statistical\w* ; scientific\w*
en shown: literature ; in theory ; prov(?:es|en|e it) ; (?:experience|history|practice) (?:shows|teaches)
en who: government ; authorities ; academics? ; academia ; scientists? ; psycholog\w+ ; scholars? ; insiders?
en who: specialists ; (?:lawyers?|consultants?|attorneys?|bankers?) (?:say|agree|advise|recommend|warn|know)
en example: (?:one|another|a certain|some|a) {_FIRM_EN}s? (?:did|does|do|has|have|found|learned|told|tried|once)
en example: (?:company|firm) [a-z](?=[.,]) ; case in point
en before: (?:past|earlier|previous) (?:cases|examples|experience) ; abroad ; worldwide ; international\w*
en press: web ?(?:site|page)s? ; home ?pages? ; internet ; blogs? ; media ; headlines? ; the press ; by e-?mail
"""
)
_DONE = r"(?:\w+(?:ed|en|wn|ught)|done|made|told|sold|sent|paid|met|put|said|left|built)"
_BE = "(?:['’](?:ve|ll|re|s)| have| has| had| will| is| are| was| were)(?: already| now| all| surely| also| very)*"
_WILL = "(?:['’](?:ll|ve|m)| will| shall| have| had| can| did| am)"
_PAYS = "(?:払|負担|持[ちつ]|出し)"
_THEY = "(?:先方|お?相手(?:[方側]|の(?:方|会社|社長))?|向こう|担当者|社長さん?|[両二]社)"
_DO = rf"{_THEY}(?:の[^、。]{{1,6}})?(?:は|も|が|から|には?)、?[^、。]{{0,14}}"
_PARTY = "(?:they|startup|company|firm|partner|owner|side|factory|founder|programme|counterpart|organi[sz]er|bank)s?"
_WHO_DID = f"(?:it|he|she|we|i|both|sales|profits?|many|all|nobody|alliance|two|{_PARTY})"
_PROMISED = _table(
    rf"""
ja we: (?<![一-鿿])(?:私|わたし|わたくし|僕)(?=[がはもからで]|ども|たち) ; [弊当]社 ; 当方 ; 小職 ; 我々 ; われわれ
ja we: 事務局 ; 運営 ; 仲人 ; こちらで(?![すは])
ja we: お(?:手伝|預か|調べ|伝え|渡し|届け|送り|待ち|見せ|引き合わせ|世話)い?(?:し|いたし|致し)ま
ja we: ご(?:用意|紹介|案内|手配|連絡|支援|準備|予約|提供)(?:し|いたし|致し)ま ; 手配 ; 予約 ; 同席 ; 立ち会い
ja they: {_DO}(?:があ(?:るの|るか|りま)|[てで]いま(?:す|した)|ました(?!ら)|なので|(?<!の)です(?:ので|から|$|。))
ja they: {_DO}(?:[てで](?:くれ|いただけ|もらえ)ます|いただいて[いお])
ja done: [てで]おきました ; 済み(?!ま) ; 完了
ja theirs: 任せ(?:ましょう|てください|ておけ|れば|て(?:よ|大丈夫))
ja still: (?:今|いま|現在)(?:も|なお)(?!あるか)
ja you pay: (?:御社|貴社|あなた|そちら)[がはで][^、。]{{0,8}}{_PAYS}
ja they pay: {_THEY}[がはで][^、。]{{0,8}}{_PAYS}
ja well: (?:[う上]まくいき|上手くいき|成功し|助かり|喜ばれ|売れ|儲かり|満足し)ます
ja well: (?:[御貴]社|先方)(?:なら|[はも])[^、。]{{0,4}}大丈夫
ja well: (?:心配|問題|不安)[はも]?(?:いり|要り|あり|ござい)ません ; 心配無用 ; 守られます ; 漏れません
ja ill: (?:失敗し|断られ|怒られ|嫌われ|潰れ|つぶれ|損をし|後悔し)ます ; 失敗に終わ ; 倒産 ; 破産
ja free: 無料 ; 無償 ; タダ ; ただ(?:で|です) ; 費用[はも](?:かか|要)
ja past: (?:まし|でし|だっ)た(?=[。、がのかけねよ]|$) ; [いえきしちにびみりっれ][ただ](?:ので(?!す)|ため|から|例)
ja past: んだ(?:ので(?!す)|から)
en we: (?:i|we){_WILL} (?!sorry|afraid|sure|glad|see|hear|understand) ; nakodo
en we: our (?:team|office|desk|programme|staff) ; on (?:your|our) behalf
en they: {_PARTY}{_BE} (?:{_DONE}|agree|accept|pay|wait|join|answer|come)
en they: {_PARTY}{_BE} (?:happy|glad|willing|ready|fine|ok|satisfied|keen|able)
en theirs: leave (?:it|this|that|everything) (?:up )?to
en done: already \w+ed ; (?:is|are) (?:agreed|settled|booked|arranged|signed|approved|decided)
en still: still (?:goes|go|runs?|exists?|works?|continues?|stands?|holds?) ; to this day
en you pay: you(?:['’]ll| will| must| should| would| need not| need to)? (?:pay|bear|cover)
en they pay: (?:{_PARTY}|government)(?:['’]ll| will| must| should| would)? (?:pay|bear|cover)s?
en well: (?:it|that|this) (?:works(?! (?:for|with|on|like|as|in)\b)|succeeds|pays off|goes well)
en well: (?:no need to|do not|don['’]t) worry ; (?:is|are|stays?) (?:safe|secret)
en well: (?:it|they|you|this|that)(?:['’]ll| will) (?:work|succeed|pay off|go well)
en ill: (?:it|that|they|you)(?:['’]ll| will)? (?:fails?|refuse|regret) ; bankrupt\w*
en free: free(?! (?:work|ideas?|from|to)\b| of (?!charge)) ; no (?:charge|fee) ; costs? nothing
en past: {_WHO_DID} (?:\w{{2,}}ed|was|were|got|made|brought|sold|lost|paid|met|found)
en past: (?:went|rose|grew|won|became|took|came|gave|began|chose|broke|knew|saw|wrote|drew|drove|spoke|led(?! by))
"""
)
_BODIES = _table(
    r"""
ja bodies: [産働務境通生科]省 ; (?:弁護|[弁税]理|会計|[司行].書|社労|労務|診断|技術)士 ; [庁署](?![名舎]) ; 銀行
ja bodies: 金庫 ; 公庫 ; 会議所 ; 商工会(?!議所) ; 組合 ; 協会 ; 連盟 ; 機構 ; 財団 ; 大学(?!発|院) ; 高専 ; 研究所
ja bodies: 試験場 ; 支援拠点 ; 役所 ; 役場 ; 投資家 ; コンサル ; 顧問 ; 指導員 ; 補助金 ; 助成 ; 補助(?!線) ; 融資
ja bodies: 給付 ; 奨励金 ; 減税 ; 優遇 ; 税制
en bodies: (?:attorney|lawyer|solicitor|accountant|consultant|auditor|notary|bank|credit union)s?
en bodies: (?:chamber|council|incubator|advis[eo]r)s?
en bodies: (?:institute|association|foundation|accelerator|investor|grant|help ?desk|hotline|bureau)s?
en bodies: (?:ministr|agenc|universit|subsid)(?:y|ies)
"""
)
_FEW = "(?:(?:a|the next) (?:few|couple of|handful of|matter of)|several|only|just|mere|within|in)"
_AMOUNTS = _table(
    rf"""
ja most: 多数派 ; 圧倒的 ; 大概 ; おおかた ; 大方
ja many: 少なくな[いく] ; 少なからず
ja average: 平均
ja few: 一部の(?:大手|会社|企業|人|中小|スタートアップ|町?工場)
en most: most (?:do|did|of all) ; (?:as|like) most
en average: on average ; the average ; order of magnitude
en while: {_FEW} (?:short |long )?(?:minutes|hours|days|weeks|months|years)
"""
)
_ANY_LAW = "(?<![方手作文技用製工療寸司立加])法(?=[にのでをがは上違])"
_LAW = _table(
    rf"""
ja valid: 口約束 ; 有効(?=[でにと性期]) ; 成立 ; 締結済 ; 効き目
ja cancel: 解[約除] ; 取り?消 ; 白紙 ; 返金 ; 払い戻 ; 返還 ; 差し?止め
ja punish: 罰 ; 侵害 ; [刑民]事 ; 犯 ; 詐欺 ; 不[法正] ; 横領 ; 告[訴発] ; 起訴 ; 判[例決] ; 免責 ; 違約 ; 過失 ; 瑕疵
ja punish: 善管
ja right: [営企]業秘密 ; 著作 ; 商標 ; 登記 ; [所使占専]有権? ; 使用権 ; 譲渡 ; 相続
ja rule: コンプライアンス ; 規制 ; 規則上 ; 契約上 ; 税[務法金制はがを](?!理) ; 非?課税 ; 経費で落 ; {_ANY_LAW}
en valid: valid\w* ; in force
en cancel: cancel\w* ; refund\w* ; withdraw\w* ; rescind\w* ; withhold\w* ; terminat\w*
en punish: fin(?:ed|es) ; fraud\w* ; crim\w+ ; penalt\w+ ; punish\w* ; prosecut\w* ; tort ; fault ; courts ; judges?
en punish: rulings
en right: copyright\w* ; trade ?marks? ; ownership ; (?:your|their|the) rights ; right to
en right: (?:is|are) (?:yours|theirs|ours) ; no claim
en rule: complian\w+ ; regulat\w+ ; tax\w* ; dut(?:y|ies) to ; no duty
"""
)


# Quotations

_QUOTED = re.compile(
    r"「([^「」]*)」|『([^『』]*)』|“([^“”]*)”|‘([^‘’]{3,})’|\"([^\"]*)\"|«([^«»]*)»|(?<!\w)'([^']{8,})'(?!\w)|〈([^〈〉]*)〉|"
    r"〝([^〝〟]*)〟|《([^《》]*)》"
)


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
    ("番", re.compile(r"((?<!\d)0120|\+?\d{2,4}[-–−ー‐() ]{1,2}\d{2,4}[-–−ー‐ ]\d{3,4}(?!\d))")),
)  # fmt: skip
_KANJI_NUMBERS = {char: str(number) for number, char in enumerate("一二三四五六七八九十", 1)}


_REFERS = re.compile(
    r"§|\d[-–−ー‐() ]+\d|0120|[章節注図表頁条号]|ページ|"
    r"\b(?:section|chapter|(?:foot|end)?note|fig|chart|table|page|pp?\.|art|no\.|vol\.)"
)


def _refs(text: str) -> frozenset[str]:
    found: set[str] = set()
    if not _REFERS.search(text):
        return frozenset(found)
    for name, place in _REFS:
        for match in place.finditer(text):
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

_KINDS: dict[str, str] = {
    "ガイドライン": "指針",
    "手引": "手引き",
    "調べ": "調査",
    "アンケート": "調査",
    "報じ": "報道",
    "guidance": "guideline",
    "surveyed": "survey",
    "studies": "study",
    "model agreement": "model contract",
}
"""Several words for one kind."""


def _documents(text: str, locale: Locale) -> list[str]:
    found = []
    for match in pattern("documents", locale).finditer(text):
        kind = match[0]
        if locale == "en" and kind not in ("statistics", "census", "news", "studies"):
            kind = kind.rstrip("s")
        found.append(_KINDS.get(kind, kind))
    return found
