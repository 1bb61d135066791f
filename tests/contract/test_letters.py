from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.ids import fresh_id
from reality_engine.mail import repository, service
from reality_engine.mail.letter import Letter

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
LEASE = timedelta(minutes=5)
MIRA, JO = "mira@example.org", "jo@example.org"


@pytest.fixture
async def units(database_url: str) -> AsyncIterator[Units]:
    engines = open_engines(database_url)
    yield Units(engines)
    await engines.close()


async def write(units: Units, to: str = MIRA, moment: datetime = NOW, *, commit: bool = True) -> str:
    async with units.write() as unit:
        letter = await service.enqueue(unit, moment, to, "trial", {"name": to})
        if commit:
            await unit.commit()
    return letter


async def claim(units: Units, moment: datetime = NOW) -> Letter | None:
    async with units.write() as unit:
        letter = await repository.claim(unit, moment, LEASE)
        await unit.commit()
    return letter


async def waiting(units: Units) -> list[tuple[str, datetime | None]]:
    async with units.read() as unit:
        return [(letter.to, due) for letter, due, _ in await repository.list_waiting(unit, 10)]


async def test_a_letter_is_of_the_transaction_that_it_is_about(units: Units) -> None:
    await write(units, commit=False)
    assert await waiting(units) == []
    await write(units)
    assert await waiting(units) == [(MIRA, NOW)]


async def test_who_claims_a_letter_has_it_alone_until_the_lease_is_over(units: Units) -> None:
    first, second = await write(units), await write(units, JO, NOW + timedelta(seconds=1))
    soon = NOW + timedelta(seconds=1)
    claimed = [await claim(units, soon), await claim(units, soon), await claim(units, soon)]
    assert [one and (one.id, one.to, one.content["name"]) for one in claimed] == [
        (first, MIRA, MIRA),
        (second, JO, JO),
        None,
    ]
    again = await claim(units, soon + LEASE)
    assert again is not None
    assert (again.id, again.attempts) == (first, 2)


async def test_what_came_of_an_attempt_counts_only_for_the_last_one(units: Units) -> None:
    await write(units)
    early, late = await claim(units), await claim(units, NOW + LEASE)
    assert early is not None
    assert late is not None
    async with units.write() as unit:
        await repository.put_off(unit, early, None, "too slow")
        await unit.commit()
    assert await waiting(units) == [(MIRA, NOW + LEASE + LEASE)]
    async with units.write() as unit:
        await repository.put_off(unit, late, None, "refused")
        await unit.commit()
    assert await waiting(units) == [(MIRA, None)]


async def test_what_was_given_up_is_forgotten_when_it_is_old_and_what_is_due_never(units: Units) -> None:
    await write(units)
    given_up = await claim(units)
    await write(units, JO)
    assert given_up is not None
    async with units.write() as unit:
        await repository.put_off(unit, given_up, None, "refused")
        assert await repository.forget_over_before(unit, given_up.until, 10) == 0
        assert await repository.forget_over_before(unit, given_up.until + LEASE, 10) == 1
        await unit.commit()
    assert await waiting(units) == [(JO, NOW)]


async def test_a_person_is_forgotten_at_each_of_their_addresses(units: Units) -> None:
    await write(units)
    await write(units, JO)
    user = fresh_id(NOW)
    async with units.write() as unit:
        await service.enqueue(unit, NOW, "miras.other@example.org", "trial", {"user": user})
        await service.forget(unit, user, MIRA)
        await unit.commit()
    assert await waiting(units) == [(JO, NOW)]
