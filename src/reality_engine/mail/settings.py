"""What an operator may choose about mail; built from the environment by `app.settings`, not read here."""

from dataclasses import dataclass
from email.headerregistry import Address

from reality_engine.mail.places import Place


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where letters go, None for nowhere, and in whose name."""

    place: Place | None
    sender: Address
