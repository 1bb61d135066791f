"""Plays a world's log again in memory, to compare what it makes with what is stored; not the comparison."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from reality_engine.eventlog.event import Event
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import canonical
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.differences import differences, facets
from reality_engine.state.entity import AUDIENCE, Entity
from reality_engine.state.fold import fold

# What is compared of past rows, beside whose they are.
PAST_ENTITY: Final = ("kind", "owner", "life", "revision", "audience", "since", "until")
PAST_FACET: Final = ("facet", "kind", "fields", "keys", "since", "until", "changed_at")
_SPACE: Final = 2**256


@dataclass
class Replay:
    """The entities that a log makes, and since when each of their rows stands, by entity and (entity, facet).

    Of past rows only a sum of digests is kept for each entity: there may be many times more of them than entities.
    """

    pack: CompiledPack
    entities: dict[str, Entity] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    facets: dict[tuple[str, int], tuple[int, datetime]] = field(default_factory=dict)
    past: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def play(self, event: Event) -> None:
        """Fold one more event; raises IntegrityError where it does not follow from what was before."""
        for key, after in fold(self.entities, (recorded.change for recorded in event.changes)).items():
            self._change(event, self.entities.get(key), after)
            self.entities[key] = after
            self.since[key] = event.position

    def _change(self, event: Event, before: Entity | None, after: Entity) -> None:
        kind = self.pack.kinds[after.kind]
        told, old = differences(kind, before, after), facets(kind, before)
        if before is not None:
            span = (self.since[after.id], event.position)
            held = (before.kind, before.owner, str(before.life), before.revision, before.get(AUDIENCE))
            self._pass(after.id, PAST_ENTITY, (*held, *span))
        moments: dict[int, datetime] = {}
        for number in told.closed:
            since, changed_at = self.facets.pop((after.id, number))
            if number in told.rekeyed:
                moments[number] = changed_at
            shown = (number, after.kind, old[number].fields, list(old[number].keys))
            self._pass(after.id, PAST_FACET, (*shown, since, event.position, changed_at))
        for number, _ in told.changed:
            self.facets[after.id, number] = (event.position, moments.get(number, event.recorded_at))

    def _pass(self, key: str, names: Sequence[str], row: Sequence[Any]) -> None:
        self.past[key] = summed(self.past[key], names, row)


def summed(total: int, names: Sequence[str], row: Sequence[Any]) -> int:
    """Add a row to the sum of those before it, in whatever order they come."""
    plain = [to_text(value) if isinstance(value, datetime) else value for value in row]
    return (total + int.from_bytes(sha256(canonical(dict(zip(names, plain, strict=True)))).digest())) % _SPACE
