"""What the audit promises to those who note, on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from reality_engine.audit import repository
from reality_engine.audit.repository import Sought
from reality_engine.audit.service import note
from reality_engine.audit.words import What
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import SERVER, Principal, PrincipalKind

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)
MIRA = Principal(PrincipalKind.PERSON, fresh_id(NOW), "Mira", fresh_id(NOW))


@pytest.fixture
async def units(database_url: str) -> AsyncIterator[Units]:
    engines = open_engines(database_url)
    yield Units(engines)
    await engines.close()


async def test_what_is_noted_stays_with_the_transaction_that_it_is_about(units: Units) -> None:
    async with units.write() as unit:
        await note(unit, NOW, MIRA, What.ACCOUNT_ROLE, "jo", {"role": "admin"})
    async with units.read() as unit:
        assert await repository.list_entries(unit, Sought(), 10) == []
    async with units.write() as unit:
        await note(unit, NOW, MIRA, What.ACCOUNT_ROLE, "jo", {"role": "admin"})
        await unit.commit()
    async with units.read() as unit:
        (entry,) = await repository.list_entries(unit, Sought(), 10)
    assert (entry.at, entry.by_kind, entry.by_id, entry.credential) == (NOW, "person", MIRA.id, MIRA.credential)
    assert (entry.what, entry.subject, entry.details) == ("account.role", "jo", {"role": "admin"})


async def test_entries_are_found_by_who_what_and_whom_the_newest_first(units: Units) -> None:
    async with units.write() as unit:
        for second, (by, what, subject) in enumerate(
            [(MIRA, What.ACCOUNT_BANNED, "jo"), (SERVER, What.ACCOUNT_UNBANNED, "jo"), (SERVER, What.BOT_MADE, "ada")]
        ):
            await note(unit, NOW + timedelta(seconds=second), by, what, subject)
        await unit.commit()

    async def found(sought: Sought, limit: int = 10, before: str | None = None) -> list[str]:
        async with units.read() as unit:
            return [one.what for one in await repository.list_entries(unit, sought, limit, before)]

    assert await found(Sought()) == ["bot.made", "account.unbanned", "account.banned"]
    assert await found(Sought(subject="jo")) == ["account.unbanned", "account.banned"]
    assert await found(Sought(by=MIRA.id)) == ["account.banned"]
    assert await found(Sought(what="bot.made", subject="jo")) == []
    async with units.read() as reading:
        (newest,) = await repository.list_entries(reading, Sought(), 1)
    assert await found(Sought(), before=newest.id) == ["account.unbanned", "account.banned"]
