"""What all definitions share: strict, immutable, and refusing unknown keys; not any definition itself."""

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag


class Definition(BaseModel):
    """Base of the models of a pack's YAML. What stands under an attribute is its description in the JSON Schema."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        regex_engine="rust-regex",
    )


def listed(value: Any) -> Any:
    """Read one text as a list of one."""
    return [value] if isinstance(value, str) else value


Condition: TypeAlias = Annotated[str, Field(description="CEL that is true or false, such as: actor.coin >= 2")]
Text: TypeAlias = Annotated[str, Field(description="Text, in which {CEL} stands for a value")]


class ConditionalAudience(Definition):
    """An audience that there is only while a condition holds."""

    when: Condition
    """On kinds and fields CEL over self alone, decided with each change; on events when the event happens."""
    to: list[str] = Field(min_length=1)
    """Who sees it then."""


def _term_of(value: Any) -> str:
    return "@when" if isinstance(value, dict | ConditionalAudience) else "@term"


AudienceTerm: TypeAlias = Annotated[
    Annotated[str, Tag("@term")] | Annotated[ConditionalAudience, Tag("@when")], Discriminator(_term_of)
]
Audience: TypeAlias = Annotated[
    list[AudienceTerm],
    Field(
        description="Who sees it: everyone, members, nobody, a role's name; on kinds also owner, group, 'owner of "
        "<ref field>', 'group of <ref field>'; on events also actor, 'owner of <path>', 'group of <path>'; or such "
        "terms on a condition, as {when, to}",
        examples=[["everyone"], ["owner", "gm"], [{"when": "self.open", "to": ["members"]}, "gm"]],
    ),
]
Roles: TypeAlias = Annotated[list[str], BeforeValidator(listed, json_schema_input_type=str | list[str])]
# A literal, or CEL when it is a text that begins with `=`; `==` at the beginning stands for one literal `=`.
Value: TypeAlias = Annotated[
    Any, Field(description="A literal, or CEL if it begins with '='. A literal that begins with '=' is written '=='")
]
