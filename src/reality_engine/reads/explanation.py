"""Bodies of answers that say which rules were asked, and where these stand; not how that is found out."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import ConfigDict, Field

from reality_engine.packs.place import Place
from reality_engine.reads.explained_events import EventExplained, MadeBy
from reality_engine.reads.explaining import Explained
from reality_engine.reads.why_seen import Reason
from reality_engine.visibility.events import EventView
from reality_engine.web.bodies import ResponseBody

_ID: Final = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
_MEMBERS_ONLY: Final[Any] = {
    "rule": "members_only", "place": {"file": "pack.yaml", "line": 77, "column": 3}, "holds": True,
    "values": [], "withheld": False, "looks_up": False,
}  # fmt: skip
_REQUIRE: Final[Any] = {
    "rule": "require", "place": {"file": "pack.yaml", "line": 85, "column": 16}, "holds": False,
    "values": [{"path": "actor.coin", "value": 1}, {"path": "input.effort", "value": 3}],
    "withheld": False, "looks_up": False,
}  # fmt: skip
_EVENT: Final[Any] = {
    "event": _ID,
    "pack": {"name": "harbor", "version": "1.0.0"},
    "made_by": {
        "kind": "action", "name": "advance_plan", "place": {"file": "pack.yaml", "line": 77, "column": 3},
        "emitted": False,
    },
    "rules": [_MEMBERS_ONLY],
    "seen": [
        {
            "because": "group", "words": "you belong to the group of the faction The Crows",
            "entity": "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f11", "parts": ["head"],
        }
    ],
}  # fmt: skip


def _absent(value: Any) -> bool:
    return value is None


class PlaceResponse(ResponseBody):
    """Where something stands in a pack's source; lines and columns count from 1."""

    file: str = Field(description="`core.yaml` is the core pack, which every world has", examples=["pack.yaml"])
    line: int
    column: int

    @classmethod
    def of(cls, place: Place) -> "PlaceResponse":
        """Show a place."""
        return cls(file=place.file, line=place.line, column=place.column)


class ValueResponse(ResponseBody):
    """What a rule read, where you may see it."""

    path: str = Field(examples=["actor.coin"])
    value: Any = Field(description="null where there was no value")


class RuleResponse(ResponseBody):
    """A rule that was asked, as far as you may know."""

    rule: str = Field(
        description=(
            "members_only, input, actor, target, allow, require, approval, effects (what the action and its reactions "
            "do), invariant, undo; or when, of a reaction"
        )
    )
    place: PlaceResponse | None = Field(None, exclude_if=_absent)
    holds: bool = Field(description="Whether it said yes; for approval, that none was needed")
    values: list[ValueResponse] = Field(description="What it read, as far as you see it")
    withheld: bool = Field(description="Whether it read more, which you may not see or nobody can say anymore")
    looks_up: bool = Field(description="Whether it searched the world by find or referring; what it found is not told")
    condition: str | None = Field(None, exclude_if=_absent, description="Its source; for roles that see everything")

    @classmethod
    def of(cls, one: Explained) -> "RuleResponse":
        """Show a rule."""
        return cls(
            rule=one.rule.value,
            place=None if one.place is None else PlaceResponse.of(one.place),
            holds=one.holds,
            values=[ValueResponse(path=path, value=value) for path, value in one.values],
            withheld=one.withheld,
            looks_up=one.looks_up,
            condition=one.condition,
        )


class MadeByResponse(ResponseBody):
    """The rule that made an event."""

    kind: str = Field(description="action, or reaction")
    name: str
    place: PlaceResponse = Field(description="Where it stands in the pack")
    emitted: bool = Field(description="Whether an effect of the rule emitted the event, which then had no rules itself")

    @classmethod
    def of(cls, rule: MadeBy, *, emitted: bool) -> "MadeByResponse":
        """Show a rule."""
        return cls(kind=rule.kind, name=rule.name, place=PlaceResponse.of(rule.place), emitted=emitted)


class AnswersResponse(ResponseBody):
    """What a reaction answered, or what the rule that emitted an event had made."""

    event: str
    type: str | None = Field(None, exclude_if=_absent)

    @classmethod
    def of(cls, cause: EventView) -> "AnswersResponse":
        """Show a cause that is visible."""
        kind = (cause.head or {}).get("type")
        return cls(event=cause.id, type=None if kind is None else str(kind))


class ReasonResponse(ResponseBody):
    """Why you see parts of an event: by which key of your own. Who else sees it is not told."""

    because: str = Field(description="everyone, member, role, owner, group, actor, or you: it was meant for you")
    words: str = Field(examples=["you own the character Cass"])
    role: str | None = Field(None, exclude_if=_absent)
    entity: str | None = Field(None, exclude_if=_absent)
    parts: list[str] = Field(description="head, input, changes")

    @classmethod
    def of(cls, reason: Reason, parts: Sequence[str]) -> "ReasonResponse":
        """Show a reason."""
        return cls(
            because=reason.because, words=reason.words, role=reason.role, entity=reason.entity, parts=list(parts)
        )


class PackResponse(ResponseBody):
    """The pack version under which something happened."""

    name: str
    version: str


class EventExplanationResponse(ResponseBody):
    """What can be said of an event to you. What you may not know is absent."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EVENT]})

    event: str
    pack: PackResponse | None = Field(None, exclude_if=_absent, description="Where its lines are to be looked up")
    made_by: MadeByResponse | None = Field(None, exclude_if=_absent)
    cause: AnswersResponse | None = Field(None, exclude_if=_absent)
    rules: list[RuleResponse] = Field(description="What it had to pass, in order; what it read is as it was before")
    seen: list[ReasonResponse]

    @classmethod
    def of(cls, told: EventExplained) -> "EventExplanationResponse":
        """Show an explanation."""
        pack, cause = told.pack, told.cause
        return cls(
            event=told.view.id,
            pack=None if pack is None else PackResponse(name=pack.name, version=pack.version),
            made_by=None if told.made_by is None else MadeByResponse.of(told.made_by, emitted=told.emitted),
            cause=None if cause is None else AnswersResponse.of(cause),
            rules=[RuleResponse.of(one) for one in told.rules],
            seen=[ReasonResponse.of(reason, parts) for reason, parts in told.reasons.items()],
        )


class ExplanationResponse(ResponseBody):
    """The rules that were asked, in order. A rule that says no ends the asking, but for requirements, which all are."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": [_MEMBERS_ONLY, _REQUIRE]}]})

    rules: list[RuleResponse]

    @classmethod
    def of(cls, told: Sequence[Explained] | None) -> "ExplanationResponse | None":
        """Show an explanation, where there is one."""
        return None if told is None else cls(rules=[RuleResponse.of(one) for one in told])
