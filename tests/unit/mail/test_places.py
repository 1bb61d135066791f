from pathlib import Path

import pytest

from reality_engine.kernel.errors import InvalidError
from reality_engine.mail.places import Console, Folder, MailServer, place_of


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("console:", Console()),
        ("folder:/var/letters", Folder(Path("/var/letters"))),
        ("folder:var/letters", Folder(Path("var/letters"))),
        ("smtps://u:p%40ss@mail.example.org", MailServer("mail.example.org", 465, "tls", "u", "p@ss")),
        ("smtp://u:p@mail.example.org", MailServer("mail.example.org", 587, "starttls", "u", "p")),
        ("smtp://mail.example.org:25", MailServer("mail.example.org", 25, "starttls")),
        ("smtp://postbox:1025?tls=none", MailServer("postbox", 1025, "none")),
        ("smtp://localhost:1025", MailServer("localhost", 1025, "none")),
        ("smtp://u:p@127.0.0.1:1025", MailServer("127.0.0.1", 1025, "none", "u", "p")),
        ("smtp://[::1]:1025", MailServer("::1", 1025, "none")),
    ],
)
def test_an_address_says_where_letters_go(address: str, place: object) -> None:
    assert place_of(address) == place


@pytest.mark.parametrize(
    "address",
    [
        "",
        "console",
        "console://x",
        "folder:",
        "folder://host/path",
        "mailto:a@b",
        "smtp://",
        "smtp://host:port",
        "smtp://host:99999",
        "smtp://host/path",
        "smtp://host?tls=maybe",
        "smtp://host?tls=none&tls=none",
        "smtp://host?x=1",
        "smtps://host?tls=none",
        "smtp://secret@host",
        "smtp://u:secret@host?tls=none",
        "http://u:secret@host",
    ],
)
def test_other_addresses_are_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(InvalidError) as refused:
        place_of(address)
    assert "secret" not in refused.value.message + str(refused.value.hint)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(place_of("smtps://u:secret@host"))
