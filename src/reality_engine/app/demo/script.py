"""The script of the demo's evening, as it stands in `evening.yaml`; not its performance."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

_SCRIPT = Path(__file__).parent / "evening.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Person(_Part):
    """Somebody with an account and a role at the table."""

    name: str
    email: str
    roles: list[str]


class Step(_Part):
    """One action: who does what. `{name}` in actor, target and input stands for an entity that was bound before.

    `bind` names the entity that the action creates; `expect` is the code of the refusal it is to meet, if any.
    """

    who: str = Field(alias="as")
    do: str
    actor: str | None = None
    target: str | None = None
    input: dict[str, Any] = Field(default_factory=dict)
    bind: dict[str, str] = Field(default_factory=dict)
    expect: str | None = None


class Evening(_Part):
    """A world, its people, what is in it from the start, and what they did."""

    pack: str
    title: str
    description: str
    people: dict[str, Person]
    known: dict[str, tuple[str, str, str]]
    steps: list[Step]


def read_evening() -> Evening:
    """Read the script that comes with the product."""
    loaded = YAML(typ="safe", pure=True).load(_SCRIPT.read_text("utf-8"))
    return Evening.model_validate(loaded)
