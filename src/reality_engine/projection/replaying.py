"""Plays a world's log again in memory, to compare what it makes with what is stored; not the comparison."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from reality_engine.db.shape import Key, Row, Shape
from reality_engine.eventlog.event import Event
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import canonical
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.closing import closing_of
from reality_engine.projection.holding import changed_names, held_after
from reality_engine.projection.indexes import PAST, moves, past_rows
from reality_engine.projection.projector import FACET_MOVES
from reality_engine.projection.steps import Step
from reality_engine.projection.text_rows import moved_words
from reality_engine.projection.turning import alike, turned
from reality_engine.state.entity import AUDIENCE, Entity
from reality_engine.state.fold import fold
from reality_engine.state.held import Held

# What is compared of past rows, beside whose they are.
PAST_ENTITY: Final = ("kind", "owner", "life", "audience", "since", "until")
PAST_FACET: Final = ("facet", "kind", "fields", "keys", "since", "until", "changed_at")
PAST_TEXT: Final = ("facet", "until", "kind", "words")
_FACET, _FIELDS, _KEYS = (PAST_FACET.index(name) for name in ("facet", "fields", "keys"))
_SPACE: Final = 2**256


@dataclass
class Replay:
    """The entities that a log makes, and what is held of each in their rows.

    Of past rows only a sum of digests is kept for each entity: there may be many times more of them than entities.
    Those of facets of which something may be concealed yet, and where an upgrade closes some (`closable`) all, are kept
    as they are until the end. `once` has what indexes lost.
    """

    pack: CompiledPack
    entities: dict[str, Entity] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    past: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    open: dict[str, list[list[Any]]] = field(default_factory=lambda: defaultdict(list))
    once: dict[Shape, dict[Key, Row]] = field(default_factory=lambda: defaultdict(dict))
    concealable: frozenset[str] = frozenset()
    closable: bool = False

    def __post_init__(self) -> None:
        """Begin with the pack of the end: what it conceals, it conceals at all times."""
        self.concealable = _concealable(self.pack)

    def play(self, event: Event, pack: CompiledPack | None = None) -> None:
        """Fold one more event, under a pack (None: the one before); raises IntegrityError where it does not follow."""
        if pack is not None and pack is not self.pack:
            self._turn(event, pack)
        names = changed_names(event)
        for key, after in fold(self.entities, (recorded.change for recorded in event.changes)).items():
            was, kind = self.held.get(key), self.pack.kinds[after.kind]
            now = held_after(kind, was, after, event.position, event.recorded_at, names[key])
            if was is not None:
                old = self.pack.kinds[was.entity.kind] if was.entity.kind != after.kind else None
                self._keep_past(Step(kind, was, now, event.position, names[key], old), was)
            self.entities[key], self.held[key] = after, now

    def _turn(self, event: Event, pack: CompiledPack) -> None:
        """Go on under another pack, before what the event changes."""
        before, self.pack = self.pack, pack
        self.concealable |= _concealable(pack)
        for key, was in self.held.items():
            old, kind = before.kinds[was.entity.kind], pack.kinds[was.entity.kind]
            if not alike(old, kind):
                now = turned(kind, was, event.position, event.recorded_at)
                self._keep_past(Step(kind, was, now, event.position, frozenset(), old), was)
                self.held[key] = now
            allowed = closing_of(event, pack, was.entity)
            if allowed is not None:
                for row in self.open[key]:
                    row[_KEYS] = sorted(allowed.narrowed(row[_FACET], row[_FIELDS], row[_KEYS]))

    def past_sums(self) -> dict[str, int]:
        """Return the sum over all past rows of each entity."""
        found = dict(self.past)
        for key, rows in self.open.items():
            for row in rows:
                found[key] = summed(found.get(key, 0), PAST_FACET, row)
        return found

    def _keep_past(self, step: Step, was: Held) -> None:
        old, until = was.entity, step.position
        if step.ends:
            attributes = (old.kind, old.owner, str(old.life), old.get(AUDIENCE))
            self._pass(old.id, PAST_ENTITY, (*attributes, was.since, until))
        for number, facet in step.ended():
            shown = (number, old.kind, dict(facet.fields), sorted(facet.keys))
            row = (*shown, facet.since, until, facet.changed_at)
            if not self.closable and self.concealable.isdisjoint(facet.fields):
                self._pass(old.id, PAST_FACET, row)
            else:
                self.open[old.id].append([*row])
        for name, keys in step.taken().items():
            for held in self.open[old.id]:
                if name in held[_FIELDS]:
                    held[_KEYS] = [key for key in held[_KEYS] if keys is not None and key not in keys]
        for moved in step.moved():
            place = ("", until, old.id, moved)
            self.once[FACET_MOVES][place] = place
        self._keep_found(step, old.id)

    def _keep_found(self, step: Step, key: str) -> None:
        """Keep by what the entity was found. No world is told here: rows are of one."""
        for shape, lost, _ in moves("", step):
            if shape in PAST:
                to = PAST[shape]
                self.once[to].update({to.key_of(row): row for row in past_rows(shape, lost, step.position)})
        for number, words, _ in moved_words(step):
            self._pass(key, PAST_TEXT, (number, step.position, step.kind_before.name, words))

    def _pass(self, key: str, names: Sequence[str], row: Sequence[Any]) -> None:
        self.past[key] = summed(self.past[key], names, row)


def summed(total: int, names: Sequence[str], row: Sequence[Any]) -> int:
    """Add a row to the sum of those before it, in whatever order they come."""
    plain = [to_text(value) if isinstance(value, datetime) else value for value in row]
    return (total + int.from_bytes(sha256(canonical(dict(zip(names, plain, strict=True)))).digest())) % _SPACE


def _concealable(pack: CompiledPack) -> frozenset[str]:
    """Return the names of fields of which a rule may take back who sees them."""
    return frozenset(facet.fields[0] for kind in pack.kinds.values() for facet in kind.facets if facet.moved)
