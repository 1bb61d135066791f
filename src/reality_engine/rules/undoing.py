"""Undoes events: the inverse of each of their changes, from the last to the first, as an event of its own.

That is possible only where everything is still, or again, as they left it. No reaction answers an undo: what these did
is undone with the cascade, or stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reality_engine.eventlog.event import UNDONE
from reality_engine.kernel.errors import Problem
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.json import Plain, same
from reality_engine.packs.compiled import Kind
from reality_engine.rules import store
from reality_engine.rules.bindings import RuleBindings
from reality_engine.rules.closing import close_event
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import DraftEvent, RefusalError
from reality_engine.rules.undoable import UNDO, Undoing, asked_of, check_permission, check_standing
from reality_engine.state.audience_notes import own_notes, with_own_notes
from reality_engine.state.entity import ATTRIBUTES, AUDIENCE, LIFE, OWNER, Change, Entity, Life

BUILT_UPON: Final = "built_upon"


def run_undo(deciding: Deciding, bindings: RuleBindings) -> None:
    """Undo the event that the inputs name, or its whole cascade."""
    inputs = bindings.variables["input"]
    given: Mapping[str, Plain] = inputs if isinstance(inputs, dict) else {}
    undoing = asked_of(deciding.working, given)
    if undoing is None:
        raise RefusalError("not_found", "there is no event with this id")
    check_permission(deciding, undoing, bindings)
    check_standing(deciding.working, undoing)
    index = deciding.open_event(_draft(deciding, undoing, given))
    deciding.pending.clear()
    _take_back(deciding, undoing)
    close_event(deciding, index)
    made = deciding.events[index]
    if not made.changes and not made.moved:
        raise RefusalError("nothing_to_undo", "this changed nothing that could be undone")
    if any(recorded.change.kind == "member" for recorded in made.changes):
        _check_managed(deciding)


def _draft(deciding: Deciding, undoing: Undoing, given: Mapping[str, Plain]) -> DraftEvent:
    named = undoing.named
    keys = deciding.working.event(named.id) or frozenset()
    data: dict[str, Plain] = {"event": named.id, "cascade": undoing.whole}
    return DraftEvent(
        deciding.fresh_id(), UNDONE, 0, keys, action=UNDO, target=named.target, input=dict(given), data=data
    )


@dataclass
class _Back:
    """Entities on their way back. `unmade` are those that the events had made."""

    deciding: Deciding
    entities: dict[str, Entity] = field(default_factory=dict)
    unmade: set[str] = field(default_factory=set)

    def take(self, change: Change) -> None:
        """Go back behind a change; refuses where it is not what was left."""
        kind, now = self._known(change), self.entities[change.entity]
        if change.field == AUDIENCE:
            self._take_notes(now, own_notes(_notes(change.before)), own_notes(_notes(change.after)))
            return
        if change.field not in ATTRIBUTES and kind.fields[change.field].computed is not None:
            return
        gone = change.field != LIFE and not now.live
        if gone or now.id in self.unmade or not same(now.get(change.field), change.after):
            raise _built_upon()
        if change.field == LIFE and change.before is None:
            if not _is_bare(kind, now):
                raise _built_upon()
            self.unmade.add(now.id)
        else:
            self.entities[now.id] = now.changed(change.field, change.before)

    def _take_notes(self, now: Entity, before: dict[str, Plain], after: dict[str, Plain]) -> None:
        """Go back to other notes. Whose the things are that it refers to is noted anew with whatever changes that."""
        if same(before, after):
            return
        if not now.live or not same(own_notes(now.audience), after):
            raise _built_upon()
        self.entities[now.id] = now.changed(AUDIENCE, with_own_notes(now.audience, before) or None)

    def _known(self, change: Change) -> Kind:
        kind = self.deciding.pack.kinds.get(change.kind)
        if kind is None or (change.field not in ATTRIBUTES and change.field not in kind.fields):
            message = "the pack has changed since, and has no place for what this changed"
            raise RefusalError("not_undoable", message)
        return kind


def _take_back(deciding: Deciding, undoing: Undoing) -> None:
    working = deciding.working
    touched = dict.fromkeys(recorded.change.entity for event in undoing.events for recorded in event.changes)
    back = _Back(deciding, {entity.id: entity for entity in working.entities(touched)})
    for event in reversed(undoing.events):
        deciding.spend(len(event.changes))
        for recorded in reversed(event.changes):
            back.take(recorded.change)
        for moved in reversed(event.moved):
            if working.event(moved.event) != moved.after:
                raise _built_upon()
            working.move(moved.event, moved.before)
    _write(deciding, back)


def _write(deciding: Deciding, back: _Back) -> None:
    """Bring entities to where they are to be: first those that come back, so that others may refer to them."""
    working = deciding.working
    kept = [entity for key, entity in back.entities.items() if key not in back.unmade]
    for entity in kept:
        now = working.after.get(entity.id) or working.entity(entity.id)
        if now is not None and entity.live and not now.live:
            _check_uniques(deciding, entity)
            working.set(now, LIFE, str(Life.LIVE))
    for entity in kept:
        _write_fields(deciding, entity)
    for key, entity in back.entities.items():
        now = working.entity(key)
        if now is not None and now.live and (key in back.unmade or not entity.live):
            working.set(now, LIFE, str(Life.DELETED))


def _write_fields(deciding: Deciding, entity: Entity) -> None:
    working, kind = deciding.working, deciding.pack.kinds[entity.kind]
    now = working.entity(entity.id) or entity
    if entity.owner != now.owner:
        if entity.owner:
            store.check_owner(deciding, entity.owner)
        working.set(now, OWNER, entity.owner)
    working.set(now, AUDIENCE, dict(entity.audience) or None)
    for name, spec in kind.fields.items():
        # What is as it was is not asked for again: a value that is required may have been erased.
        if spec.computed is None and not same(now.get(name), entity.get(name)):
            store.store(deciding, working.entity(entity.id) or entity, spec, entity.get(name))


def _check_uniques(deciding: Deciding, entity: Entity) -> None:
    kind = deciding.pack.kinds[entity.kind]
    for name in kind.uniques:
        value = entity.get(name)
        if value is not None:
            store.check_unique(deciding, entity.id, kind, kind.fields[name], value)


def _check_managed(deciding: Deciding) -> None:
    if not deciding.working.referring(WORLD_ENTITY, "member", "manages"):
        raise RefusalError("requirement_failed", "Somebody must manage the world, and after this nobody would")


def _is_bare(kind: Kind, entity: Entity) -> bool:
    """Say whether nothing is left of an entity but what is worked out: all it holds has been taken back."""
    held = [name for name in entity.fields if kind.fields[name].computed is None]
    return not held and entity.owner is None and not own_notes(entity.audience)


def _notes(value: Plain) -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else {}


def _built_upon() -> RefusalError:
    message = "what this changed has been changed since"
    hint = "undo what came later first; `events` are those of them that you see"
    return RefusalError(BUILT_UPON, message, (Problem(BUILT_UPON, message, None, hint),))
