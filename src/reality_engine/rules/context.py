"""What the parts of one decision share: the pack, the working state, chance and the running count of work done."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from reality_engine.expressions.errors import EvaluationError
from reality_engine.expressions.expression import Expression
from reality_engine.expressions.template import Template
from reality_engine.kernel.chance import Chance
from reality_engine.kernel.ids import new_id
from reality_engine.kernel.json import Plain
from reality_engine.packs.audience import Audience, Seer, Term, fixed_keys
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.effects import Operand
from reality_engine.packs.place import Place
from reality_engine.rules.asked import Asked, Rule
from reality_engine.rules.bindings import RuleBindings, Variable
from reality_engine.rules.decision import DraftEvent, Limits, Narrative, RefusalError, Request
from reality_engine.rules.working import Working
from reality_engine.state.audience import group_key, user_key


@dataclass(slots=True)
class Deciding:
    """One decision under way. `common` are the variables that every rule of it has: me, world and now.

    `untold` are events that tell of a facet of an entity, whose audience is settled when the open event ends: their
    index, the entity and the facet.
    """

    pack: CompiledPack
    request: Request
    working: Working
    now: datetime
    chance: Chance
    limits: Limits
    events: list[DraftEvent] = field(default_factory=list)
    pending: deque[int] = field(default_factory=deque)
    common: dict[str, Variable] = field(default_factory=dict)
    untold: list[tuple[int, str, int]] = field(default_factory=list)
    spent: int = 0
    changed: int = 0
    asked: list[Asked] = field(default_factory=list)

    def fresh_id(self) -> str:
        """Return a new id, the same one each time this decision is taken."""
        return new_id(self.now, self.chance)

    def spend(self, steps: int = 1) -> None:
        """Count work done: an effect, an evaluation, a die; refuses the action when there was too much."""
        self.spent += steps
        if self.spent > self.limits.evaluations:
            raise over_limit("steps", self.limits.evaluations)

    def holds(self, condition: Expression, bindings: RuleBindings) -> bool:
        """Say whether a condition holds; one that cannot be worked out does not."""
        # As `spend` does, without the call: nothing is done as often as this.
        self.spent += 1
        if self.spent > self.limits.evaluations:
            self.spend(0)
        return condition.holds(bindings)

    def begin(self, rule: Rule, place: Place | None) -> None:
        """Note, where the request wants to know, that a rule is asked; it holds unless the decision ends there."""
        if self.request.explain:
            self.asked.append(Asked(rule, place, holds=True))

    def fail(self, rule: Rule, place: Place) -> None:
        """Note, where the request wants to know, which rule is about to end the decision."""
        if self.request.explain:
            self.asked.append(Asked(rule, place, holds=False))

    def asks(self, rule: Rule, place: Place, condition: Expression, bindings: RuleBindings) -> bool:
        """Say whether a condition holds, and note it where the request wants to know."""
        holds = self.holds(condition, bindings)
        if self.request.explain:
            self.asked.append(Asked(rule, place, holds, condition, bindings.named()))
        return holds

    def operand(self, operand: Operand, bindings: RuleBindings, what: str) -> Plain:
        """Return a literal, or what an expression yields; refuses the action where it cannot be worked out."""
        if not isinstance(operand, Expression):
            return operand.value
        self.spent += 1
        if self.spent > self.limits.evaluations:
            self.spend(0)
        try:
            return operand.evaluate(bindings)
        except EvaluationError as error:
            raise RefusalError(error.code, f"{what} cannot be worked out: {error.message}") from error

    def narrative(self, template: Template | None, bindings: RuleBindings) -> Narrative | None:
        """Fill in a narrative, to be kept as pattern and arguments."""
        if template is None:
            return None
        self.spend()
        return Narrative(template.pattern, template.arguments(bindings))

    def audience(self, audience: Audience, bindings: RuleBindings) -> frozenset[str]:
        """Resolve an event's audience to keys, now and for good."""
        fixed = fixed_keys(audience)
        if fixed is not None:
            return fixed
        held: dict[str, bool] = {}
        keys: set[str | None] = set()
        for seer in audience:
            if seer.when is not None and seer.when.source not in held:
                held[seer.when.source] = self.holds(seer.when, bindings)
            if seer.when is None or held[seer.when.source]:
                keys.add(self._event_key(seer, bindings))
        return frozenset(key for key in keys if key)

    def open_event(self, draft: DraftEvent) -> int:
        """Add an event, which reactions answer in its turn, and return its index; refuses beyond the limits."""
        if len(self.events) >= self.limits.events:
            raise over_limit("events", self.limits.events)
        if draft.depth > self.limits.depth:
            raise over_limit("steps of reaction", self.limits.depth)
        self.events.append(draft)
        self.pending.append(len(self.events) - 1)
        return len(self.events) - 1

    def _event_key(self, seer: Seer, bindings: RuleBindings) -> str | None:
        if seer.term is Term.ACTOR:
            return user_key(self.request.principal.id) if self.request.principal.known else None
        if seer.term not in (Term.GROUP_OF, Term.OWNER_OF):
            return seer.key
        entity = bindings.entity(seer.path)
        return entity and (group_key(entity) if seer.term is Term.GROUP_OF else self._owner_key(entity))

    def _owner_key(self, entity: str) -> str | None:
        found = self.working.entity(entity)
        return user_key(found.owner) if found is not None and found.owner else None


def over_limit(what: str, limit: int) -> RefusalError:
    """Return the refusal of an action that sets too much in motion."""
    return RefusalError("limit_exceeded", f"the action sets too much in motion: more than {limit} {what}")
