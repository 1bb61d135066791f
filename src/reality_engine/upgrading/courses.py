"""How the entities of one kind go from one version of a pack to the next: which field comes of what; pure, no entity.

What can be told to be wrong without looking at any entity is told here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reality_engine.expressions.environment import Environment
from reality_engine.expressions.errors import ExpressionError
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.types import Base, Shapes, entity_of
from reality_engine.packs.compiled import CompiledPack, Field, Kind
from reality_engine.packs.upgrades import Formula, field_path, owner_path, role_path
from reality_engine.projection.turning import alike
from reality_engine.upgrading.names import Between
from reality_engine.upgrading.problems import Refusals

_SELF: Final = "self"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a field comes of: what the entity held under `before`, or what is worked out by `formula` from `reads`."""

    spec: Field
    before: Field | None = None
    formula: Expression | None = None
    reads: tuple[Field, ...] = ()

    @property
    def sources(self) -> tuple[Field, ...]:
        """The fields of the earlier version that its value may tell of."""
        return self.reads if self.formula is not None else (() if self.before is None else (self.before,))


@dataclass(frozen=True)
class Course:
    """The way of one kind; `origins` are those of the fields that are not computed, `gone` fields that are no more."""

    before: Kind
    after: Kind
    origins: tuple[Origin, ...]
    gone: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def noted(self) -> tuple[str, ...]:
        """The refs of which an entity must note the owner of what they lead to, and has not so far."""
        before = {self.renamed.get(name, name) for name in self.before.owners_of}
        return tuple(name for name in self.after.owners_of if name not in before)


def courses(between: Between, refusals: Refusals) -> dict[str, Course]:
    """Return the ways of those kinds of whose entities anything may become anything, by their earlier names."""
    _check_names(between, refusals)
    found = {}
    for before, after in between.pairs():
        if _idle(between, before, after):
            continue
        origins = tuple(_origins(between, before, after, refusals))
        kept = {origin.before.name for origin in origins if origin.before is not None}
        kept |= {name for name in before.fields if name in after.fields and after.fields[name].computed}
        gone = tuple(name for name in before.fields if name not in kept)
        _check_gone(between, before, after, gone, refusals)
        renamed = {name: between.name_after(after, name) for name in before.fields}
        found[before.name] = Course(before, after, origins, gone, renamed)
    return found


def dropped(between: Between, refusals: Refusals) -> tuple[str, ...]:
    """Return the kinds that are there no more; those of which that is not said are told."""
    gone = [name for name in between.old.kinds if between.kind_after(name) is None]
    for name in gone:
        if name not in between.migration.drops:
            hint = f"drop: [{name}] deletes its entities; or say under rename what it is called now"
            refusals.add("not_said", f"there is no kind '{name}' any more", hint)
    return tuple(gone)


def _idle(between: Between, before: Kind, after: Kind) -> bool:
    """Say whether nothing can become of an entity of a kind, and nothing be wrong with it."""
    said = between.migration
    spoken_of = {kind for kind, _ in (*said.fields, *said.values, *said.formulas, *said.split)}
    return (
        alike(before, after)
        and before.name == after.name
        and after.name not in spoken_of
        and (before.owned, before.owners_of, before.computed) == (after.owned, after.owners_of, after.computed)
        and [one.that.source for one in before.invariants] == [one.that.source for one in after.invariants]
        and all(_same(before.fields[name], spec) for name, spec in after.fields.items())
        and (after.name != "member" or _managing(between.old) == _managing(between.new))
    )


def _same(before: Field, after: Field) -> bool:
    return (before.required, _source(before)) == (after.required, _source(after))


def _source(spec: Field) -> str | None:
    return None if spec.computed is None else spec.computed.source


def _managing(pack: CompiledPack) -> frozenset[str]:
    return pack.admin_roles


