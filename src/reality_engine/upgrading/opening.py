"""Holds an upgrade to what its pack says that it opens: nothing else may be seen by more people than before; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from reality_engine.packs.audience import role_key
from reality_engine.packs.compiled import Kind
from reality_engine.packs.upgrades import field_path, owner_path
from reality_engine.projection.closing import Closing
from reality_engine.state.audience import facet_keys
from reality_engine.state.entity import Entity
from reality_engine.upgrading.audiences import Audiences, Moved, keys_covered, said
from reality_engine.upgrading.courses import Course
from reality_engine.upgrading.names import Between
from reality_engine.upgrading.problems import Refusals


@dataclass(frozen=True)
class Opening:
    """What is opened and closed between two versions of a pack."""

    between: Between
    moved: tuple[Moved, ...]

    @classmethod
    def of(cls, between: Between, courses: Iterable[Course]) -> "Opening":
        """Compare the audiences of both, and of what is worked out of what."""
        audiences = Audiences(between)
        return cls(between, (*audiences.moved(), *_worked_out(audiences, courses)))

    def declared(self, path: str) -> bool:
        """Say whether a path may be opened; a kind stands for its fields that go with it, before and now."""
        kind, _, name = path.partition(".")
        opens = self.between.migration.opens
        return path in opens or (kind in opens and bool(name) and self._goes_along(kind, name))

    def check(self, refusals: Refusals) -> None:
        """Tell what would be opened without being said."""
        for one in self.moved:
            if one.opens and not self.declared(one.path):
                told = f"from {', '.join(one.before)} to {', '.join(one.after)}"
                hint = f"opens: [{one.path}] says that it shall, or narrow who sees it"
                refusals.add("would_open", f"{one.path} would be seen by more than before: {told}", hint)

    def check_entity(self, course: Course, before: Entity, after: Entity, refusals: Refusals) -> None:
        """Tell what would be opened of an entity, whatever its audiences say: what was concealed, for example."""
        if not before.live:
            return
        for path, old, new in self._sides(course, before, after):
            if path not in self._told and not keys_covered(self._known(new), old) and not self.declared(path):
                hint = f"opens: [{path}] says that it shall"
                refusals.add("would_open", f"{path} would be seen by more than before", hint, entity=before.id)

    def closes(self, courses: Iterable[Course], names: "FormerNames") -> dict[str, Closing]:
        """Return which past states are closed, by what kinds were called before."""
        closed = {one.path for one in self.moved if one.closes}
        found = {}
        for course in courses:
            kind = course.after
            fields = {
                name: names.of(course.before.name, origin.before.name, name)
                for origin in course.origins
                if (name := origin.spec.name) and field_path(kind.name, name) in closed and origin.before is not None
            }
            fields |= {
                name: names.of(course.before.name, name, name)
                for name in kind.computed
                if field_path(kind.name, name) in closed
            }
            facets = {0: 0} if kind.name in closed else {}
            if owner_path(kind.name) in closed:
                facets[course.before.owner_facet] = kind.owner_facet
            sealed = tuple(_former(course, names))
            if fields or facets or sealed:
                found[course.before.name] = Closing(kind.name, fields, facets, sealed)
        return found

    def _sides(
        self, course: Course, before: Entity, after: Entity
    ) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
        """Yield what is seen of an entity with who saw it, or what it is made of, and who is to see it."""
        was, kind = _Keys(course.before, before), _Keys(course.after, after)
        yield kind.kind.name, was.of(0), kind.of(0)
        if before.owner and after.owner:
            yield owner_path(kind.kind.name), was.of(course.before.owner_facet), kind.of(course.after.owner_facet)
        for origin in course.origins:
            if origin.spec.name in after.fields:
                new = kind.of(origin.spec.facet)
                for source in origin.sources:
                    if source.name in before.fields:
                        yield field_path(kind.kind.name, origin.spec.name), was.of(source.facet), new

    def _goes_along(self, kind: str, name: str) -> bool:
        spec = self.between.new.kinds[kind].fields.get(name)
        before = self.between.kind_before(kind)
        if spec is None or before is None:
            return name == "owner"
        was = self.between.field_before(self.between.new.kinds[kind], name)
        return was is not None and was.facet == 0 and spec.facet == 0

    def _known(self, keys: frozenset[str]) -> frozenset[str]:
        """Return keys by the names that roles had, without those who saw everything."""
        return frozenset(self._roles.get(key, key) for key in keys) - self._seeing

    @cached_property
    def _told(self) -> frozenset[str]:
        """What is opened for all alike, which is told once."""
        return frozenset(one.path for one in self.moved if one.opens)

    @cached_property
    def _roles(self) -> dict[str, str]:
        return {role_key(self.between.role_after(name)): role_key(name) for name in self.between.old.roles}

    @cached_property
    def _seeing(self) -> frozenset[str]:
        return frozenset(role_key(role.name) for role in self.between.old.roles.values() if role.sees_everything)


@dataclass(frozen=True, slots=True)
class FormerNames:
    """What fields were called in all versions that the world ran: by kind and field as they were last, every name."""

    known: dict[tuple[str, str], tuple[str, ...]]

    def of(self, kind: str, last: str, now: str) -> tuple[str, ...]:
        """Return every name that a field ever had, the present one too."""
        return tuple(dict.fromkeys((*self.known.get((kind, last), ()), last, now)))


@dataclass(frozen=True, slots=True)
class _Keys:
    """Who sees the facets of an entity."""

    kind: Kind
    entity: Entity

    def of(self, facet: int) -> frozenset[str]:
        return facet_keys(self.kind, facet, self.entity)


def _former(course: Course, names: FormerNames) -> Iterator[str]:
    """Yield other names that fields had which rules may conceal: what is concealed is taken out of the past by name."""
    for origin in course.origins:
        if origin.before is not None and course.after.facets[origin.spec.facet].moved:
            had = names.of(course.before.name, origin.before.name, origin.spec.name)
            yield from (name for name in had if name != origin.spec.name)


def _worked_out(audiences: Audiences, courses: Iterable[Course]) -> Iterator[Moved]:
    """Yield the fields that tell somebody of what they are worked out from, and that was hidden from them."""
    for course in courses:
        before, after = course.before, course.after
        for origin in course.origins:
            now = after.facets[origin.spec.facet]
            for source in origin.reads:
                was = before.facets[source.facet]
                if audiences.wider(before, was, after, now):
                    path = field_path(after.name, origin.spec.name)
                    yield Moved(path, said(was.audience), said(now.audience), opens=True, closes=False)
                    break
