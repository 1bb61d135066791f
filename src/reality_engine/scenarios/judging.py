"""Holds what happened in a step to what was expected of it; performs nothing."""

from collections.abc import Iterator
from difflib import get_close_matches

from reality_engine.expressions.template import render
from reality_engine.kernel.json import Plain, same
from reality_engine.packs.conform import MisfitError, conform
from reality_engine.rules.decision import Accepted, Refused
from reality_engine.scenarios.definitions import Step, Then
from reality_engine.scenarios.outcome import FailureError
from reality_engine.scenarios.sight import scope_in, sees_anything
from reality_engine.scenarios.stage import Stage
from reality_engine.state.audience import facet_keys, facet_of
from reality_engine.state.entity import OWNER, Entity
from reality_engine.visibility.audience import Scope, sees


def failures(stage: Stage, step: Step, then: Then, decision: Accepted | Refused) -> Iterator[FailureError]:
    """Yield what is not as expected; the steps of each lead on from `then`."""
    wrong = _answer(step, then, decision)
    if wrong is not None:
        yield wrong
        return
    accepted = decision if isinstance(decision, Accepted) else None
    if accepted is not None:
        yield from _told(then, accepted)
    for name, fields in then.state.items():
        for field, expected in fields.items():
            yield from _field(stage, name, field, expected)
    for part in ("sees", "cannot_see"):
        for viewer, things in getattr(then, part).items():
            for index, what in enumerate(things):
                yield from _sight(stage, accepted, what, (part, viewer, index))


def _answer(step: Step, then: Then, decision: Accepted | Refused) -> FailureError | None:
    said = f"{step.as_}'s {step.do}"
    if isinstance(decision, Accepted):
        if then.refused is None:
            return None
        types = ", ".join(event.type for event in decision.events)
        return FailureError(f"{said} should be refused ({then.refused.code}), but happened: {types}", "refused")
    told = [decision.message, *(problem.message for problem in decision.problems)]
    if then.refused is None:
        return FailureError(f"{said} was refused: {told[0]} [{decision.code}]")
    if then.refused.code != decision.code:
        return FailureError(
            f"{said} should be refused with {then.refused.code}, but was with {decision.code}: {told[0]}", "refused"
        )
    if then.refused.says is not None and then.refused.says not in told:
        return FailureError(
            f"the refusal should say {then.refused.says!r}, but says {decision.message!r}", "refused", "says"
        )
    return None


def _told(then: Then, accepted: Accepted) -> Iterator[FailureError]:
    types = [event.type for event in accepted.events]
    if then.events is not None and then.events != types:
        yield FailureError(f"expected the events {', '.join(then.events)}, but there were {', '.join(types)}", "events")
    told = [render(each.pattern, each.arguments) for event in accepted.events if (each := event.narrative) is not None]
    if then.says is not None and then.says != told:
        yield FailureError(f"expected the story {then.says}, but it was {told}", "says")


def _field(stage: Stage, name: str, field: str, expected: Plain) -> Iterator[FailureError]:
    at = ("state", name, field)
    try:
        entity = stage.entities[stage.cast.entity(name, *at)]
        held, wanted = _held(stage, entity, field, expected, at)
    except FailureError as failure:
        yield failure
        return
    if not same(held, wanted):
        shown = stage.cast.shown
        yield FailureError(f"{name}.{field} should be {shown(wanted)}, but is {shown(held)}", *at)


def _held(stage: Stage, entity: Entity, field: str, expected: Plain, at: tuple[str, ...]) -> tuple[Plain, Plain]:
    """Return what a field holds and what is expected, both in stored form."""
    if field == "owner":
        return entity.owner, None if expected is None else stage.cast.person(str(expected).lstrip("@"), *at).id
    if field == "deleted":
        return not entity.live, expected
    spec = stage.pack.kinds[entity.kind].fields.get(field)
    if spec is None:
        near = get_close_matches(field, stage.pack.kinds[entity.kind].fields, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise FailureError(f"{entity.kind} has no field '{field}'{hint}", *at)
    meant = stage.cast.meant(expected, spec.value)
    try:
        return entity.get(field), None if meant is None else conform(meant, spec.value)
    except MisfitError as misfit:
        raise FailureError(f"{entity.kind}.{field} can never be {expected!r}: it {misfit.message}", *at) from misfit


def _sight(stage: Stage, accepted: Accepted | None, what: str, at: tuple[str, str, int]) -> Iterator[FailureError]:
    part, viewer, _ = at
    try:
        scope = scope_in(stage.pack, stage.entities, stage.cast.person(viewer))
        seen = _seen(stage, scope, what, accepted)
    except FailureError as failure:
        yield FailureError(failure.message, *at)
        return
    if seen is not (part == "sees"):
        yield FailureError(f"{viewer} sees {what}" if seen else f"{viewer} does not see {what}", *at)


def _seen(stage: Stage, scope: Scope, what: str, accepted: Accepted | None) -> bool:
    """Say whether a scope sees an event, by its type in this step or by name, or an entity, its field or its owner."""
    events = accepted.events if accepted else ()
    if any(event.type == what for event in events):
        return any(sees(scope, stage.heads[event.id]) for event in events if event.type == what)
    if what in stage.cast.events:
        return sees(scope, stage.heads[stage.cast.events[what]])
    name, _, field = what.partition(".")
    if name not in stage.cast.entities:
        types = ", ".join(event.type for event in events) or "none"
        raise FailureError(f"'{what}' is neither an event of this step ({types}) nor a name")
    entity = stage.entities[stage.cast.entities[name]]
    kind = stage.pack.kinds[entity.kind]
    shown = {**{each: each for each in kind.fields}, **({"owner": OWNER} if kind.owned else {})}
    if field and field not in shown:
        raise FailureError(f"{kind.name} has no field '{field}'; there is {', '.join(shown)}")
    if not field:
        return sees_anything(scope, stage.pack, entity)
    return sees(scope, facet_keys(kind, facet_of(kind, shown[field]), entity))
