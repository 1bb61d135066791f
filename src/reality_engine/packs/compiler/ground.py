"""What is known of a pack while it is compiled: its roles, the shapes of its kinds, its problems; not its rules."""

from dataclasses import dataclass, field

from reality_engine.expressions.types import Shapes, Type
from reality_engine.packs.audience import Seer
from reality_engine.packs.compiled import FieldType, Role
from reality_engine.packs.definitions.actions import ActionDefinition
from reality_engine.packs.definitions.kinds import KindDefinition
from reality_engine.packs.place import Place
from reality_engine.packs.problems import Problems
from reality_engine.packs.source import Spot


@dataclass
class KindShape:
    """A kind before its expressions are compiled."""

    name: str
    definition: KindDefinition
    spot: Spot
    core: bool
    values: dict[str, FieldType] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)

    @property
    def grouped(self) -> bool:
        """Whether its entities have groups."""
        return self.definition.group is not None


@dataclass
class ActionShape:
    """An action before it is compiled."""

    name: str
    definition: ActionDefinition
    spot: Spot
    core: bool


@dataclass(frozen=True)
class Emission:
    """What an emitted event carries."""

    type: str
    data: dict[str, Type]
    kind: str | None
    spot: Spot


@dataclass
class Ground:
    """The pack so far."""

    problems: Problems
    roles: dict[str, Role] = field(default_factory=dict)
    kinds: dict[str, KindShape] = field(default_factory=dict)
    actions: dict[str, ActionShape] = field(default_factory=dict)
    reactions: set[str] = field(default_factory=set)
    emitted: set[str] = field(default_factory=set)
    emissions: list[Emission] = field(default_factory=list)
    shapes: Shapes = field(default_factory=Shapes)
    # The fields, by kind, that some effect reveals or conceals: each has a facet of its own.
    moved: set[tuple[str, str]] = field(default_factory=set)
    # To whom fields are revealed, and from whom they are concealed, and where that stands.
    revealed: dict[tuple[str, str], set[Seer]] = field(default_factory=dict)
    concealed: list[tuple[tuple[str, str], Seer, Place]] = field(default_factory=list)
