"""The one function that submits an action, and the one that tries it: from a wish to a durable answer."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from reality_engine.actions import repository
from reality_engine.actions.answer import Answer
from reality_engine.actions.errors import StaleError
from reality_engine.actions.events import moves_scopes, next_moment
from reality_engine.actions.turn import Turn, take
from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.unit import Units, WriteUnit
from reality_engine.directory.repository import World
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog import writer
from reality_engine.eventlog.event import Head
from reality_engine.kernel.chance import Draws, secret_draws
from reality_engine.kernel.clock import Clock
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.json import Plain
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.reads.etags import etag_of
from reality_engine.reads.explaining import explained
from reality_engine.reads.shown import shown_events
from reality_engine.reads.values import Sight
from reality_engine.rules.decision import Refused, Request
from reality_engine.rules.naming import events_named_by, named_by
from reality_engine.visibility import entities
from reality_engine.visibility.events import events_at, feed_page, visible_heads
from reality_engine.visibility.seen import seen_now
from reality_engine.visibility.viewer import Viewer, Viewers, viewer_of

# Of what happened in between, who acts on a stale view is told the newest.
MAX_SINCE = 50


@dataclass(frozen=True, slots=True)
class Actions:
    """What acting needs of the process: transactions, time, who sees what, the key of entity tags, chance for each."""

    units: Units
    clock: Clock
    viewers: Viewers
    etag_key: bytes
    chance: Callable[[], Draws] = secret_draws

    @property
    def packs(self) -> PackCache:
        """Compiled packs."""
        return self.viewers.packs


@dataclass(frozen=True, slots=True)
class Wish:
    """What a principal asks for in a world. `key` makes repeating it harmless, `if_match` guards its target.

    `since` is the position up to which they know the log, so that they can be told what made the target stale.
    """

    request: Request
    key: str | None = None
    if_match: str | None = None
    since: int | None = None

    @property
    def digest(self) -> bytes:
        """Tell one wish from another under the same key."""
        asked = self.request
        parts: list[Any] = [
            asked.action,
            asked.actor,
            asked.target,
            dict(asked.input),
            asked.occurred_at,
            self.if_match,
        ]
        # Not canonical JSON, which has no form for the integers that are about to be refused.
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


async def submit(actions: Actions, world: str, wish: Wish) -> Answer:
    """Act: the answer is returned once it is durable, and the same key gives the same answer ever after.

    Locks the world's head, so that its actions happen one after the other. Raises NotFoundError where the principal
    sees nothing of the world, KeyReusedError, and StaleError where the target is not as the caller has seen it.
    """
    async with actions.units.write() as unit:
        answer = await _perform(unit, actions, world, wish)
        await unit.commit()
    return answer


async def preview(actions: Actions, world: str, wish: Wish) -> Answer:
    """Say what an action would come to now, with other dice than when it is done; nothing of it stays."""
    async with actions.units.write() as unit:
        return await _perform(unit, actions, world, replace(wish, key=None))


async def found_world(unit: WriteUnit, pack: CompiledPack, world: World, founding: Request, draws: Draws) -> Answer:
    """Begin the log of a world that this transaction has added to the directory."""
    batch = Batch()
    head = writer.open_log(batch, world.id, pack.digest, world.created_at)
    await apply(unit, batch)
    outcome = await take(Turn(unit, world.id, pack, head, world.created_at, draws), founding)
    return _refusal(outcome) if isinstance(outcome, Refused) else Answer("accepted")


async def _perform(unit: WriteUnit, actions: Actions, world: str, wish: Wish) -> Answer:
    principal = wish.request.principal
    head = await eventlog.lock_head(unit, world)
    if wish.key is not None:
        # Before anything else: who has left the world, or deleted it, may still ask what came of that.
        kept = await repository.find_answer(unit, world, principal.id, wish.key, wish.digest)
        if kept is not None:
            return kept
    viewer = await viewer_of(unit, world, principal, actions.viewers, head)
    await _check_match(unit, actions, viewer, wish, head)
    turn = Turn(unit, world, viewer.pack, head, next_moment(head, actions.clock.now()), actions.chance())
    answer = await _answer(actions, turn, viewer, await _scoped(unit, viewer, wish.request))
    if wish.key is not None:
        batch = Batch()
        repository.keep_answer(batch, world, principal.id, (wish.key, wish.digest), answer, turn.now)
        await apply(unit, batch)
    return answer


async def _answer(actions: Actions, turn: Turn, viewer: Viewer, request: Request) -> Answer:
    outcome = await take(turn, request)
    if isinstance(outcome, Refused):
        return await _explained(turn, viewer, outcome) if request.explain else _refusal(outcome)
    if moves_scopes(turn.pack, outcome):
        try:
            # As it is now: the action may have changed what its own principal sees.
            viewer = await viewer_of(turn.unit, turn.world, request.principal, actions.viewers)
        except NotFoundError:
            return Answer("accepted")
    views = await events_at(turn.unit, viewer, [event.position for event in outcome])
    return Answer("accepted", tuple(shown_events(views, viewer)))


def _refusal(refused: Refused) -> Answer:
    return Answer("refused", code=refused.code, message=refused.message, problems=refused.problems)


async def _explained(turn: Turn, viewer: Viewer, refused: Refused) -> Answer:
    """Explain a refusal by the present, which it has not changed."""
    sight = Sight(turn.pack, partial(seen_now, turn.unit, viewer.scope, turn.world))
    told = await explained(sight, refused.asked, with_source=viewer.scope.everything)
    return replace(_refusal(refused), explanation=tuple(told))


async def _scoped(unit: WriteUnit, viewer: Viewer, request: Request) -> Request:
    action = viewer.pack.actions.get(request.action)
    named, events = named_by(action, request), events_named_by(action, request)
    seen = await entities.visible_ids(unit, viewer, named) | await visible_heads(unit, viewer, events)
    return replace(request, hidden=frozenset((named | events) - seen))


async def _check_match(unit: WriteUnit, actions: Actions, viewer: Viewer, wish: Wish, head: Head) -> None:
    if wish.if_match is None:
        return
    if wish.request.target is None:
        raise InvalidError("If-Match guards a target, and this action was given none", field="If-Match")
    view = await entities.get_entity(unit, viewer, wish.request.target)
    if etag_of(view, actions.etag_key, viewer.scope.user) != wish.if_match:
        message, hint = "the target has changed since you looked", "look at what it is now, then decide again"
        events = None if wish.since is None else await _seen_since(unit, viewer, wish.since)
        raise StaleError(message, "If-Match", hint, view, head.position, events)


async def _seen_since(unit: WriteUnit, viewer: Viewer, position: int) -> tuple[dict[str, Plain], ...]:
    newest = await feed_page(unit, viewer, MAX_SINCE)
    return tuple(shown_events([view for view in newest if view.position > position], viewer))
