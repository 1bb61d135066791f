"""Bodies of requests to act many times at once, and of their answers; see `schemas` for a single action's."""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from reality_engine.actions.dependencies import KEY_PATTERN, MAX_TAG, Conditions
from reality_engine.actions.models import MAX_KEY
from reality_engine.actions.schemas import ActResponse, WishRequest
from reality_engine.actions.wish import Wish
from reality_engine.kernel.principal import Principal
from reality_engine.reads.schemas import EntityResponse
from reality_engine.web.bodies import RequestBody, ResponseBody
from reality_engine.web.envelope import ErrorEnvelope, ErrorItem

MAX_ACTIONS: Final = 1_000
_HERO: Final = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
_CROWS: Final = "01938d2e-7a41-7b02-8c11-9a3f5d0e7b64"
_ACTIONS: Final[Any] = [
    {"action": "advance_plan", "actor": _HERO, "target": _CROWS, "input": {"effort": 1}, "key": "evening-1"},
    {"action": "keep_secret", "actor": _HERO, "input": {"secret": "It was me"}, "key": "evening-2"},
]
_ATOMIC: Final[Any] = [{name: held for name, held in one.items() if name != "key"} for one in _ACTIONS]


class BatchedRequest(WishRequest):
    """One wish of many."""

    action: str = Field(description="The name of the action")
    key: Annotated[str, StringConstraints(min_length=1, max_length=MAX_KEY, pattern=KEY_PATTERN)] | None = Field(
        None, description="As Idempotency-Key of a single action: the same key and wish give the stored answer"
    )
    if_match: str | None = Field(
        None,
        max_length=MAX_TAG,
        description="As If-Match of a single action; in an atomic batch it is the target's ETag before all of it",
    )

    def to_wish(self, principal: Principal) -> Wish:
        """Return what is wished for."""
        conditions = Conditions.of(self.key, self.if_match)
        return Wish(self.to_request(self.action, principal), conditions.key, conditions.if_match)


class BatchRequest(RequestBody):
    """Wishes, each for itself, or all or none."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"actions": _ACTIONS}, {"atomic": True, "actions": _ATOMIC}]}
    )

    atomic: bool = Field(default=False, description="Whether either all of it happens, or nothing")
    actions: list[BatchedRequest] = Field(min_length=1, max_length=MAX_ACTIONS, description="In the order to act in")


class DoneResponse(ActResponse):
    """One action that happened."""

    status: Literal[200] = Field(description="The status that it would have had alone")


class NotDoneResponse(ResponseBody):
    """One action that did not happen, or of which that is not known."""

    outcome: Literal["refused", "failed"] = Field(
        description="`refused`: nothing changed. `failed`: by the server's trouble; ask again under the same `key`"
    )
    status: int = Field(description="The status that it would have had alone")
    errors: list[ErrorItem]
    present: EntityResponse | None = Field(
        None, exclude_if=lambda value: value is None, description="Where it was stale: what the target is now"
    )
    events: list[dict[str, Any]] | None = Field(
        None, exclude_if=lambda value: value is None, description="With `built_upon`: what stands in the way"
    )


class AbandonedEnvelope(ErrorEnvelope):
    """The no to an atomic batch, or to the request as a whole: nothing of it happened."""

    index: int | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="Which of its actions was refused, counted from 0, where it was one; those after it were not "
        "looked at",
    )
    present: EntityResponse | None = Field(
        None, exclude_if=lambda value: value is None, description="Where it was stale: what the target is now"
    )
