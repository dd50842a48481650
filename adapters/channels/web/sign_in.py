"""How people come in, by a one-time link from the terminal or the bot or by OpenID Connect, and how they leave."""

import asyncio
from datetime import timedelta

import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.channels.web.openid import BACK, OpenIdError, forget
from adapters.channels.web.page import page, preferred
from adapters.channels.web.security import DeniedError, checked_form, inside, new_csrf, own_form
from adapters.channels.web.site import Asked, Site, Way, is_secure, remember
from adapters.channels.web.viewer import COOKIE, LOCAL, WEB, Role, Viewer, role_of
from adapters.post import Account
from adapters.services.store import Code, Directory
from bot.errors import SettingsError
from bot.names import SIDE_NAMES
from bot.settings import Settings
from knowledge.card import Locale

TENANT = "default"
"""The programme of whoever comes in by none of its chats."""
LINKED = timedelta(minutes=15)
LANGUAGE = "nakodo-language"
YEAR = 365 * 24 * 60 * 60
log = structlog.get_logger(__name__)


def check(settings: Settings, *, chats: bool) -> None:
    """See that whoever can reach the pages can be told apart.

    Raises:
        SettingsError: anybody could, or nobody could.
    """
    parts = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    if any(parts) and not all(parts):
        raise SettingsError(
            "OpenID Connect is set up in part",
            where="NAKODO_OIDC_ISSUER, NAKODO_OIDC_CLIENT_ID, NAKODO_OIDC_CLIENT_SECRET",
            remedy="Set all three, or none",
        )
    if settings.local:
        return
    if settings.public_url is None:
        raise SettingsError(
            "others could open the pages, and there is no way for them to sign in",
            where=f"NAKODO_HOST={settings.host}",
            remedy="Set NAKODO_PUBLIC_URL to the https address that people use, or leave NAKODO_HOST at 127.0.0.1",
        )
    if not chats and not all(parts):
        raise SettingsError(
            "nobody could sign in",
            where="NAKODO_PUBLIC_URL",
            remedy="Set up Slack or Telegram, where /desk gives a link, or NAKODO_OIDC_ISSUER and its client",
        )


def way_in(settings: Settings, directory: Directory, port: int) -> str:
    """Return the address at which to begin: on this machine one that lets in, once, within 15 minutes."""
    if not settings.local:
        return f"{settings.public_url}/"
    known = directory.meet(TENANT, Account(key=f"{WEB}{LOCAL}", name=SIDE_NAMES["organizer"]("ja")))
    token = directory.issue(TENANT, "sign_in", known.person, lasts=LINKED)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}/enter?token={token}"


# Coming in


async def first(asked: Asked) -> Response:
    """Lead to the desk, or to the try room as long as there is nothing on the desk."""

    def seen() -> bool:
        site, viewer = asked.site, asked.viewer
        return any(site.may_see(viewer, room.id) for room in site.store.of(viewer.tenant).rooms())

    return RedirectResponse("/desk" if await asyncio.to_thread(seen) else "/try", status_code=303)


async def sign_in(asked: Asked) -> Response:
    """Show the ways to come in."""
    return _ways(asked, status=200)


async def enter(asked: Asked) -> Response:
    """Let in who has a link from the terminal; ask who has one from a chat, for there programs look at links too."""
    token = asked.request.query_params.get("token", "")
    if not token:
        return _ways(asked, 200)
    code = await _redeemed(asked, token, look=True)
    if code is None:
        return _used(asked)
    identity = await asyncio.to_thread(_identity, asked.site, code)
    if identity == LOCAL and "prefetch" not in asked.request.headers.get("sec-purpose", ""):
        return await _come_in(asked, token)
    name = await asyncio.to_thread(_name_of, asked.site, code, identity)
    return page(asked.request, None, "enter.html", token=token, name=name)


async def enter_by_form(asked: Asked) -> Response:
    """Let in who has a link from a chat."""
    form: FormData = await own_form(asked.request)
    return await _come_in(asked, str(form.get("token", "")))


async def _come_in(asked: Asked, token: str) -> Response:
    code = await _redeemed(asked, token)
    identity = await asyncio.to_thread(_identity, asked.site, code) if code else None
    if code is None or identity is None:
        return _used(asked)
    name = await asyncio.to_thread(_name_of, asked.site, code, identity)
    role = role_of(asked.site.settings, identity) or "facilitator"
    return await _signed_in(asked, code.tenant, identity, name, role, person=code.person)


def _used(asked: Asked) -> Response:
    """Answer to a link that lets nobody in; who is in already opened it once more."""
    return RedirectResponse("/", status_code=303) if asked.viewer.account else _ways(asked, 403, "used")


