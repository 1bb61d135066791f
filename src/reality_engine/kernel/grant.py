"""What a credential is good for, of all that its principal may do; it only ever takes away."""

from dataclasses import dataclass
from typing import Final

# At the end of the name of an action: all that begin alike.
ANY: Final = ".*"


@dataclass(frozen=True, slots=True)
class Grant:
    """Worlds by their ids, and actions by their names; None is for all of them.

    `plan.*` stands for every action whose name begins with `plan.`. With `proposals_only` each action waits for an
    approval, and with `reads_only` there is none.
    """

    worlds: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    reads_only: bool = False
    proposals_only: bool = False

    def covers(self, world: str) -> bool:
        """Say whether it is good in a world at all."""
        return self.worlds is None or world in self.worlds

    def allows(self, action: str) -> bool:
        """Say whether it is good for an action, in a world that it covers."""
        if self.reads_only:
            return False
        return self.actions is None or action in self.actions or self._alike(action)

    def _alike(self, action: str) -> bool:
        wide = (name for name in self.actions or () if name.endswith(ANY))
        return any(action.startswith(name.removesuffix("*")) for name in wide)
