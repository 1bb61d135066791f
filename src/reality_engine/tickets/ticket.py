"""A ticket as the rest of the product knows one; its id, sealed by `mail.links`, is what somebody holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from reality_engine.kernel.json import Plain


class Use(StrEnum):
    """What a ticket is good for; also what seals its link, so that none serves for another."""

    REGISTER = "register"
    # Somebody asked to register an address that has an account: kept to know how often that happens, good for nothing.
    TAKEN = "taken"
    VERIFY = "verify"
    CHANGE_ADDRESS = "change_address"
    RECOVER = "recover"
    INVITE = "invite"
    WORLD_INVITE = "world_invite"


@dataclass(frozen=True, slots=True)
class Ticket:
    """`subject` is the user or invite that it is about, or whom it is from, `email` the address that it was sent to."""

    id: str
    use: Use
    created_at: datetime
    expires_at: datetime
    subject: str | None = None
    email: str | None = None
    content: Mapping[str, Plain] = field(default_factory=dict)
    left: int = 1
