"""What every route may need and the composition root provides; not settings, and not any one feature's needs."""

from dataclasses import dataclass

from reality_engine.db.unit import Units
from reality_engine.kernel.clock import Clock
from reality_engine.web.cursors import Cursors


@dataclass(frozen=True, slots=True)
class Context:
    """Stands at `app.state.context` from before the first request until after the last."""

    units: Units
    clock: Clock
    cursors: Cursors
