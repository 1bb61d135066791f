"""Makes messages out of letters, by the templates in `templates`; not who gets which, and not their delivery."""

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path
from typing import Final

from email_validator import EmailNotValidError, validate_email
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from reality_engine.mail.letter import Letter
from reality_engine.mail.links import Links

# Of a message as it travels (RFC 5322, section 2.1.1).
_LONGEST_LINE: Final = 998
FOLDER: Final = Path(__file__).with_name("templates")
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Composer:
    """Fills templates: text whose first line is the subject, and the same in HTML.

    A template has what the letter is filled with, `server` (the address of this one) and `link(path, use, id)`.
    """

    def __init__(self, sender: Address, links: Links) -> None:
        """Write in the name of this sender."""
        self._sender = sender
        self._links = links

    def compose(self, letter: Letter) -> EmailMessage:
        """Return the message; raises jinja2.TemplateError where the template lacks something."""
        subject, _, text = self._filled(f"{letter.template}.txt", letter.content).partition("\n")
        message = EmailMessage(SMTP if letter.to.isascii() else SMTPUTF8)
        message["Subject"] = " ".join(subject.split())
        message["From"] = self._sender
        message["To"] = _wire_form(letter.to)
        message["Date"] = letter.created_at
        # The same at each attempt, so that one which arrives twice can be told to be one.
        message["Message-ID"] = f"<{letter.id}@{self._sender.domain}>"
        # No answers by machines to what a machine wrote (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        text = text.strip() + "\n"
        message.set_content(text, cte=_encoding(text))
        html = self._filled(f"{letter.template}.html", letter.content)
        message.add_alternative(html, subtype="html", cte=_encoding(html))
        return message

    def _filled(self, template: str, content: Mapping[str, object]) -> str:
        links = self._links
        return _TEMPLATES.get_template(template).render(**content, server=links.address, link=links.to)


def templates() -> set[str]:
    """Return the names of all templates."""
    return {path.stem for path in FOLDER.iterdir() if path.suffix == ".txt"}


def _encoding(text: str) -> str | None:
    """Return none for what may go as it is, so that a link in a file can be opened from there; else the usual one."""
    plain = text.isascii() and all(len(line) <= _LONGEST_LINE for line in text.splitlines())
    return "7bit" if plain else None


def _wire_form(address: str) -> str:
    """Return the address with its domain as the mail system has it, where that is written in other letters."""
    if address.isascii():
        return address
    try:
        return validate_email(address, check_deliverability=False, globally_deliverable=False).ascii_email or address
    except EmailNotValidError:
        return address
