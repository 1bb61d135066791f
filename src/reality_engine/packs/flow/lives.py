"""Which kinds' entities some rule deletes, so that refs to them may lead nowhere; not who learns of it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from reality_engine.packs.effects import Create, Delete, Effect, Ensure, ForEach, If
from reality_engine.packs.flow.reading import element_type

if TYPE_CHECKING:
    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.compiled import Kind


def deleted_by(effects: Iterable[Effect], bound: Mapping[str, str], kinds: "Mapping[str, Kind]") -> Iterator[str]:
    """Yield the kinds of what effects delete; `bound` are the kinds of the names that they begin with."""
    names = dict(bound)
    for effect in effects:
        if isinstance(effect, Create | Ensure):
            made = effect.create if isinstance(effect, Ensure) else effect
            names |= {made.name: made.kind} if made.name else {}
        elif isinstance(effect, Delete):
            yield from led_to(effect.entity, names, kinds)
        elif isinstance(effect, If):
            yield from deleted_by(effect.then, names, kinds)
            yield from deleted_by(effect.otherwise, names, kinds)
        elif isinstance(effect, ForEach):
            kind = element_type(effect.source.type.of).kind
            yield from deleted_by(effect.effects, {**names, **({effect.item: kind} if kind else {})}, kinds)


def led_to(path: "Path", names: Mapping[str, str], kinds: "Mapping[str, Kind]") -> Iterable[str]:
    """Return the kind that a path leads to; all kinds, where that is not known here."""
    kind = names.get(path[0])
    for name in path[1:]:
        field = kinds[kind].fields.get(name) if kind else None
        kind = field.type.kind if field else None
    return [kind] if kind else kinds
