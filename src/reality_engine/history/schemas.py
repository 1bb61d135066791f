"""Bodies of answers that tell what became of entities."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ConfigDict, Field

from reality_engine.history.reading import Item
from reality_engine.kernel.json import Plain
from reality_engine.web.bodies import ResponseBody

_ITEM: Final[Any] = {
    "event": {
        "id": "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10", "at": "2026-05-01T18:00:00.000000Z", "type": "advance_plan",
        "action": "advance_plan", "narrative": "Cass moves the plan of The Crows forward by 2",
    },
    "changes": [{"field": "plan", "before": 3, "after": 5}],
}  # fmt: skip


def absent(value: Any) -> bool:
    """Say whether a part of an answer is left out."""
    return value is None


def not_so(value: Any) -> bool:
    """Say whether a part of an answer is left out, as it is not the case."""
    return value is False


class FieldResponse(ResponseBody):
    """A field that changed, as far as you saw each side: one that you did not see is absent, null is no value."""

    model_config = ConfigDict(extra="allow")

    field: str = Field(description="@owner and @life stand for the entity as a whole")

    @classmethod
    def of(cls, name: str, sides: Mapping[str, Plain]) -> "FieldResponse":
        """Show a field."""
        return cls.model_validate({"field": name, **sides})


class HistoryResponse(ResponseBody):
    """Something that became of an entity, as far as you saw it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})

    event: dict[str, Any] | None = Field(
        None, exclude_if=absent, description="What did it, as in the feed, where you see that; its changes stand beside"
    )
    changes: list[FieldResponse] = Field(description="[{field, before, after}]")
    appeared: bool = Field(default=False, exclude_if=not_so, description="From here on you saw it")
    vanished: bool = Field(default=False, exclude_if=not_so, description="From here on you saw it no more")

    @classmethod
    def of(cls, item: Item, event: dict[str, Plain] | None) -> "HistoryResponse":
        """Show an item with its event."""
        told = None if event is None else {name: value for name, value in event.items() if name != "changes"}
        return cls(
            event=told,
            changes=[FieldResponse.of(name, sides) for name, sides in item.step.fields.items()],
            appeared=item.step.appeared,
            vanished=item.step.vanished,
        )
