"""Keeps what entities note of the owners of others in step with owners, lives and refs; not the audiences."""

from collections.abc import Sequence

from reality_engine.packs.compiled import Kind
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import LackError, Question
from reality_engine.state.audience_notes import with_owner
from reality_engine.state.entity import AUDIENCE, Entity


def note_owners(deciding: Deciding, touched: Sequence[str]) -> None:
    """Bring what is noted of owners up to date with what the open event touched; asks for all that it lacks at once."""
    lacking: list[Question] = []
    for key in touched:
        before, after = deciding.working.opened[key], deciding.working.after[key]
        kind = deciding.pack.kinds[after.kind]
        if kind.owners_of:
            lacking += _asked(deciding, after, _moved_refs(kind, before, after))
        if kind.owner_told and (before is None or (before.owner, before.life) != (after.owner, after.life)):
            lacking += _told(deciding, kind, after)
    if lacking:
        raise LackError(*lacking)


def _moved_refs(kind: Kind, before: Entity | None, after: Entity) -> tuple[str, ...]:
    """Return the refs of which an entity may have to note the owner anew; a deleted one does when it is restored."""
    if not after.live:
        return ()
    if before is None or not before.live:
        return kind.owners_of
    return tuple(name for name in kind.owners_of if before.get(name) != after.get(name))


def _told(deciding: Deciding, kind: Kind, owned: Entity) -> list[Question]:
    """Note the owner of an entity with those that refer to it and whose audiences speak of it."""
    lacking: list[Question] = []
    for referring, field in kind.owner_told:
        try:
            found = deciding.working.referring(owned.id, referring, field)
        except LackError as lack:
            lacking += lack.questions
            continue
        for other in found:
            lacking += _asked(deciding, other, (field,))
    return lacking


def _asked(deciding: Deciding, entity: Entity, refs: tuple[str, ...]) -> list[Question]:
    lacking: list[Question] = []
    for field in refs:
        try:
            _note(deciding, entity, field)
        except LackError as lack:
            lacking += lack.questions
    return lacking


def _note(deciding: Deciding, entity: Entity, field: str) -> None:
    deciding.spend()
    working = deciding.working
    now, held = working.after.get(entity.id, entity), entity.get(field)
    leads_to = working.entity(held) if isinstance(held, str) else None
    owner = leads_to.owner if leads_to is not None and leads_to.live else None
    working.set(now, AUDIENCE, with_owner(now.audience, field, owner) or None)
