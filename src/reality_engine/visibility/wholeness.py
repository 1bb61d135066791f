"""Whether a viewer sees all of what they would undo; pure, and no decision."""

from reality_engine.eventlog.event import Event, Recorded
from reality_engine.rules.decision import Request
from reality_engine.rules.facts import Past
from reality_engine.rules.undoable import undone_by_request
from reality_engine.state.audience_notes import own_notes
from reality_engine.state.entity import AUDIENCE
from reality_engine.visibility.audience import Scope, sees


def not_all_seen(scope: Scope, past: Past, request: Request) -> frozenset[str]:
    """Return the events that a request would undo of whose changes a scope does not see both sides.

    What an event noted of the owners of others follows from the rest, and is no matter of its own. Raises LackError.
    """
    undoing = None if scope.everything else undone_by_request(past, request)
    events = () if undoing is None else undoing.events
    return frozenset(event.id for event in events if event.moved or not _sees_changes(scope, event))


def _sees_changes(scope: Scope, event: Event) -> bool:
    return all(_sees_change(scope, recorded) for recorded in event.changes)


def _sees_change(scope: Scope, recorded: Recorded) -> bool:
    change = recorded.change
    if change.field == AUDIENCE:
        sides = [own_notes(side) if isinstance(side, dict) else {} for side in (change.before, change.after)]
        return sides[0] == sides[1]
    return sees(scope, recorded.keys) and sees(scope, recorded.keys_before)
