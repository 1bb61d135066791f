from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from jinja2 import TemplateError

from reality_engine.mail.composing import FOLDER, Composer, templates
from reality_engine.mail.letter import Letter
from reality_engine.mail.links import Links

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
LINKS = Links(b"s" * 32, "https://worlds.example.org")
COMPOSER = Composer(Address("Worlds", addr_spec="worlds@example.org"), LINKS)
KEY = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"


def letter(template: str, to: str = "mira@example.org", **content: str) -> Letter:
    return Letter(KEY, to, template, content, NOW, NOW + timedelta(days=1))


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return str(text.get_content()), str(html.get_content())


def test_a_letter_has_what_mail_systems_want() -> None:
    message = COMPOSER.compose(letter("trial"))
    assert message["From"] == "Worlds <worlds@example.org>"
    assert message["To"] == "mira@example.org"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == f"<{KEY}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == "Letters from https://worlds.example.org arrive"
    text, html = parts(message)
    assert "to see whether letters arrive" in text
    assert "<p>" not in text
    assert "to see whether letters arrive" in html


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("mira@bücher.example.org", "mira@xn--bcher-kva.example.org"),
        ("müra@example.org", "müra@example.org"),
        ("o'mira+tag@example.org", "o'mira+tag@example.org"),
    ],
)
def test_addresses_of_all_kinds_are_written_to(to: str, written: str) -> None:
    message = COMPOSER.compose(letter("trial", to))
    assert message["To"].addresses[0].addr_spec == written
    assert b"To: " + written.encode() in message.as_bytes()


def test_a_letter_without_what_fills_it_is_not_written() -> None:
    with pytest.raises(TemplateError):
        COMPOSER.compose(letter("no_such_template"))


def test_a_link_stands_whole_in_what_is_sent() -> None:
    raw = COMPOSER.compose(letter("recover", ticket=KEY)).as_bytes()
    assert raw.count(LINKS.to("/account/recover", "recover", KEY).encode()) == 3
    assert b"=3D" not in raw


def test_each_template_has_both_forms() -> None:
    assert "trial" in templates()
    assert {path.stem for path in FOLDER.glob("*.html")} - {"base", "parts"} == templates()
