"""Where people may be sent back to: nowhere that an attacker could choose, and nothing that a browser would run."""

import pytest

from reality_engine.openid.redirects import assured, fits, form_target, problem_with, shown_place

HOME = "https://app.example.org/callback"


@pytest.mark.parametrize(
    "address",
    [
        HOME,
        "https://app.example.org:8443/a/b?c=d&e=%20",
        "http://localhost:3000/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:8080/callback",
        "org.example.app:/callback",
        "org.example.app://callback",
    ],
)
def test_addresses_of_applications_can_be_registered(address: str) -> None:
    assert problem_with(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/callback",
        "//app.example.org/callback",
        "app.example.org",
        "http://app.example.org/callback",
        "http://localhost.evil.example/callback",
        "https://app.example.org/callback#part",
        "https://*.example.org/callback",
        "https://user@app.example.org/callback",
        "https://app.example.org@evil.example/",
        "https://App.example.org/callback",
        "https://app.example.org\\@evil.example/",
        "https://app.example.org/a b",
        "https://app.example.org/\r\nSet-Cookie: a=b",
        "https://app.example.org/%zz",
        "https://äpp.example.org/",
        "https://app.example.org:99999/",
        "https:///callback",
        "https://[::1/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "ftp://app.example.org/",
        "vbscript:x",
        f"https://app.example.org/{'a' * 1_000}",
    ],
)
def test_what_is_no_place_of_an_application_cannot(address: str) -> None:
    assert problem_with(address) is not None


@pytest.mark.parametrize(
    "sent",
    [
        f"{HOME}/", f"{HOME}?a=b", f"{HOME}x", HOME.upper(), HOME.replace("https", "http"), "https://app.example.org",
        "https://app.example.org:443/callback", "https://app.example.org/%63allback", "",
    ],
)  # fmt: skip
def test_an_address_fits_to_the_character(sent: str) -> None:
    assert fits(HOME, HOME, public=True)
    assert not fits(sent, HOME, public=True)


def test_a_program_on_ones_own_machine_may_choose_the_port_alone() -> None:
    registered = "http://127.0.0.1/callback"
    assert fits("http://127.0.0.1:49152/callback", registered, public=True)
    assert not fits("http://127.0.0.1:49152/callback", registered, public=False)
    assert not fits("http://127.0.0.1:49152/other", registered, public=True)
    assert not fits("http://127.0.0.1:1@evil.example/callback", registered, public=True)
    assert not fits("http://localhost:49152/callback", "http://localhost/callback", public=True)
    assert fits("http://[::1]:49152/callback", "http://[::1]:1/callback", public=True)


def test_only_an_address_on_the_web_assures_who_a_public_application_is() -> None:
    assert assured(HOME, public=True)
    assert assured("http://localhost/callback", public=False)
    assert not assured("http://127.0.0.1/callback", public=True)
    assert not assured("org.example.app:/callback", public=True)


def test_a_form_may_lead_to_the_origin_or_the_scheme() -> None:
    assert form_target(HOME) == "https://app.example.org"
    assert form_target("http://127.0.0.1:1/x") == "http://127.0.0.1:1"
    assert form_target("org.example.app:/callback") == "org.example.app:"
    assert shown_place(HOME) == "app.example.org"
    assert shown_place("org.example.app:/callback") == "org.example.app:"
