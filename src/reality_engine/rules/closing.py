"""What happens when an event, or the whole action, comes to its end: computed fields, audiences, limits, invariants."""

from dataclasses import dataclass, field

from reality_engine.eventlog.event import Recorded
from reality_engine.expressions.errors import NoValueError
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Field
from reality_engine.rules import store
from reality_engine.rules.asked import Rule
from reality_engine.rules.bindings import Bound, RuleBindings
from reality_engine.rules.context import Deciding, over_limit
from reality_engine.rules.decision import RefusalError
from reality_engine.rules.owners import note_owners
from reality_engine.state.audience import facet_keys, facet_of
from reality_engine.state.entity import ATTRIBUTES, AUDIENCE, Change, Entity


def close_event(deciding: Deciding, index: int) -> None:
    """Work out computed fields, and give the event its changes with their audiences."""
    working = deciding.working
    touched = working.touched()
    for key in touched:
        _compute(deciding, key)
    note_owners(deciding, touched)
    opened = working.opened
    changes = working.close_event()
    moved = working.close_moves()
    deciding.changed += len(changes) + len(moved)
    if deciding.changed > deciding.limits.changes:
        raise over_limit("changes", deciding.limits.changes)
    seen = _Audiences(deciding)
    shown = tuple([_visible(deciding, seen, change, opened.get(change.entity)) for change in changes])
    event = deciding.events[index]
    event.changes, event.moved = shown, moved
    while deciding.untold:
        told, key, facet = deciding.untold.pop()
        deciding.events[told].keys = seen.keys(facet, working.after[key])


@dataclass(slots=True)
class _Audiences:
    """The audiences of facets, each worked out once for each state of an entity: conditions take time.

    States are told apart by being another object, since all of them outlive this one.
    """

    deciding: Deciding
    known: dict[tuple[int, int], frozenset[str]] = field(default_factory=dict)

    def keys(self, facet: int, entity: Entity) -> frozenset[str]:
        """Return the keys of a facet of an entity."""
        mine = (id(entity), facet)
        if mine not in self.known:
            kind = self.deciding.pack.kinds[entity.kind]
            self.deciding.spend(kind.facets[facet].conditions)
            self.known[mine] = facet_keys(kind, facet, entity)
        return self.known[mine]

    def sides(self, facet: int, before: Entity | None, after: Entity) -> tuple[frozenset[str], frozenset[str]]:
        """Return the keys of a facet now, and those that it had before."""
        keys = self.keys(facet, after)
        if before is None:
            return keys, keys
        shown = self.deciding.pack.kinds[after.kind].facets[facet]
        may_differ = shown.reads_fields or before.owner != after.owner or before.audience != after.audience
        return keys, self.keys(facet, before) if may_differ else keys


def check_invariants(deciding: Deciding) -> None:
    """Refuse the action where an entity that it touched is not as its kind says it must be."""
    for key, entity in deciding.working.after.items():
        kind = deciding.pack.kinds[entity.kind]
        if not kind.invariants or not entity.live:
            continue
        bindings = RuleBindings(deciding.working, {"self": Bound(key)})
        for invariant in kind.invariants:
            if not deciding.holds(invariant.that, bindings):
                deciding.fail(Rule.INVARIANT, invariant.place)
                raise RefusalError("invariant_broken", invariant.message.text(bindings))


def _compute(deciding: Deciding, key: str) -> None:
    kind = deciding.pack.kinds[deciding.working.after[key].kind]
    if not kind.computed:
        return
    bindings = RuleBindings(deciding.working, {"self": Bound(key)})
    for name in kind.computed:
        if deciding.working.after[key].live:
            field = kind.fields[name]
            value = _computed(deciding, field, bindings, f"{kind.name}.{name}")
            store.store(deciding, deciding.working.after[key], field, value)


def _computed(deciding: Deciding, field: Field, bindings: RuleBindings, what: str) -> Plain:
    """Work out a computed field; it has no value as long as one that it reads has none."""
    if field.computed is None:
        return None
    try:
        return deciding.operand(field.computed, bindings, what)
    except RefusalError as refusal:
        if refusal.refused.code == NoValueError.code:
            return None
        raise


def _visible(deciding: Deciding, seen: _Audiences, change: Change, before: Entity | None) -> Recorded:
    """Give each side of a change the audience that the field had then: a new owner is not shown the old secret.

    What an entity notes of its audience is of no interest to anybody but who sees everything.
    """
    if change.field == AUDIENCE:
        return Recorded(change, frozenset(), frozenset(), private=False)
    kind = deciding.pack.kinds[change.kind]
    spec = None if change.field in ATTRIBUTES else kind.fields[change.field]
    facet = facet_of(kind, change.field) if spec is None else spec.facet
    private = spec is not None and spec.private
    fixed = kind.facets[facet].keys
    if fixed is not None:
        return Recorded(change, fixed, fixed, private)
    return Recorded(change, *seen.sides(facet, before, deciding.working.after[change.entity]), private)
