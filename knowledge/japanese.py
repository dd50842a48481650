"""Which morphemes of a Japanese text are names, by what they are and by what stands beside them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from knowledge.latin import Kind, Span
from knowledge.tokens import Piece, dictionary_speech
from knowledge.vocabulary import NOUNS, POLITE, vocabulary

# Between these, names grow together: プラディープ・ナイール, ジャン＝リュック.
_JOINT = re.compile(r"[・=゠‐-]|ー")
_KANA = re.compile(r"[ァ-ヶー]{2,}")
_HIRAGANA = re.compile(r"[ぁ-んー]+")
# Hiragana, and what borrowed words for doing end in.
_UNLIKE_NAMES = re.compile(r"[ぁ-んー]+|[ァ-ヶー]{2,}(?:ング|ション|メント|リティ|ライズ|メータ|メーター|スコープ)")
_NUMERAL = re.compile(r"[〇一二三四五六七八九十百千万億兆\d]+")
_WORDLIKE = re.compile(r"[ぁ-んァ-ヶー\u3400-\u9fff々〆ヶ]+")
_LEGAL = re.compile(r"株式会社|有限会社|合同会社|合資会社|合名会社|.*法人")
_SHORT_LEGAL = re.compile(r"\([株有同資名]\)")
_TITLE = re.compile(
    r"(?:代表)?取締役|代表|社長|副社長|会長|専務|常務|部長|本部長|課長|係長|主任|主査|工場長|所長|店長|支店長|室長|次長|"
    r"参事|理事|理事長|教授|准教授|博士|先生|先輩|監督|担当|弁護士|弁理士"
)
# How firms and bodies call themselves, at the end of their name.
_HEAD = re.compile(
    r".*(?:工業|産業|興業|興産|製作所|製作|製造所|精[機密工]|[鉄木]工所?|工[機房務]|工務店|金属|電[機子器工気]|計[器測]|"
    r"化[学成工]|商[事会店]|物産|銀行|金庫|信金|組合|大学|高専|研究所|技研|研究機構|製[薬菓鋼鉄紙]|光学|硝子|樹脂|鍍金|紡績|建設|"
    r"運輸|物流|印刷|酒造|食品|農園|財団|協会|機構|会議所|センター|グループ|ホールディングス|テクノ|テック|ラボ|ワークス|ビル|"
    r"モーターズ|システムズ|ロボティクス|エレクトロニクス|インダストリーズ?|コーポレーション|カンパニー|ソリューションズ|テクノロジーズ)"
)
_SO_CALLED = re.compile(r"(?:と[いゆ言]う|って)(?:会社|企業|メーカー|スタートアップ|ベンチャー|人|方$|者$)")
_ITS = re.compile(r"の(?:代表|社長|会長|専務|常務|創業者|営業担当|担当者)")
_ROLE = re.compile(r".+(?:[屋者人手主員方家先側達師士長客弟妹兄姉様]|会社|企業|メーカー|業界)")
_OURS = re.compile(rf"(?:弊社|当社|当方|小社|御社|貴社|うち|営業|経理|総務|技術|購買|品証|現場|{_TITLE.pattern})の$")
# What people are told, asked and do.
_DOES = re.compile(r"担当|連絡|伺|参り|聞い|聞き|相談|返事|頼|電話|同席|出席|任せ|伝え")
_PARTICLES = ("が", "は", "に", "から", "も", "と", "です", "へ", "を")
_PARTS = frozenset({*NOUNS, "接尾辞", "接頭辞", "形状詞"})
_ERA = re.compile(r"明治|大正|昭和|平成|令和")
_AREA = re.compile(r"[都道府県市区町村郡]|丁目|番地|駅|港|地区|地方")


@lru_cache(maxsize=8192)
def _is_head(surface: str) -> bool:
    return bool(_HEAD.fullmatch(surface))


class _Text:
    """The morphemes of one text, and the names among them."""

    def __init__(self, found: tuple[Piece, ...]) -> None:
        self._found = found
        self._words = vocabulary()

    def names(self) -> Iterator[Span]:
        """Yield them; they may overlap."""
        i = 0
        while i < len(self._found):
            j = self._run(i)
            if j > i:
                yield from self._in(i, j)
            i = max(j, i + 1)

    def _run(self, start: int) -> int:
        """Return where an unbroken run of words that could make up a name ends."""
        i = start
        while i < len(self._found) and (i == start or self._found[i].start == self._found[i - 1].end):
            if not self._could(self._found[i]) and not (i > start and self._joins(i)):
                break
            i += 1
        return i

    def _could(self, piece: Piece) -> bool:
        return piece.speech[0] in _PARTS

    def _joins(self, i: int) -> bool:
        if self._found[i].surface == "ー":
            return bool(_HIRAGANA.fullmatch(self._found[i - 1].surface))
        return (
            bool(_JOINT.fullmatch(self._found[i].surface))
            and i + 1 < len(self._found)
            and all(_KANA.fullmatch(self._found[k].surface) for k in (i - 1, i + 1))
        )

    def _in(self, start: int, end: int) -> Iterator[Span]:
        i = start
        for k in range(start, end):
            surface = self._found[k].surface
            if self._found[k].speech[0] == "接尾辞" and (POLITE.fullmatch(surface) or surface == "宛"):
                yield from self._addressed(i, k)
                i = k + 1
            elif surface == "社" and k > i and _KANA.fullmatch(self._found[k - 1].surface):
                yield from self._whole(self._kana_before(k, i), k, "firm")
            elif _TITLE.fullmatch(surface) or (
                k + 1 < end and _TITLE.fullmatch(surface + self._found[k + 1].surface)
            ):
                yield from self._plain(i, k, person=True)
                i = k + 1
        yield from self._plain(i, end)
        if i == start and self._incorporated(start, end):
            yield from self._whole(start, end, "firm")
        yield from self._introduced(max(start, end - 5), end)
        if end - i == 1 and self._short_surname(i):
            yield from self._whole(i, end, "person")

    def _incorporated(self, start: int, end: int) -> bool:
        """Whether (株) stands before or behind."""
        sides = (*self._found[max(0, start - 1) : start], *self._found[end : end + 1])
        return any(piece.surface[0] == "(" and _SHORT_LEGAL.fullmatch(piece.surface) for piece in sides)

    def _kana_before(self, end: int, start: int) -> int:
        while end > start and _KANA.fullmatch(self._found[end - 1].surface):
            end -= 1
        return end

    def _introduced(self, start: int, end: int) -> Iterator[Span]:
        """Yield what と申します, という会社 or の社長 says is a name."""
        if end == len(self._found) or self._found[end].surface[0] not in "とっの":
            return
        after = "".join(piece.surface for piece in self._found[end : end + 3])
        last = self._found[end - 1].surface
        if after.startswith("と申"):
            yield from self._whole(start, end, "person")
        elif last not in self._words.nouns and (
            _SO_CALLED.match(after) or (_KANA.fullmatch(last) and _ITS.match(after))
        ):
            yield from self._whole(start, end, "firm")

    def _short_surname(self, i: int) -> bool:
        """Whether a word of one character is a surname by where it stands: 林です at the beginning, 弊社の林が."""
        piece = self._found[i]
        if len(piece.surface) > 1 or all(speech[3] != "姓" for speech in dictionary_speech(piece.surface)):
            return False
        before = "".join(one.surface for one in self._found[max(0, i - 4) : i])
        after = self._found[i + 1].surface if i + 1 < len(self._found) else ""
        if before.endswith("の") and after in _PARTICLES and _OURS.search(before):
            return True
        if after in ("が", "に", "から", "も", "へ", "は", "と"):
            does = i + 2 < len(self._found) and bool(_DOES.match(self._found[i + 2].surface))
            rare = after in ("が", "から", "も", "へ") and piece.surface not in self._words.nouns
            return piece.speech[:2] in (("名詞", "普通名詞"), ("名詞", "固有名詞")) and (does or rare)
        return (after == "です" and before[-1:] in ("", "\n", "。", "、")) or before[-1:] == ":"

    def _addressed(self, start: int, end: int) -> Iterator[Span]:
        """Yield whom politeness names: 栃ノ木 of 栃ノ木さん, nobody of お客さん."""
        if start < end:
            if any(self._strange(self._found[k], k) for k in range(start, end)):
                yield from self._plain(start, end, person=True)
            elif not self._role(start, end, self._found[end].surface):
                yield from self._whole(start, end, "person")

    def _role(self, start: int, end: int, polite: str) -> bool:
        """Whether somebody is spoken of by what he is or does: 看護師さん, 経理宛."""
        last = self._found[end - 1]
        whole = "".join(piece.surface for piece in self._found[start:end])
        if polite == "宛":
            return last.speech[1] != "普通名詞" or last.surface in self._words.nouns
        if polite == "ちゃん":
            return whole in self._words.spoken_to and bool(_HIRAGANA.fullmatch(whole))
        return polite in ("さん", "さま", "様") and (
            last.speech[0] in ("接尾辞", "代名詞")
            or bool({last.surface, whole} & self._words.spoken_to)
            or bool(_ROLE.fullmatch(whole))
        )

    def _whole(self, start: int, end: int, kind: Kind) -> Iterator[Span]:
        if start < end:
            yield Span(self._found[start].start, self._found[end - 1].end, kind)

    def _plain(self, start: int, end: int, *, person: bool = False) -> Iterator[Span]:
        """Yield the names in a run by what its words are."""
        i = start
        while i < end:
            piece = self._found[i]
            if _LEGAL.fullmatch(piece.surface) and (piece.surface != "法人" or i > start):
                yield from self._whole(start, i, "firm")
                yield from self._whole(i + 1, end, "firm")
                return
            if self._strange(piece, i) or (person and i + 1 == end and self._single(piece)):
                j = self._grown(i, end)
                yield from self._whole(i, j, self._kind(i, j, person))
                i = j
            else:
                i += 1
        yield from self._headed(start, end)

    def _grown(self, start: int, end: int) -> int:
        """Return where the compound ends that begins with a name: 信用金庫 belongs to やまびこ, 工場 not to 浜松."""
        heads = [k for k in range(start, end) if _is_head(self._found[k].surface)]
        drawn = [k for k in range(start, min(end, start + 3)) if self._found[k].surface == "ー"]
        if heads or drawn:
            return (heads or drawn)[-1] + 1
        i = start + 1
        while i < end and self._belongs(i):
            i += 1
        return i

    def _belongs(self, i: int) -> bool:
        piece = self._found[i]
        return (
            self._strange(piece, i)
            or bool(_JOINT.fullmatch(piece.surface))
            or self._ends_surname(i)
            or self._borrowed(i)
            or bool(_AREA.fullmatch(piece.surface))
            or (
                piece.speech[0] == "名詞"
                and piece.speech[1] != "数詞"
                and piece.speech[2] not in ("助数詞可能", "副詞可能")
                and piece.surface not in self._words.nouns
                and bool(_WORDLIKE.fullmatch(piece.surface))
            )
        )

    def _headed(self, start: int, end: int) -> Iterator[Span]:
        """Yield やまびこ信用金庫, but not 地元銀行: a rare word before what firms are called."""
        heads = [k for k in range(start + 1, end) if _is_head(self._found[k].surface)]
        rare = next((k for k in range(start, heads[-1]) if self._rare(self._found[k])), None) if heads else None
        if rare is not None:
            yield from self._whole(rare, heads[-1] + 1, "firm")

    def _rare(self, piece: Piece) -> bool:
        return (
            (piece.speech[:2] == ("名詞", "普通名詞") or piece.speech[0] == "形状詞")
            and len(piece.surface) > 1
            and piece.surface not in self._words.nouns
            and bool(_WORDLIKE.fullmatch(piece.surface))
        )

    def _kind(self, start: int, end: int, person: bool) -> Kind:
        run = self._found[start:end]
        if any(_is_head(piece.surface) for piece in run) or any(map(self._borrowed, range(start + 1, end))):
            return "firm"
        if any(piece.speech[2] == "人名" for piece in run) or person:
            return "person"
        return "place" if any(piece.speech[2] == "地名" for piece in run) else "thing"

    def _borrowed(self, i: int) -> bool:
        """Whether a borrowed word ends a firm's name: 浜名ワークス."""
        before, piece = self._found[i - 1], self._found[i]
        return (
            before.speech[1] == "固有名詞"
            and not _KANA.fullmatch(before.surface)
            and bool(_KANA.fullmatch(piece.surface))
            and piece.surface not in self._words.spoken_to
        )

    def _ends_surname(self, i: int) -> bool:
        """Whether one more character belongs to a surname that Sudachi does not know whole: 曽我部野."""
        surface = self._found[i].surface
        return (
            self._found[i - 1].speech[2] == "人名"
            and bool(re.fullmatch("[\u3400-\u9fff]", surface))
            and surface not in self._words.nouns
            and surface not in self._words.suffixes
        )

    def _strange(self, piece: Piece, i: int = -1) -> bool:
        """Whether a morpheme is a name by itself."""
        surface = piece.surface
        if not _WORDLIKE.fullmatch(surface) or surface in self._words.ordinary:
            return False
        if piece.unknown:
            return piece.speech[1] != "数詞" and len(surface) > 1 and not _UNLIKE_NAMES.fullmatch(surface)
        if piece.speech[1] != "固有名詞" or numeral(surface) or _ERA.fullmatch(surface):
            return False
        if len(surface) == 1:
            return piece.speech[3] == "姓" and not self._common(surface) and surface not in self._words.nouns
        if _HIRAGANA.fullmatch(surface) and piece.speech[2] == "人名":
            return i >= 0 and self._drawn_out(i)
        doubtful = piece.speech[2] == "一般" or (_KANA.fullmatch(surface) and piece.speech[3] not in ("名", "姓"))
        return not (doubtful and self._common(surface))

    def _drawn_out(self, i: int) -> bool:
        """Whether a nickname in hiragana ends in a drawn-out sound: みっちー."""
        return "ー" in [piece.surface for piece in self._found[i + 1 : i + 3]]

    def _single(self, piece: Piece) -> bool:
        """Whether a morpheme is a name beside 社長: 森社長, 凪社長."""
        return piece.unknown or any(
            speech[2] == "人名" for speech in (piece.speech, *dictionary_speech(piece.surface))
        )

    def _common(self, surface: str) -> bool:
        return any(speech[1] == "普通名詞" for speech in dictionary_speech(surface))


def japanese_names(found: tuple[Piece, ...]) -> list[Span]:
    """Return the names among the morphemes of a text; they may overlap."""
    return list(_Text(found).names())


def could_be_name(found: tuple[Piece, ...], i: int) -> bool:
    """Whether a word may be a name if it stands in a row with one: 遠山, ファム in 遠山、ファム、西園寺."""
    piece = found[i]
    if piece.speech[0] != "名詞" or len(piece.surface) < 2 or piece.surface in vocabulary().nouns:
        return False
    if any(beside.speech[0] in NOUNS for beside in (*found[max(0, i - 1) : i], *found[i + 1 : i + 2])):
        return False  # バレル研磨
    person = any(speech[2] == "人名" for speech in dictionary_speech(piece.surface))
    return person or bool(_KANA.fullmatch(piece.surface))


def numeral(surface: str) -> int:
    """Return the length of the number in a word that is one with its counter: 1 of 十人, 0 of 三浦 and of 一人."""
    number = _NUMERAL.match(surface)
    if not number or number[0] == "一":
        return 0
    counter = surface[number.end() :]
    return number.end() if not counter or counter in vocabulary().counters else 0
