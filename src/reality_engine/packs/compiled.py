"""A pack ready to run: immutable, fully checked, every expression compiled; not the YAML it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.template import Template
from reality_engine.expressions.types import Type
from reality_engine.kernel.json import Plain
from reality_engine.packs.audience import Audience, Seer, Term, fixed_keys
from reality_engine.packs.effects import Effect
from reality_engine.packs.place import Place
from reality_engine.packs.upgrades import Migration

# The kinds of the core pack, which every world has.
CORE_KINDS: Final = ("world", "member", "invite", "ban")


@dataclass(frozen=True, slots=True)
class Role:
    """A role that members of a world may have; `formerly` are its names in earlier versions, whose keys it holds."""

    name: str
    title: str
    sees_everything: bool = False
    default: bool = False
    admin: bool = False
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldType:
    """What values a field or an input takes, with its bounds; `base` is the declared type's name."""

    base: str  # text integer number boolean enum timestamp date duration ref meter list set map record json event
    minimum: float | int | None = None
    maximum: float | int | None = None
    max_length: int | None = None
    values: tuple[str, ...] = ()
    kind: str | None = None
    of: "FieldType | None" = None
    fields: "tuple[tuple[str, FieldType], ...]" = ()
    optional: tuple[str, ...] = ()
    max_items: int | None = None

    @cached_property
    def private(self) -> bool:
        """Whether values may hold free text, which enters digests only as a commitment."""
        return self.base in ("text", "json", "map") or any(part.private for part in self._parts)

    @cached_property
    def worded(self) -> bool:
        """Whether values may hold words that people search for."""
        return self.base in ("text", "enum", "json", "map") or any(part.worded for part in self._parts)

    @cached_property
    def refers(self) -> bool:
        """Whether values may hold refs to entities."""
        return self.base == "ref" or any(part.refers for part in self._parts)

    @property
    def _parts(self) -> "list[FieldType]":
        return [self.of] if self.of else [kind for _, kind in self.fields]


@dataclass(frozen=True)
class Field:
    """A field of a kind; `facet` is the index of the facet that holds it, `type` its static type."""

    name: str
    value: FieldType
    type: Type
    facet: int
    required: bool = False
    unique: bool = False
    index: bool = False
    personal: bool = False
    default: Plain = None
    computed: Expression | None = None
    title: str = ""

    @cached_property
    def private(self) -> bool:
        """Whether its values enter digests as salted commitments only."""
        return self.personal or self.value.private


@dataclass(frozen=True)
class Facet:
    """The fields of a kind that share one audience. Facet 0 is the kind's own, which also shows its life.

    The one field of a facet that is `moved` may be revealed to others, and concealed, by effects.
    """

    index: int
    audience: Audience
    fields: tuple[str, ...]
    moved: bool = False

    @cached_property
    def keys(self) -> frozenset[str] | None:
        """The keys of its audience, or None where they depend on the entity."""
        return None if self.moved else fixed_keys(self.audience)

    @cached_property
    def reads_fields(self) -> bool:
        """Whether who sees it depends on what the entity holds, beyond its owner and what it notes of its audience."""
        return any(seer.when or seer.path for seer in self.audience)

    @cached_property
    def conditions(self) -> int:
        """How many terms of its audience hold under a condition."""
        return sum(1 for seer in self.audience if seer.when)


