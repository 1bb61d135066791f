"""Turns what a decision drafted into events with their places and times; pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from reality_engine.eventlog.event import Event, Head
from reality_engine.kernel.principal import Principal
from reality_engine.packs.compiled import CompiledPack
from reality_engine.rules.decision import DraftEvent
from reality_engine.state.entity import LIFE, OWNER, Change

# Each action of a world is later than the one before it, even where the clock is too coarse to tell, or was set back.
STEP = timedelta(microseconds=1)
# Kinds of which everything bears on who sees what: memberships with their roles, and the settings of the world.
_SCOPING: Final = frozenset({"member", "world"})


def next_moment(head: Head | None, now: datetime) -> datetime:
    """Return the present, or just after the last event where that is later."""
    return now if head is None else max(now, head.recorded_at + STEP)


def events_of(
    drafts: Sequence[DraftEvent], head: Head, pack: str, principal: Principal, now: datetime,
    origin: str | None = None,
) -> list[Event]:  # fmt: skip
    """Give drafts their positions after `head`, and all the same moment.

    `origin` is the event that they go on with, where the first of them is not that itself.
    With one for each, the steps between those that a viewer sees would tell how many hidden ones lie between them.
    """
    return [
        Event(
            id=draft.id, position=head.position + index + 1, type=draft.type, recorded_at=now,
            correlation=origin or drafts[0].id, depth=draft.depth, pack=pack, principal_kind=str(principal.kind),
            principal=principal.id, credential=principal.credential, keys=draft.keys, action=draft.action,
            rule=draft.rule, acting=draft.acting, target=draft.target,
            cause=origin if draft.cause is None else drafts[draft.cause].id, occurred_at=draft.occurred_at,
            input=draft.input, private_input=draft.private_input,
            changes=draft.changes,
            rolls=draft.rolls,
            pattern=draft.narrative.pattern if draft.narrative else None,
            arguments=draft.narrative.arguments if draft.narrative else {}, data=draft.data,
            moved=draft.moved,
        )
        for index, draft in enumerate(drafts)
    ]  # fmt: skip


def moves_scopes(pack: CompiledPack, events: Sequence[Event]) -> bool:
    """Say whether events may have changed what anybody sees: memberships, settings, or who belongs to a group."""
    return any(_moves_scopes(pack, recorded.change) for event in events for recorded in event.changes)


def _moves_scopes(pack: CompiledPack, change: Change) -> bool:
    if change.kind in _SCOPING:
        return True
    attribute = change.field in (LIFE, OWNER)
    if not attribute and change.field not in pack.kinds[change.kind].refs:
        return False
    groups = [kind.group for kind in pack.kinds.values() if kind.group and kind.group.kind == change.kind]
    return any(attribute or group.field == change.field for group in groups)
