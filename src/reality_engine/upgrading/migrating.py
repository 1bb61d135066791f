"""What becomes of one entity under the next version of its pack, and what is wrong with that; pure, no tables."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from reality_engine.eventlog.event import Recorded
from reality_engine.expressions.errors import EvaluationError, NoValueError
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain, same
from reality_engine.packs.compiled import Field, Kind
from reality_engine.packs.conform import MisfitError, conform
from reality_engine.packs.upgrades import field_path, role_path
from reality_engine.rules.store import starting
from reality_engine.state.audience import facet_keys, facet_of
from reality_engine.state.audience_notes import renamed_notes, with_owner
from reality_engine.state.entity import AUDIENCE, KIND, LIFE, OWNER, Change, Entity, Life, unique_key
from reality_engine.state.own_fields import OwnFields
from reality_engine.upgrading.courses import Course, Origin
from reality_engine.upgrading.names import Between
from reality_engine.upgrading.problems import Refusals

_MEMBER: Final = "member"
_NOBODY: Final[frozenset[str]] = frozenset()


@dataclass
class Migrating:
    """Takes entities to the next version. `happens` counts what becomes of what, `held` who has which unique value.

    `managers` counts the members who manage the world then.
    """

    between: Between
    courses: Mapping[str, Course]
    dropped: tuple[str, ...]
    refusals: Refusals
    happens: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    held: dict[tuple[str, str, str], str] = field(default_factory=dict)
    managers: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds, by their earlier names, of which every entity has to be looked at."""
        return (*self.courses, *self.dropped)

    def migrate(self, entity: Entity, owners: Mapping[str, str | None]) -> tuple[Entity, tuple[Recorded, ...]]:
        """Return an entity as it is to be, and the changes that lead there; what is wrong is told.

        `owners` are those of what refs lead to that it has to note.
        """
        self.entities[entity.kind] += 1
        if entity.kind in self.dropped:
            return self._deleted(entity)
        course = self.courses[entity.kind]
        after = self._after(course, entity, owners)
        self._check(course, after)
        changes = tuple(self._recorded(course, entity, after, change) for change in _changes(entity, after))
        return after, changes

    def wanted(self, entity: Entity) -> list[str]:
        """Return the ids of what its refs lead to of which the owner has to be noted."""
        course = self.courses.get(entity.kind)
        names = () if course is None else course.noted
        return [str(held) for name in names if (held := entity.fields.get(_old_name(course, name))) is not None]

    def _deleted(self, entity: Entity) -> tuple[Entity, tuple[Recorded, ...]]:
        if not entity.live:
            return entity, ()
        self.happens[entity.kind, "", "deleted"] += 1
        keys = facet_keys(self.between.old.kinds[entity.kind], 0, entity)
        change = Change(entity.id, entity.kind, LIFE, str(Life.LIVE), str(Life.DELETED))
        return entity.changed(LIFE, str(Life.DELETED)), (Recorded(change, keys, keys),)

    def _after(self, course: Course, entity: Entity, owners: Mapping[str, str | None]) -> Entity:
        fields: dict[str, Plain] = {}
        for origin in course.origins:
            value = self._value(course, origin, entity)
            if value is not None:
                fields[origin.spec.name] = value
        for name in course.gone:
            if name in entity.fields:
                self.happens[course.after.name, name, "taken away"] += 1
        notes = renamed_notes(entity.audience, course.renamed)
        for name in course.noted:
            held = fields.get(name)
            owner = owners.get(held) if isinstance(held, str) else None
            notes = with_owner(notes, name, owner)
        after = Entity(entity.id, course.after.name, fields, entity.owner, entity.life, notes)
        if not course.after.owned and entity.owner is not None:
            after = after._replace(owner=None)
        after = self._as_member(after) if after.kind == _MEMBER else after
        return self._computed(course.after, after)

    def _value(self, course: Course, origin: Origin, entity: Entity) -> Plain:
        """Return what a field holds then, in its stored form."""
        spec, path = origin.spec, field_path(course.after.name, origin.spec.name)
        held = None if origin.before is None else entity.fields.get(origin.before.name)
        how, value = "", held
        if origin.formula is not None:
            how, value = "computed", self._worked_out(origin, entity, path)
        elif held is None:
            at = (course.after.name, spec.name)
            given = self.between.migration.values.get(at)
            value = given if given is not None else (starting(spec) if origin.before is None else None)
            how = "given its default" if value is not None else ""
        elif course.after.name == _MEMBER and spec.name == "roles":
            value = self._roles(held)
        elif origin.before is not None and origin.before.name != spec.name:
            how = "renamed"
        stored = self._fitted(spec, path, value, entity)
        if how or not same(stored, held):
            self.happens[course.after.name, spec.name, how or "brought into its form"] += 1
        return stored

    def _worked_out(self, origin: Origin, entity: Entity, path: str) -> Plain:
        if origin.formula is None:
            return None
        try:
            return origin.formula.evaluate(OwnFields(entity))
        except NoValueError:
            return None
        except EvaluationError as error:
            message = f"{path} cannot be worked out: {error.message}"
            self.refusals.add("evaluation_failed", message, entity=entity.id)
            return None

    def _fitted(self, spec: Field, path: str, value: Plain, entity: Entity) -> Plain:
        if value is None:
            if spec.required and entity.live:
                hint = f"default: {{{path}: …}} gives it a value"
                self.refusals.add("required", f"{path} is required and has no value", hint, entity=entity.id)
            return None
        full = spec.value.maximum
        if spec.value.base == "meter" and isinstance(value, int) and full is not None and value > full:
            self.refusals.add("out_of_bounds", f"{path} holds more than {int(full)}", _compute(path), entity=entity.id)
            return value
        try:
            return conform(value, spec.value)
        except MisfitError as misfit:
            place = ".".join((path, *misfit.path))
            self.refusals.add("out_of_bounds", f"{place} {misfit.message}", _compute(path), entity=entity.id)
            return value

    def _roles(self, held: Plain) -> Plain:
        """Return the roles of a member by their present names, without those that are given up."""
        said = self.between.migration
        names = [str(one) for one in held] if isinstance(held, list) else []
        return [*sorted({self.between.role_after(one) for one in names if role_path(one) not in said.drops})]

    def _as_member(self, member: Entity) -> Entity:
        """Note of a member whether they manage the world."""
        roles = member.fields.get("roles")
        manages = isinstance(roles, list) and not self.between.new.admin_roles.isdisjoint(map(str, roles))
        if member.live:
            self.managers += manages
            if manages != (member.fields.get("manages") is not None):
                return member.changed("manages", WORLD_ENTITY if manages else None)
        return member

    def _computed(self, kind: Kind, entity: Entity) -> Entity:
        for name in kind.computed:
            spec = kind.fields[name]
            try:
                value = None if spec.computed is None else spec.computed.evaluate(OwnFields(entity))
            except NoValueError:
                value = None
            except EvaluationError as error:
                path = field_path(kind.name, name)
                message = f"{path} cannot be worked out: {error.message}"
                self.refusals.add("evaluation_failed", message, entity=entity.id)
                value = None
            stored = self._fitted(spec, field_path(kind.name, name), value, entity)
            if stored is not None:
                entity = entity.changed(name, stored)
        return entity

    def _check(self, course: Course, after: Entity) -> None:
        """Tell what an entity would break that is there."""
        if not after.live:
            return
        kind = course.after
        for invariant in kind.invariants:
            if not invariant.that.holds(OwnFields(after)):
                message = f"an invariant of {kind.name} would not hold: {invariant.that.source}"
                self.refusals.add("invariant_broken", message, place=invariant.place, entity=after.id)
        for name in kind.uniques:
            value = after.fields.get(name)
            if value is not None and self.held.setdefault((kind.name, name, unique_key(value)), after.id) != after.id:
                message = f"{field_path(kind.name, name)} would not be unique"
                self.refusals.add("not_unique", message, _compute(field_path(kind.name, name)), entity=after.id)

    def _recorded(self, course: Course, before: Entity, after: Entity, change: Change) -> Recorded:
        """Give each side of a change the audience that the field has then."""
        name = change.field
        if name == AUDIENCE:
            return Recorded(change, _NOBODY, _NOBODY)
        old = _keys(course.before, name, before)
        new = _keys(course.after, name, after)
        specs = (course.before.fields.get(name), course.after.fields.get(name))
        private = any(spec is not None and spec.private for spec in specs)
        if old is None or new is None:
            only = (old if new is None else new) or _NOBODY
            return Recorded(change, only, only, private)
        return Recorded(change, new, old, private)