@dataclass(frozen=True, slots=True)
class Group:
    """The group of an entity: the owners of the live `kind` entities whose ref `field` holds it."""

    kind: str
    field: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition and what is said when it does not hold; an invariant is one over `self`."""

    that: Expression
    message: Template
    place: Place


@dataclass(frozen=True)
class Kind:
    """A type of entity. `computed` lists computed fields in an order in which each sees those it reads.

    `owner_facet` is the facet that shows the owner, and so is there while an entity has one. `owners_of` are the refs
    that its audiences speak of as `owner of <ref>`, and `owner_told` the kinds and refs by which those of others speak
    of the owner of this one.
    """

    name: str
    title: str
    fields: Mapping[str, Field]
    facets: tuple[Facet, ...]
    owned: bool = False
    owner_facet: int = 0
    group: Group | None = None
    computed: tuple[str, ...] = ()
    invariants: tuple[Requirement, ...] = ()
    owners_of: tuple[str, ...] = ()
    owner_told: tuple[tuple[str, str], ...] = ()

    @cached_property
    def refs(self) -> tuple[str, ...]:
        """The fields that hold a ref."""
        return tuple(name for name, spec in self.fields.items() if spec.value.base == "ref")

    @cached_property
    def uniques(self) -> tuple[str, ...]:
        """The fields whose values are unique."""
        return tuple(name for name, spec in self.fields.items() if spec.unique)

    @cached_property
    def found_by(self) -> frozenset[str]:
        """The fields by whose values it is found: refs, unique and indexed ones."""
        return frozenset({*self.refs, *self.indexed})

    @cached_property
    def worded(self) -> tuple[tuple[str, ...], ...]:
        """The fields of each facet in which words are searched."""
        fields = self.fields
        return tuple(tuple(name for name in facet.fields if fields[name].value.worded) for facet in self.facets)

    @cached_property
    def unsettled(self) -> tuple[int, ...]:
        """The facets of which a change of any field may change who sees them."""
        return tuple(facet.index for facet in self.facets if facet.reads_fields)

    @cached_property
    def indexed(self) -> tuple[str, ...]:
        """The fields that an index of visible values holds."""
        return tuple(name for name, spec in self.fields.items() if spec.unique or spec.index)


@dataclass(frozen=True, slots=True)
class Input:
    """One input of an action; `default` stands in where it is left out and not required."""

    name: str
    value: FieldType
    type: Type
    required: bool
    default: Plain = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """Who must say yes before the action happens, unless a condition holds."""

    by: Audience
    unless: Expression | None
    place: Place


@dataclass(frozen=True)
class Action:
    """A named request to change a world. `place` is where its name stands, `undo` says who may undo it, and where."""

    name: str
    title: str
    place: Place
    allow: Expression
    allow_place: Place
    actor: str | None = None
    target: str | None = None
    target_deleted: bool = False
    members_only: bool = True
    inputs: Mapping[str, Input] = field(default_factory=dict)
    require: tuple[Requirement, ...] = ()
    effects: tuple[Effect, ...] = ()
    approval: Approval | None = None
    audience: Audience = (Seer(Term.ACTOR),)
    narrative: Template | None = None
    occurred_at: bool = False
    core: bool = False
    discloses: tuple[Path, ...] = ()
    undo: tuple[Expression, Place] | None = None

    @cached_property
    def private_inputs(self) -> frozenset[str]:
        """The inputs that may hold free text."""
        return frozenset(name for name, each in self.inputs.items() if each.value.private)


@dataclass(frozen=True, slots=True)
class Reaction:
    """A rule that answers an event of type `event` (for meters: of this kind and field) with further effects."""

    name: str
    event: str
    kind: str | None
    field: str | None
    place: Place
    when: Expression | None
    when_place: Place
    effects: tuple[Effect, ...]
    audience: Audience
    narrative: Template | None
    discloses: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an action is performed by the world itself: a cron line in a time zone."""

    name: str
    cron: str
    zone: str
    perform: str


@dataclass(frozen=True)
class CompiledPack:
    """A pack version ready to run; `digest` (SHA-256, hex) is of its source files."""

    name: str
    version: str
    title: str
    digest: str
    description: str
    roles: Mapping[str, Role]
    kinds: Mapping[str, Kind]
    actions: Mapping[str, Action]
    reactions: tuple[Reaction, ...]
    schedules: tuple[Schedule, ...]
    seeds: tuple[Effect, ...]
    upgrades: tuple[Migration, ...] = ()

    @cached_property
    def admin_roles(self) -> frozenset[str]:
        """The names of the roles that manage the world."""
        return frozenset(role.name for role in self.roles.values() if role.admin)

    @cached_property
    def answers(self) -> Mapping[str, tuple[Reaction, ...]]:
        """The reactions to each type of event, in order."""
        types = {reaction.event for reaction in self.reactions}
        return {each: tuple(one for one in self.reactions if one.event == each) for each in types}
