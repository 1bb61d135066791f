"""What is recorded where the engine itself gives an entity other values; pure, and not why it does."""

from collections.abc import Iterator, Mapping

from reality_engine.eventlog.event import Recorded
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import CompiledPack
from reality_engine.state.audience import facet_keys, facet_of
from reality_engine.state.entity import ATTRIBUTES, AUDIENCE, Change, Entity


def recorded(pack: CompiledPack, before: Entity, values: Mapping[str, Plain]) -> Iterator[Recorded]:
    """Yield the changes by which an entity comes to have these values, with the audience of each, before and after."""
    after = before
    for field, value in values.items():
        after = after.changed(field, value)
    kind = pack.kinds[before.kind]
    for field, value in values.items():
        change = Change(before.id, before.kind, field, before.get(field), value)
        if change.before == change.after:
            continue
        if field == AUDIENCE:
            yield Recorded(change, frozenset(), frozenset())
            continue
        facet = facet_of(kind, field)
        private = field not in ATTRIBUTES and kind.fields[field].private
        yield Recorded(change, facet_keys(kind, facet, after), facet_keys(kind, facet, before), private)
