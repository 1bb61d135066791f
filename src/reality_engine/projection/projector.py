"""Says what events make of entities, and what of the tables of state and of viewers, beside appending them; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reality_engine.db.batch import Batch, Narrowing
from reality_engine.db.shape import Row, shape_of
from reality_engine.eventlog.event import Event
from reality_engine.kernel.errors import IntegrityError
from reality_engine.packs.compiled import CompiledPack, Kind
from reality_engine.projection.event_views import mark_undone, move_heads, show
from reality_engine.projection.holding import changed_names, held_after
from reality_engine.projection.indexes import index, same_keys
from reality_engine.projection.steps import Step
from reality_engine.projection.text_rows import keep_entity_texts
from reality_engine.state.entity import ATTRIBUTES, AUDIENCE, Entity
from reality_engine.state.fold import fold
from reality_engine.state.held import Held
from reality_engine.state.models import EntityRow, FacetRow, PastEntityRow, PastFacetRow
from reality_engine.visibility.keys import in_order
from reality_engine.visibility.models import FacetMoveRow
from reality_engine.visibility.parts import Shown

ENTITIES: Final = shape_of(EntityRow)
FACETS: Final = shape_of(FacetRow)
PAST_ENTITIES: Final = shape_of(PastEntityRow)
PAST_FACETS: Final = shape_of(PastFacetRow)
FACET_MOVES: Final = shape_of(FacetMoveRow)


@dataclass(frozen=True, slots=True)
class Projection:
    """What events make of the entities that they touch, and the rows of that and of what viewers read of the events.

    `steps` are what each event made of each entity, `earlier` the events whose heads they may have moved.
    """

    world: str
    pack: CompiledPack
    shown: Sequence[Shown]
    before: Mapping[str, Held | None]
    after: Mapping[str, Held]
    steps: Sequence[Step]
    earlier: Mapping[str, Event]

    def write(self, batch: Batch) -> None:
        """Fill a batch, which must append the events too. Nothing may fail here: it is no action's own batch."""
        world = self.world
        for step in self.steps:
            if step.was is not None:
                _keep_past(batch, world, step, step.was)
        _write_rows(batch, world, self.before, self.after)
        _write_found(batch, world, self.steps)
        show(batch, world, self.shown)
        mark_undone(batch, world, (event for event, _ in self.shown))
        if moves := [one for event, _ in self.shown for one in event.moved]:
            move_heads(batch, world, moves, self.earlier)


def project(
    world: str, pack: CompiledPack, shown: Sequence[Shown], before: Mapping[str, Held | None],
    moved: Mapping[str, Event], decided: Mapping[str, Entity] | None = None,
) -> Projection:  # fmt: skip
    """Say what becomes of all tables by events that are to be appended, given with their parts.

    `before` holds every entity that the events change, as it was before the first of them, None for new ones; `moved`
    by id the earlier events whose heads these move, as they are in the log. States between two of the events are kept
    too, so that any position can be looked back at. Raises IntegrityError where the events do not follow.

    `decided` are the entities as the decision has them that the events are of, which spares folding a single one.
    """
    held = {key: one for key, one in before.items() if one is not None}
    touched: dict[str, Held] = {}
    steps: list[Step] = []
    for event, _ in shown:
        names = changed_names(event)
        for key, entity in _after(event, held, names, decided if len(shown) == 1 else None).items():
            was = held.get(key)
            kind = pack.kinds[entity.kind]
            now = held_after(kind, was, entity, event.position, event.recorded_at, names[key])
            steps.append(Step(kind, was, now, event.position, names[key], _old(pack, was, entity)))
            held[key] = touched[key] = now
    return Projection(world, pack, shown, before, touched, steps, _earlier(shown, moved))


def _after(
    event: Event, held: Mapping[str, Held], names: Mapping[str, set[str]], decided: Mapping[str, Entity] | None
) -> Mapping[str, Entity]:
    if decided is not None:
        return {key: decided[key] for key in names}
    entities = {key: held[key].entity for key in names if key in held}
    return fold(entities, (recorded.change for recorded in event.changes))


