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
from reality_engine.projection.holding import changed_names, held_after
from reality_engine.projection.turning import turned
from reality_engine.state.entity import AUDIENCE, Entity
from reality_engine.state.fold import fold
from reality_engine.state.held import Held

# What is compared of past rows, beside whose they are.
PAST_ENTITY: Final = ("kind", "owner", "life", "audience", "since", "until")
PAST_FACET: Final = ("facet", "kind", "fields", "keys", "since", "until", "changed_at")
_SPACE: Final = 2**256


@dataclass
class Replay:
    """The entities that a log makes, and what is held of each in their rows.

    Of past rows only a sum of digests is kept for each entity: there may be many times more of them than entities.
    """

    pack: CompiledPack
    entities: dict[str, Entity] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    past: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def play(self, event: Event, pack: CompiledPack | None = None) -> None:
        """Fold one more event, under a pack (None: the one before); raises IntegrityError where it does not follow."""
        if pack is not None and pack is not self.pack:
            self._turn(event, pack)
        names = changed_names(event)
        for key, after in fold(self.entities, (recorded.change for recorded in event.changes)).items():
            was = self.held.get(key)
            now = held_after(self.pack.kinds[after.kind], was, after, event.position, event.recorded_at, names[key])
            if was is not None:
                self._keep_past(was, now, event.position)
            self.entities[key], self.held[key] = after, now

    def _turn(self, event: Event, pack: CompiledPack) -> None:
        """Go on under another pack, before what the event changes."""
        self.pack = pack
        for key, was in self.held.items():
            now = turned(pack.kinds[was.entity.kind], was, event.position, event.recorded_at)
            if now is not was:
                self._keep_past(was, now, event.position)
                self.held[key] = now

    def _keep_past(self, was: Held, now: Held, until: int) -> None:
        old = was.entity
        if now.since != was.since:
            attributes = (old.kind, old.owner, str(old.life), old.get(AUDIENCE))
            self._pass(old.id, PAST_ENTITY, (*attributes, was.since, until))
        for number, facet in was.facets.items():
            if facet is not now.facets.get(number):
                shown = (number, old.kind, dict(facet.fields), sorted(facet.keys))
                self._pass(old.id, PAST_FACET, (*shown, facet.since, until, facet.changed_at))

    def _pass(self, key: str, names: Sequence[str], row: Sequence[Any]) -> None:
        self.past[key] = summed(self.past[key], names, row)


def summed(total: int, names: Sequence[str], row: Sequence[Any]) -> int:
    """Add a row to the sum of those before it, in whatever order they come."""
    plain = [to_text(value) if isinstance(value, datetime) else value for value in row]
    return (total + int.from_bytes(sha256(canonical(dict(zip(names, plain, strict=True)))).digest())) % _SPACE
