"""What becomes of a wish, from what is known of the world: may they, is it fresh, what happens, what are they told.

Pure: what is not known yet is a LackError, after which it is judged again with the same moment and chance.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from reality_engine.actions.answer import Answer
from reality_engine.actions.errors import StaleError
from reality_engine.actions.known import Known
from reality_engine.actions.outlook import Outlook
from reality_engine.actions.recording import Record, record
from reality_engine.actions.scopes import viewer_in
from reality_engine.actions.wish import Wish
from reality_engine.kernel.chance import Draws
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.packs.compiled import CompiledPack
from reality_engine.reads.etags import etag_of
from reality_engine.reads.shown import shown_events
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted, Deferred, LackError, Lacking, Refused, Request
from reality_engine.rules.naming import events_named_by, named_by
from reality_engine.visibility.audience import sees
from reality_engine.visibility.showing import entity_view, event_views, is_visible
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.wholeness import not_all_seen

_STALE: Final = "the target has changed since you looked"
_STALE_HINT: Final = "look at what it is now, then decide again"


@dataclass(frozen=True, slots=True)
class Judged:
    """A wish that was decided, and how its principal saw the world then; `record` is there where it was accepted."""

    viewer: Viewer
    outcome: Record | Refused


def judge(known: Known, wish: Wish, now: datetime, draws: Draws, etag_key: bytes) -> Judged:
    """Decide a wish.

    Raises NotFoundError where the principal sees nothing of the world, StaleError where the target is not as they have
    seen it, and LackError.
    """
    viewer = check_match(known, wish, etag_key)
    decision = decide(known.pack, _scoped(known, viewer, wish.request), known, now, draws())
    if isinstance(decision, Lacking):
        raise LackError(*decision.questions)
    if isinstance(decision, Accepted):
        return Judged(viewer, record(known, decision, wish.principal, now))
    return Judged(viewer, waiting(known.pack, decision) if isinstance(decision, Deferred) else decision)


def check_match(known: Known, wish: Wish, etag_key: bytes) -> Viewer:
    """Return how its principal sees the world; raises StaleError where the target is not as they have seen it."""
    viewer = viewer_in(known, wish.principal, vouched=wish.request.vouched)
    if wish.if_match is None:
        return viewer
    target = wish.request.target
    if target is None:
        raise InvalidError("If-Match guards a target, and this action was given none", field="If-Match")
    view = entity_view(viewer, known.held(target)) if is_id(target) else None
    if view is None:
        raise NotFoundError("there is no such entity in this world")
    if etag_of(view, etag_key, viewer.scope.user) != wish.if_match:
        raise StaleError(_STALE, "If-Match", _STALE_HINT, view, known.head.position)
    return viewer


def waiting(pack: CompiledPack, deferred: Deferred) -> Refused:
    """Say who would have to approve."""
    approvers = " or ".join(sorted(pack.roles[role].title for role in deferred.roles))
    return Refused("approval_required", f"this needs the approval of: {approvers}", asked=deferred.asked)


def refusal(refused: Refused) -> Answer:
    """Tell a no."""
    return Answer("refused", code=refused.code, message=refused.message, problems=refused.problems)


def told(after: Outlook, viewer: Viewer, done: Record) -> Answer:
    """Tell what happened as its principal may see it now: the action may have changed what they see."""
    if done.head.scopes == done.head.position:
        try:
            viewer = viewer_in(after, viewer.principal)
        except NotFoundError:
            return Answer("accepted")
    views = event_views(viewer, done.events, lambda key: is_visible(viewer, after.held(key)))
    return Answer("accepted", tuple(shown_events(views, viewer)))


def _scoped(known: Known, viewer: Viewer, request: Request) -> Request:
    if request.vouched:
        return request
    action = viewer.pack.actions.get(request.action)
    hidden = {key for key in named_by(action, request) if not is_visible(viewer, known.held(key))}
    hidden |= {key for key in events_named_by(action, request) if not sees(viewer.scope, known.event(key) or set())}
    return replace(request, hidden=frozenset(hidden), unseen=not_all_seen(viewer.scope, known, request))
