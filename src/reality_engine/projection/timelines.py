"""What entities went through, told again by their rows of past states instead of the log; writes nothing.

Only what is found by keys, refs and unique values matters here: what an entity has lost of that, and when.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from reality_engine.db.batch import Batch
from reality_engine.db.unit import ReadUnit
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.copying import column, entity_of
from reality_engine.projection.indexes import PAST, moves, past_rows
from reality_engine.projection.projector import ENTITIES, FACETS, PAST_ENTITIES, PAST_FACETS
from reality_engine.projection.steps import Step
from reality_engine.state.entity import ATTRIBUTES, Entity, Life
from reality_engine.state.held import Held, HeldFacet


class _Whole(NamedTuple):
    """What an entity is apart from its fields, from a position on."""

    since: int
    kind: str
    owner: str | None
    life: str
    audience: Mapping[str, Any] | None


class Timeline:
    """The states of one entity, by the positions at which they began and ended."""

    def __init__(self, key: str) -> None:
        """Begin with none."""
        self.key = key
        self.wholes: dict[int, _Whole] = {}
        self.begun: dict[int, dict[int, HeldFacet]] = defaultdict(dict)
        self.ended: dict[int, set[int]] = defaultdict(set)

    def steps(self, pack: CompiledPack) -> Iterator[Step]:
        """Yield what happened to the entity, in order."""
        was: Held | None = None
        facets: dict[int, HeldFacet] = {}
        whole: _Whole | None = None
        for position in sorted(self.wholes.keys() | self.begun.keys() | self.ended.keys()):
            facets = {at: one for at, one in facets.items() if at not in self.ended.get(position, ())}
            facets.update(self.begun.get(position, {}))
            whole = self.wholes.get(position, whole)
            if whole is None:
                continue
            now = Held(_entity(self.key, whole, facets), whole.since, facets)
            yield Step(pack.kinds[whole.kind], was, now, position, ATTRIBUTES)
            was = now


async def keep_lost(unit: ReadUnit, world: str, pack: CompiledPack, entities: Collection[str], batch: Batch) -> None:
    """Have a batch write by what entities were found once, as their states tell it."""
    for timeline in (await _timelines(unit, world, entities)).values():
        for step in timeline.steps(pack):
            for shape, lost, _ in moves(world, step):
                if shape in PAST:
                    for row in past_rows(shape, lost, step.position):
                        batch.put(PAST[shape], row)


async def _timelines(unit: ReadUnit, world: str, entities: Collection[str]) -> dict[str, Timeline]:
    found = {key: Timeline(key) for key in entities}
    for shape in (PAST_ENTITIES, ENTITIES):
        names = ("since", "kind", "owner", "life", "audience")
        for key, *whole in await unit.session.execute(_rows(unit, shape, world, entities, names)):
            found[key].wholes[whole[0]] = _Whole(*whole)
    for shape in (PAST_FACETS, FACETS):
        names = ("facet", "since", "changed_at", "keys", "fields", *(("until",) if shape is PAST_FACETS else ()))
        for key, facet, since, changed_at, keys, fields, *until in await unit.session.execute(
            _rows(unit, shape, world, entities, names)
        ):
            found[key].begun[since][facet] = HeldFacet(since, changed_at, frozenset(keys), fields)
            if until:
                found[key].ended[until[0]].add(facet)
    return found


def _rows(unit: ReadUnit, shape: Any, world: str, entities: Collection[str], names: Collection[str]) -> Any:
    query = select(entity_of(shape), *(column(shape, name) for name in names))
    return query.where(column(shape, "world") == world, unit.dialect.among(entity_of(shape), sorted(entities)))


def _entity(key: str, whole: _Whole, facets: Mapping[int, HeldFacet]) -> Entity:
    fields = {name: value for facet in facets.values() for name, value in facet.fields.items()}
    return Entity(key, whole.kind, fields, whole.owner, Life(whole.life), whole.audience or {})
