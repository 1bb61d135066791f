"""The names of a rule, where their paths lead, and who sees what they hold at one moment; not what rules do with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from reality_engine.expressions.types import JSON, TEXT, Base, Type, entity_of
from reality_engine.packs.audience import Audience, Seer, Term
from reality_engine.packs.flow.circles import ACTOR, Circle, Circles, Condition, Point, Step, read_in
from reality_engine.packs.flow.moment import OWNER, Moment
from reality_engine.packs.flow.sources import Label, Source, Text

if TYPE_CHECKING:
    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.compiled import FieldType, Kind

_ENTITIES: Final = frozenset({Base.ENTITY, Base.REF, Base.RECORD})


@dataclass(frozen=True, slots=True)
class Bound:
    """What a name stands for. `declared` is how `discloses` may call it, () where only kind and field can."""

    type: Type
    point: Point = ()
    label: Label = ()
    declared: "Path" = ()

    @property
    def kind(self) -> str | None:
        """The kind of the entity it stands for, or leads to."""
        return self.type.kind if self.type.base in _ENTITIES else None


@dataclass(frozen=True, slots=True)
class Walked:
    """Where a path has led: what is there, and what was read on the way, the end included."""

    end: Bound
    label: Label


@dataclass(frozen=True)
class Moves:
    """The fields, by kind, that some effect of a pack reveals, and to whom; and those that some effect conceals."""

    revealed: Mapping[tuple[str, str], tuple[Seer, ...]] = field(default_factory=dict)
    concealed: frozenset[tuple[str, str]] = frozenset()


@dataclass
class Names:
    """The names that are known at one place of a rule."""

    kinds: "Mapping[str, Kind]"
    variables: dict[str, Bound] = field(default_factory=dict)
    moment: Moment = field(default_factory=Moment)
    inputs: "Mapping[str, FieldType]" = field(default_factory=dict)
    moves: "Moves" = field(default_factory=Moves)
    outer: bool = True

    def inner(self) -> "Names":
        """Return names that begin as these; what is bound in them ends with them."""
        return Names(self.kinds, dict(self.variables), self.moment, self.inputs, self.moves, outer=False)

    def bind(self, name: str, kind: Type, label: Label = (), point: Point | None = None) -> Bound:
        """Make a name known."""
        declared = (name,) if self.outer else ()
        bound = Bound(kind, point or self.moment.begin(name), label, declared)
        self.variables[name] = bound
        return bound

    def entity(self, name: str, kind: str) -> Point:
        """Make the name of an entity known, and return its path."""
        return self.bind(name, entity_of(kind)).point

    def walk(self, path: "Path", text: Text, offset: int = 0) -> Walked:
        """Follow a path from one of the names."""
        start = self.variables.get(path[0], Bound(JSON))
        return self.follow(start, path[:1], path[1:], text, offset)

    def follow(self, start: Bound, said: "Path", steps: "Path", text: Text, offset: int = 0) -> Walked:
        """Follow a path from what something stands for; `said` is how the source calls it."""
        end, label = start, start.label
        for step in steps:
            if end.kind is None and end.type.base is not Base.RECORD:
                break
            said = (*said, step)
            end, read = self._step(end, step, said, text, offset)
            label = (*label, *read)
        return Walked(end, label)

    def _step(self, at: Bound, step: str, said: "Path", text: Text, offset: int) -> tuple[Bound, Label]:
        if at.kind is None:
            part = dict(at.type.fields).get(step, JSON)
            return Bound(part, (*at.point, Step(step)), (), (*at.declared, step) if at.declared else ()), ()
        place, shown = text.place(offset), ".".join(said)
        declared = (*at.declared, step) if at.declared else (at.kind, step)
        if step == "id":
            if at.type.base is not Base.REF:
                return replace(at, type=TEXT), ()
            there = Source(at.declared or (at.kind, step), shown, None, self.entity_circles(at.point, at.kind), place)
            return replace(at, type=TEXT), (there,)
        if step == OWNER:
            circles = self.owner_circles(at.point, at.kind)
            if any(seer.term is Term.OWNER for facet in self.kinds[at.kind].facets for seer in facet.audience):
                # Who sees what only owners see knows whose it is.
                circles |= {self.owner(at.point, at.kind)}
            return Bound(TEXT), (Source(declared, shown, (at.kind, OWNER), circles, place, *self._mark(at, OWNER)),)
        circles = self.field_circles(at.point, at.kind, step, earlier=True)
        point = self.further(at.point, at.kind, step)
        known = self.kinds[at.kind].fields.get(step)
        further = declared if at.declared else ()
        end = Bound(known.type if known else JSON, point, (), further)
        return end, (Source(declared, shown, (at.kind, step), circles, place, *self._mark(at, step)),)

    def _mark(self, at: Bound, name: str) -> tuple[Point, int]:
        return at.point, self.moment.version(at.point, str(at.kind), name)

    def further(self, point: Point, kind: str, name: str) -> Point:
        """Return where a ref field of an entity leads now."""
        return (*point, Step(name, kind, self.moment.version(point, kind, name)))

    def source(self, point: Point, kind: str, name: str, declared: "Path", text: Text) -> Source:
        """Return the reading of one field of an entity."""
        circles = self.field_circles(point, kind, name, earlier=True)
        mark = point, self.moment.version(point, kind, name)
        return Source(declared, ".".join(declared), (kind, name), circles, text.place(), *mark)

    def seen_now(self, source: Source) -> Circles:
        """Return who sees what was read, those included who see it only now, while it is still the same."""
        if source.field is None or not source.point:
            return source.circles
        kind, name = source.field
        if self.moment.version(source.point, kind, name) != source.version:
            return source.circles
        return source.circles | self.field_circles(source.point, kind, name)

    def field_circles(self, point: Point, kind: str, name: str, *, earlier: bool = False) -> Circles:
        """Return who sees a field of an entity; `earlier` owners too, where its value is still the one they saw."""
        held = self.kinds[kind]
        if name not in held.fields:
            return self.owner_circles(point, kind)
        circles = self._moved(
            self.audience(held.facets[held.fields[name].facet].audience, point, kind), point, kind, name
        )
        if not earlier:
            return circles
        if self.moment.knows(point, kind, name):
            circles |= {ACTOR}
        first = self.moment.owner_at_write(point, kind, name)
        owners = {circle for circle in circles if circle.term is Term.OWNER and circle.point == point}
        return circles | {
            replace(circle, version=version) for circle in owners for version in range(first, circle.version)
        }

    def revealed_to(self, point: Point, kind: str, name: str) -> Circle:
        """Return those to whom a field of an entity was revealed, of whom nothing else is known."""
        public = any(seer.term is Term.EVERYONE for seer in self.moves.revealed[kind, name])
        return Circle(Term.EVERYONE if public else Term.MEMBERS, point=point, kind=kind, field=name)

    def _moved(self, circles: Circles, point: Point, kind: str, name: str) -> Circles:
        """Return who sees a field that effects may reveal, to others too, or conceal: only where it is not."""
        if (kind, name) in self.moves.revealed:
            circles |= {self.revealed_to(point, kind, name)}
        if (kind, name) not in self.moves.concealed:
            return circles
        return frozenset(replace(circle, when=(f"{name} is not concealed", (point,))) for circle in circles)

    def owner_circles(self, point: Point, kind: str) -> Circles:
        """Return who sees who owns an entity."""
        held = self.kinds[kind]
        return self.audience(held.facets[held.owner_facet].audience, point, kind)

    def entity_circles(self, point: Point, kind: str) -> Circles:
        """Return who sees that an entity is there: all who see any part of it."""
        return frozenset().union(*(self.audience(each.audience, point, kind) for each in self.kinds[kind].facets))

    def audience(self, audience: Audience, point: Point, kind: str) -> Circles:
        """Return whom the audience of a kind or field means on one entity."""
        return frozenset(self._circle(seer, point, kind) for seer in audience)

    def owner(self, point: Point, kind: str) -> Circle:
        """Return the owner of an entity, as a circle of one."""
        circle = Circle(Term.OWNER, point=point, kind=kind, version=self.moment.version(point, kind, OWNER))
        for to, held in self.kinds.items():
            if held.group is not None and held.group.kind == kind:
                self.moment.inside.add((circle, self.group(self.further(point, kind, held.group.field), to)))
        return circle

    def joins(self, kind: str, name: str | None = None) -> bool:
        """Say whether this ref field of a kind, or any, puts owners into a group, of which they see more then."""
        groups = [held.group for held in self.kinds.values() if held.group is not None]
        return any(each.kind == kind and name in (None, each.field) for each in groups)

    def group(self, point: Point, kind: str) -> Circle:
        """Return the group of an entity."""
        return Circle(Term.GROUP, point=point, kind=kind)

    def _circle(self, seer: Seer, point: Point, kind: str) -> Circle:
        when = self.condition(seer.when.source, point, kind) if seer.when is not None else None
        return replace(self._unconditional(seer, point, kind), when=when)

    def condition(self, source: str, point: Point, kind: str) -> Condition:
        """Return a condition over `self`, of one entity at this moment."""
        return source, tuple(self.further(point, kind, name) for name in read_in(source))

    def _unconditional(self, seer: Seer, point: Point, kind: str) -> Circle:
        if seer.term is Term.OWNER:
            return self.owner(point, kind)
        if seer.term is Term.GROUP:
            return self.group(point, kind)
        if seer.term in (Term.GROUP_OF, Term.OWNER_OF):
            name = seer.path[0]
            further = self.further(point, kind, name)
            to = str(self.kinds[kind].fields[name].type.kind)
            return self.group(further, to) if seer.term is Term.GROUP_OF else self.owner(further, to)
        return Circle(seer.term, seer.role)

    def event_circle(self, seer: Seer, text: Text) -> tuple[Circle, Label]:
        """Return whom a term of an event's audience means, and what that tells something of."""
        if seer.term is Term.ACTOR:
            return ACTOR, ()
        if seer.term not in (Term.GROUP_OF, Term.OWNER_OF):
            return Circle(seer.term, seer.role), ()
        walked = self.walk(seer.path, text)
        end, kind = walked.end, str(walked.end.kind)
        circle = self.group(end.point, kind) if seer.term is Term.GROUP_OF else self.owner(end.point, kind)
        return circle, walked.label


def fields_that_decide(kind: "Kind") -> Iterable[tuple[str, Seer]]:
    """Yield each ref field with a term of the kind's audiences that speaks of its group or owner."""
    for facet in kind.facets:
        for seer in facet.audience:
            if seer.term in (Term.GROUP_OF, Term.OWNER_OF):
                yield seer.path[0], seer
