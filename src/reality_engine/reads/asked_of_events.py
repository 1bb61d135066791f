"""Which rules an event must have passed, and what they could read of what a viewer sees; worked out again, not kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Action, Reaction
from reality_engine.rules.asked import Asked, Rule
from reality_engine.visibility.events import EventView


@dataclass(frozen=True, slots=True)
class Told:
    """What is known to a viewer of an event: as it is shown, who acted, and its cause where that is shown too.

    `mine` says that whoever looks sees every input of it, so that one without any is known to have had none.
    """

    view: EventView
    me: Mapping[str, Plain] = field(default_factory=dict)
    cause: EventView | None = None
    mine: bool = False

    @property
    def head(self) -> Mapping[str, Plain]:
        """What is shown of its head."""
        return self.view.head or {}

    def variables(self) -> dict[str, Plain]:
        """Return the variables that every rule about it had, as far as they are known; entities as their ids."""
        found: dict[str, Plain] = {"me": dict(self.me), "world": WORLD_ENTITY, "now": self.view.at}
        found |= {name: self.head[name] for name in ("actor", "target") if name in self.head}
        return found


def asked_of_action(action: Action, told: Told) -> list[Asked]:
    """Return the rules of an action that happened: each of them held."""
    variables = told.variables()
    if told.view.input is not None or told.mine or not action.inputs:
        variables["input"] = told.view.input or {}
    return [replace(one, variables=variables) for one in _rules(action)]


def asked_of_reaction(reaction: Reaction, told: Told) -> list[Asked]:
    """Return the rule of a reaction that happened; it read of its cause what the viewer may not see by now."""
    if reaction.when is None:
        return []
    variables = told.variables()
    if "target" in variables:
        variables["entity"] = variables["target"]
    if told.cause is not None:
        variables["event"] = _event(told.cause)
        if told.cause.input is not None:
            variables["input"] = told.cause.input
    return [Asked(Rule.WHEN, reaction.when_place, holds=True, condition=reaction.when, variables=variables)]


def _rules(action: Action) -> Iterator[Asked]:
    asked = (
        (Rule.MEMBERS_ONLY, action.members_only),
        (Rule.INPUT, bool(action.inputs)),
        (Rule.ACTOR, action.actor is not None),
        (Rule.TARGET, action.target is not None),
    )
    for rule, applies in asked:
        if applies:
            yield Asked(rule, action.place, holds=True)
    yield Asked(Rule.ALLOW, action.allow_place, holds=True, condition=action.allow)
    for one in action.require:
        yield Asked(Rule.REQUIRE, one.place, holds=True, condition=one.that)
    if action.approval is not None:
        yield Asked(Rule.APPROVAL, action.approval.place, holds=True, condition=action.approval.unless)


def _event(cause: EventView) -> Plain:
    """Return `event` as the reaction saw it, as far as the viewer sees its cause."""
    head, by = cause.head or {}, (cause.head or {}).get("by")
    known: dict[str, Plain] = {"id": cause.id, "type": head.get("type"), "data": head.get("data", {})}
    return {**known, "by": by.get("id")} if isinstance(by, dict) else known
