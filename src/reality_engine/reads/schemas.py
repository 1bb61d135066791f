"""Bodies of answers that show entities and events."""

from typing import Any

from pydantic import Field

from reality_engine.reads.shown import shown_entity
from reality_engine.visibility.entities import EntityView
from reality_engine.web.bodies import ResponseBody, Written


class EntityResponse(ResponseBody):
    """As much of an entity as you may see: what you may not see is absent, not null."""

    id: str
    kind: str
    owner: str | None = Field(
        None, description="The id of the user who owns it", exclude_if=lambda value: value is None
    )
    deleted: bool = Field(default=False, exclude_if=lambda value: not value)
    fields: dict[str, Any]
    updated_at: Written = Field(description="When anything that you see of it changed last")
    etag: str | None = Field(
        None, description="Send it as If-Match to act only on what you have seen; what was has none",
        exclude_if=lambda value: value is None,
    )  # fmt: skip

    @classmethod
    def of(
        cls, view: EntityView, key: bytes | None, viewer: str, fields: frozenset[str] | None = None
    ) -> "EntityResponse":
        """Show an entity to a viewer, or of its fields only some; the tag is that of all that they see."""
        return cls.model_validate(shown_entity(view, key, viewer, fields))


class EventResponse(ResponseBody):
    """As much of an event as you may see."""

    id: str
    at: str = Field(description="When it was recorded")
    type: str | None = None
    action: str | None = None
    narrative: str | None = None
    by: dict[str, Any] | None = Field(
        None,
        description="Who acted, as {kind, id}; a bot with its `key`, for who manages the world and for itself",
    )
    actor: str | None = Field(None, description="The entity that acted")
    target: str | None = Field(None, description="The entity that was acted on, or that the event is about")
    cause: str | None = Field(None, description="The event that caused it")
    occurred_at: str | None = None
    rolls: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    input: dict[str, Any] | None = Field(None, description="What you asked for; shown to who acted")
    changes: list[dict[str, Any]] | None = Field(None, description="[{entity, kind, field, before, after}]")
    moved: list[dict[str, Any]] | None = Field(
        None, description="Events it revealed or concealed, [{event, before, after}]; for roles that see everything"
    )
    position: int | None = Field(None, description="Its place in the log; for roles that see everything")