def _origins(between: Between, before: Kind, after: Kind, refusals: Refusals) -> Iterator[Origin]:
    for name, spec in after.fields.items():
        if spec.computed is not None:
            continue
        was = between.field_before(after, name)
        formula = between.migration.formulas.get((after.name, name))
        if formula is not None:
            if spec.unique and was is not None and was.name == name:
                # Entities go on one after the other: one would be given what another one still has.
                message = f"{field_path(after.name, name)} is unique, so it cannot be worked out in place"
                hint = "give it another name, which is worked out from this one"
                refusals.add("bad_unique", message, hint, formula.place)
            compiled = _compiled(between, before, spec, formula, refusals)
            if compiled is not None:
                reads = sorted({path[1] for path in compiled.reads if len(path) > 1 and path[1] in before.fields})
                yield Origin(spec, was, compiled, tuple(before.fields[one] for one in reads))
            continue
        if was is not None:
            _check_ref(between, after, spec, was, refusals)
        yield Origin(spec, was)


def _compiled(between: Between, kind: Kind, spec: Field, formula: Formula, refusals: Refusals) -> Expression | None:
    """Compile what is worked out from an entity as it was."""
    types = {name: {each: one.type for each, one in other.fields.items()} for name, other in between.old.kinds.items()}
    try:
        made = Environment(Shapes(types), {_SELF: entity_of(kind.name)}).expression(formula.source, spec.type)
    except ExpressionError as error:
        for problem in error.problems:
            message = f"in {between.old.name} {between.old.version}, {problem.message}"
            refusals.add("bad_expression", message, problem.hint, formula.place)
        return None
    leaving = [path for path in made.reads if len(path) > 2 and _leads_away(kind, path[1])]
    if leaving or made.lookups:
        refusals.add("bad_expression", "an upgrade works out fields from fields of self only", None, formula.place)
        return None
    return made


def _leads_away(kind: Kind, name: str) -> bool:
    return name in kind.fields and kind.fields[name].type.base is Base.REF


def _check_ref(between: Between, kind: Kind, spec: Field, was: Field, refusals: Refusals) -> None:
    to = between.kind_after(str(was.value.kind)) if was.value.base == "ref" else None
    if spec.value.base == "ref" and (to is None or to.name != spec.value.kind):
        path = field_path(kind.name, spec.name)
        message = f"{path} would refer to a {spec.value.kind}, and does not now"
        refusals.add("bad_ref", message, f"give the field another name, and drop: [{path}] the one before")


def _check_gone(between: Between, before: Kind, after: Kind, gone: tuple[str, ...], refusals: Refusals) -> None:
    said = between.migration
    for name in gone:
        path = field_path(after.name, name)
        if name in after.fields or path in said.drops or (after.name, name) in said.split:
            continue
        hint = f"drop: [{path}] gives up what it holds; or say under rename, split or compute where that goes"
        refusals.add("not_said", f"{after.name} has no field '{name}' any more", hint)
    if before.owned and not after.owned and owner_path(after.name) not in said.drops:
        hint = f"drop: [{owner_path(after.name)}] takes it from whom it belongs to"
        refusals.add("not_said", f"a {after.name} has no owner any more", hint)


def _check_names(between: Between, refusals: Refusals) -> None:
    """Tell what the version before never had, of all that is said of it."""
    said, version = between.migration, f"{between.old.name} {between.old.version}"
    for old in said.kinds:
        if old not in between.old.kinds:
            refusals.add("unknown_kind", f"{version} has no kind '{old}' that could be renamed", None, said.place)
    for kind, name in {*said.fields, *said.split}:
        before = between.kind_before(kind)
        if before is not None and name not in before.fields:
            refusals.add("unknown_field", f"{version} has no field '{before.name}.{name}'", None, said.place)
    for old in said.roles:
        if old not in between.old.roles:
            refusals.add("unknown_role", f"{version} has no role '{old}' that could be renamed", None, said.place)
    _check_roles(between, refusals)


def _check_roles(between: Between, refusals: Refusals) -> None:
    said = between.migration
    for role in between.old.roles:
        if between.role_after(role) not in between.new.roles and role_path(role) not in said.drops:
            hint = f"drop: [{role_path(role)}] takes it from those who have it; or say under rename what it is called"
            refusals.add("not_said", f"there is no role '{role}' any more", hint)
