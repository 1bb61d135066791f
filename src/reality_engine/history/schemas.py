"""Bodies of answers that tell what became of entities."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ConfigDict, Field

from reality_engine.history.blaming import Blame
from reality_engine.history.diffing import Difference
from reality_engine.history.reading import Item
from reality_engine.kernel.json import Plain
from reality_engine.reads.explanation import MadeByResponse, PackResponse
from reality_engine.web.bodies import ResponseBody

_ITEM: Final[Any] = {
    "event": {
        "id": "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10", "at": "2026-05-01T18:00:00.000000Z", "type": "advance_plan",
        "action": "advance_plan", "narrative": "Cass moves the plan of The Crows forward by 2",
    },
    "changes": [{"field": "plan", "before": 3, "after": 5}],
}  # fmt: skip

_BLAME: Final[Any] = {
    "field": "plan", "value": 5, "event": _ITEM["event"],
    "made_by": {
        "kind": "action", "name": "advance_plan", "place": {"file": "pack.yaml", "line": 77, "column": 3},
        "emitted": False,
    },
    "pack": {"name": "harbor", "version": "1.0.0"},
}  # fmt: skip

_DIFF: Final[Any] = {
    "id": "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f11", "kind": "faction",
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


class BlameResponse(ResponseBody):
    """What gave a field the value that you see."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BLAME]})

    field: str
    value: Any
    event: dict[str, Any] | None = Field(
        None, exclude_if=absent, description="What did it, as in the feed but for its changes, where you see that"
    )
    made_by: MadeByResponse | None = Field(None, exclude_if=absent, description="Its rule, where that is yours to know")
    pack: PackResponse | None = Field(None, exclude_if=absent, description="Where the lines of the rule are looked up")
    appeared: bool = Field(
        default=False, exclude_if=not_so, description="The value came into your sight then, and may be older"
    )
    older: bool = Field(
        default=False, exclude_if=not_so, description="It is older than what was looked through: see the history"
    )

    @classmethod
    def of(cls, one: Blame, event: dict[str, Plain] | None) -> "BlameResponse":
        """Show what gave a field its value, with its event."""
        told = one.explained
        rule = None if told is None or told.made_by is None else told.made_by
        pack = None if told is None or rule is None else told.pack
        return cls(
            field=one.field,
            value=one.value,
            event=without_changes(event),
            made_by=None if rule is None or told is None else MadeByResponse.of(rule, emitted=told.emitted),
            pack=None if pack is None else PackResponse(name=pack.name, version=pack.version),
            appeared=one.appeared,
            older=not one.found,
        )


def without_changes(event: dict[str, Plain] | None) -> dict[str, Plain] | None:
    """Return an event without what it changed, which stands beside it."""
    return None if event is None else {name: value for name, value in event.items() if name != "changes"}


class DiffResponse(ResponseBody):
    """What differs in an entity between two moments. A side is absent where a field has no value that you see."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DIFF]})

    id: str
    kind: str
    changes: list[FieldResponse] = Field(description="[{field, before, after}]")
    appeared: bool = Field(default=False, exclude_if=not_so, description="You saw nothing of it at the first moment")
    vanished: bool = Field(default=False, exclude_if=not_so, description="You see nothing of it at the last moment")

    @classmethod
    def of(cls, one: Difference) -> "DiffResponse":
        """Show a difference."""
        return cls(
            id=one.entity,
            kind=one.kind,
            changes=[FieldResponse.of(name, sides) for name, sides in one.fields.items()],
            appeared=one.appeared,
            vanished=one.vanished,
        )


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
        return cls(
            event=without_changes(event),
            changes=[FieldResponse.of(name, sides) for name, sides in item.step.fields.items()],
            appeared=item.step.appeared,
            vanished=item.step.vanished,
        )
