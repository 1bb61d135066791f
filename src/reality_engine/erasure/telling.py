"""The event that says what was erased of a person in a world, with what stands in place of it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reality_engine.erasure.belonging import Run
from reality_engine.erasure.placeholder import placeholder
from reality_engine.erasure.scanning import Scan
from reality_engine.eventlog.erased import ERASED, VALUES
from reality_engine.eventlog.event import Recorded
from reality_engine.kernel.ids import fresh_id
from reality_engine.packs.compiled import CompiledPack, Kind
from reality_engine.rules.decision import DraftEvent
from reality_engine.state.audience import facet_keys
from reality_engine.state.entity import Change, Entity
from reality_engine.state.held import Held


@dataclass(slots=True)
class Erased:
    """How many values were erased, in how many events, and how many stand where they cannot be erased.

    `told` is what the log was told of: also values whose erasing was interrupted before it could be.
    """

    values: int = 0
    told: int = 0
    events: set[int] = field(default_factory=set)
    left: int = 0


def draft_of(
    scan: Scan, pack: CompiledPack, held: Mapping[str, Held], erased: Erased, now: datetime
) -> DraftEvent | None:  # fmt: skip
    """Return the event, None where nothing was erased that is not told of yet.

    Its head is for those alone who see everything: how many values there were may be more than others knew of. That a
    field has no value any more, or a placeholder, is for whoever sees the field.
    """
    values = scan.missing.values + erased.values - scan.missing.told
    changes = tuple(
        _recorded(pack.kinds[held[run.entity].entity.kind], held[run.entity].entity, run)
        for run in sorted(scan.belonging.standing(), key=lambda run: (run.entity, run.field))
        if run.entity in held
    )
    if values <= 0 and not changes:
        return None
    data = {VALUES: max(values, 0), "events": len(erased.events)}
    return DraftEvent(
        fresh_id(now), ERASED, 0, frozenset(), target=scan.belonging.member(), changes=changes, data=data
    )  # fmt: skip


def told_by(draft: DraftEvent) -> int:
    """Return how many values an event says were erased."""
    return int(str(draft.data[VALUES]))


def is_untold(scan: Scan, run: Run) -> bool:
    """Say whether a value stands that cannot be erased, or none where there must be one."""
    if run.value is not None:
        return run.places[0][1] is None
    kinds = [pack.kinds.get(run.kind) for pack in scan.packs.values()]
    return any(kind is not None and run.field in kind.fields and kind.fields[run.field].required for kind in kinds)


def _recorded(kind: Kind, entity: Entity, run: Run) -> Recorded:
    spec = kind.fields.get(run.field)
    after = placeholder(spec, entity.id) if spec is not None and spec.required else None
    change = Change(entity.id, entity.kind, run.field, entity.fields.get(run.field), after)
    keys = frozenset[str]()
    if spec is not None and entity.live:
        keys = facet_keys(kind, spec.facet, entity)
    return Recorded(change, keys, keys, private=True)
