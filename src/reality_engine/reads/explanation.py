"""Bodies of answers that say which rules were asked, and where these stand; not how that is found out."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from reality_engine.packs.compiled import Place
from reality_engine.reads.explaining import Explained
from reality_engine.web.bodies import ResponseBody


def _absent(value: Any) -> bool:
    return value is None


class PlaceResponse(ResponseBody):
    """Where something stands in a pack's source; lines and columns count from 1."""

    file: str = Field(description="`core.yaml` is the core pack, which every world has", examples=["pack.yaml"])
    line: int
    column: int

    @classmethod
    def of(cls, place: Place | None) -> "PlaceResponse | None":
        """Show a place, where there is one."""
        return None if place is None else cls(file=place.file, line=place.line, column=place.column)


class ValueResponse(ResponseBody):
    """What a rule read, where you may see it."""

    path: str = Field(examples=["actor.coin"])
    value: Any = Field(description="null where there was no value")


class RuleResponse(ResponseBody):
    """A rule that was asked, as far as you may know."""

    rule: str = Field(
        description=(
            "members_only, input, actor, target, allow, require, approval, effects (what the action and its reactions "
            "do), invariant; or when, of a reaction"
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
            place=PlaceResponse.of(one.place),
            holds=one.holds,
            values=[ValueResponse(path=path, value=value) for path, value in one.values],
            withheld=one.withheld,
            looks_up=one.looks_up,
            condition=one.condition,
        )


class ExplanationResponse(ResponseBody):
    """The rules that were asked, in order. A rule that says no ends the asking, but for requirements, which all are."""

    rules: list[RuleResponse]

    @classmethod
    def of(cls, told: Sequence[Explained] | None) -> "ExplanationResponse | None":
        """Show an explanation, where there is one."""
        return None if told is None else cls(rules=[RuleResponse.of(one) for one in told])
