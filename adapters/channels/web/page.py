"""Templates, and text as HTML. Whatever a person typed is escaped here, once."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from adapters.channels.web.assets import address
from adapters.channels.web.viewer import FLASH, Viewer
from knowledge.card import Locale

HERE = Path(__file__).parent


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        auto_reload=False,  # Else every fragment asks the disk whether its template is another now.
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"markdown": as_html, "day": day, "moment": moment, "clock": clock}
    found.globals["asset"] = address
    return found


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False, "linkify": False, "breaks": True}).enable(
        ["emphasis", "list", "blockquote", "heading", "table", "newline", "code", "fence", "backticks", "hr"]
    )


def as_html(text: str) -> Markup:
    """Return light Markdown as HTML. Tags, links and pictures in it stay text: people write these too."""
    return Markup(_markdown().render(text))  # noqa: S704  # html is off: it escapes.


def day(at: datetime, zone: str, locale: Locale) -> str:
    """Return a date in a room's time zone, with its weekday."""
    local = at.astimezone(ZoneInfo(zone))
    names = "月火水木金土日" if locale == "ja" else ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return (
        f"{local:%Y-%m-%d}（{names[local.weekday()]}）"
        if locale == "ja"
        else f"{names[local.weekday()]} {local:%Y-%m-%d}"
    )


def clock(at: datetime, zone: str) -> str:
    """Return the time of day in a room's time zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def moment(at: datetime, zone: str, locale: Locale) -> str:
    """Return day and time."""
    return f"{day(at, zone, locale)} {clock(at, zone)}"


def fragment(name: str, locale: Locale, **values: Any) -> str:
    """Fill a template that is a part of a page."""
    return _environment().get_template(name).render(_common(locale) | values)


def page(request: Request, viewer: Viewer | None, name: str, /, status: int = 200, **values: Any) -> HTMLResponse:
    """Fill the template of a whole page."""
    locale: Locale = viewer.locale if viewer else preferred(request)
    notices: list[str] = getattr(request.state, "notices", [])
    common = _common(locale) | {
        "viewer": viewer,
        "path": request.url.path,
        "query": request.query_params,
        "notices": notices,
    }
    response = HTMLResponse(_environment().get_template(name).render(common | values), status_code=status)
    if notices:
        response.delete_cookie(FLASH)
    return response


def preferred(request: Request) -> Locale:
    """Return the language that a browser asks for."""
    chosen = request.cookies.get("nakodo-language")
    if chosen in ("ja", "en"):
        return "ja" if chosen == "ja" else "en"
    asked = request.headers.get("accept-language", "ja").lower()
    return "ja" if asked.startswith("ja") or "ja" in asked.split(",")[0] else "en" if asked.startswith("en") else "ja"


def _common(locale: Locale) -> dict[str, Any]:
    """What every template knows. `say(ja, en)` keeps both languages side by side where they are used."""
    return {"locale": locale, "say": lambda ja, en: ja if locale == "ja" else en}
