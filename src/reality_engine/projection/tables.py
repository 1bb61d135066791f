"""The tables of a world by what they are: the log, what is made of it, and what stands beside; not their rows.

Whatever copies, rebuilds, moves or empties a world goes by these lists, and a test holds that no table is missing.
"""

from typing import Final

from reality_engine.db.shape import Shape, shape_of
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.outbox.repository import OUTBOX
from reality_engine.projection import event_views, indexes, text_rows
from reality_engine.projection.models import RebuildRow
from reality_engine.projection.projector import ENTITIES, FACET_MOVES, FACETS, PAST_ENTITIES, PAST_FACETS

LOG: Final[tuple[Shape, ...]] = (shape_of(HeadRow), shape_of(EventRow))
# What entities are and were, and by what those are found that there are.
PRESENT: Final[tuple[Shape, ...]] = (ENTITIES, FACETS, *indexes.INDEXES, text_rows.TEXTS)
PAST: Final[tuple[Shape, ...]] = (PAST_ENTITIES, PAST_FACETS, FACET_MOVES, *indexes.PAST.values(), text_rows.PAST_TEXTS)
# What viewers read of events.
VIEWS: Final[tuple[Shape, ...]] = (
    event_views.FACETS, event_views.AUDIENCES, event_views.TEXTS, event_views.MOVED, event_views.UNDONE,
)  # fmt: skip
PROJECTIONS: Final = (*PRESENT, *PAST, *VIEWS)
# What no log tells: what is to be told outside, a rebuild that has begun, and, by name since these stand above, the
# answers kept for keys, and how far a world is that is being brought in.
BESIDE: Final[tuple[str, ...]] = (OUTBOX.name, RebuildRow.__tablename__, "idempotent_answers", "imports")
