"""What each server role may do on this server, in one place; what a role in a world may do, that world's pack says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reality_engine.accounts.user import ServerRole
from reality_engine.kernel.errors import DeniedError
from reality_engine.kernel.principal import Principal, PrincipalKind


class Right(StrEnum):
    """Something on this server, outside of worlds, that not everybody may do."""

    CREATE_WORLDS = "worlds.create"
    IMPORT_WORLDS = "worlds.import"
    UPLOAD_PACKS = "packs.upload"
    READ_PACK_SOURCES = "packs.sources"
    MANAGE_USERS = "users.manage"
    MANAGE_INVITES = "invites.manage"
    MANAGE_CLIENTS = "clients.manage"
    READ_AUDIT = "audit.read"


_DEEDS: Final[Mapping[Right, str]] = {
    Right.CREATE_WORLDS: "create worlds",
    Right.IMPORT_WORLDS: "import worlds",
    Right.UPLOAD_PACKS: "upload packs",
    Right.READ_PACK_SOURCES: "read the sources of others' packs",
    Right.MANAGE_USERS: "look at the accounts of others, change or erase them",
    Right.MANAGE_INVITES: "invite people to this server",
    Right.MANAGE_CLIENTS: "say which applications may log people in",
    Right.READ_AUDIT: "read the audit",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """Says who has which right. A right that is not among `users` takes an administrator.

    Server rights are for people: a bot acts in worlds, as a member with roles there, and has none of its owner's. An
    application that acts for somebody has none of theirs.
    """

    users: frozenset[Right] = frozenset({Right.CREATE_WORLDS, Right.UPLOAD_PACKS})

    def needs(self, right: Right) -> ServerRole:
        """Return the least role that has a right."""
        return ServerRole.USER if right in self.users else ServerRole.ADMIN

    def has(self, principal: Principal, right: Right) -> bool:
        """Say whether somebody has a right."""
        person = principal.kind is PrincipalKind.PERSON and principal.grant is None
        return person and (principal.admin or self.needs(right) is ServerRole.USER)

    def require(self, principal: Principal, right: Right) -> None:
        """Raise DeniedError for who does not have a right."""
        if not self.has(principal, right):
            who = "people, and no bots," if self.needs(right) is ServerRole.USER else "administrators of this server"
            raise DeniedError(f"only {who} {_DEEDS[right]}", hint="ask an administrator of this server")


# What an operator who chooses nothing has.
NOTHING_CHOSEN: Final = Rights()
