"""How a pack's tests are written: given, when, then; not how they are run."""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from reality_engine.packs.definitions.base import Definition, listed


def _coded(value: Any) -> Any:
    return {"code": value} if isinstance(value, str) else value


def _of_that_kind(value: Any) -> Any:
    return {value: ""} if isinstance(value, str) else value


Listed: TypeAlias = Annotated[list[str], BeforeValidator(listed)]


class RefusalExpectation(Definition):
    """How an action is refused."""

    code: str
    """The code, such as denied or requirement_failed."""
    says: str | None = None
    """What is said: the message, or one of several."""


class Then(Definition):
    """What is expected after a step. Without `refused` the step's action must be accepted."""

    refused: Annotated[RefusalExpectation | None, BeforeValidator(_coded)] = None
    """The code of the refusal, or `{code, says}`."""
    events: Listed | None = None
    """The types of all its events, in order."""
    says: Listed | None = None
    """The narratives of its events, in order, of those that have one."""
    state: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """For entities by name: what their fields hold; null is no value, `owner` and `deleted` are known too."""
    sees: dict[str, Listed] = Field(default_factory=dict)
    """For viewers by name what they see: types of the step's events, names of events, entities, `entity.field` and
    `entity.owner`."""
    cannot_see: dict[str, Listed] = Field(default_factory=dict)
    """The same, for what they must not see."""


class Step(Definition):
    """One action, and what is expected of it."""

    as_: str = Field(alias="as")
    """Who acts: a member's or stranger's name, `world`, or `anyone` for those who did not log in."""
    do: str
    """The action."""
    actor: str | None = None
    """The name of the entity that acts."""
    target: str | None = None
    """The name of the entity that is acted upon."""
    input: dict[str, Any] = Field(default_factory=dict)
    """Its inputs. A name stands for the entity where a ref is wanted; `@name` is a person's user id."""
    dice: list[int] = Field(default_factory=list)
    """The faces that dice, draws and shuffles give, in order, counted from 1; chance decides the rest."""
    at: str | None = None
    """When it happens; else a minute after the step before it."""
    occurred_at: str | None = None
    """What the caller says of when it happened."""
    bind: Annotated[dict[str, str], BeforeValidator(_of_that_kind)] = Field(default_factory=dict)
    """A name for the entity that it creates; or `name: kind`, or `name: the name by which the action calls it`."""
    bind_events: dict[str, str] = Field(default_factory=dict)
    """Names for its events by their types, `name: type`: for inputs of type event, `sees` and `cannot_see` later."""
    then: Then | None = None
    """What is expected."""


class Given(Definition):
    """The world as each test of the file finds it."""

    clock: str = "2026-01-01T12:00:00Z"
    """When the world is made."""
    world: dict[str, Any] = Field(default_factory=dict)
    """The inputs of `world.create`; a title is made up."""
    members: dict[str, list[str] | None] = Field(min_length=1)
    """Names of members and their roles, by default the pack's own. The first one creates the world."""
    strangers: list[str] = Field(default_factory=list)
    """Names of people who are not members."""
    names: dict[str, dict[str, dict[str, Any]]] = Field(default_factory=dict)
    """Names for entities that the seeds made: `name: {kind: {field: value}}`."""
    steps: list[Step] = Field(default_factory=list)
    """What happened before, all of which must be accepted unless a step says otherwise."""


class ScenarioDefinition(Definition):
    """A test."""

    when: list[Step] = Field(min_length=1)
    """What happens, in order."""
    then: Then | None = None
    """What is expected of the last step, and of the world after it."""


class ScenariosDefinition(Definition):
    """A file of tests."""

    given: Given
    """The world as each test finds it."""
    tests: dict[str, ScenarioDefinition] = Field(min_length=1)
    """Tests by what they show."""
