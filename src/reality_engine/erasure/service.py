"""Erases people: first the account, so that they can do nothing more, then world after world; not HTTP.

It may be interrupted anywhere and is then done again from the start, which finds what is left. Whoever was erased
stands in a table, by which the same can be done to a database that is put back from a backup.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.standing import TRUST
from reality_engine.actions import repository as answers
from reality_engine.audit.service import note
from reality_engine.audit.words import What
from reality_engine.bots import repository as bots
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.erasure import repository
from reality_engine.erasure.repository import Erasure
from reality_engine.erasure.speech import Values
from reality_engine.erasure.world import Erasing, WorldErasure
from reality_engine.identities import service as identities
from reality_engine.kernel.clock import Clock
from reality_engine.kernel.errors import NotFoundError, RealityError, UnavailableError
from reality_engine.kernel.principal import WORLD, Principal
from reality_engine.openid import repository as openid
from reality_engine.packs.cache import PackCache
from reality_engine.projection.traces import worlds_of

logger = logging.getLogger(__name__)

# Whoever erases gets on with it more often than this, or was interrupted.
LEFT_ALONE: Final = timedelta(minutes=15)
# So many answers are deleted by one transaction.
ANSWERS: Final = 500


@dataclass(frozen=True, slots=True)
class Planned:
    """What erasing somebody would come to; `left` values stand where they cannot be erased."""

    user_id: str
    worlds: int
    events: int
    values: int
    left: int


@dataclass(slots=True)
class Erasures:
    """Erases one person at a time in this process. `forget` is called with whoever's account has just ended.

    Other processes may take them for somebody for a moment more (`settle`, in seconds), which is waited for.
    """

    units: Units
    cache: PackCache
    clock: Clock
    forget: Callable[[str], None] = lambda _: None
    settle: float = 1.5 * TRUST.total_seconds()
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _under_way: set[asyncio.Task[Erasure]] = field(default_factory=set)

    async def plan(self, user: str) -> Planned:
        """Say what there is to be erased of somebody; changes nothing. Raises NotFoundError."""
        work = self._work(WORLD)
        async with self.units.read() as unit:
            values, worlds = await _known(unit, user), await worlds_of(unit, user)
            await _require(unit, user, worlds)
        found = [await WorldErasure(work, world, user, _copied(values)).look() for world in worlds]
        return Planned(
            user, len(worlds), sum(len(one.events) for one in found), sum(one.values for one in found),
            sum(one.left for one in found),
        )  # fmt: skip

    def begin(self, user: str, by: Principal) -> asyncio.Task[Erasure]:
        """Have somebody erased by work that goes on also where nobody waits for it."""
        task = asyncio.create_task(self.erase(user, by))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def end(self, user: str, seconds: float = 8.0) -> None:
        """Have somebody erased whose account was ended elsewhere; returns once they can do nothing more.

        Raises UnavailableError where that takes too long: it goes on, and may be asked for again.
        """
        task = self.begin(user, WORLD)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), seconds)
        async with self.units.read() as unit:
            if await accounts.find_user(unit, user) is not None:
                raise UnavailableError("the account has not ended yet")

    async def erase(self, user: str, by: Principal) -> Erasure:
        """Erase somebody from the server, and say what came of it over all times that this was done.

        Raises NotFoundError for somebody of whom there is nothing and never was. Where a world cannot be gone through,
        the others are, and its error is raised: then it is not finished, and can be done again.
        """
        async with self._one:
            values = await self._end(user, by)
            await self._forget_answers(user)
            failed, gone_through = list[RealityError](), set[str]()
            # Until there are no more: a fork may have been made of one while it was gone through.
            while worlds := await self._worlds(user) - gone_through:
                gone_through |= worlds
                failed += [error for one in sorted(worlds) if (error := await self._one_world(one, user, values, by))]
            if failed:
                raise failed[0]
            return await self._finish(user)

    def _work(self, by: Principal) -> Erasing:
        return Erasing(self.units, self.cache, self.clock, by)

    async def resume(self) -> int:
        """Go on with those whose erasing was interrupted a while ago; returns how many these were."""
        async with self.units.read() as unit:
            waiting = await repository.list_all(unit, unfinished=True)
        return await self.erase_again([one.user_id for one in waiting if await self._claimed(one.user_id)])

    async def _claimed(self, user: str) -> bool:
        now = self.clock.now()
        async with self.units.write() as unit:
            claimed = await repository.claim(unit, user, now - LEFT_ALONE, now)
            await unit.commit()
        return claimed

    async def erase_again(self, users: Iterable[str]) -> int:
        """Erase people who were erased before, as far as there is something of them; returns how many these were.

        For a database that was put back from a backup: the ids are of the table of the one that was there before.
        """
        count = 0
        for user in users:
            try:
                await self.erase(user, WORLD)
            except NotFoundError:
                continue
            count += 1
        return count

    async def _worlds(self, user: str) -> set[str]:
        async with self.units.read() as unit:
            return {*await worlds_of(unit, user)}

    async def _end(self, user: str, by: Principal) -> Values:
        """End the account, and return what is known to be said of them by it."""
        units, clock = self.units, self.clock
        async with units.write() as unit:
            values, living = await _known(unit, user), await accounts.find_user(unit, user)
            await _require(unit, user, await worlds_of(unit, user) if living is None else ())
            await openid.forget_user(unit, user)
            await identities.forget_user(unit, user)
            await accounts.end_user(unit, user, clock.now())
            if living is not None:
                await note(unit, clock.now(), by, What.ACCOUNT_ERASED, user)
            await bots.end_bots_of(unit, user, clock.now())
            await repository.begin(unit, user, by.id or str(by.kind), clock.now())
            unit.after_commit(lambda: self.forget(user))
            await unit.commit()
        if living is not None:
            await asyncio.sleep(self.settle)
        return values

    async def _forget_answers(self, user: str) -> None:
        """Delete the answers to what they did, for which nobody can ask again."""
        while True:
            async with self.units.write() as unit:
                many = await answers.forget_answers_to(unit, user, ANSWERS)
                await unit.commit()
            if many < ANSWERS:
                return

    async def _one_world(self, world: str, user: str, values: Values, by: Principal) -> RealityError | None:
        try:
            erased = await WorldErasure(self._work(by), world, user, _copied(values)).run()
        except RealityError as error:
            logger.exception("somebody could not be erased from world %s", world)
            return error
        async with self.units.write() as unit:
            await repository.touch(unit, user, self.clock.now())
            if erased.told:
                await repository.count(unit, user, len(erased.events), erased.told)
            await unit.commit()
        return None

    async def _finish(self, user: str) -> Erasure:
        async with self.units.write() as unit:
            await repository.finish(unit, user, self.clock.now())
            done = await repository.find(unit, user)
            await unit.commit()
        if done is None:
            raise NotFoundError("this erasure was taken back by somebody else")
        return done


async def _known(unit: ReadUnit, user: str) -> Values:
    values, account = Values(), await accounts.find_user(unit, user)
    if account is not None:
        values.add(account.name)
        values.add(account.email)
    return values


def _copied(values: Values) -> Values:
    copied = Values()
    for text in values.whole:
        copied.add(text)
    return copied


async def _require(unit: ReadUnit, user: str, worlds: Iterable[str]) -> None:
    """Raise NotFoundError where there is nothing of somebody."""
    known = [*worlds] or await accounts.find_user(unit, user) or await repository.find(unit, user)
    if not known:
        raise NotFoundError("there is no such user", hint="name them by their e-mail address or their id")
