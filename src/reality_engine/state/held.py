"""An entity together with what its rows say beside it: since when they stand, and who sees each facet; values only."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Entity


class HeldFacet(NamedTuple):
    """A facet of an entity: its fields, and the keys of those who may see it.

    `since` is the position of the event that last changed its row, `changed_at` when what it shows changed last.
    """

    since: int
    changed_at: datetime
    keys: frozenset[str]
    fields: Mapping[str, Plain]


class Held(NamedTuple):
    """An entity and its facets by number, as they stand in the tables.

    `since` is the position of the event that last changed its row: what it is apart from its fields.
    """

    entity: Entity
    since: int
    facets: Mapping[int, HeldFacet]
