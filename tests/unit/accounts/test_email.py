import pytest

from reality_engine.accounts.email import normal_email


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("Mira@Example.ORG", "mira@example.org"),
        ("  mira@example.org ", "mira@example.org"),
        ("admin@localhost", "admin@localhost"),
        ("gm@harbor.local", "gm@harbor.local"),
        ("jo\u0065\u0301@example.org", "jo\u00e9@example.org"),
        ("a@B\u00dcCHER.example", "a@b\u00fccher.example"),
    ],
)
def test_an_address_has_one_form(given: str, normal: str) -> None:
    assert normal_email(given) == normal
    assert normal_email(normal) == normal


@pytest.mark.parametrize(
    "text", ["", "mira", "@example.org", "mira@", "a b@example.org", "a@b@c", "a\x00@b.c", "x" * 300]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        normal_email(text)
