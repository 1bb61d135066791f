"""Bodies about upgrades."""

from typing import Literal

from pydantic import ConfigDict, Field

from reality_engine.upgrading.plan import Plan, Version
from reality_engine.web.bodies import RequestBody, ResponseBody
from reality_engine.web.envelope import ErrorItem


class UpgradeRequest(RequestBody):
    """To which version of its pack a world is to be taken."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": "1.1.0", "plan": True}]})

    version: str | None = Field(None, max_length=60, description="The newest one if left out")
    plan: bool = Field(default=False, description="Only say what it would come to, and change nothing")


class VersionResponse(ResponseBody):
    """A version of a pack."""

    name: str
    version: str
    digest: str

    @classmethod
    def of(cls, version: Version) -> "VersionResponse":
        """Show a version."""
        return cls(name=version.name, version=version.version, digest=version.digest)


class DifferenceResponse(ResponseBody):
    """One thing of the pack that is another."""

    what: Literal["role", "kind", "field", "action", "reaction", "schedule"]
    name: str
    change: Literal["added", "changed", "removed", "renamed"]
    parts: list[str] = Field(description="What of it is another, such as `visible_to` or `effects`")
    before: str | None = Field(None, description="What it was called")


class HappeningResponse(ResponseBody):
    """What becomes of entities."""

    kind: str
    field: str | None = Field(None, description="The field, none where it is the entity as a whole")
    what: str = Field(description="Such as `renamed`, `given its default`, `computed`, `taken away` or `deleted`")
    entities: int


class AudienceResponse(ResponseBody):
    """Something of which who sees it is otherwise."""

    of: str = Field(description="`kind.field`, `kind.owner`, `kind` or `role:name`")
    before: list[str]
    after: list[str]
    opens: bool = Field(description="Whether anybody may see it who did not")
    closes: bool = Field(description="Whether somebody does not see it who did; then its past is closed to them too")
    said: bool = Field(description="Whether the pack says that it opens")


class UpgradeResponse(ResponseBody):
    """What an upgrade comes to, or came to."""

    outcome: Literal["planned", "upgraded", "unchanged"]
    before: VersionResponse
    after: VersionResponse
    entities: dict[str, int] = Field(description="How many entities there are of each kind")
    differences: list[DifferenceResponse]
    happens: list[HappeningResponse]
    audiences: list[AudienceResponse]
    refused: list[ErrorItem] = Field(description="Everything that stands in the way; if anything, nothing changes")

    @classmethod
    def of(cls, plan: Plan, *, done: bool) -> "UpgradeResponse":
        """Show a plan."""
        outcome: Literal["upgraded", "planned"] = "upgraded" if done else "planned"
        return cls(
            outcome="unchanged" if plan.needless else outcome,
            before=VersionResponse.of(plan.before),
            after=VersionResponse.of(plan.after),
            entities=dict(plan.entities),
            differences=[
                DifferenceResponse.model_validate(
                    {"what": one.what, "name": one.name, "change": one.change, "parts": [*one.parts],
                     "before": one.before}
                )
                for one in plan.differences
            ],
            happens=[
                HappeningResponse(kind=one.kind, field=one.field or None, what=one.what, entities=one.entities)
                for one in plan.happenings
            ],
            audiences=[
                AudienceResponse(
                    of=one.moved.path, before=[*one.moved.before], after=[*one.moved.after], opens=one.moved.opens,
                    closes=one.moved.closes, said=one.said,
                )
                for one in plan.audiences
            ],
            refused=[
                ErrorItem(code=one.code, message=one.message, field=one.field, hint=one.hint) for one in plan.problems
            ],
        )  # fmt: skip
