"""Compiles roles; not who has them."""

from typing import TYPE_CHECKING

from reality_engine.packs.compiled import Role
from reality_engine.packs.compiler.names import AUDIENCE_WORDS, check_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reality_engine.packs.definitions.pack import RoleDefinition
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot


def compile_roles(
    definitions: "Mapping[str, RoleDefinition]", former: "Mapping[str, tuple[str, ...]]", spot: "Spot",
    problems: "Problems",
) -> dict[str, Role]:  # fmt: skip
    """Return the roles; there must be one that is an admin's, and one default at most.

    `former` are the names that roles had in earlier versions.
    """
    roles: dict[str, Role] = {}
    for name, each in definitions.items():
        check_name((spot / name).key, name, "a role", problems, AUDIENCE_WORDS)
        everything = each.sees == "everything"
        admin = everything if each.admin is None else each.admin
        roles[name] = Role(name, each.title or name, everything, each.default, admin, former.get(name, ()))
    if not any(role.admin for role in roles.values()):
        hint = "give one role admin: true, or sees: everything"
        problems.add(spot.key, "no_admin", "no role is an admin's, so nobody could manage a world's members", hint)
    for extra in [role.name for role in roles.values() if role.default][1:]:
        problems.add((spot / extra).key, "two_defaults", "more than one role is the default")
    return roles
