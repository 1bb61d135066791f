"""A user as the rest of the product knows one; not the row, and not the password."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reality_engine.kernel.grant import Grant
from reality_engine.kernel.principal import Principal, PrincipalKind


class ServerRole(StrEnum):
    """What a user is on this server; what they are in a world is that world's matter."""

    ADMIN = "admin"
    USER = "user"


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account; `email` is "" where they have none, as who came by an identity provider may."""

    id: str
    email: str
    name: str
    role: ServerRole
    created_at: datetime
    # Whether they have shown that the address is theirs.
    verified: bool = False
    # Whether an application acts for them, by a session that it was lent.
    lent: bool = False

    def principal(self, session: str | None = None) -> Principal:
        """Return the actor that this user is when using a session; who acts for them has no powers on the server."""
        admin, grant = self.role is ServerRole.ADMIN and not self.lent, Grant() if self.lent else None
        return Principal(PrincipalKind.PERSON, self.id, self.name, session, admin, grant)
