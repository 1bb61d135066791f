"""What an application may ask for: all of it is checked, and told where it can be told."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from reality_engine.kernel.errors import InvalidError
from reality_engine.openid.client import Client
from reality_engine.openid.errors import BadRedirectError, RefusedRequestError, UnknownClientError
from reality_engine.openid.requests import AuthorizationRequest, addressed, parameters_of, whole
from reality_engine.openid.scopes import USUAL, Scope

HOME = "https://app.example.org/callback"
CLIENT = Client("c", "App", (HOME,), (), (*USUAL, Scope.WORLDS), False, b"", datetime(2026, 1, 1, tzinfo=UTC))
ASKED = {
    "client_id": "c", "redirect_uri": HOME, "response_type": "code", "scope": "openid email", "state": "s",
    "nonce": "n", "code_challenge": "a" * 43, "code_challenge_method": "S256",
}  # fmt: skip


def read(query: str) -> AuthorizationRequest:
    return whole(addressed(CLIENT, *parameters_of(query)))


def test_a_request_is_read() -> None:
    found = read(urlencode({**ASKED, "prompt": "login consent", "max_age": "60", "ui_locales": "de", "display": ""}))
    assert found.scopes == (Scope.OPENID, Scope.EMAIL)
    assert (found.state, found.nonce, found.max_age) == ("s", "n", 60)
    assert found.prompts == {"login", "consent"}


def test_unknown_scopes_are_ignored_and_those_beyond_the_application_refused() -> None:
    assert read(urlencode({**ASKED, "scope": "openid phone"})).scopes == (Scope.OPENID,)
    # There is nothing to stay logged in for.
    assert read(urlencode({**ASKED, "scope": "openid"})).scopes == (Scope.OPENID,)
    for scope in ("phone", "", "openid worlds offline_access"):
        with pytest.raises(RefusedRequestError) as caught:
            read(urlencode({**ASKED, "scope": scope}))
        assert caught.value.error == "invalid_scope"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "https://evil.example"}, "request_uri_not_supported"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "a" * 42}, "invalid_request"),
        ({"code_challenge": "a" * 43 + "\n"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "9" * 10}, "invalid_request"),
        ({"state": "s" * 2_001}, "invalid_request"),
        ({"nonce": "n" * 501}, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told_to_the_application(change: dict[str, str], error: str) -> None:
    with pytest.raises(RefusedRequestError) as caught:
        read(urlencode({**ASKED, **change}))
    assert caught.value.error == error


def test_what_is_there_twice_is_refused() -> None:
    with pytest.raises(RefusedRequestError, match="more than once"):
        read(f"{urlencode(ASKED)}&state=t")


def test_nobody_is_sent_to_an_address_that_is_not_certain() -> None:
    for query in (f"{urlencode(ASKED)}&redirect_uri={HOME}", urlencode({**ASKED, "redirect_uri": f"{HOME}/"}), "a=b"):
        with pytest.raises(BadRedirectError):
            read(query)
    with pytest.raises(UnknownClientError):
        read(f"{urlencode(ASKED)}&client_id=c")
    with pytest.raises(UnknownClientError):
        addressed(None, ASKED, frozenset())


@pytest.mark.parametrize("query", ["a=%ff", "a=" + "b" * 6_000, "&".join(f"a{n}=1" for n in range(51))])
def test_what_cannot_be_read_is_refused(query: str) -> None:
    with pytest.raises(InvalidError):
        parameters_of(query)
