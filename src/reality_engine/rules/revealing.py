"""The effects that move audiences: reveal and conceal; not how audiences are resolved."""

from collections.abc import Mapping

from reality_engine.kernel.json import Plain
from reality_engine.packs.effects import Conceal, Reveal
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


def _note(running: Running, entity: Entity, notes: Mapping[str, Plain]) -> None:
    running.deciding.working.set(entity, AUDIENCE, dict(notes) or None)
