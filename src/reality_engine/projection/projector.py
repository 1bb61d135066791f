"""Says what events change in the tables of state and of viewers, in the batch that appends them; pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row, shape_of
from reality_engine.eventlog.event import Event
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.event_views import move_heads, show
from reality_engine.projection.holding import changed_names, held_after
from reality_engine.projection.indexes import index
from reality_engine.projection.text_rows import keep_entity_texts
from reality_engine.state.entity import AUDIENCE
from reality_engine.state.fold import fold
from reality_engine.state.held import Held
from reality_engine.state.models import EntityRow, FacetRow, PastEntityRow, PastFacetRow
from reality_engine.visibility.parts import Shown

ENTITIES: Final = shape_of(EntityRow)
FACETS: Final = shape_of(FacetRow)
PAST_ENTITIES: Final = shape_of(PastEntityRow)
PAST_FACETS: Final = shape_of(PastFacetRow)


def project(
    batch: Batch, world: str, pack: CompiledPack, shown: Sequence[Shown], before: Mapping[str, Held | None],
    moved: Mapping[str, Event],
) -> dict[str, Held]:  # fmt: skip
    """Bring all tables up to date with events that were just appended, with their parts; return what they touched.

    `before` holds every entity that the events change, as it was before the first of them, None for new ones; `moved`
    by id the earlier events whose heads these move, as they are in the log. States between two of the events are kept
    too, so that any position can be looked back at. Raises IntegrityError where the events do not follow.
    """
    held = {key: one for key, one in before.items() if one is not None}
    entities = {key: one.entity for key, one in held.items()}
    touched: dict[str, Held] = {}
    past_entities: list[Row] = []
    past_facets: list[Row] = []
    for event, _ in shown:
        names = changed_names(event)
        after = fold(entities, (recorded.change for recorded in event.changes))
        entities.update(after)
        for key, entity in after.items():
            was = held.get(key)
            kind = pack.kinds[entity.kind]
            now = held_after(kind, was, entity, event.position, event.recorded_at, names[key])
            if was is not None:
                if now.since != was.since:
                    past_entities.append(_past_entity(world, was, event.position))
                past_facets += _past_facets(world, was, now, event.position)
            held[key] = touched[key] = now
    batch.extend(PAST_ENTITIES, past_entities)
    batch.extend(PAST_FACETS, past_facets)
    write_entities(batch, world, pack, before, touched)
    show(batch, world, shown)
    earlier = {**moved, **{event.id: event for event, _ in shown}}
    move_heads(batch, world, [one for event, _ in shown for one in event.moved], earlier)
    return touched


def write_entities(
    batch: Batch, world: str, pack: CompiledPack, before: Mapping[str, Held | None], after: Mapping[str, Held]
) -> None:
    """Bring the tables of state from what was held of entities to what is, with all by which these are found."""
    kinds = [(pack.kinds[now.entity.kind], before.get(key), now) for key, now in after.items()]
    for _, was, now in kinds:
        _write_entity(batch, world, was, now)
        _write_facets(batch, world, was, now)
    index(batch, world, kinds)
    keep_entity_texts(batch, world, kinds)


def _write_entity(batch: Batch, world: str, was: Held | None, now: Held) -> None:
    if was is not None and was.since == now.since:
        return
    entity = now.entity
    row = (world, entity.id, entity.kind, entity.owner, str(entity.life), entity.get(AUDIENCE), now.since)
    if was is None:
        batch.insert(ENTITIES, row)
    else:
        batch.put(ENTITIES, row)


def _write_facets(batch: Batch, world: str, was: Held | None, now: Held) -> None:
    key, kind, old = now.entity.id, now.entity.kind, was.facets if was is not None else {}
    for number, facet in now.facets.items():
        if facet is old.get(number):
            continue
        row = (world, key, number, kind, facet.fields, sorted(facet.keys), facet.since, facet.changed_at)
        if number in old:
            batch.put(FACETS, row)
        else:
            batch.insert(FACETS, row)
    for number in old:
        if number not in now.facets:
            batch.drop(FACETS, (world, key, number))


def _past_entity(world: str, was: Held, until: int) -> Row:
    """Return the row of what an entity was until the event after which it is otherwise."""
    old = was.entity
    return (world, old.id, was.since, until, old.kind, old.owner, str(old.life), old.get(AUDIENCE))


def _past_facets(world: str, was: Held, now: Held, until: int) -> Iterator[Row]:
    key, kind, after = was.entity.id, was.entity.kind, now.facets
    for number, facet in was.facets.items():
        if facet is not after.get(number):
            since, changed_at, keys, fields = facet
            yield (world, key, number, since, until, kind, fields, sorted(keys), changed_at)
