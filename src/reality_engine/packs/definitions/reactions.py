"""How reactions and schedules are declared; not the effects, which stand in `effects`."""

from pydantic import Field

from reality_engine.packs.definitions.base import Audience, Condition, Definition, Text
from reality_engine.packs.definitions.effects import EffectSpec


class TriggerDefinition(Definition):
    """What a reaction answers: an event, or an action."""

    event: str | None = None
    """The type of an emitted event, meter.filled or meter.emptied."""
    kind: str | None = None
    """For meters: the kind."""
    field: str | None = None
    """For meters: the field."""
    action: str | None = None
    """The action."""


class ReactionDefinition(Definition):
    """A rule that answers an event with further effects."""

    title: str = Field("", max_length=200)
    """What people call it."""
    to: TriggerDefinition
    """What it answers."""
    when: Condition | None = None
    """Only when this holds."""
    effects: list[EffectSpec] = Field(default_factory=list)
    """What it does, in order."""
    visible_to: Audience | None = None
    """Who sees its event; without it, roles that see everything."""
    narrative: Text | None = None
    """How its event is told."""
    discloses: list[str] = Field(default_factory=list)
    """Paths to hidden fields of which its visible outcome may tell something."""


class ScheduleDefinition(Definition):
    """When the world itself performs an action."""

    title: str = Field("", max_length=200)
    """What people call it."""
    cron: str
    """Minute, hour, day, month and weekday."""
    zone: str = "UTC"
    """The time zone, such as Europe/Lisbon."""
    perform: str
    """The action: one without actor, target and required inputs."""
