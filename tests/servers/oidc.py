"""An OpenID provider on 127.0.0.1, as strict as the specification (OpenID Connect Core, RFC 6749, RFC 7636).

It hands out a code only for a request that it would have to accept, and a token only for the code's own client,
address and PKCE verifier, once. What it says of people, and how it lies, is up to the test (`says`, `lies`).

A test that uses it needs `pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])`.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "nakodo", "kept-between-the-two-of-us"
Lie = Literal[
    "", "nonce", "audience", "issuer", "late", "key", "unsigned", "shared", "no token", "refuses", "another subject"
]

Answer = tuple[int, dict[str, str], Any]


class _Granted(NamedTuple):
    redirect: str
    nonce: str
    challenge: str


class RefusedError(Exception):
    """The provider does not do what it was asked; its text says why."""


class OpenIdProvider:
    """The provider; a context manager."""

    def __init__(self, redirect: str) -> None:
        self.redirect = redirect
        """The only address to which it sends people back."""
        self.says: dict[str, Any] = {"sub": "1", "email": "tanaka@example.jp", "email_verified": True, "name": "田中"}
        self.asked_says: dict[str, Any] | None = None
        """What it says on being asked, where its token alone does not name an address."""
        self.lies: Lie = ""
        self.refused: list[str] = []
        self._key, self._other = (RSAKey.generate_key(2048, {"kid": "k"}, auto_kid=False) for _ in range(2))
        self._shared = OctKey.generate_key(256, {"kid": "shared"}, auto_kid=False)
        self._granted: dict[str, _Granted] = {}
        self._tokens: set[str] = set()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(provider.get, "")

            def do_POST(self) -> None:
                self._answer(provider.post, self.rfile.read(int(self.headers["content-length"])).decode())

            def _answer(self, answer: Any, body: str) -> None:
                parts = urlsplit(self.path)
                try:
                    status, headers, content = answer(parts.path, _once(body or parts.query), self.headers)
                except RefusedError as error:
                    provider.refused.append(str(error))
                    status, headers, content = 400, {}, {"error": "invalid_request", "error_description": str(error)}
                raw = json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def get(self, path: str, asked: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        if path == "/.well-known/openid-configuration":
            return 200, {}, self._metadata()
        if path == "/keys":
            return 200, {}, {"keys": [self._key.as_dict(private=False), self._shared.as_dict(private=True)]}
        if path == "/authorize":
            return self._authorize(asked)
        if path == "/userinfo":
            _demand(headers.get("authorization", "").removeprefix("Bearer ") in self._tokens, "no such access token")
            told = dict(self.asked_says or self.says)
            return 200, {}, told | ({"sub": "somebody else"} if self.lies == "another subject" else {})
        raise RefusedError(f"no such address: {path}")

    def post(self, path: str, asked: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        _demand(path == "/token", f"no such address: {path}")
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        _demand(headers.get("authorization") == f"Basic {basic}", "not the client")
        _demand(asked.get("grant_type") == "authorization_code", "another grant")
        granted = self._granted.pop(asked.get("code", ""), None)
        _demand(granted is not None, "no such code, or used")
        assert granted is not None
        _demand(asked.get("redirect_uri") == granted.redirect, "another redirect_uri than before")
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        _demand(base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == granted.challenge, "the verifier is wrong")
        access = secrets.token_urlsafe(16)
        self._tokens.add(access)
        token = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        return 200, {}, token | ({} if self.lies == "no token" else {"id_token": self._id_token(granted)})

    def _authorize(self, asked: Mapping[str, str]) -> Answer:
        _demand(asked.get("client_id") == CLIENT, "no such client")
        _demand(asked.get("redirect_uri") == self.redirect, "not an address of this client's")
        _demand(asked.get("response_type") == "code", "another response_type")
        _demand({"openid", "email"} <= set(asked.get("scope", "").split()), "scope lacks openid or email")
        _demand(len(asked.get("state", "")) >= 16, "no state that nobody guesses")
        _demand(len(asked.get("nonce", "")) >= 16, "no nonce that nobody guesses")
        challenge = asked.get("code_challenge", "")
        _demand(asked.get("code_challenge_method") == "S256" and len(challenge) == 43, "no PKCE")
        code = secrets.token_urlsafe(16)
        self._granted[code] = _Granted(self.redirect, asked["nonce"], challenge)
        back = {"error": "access_denied"} if self.lies == "refuses" else {"code": code}
        return 302, {"location": f"{self.redirect}?{urlencode(back | {'state': asked['state']})}"}, {}

    def _id_token(self, granted: _Granted) -> str:
        now, lies = int(time.time()), self.lies
        claims = {
            "iss": "https://elsewhere.example" if lies == "issuer" else self.issuer,
            "aud": "somebody else" if lies == "audience" else CLIENT,
            "iat": now,
            "exp": now - 3_600 if lies == "late" else now + 300,
            "nonce": "of another time" if lies == "nonce" else granted.nonce,
            **self.says,
        } | ({"azp": CLIENT} if lies == "audience" else {})
        if lies == "unsigned":
            return ".".join([*(_part(one) for one in ({"alg": "none"}, claims)), ""])
        if lies == "shared":  # Signed with what everybody can read among the keys.
            return jwt.encode({"alg": "HS256", "kid": "shared"}, claims, self._shared)
        return jwt.encode({"alg": "RS256", "kid": "k"}, claims, self._other if lies == "key" else self._key)

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        }


def _demand(true: bool, otherwise: str) -> None:
    if not true:
        raise RefusedError(otherwise)


def _once(query: str) -> dict[str, str]:
    """Return what was asked; nothing may be said twice."""
    found = parse_qs(query, keep_blank_values=True)
    _demand(all(len(values) == 1 for values in found.values()), "a parameter stands there twice")
    return {name: values[0] for name, values in found.items()}


def _part(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
