"""What people call the fixed words, in both languages."""

import re

from bot.model import Mode, Nda, Text
from knowledge.card import Side, Stage

SIDE_NAMES: dict[Side, Text] = {
    "sme": Text(ja="中小企業", en="the SME"),
    "startup": Text(ja="スタートアップ", en="the startup"),
    "facilitator": Text(ja="進行役", en="the facilitator"),
    "organizer": Text(ja="事業の主催者", en="the programme's organizer"),
}
STAGE_NAMES: dict[Stage, Text] = {
    "preparing": Text(ja="準備", en="preparing"),
    "meeting": Text(ja="初めの話し合い", en="first talks"),
    "agreeing": Text(ja="取り決め", en="agreeing"),
    "experimenting": Text(ja="実験中", en="experimenting"),
    "deciding": Text(ja="続けるかの判断", en="deciding"),
    "building": Text(ja="共同開発", en="building together"),
    "allied": Text(ja="提携", en="allied"),
    "stopped": Text(ja="終了", en="stopped"),
}
NDA_NAMES: dict[Nda, Text] = {
    "none": Text(ja="未締結", en="none"),
    "drafting": Text(ja="準備中", en="being drafted"),
    "signed": Text(ja="締結済み", en="signed"),
}
NDA_EXPIRED = Text(ja="期限切れ", en="expired")
HONORIFIC = r"(?:さん|さま|様|氏|君|くん|(?i:[-‐ ](?:san|sama)\b))"
"""What stands behind a name out of politeness."""
MODE_NAMES: dict[Mode, Text] = {
    "auto": Text(ja="自動（返事はそのまま届きます）", en="auto (answers go out)"),
    "review": Text(ja="確認（下書きは進行役の承認を待ちます）", en="review (drafts wait for the facilitator)"),
    "quiet": Text(ja="静か（進行役にだけ話します）", en="quiet (speaks to the facilitator only)"),
}


def bare(name: str) -> str:
    """Return a name without the mark before it and the politeness behind it: 宮田 for @宮田さん."""
    return re.sub(rf"{HONORIFIC}$", "", name.strip().lstrip("@＠")).strip()
