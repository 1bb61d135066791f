"""Which events an undo is about, whether they stand, and who may undo them; not how that is done, see `undoing`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reality_engine.eventlog.event import Event, mark_of
from reality_engine.expressions.expression import Expression
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.packs.compiled import CORE_KINDS
from reality_engine.packs.place import Place
from reality_engine.rules.asked import Rule
from reality_engine.rules.asking import FOUNDING
from reality_engine.rules.bindings import RuleBindings
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import RefusalError, Request
from reality_engine.rules.facts import Past

UNDO: Final = "world.undo"
# So often may an undo be undone, and that again: each step has to be looked up.
MAX_CHAIN: Final = 32
# What these hold is the matter of those who manage the world.
_MANAGED: Final = frozenset(CORE_KINDS)


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is to be undone: one event, or with `whole` all that came of an action, of which `named` is the own event.

    `asked` is the event that the caller named.
    """

    asked: Event
    named: Event
    events: tuple[Event, ...]
    whole: bool


def asked_of(past: Past, given: Mapping[str, Plain]) -> Undoing | None:
    """Return what an undo with these inputs is about, None where there is no such event."""
    key, whole = given.get("event"), given.get("cascade") is True
    asked = past.past_event(key) if isinstance(key, str) and is_id(key) else None
    if asked is None:
        return None
    if not whole:
        return Undoing(asked, asked, (asked,), whole=False)
    events = past.cascade(asked.correlation)
    return Undoing(asked, events[0] if events else asked, events, whole=True)


def undone_by_request(past: Past, request: Request) -> Undoing | None:
    """Return what a request would undo, None where it is no undo, or of no event."""
    return asked_of(past, request.input) if request.action == UNDO else None


def undone_by(past: Past, event: Event) -> str | None:
    """Return the id of the undo by which an event is undone; None where it stands, or stands again."""
    for key in dict.fromkeys((event.id, event.correlation)):
        mark = past.undone(key)
        if mark is not None and (mark.whole or key == event.id):
            undo = past.past_event(mark.by)
            if undo is not None and undone_by(past, undo) is None:
                return undo.id
    return None


def check_standing(past: Past, undoing: Undoing) -> None:
    """Refuse what is undone already, in part or as a whole."""
    if undone_by(past, undoing.asked) is not None:
        raise RefusalError("already_undone", "this is undone already; to have it back, undo that undo")
    if any(undone_by(past, event) is not None for event in undoing.events):
        raise RefusalError("already_undone", "a part of this is undone already; undo the rest one by one")


def check_permission(deciding: Deciding, undoing: Undoing, bindings: RuleBindings) -> None:
    """Refuse an undo to those whom the pack does not let do it; it reads nothing but what the head of the event has.

    Where the pack says nothing, and of what came of an action without being its own event, they must see everything.
    """
    first = _first(deciding.working, undoing.asked)
    own = first.id == first.correlation
    root = first if own else deciding.working.past_event(first.correlation)
    if root is None or root.action is None or root.action == FOUNDING:
        raise RefusalError("not_undoable", "this is nothing that somebody did in this world, and cannot be undone")
    action = deciding.pack.actions.get(root.action)
    if (action is None or action.undo is None or not own) and not _sees_everything(deciding):
        raise denied()
    if action is not None and action.undo is not None:
        _ask(deciding, action.undo, undoing.asked, bindings)
    touched = {recorded.change.kind for event in undoing.events for recorded in event.changes}
    if not _MANAGED.isdisjoint(touched) and not _is(deciding, "admin"):
        raise RefusalError("denied", "only who manages this world may undo what was done to its members and settings")
    if not deciding.request.unseen.isdisjoint(event.id for event in undoing.events):
        raise RefusalError("denied", "what you do not see all of you cannot undo")


def denied() -> RefusalError:
    """Return the refusal of an undo that is not for the caller."""
    return RefusalError("denied", "the rules of this world do not let you undo this")


def _ask(deciding: Deciding, undo: tuple[Expression, Place], event: Event, bindings: RuleBindings) -> None:
    told: dict[str, Plain] = {"id": event.id, "by": event.principal, "at": to_text(event.recorded_at)}
    condition, place = undo
    if not deciding.asks(Rule.UNDO, place, condition, bindings.within(event=told)):
        raise denied()


def _first(past: Past, event: Event) -> Event:
    """Return the event that began a row of undos, each of the one before it."""
    for _ in range(MAX_CHAIN):
        mark = mark_of(event)
        undone = past.past_event(mark.event) if mark is not None else None
        if undone is None:
            return event
        event = undone
    message = f"this was undone, and that again, {MAX_CHAIN} times; undo or act anew from what there is"
    raise RefusalError("limit_exceeded", message)


def _is(deciding: Deciding, what: str) -> bool:
    me = deciding.common["me"]
    return _is_world(deciding) or (isinstance(me, dict) and me[what] is True)


def _sees_everything(deciding: Deciding) -> bool:
    me = deciding.common["me"]
    roles = me["roles"] if isinstance(me, dict) else None
    known = deciding.pack.roles
    held = [str(role) for role in roles] if isinstance(roles, list) else []
    return _is_world(deciding) or any(role in known and known[role].sees_everything for role in held)


def _is_world(deciding: Deciding) -> bool:
    return deciding.request.principal.kind is PrincipalKind.WORLD
