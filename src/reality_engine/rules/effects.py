"""Carries out effects in order: events, dice, conditions and loops here, what changes entities in its own modules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reality_engine.kernel.json import Plain
from reality_engine.packs import effects
from reality_engine.packs.effects import Effect
from reality_engine.rules import making, revealing, writing
from reality_engine.rules.decision import LackError, Question, RefusalError
from reality_engine.rules.running import Running


def run(steps: Sequence[Effect], running: Running) -> None:
    """Carry out effects in order; refuses the action when there are too many."""
    spend = running.deciding.spend
    for effect in steps:
        spend()
        _RUN[type(effect)](effect, running)


def _emit(effect: effects.Emit, running: Running) -> None:
    deciding = running.deciding
    data = {name: running.operand(value, f"{effect.type}.{name}") for name, value in effect.data.items()}
    about = running.bindings.entity(effect.entity) if effect.entity else None
    if effect.entity and about is None:
        raise RefusalError("no_value", f"'{'.'.join(effect.entity)}' is not there, so no event can be about it")
    index = running.tell(effect.type, deciding.audience(effect.audience, running.bindings), about, data)
    deciding.events[index].narrative = deciding.narrative(effect.narrative, running.bindings)


def _roll(effect: effects.Roll, running: Running) -> None:
    deciding, dice = running.deciding, effect.dice
    deciding.spend(dice.count)
    faces = dice.roll(deciding.chance)
    total = sum(faces) + dice.plus
    event = deciding.events[running.event]
    shown: Plain = {"faces": list(faces), "plus": dice.plus, "total": total}
    event.rolls = {**event.rolls, _unused(effect.name, event.rolls): shown}
    known = running.bindings.variables.get("rolls")
    running.bindings.variables["rolls"] = {**(known if isinstance(known, dict) else {}), effect.name: total}


def _unused(name: str, rolls: Mapping[str, Plain]) -> str:
    """Return the name of a roll in its event; one that is rolled again, in a loop, is `attack.2`, `attack.3`."""
    again = sum(1 for other in rolls if other.partition(".")[0] == name)
    return f"{name}.{again + 1}" if again else name


def _if(effect: effects.If, running: Running) -> None:
    holds = running.deciding.holds(effect.condition, running.bindings)
    run(effect.then if holds else effect.otherwise, running)


def _for_each(effect: effects.ForEach, running: Running) -> None:
    items = running.operand(effect.source, f"the list of {effect.item}")
    lacking: list[Question] = []
    for item in items if isinstance(items, list) else []:
        try:
            _once(effect, item, running)
        except LackError as lack:
            # Go on, to ask for what all the items lack at once; this decision is thrown away in any case.
            lacking.extend(lack.questions)
        except RefusalError:
            if not lacking:
                raise
    if lacking:
        raise LackError(*lacking)


def _once(effect: effects.ForEach, item: Plain, running: Running) -> None:
    bound = running.item(item, effect.source.type.of)
    inner = running.bindings.within(**{effect.item: bound})
    run(effect.effects, Running(running.deciding, inner, running.event))


_RUN: Final[Mapping[type, Callable[[Any, Running], None]]] = {
    effects.Set: writing.run_set,
    effects.Add: writing.run_add,
    effects.Remove: writing.run_remove,
    effects.Draw: writing.run_draw,
    effects.Shuffle: writing.run_shuffle,
    effects.Create: making.run_create,
    effects.Ensure: making.run_ensure,
    effects.Delete: making.run_delete,
    effects.Restore: making.run_restore,
    effects.Own: making.run_own,
    effects.Reveal: revealing.run_reveal,
    effects.Conceal: revealing.run_conceal,
    effects.RevealEvent: revealing.run_reveal_event,
    effects.ConcealEvent: revealing.run_conceal_event,
    effects.Emit: _emit,
    effects.Roll: _roll,
    effects.If: _if,
    effects.ForEach: _for_each,
}
