"""Bodies of requests to act and of their answers."""

from typing import Any, Final, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from reality_engine.actions.allowed import Choice
from reality_engine.actions.answer import Answer
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.principal import Principal
from reality_engine.packs.value_schema import input_schema
from reality_engine.reads.explanation import ExplanationResponse, PlaceResponse
from reality_engine.reads.schemas import EntityResponse
from reality_engine.rules.decision import Request
from reality_engine.web.bodies import RequestBody, ResponseBody
from reality_engine.web.envelope import ErrorEnvelope
from reality_engine.web.seals import MAX_LENGTH

_CHOICE: Final[Any] = {
    "action": "advance_plan",
    "title": "Advance a plan",
    "actor": "character",
    "target": "faction",
    "input": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"effort": {"type": "integer", "minimum": 1, "maximum": 3, "default": 1}},
        "additionalProperties": False,
    },
    "allowed": "no",
    "reason": "the rules of this world do not allow you this now: Advance a plan",
    "rule": "allow",
    "place": {"file": "pack.yaml", "line": 82, "column": 12},
}


class WishRequest(RequestBody):
    """What every wish to act may say."""

    actor: str | None = Field(None, max_length=36, description="Which of your own entities acts")
    target: str | None = Field(None, max_length=36, description="The entity that is acted on")
    input: dict[str, Any] = Field(default_factory=dict, description="The action's inputs, as the pack declares them")
    occurred_at: AwareDatetime | None = Field(
        None, description="When it happened, where the pack lets the caller say so; it never orders the log"
    )

    def to_request(self, action: str, principal: Principal, *, explain: bool = False) -> Request:
        """Return what the rules are asked."""
        moment = None if self.occurred_at is None else to_text(self.occurred_at)
        return Request(action, principal, self.actor, self.target, self.input, moment, explain=explain)


class ActRequest(WishRequest):
    """A wish to act."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"target": "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10", "input": {"effort": 1}}]}
    )

    since: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_LENGTH,
        description="With If-Match: `meta.cursor` of what you have read, to be told what happened since if it is stale",
    )


class UndoRequest(RequestBody):
    """What an undo may say."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cascade": True}]})

    cascade: bool = Field(default=False, description="Whether all that came of the same action is undone with it")

    def to_act(self, event: str) -> ActRequest:
        """Return the wish to act that it is."""
        return ActRequest.model_validate({"input": {"event": event, "cascade": self.cascade}})


class CreatedResponse(ResponseBody):
    """An entity that the action brought into being."""

    id: str
    kind: str


class ActResponse(ResponseBody):
    """What came of it, as far as you may see it. The first event is the action's own."""

    outcome: Literal["accepted"]
    repeated: bool = Field(description="Whether this was answered before, to the same Idempotency-Key")
    events: list[dict[str, Any]]
    created: list[CreatedResponse] = Field(description="What came to be, as far as these events tell you, in order")

    @classmethod
    def of(cls, answer: Answer) -> "ActResponse":
        """Show an answer that is not a refusal."""
        return cls(
            outcome="accepted",
            repeated=answer.repeated,
            events=[dict(event) for event in answer.events],
            created=[CreatedResponse(id=one.id, kind=one.kind) for one in answer.created],
        )


class StaleEnvelope(ErrorEnvelope):
    """The no to an act on a stale view, with what the target is now, as far as you may see it."""

    present: EntityResponse
    events: list[dict[str, Any]] | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="Where you sent `since`: the events that you may see from then on, the newest first, at most 50",
    )


class RefusalEnvelope(ErrorEnvelope):
    """A rule's no, and on request which rules were asked."""

    explanation: ExplanationResponse | None = Field(
        None, exclude_if=lambda value: value is None, description="With explain=true, but not in a repeated answer"
    )
    events: list[dict[str, Any]] | None = Field(
        None,
        exclude_if=lambda value: value is None,
        description="With `built_upon`: the later events that changed the same, as far as you see them, at most 20",
    )


class ChoiceResponse(ResponseBody):
    """An action that the world has, and whether you may do it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHOICE]})

    action: str
    title: str
    actor: str | None = Field(None, description="The kind of your own entity that must act")
    target: str | None = Field(None, description="The kind of entity that it acts on")
    input: dict[str, Any] = Field(
        description="The form of its input: a JSON Schema (draft 2020-12); `x-kind` is the kind of entity of an id"
    )
    allowed: Literal["yes", "no", "depends"]
    reason: str | None = Field(None, description="Why not, or on what it depends")
    rule: str | None = Field(None, description="The rule that decides: the first no, or what it depends on first")
    place: PlaceResponse | None = Field(None, description="Where that rule stands in the pack")

    @classmethod
    def of(cls, choice: Choice) -> "ChoiceResponse":
        """Show a choice."""
        action, answer = choice.action, choice.allowed
        return cls(
            action=action.name,
            title=action.title,
            actor=action.actor,
            target=action.target,
            input=input_schema(action),
            allowed=answer.answer.value,
            reason=answer.reason or None,
            rule=answer.rule and answer.rule.value,
            place=None if answer.place is None else PlaceResponse.of(answer.place),
        )
