"""What an application asks for when it sends somebody here to log in, read strictly; not who is logged in.

After RFC 6749 (4.1.1), OpenID Connect Core (3.1.2.1) and RFC 9700: a code is the only answer, and PKCE by S256 is asked
of everybody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from reality_engine.kernel.errors import InvalidError
from reality_engine.openid.client import Client
from reality_engine.openid.errors import BadRedirectError, RefusedRequestError, UnknownClientError
from reality_engine.openid.scopes import Scope, scopes_in

MAX_QUERY: Final = 6_000
MAX_STATE: Final = 2_000
MAX_NONCE: Final = 500
_MAX_FIELDS: Final = 50
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_SECONDS: Final = re.compile(r"[0-9]{1,9}\Z")
_PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})


@dataclass(frozen=True, slots=True)
class Addressed:
    """A request of which it is known who asks, and where the answer goes."""

    client: Client
    redirect: str
    parameters: Mapping[str, str]
    repeated: frozenset[str]

    @property
    def state(self) -> str | None:
        """What the application wants back as it is."""
        state = self.parameters.get("state")
        return state if state is not None and len(state) <= MAX_STATE else None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A whole request; `max_age` is in seconds."""

    client: Client
    redirect: str
    state: str | None
    scopes: tuple[Scope, ...]
    nonce: str | None
    challenge: str
    prompts: frozenset[str]
    max_age: int | None
    login_hint: str


def parameters_of(query: str) -> tuple[dict[str, str], frozenset[str]]:
    """Return the parameters that have a value, and the names of those that are there twice; raises InvalidError."""
    if len(query) > MAX_QUERY:
        raise InvalidError(f"the request is longer than {MAX_QUERY} characters")
    try:
        pairs = parse_qsl(query, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidError("the request cannot be read") from error
    names = [name for name, _ in pairs]
    return dict(pairs), frozenset(name for name in names if names.count(name) > 1)


def addressed(client: Client | None, parameters: Mapping[str, str], repeated: frozenset[str]) -> Addressed:
    """Return whom the answer goes to; raises UnknownClientError and BadRedirectError, and then nobody is sent on."""
    if client is None or "client_id" in repeated:
        message = "the application that sent you here is not known to this server"
        raise UnknownClientError(message, field="client_id", hint="tell whoever runs the application")
    redirect = parameters.get("redirect_uri", "")
    if "redirect_uri" in repeated or not client.allows(redirect):
        message = f"{client.name} asks to send you to an address that is not registered for it"
        raise BadRedirectError(message, field="redirect_uri", hint="tell whoever runs the application")
    return Addressed(client, redirect, parameters, repeated)


def whole(asked: Addressed) -> AuthorizationRequest:
    """Return the request; raises RefusedRequestError, for the application to be told."""
    given = asked.parameters
    if asked.repeated:
        raise RefusedRequestError("invalid_request", f"{min(asked.repeated)} is there more than once")
    _require_known_form(given)
    if len(given.get("state", "")) > MAX_STATE or len(given.get("nonce", "")) > MAX_NONCE:
        raise RefusedRequestError("invalid_request", "state or nonce is too long")
    challenge = given.get("code_challenge", "")
    if given.get("code_challenge_method") != "S256" or not _CHALLENGE.match(challenge):
        message = "PKCE is needed: a code_challenge of 43 characters with code_challenge_method=S256"
        raise RefusedRequestError("invalid_request", message)
    return AuthorizationRequest(
        asked.client, asked.redirect, asked.state, _scopes(asked), given.get("nonce"), challenge,
        _prompts(given), _max_age(given), given.get("login_hint", "")[:254],
    )  # fmt: skip


def _require_known_form(given: Mapping[str, str]) -> None:
    if given.get("response_type") is None:
        raise RefusedRequestError("invalid_request", "response_type is missing")
    if given["response_type"] != "code":
        raise RefusedRequestError("unsupported_response_type", "only response_type=code is known here")
    if given.get("response_mode", "query") != "query":
        raise RefusedRequestError("invalid_request", "only response_mode=query is known here")
    for name in ("request", "request_uri", "registration"):
        if name in given:
            raise RefusedRequestError(f"{name}_not_supported", f"{name} is not known here")


def _scopes(asked: Addressed) -> tuple[Scope, ...]:
    scopes = scopes_in(asked.parameters.get("scope", "").split())
    if not scopes:
        raise RefusedRequestError("invalid_scope", "scope names nothing that is known here; begin with openid")
    beyond = [scope.value for scope in scopes if scope not in asked.client.scopes]
    if beyond:
        raise RefusedRequestError("invalid_scope", f"this application may not ask for: {' '.join(beyond)}")
    if Scope.OFFLINE_ACCESS in scopes and Scope.WORLDS not in scopes:
        # There is nothing to go on with: who somebody is was told when they logged in.
        return tuple(scope for scope in scopes if scope is not Scope.OFFLINE_ACCESS)
    return scopes


def _prompts(given: Mapping[str, str]) -> frozenset[str]:
    prompts = frozenset(given.get("prompt", "").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise RefusedRequestError("invalid_request", "prompt is none alone, or of: login, consent, select_account")
    return prompts


def _max_age(given: Mapping[str, str]) -> int | None:
    text = given.get("max_age")
    if text is None:
        return None
    if not _SECONDS.match(text):
        raise RefusedRequestError("invalid_request", "max_age is a number of seconds")
    return int(text)
