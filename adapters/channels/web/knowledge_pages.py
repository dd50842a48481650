"""What Nakodo knows: cards to browse and search, each with its sources, and what people thought of the answers.

GET /knowledge           `?q=` words in either language, `?kind=`, `?stage=`, `?side=`, `?page=`
GET /knowledge/feedback  answers that people marked, with the sources they had; `?only=up|down`, `?page=`
GET /knowledge/{card}    one card
"""

import asyncio
from typing import TypeVar, get_args
from urllib.parse import urlencode

from starlette.responses import Response

from adapters.channels.web.knowledge_view import KINDS, Wanted, listed, opinions, read, used
from adapters.channels.web.page import page
from adapters.channels.web.security import DeniedError
from adapters.channels.web.site import Asked, Way
from bot.names import SIDE_NAMES, STAGE_NAMES
from knowledge.card import Kind, Side, Stage

_Choice = TypeVar("_Choice", bound=str)
AT_ONCE = 48
"""Cards, or opinions, on one page."""
LONGEST = 300
"""Characters of what is searched for."""
FARTHEST = 10_000
"""Pages that one may turn to."""


async def browse(asked: Asked) -> Response:
    """Show the cards that somebody looks for."""
    site, locale = asked.site, asked.viewer.locale
    query = asked.request.query_params
    wanted = Wanted(
        " ".join(query.get("q", "").split())[:LONGEST],
        _one_of(query.get("kind"), get_args(Kind)),
        _one_of(query.get("stage"), get_args(Stage)),
        _one_of(query.get("side"), get_args(Side)),
    )
    found = await asyncio.to_thread(listed, site, wanted, locale)
    number = page_of(asked)
    chosen = {"kind": wanted.kind, "stage": wanted.stage, "side": wanted.side, "q": wanted.words}
    return page(
        asked.request, asked.viewer, "knowledge.html",
        cards=found[(number - 1) * AT_ONCE : number * AT_ONCE], many=len(found), wanted=wanted, number=number,
        last=max(1, -(-len(found) // AT_ONCE)), all=len(site.library), longest=LONGEST,
        kinds={one: name(locale) for one, name in KINDS.items()},
        stages={one: STAGE_NAMES[one](locale) for one in get_args(Stage)},
        sides={one: name(locale) for one, name in SIDE_NAMES.items()},
        rest=urlencode({name: value for name, value in chosen.items() if value}),
    )  # fmt: skip


async def show(asked: Asked) -> Response:
    """Show one card."""
    card = asked.site.library.cards.get(asked.request.path_params["card"])
    if card is None:
        raise DeniedError(404)
    return page(
        asked.request,
        asked.viewer,
        "knowledge_card.html",
        card=await asyncio.to_thread(read, asked.site, card, asked.viewer.locale),
        used=await asyncio.to_thread(used, asked.site, asked.viewer, card.id),
    )


async def feedback(asked: Asked) -> Response:
    """Show what people thought of answers."""
    only, number = asked.request.query_params.get("only", ""), page_of(asked)
    useful = {"up": True, "down": False}.get(only)
    skip = (number - 1) * AT_ONCE
    found = await asyncio.to_thread(opinions, asked.site, asked.viewer, AT_ONCE + 1, skip, useful)
    return page(
        asked.request,
        asked.viewer,
        "knowledge_feedback.html",
        opinions=found[:AT_ONCE],
        more=len(found) > AT_ONCE,
        number=number,
        only=only if useful is not None else "",
    )


def page_of(asked: Asked) -> int:
    """Return which page of a long list is asked for, from 1 on."""
    given = asked.request.query_params.get("page", "")
    return max(1, min(int(given), FARTHEST)) if given.isascii() and given.isdecimal() and len(given) < 9 else 1


def _one_of(value: str | None, choices: tuple[_Choice, ...]) -> _Choice | None:
    return next((one for one in choices if one == value), None)


WAYS: list[Way] = [
    Way("/knowledge", browse),
    Way("/knowledge/feedback", feedback),
    Way("/knowledge/{card}", show),
]
