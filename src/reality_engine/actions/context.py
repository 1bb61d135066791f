"""What acting needs of the process; not how it is done."""

from collections.abc import Callable
from dataclasses import dataclass, field

from reality_engine.actions.room import Room
from reality_engine.db.unit import Units
from reality_engine.kernel.chance import Draws, secret_draws
from reality_engine.kernel.clock import Clock
from reality_engine.packs.cache import PackCache
from reality_engine.visibility.viewer import Viewers


@dataclass(frozen=True)
class ActionContext:
    """Transactions, time, who sees what, the key of entity tags, chance for each action, and room to remember."""

    units: Units
    clock: Clock
    viewers: Viewers
    etag_key: bytes
    chance: Callable[[], Draws] = secret_draws
    room: Room = field(default_factory=Room)

    @property
    def packs(self) -> PackCache:
        """Compiled packs."""
        return self.viewers.packs