async def _redeemed(asked: Asked, token: str, *, look: bool = False) -> Code | None:
    """Return what a token stands for, and use it up; whoever guesses is stopped soon."""
    address, now = _address(asked.request), asked.site.clock()
    if not asked.site.attempts.may(address, now):
        raise DeniedError(429)
    redeem = asked.site.directory.redeem
    code = await asyncio.to_thread(lambda: redeem(token, "sign_in", look=look))
    if code is None:
        asked.site.attempts.fail(address, now)
    return code


def _identity(site: Site, code: Code) -> str | None:
    """Return what somebody is known as: here at the machine, as somebody on a list, or by their chat's account."""
    keys = [key.removeprefix(WEB) for key in site.directory.accounts_on(code.tenant, code.person)]
    given = [key for key in keys if role_of(site.settings, key)]
    return next((key for key in (*given, *keys) if key in given or ":" in key), None)


def _name_of(site: Site, code: Code, identity: str | None) -> str:
    if identity is None:
        return ""
    known = site.directory.known(code.tenant, identity) or site.directory.known(code.tenant, f"{WEB}{identity}")
    return known.account.name if known else ""


async def _signed_in(
    asked: Asked, tenant: str, identity: str, name: str, role: Role, *, person: str | None = None, then: str = "/"
) -> Response:
    """Begin a session. The account that they use here is one more of the same person's."""
    site, request = asked.site, asked.request
    locale: Locale = preferred(request)
    account = Account(key=f"{WEB}{identity}", name=name, locale=locale)

    def met() -> str | None:
        known = site.directory.meet(tenant, account)
        mine = person or known.person
        return mine if site.directory.merge(tenant, mine, known.person) else None

    found = await asyncio.to_thread(met)
    if found is None:
        raise DeniedError(403)
    viewer = Viewer(tenant, account.key, found, name, role, locale, new_csrf())
    if asked.viewer.account:
        site.sessions.end(asked.viewer)
    response = RedirectResponse(inside(then), status_code=303)
    remember(request, response, site.sessions.write(viewer))
    await site.speaking.came_in(viewer)
    log.info("signed in", kind=role)
    return response


# OpenID Connect


async def away(asked: Asked) -> Response:
    """Send somebody to the provider."""
    if asked.site.openid is None:
        raise DeniedError(404)
    try:
        return await asked.site.openid.away(asked.request, inside(asked.request.query_params.get("next", "/")))
    except OpenIdError:
        return _ways(asked, 503, "unreached")


async def come_back(asked: Asked) -> Response:
    """Take somebody back from the provider."""
    site, request = asked.site, asked.request
    address, now = _address(request), site.clock()
    if site.openid is None:
        raise DeniedError(404)
    if not site.attempts.may(address, now):
        raise DeniedError(429)
    try:
        met, then = await site.openid.back(request)
    except OpenIdError:
        site.attempts.fail(address, now)
        return forget(_ways(asked, 403, "failed"))
    role = role_of(site.settings, met.email) if met else None
    if met is None or role is None:
        return forget(_ways(asked, 403, "unknown" if met else "unverified"))
    return forget(await _signed_in(asked, TENANT, met.email, met.name, role, then=then))


# Staying and leaving


async def sign_out(asked: Asked) -> Response:
    """End a session, also for whoever may have copied its cookie."""
    response = RedirectResponse("/sign-in", status_code=303)
    if asked.viewer.account:
        await checked_form(asked.request, asked.viewer)
        asked.site.sessions.end(asked.viewer)
    response.delete_cookie(COOKIE)
    return response


async def language(asked: Asked) -> Response:
    """Switch the language, for people without a session as well."""
    request, sessions = asked.request, asked.site.sessions
    form = await own_form(request)
    locale: Locale = "en" if form.get("locale") == "en" else "ja"
    response = RedirectResponse(inside(form.get("next")), status_code=303)
    response.set_cookie(LANGUAGE, locale, max_age=YEAR, httponly=True, samesite="lax", secure=is_secure(request))
    if asked.viewer.account:
        cookie = sessions.renewed(request, asked.viewer._replace(locale=locale))
        if cookie is not None:
            remember(request, response, cookie)
    return response


def _ways(asked: Asked, status: int, trouble: str = "") -> Response:
    settings = asked.site.settings
    return page(
        asked.request,
        None,
        "sign_in.html",
        status,
        trouble=trouble,
        local=settings.local,
        chats=[name for name in ("slack", "telegram") if name in asked.site.channels] if settings.public_url else [],
        openid=asked.site.openid is not None,
        then=inside(asked.request.query_params.get("next", "/")),
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


WAYS = [
    Way("/", first),
    Way("/sign-in", sign_in, public=True),
    Way("/enter", enter, public=True),
    Way("/enter", enter_by_form, acts=True, public=True),
    Way("/sign-in/openid", away, public=True),
    Way(BACK, come_back, public=True),
    Way("/sign-out", sign_out, acts=True, public=True),
    Way("/language", language, acts=True, public=True),
]
