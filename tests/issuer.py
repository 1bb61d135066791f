"""A small identity provider on a port of this machine, with keys of its own, that also misbehaves; not the product.

It speaks what OpenID Connect and Clerk have in common (discovery, keys, signed tokens) and the authorization code grant
with PKCE. Whoever comes to `/authorize` is taken for `person` at once: there is nobody here to ask.
"""

import base64
import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import get_default_algorithms

from reality_engine.kernel.clock import Clock

CLIENT, CLIENT_SECRET = "reality", "what only the client and its issuer know"
DISCOVERY, KEYS, AUTHORIZE, TOKEN = (
    "/.well-known/openid-configuration",
    "/.well-known/jwks.json",
    "/authorize",
    "/token",
)


@dataclass(frozen=True)
class SigningKey:
    """A private key with its name and the one algorithm that it is used by."""

    kid: str
    algorithm: str
    private: Any

    @property
    def public(self) -> dict[str, Any]:
        """Return the public half as a JSON Web Key."""
        known = get_default_algorithms()[self.algorithm].to_jwk(self.private.public_key(), as_dict=True)
        return {**known, "kid": self.kid, "alg": self.algorithm, "use": "sig"}


@cache
def signing_key(kid: str, algorithm: str = "ES256") -> SigningKey:
    """Make a key, once in a run for each name: those for RSA take a while."""
    made: Any
    if algorithm == "ES256":
        made = ec.generate_private_key(ec.SECP256R1())
    elif algorithm == "EdDSA":
        made = Ed25519PrivateKey.generate()
    else:
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return SigningKey(kid, algorithm, made)


@dataclass
class Person:
    """Whoever the issuer says is sitting there."""

    subject: str = "mira-there"
    email: str | None = "mira@example.org"
    verified: bool = True
    name: str = "Mira"

    @property
    def claims(self) -> dict[str, Any]:
        """Return what an id token says of them."""
        address = {} if self.email is None else {"email": self.email, "email_verified": self.verified}
        return {"sub": self.subject, "name": self.name, **address}


@dataclass
class Reply:
    """What is answered in place of the right thing, after a while if need be."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class Issuer:
    """Its behaviour can be changed at any time: keys, person, claims (None leaves one out), whole replies by path."""

    clock: Clock
    address: str = ""
    keys: list[SigningKey] = field(default_factory=lambda: [signing_key("first")])
    person: Person = field(default_factory=Person)
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, Reply] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self, kid: str, algorithm: str = "ES256", *, overlap: bool = True) -> None:
        """Sign with another key from now on, and publish the one before too, or no longer."""
        self.keys = [signing_key(kid, algorithm), *(self.keys if overlap else [])]

    def sign(self, claims: dict[str, Any], key: SigningKey | None = None, **headers: Any) -> str:
        """Return a signed token."""
        used = key or self.keys[0]
        return jwt.encode(claims, used.private, used.algorithm, {"kid": used.kid, **headers})

    def session_token(self, subject: str, **changed: Any) -> str:
        """Return a session token in the form of Clerk's; None leaves a claim out."""
        now = int(self.clock.now().timestamp())
        claims = {
            "azp": "https://app.example.org", "exp": now + 60, "iat": now, "iss": self.address, "nbf": now - 10,
            "sid": f"sess_{subject}", "sts": "active", "sub": subject, "v": 2,
        }  # fmt: skip
        return self.sign(_without_none({**claims, **self.claims, **changed}))

    def answer(self, method: str, target: str, headers: Any, body: str) -> Reply:
        """Answer a request."""
        parts = urlsplit(target)
        self.asked[parts.path] += 1
        if parts.path in self.instead:
            return self.instead[parts.path]
        sent = dict(parse_qsl(body if method == "POST" else parts.query))
        if parts.path == DISCOVERY:
            return Reply(body=self._discovery())
        if parts.path == KEYS:
            return Reply(body={"keys": [key.public for key in self.keys]})
        if parts.path == AUTHORIZE:
            return self._authorize(sent)
        if parts.path == TOKEN:
            return self._token(sent, headers)
        return Reply(404, {})

    def _discovery(self) -> dict[str, Any]:
        found = {
            "issuer": self.address, "jwks_uri": self.address + KEYS, "token_endpoint": self.address + TOKEN,
            "authorization_endpoint": self.address + AUTHORIZE, "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip
        return _without_none({**found, **self.document})

    def _authorize(self, sent: dict[str, str]) -> Reply:
        assert (sent["client_id"], sent["response_type"], sent["code_challenge_method"]) == (CLIENT, "code", "S256")
        code = f"code-{len(self.codes)}-{sent['state'][:8]}"
        self.codes[code] = sent
        back = {"code": code, "state": sent["state"], "iss": self.address}
        return Reply(302, headers={"Location": f"{sent['redirect_uri']}?{urlencode(back)}"})

    def _token(self, sent: dict[str, str], headers: Any) -> Reply:
        begun = self.codes.pop(sent.get("code", ""), None)
        if begun is None or sent.get("grant_type") != "authorization_code":
            return Reply(400, {"error": "invalid_grant"})
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == begun["code_challenge"]
        basic = base64.b64encode(f"{CLIENT}:{CLIENT_SECRET.replace(' ', '+')}".encode()).decode()
        if not proven or sent.get("redirect_uri") != begun["redirect_uri"]:
            return Reply(400, {"error": "invalid_grant"})
        if headers["Authorization"] != f"Basic {basic}" and sent.get("client_secret") != CLIENT_SECRET:
            return Reply(401, {"error": "invalid_client"})
        now = int(self.clock.now().timestamp())
        named = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"]}
        said = self.sign(_without_none({**named, **self.person.claims, **self.claims}))
        return Reply(body={"access_token": "unused", "token_type": "Bearer", "id_token": said})


@contextmanager
def issuing(clock: Clock, **chosen: Any) -> Iterator[Issuer]:
    """Run an issuer for as long as the block lasts."""
    issuer = Issuer(clock, **chosen)

    class Handler(_Handler):
        server_of = issuer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_of: Issuer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        reply = self.server_of.answer(self.command, self.path, self.headers, body)
        time.sleep(reply.delay)
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        try:
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        except ConnectionError:
            return  # whoever asked waited no longer

    def log_message(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


def _without_none(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}
