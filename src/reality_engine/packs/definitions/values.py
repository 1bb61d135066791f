"""How fields and inputs are declared: their type and its bounds; not whether a bound belongs to a type."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from reality_engine.packs.definitions.base import Audience, Definition

TypeName: TypeAlias = Literal[
    "text", "integer", "number", "boolean", "enum", "timestamp", "date", "duration",
    "ref", "meter", "list", "set", "map", "record", "json",
    "event",
]  # fmt: skip


def written_out(value: Any) -> Any:
    """Read the short form `name: text` as `name: {type: text}`."""
    return {"type": value} if isinstance(value, str) else value


class TypeDefinition(Definition):
    """A type of value, with its bounds."""

    type: TypeName
    """What sort of value it is."""
    max_length: int | None = Field(None, ge=1, le=100_000)
    """For text: the most characters it may have (10000 unless told)."""
    min: float | None = None
    """For integer and number: the least value."""
    max: float | None = None
    """For integer and number: the greatest value. For meter, where it is required: the full one."""
    values: list[str] | None = Field(None, min_length=1, max_length=1000)
    """For enum, where it is required: the values there are."""
    kind: str | None = None
    """For ref, where it is required: the kind of entity it leads to."""
    of: "TypeSpec | None" = None
    """For list, set and map, where it is required: the type of what is inside."""
    max_items: int | None = Field(None, ge=1, le=10_000)
    """For list, set and map: the most items (1000 unless told)."""
    fields: "dict[str, MemberSpec] | None" = None
    """For record, where it is required: its parts."""


class MemberDefinition(TypeDefinition):
    """A part of a record."""

    required: bool = True
    """Whether a record must have this part."""


class InputDefinition(TypeDefinition):
    """An input of an action."""

    title: str = Field("", max_length=200)
    """What people call it."""
    required: bool | None = None
    """Whether it must be given; unless told, it must if it has no default."""
    default: Any = None
    """What stands in where it is not given."""


class FieldDefinition(TypeDefinition):
    """A field of a kind."""

    title: str = Field("", max_length=200)
    """What people call it."""
    required: bool = False
    """Whether an entity must always have a value here."""
    default: Any = None
    """The value of a new entity that is given none."""
    unique: bool = False
    """Whether no two living entities of the kind may have the same value."""
    index: bool = False
    """Whether lists may be sorted and filtered by it at scale."""
    personal: bool = False
    """Whether it says something of a person, and so can be erased."""
    computed: str | None = None
    """CEL over self, from which its value is worked out; nothing else can set it."""
    visible_to: Audience | None = None
    """Who sees it, where that is not who sees the kind."""
    discloses: list[str] = Field(default_factory=list)
    """Hidden fields, as self.<field>, of which it tells something: those it is computed from, or is seen by."""


TypeSpec: TypeAlias = Annotated[
    TypeDefinition, BeforeValidator(written_out, json_schema_input_type=TypeName | TypeDefinition)
]
MemberSpec: TypeAlias = Annotated[
    MemberDefinition, BeforeValidator(written_out, json_schema_input_type=TypeName | MemberDefinition)
]
InputSpec: TypeAlias = Annotated[
    InputDefinition, BeforeValidator(written_out, json_schema_input_type=TypeName | InputDefinition)
]
FieldSpec: TypeAlias = Annotated[
    FieldDefinition, BeforeValidator(written_out, json_schema_input_type=TypeName | FieldDefinition)
]

TypeDefinition.model_rebuild()
for _model in (MemberDefinition, InputDefinition, FieldDefinition):
    _model.model_rebuild()
