"""One action's turn at a world, inside of its transaction: decide until nothing is lacking, then write it all down."""

from dataclasses import dataclass
from datetime import datetime

from reality_engine.actions import facts as known
from reality_engine.actions.events import events_of, moves_scopes
from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.unit import WriteUnit
from reality_engine.directory import repository as directory
from reality_engine.eventlog import writer
from reality_engine.eventlog.event import Event, Head
from reality_engine.kernel.chance import Draws
from reality_engine.kernel.errors import UnavailableError
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.outbox import repository as outbox
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.projector import project
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted, Deferred, Lacking, Refused, Request
from reality_engine.rules.naming import named_by

# Each round answers everything that was lacking, so the rounds count how far one answer led to the next question.
MAX_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """A world whose head this transaction has locked, the moment at which it is to act, and by which chance."""

    unit: WriteUnit
    world: str
    pack: CompiledPack
    head: Head
    now: datetime
    draws: Draws


async def take(turn: Turn, request: Request) -> list[Event] | Refused:
    """Decide a request and, where it is accepted, write what happens; else return what says no."""
    decision = await _decided(turn, request)
    if isinstance(decision, Refused):
        return decision
    if isinstance(decision, Deferred):
        approvers = " or ".join(sorted(turn.pack.roles[role].title for role in decision.roles))
        return Refused("approval_required", f"this needs the approval of: {approvers}", asked=decision.asked)
    events = events_of(decision.events, turn.head, turn.pack.digest, request.principal, turn.now)
    await _write(turn, decision, events)
    return events


async def _decided(turn: Turn, request: Request) -> Accepted | Refused | Deferred:
    named = named_by(turn.pack.actions.get(request.action), request)
    facts = await known.first_facts(turn.unit, turn.world, request.principal, named)
    for _ in range(MAX_ROUNDS):
        decision = decide(turn.pack, request, facts, turn.now, turn.draws())
        if not isinstance(decision, Lacking):
            return decision
        await known.load(turn.unit, turn.world, facts, decision.questions)
    raise UnavailableError("the decision kept lacking facts")


async def _write(turn: Turn, decision: Accepted, events: list[Event]) -> None:
    batch = Batch()
    before = await known.held_before(turn.unit, turn.world, decision)
    moved = await known.moved_events(turn.unit, turn.world, events)
    scopes = moves_scopes(turn.pack, events)
    head = writer.append(batch, turn.world, turn.head, events, moves_scopes=scopes)
    touched = project(batch, turn.world, turn.pack, events, before, moved)
    outbox.add_events(batch, turn.world, turn.head.position + 1, head.position, turn.now)
    world = touched.get(WORLD_ENTITY)
    if world is not None and not world.entity.live:
        directory.mark_deleted(batch, turn.world, turn.now)
    await apply(turn.unit, batch)
