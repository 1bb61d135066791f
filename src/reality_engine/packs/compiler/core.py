"""The built-in pack that every world has, fitted to the roles of the pack it goes with; not a pack of its own."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from reality_engine.packs.compiler.actions import compile_action
from reality_engine.packs.compiler.ground import ActionShape, Ground, KindShape
from reality_engine.packs.compiler.kinds import compile_kind, shape_kinds
from reality_engine.packs.compiler.names import is_name
from reality_engine.packs.definitions.pack import PackDefinition
from reality_engine.packs.problems import Problems
from reality_engine.packs.reader import read_source
from reality_engine.packs.source import Spot

if TYPE_CHECKING:
    from reality_engine.packs.compiled import Action, Kind, Role
    from reality_engine.packs.source import Source


@dataclass(frozen=True)
class Core:
    """The core pack, compiled: its rules speak of its own kinds alone, so it is the same beside any pack."""

    kinds: "Mapping[str, Kind]"
    actions: "Mapping[str, Action]"
    kind_shapes: Mapping[str, KindShape]
    action_shapes: Mapping[str, ActionShape]


def core_for(roles: "Iterable[Role]") -> Core:
    """Return the core pack for a pack with these roles."""
    return _compiled(tuple(role for role in roles if is_name(role.name)))


@functools.lru_cache(maxsize=32)
def _compiled(roles: "tuple[Role, ...]") -> Core:
    source, ground = _source(), Ground(Problems(), {role.name: role for role in roles})
    definition, root = PackDefinition.model_validate(_fitted(source.data, _words(roles))), Spot(source)
    kinds = (KindShape(name, each, root / "kinds" / name, core=True) for name, each in definition.kinds.items())
    shape_kinds(kinds, ground)
    ground.actions = {
        name: ActionShape(name, each, root / "actions" / name, core=True) for name, each in definition.actions.items()
    }
    core = Core(
        {name: compile_kind(shape, ground) for name, shape in ground.kinds.items()},
        {name: compile_action(shape, ground) for name, shape in ground.actions.items()},
        ground.kinds,
        ground.actions,
    )
    ground.problems.refuse()
    return core


@functools.cache
def _source() -> "Source":
    problems = Problems()
    text = resources.files("reality_engine.packs").joinpath("core.yaml").read_text(encoding="utf-8")
    source = read_source("core.yaml", text, problems)
    problems.refuse()
    return source


def _words(roles: "tuple[Role, ...]") -> dict[str, list[str]]:
    admins = [role.name for role in roles if role.admin]
    return {
        "$roles": [role.name for role in roles] or ["none"],
        "$default_roles": [role.name for role in roles if role.default],
        "$admin_roles": admins,
        "$managers": admins or ["nobody"],
        "$first_admin_role": admins[:1],
        "$seeing_roles": [role.name for role in roles if role.sees_everything],
    }


def _fitted(value: Any, words: dict[str, list[str]]) -> Any:
    """Put the pack's roles where the core pack says `$…`: as a list, or as CEL inside of a text."""
    if isinstance(value, dict):
        return {key: _fitted(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [_fitted(item, words) for item in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    if value in words:
        return words[value]
    for word in sorted(words, key=len, reverse=True):
        value = value.replace(word, "[" + ", ".join(f"'{name}'" for name in words[word]) + "]")
    return value
