"""The built-in pack that every world has, fitted to the roles of the pack it goes with; not a pack of its own."""

import functools
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from reality_engine.packs.definitions.pack import PackDefinition
from reality_engine.packs.problems import Problems
from reality_engine.packs.reader import read_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reality_engine.packs.compiled import Role
    from reality_engine.packs.source import Source

CORE_KINDS: Final = frozenset({"member", "world"})


def read_core(roles: "Mapping[str, Role]") -> "tuple[PackDefinition, Source]":
    """Return the core pack's definition for a pack with these roles, and its source for places in it."""
    source = core_source()
    return PackDefinition.model_validate(_fitted(source.data, _words(roles))), source


@functools.cache
def core_source() -> "Source":
    """Return the YAML of the core pack, read once."""
    problems = Problems()
    text = resources.files("reality_engine.packs").joinpath("core.yaml").read_text(encoding="utf-8")
    source = read_source("core.yaml", text, problems)
    problems.refuse()
    return source


def _words(roles: "Mapping[str, Role]") -> dict[str, list[str]]:
    admins = [role.name for role in roles.values() if role.admin]
    return {
        "$roles": list(roles) or ["none"],
        "$default_roles": [role.name for role in roles.values() if role.default],
        "$admin_roles": admins,
        "$first_admin_role": admins[:1],
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
