"""Bodies of requests to act and of their answers."""

from typing import Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field

from reality_engine.actions.allowed import Choice
from reality_engine.actions.answer import Answer
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.principal import Principal
from reality_engine.packs.compiled import Input
from reality_engine.rules.decision import Request
from reality_engine.web.bodies import RequestBody, ResponseBody


class ActRequest(RequestBody):
    """A wish to act."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"target": "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10", "input": {"effort": 1}}]}
    )

    actor: str | None = Field(None, max_length=36, description="Which of your own entities acts")
    target: str | None = Field(None, max_length=36, description="The entity that is acted on")
    input: dict[str, Any] = Field(default_factory=dict, description="The action's inputs, as the pack declares them")
    occurred_at: AwareDatetime | None = Field(
        None, description="When it happened, where the pack lets the caller say so; it never orders the log"
    )

    def to_request(self, action: str, principal: Principal) -> Request:
        """Return what the rules are asked."""
        moment = None if self.occurred_at is None else to_text(self.occurred_at)
        return Request(action, principal, self.actor, self.target, self.input, moment)


class ActResponse(ResponseBody):
    """What came of it, as far as you may see it. The first event is the action's own."""

    outcome: Literal["accepted"]
    repeated: bool = Field(description="Whether this was answered before, to the same Idempotency-Key")
    events: list[dict[str, Any]]

    @classmethod
    def of(cls, answer: Answer) -> "ActResponse":
        """Show an answer that is not a refusal."""
        return cls(outcome="accepted", repeated=answer.repeated, events=[dict(event) for event in answer.events])


class InputResponse(ResponseBody):
    """One input of an action."""

    type: str
    required: bool
    default: Any = None
    kind: str | None = Field(None, description="For refs: the kind of entity")
    minimum: float | None = None
    maximum: float | None = None
    values: list[str] | None = None

    @classmethod
    def of(cls, spec: Input) -> "InputResponse":
        """Show an input."""
        value = spec.value
        return cls(
            type=value.base,
            required=spec.required,
            default=spec.default,
            kind=value.kind,
            minimum=value.minimum,
            maximum=value.maximum,
            values=list(value.values) or None,
        )


class ChoiceResponse(ResponseBody):
    """An action that the world has, and whether you may do it."""

    action: str
    title: str
    actor: str | None = Field(None, description="The kind of your own entity that must act")
    target: str | None = Field(None, description="The kind of entity that it acts on")
    input: dict[str, InputResponse]
    allowed: Literal["yes", "no", "depends"]
    reason: str | None = Field(None, description="Why not, or on what it depends")

    @classmethod
    def of(cls, choice: Choice) -> "ChoiceResponse":
        """Show a choice."""
        action, answer = choice.action, choice.allowed
        return cls(
            action=action.name,
            title=action.title,
            actor=action.actor,
            target=action.target,
            input={name: InputResponse.of(spec) for name, spec in action.inputs.items()},
            allowed=answer.answer.value,
            reason=answer.reason or None,
        )