def _changes(before: Entity, after: Entity) -> Iterator[Change]:
    """Yield what makes one of the other: what it is of first, since all else is told of that."""
    kind = after.kind
    attributes: list[tuple[str, Plain, Plain]] = [(KIND, before.kind, kind), (OWNER, before.owner, after.owner)]
    for name, was, now in attributes:
        if was != now:
            yield Change(before.id, kind, name, was, now)
    for name in dict.fromkeys([*before.fields, *after.fields]):
        held, then = before.fields.get(name), after.fields.get(name)
        if not same(held, then):
            yield Change(before.id, kind, name, held, then)
    if before.audience != after.audience:
        yield Change(before.id, kind, AUDIENCE, before.get(AUDIENCE), after.get(AUDIENCE))


def _keys(kind: Kind, name: str, entity: Entity) -> frozenset[str] | None:
    """Return who sees a field of an entity, None where its kind has no such field."""
    if name not in kind.fields and name not in (KIND, OWNER):
        return None
    facet = 0 if name == KIND else facet_of(kind, name)
    return facet_keys(kind, facet, entity) if entity.live else _NOBODY


def _old_name(course: Course | None, name: str) -> str:
    renamed = {} if course is None else {new: old for old, new in course.renamed.items()}
    return renamed.get(name, name)


def _compute(path: str) -> str:
    return f"say under compute what {path} is to hold"
