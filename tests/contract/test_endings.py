"""Live connections learn within a second that whoever they are for may not be there any more; on both databases."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from reality_engine.accounts import repository, service
from reality_engine.accounts.endings import Endings, standing_sessions
from reality_engine.accounts.service import NewUser
from reality_engine.accounts.user import User
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.clock import FixedClock
from reality_engine.kernel.errors import UnavailableError
from reality_engine.kernel.principal import ANONYMOUS, Principal, PrincipalKind
from tests.leaving import delete_user

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
LIFETIME = timedelta(days=30)
BEAT = 0.01
# Far more than it takes, and never waited for where all is well.
PATIENCE = 10


@pytest.fixture
async def units(database_url: str) -> AsyncIterator[Units]:
    engines = open_engines(database_url)
    yield Units(engines)
    await engines.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def endings(units: Units, clock: FixedClock) -> AsyncIterator[Endings]:
    made = Endings(units, clock, {PrincipalKind.PERSON: standing_sessions}, BEAT)
    yield made
    await made.close()


async def mira(units: Units) -> User:
    async with units.write() as unit:
        user = await service.register(unit, NewUser("mira@example.org", "Mira", "hash"), NOW)
        await unit.commit()
    return user


async def session(units: Units, user: User) -> Principal:
    async with units.write() as unit:
        grant = await service.open_session(unit, user, LIFETIME, NOW)
        await unit.commit()
    return user.principal(grant.session)


async def end(units: Units, principal: Principal) -> None:
    async with units.write() as unit:
        await repository.revoke_session(unit, principal.credential or "", NOW)
        await unit.commit()


async def is_over(waiting: "asyncio.Task[None]") -> bool:
    await asyncio.wait([waiting], timeout=PATIENCE)
    return waiting.done() and waiting.exception() is None


async def test_a_session_that_ends_anywhere_is_over_for_all_who_wait_and_others_go_on(
    units: Units, endings: Endings
) -> None:
    user = await mira(units)
    ended, other = await session(units, user), await session(units, user)
    waiting = [asyncio.create_task(endings.until_over(one)) for one in (ended, ended, other)]
    await asyncio.sleep(BEAT * 5)
    assert not any(one.done() for one in waiting)
    await end(units, ended)
    assert [await is_over(one) for one in waiting[:2]] == [True, True]
    assert not waiting[2].done()
    assert endings.awaited == 1
    waiting[2].cancel()
    await asyncio.wait(waiting)
    assert endings.awaited == 0


async def test_it_is_over_when_the_user_is_or_its_time_is(units: Units, endings: Endings, clock: FixedClock) -> None:
    user = await mira(units)
    waiting = asyncio.create_task(endings.until_over(await session(units, user)))
    await asyncio.sleep(BEAT * 3)
    clock.advance(LIFETIME)
    assert await is_over(waiting)
    clock.moment = NOW
    waiting = asyncio.create_task(endings.until_over(await session(units, user)))
    await asyncio.sleep(BEAT * 3)
    await delete_user(units, user.id, NOW)
    assert await is_over(waiting)


async def test_what_is_over_already_is_over_at_once(units: Units, endings: Endings) -> None:
    user = await mira(units)
    principal = await session(units, user)
    await end(units, principal)
    await asyncio.wait_for(endings.until_over(principal), PATIENCE)
    elsewhere = Principal(PrincipalKind.PERSON, user.id, credential="sess_of_another_server")
    await asyncio.wait_for(endings.until_over(elsewhere), PATIENCE)


async def test_nobody_is_asked_about_where_nobody_waits_and_trouble_ends_nothing(
    units: Units, clock: FixedClock
) -> None:
    asked: list[int] = []

    async def standing(_: ReadUnit, sessions: Sequence[str], __: datetime) -> Collection[str]:
        asked.append(len(sessions))
        if len(asked) == 1:
            raise UnavailableError("the database cannot be reached")
        return sessions if len(asked) < 4 else ()

    endings = Endings(units, clock, {PrincipalKind.PERSON: standing}, BEAT)
    await asyncio.sleep(BEAT * 3)
    assert not asked
    await asyncio.wait_for(endings.until_over(Principal(PrincipalKind.PERSON, "mira", credential="one")), PATIENCE)
    assert asked == [1, 1, 1, 1]
    await asyncio.sleep(BEAT * 5)
    assert len(asked) == 4


async def test_who_has_no_credential_is_never_over_and_an_unknown_kind_is_a_mistake(endings: Endings) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(endings.until_over(ANONYMOUS), BEAT)
    for principal in (Principal(PrincipalKind.BOT, "b", credential="k"), Principal(PrincipalKind.PERSON, "p")):
        with pytest.raises(LookupError):
            await endings.until_over(principal)
