"""Says what changes in a world that came from elsewhere: its title, and what belongs to people by other ids here."""

from collections.abc import AsyncIterator, Iterator, Mapping

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.event import Recorded
from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.conform import conform
from reality_engine.projection.recorded import recorded
from reality_engine.state import repository as state
from reality_engine.state.audience import facet_keys, facet_of, user_key
from reality_engine.state.entity import AUDIENCE, OWNER, Change, Entity

_MEMBER = "member"
_USER = "user"
_TITLE = "title"


async def handed_over(
    unit: ReadUnit, world: str, pack: CompiledPack, users: Mapping[str, str]
) -> AsyncIterator[Recorded]:
    """Yield the changes by which what belongs to users belongs to others, given by id; goes through the whole world."""
    keys = {user_key(old): user_key(new) for old, new in users.items()}
    after: str | None = None
    while page := await state.world_with_secrets(unit, world, after):
        for entity in page.values():
            for change in changes_of(entity, pack, users, keys):
                yield change
        after = max(page)


async def retitled(unit: ReadUnit, world: str, pack: CompiledPack, title: str) -> Recorded:
    """Return the change by which a world has another title; raises IntegrityError where there is no world in it.

    And ValueError for what is no title.
    """
    entity = (await state.entities_with_secrets(unit, world, [WORLD_ENTITY])).get(WORLD_ENTITY)
    if entity is None or not entity.live:
        raise IntegrityError("there is no world in this log, or it was deleted")
    kind = pack.kinds[entity.kind]
    keys = facet_keys(kind, facet_of(kind, _TITLE), entity)
    spec = kind.fields[_TITLE]
    change = Change(WORLD_ENTITY, entity.kind, _TITLE, entity.get(_TITLE), conform(title, spec.value))
    return Recorded(change, keys, keys, spec.private)


def changes_of(
    entity: Entity, pack: CompiledPack, users: Mapping[str, str], keys: Mapping[str, str]
) -> Iterator[Recorded]:
    """Return the changes of one entity, with the audience that each has before and after all of them."""
    values: dict[str, Plain] = {}
    held = entity.get(_USER)
    if entity.kind == _MEMBER and isinstance(held, str) and held in users:
        values[_USER] = users[held]
    if entity.owner in users:
        values[OWNER] = users[str(entity.owner)]
    notes = _renamed(dict(entity.audience), {**users, **keys})
    if notes != dict(entity.audience):
        values[AUDIENCE] = notes
    return recorded(pack, entity, values)


def _renamed(notes: Plain, names: Mapping[str, str]) -> Plain:
    if isinstance(notes, str):
        return names.get(notes, notes)
    if isinstance(notes, list):
        found = [_renamed(part, names) for part in notes]
        return sorted(found, key=str)
    return {key: _renamed(part, names) for key, part in notes.items()} if isinstance(notes, dict) else notes
