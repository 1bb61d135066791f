"""Bodies about accounts as those see them who manage all of them, and about the audit."""

from typing import Any

from pydantic import Field

from reality_engine.accounts.administering import Account
from reality_engine.accounts.user import ServerRole
from reality_engine.audit.entry import Entry
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.web.bodies import RequestBody, ResponseBody, Timestamp


class RoleRequest(RequestBody):
    """What somebody is to be on this server."""

    role: ServerRole = Field(examples=[ServerRole.ADMIN])


class BanRequest(RequestBody):
    """Why somebody is banned."""

    reason: str = Field("", max_length=1_000, description="For those who manage accounts; erased with the account")


class BanResponse(ResponseBody):
    """A ban."""

    at: Timestamp
    reason: str


class AccountResponse(ResponseBody):
    """An account."""

    id: str
    email: str
    name: str
    role: ServerRole
    created_at: Timestamp
    ban: BanResponse | None = Field(description="Since when they are banned, and why; null for who is not")

    @classmethod
    def of(cls, account: Account) -> "AccountResponse":
        """Show an account."""
        user, ban = account.user, account.ban
        return cls(
            id=user.id, email=user.email, name=user.name, role=user.role, created_at=user.created_at,
            ban=None if ban is None else BanResponse(at=ban.at, reason=ban.reason),
        )  # fmt: skip


class AuditResponse(ResponseBody):
    """One change of rights."""

    id: str
    at: Timestamp
    by_kind: PrincipalKind = Field(description="`server` is whoever runs it, by a command")
    by: str | None = Field(description="The user or bot; null where it was neither")
    credential: str | None = Field(description="The session or key that was used")
    what: str = Field(examples=["account.banned"])
    subject: str = Field(description="Whom or what it was done to")
    details: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry) -> "AuditResponse":
        """Show an entry."""
        return cls(
            id=entry.id, at=entry.at, by_kind=entry.by_kind, by=entry.by_id or None, credential=entry.credential,
            what=entry.what, subject=entry.subject, details=dict(entry.details),
        )  # fmt: skip
