"""Plays a world's log again in memory, to compare what it makes with what is stored; not the comparison."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from reality_engine.eventlog.event import Event
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import canonical
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.differences import differences, facets
from reality_engine.state.entity import Entity
from reality_engine.state.fold import fold

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
            row = past_entity(before.kind, before.owner, str(before.life), before.revision)
            self._pass(after.id, row | {"since": self.since[after.id], "until": event.position})
        for number in told.closed:
            since, changed_at = self.facets.pop((after.id, number))
            row = past_facet(number, after.kind, old[number].fields, old[number].keys)
            self._pass(after.id, row | {"since": since, "until": event.position, "changed_at": to_text(changed_at)})
        for number, _ in told.changed:
            self.facets[after.id, number] = (event.position, event.recorded_at)

    def _pass(self, key: str, row: Mapping[str, Any]) -> None:
        self.past[key] = summed(self.past[key], row)


def summed(total: int, row: Mapping[str, Any]) -> int:
    """Add a row to the sum of those before it, in whatever order they come."""
    return (total + int.from_bytes(sha256(canonical(dict(row))).digest())) % _SPACE


def past_entity(kind: str, owner: str | None, life: str, revision: int) -> dict[str, Any]:
    """Return what is compared of a past entity, beside from when until when it stood."""
    return {"kind": kind, "owner": owner, "life": life, "revision": revision}


def past_facet(number: int, kind: str, fields: Mapping[str, Any], keys: Any) -> dict[str, Any]:
    """Return what is compared of a past facet, beside from when until when it stood."""
    return {"facet": number, "kind": kind, "fields": dict(fields), "keys": list(keys)}
