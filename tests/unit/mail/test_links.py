import pytest

from reality_engine.mail.links import LENGTH, Links

LINKS = Links(b"s" * 32, "https://worlds.example.org")
KEY = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"


def test_a_token_leads_back_to_what_it_is_for() -> None:
    token = LINKS.token("verify", KEY)
    assert len(token) == LENGTH
    assert LINKS.key("verify", token) == KEY
    assert LINKS.to("/verify", "verify", KEY) == f"https://worlds.example.org/verify?token={token}"


@pytest.mark.parametrize("token", ["", "x", "é" * LENGTH, "!" * LENGTH, "A" * LENGTH, "A" * 100_000, "\ud800" * LENGTH])
def test_what_was_not_made_here_leads_nowhere(token: str) -> None:
    assert LINKS.key("verify", token) is None


def test_a_token_is_for_one_use_of_one_server() -> None:
    token = LINKS.token("verify", KEY)
    assert LINKS.key("reset", token) is None
    assert Links(b"t" * 32, LINKS.address).key("verify", token) is None


def test_a_token_that_was_altered_anywhere_leads_nowhere() -> None:
    token = LINKS.token("verify", KEY)
    for place, letter in enumerate(token):
        other = "B" if letter == "A" else "A"
        assert LINKS.key("verify", token[:place] + other + token[place + 1 :]) is None
