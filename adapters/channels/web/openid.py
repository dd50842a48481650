"""Signing in by OpenID Connect. The only door to Authlib."""

from typing import NamedTuple

import structlog
from authlib.integrations.starlette_client import OAuth  # type: ignore[import-untyped]
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from bot.errors import NakodoError
from bot.settings import Settings

BACK = "/sign-in/openid/back"
COOKIE = "nakodo-openid"
LASTS = 10 * 60
"""Seconds that somebody may take at the other place."""
TIMEOUT = 10.0
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signatures made with a key that only the provider has. `none` and those of a shared secret are not among them."""
log = structlog.get_logger(__name__)


class OpenIdError(NakodoError):
    """Somebody did not come back as they should have, or the provider is not to be reached."""


class Met(NamedTuple):
    """Who somebody is, by the provider's word. The address is theirs: the provider has verified it."""

    email: str
    name: str


class OpenId:
    """Sends people to the provider and takes them back. State, nonce and PKCE are Authlib's work."""

    def __init__(self, settings: Settings, secret: str) -> None:
        self._issuer = settings.oidc_issuer or ""
        self._url = f"{settings.public_url or f'http://127.0.0.1:{settings.port}'}{BACK}"
        self._client_id = settings.oidc_client_id or ""
        self._signer = URLSafeTimedSerializer(secret, salt="openid")
        given = settings.oidc_client_secret
        self._client = OAuth().register(
            "provider",
            client_id=self._client_id,
            client_secret=given.get_secret_value() if given else "",
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": TIMEOUT},
        )

    async def away(self, request: Request, then: str) -> Response:
        """Send somebody to the provider; `then` is where they wanted to go.

        Raises:
            OpenIdError: the provider is not to be reached, or is not who it should be.
        """
        session = request.scope["session"] = {"then": then}
        try:
            await self._checked()
            found: Response = await self._client.authorize_redirect(request, self._url)
        except Exception as error:  # Whatever a provider sends: people are told, the log has the kind.
            raise _failed(error) from None
        secure = self._url.startswith("https://")
        kept = self._signer.dumps(session)
        found.set_cookie(COOKIE, kept, max_age=LASTS, path="/sign-in", httponly=True, samesite="lax", secure=secure)
        return found

    async def back(self, request: Request) -> tuple[Met | None, str]:
        """Return who came back, and where they wanted to go; None if the provider has not verified their address.

        Raises:
            OpenIdError: they did not come back as they were sent.
        """
        try:
            session = self._signer.loads(request.cookies.get(COOKIE, ""), max_age=LASTS)
        except BadSignature as error:
            raise _failed(error) from None
        request.scope["session"] = session
        try:
            issuer = await self._checked()
            claims = {
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": self._client_id},
            }
            token = await self._client.authorize_access_token(request, claims_options=claims)
            met = _met(token["userinfo"]) or _met(await self._asked(token))
        except Exception as error:
            raise _failed(error) from None
        return met, str(session.get("then", "/"))

    async def _asked(self, token: dict[str, dict[str, object]]) -> dict[str, object]:
        """Return what the provider tells on being asked, where its token alone does not name an address."""
        if "email" in token["userinfo"] or "userinfo_endpoint" not in self._client.server_metadata:
            return {}
        told: dict[str, object] = await self._client.userinfo(token=token)
        return told if told.get("sub") == token["userinfo"]["sub"] else {}

    async def _checked(self) -> str:
        """Learn what the provider says of itself, and take no weaker signature than its own key makes."""
        told = await self._client.load_server_metadata()
        issuer = str(told.get("issuer", ""))
        if issuer.rstrip("/") != self._issuer:
            raise OpenIdError("names another issuer", where="NAKODO_OIDC_ISSUER")
        names = told.get("id_token_signing_alg_values_supported") or ["RS256"]
        told["id_token_signing_alg_values_supported"] = [one for one in names if one in ALGORITHMS]
        return issuer


def forget(response: Response) -> Response:
    """Let the browser forget the way there and back."""
    response.delete_cookie(COOKIE, path="/sign-in")
    return response


def _met(claims: dict[str, object]) -> Met | None:
    email, verified = claims.get("email"), claims.get("email_verified")
    if not isinstance(email, str) or "@" not in email or verified not in (True, "true"):
        return None
    name = claims.get("name")
    plain = " ".join(name.split())[:80] if isinstance(name, str) else ""
    return Met(email.strip().lower(), plain or email.split("@")[0])


def _failed(error: Exception) -> OpenIdError:
    log.warning("not signed in", error=type(error).__name__)
    return OpenIdError("the sign-in did not succeed")