def _earlier(shown: Sequence[Shown], moved: Mapping[str, Event]) -> Mapping[str, Event]:
    """Return the events whose heads may be moved; raises IntegrityError where one that is moved is not among them."""
    earlier = {**moved, **{event.id: event for event, _ in shown}}
    for event, _ in shown:
        for one in event.moved:
            if one.event not in earlier:
                raise IntegrityError("the audience of an event was moved that is not in the log")
    return earlier


def write_steps(batch: Batch, world: str, steps: Sequence[Step]) -> None:
    """Bring the tables of state from what entities were to what an event makes of them, each of another one."""
    for step in steps:
        if step.was is not None:
            _keep_past(batch, world, step, step.was)
    _write_rows(
        batch, world, {step.now.entity.id: step.was for step in steps}, {step.now.entity.id: step.now for step in steps}
    )
    _write_found(batch, world, steps)


def write_entities(
    batch: Batch, world: str, pack: CompiledPack, before: Mapping[str, Held | None], after: Mapping[str, Held],
    position: int = 0,
) -> None:  # fmt: skip
    """Bring the tables of state from what was held of entities to what is, with all by which these are found.

    `position` is that of the event that made it so: before that, the entities were found by what they were.
    """
    _write_rows(batch, world, before, after)
    _write_found(batch, world, [_step(pack, before.get(key), now, position) for key, now in after.items()])


def _step(pack: CompiledPack, was: Held | None, now: Held, position: int) -> Step:
    return Step(pack.kinds[now.entity.kind], was, now, position, ATTRIBUTES, _old(pack, was, now.entity))


def _old(pack: CompiledPack, was: Held | None, now: Entity) -> Kind | None:
    """Return the kind that an entity was of, where an upgrade renames it: in the new pack, one without fields."""
    return pack.kinds[was.entity.kind] if was is not None and was.entity.kind != now.kind else None


def _write_rows(batch: Batch, world: str, before: Mapping[str, Held | None], after: Mapping[str, Held]) -> None:
    for key, now in after.items():
        was = before.get(key)
        _write_entity(batch, world, was, now)
        _write_facets(batch, world, was, now)


def _write_found(batch: Batch, world: str, steps: Iterable[Step]) -> None:
    """Bring all by which entities are found up to date, event by event, since each may end what an earlier one began.

    Most events change what nobody finds an entity by.
    """
    found: list[Step] = []
    worded: list[Step] = []
    for step in steps:
        kind, was, now, names = step.kind, step.was, step.now, step.names
        whole = was is None or step.old is not None or not names.isdisjoint(ATTRIBUTES)
        if whole or was is None or not names.isdisjoint(kind.found_by) or not same_keys(was.facets, now.facets):
            found.append(step)
        if whole or any(name in kind.fields and kind.fields[name].value.worded for name in names):
            worded.append(step)
    index(batch, world, found)
    keep_entity_texts(batch, world, worded)


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
    rows = batch.of(FACETS)
    for number, facet in now.facets.items():
        before = old.get(number)
        if facet is before:
            continue
        since, changed_at, keys, fields = facet
        row = (world, key, number, kind, fields, in_order(keys), since, changed_at)
        if before is None:
            rows.insert(row)
        else:
            rows.put(row)
    for number in old:
        if number not in now.facets:
            rows.drop((world, key, number))


def _keep_past(batch: Batch, world: str, step: Step, was: Held) -> None:
    """Keep what an entity was until an event, and take from its past what the event conceals, at all times."""
    old, until = was.entity, step.position
    if step.ends:
        row = (world, old.id, was.since, until, old.kind, old.owner, str(old.life), old.get(AUDIENCE))
        batch.insert(PAST_ENTITIES, row)
    batch.extend(PAST_FACETS, _past_facets(world, step, old))
    batch.extend(FACET_MOVES, move_rows(world, step))
    for name, keys in step.taken().items():
        batch.narrow(PAST_FACETS, Narrowing((world, old.id), "fields", name, "keys"), keys)


def move_rows(world: str, step: Step) -> list[Row]:
    """Return a row for each facet that an event shows to others than before, and changes nothing of."""
    return [(world, step.position, step.now.entity.id, number) for number in step.moved()]


def _past_facets(world: str, step: Step, old: Entity) -> Collection[Row]:
    until = step.position
    return [
        (world, old.id, number, facet.since, until, old.kind, facet.fields, in_order(facet.keys), facet.changed_at)
        for number, facet in step.ended()
    ]
