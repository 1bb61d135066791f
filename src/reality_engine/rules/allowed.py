"""Whether a principal may do something, before they have said all that goes with it; decides nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.expression import Expression
from reality_engine.kernel.chance import SeededChance
from reality_engine.kernel.errors import Problem
from reality_engine.packs.compiled import Action, CompiledPack
from reality_engine.packs.place import Place
from reality_engine.rules import asking
from reality_engine.rules.asked import Rule
from reality_engine.rules.bindings import RuleBindings
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import LackError, Lacking, Limits, RefusalError, Request
from reality_engine.rules.facts import Facts
from reality_engine.rules.undoable import UNDO
from reality_engine.rules.working import Working

# Nothing is drawn while asking: rules of permission cannot roll dice.
_NO_CHANCE: Final = SeededChance(b"")


class Answer(StrEnum):
    """Whether something may be done."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether the action may be done: `depends` is on what was not given, or on somebody's approval.

    `code` is the refusal's, or "" where there is none; `problems` tell each thing that stands in the way. `rule` is the
    one that decides, with its `place` in the pack: of several that stand in the way, the first.
    """

    answer: Answer
    code: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    rule: Rule | None = None
    place: Place | None = None


def allowed(pack: CompiledPack, request: Request, facts: Facts, now: datetime) -> Allowed | Lacking:
    """Say whether a request that may still lack its actor, target and inputs would get past the rules of permission.

    Pure, like `decide`, and to be asked again after `Lacking`. The effects are not tried: what they may run into
    (bounds, invariants) is for a preview.
    """
    request = replace(request, explain=True)
    deciding = Deciding(pack, request, Working(pack, facts), now, _NO_CHANCE, Limits())
    try:
        return _worst(list(_answers(deciding)))
    except LackError as lack:
        return Lacking(tuple(dict.fromkeys(lack.questions)))
    except RefusalError as refusal:
        refused, last = refusal.refused, deciding.asked[-1] if deciding.asked else None
        ended = (last.rule, last.place) if last else ()
        return Allowed(Answer.NO, refused.code, refused.message, refused.problems, *ended)


def _answers(deciding: Deciding) -> Iterator[Allowed]:
    request = deciding.request
    action = asking.known_action(deciding.pack, request)
    grant = request.principal.grant
    if grant is not None and not grant.allows(action.name):
        yield Allowed(Answer.NO, "insufficient_scope", "the key that you come with is not for this")
        return
    bindings = asking.starting_bindings(deciding)
    asking.check_membership(deciding, action)
    deciding.begin(Rule.INPUT, action.place)
    values, problems = asking.given_input(action, request)
    if problems:
        raise RefusalError("invalid_input", problems[0].message, tuple(problems))
    defaults = {name: spec.default for name, spec in action.inputs.items() if spec.default is not None}
    bindings.variables["input"] = {**defaults, **values}
    open_paths: set[Path] = {("input", name) for name in action.inputs if name not in values}
    for part in ("actor", "target"):
        kind = getattr(action, part)
        if kind is not None and getattr(request, part) is None:
            open_paths.add((part,))
            message = f"it depends on the {part}: a {kind}"
            problem = Problem("required", message, part)
            yield Allowed(Answer.DEPENDS, "", message, (problem,), Rule(part), action.place)
    asking.bind_given(deciding, action, bindings)
    if action.name == UNDO:
        # Whether it was given or not: what stands in the way of an undo is told by trying, or by a preview.
        yield Allowed(Answer.DEPENDS, "", "it depends on what is to be undone", (), Rule.UNDO, action.place)
    yield from _rules(deciding, action, bindings, frozenset(open_paths))


def _rules(deciding: Deciding, action: Action, bindings: RuleBindings, unknown: frozenset[Path]) -> Iterator[Allowed]:
    answer = _condition(deciding, action.allow, bindings, unknown)
    place = action.allow_place
    # What stands behind `allow` is for those to know whom it lets pass, and is not asked before it is sure to.
    if answer is Answer.DEPENDS:
        yield _open("the rules", action.allow, unknown, (Rule.ALLOW, place))
        return
    if answer is Answer.NO:
        yield Allowed(answer, "denied", asking.not_allowed(action), rule=Rule.ALLOW, place=place)
        return
    yield Allowed(answer, rule=Rule.ALLOW, place=place)
    for one in action.require:
        answer = _condition(deciding, one.that, bindings, unknown)
        if answer is Answer.DEPENDS:
            yield _open("a requirement", one.that, unknown, (Rule.REQUIRE, one.place))
        elif answer is Answer.NO:
            message = one.message.text(bindings)
            problem = Problem("requirement_failed", message)
            yield Allowed(Answer.NO, problem.code, message, (problem,), Rule.REQUIRE, one.place)
    yield from _approval(deciding, action, bindings, unknown)


def _approval(
    deciding: Deciding, action: Action, bindings: RuleBindings, unknown: frozenset[Path]
) -> Iterator[Allowed]:
    grant = deciding.request.principal.grant
    if grant is not None and grant.proposals_only:
        told = ("approval_required", "what is done with this key needs an approval")
        yield Allowed(Answer.DEPENDS, *told, rule=Rule.APPROVAL, place=action.place)
    elif action.approval is not None:
        unless, place = action.approval.unless, action.approval.place
        if unless is None or _condition(deciding, unless, bindings, unknown) is not Answer.YES:
            told = ("approval_required", "it needs an approval")
            yield Allowed(Answer.DEPENDS, *told, rule=Rule.APPROVAL, place=place)


def _condition(deciding: Deciding, condition: Expression, bindings: RuleBindings, unknown: frozenset[Path]) -> Answer:
    """Try a condition: one that does not hold may still come to hold when it reads what is not known yet.

    Why it does not hold makes no difference: of what it reads beside that, nothing may be told yet.
    """
    if deciding.holds(condition, bindings):
        return Answer.YES
    may_change = any(path[: len(each)] == each for path in condition.reads for each in unknown)
    return Answer.DEPENDS if may_change else Answer.NO


def _open(what: str, condition: Expression, unknown: frozenset[Path], rule: tuple[Rule, Place]) -> Allowed:
    """Say on which of the things that were not given a condition depends."""
    names = sorted({".".join(each) for path in condition.reads for each in unknown if path[: len(each)] == each})
    reason = f"{what} depend{'' if what.endswith('s') else 's'} on {' and '.join(names)}"
    return Allowed(Answer.DEPENDS, "", reason, (), *rule)


def _worst(answers: list[Allowed]) -> Allowed:
    """Put answers together: one no is a no, and what it depends on is told else; problems add up."""
    for kind in (Answer.NO, Answer.DEPENDS):
        found = [each for each in answers if each.answer is kind]
        if found:
            problems = tuple(problem for each in found for problem in each.problems)
            return replace(found[0], problems=problems)
    return answers[0]
