import base64
from typing import Any

import pytest
from pydantic import ValidationError

from reality_engine.app.bootstrap import identity_settings
from reality_engine.app.settings import Settings

SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
CLERK = {"auth": "clerk", "clerk_issuer": "https://clerk.example.org/"}
OIDC = {
    "auth": "local,oidc", "oidc_issuer": "https://id.example.org/", "oidc_client_id": "worlds",
    "oidc_client_secret": "between the two", "return_addresses": "https://app.example.org/in, http://localhost:3000/in",
}  # fmt: skip


def settings(**chosen: Any) -> Settings:
    return Settings(_env_file=None, **chosen)


def test_without_a_choice_people_come_in_by_passwords_alone() -> None:
    known = identity_settings(settings())
    assert (known.clerk, known.oidc, known.make_accounts) == (None, None, True)


def test_what_is_not_among_the_ways_in_is_left_out() -> None:
    assert identity_settings(settings(**{**CLERK, **OIDC, "auth": "local"})).clerk is None
    known = identity_settings(settings(**OIDC))
    assert known.oidc is not None
    assert known.oidc.issuer == "https://id.example.org/", "compared as it is written"
    assert known.return_addresses == ("https://app.example.org/in", "http://localhost:3000/in")
    clerk = identity_settings(
        settings(**CLERK, clerk_webhook_secret=SECRET, clerk_authorized_parties="https://a.b")
    ).clerk
    assert clerk is not None
    assert (clerk.issuer, clerk.parties) == ("https://clerk.example.org", frozenset({"https://a.b"}))


@pytest.mark.parametrize(
    ("chosen", "made"),
    [
        ({}, True), ({"registration": "closed"}, False), ({"registration": "invite"}, False),
        ({"registration": "closed", "first_seen": "create"}, True), ({"first_seen": "refuse"}, False),
    ],
)  # fmt: skip
def test_who_is_new_gets_an_account_as_registration_says_or_as_chosen(chosen: dict[str, Any], *, made: bool) -> None:
    assert identity_settings(settings(**chosen)).make_accounts is made


@pytest.mark.parametrize(
    "chosen",
    [
        {"auth": ""}, {"auth": "saml"}, {"auth": "clerk"}, {"auth": "oidc"}, {**OIDC, "return_addresses": ""},
        {**OIDC, "oidc_issuer": "http://id.example.org"}, {**OIDC, "oidc_issuer": "id.example.org"},
        {**OIDC, "oidc_issuer": "https://id.example.org?x=1"}, {**OIDC, "oidc_scopes": "email"},
        {**OIDC, "return_addresses": "https://app.example.org/#in"}, {**OIDC, "return_addresses": "ftp://a.b/c"},
        {**OIDC, "return_addresses": "http://app.example.org/in"}, {**OIDC, "return_addresses": "/in"},
        {**CLERK, "clerk_issuer": "http://clerk.example.org"}, {**CLERK, "clerk_webhook_secret": "whsec_short"},
        {**CLERK, "clerk_webhook_secret": "whsec_" + "é" * 30},
    ],
)  # fmt: skip
def test_what_would_let_nobody_or_anybody_in_is_told_at_the_start(chosen: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**chosen)


def test_a_provider_on_this_machine_is_for_development() -> None:
    nearby = {**OIDC, "oidc_issuer": "http://127.0.0.1:8080", "return_addresses": "https://app.example.org/in"}
    assert identity_settings(settings(**nearby)).oidc is not None
    production = {"environment": "production", "secret_key": "".join(map(chr, range(40, 90)))}
    with pytest.raises(ValidationError, match="https alone"):
        settings(**production, **nearby)


def test_secrets_are_not_shown() -> None:
    shown = repr(settings(**{**OIDC, "auth": "local,oidc"}, clerk_webhook_secret=SECRET))
    shown += repr(identity_settings(settings(**OIDC)))
    assert "between the two" not in shown
    assert SECRET not in shown
