import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from reality_engine.accounts import repository, service
from reality_engine.accounts.errors import EmailTakenError
from reality_engine.accounts.service import Grant, NewUser, Reuse
from reality_engine.accounts.settings import AccountSettings
from reality_engine.accounts.standing import TRUST, Standings
from reality_engine.accounts.tokens import AccessTokens
from reality_engine.accounts.user import ServerRole, User
from reality_engine.db import migrate
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.errors import NotFoundError, UnauthenticatedError, UnavailableError
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.signing.signing import Signing
from tests.leaving import delete_user

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
LIFETIME = timedelta(days=30)


@pytest.fixture
async def units(database_url: str) -> AsyncIterator[Units]:
    await asyncio.to_thread(migrate.upgrade, database_url)
    engines = open_engines(database_url)
    yield Units(engines)
    await engines.close()


async def register(units: Units, email: str = "mira@example.org", role: ServerRole = ServerRole.USER) -> User:
    async with units.write() as unit:
        user = await service.register(unit, NewUser(email, "Mira", "hash", role), NOW)
        await unit.commit()
    return user


async def open_session(units: Units, user: User, moment: datetime = NOW) -> Grant:
    async with units.write() as unit:
        grant = await service.open_session(unit, user, LIFETIME, moment)
        await unit.commit()
    return grant


async def rotate(units: Units, token: str, moment: datetime = NOW) -> Grant | Reuse:
    async with units.write() as unit:
        outcome = await service.rotate(unit, token, LIFETIME, moment)
        await unit.commit()
    return outcome


async def stands(units: Units, session: str, moment: datetime = NOW) -> bool:
    async with units.read() as unit:
        return await repository.find_user_of_session(unit, session, moment) is not None


async def test_a_registered_user_is_found_by_address_and_id(units: Units) -> None:
    user = await register(units)
    async with units.read() as unit:
        assert await repository.find_user_with_hash(unit, "mira@example.org") == (user, "hash")
        assert await repository.get_user(unit, user.id) == user
        assert await repository.find_user_with_hash(unit, "jo@example.org") is None


async def test_an_address_belongs_to_one_user(units: Units) -> None:
    await register(units)
    with pytest.raises(EmailTakenError):
        await register(units)


async def test_accounts_may_be_without_address_and_password(units: Units) -> None:
    known = await register(units)
    some = [User(fresh_id(NOW), "", name, ServerRole.USER, NOW) for name in ("Jo", "Sam")]
    async with units.write() as unit:
        assert [await repository.add_user(unit, one, "") for one in some] == [True, True]
        await unit.commit()
    async with units.read() as unit:
        assert [await repository.get_user(unit, one.id) for one in some] == some
        assert await repository.find_user_by_email(unit, "") is None
        assert await repository.known_as(unit, [some[0].id], [""]) == [(some[0].id, "", True)]
        assert [await repository.get_password_hash(unit, one.id) for one in (some[0], known)] == ["", "hash"]


async def test_of_registrations_at_once_one_wins(units: Units) -> None:
    outcomes = await asyncio.gather(*(register(units) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, EmailTakenError) for outcome in outcomes) == 4


async def test_a_session_stands_until_it_expires(units: Units) -> None:
    grant = await open_session(units, await register(units))
    assert await stands(units, grant.session, NOW + LIFETIME - timedelta(microseconds=1))
    assert not await stands(units, grant.session, NOW + LIFETIME)


async def test_a_closed_session_is_over(units: Units) -> None:
    grant = await open_session(units, await register(units))
    async with units.write() as unit:
        await service.close_session(unit, grant.session, NOW)
        await unit.commit()
    assert not await stands(units, grant.session)
    with pytest.raises(UnauthenticatedError):
        await rotate(units, grant.refresh_token)


async def test_rotation_prolongs_the_session_with_another_token(units: Units) -> None:
    grant = await open_session(units, await register(units))
    later = NOW + timedelta(days=20)
    outcome = await rotate(units, grant.refresh_token, later)
    assert isinstance(outcome, Grant)
    assert (outcome.user, outcome.session) == (grant.user, grant.session)
    assert outcome.refresh_token != grant.refresh_token
    assert await stands(units, grant.session, NOW + timedelta(days=49))


