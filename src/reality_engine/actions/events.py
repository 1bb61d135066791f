"""Turns what a decision drafted into events with their places and times; pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reality_engine.eventlog.event import Event, Head, Recorded
from reality_engine.kernel.principal import Principal
from reality_engine.rules.decision import DraftEvent

# Each event of a world is later than the one before it, even where the clock is too coarse to tell, or was set back.
STEP = timedelta(microseconds=1)


def next_moment(head: Head | None, now: datetime) -> datetime:
    """Return the present, or just after the last event where that is later."""
    return now if head is None else max(now, head.recorded_at + STEP)


def events_of(drafts: Sequence[DraftEvent], head: Head, pack: str, principal: Principal, now: datetime) -> list[Event]:
    """Give drafts their positions after `head`, and their times from `now` on."""
    return [
        Event(
            id=draft.id, position=head.position + index + 1, type=draft.type, recorded_at=now + index * STEP,
            correlation=drafts[0].id, depth=draft.depth, pack=pack, principal_kind=str(principal.kind),
            principal=principal.id, credential=principal.credential, keys=draft.keys, action=draft.action,
            rule=draft.rule, acting=draft.acting, target=draft.target,
            cause=None if draft.cause is None else drafts[draft.cause].id, occurred_at=draft.occurred_at,
            input=draft.input, private_input=draft.private_input,
            changes=tuple(Recorded(one.change, one.keys, one.keys_before, one.private) for one in draft.changes),
            rolls=draft.rolls,
            pattern=draft.narrative.pattern if draft.narrative else None,
            arguments=draft.narrative.arguments if draft.narrative else {}, data=draft.data,
        )
        for index, draft in enumerate(drafts)
    ]  # fmt: skip
