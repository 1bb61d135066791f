"""Who acts or looks: a person, a bot, the world or the server itself, or nobody in particular; not what they may do."""

from dataclasses import dataclass
from enum import StrEnum

from reality_engine.kernel.grant import Grant


class PrincipalKind(StrEnum):
    """What sort of actor a principal is; the values are stored in events."""

    PERSON = "person"
    BOT = "bot"
    WORLD = "world"
    SERVER = "server"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """An identified actor. `id` is a user id, or "" for the anonymous, the world and the server themselves.

    `credential` says which session or key was used, and `name` is for narratives. `grant` is what that is good
    for, None for all that they may do.
    """

    kind: PrincipalKind
    id: str
    name: str = ""
    credential: str | None = None
    admin: bool = False
    grant: Grant | None = None

    @property
    def known(self) -> bool:
        """Whether this is somebody who can be a member of a world."""
        return self.kind in (PrincipalKind.PERSON, PrincipalKind.BOT)

    def enters(self, world: str) -> bool:
        """Say whether their credential is good in a world; whether they see anything of it is another matter."""
        return self.grant is None or self.grant.covers(world)


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, "")
WORLD = Principal(PrincipalKind.WORLD, "", "the world")
# Whoever runs the server, by a command; never in a world.
SERVER = Principal(PrincipalKind.SERVER, "", "the server")
