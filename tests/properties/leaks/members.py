"""Leaks by what somebody is taken to be: a member, in a role, in a group, an owner."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from reality_engine.packs.audience import MEMBERS, role_key
from reality_engine.state.audience import group_key, user_key
from reality_engine.state.models import EntityRow
from reality_engine.visibility import resolver
from reality_engine.visibility.audience import Scope
from tests.properties.leaks.catalogue import Aim, leak, was


@leak("group", Aim("/feed"), pack="flags")
def everybody_outside_is_taken_for_a_member(patch: pytest.MonkeyPatch) -> None:
    outside = was(resolver, "scope_of_stranger")

    def trusted(*given: Any) -> Scope:
        scope: Scope = outside(*given)
        return replace(scope, keys=scope.keys | {MEMBERS})

    patch.setattr(resolver, "scope_of_stranger", trusted)


@leak("group")
def every_member_has_every_role(patch: pytest.MonkeyPatch) -> None:
    groups = resolver._groups

    async def promoted(unit: Any, world: str, pack: Any, users: Any) -> dict[str, set[str]]:
        held = await groups(unit, world, pack, users)
        return {user: {*held.get(user, set()), *map(role_key, pack.roles)} for user in users}

    patch.setattr(resolver, "_groups", promoted)


@leak("group", often=True)
def everybody_belongs_to_every_group(patch: pytest.MonkeyPatch) -> None:
    async def every(unit: Any, world: str, _pack: Any, users: Any) -> dict[str, set[str]]:
        query = select(EntityRow.id).where(EntityRow.world == world)
        keys = {group_key(key) for key in await unit.session.scalars(query)}
        return dict.fromkeys(users, keys)

    patch.setattr(resolver, "_groups", every)


@leak("group")
def everybody_holds_the_keys_of_every_owner(patch: pytest.MonkeyPatch) -> None:
    groups = was(resolver, "_groups")

    async def borrowed(unit: Any, world: str, pack: Any, users: Any) -> dict[str, set[str]]:
        query = select(EntityRow.owner).where(EntityRow.world == world, EntityRow.owner.is_not(None)).distinct()
        owners = {user_key(str(owner)) for owner in await unit.session.scalars(query)}
        held = await groups(unit, world, pack, users)
        return {user: owners | held.get(user, set()) for user in users}

    patch.setattr(resolver, "_groups", borrowed)


@leak("group", Aim("/entities"), pack="camps")
def who_left_a_group_still_belongs_to_it(patch: pytest.MonkeyPatch) -> None:
    groups, known = resolver._groups, dict[tuple[str, str], set[str]]()

    async def remembered(unit: Any, world: str, pack: Any, users: Any) -> dict[str, set[str]]:
        for user, held in (await groups(unit, world, pack, users)).items():
            known.setdefault((world, user), set()).update(held)
        return {user: known.get((world, user), set()) for user in users}

    patch.setattr(resolver, "_groups", remembered)
