"""The bodies that the service takes and gives."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class GatherRequest(BaseModel):
    """Who gathers, and how much."""

    gatherer: int
    effort: int = Field(default=1, ge=1, le=100)


class EventResponse(BaseModel):
    """What happened."""

    id: int
    at: datetime
    type: str
    narrative: str


class GatherResponse(BaseModel):
    """What happened, and what is left of it."""

    event: EventResponse
    stock: int
    store: int


class CrateResponse(BaseModel):
    """A crate."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    place_id: int | None
    weight: int
    worth: int
