"""The effects that move audiences: reveal and conceal; not how audiences are resolved."""

from collections.abc import Mapping

from reality_engine.expressions.bindings import Path
from reality_engine.kernel.json import Plain
from reality_engine.packs.audience import Audience
from reality_engine.packs.effects import Conceal, ConcealEvent, Reveal, RevealEvent
from reality_engine.rules.decision import RefusalError
from reality_engine.rules.running import Running
from reality_engine.state.audience_notes import with_concealed, with_revealed
from reality_engine.state.entity import AUDIENCE, Entity


def run_reveal(effect: Reveal, running: Running) -> None:
    """Show a field to more."""
    entity, field = running.slot(effect.slot)
    keys = running.deciding.audience(effect.audience, running.bindings)
    _note(running, entity, with_revealed(entity.audience, field.name, keys))


def run_conceal(effect: Conceal, running: Running) -> None:
    """Take a field from some, or from all."""
    entity, field = running.slot(effect.slot)
    keys = None if effect.audience is None else running.deciding.audience(effect.audience, running.bindings)
    _note(running, entity, with_concealed(entity.audience, field.name, keys))


def run_reveal_event(effect: RevealEvent, running: Running) -> None:
    """Show the head of an event to more."""
    _move(running, effect.event, effect.audience, shown=True)


def run_conceal_event(effect: ConcealEvent, running: Running) -> None:
    """Take the head of an event from some, or from all."""
    _move(running, effect.event, effect.audience, shown=False)


def _move(running: Running, path: Path, audience: Audience | None, *, shown: bool) -> None:
    working = running.deciding.working
    key = running.bindings.entity(path)
    held = working.event(key) if key else None
    if key is None or held is None:
        raise RefusalError("no_value", f"'{'.'.join(path)}' is not there, so nothing can be done with it")
    keys = held if audience is None else running.deciding.audience(audience, running.bindings)
    working.move(key, held | keys if shown else held - keys)


def _note(running: Running, entity: Entity, notes: Mapping[str, Plain]) -> None:
    running.deciding.working.set(entity, AUDIENCE, dict(notes) or None)
