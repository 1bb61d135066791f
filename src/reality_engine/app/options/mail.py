"""Where letters to people go, and in whose name; not when any is written."""

from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from reality_engine.app.options.base import Options
from reality_engine.kernel.errors import InvalidError
from reality_engine.mail.places import Console, MailServer, Place, place_of

_NOBODY: Final = "Reality Engine <reality@localhost>"


class MailOptions(Options):
    """One address to send by, one to send from."""

    mail_url: SecretStr | None = Field(
        None,
        description="console: | folder:/path | smtp://user:password@host | smtps://user:password@host; by default "
        "console: in development, and no mail in production",
    )
    mail_from: str | None = Field(
        None,
        validate_default=True,
        description="Who letters are from, like Worlds <worlds@example.org>; required where they go by SMTP",
    )
    verify_email: Literal["required", "optional"] | None = Field(
        None,
        description="Whether an account begins with a letter to its address; by default where mail goes by SMTP",
    )

    @field_validator("mail_url")
    @classmethod
    def _somewhere(cls, given: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if given is None:
            return None
        try:
            place = place_of(given.get_secret_value())
        except InvalidError as error:
            raise ValueError(f"{error.message}; {error.hint}") from error
        if isinstance(place, Console) and info.data.get("environment") == "production":
            raise ValueError("console: would write the links of letters into the server's log; use it in development")
        return given

    @field_validator("mail_from")
    @classmethod
    def _somebody(cls, given: str | None, info: ValidationInfo) -> str | None:
        if given is not None:
            _sender(given)
        elif _goes_by_smtp(info.data.get("mail_url")):
            raise ValueError("say who letters are from, like Worlds <worlds@example.org>")
        return given

    @field_validator("verify_email")
    @classmethod
    def _possible(cls, given: str | None, info: ValidationInfo) -> str | None:
        nowhere = info.data.get("mail_url") is None and info.data.get("environment") == "production"
        if given == "required" and nowhere:
            raise ValueError("no address can be verified where no mail is sent; set REALITY_MAIL_URL")
        return given

    @property
    def mail_place(self) -> Place | None:
        """Where letters go; None for nowhere."""
        if self.mail_url is not None:
            return place_of(self.mail_url.get_secret_value())
        return None if self.production else Console()

    @property
    def mail_sender(self) -> Address:
        """Who letters are from."""
        return _sender(self.mail_from or _NOBODY)

    @property
    def verifies_email(self) -> bool:
        """Whether nobody has an account before they have shown that its address is theirs."""
        chosen = self.verify_email
        return isinstance(self.mail_place, MailServer) if chosen is None else chosen == "required"


def _goes_by_smtp(address: SecretStr | None) -> bool:
    return address is not None and address.get_secret_value().startswith("smtp")


def _sender(text: str) -> Address:
    name, address = parseaddr(text)
    try:
        found = Address(name, addr_spec=address)
    except (MessageError, ValueError, IndexError) as error:
        raise ValueError("this is no sender; write one like Worlds <worlds@example.org>") from error
    if not found.username or not found.domain or not text.isprintable():
        raise ValueError("this is no sender; write one like Worlds <worlds@example.org>")
    return found
