"""What is another thing in one version of a pack than in the one before: kinds, fields, rules; pure, no world."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from reality_engine.expressions.expression import Expression
from reality_engine.expressions.template import Template
from reality_engine.packs.compiled import Action, CompiledPack, Field, Kind, Reaction, Schedule
from reality_engine.packs.place import Place
from reality_engine.packs.upgrades import field_path
from reality_engine.upgrading.names import Between

ADDED: Final = "added"
CHANGED: Final = "changed"
REMOVED: Final = "removed"
RENAMED: Final = "renamed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of a pack that was added, changed, removed or renamed; `parts` are what of it is another."""

    what: str
    name: str
    change: str
    parts: tuple[str, ...] = ()
    before: str | None = None


def differences(between: Between) -> tuple[Difference, ...]:
    """Return everything, sort by sort, each in the order of the later version, and what is gone at the end."""
    old, new = between.old, between.new
    roles = {between.role_after(name): role for name, role in old.roles.items()}
    return (
        *_compared("role", roles, new.roles, lambda one: one.name),
        *_kinds(between),
        *_compared("action", _own(old), _own(new), lambda one: one.name),
        *_compared("reaction", _by_name(old.reactions), _by_name(new.reactions), lambda one: one.name),
        *_compared("schedule", _by_name(old.schedules), _by_name(new.schedules), lambda one: one.name),
    )


def _kinds(between: Between) -> Iterator[Difference]:
    before = {_after(between, name): kind for name, kind in between.old.kinds.items()}
    for name, kind in between.new.kinds.items():
        was = before.pop(name, None)
        if was is None:
            yield Difference("kind", name, ADDED)
            continue
        parts = tuple(part for part in _different(was, kind) if part not in ("fields", "facets", "owner_facet"))
        if was.name != name:
            yield Difference("kind", name, RENAMED, parts, was.name)
        elif parts:
            yield Difference("kind", name, CHANGED, parts)
        yield from _fields(between, was, kind)
    yield from (Difference("kind", kind.name, REMOVED) for kind in before.values())


def _after(between: Between, name: str) -> str:
    after = between.kind_after(name)
    return name if after is None else after.name


def _fields(between: Between, before: Kind, after: Kind) -> Iterator[Difference]:
    was = {between.name_after(after, name): spec for name, spec in before.fields.items()}
    for name, spec in after.fields.items():
        path, old = field_path(after.name, name), was.pop(name, None)
        if old is None:
            yield Difference("field", path, ADDED)
            continue
        parts = _field_parts(before, old, after, spec)
        if old.name != name:
            yield Difference("field", path, RENAMED, parts, field_path(before.name, old.name))
        elif parts:
            yield Difference("field", path, CHANGED, parts)
    yield from (Difference("field", field_path(after.name, spec.name), REMOVED) for spec in was.values())


def _field_parts(before: Kind, old: Field, after: Kind, new: Field) -> tuple[str, ...]:
    parts = [part for part in _different(old, new) if part not in ("name", "facet", "type")]
    if old.title == old.name and new.title == new.name and "title" in parts:
        parts.remove("title")
    if before.facets[old.facet].audience != after.facets[new.facet].audience:
        parts.append("visible_to")
    return tuple("type" if part == "value" else part for part in parts)


def _own(pack: CompiledPack) -> dict[str, Action]:
    return {name: action for name, action in pack.actions.items() if not action.core}


def _by_name(rules: "tuple[Reaction, ...] | tuple[Schedule, ...]") -> dict[str, Any]:
    return {rule.name: rule for rule in rules}


def _compared(
    what: str, old: Mapping[str, Any], new: Mapping[str, Any], name_of: Callable[[Any], str]
) -> Iterator[Difference]:
    for name, one in new.items():
        was = old.get(name)
        if was is None:
            yield Difference(what, name, ADDED)
            continue
        parts = tuple(part for part in _different(was, one) if part not in ("name", "formerly"))
        if name_of(was) != name:
            yield Difference(what, name, RENAMED, parts, name_of(was))
        elif parts:
            yield Difference(what, name, CHANGED, parts)
    yield from (Difference(what, name_of(one), REMOVED) for name, one in old.items() if name not in new)


def _different(old: Any, new: Any) -> tuple[str, ...]:
    """Return the parts in which two of the same sort say something else; where they stand does not matter."""
    names = [one.name for one in fields(old)]
    return tuple(name for name in names if _said(getattr(old, name)) != _said(getattr(new, name)))


def _said(value: Any) -> Any:
    """Return what a part of a compiled pack says, without where it stands, to be compared."""
    if isinstance(value, Expression | Template | Place):
        return _text(value)
    if isinstance(value, Mapping):
        return {key: _said(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_said(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, [_said(getattr(value, one.name)) for one in fields(value)])
    return value


def _text(value: Expression | Template | Place) -> str:
    if isinstance(value, Expression):
        return value.source
    return value.pattern if isinstance(value, Template) else ""
