"""What acting needs of the process; not how it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from reality_engine.db.unit import Units
from reality_engine.kernel.chance import Draws, secret_draws
from reality_engine.kernel.clock import Clock
from reality_engine.packs.cache import PackCache
from reality_engine.visibility.viewer import Viewers


@dataclass(frozen=True)
class ActionContext:
    """Transactions, time, who sees what, the key of entity tags, and chance for each action."""

    units: Units
    clock: Clock
    viewers: Viewers
    etag_key: bytes
    chance: Callable[[], Draws] = secret_draws

    @property
    def packs(self) -> PackCache:
        """Compiled packs."""
        return self.viewers.packs
