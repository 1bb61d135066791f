"""Effects under way, and how they find what they work on; not what any of them does."""

from collections.abc import Mapping
from dataclasses import dataclass

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.types import Type
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Field
from reality_engine.packs.effects import Operand, Slot
from reality_engine.rules.bindings import Bound, RuleBindings, Variable
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import DraftEvent, RefusalError
from reality_engine.state.entity import Entity


@dataclass
class Running:
    """Effects under way: of which event, seen with which variables."""

    deciding: Deciding
    bindings: RuleBindings
    event: int

    def operand(self, operand: Operand, what: str) -> Plain:
        """Return a literal, or what an expression yields; refuses the action where it cannot be worked out."""
        return self.deciding.operand(operand, self.bindings, what)

    def entity(self, path: Path, *, live: bool = True) -> Entity:
        """Return the entity that a path leads to; refuses the action where there is none."""
        found = self.bindings.thing(path)
        if found is None or found.live is not live:
            wanted = "there" if live else "a deleted entity"
            raise RefusalError("no_value", f"'{'.'.join(path)}' is not {wanted}, so nothing can be done with it")
        return found

    def slot(self, slot: Slot) -> tuple[Entity, Field]:
        """Return the entity and the field that an effect names."""
        entity = self.entity(slot.entity)
        return entity, self.deciding.pack.kinds[slot.kind].fields[slot.field]

    def item(self, value: Plain, kind: Type | None) -> Variable:
        """Return what an element of a list is bound to: refs and records of entities stand for live entities."""
        if kind is None or kind.kind is None:
            return value
        key = value.get("id") if isinstance(value, dict) else value
        found = self.deciding.working.entity(str(key))
        return Bound(found.id) if found is not None and found.live else None

    def tell(self, event_type: str, keys: frozenset[str], target: str | None, data: Mapping[str, Plain]) -> int:
        """Add an event that this one causes, and return its index."""
        parent = self.deciding.events[self.event]
        draft = DraftEvent(
            self.deciding.fresh_id(), event_type, parent.depth + 1, keys, cause=self.event, acting=parent.acting,
            target=target, data=data,
        )  # fmt: skip
        return self.deciding.open_event(draft)
