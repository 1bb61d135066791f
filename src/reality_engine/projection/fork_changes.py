"""Says what is otherwise in a fork from its first moment on: title, members, and what was taken since; writes nothing.

A fork shall open nothing that is closed in its origin now. So who has left there, or has lost a role, or is not to come
along, leaves here too, and fields that were concealed since are concealed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.event import Recorded
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.conform import conform
from reality_engine.projection.recorded import recorded
from reality_engine.state import repository as state
from reality_engine.state.audience import facet_keys, facet_of
from reality_engine.state.entity import AUDIENCE, LIFE, Change, Entity, Life
from reality_engine.state.models import UniqueRow

_MEMBER = "member"
_ROLES = "roles"
_MANAGES = "manages"


@dataclass(frozen=True, slots=True)
class Forker:
    """Who forks, and manages the fork: a user with a name, the roles they are to have, and an id for their membership.

    It is needed where they were no member then.
    """

    user: str
    name: str
    roles: frozenset[str]
    membership: str


@dataclass(frozen=True, slots=True)
class Parting:
    """How a fork differs from its origin: its title, whether others come along, and notes of what was concealed."""

    origin: str
    fork: str
    title: str
    members: bool
    forker: Forker
    concealed: Mapping[str, Mapping[str, Plain]]


async def changes(unit: ReadUnit, parting: Parting, pack: CompiledPack) -> list[Recorded]:
    """Return what changes; raises ValueError where the title is none."""
    then, now = await _members(unit, parting.fork), await _members(unit, parting.origin)
    others = await state.entities_with_secrets(unit, parting.fork, [WORLD_ENTITY, *parting.concealed])
    there = (await state.entities_with_secrets(unit, parting.origin, [WORLD_ENTITY]))[WORLD_ENTITY]
    found: list[Recorded] = []
    world = others.pop(WORLD_ENTITY)
    found += recorded(pack, world, _settings(world, there, parting, pack))
    for key, entity in sorted(others.items()):
        found += recorded(pack, entity, {AUDIENCE: dict(parting.concealed[key]) or None})
    forker = parting.forker
    for user, member in sorted(then.items()):
        mine = user == forker.user
        kept = forker.roles if mine else _roles(now.get(user)) & _roles(member) if parting.members else frozenset()
        found += recorded(pack, member, _as_member(pack, member, kept & pack.roles.keys()))
    if forker.user not in then:
        made = Entity(forker.membership, _MEMBER, life=Life.LIVE)
        held: dict[str, Plain] = {"user": forker.user, "name": forker.name or None}
        found += _made(pack, made, {**held, **_as_member(pack, made, forker.roles & pack.roles.keys())})
    return found


def _made(pack: CompiledPack, made: Entity, values: Mapping[str, Plain]) -> Iterator[Recorded]:
    kind = pack.kinds[made.kind]
    life = facet_keys(kind, facet_of(kind, LIFE), made)
    yield Recorded(Change(made.id, made.kind, LIFE, None, str(Life.LIVE)), life, life)
    for one in recorded(pack, made, values):
        yield one._replace(keys_before=one.keys)


def _settings(then: Entity, now: Entity, parting: Parting, pack: CompiledPack) -> dict[str, Plain]:
    """Return the settings of a fork: as open as its origin was and is, and closed where nobody comes along."""
    both = parting.members and then.get("public") is True and now.get("public") is True
    joining = "open" if parting.members and then.get("joining") == now.get("joining") == "open" else "closed"
    named = conform(parting.title, pack.kinds[then.kind].fields["title"].value)
    return {"title": named, "public": both, "joining": joining}


def _as_member(pack: CompiledPack, member: Entity, roles: frozenset[str]) -> dict[str, Plain]:
    """Return what a member is to hold to have these roles; without any they leave."""
    if not roles:
        return {LIFE: str(Life.DELETED)}
    manages = WORLD_ENTITY if not roles.isdisjoint(pack.admin_roles) else None
    if roles == _roles(member):
        return {}
    return {_ROLES: [*sorted(roles)], _MANAGES: manages}


def _roles(member: Entity | None) -> frozenset[str]:
    held = None if member is None else member.get(_ROLES)
    return frozenset(str(role) for role in held) if isinstance(held, list) else frozenset()


async def _members(unit: ReadUnit, world: str) -> dict[str, Entity]:
    """Return the live members of a world by user."""
    row = UniqueRow
    query = select(row.value, row.entity).where(row.world == world, row.kind == _MEMBER, row.field == "user")
    users = {row[0]: row[1] for row in await unit.session.execute(query)}
    entities = await state.entities_with_secrets(unit, world, list(users.values()))
    return {user: entities[key] for user, key in users.items()}
