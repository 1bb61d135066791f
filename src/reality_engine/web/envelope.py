"""The one form of every JSON answer: data, meta, errors; not what stands in it."""

from typing import Any, Generic, TypeVar

from pydantic import Field

from reality_engine.web.bodies import ResponseBody

T = TypeVar("T")


def _absent(value: Any) -> bool:
    return value is None


class Meta(ResponseBody):
    """What belongs to the answer and not to the data; a key without a value is left out."""

    limit: int | None = Field(None, exclude_if=_absent, description="At most this many items were asked for")
    offset: int | None = Field(None, exclude_if=_absent, description="How many items were passed over")
    next: str | None = Field(None, exclude_if=_absent, description="The cursor of the next page; absent on the last")
    cursor: str | None = Field(
        None, exclude_if=_absent, description="The point of the log at which this answer stands, to be sent as `since`"
    )
    as_of: str | None = Field(None, exclude_if=_absent, description="The moment that was asked for, as it was written")
    total: int | None = Field(None, exclude_if=_absent, description="How many items there are, if it was asked for")


class ErrorItem(ResponseBody):
    """One thing that is wrong with a request."""

    code: str = Field(description="Stable, for programs; the list is in the documentation")
    message: str = Field(description="For people; its words may change")
    field: str | None = Field(None, description="The offending part of the input, as a dotted path")
    hint: str | None = Field(None, description="What to do about it")


class Envelope(ResponseBody, Generic[T]):
    """An answer with data."""

    data: T
    meta: Meta = Meta()
    errors: list[ErrorItem] = Field(default_factory=list)


class ErrorEnvelope(ResponseBody):
    """An answer without data: everything that is wrong, not only the first thing."""

    data: None = None
    meta: Meta = Meta()
    errors: list[ErrorItem]
