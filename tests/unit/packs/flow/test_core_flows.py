"""The core pack tells nobody what they may not see, beside any pack; it is not followed again at each reading."""

import pytest

from reality_engine.packs.compiled import Role
from reality_engine.packs.compiler.core import core_for
from reality_engine.packs.flow.circles import shown
from reality_engine.packs.flow.rules import Rules, follow_action

ROLES = {
    "one who sees all": [Role("gm", "GM", sees_everything=True, admin=True)],
    "admins who do not": [Role("head", "Head", admin=True), Role("guest", "Guest", default=True)],
    "both": [Role("gm", "GM", sees_everything=True, admin=True), Role("head", "Head", admin=True), Role("guest", "")],
}


@pytest.mark.parametrize("roles", ROLES.values(), ids=ROLES)
def test_the_core_pack_tells_nobody_what_they_may_not_see(roles: list[Role]) -> None:
    core = core_for(roles)
    actions = {name: (action, core.action_shapes[name].spot) for name, action in core.actions.items()}
    rules = Rules({role.name: role for role in roles}, core.kinds, actions, [], {})
    found = {
        f"{name}: {flow.source.text} to {shown(flow.told)}"
        for name, (action, spot) in actions.items()
        for flow in follow_action(action, spot, rules).flows
    }
    # Whose user id is taken is asked of one's own id, by those who are no members, and so know. That somebody came by
    # an invite tells that it held.
    assert found == {
        "member.join: member.user to whoever acts",
        "world.create: member.user to whoever acts",
        *(f"member.accept: target.{name} to all members" for name in ("roles", "uses", "expires_at", "address")),
    }
