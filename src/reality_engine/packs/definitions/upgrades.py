"""How a pack declares what becomes of worlds that run an earlier version of it; not what a new world begins with."""

from typing import Annotated, Any, TypeAlias

from pydantic import Field

from reality_engine.packs.definitions.base import Definition, Roles

Formula: TypeAlias = Annotated[
    str,
    Field(description="CEL after '=' over the fields that self has in the earlier version", examples=["=self.coin"]),
]


class RenameDefinition(Definition):
    """What is called otherwise now, by its earlier name."""

    kinds: dict[str, str] = Field(default_factory=dict)
    """Kinds: earlier name, then the present one."""
    fields: dict[str, str] = Field(default_factory=dict)
    """Fields: `kind.field` with the kind's present name and the field's earlier one, then the field's present name."""
    roles: dict[str, str] = Field(default_factory=dict)
    """Roles: earlier name, then the present one, which goes on to see what the earlier one saw."""


class UpgradeDefinition(Definition):
    """What becomes of a world that runs one of these earlier versions. Kinds are called by their present names."""

    versions: Roles = Field(alias="from", min_length=1)
    """Earlier versions: such as 1.0.0, or '1.0.0 to 1.4.2' for all between and both."""
    rename: RenameDefinition = Field(default_factory=RenameDefinition)
    """What is called otherwise now."""
    default: dict[str, Any] = Field(default_factory=dict)
    """`kind.field`: the value for entities that have none there, which is any for a new field."""
    compute: dict[str, Formula] = Field(default_factory=dict)
    """`kind.field`: from what its value is worked out for every entity, instead of what it held."""
    split: dict[str, dict[str, Formula]] = Field(default_factory=dict)
    """`kind.field` of the earlier version: the fields that take its place, each with what it is worked out from."""
    drop: list[str] = Field(default_factory=list)
    """What is given up: a kind (its entities are deleted), `kind.field`, `kind.owner`, or `role:name`."""
    opens: list[str] = Field(default_factory=list)
    """What more people see than before: `kind.field`, `kind.owner`, `kind` for that its entities are there at all, or
    `role:name` for all that a role sees."""
