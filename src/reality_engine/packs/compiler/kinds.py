"""Compiles kinds, first to their shapes, on which everything else leans, then whole; not the rules about them."""

from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import TYPE_CHECKING

from reality_engine.expressions.types import Shapes, entity_of
from reality_engine.packs.audience import Term
from reality_engine.packs.compiled import Facet, Group, Kind, Requirement
from reality_engine.packs.compiler.audiences import kind_audience
from reality_engine.packs.compiler.computed import check_own_fields, order_computed
from reality_engine.packs.compiler.field_types import ANY, ONLY_INPUT, compile_type, static_type
from reality_engine.packs.compiler.fields import compile_field
from reality_engine.packs.compiler.ground import Ground, KindShape
from reality_engine.packs.compiler.names import FIELDS, check_name, is_name
from reality_engine.packs.compiler.personal import check_impersonal, with_inherited
from reality_engine.packs.compiler.scope import Scope
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reality_engine.packs.audience import Audience
    from reality_engine.packs.compiled import Field
    from reality_engine.packs.definitions.kinds import RequirementDefinition
    from reality_engine.packs.source import Spot


@dataclass
class _Facets:
    """The audiences of a kind so far, by the number of their facet. Fields that are `moved` share theirs with none."""

    audiences: "list[Audience]"
    moved: set[int] = dataclass_field(default_factory=set)

    def shared(self, audience: "Audience") -> int:
        """Return the facet of all that has this audience."""
        for number, known in enumerate(self.audiences):
            if number not in self.moved and set(known) == set(audience):
                return number
        self.audiences.append(audience)
        return len(self.audiences) - 1

    def own(self, audience: "Audience") -> int:
        """Return a facet for one field alone."""
        self.audiences.append(audience)
        self.moved.add(len(self.audiences) - 1)
        return len(self.audiences) - 1

    def compiled(self, fields: "Mapping[str, Field]") -> "Iterator[Facet]":
        """Yield the facets with the fields that they hold."""
        for number, audience in enumerate(self.audiences):
            held = tuple(name for name, field in fields.items() if field.facet == number)
            yield Facet(number, audience, held, number in self.moved)


def shape_kinds(shapes: "Iterable[KindShape]", ground: Ground) -> None:
    """Work out the types of these kinds' fields, so that whatever is compiled after may name them."""
    new = {shape.name: shape for shape in shapes}
    ground.kinds = {**ground.kinds, **new}
    for shape in new.values():
        for name, definition in shape.definition.fields.items():
            spot = shape.spot / "fields" / name
            check_name(spot.key, name, "a field", ground.problems, FIELDS)
            shape.values[name] = compile_type(definition, spot, ground.kinds, ground.problems)
            if shape.values[name].base == "event":
                ground.problems.add(spot.place, "bad_type", ONLY_INPUT)
                shape.values[name] = ANY
            if is_name(name):
                shape.types[name] = static_type(shape.values[name])
    types = {shape.name: shape.types for shape in ground.kinds.values()}
    unique = {
        (shape.name, name)
        for shape in ground.kinds.values()
        for name, definition in shape.definition.fields.items()
        if definition.unique
    }
    ground.shapes = Shapes(types, frozenset(unique))


def compile_kind(shape: KindShape, ground: Ground) -> Kind:
    """Compile one kind; `ground` knows the shapes of all."""
    definition = shape.definition
    scope = Scope(ground, {"self": entity_of(shape.name)})
    own = kind_audience(definition.visible_to, shape.spot / "visible_to", shape, scope)
    facets = _Facets([own])
    owner_facet = facets.shared(_owner_audience(shape, own, scope))
    fields: dict[str, Field] = {}
    for name, each in definition.fields.items():
        audience = own
        if each.visible_to is not None:
            audience = kind_audience(each.visible_to, shape.spot / "fields" / name / "visible_to", shape, scope)
        facet = facets.own(audience) if (shape.name, name) in ground.moved else facets.shared(audience)
        fields[name] = compile_field(name, shape, facet, audience, scope)
    computed = order_computed(fields, shape, ground.problems)
    fields = with_inherited(fields, computed)
    check_impersonal(facets.audiences, fields, shape, ground.problems)
    spoken_of = {seer.path[-1] for audience in facets.audiences for seer in audience if seer.term is Term.OWNER_OF}
    return Kind(
        name=shape.name,
        title=definition.title or shape.name,
        fields=fields,
        facets=tuple(facets.compiled(fields)),
        owned=definition.owned,
        owner_facet=owner_facet,
        group=_group(shape, ground),
        computed=computed,
        invariants=compile_requirements(definition.invariants, shape.spot / "invariants", scope, own_only=True),
        owners_of=tuple(sorted(spoken_of)),
    )


def with_owners_told(kinds: "Mapping[str, Kind]") -> "dict[str, Kind]":
    """Return the kinds, each knowing by which refs the audiences of others speak of its owner."""
    told: dict[str, list[tuple[str, str]]] = {}
    for kind in kinds.values():
        for name in kind.owners_of:
            told.setdefault(str(kind.fields[name].value.kind), []).append((kind.name, name))
    return {name: replace(kind, owner_told=tuple(told.get(name, ()))) for name, kind in kinds.items()}


def _owner_audience(shape: KindShape, own: "Audience", scope: Scope) -> "Audience":
    terms, spot = shape.definition.owner_visible_to, shape.spot / "owner_visible_to"
    if terms is None:
        return own
    if not shape.definition.owned:
        message = f"a {shape.name} has no owner"
        scope.ground.problems.add(spot.key, "not_owned", message, "give the kind owned: true")
        return own
    return kind_audience(terms, spot, shape, scope)


def compile_requirements(
    definitions: "Iterable[RequirementDefinition]", spot: "Spot", scope: Scope, *, own_only: bool = False
) -> tuple[Requirement, ...]:
    """Compile conditions with their messages; with `own_only`, they may read fields of `self` alone."""
    compiled = []
    for index, each in enumerate(definitions):
        at = spot / index
        that = scope.condition(at / "that", each.that)
        if own_only:
            check_own_fields(that, at / "that", "an invariant", scope)
        compiled.append(Requirement(that, scope.template(at / "else", each.message), (at / "that").place))
    return tuple(compiled)


def _group(shape: KindShape, ground: Ground) -> Group | None:
    if shape.definition.group is None:
        return None
    at = shape.spot / "group" / "through"
    through = shape.definition.group.through
    kind, _, name = through.partition(".")
    other = ground.kinds.get(kind)
    if other is None:
        ground.problems.add(at.place, "unknown_kind", f"there is no kind '{kind}'", nearest(kind, ground.kinds))
        return None
    value = other.values.get(name)
    if value is None:
        refs = [each for each, held in other.values.items() if held.base == "ref" and held.kind == shape.name]
        place = at.within(len(kind) + 1 if name else 0)
        ground.problems.add(place, "unknown_field", f"{kind} has no field '{name}'", nearest(name, refs))
    elif value is not ANY and (value.base != "ref" or value.kind != shape.name):
        ground.problems.add(at.place, "bad_group", f"'{through}' is not a ref to {shape.name}")
    if not other.definition.owned:
        message = f"nobody would belong to the group: a {kind} has no owner"
        ground.problems.add(at.place, "bad_group", message, f"give {kind} owned: true")
    return Group(kind, name)