async def test_a_token_used_twice_ends_its_session_alone(units: Units) -> None:
    user = await register(units)
    grant, other = await open_session(units, user), await open_session(units, user)
    following = await rotate(units, grant.refresh_token)
    assert await rotate(units, grant.refresh_token) == Reuse(grant.session)
    assert not await stands(units, grant.session)
    assert isinstance(following, Grant)
    with pytest.raises(UnauthenticatedError):
        await rotate(units, following.refresh_token)
    assert await stands(units, other.session)


async def test_of_two_uses_at_once_one_is_a_reuse(units: Units) -> None:
    grant = await open_session(units, await register(units))
    outcomes = await asyncio.gather(*(rotate(units, grant.refresh_token) for _ in range(2)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Grant", "Reuse"]


@pytest.mark.parametrize("token", ["", "unknown", "\u00e9"])
async def test_an_unknown_token_is_refused(units: Units, token: str) -> None:
    with pytest.raises(UnauthenticatedError):
        await rotate(units, token)


async def test_a_token_ends_with_its_lifetime(units: Units) -> None:
    grant = await open_session(units, await register(units))
    with pytest.raises(UnauthenticatedError):
        await rotate(units, grant.refresh_token, NOW + LIFETIME)


async def test_expired_sessions_go_when_their_user_logs_in_again(units: Units) -> None:
    user = await register(units)
    grant = await open_session(units, user)
    await open_session(units, user, NOW + LIFETIME)
    with pytest.raises(UnauthenticatedError):
        await rotate(units, grant.refresh_token, NOW)


async def test_a_deleted_user_is_gone_in_every_way_but_the_address(units: Units) -> None:
    user = await register(units)
    grant = await open_session(units, user)
    await delete_user(units, user.id, NOW)
    assert not await stands(units, grant.session)
    with pytest.raises(UnauthenticatedError):
        await rotate(units, grant.refresh_token)
    with pytest.raises(UnauthenticatedError):
        await open_session(units, user)
    with pytest.raises(EmailTakenError):
        await register(units)
    async with units.read() as unit:
        assert await repository.find_user_with_hash(unit, user.email) is None
        with pytest.raises(NotFoundError):
            await repository.get_user(unit, user.id)


async def test_a_user_can_be_renamed(units: Units) -> None:
    user = await register(units)
    async with units.write() as unit:
        assert (await service.rename(unit, user.id, "Mira of the Quay")).name == "Mira of the Quay"


class Gated(Units):
    """Counts how often it is read, and holds back what was read until the gate opens."""

    def __init__(self, units: Units) -> None:
        """Read by others; the gate is open."""
        self._units = units
        self.gate = asyncio.Event()
        self.gate.set()
        self.was_read, self.was_told = asyncio.Event(), asyncio.Event()
        self.reads = 0
        self.broken = False

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadUnit]:
        """Open a unit."""
        self.reads += 1
        if self.broken:
            raise UnavailableError("the database cannot be reached")
        async with self._units.read() as unit:
            yield unit
        self.was_read.set()
        await self.gate.wait()
        self.was_told.set()


class TestStandings:
    TOKENS = AccessTokens(Signing(b"s" * 32, Units(open_engines("sqlite:///nowhere.db"))), AccountSettings())

    async def test_a_token_gives_its_principal(self, units: Units) -> None:
        user = await register(units, role=ServerRole.ADMIN)
        grant = await open_session(units, user)
        token = await self.TOKENS.sign(user.id, grant.session, NOW)
        principal = await Standings(self.TOKENS).principal_of(units, token, NOW)
        assert (principal.kind, principal.id, principal.name) == (PrincipalKind.PERSON, user.id, "Mira")
        assert (principal.credential, principal.admin) == (grant.session, True)

    async def test_a_revocation_elsewhere_is_seen_within_a_second(self, units: Units) -> None:
        user = await register(units)
        grant = await open_session(units, user)
        standings, token = Standings(self.TOKENS), await self.TOKENS.sign(user.id, grant.session, NOW)
        await standings.principal_of(units, token, NOW)
        async with units.write() as unit:
            await service.close_session(unit, grant.session, NOW)
            await unit.commit()
        with pytest.raises(UnauthenticatedError):
            await standings.principal_of(units, token, NOW + TRUST)

    @pytest.mark.parametrize("by", ["session", "user"])
    async def test_what_is_forgotten_is_asked_for_again(self, units: Units, by: str) -> None:
        user = await register(units)
        grant = await open_session(units, user)
        standings, token = Standings(self.TOKENS), await self.TOKENS.sign(user.id, grant.session, NOW)
        await standings.principal_of(units, token, NOW)
        await delete_user(units, user.id, NOW)
        if by == "session":
            standings.forget_session(grant.session)
        else:
            standings.forget_user(user.id)
        with pytest.raises(UnauthenticatedError):
            await standings.principal_of(units, token, NOW)

    async def test_a_session_of_somebody_else_does_not_count(self, units: Units) -> None:
        mira, jo = await register(units), await register(units, "jo@example.org")
        grant = await open_session(units, mira)
        with pytest.raises(UnauthenticatedError):
            await Standings(self.TOKENS).principal_of(units, await self.TOKENS.sign(jo.id, grant.session, NOW), NOW)

    async def test_it_works_when_its_room_is_full(self, units: Units) -> None:
        user = await register(units)
        standings = Standings(self.TOKENS, room=1)
        for _ in range(3):
            grant = await open_session(units, user)
            token = await self.TOKENS.sign(user.id, grant.session, NOW)
            assert (await standings.principal_of(units, token, NOW)).id == user.id

    async def tokens(self, units: Units, count: int) -> list[str]:
        user = await register(units)
        grants = [await open_session(units, user) for _ in range(count)]
        return [await self.TOKENS.sign(user.id, grant.session, NOW) for grant in grants]

    async def test_those_in_use_are_asked_about_together(self, units: Units) -> None:
        gated, standings, tokens = Gated(units), Standings(self.TOKENS), await self.tokens(units, 5)
        for moment, reads in ((NOW, 1), (NOW + TRUST / 3, 1), (NOW + TRUST, 2), (NOW + TRUST * 1.1, 2)):
            await asyncio.gather(*(standings.principal_of(gated, token, moment) for token in tokens))
            assert gated.reads == reads

    async def test_they_are_asked_about_ahead_of_time_without_waiting(self, units: Units) -> None:
        gated, standings, (token,) = Gated(units), Standings(self.TOKENS), await self.tokens(units, 1)
        await standings.principal_of(gated, token, NOW)
        gated.gate.clear()
        gated.was_told.clear()
        for _ in range(3):
            await asyncio.wait_for(standings.principal_of(gated, token, NOW + TRUST * 0.9), 10)
        gated.gate.set()
        await gated.was_told.wait()
        assert gated.reads == 2
        await standings.principal_of(gated, token, NOW + TRUST * 1.1)
        assert gated.reads == 2

    @pytest.mark.parametrize("by", ["session", "user"])
    async def test_what_was_read_before_it_was_forgotten_is_not_kept(self, units: Units, by: str) -> None:
        user = await register(units)
        grant = await open_session(units, user)
        gated, standings, token = (
            Gated(units),
            Standings(self.TOKENS),
            await self.TOKENS.sign(user.id, grant.session, NOW),
        )
        gated.gate.clear()
        first = asyncio.create_task(standings.principal_of(gated, token, NOW))
        await gated.was_read.wait()
        async with units.write() as unit:
            await service.close_session(unit, grant.session, NOW)
            await unit.commit()
        if by == "session":
            standings.forget_session(grant.session)
        else:
            standings.forget_user(user.id)
        second = asyncio.create_task(standings.principal_of(gated, token, NOW))
        await asyncio.sleep(0)
        gated.gate.set()
        assert (await first).id == user.id
        with pytest.raises(UnauthenticatedError):
            await second

    async def test_a_failure_is_told_to_all_who_wait_and_is_not_kept(self, units: Units) -> None:
        gated, standings, tokens = Gated(units), Standings(self.TOKENS), await self.tokens(units, 2)
        gated.broken = True
        asked = [standings.principal_of(gated, token, NOW) for token in tokens * 2]
        assert [type(one) for one in await asyncio.gather(*asked, return_exceptions=True)] == [UnavailableError] * 4
        gated.broken = False
        assert (await standings.principal_of(gated, tokens[0], NOW)).known

    async def test_sessions_out_of_use_are_let_go(self, units: Units) -> None:
        standings, tokens = Standings(self.TOKENS), await self.tokens(units, 3)
        for token in tokens:
            await standings.principal_of(units, token, NOW)
        assert standings.remembered == 3
        await standings.principal_of(units, tokens[0], NOW + TRUST * 2)
        assert standings.remembered == 1
