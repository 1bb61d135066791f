"""What is kept no longer is deleted, what a promise still needs is not, and whoever acts meanwhile is not held up."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from reality_engine.accounts.models import RefreshTokenRow, SessionRow
from reality_engine.accounts.repository import add_session
from reality_engine.actions.models import AnswerRow
from reality_engine.app.tidying import Retention, at_a_beat, retention_of, tidy
from reality_engine.db.base import Base
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import UnavailableError
from reality_engine.kernel.ids import fresh_id
from reality_engine.outbox.models import OutboxRow
from tests.playing import Playing
from tests.serving import NOON, Serving, settings_for

KEEP = Retention(timedelta(hours=24), timedelta(days=30), timedelta(days=7))


async def count(units: Units, table: type[Base]) -> int:
    async with units.read() as unit:
        return int(await unit.session.scalar(select(func.count()).select_from(table)) or 0)


async def start(table: Playing, key: str) -> dict[str, object]:
    """Start a clock under a key, with a token that is good now."""
    table.players["Gia"] = await table.server.login("Gia")
    answer = await table.act("Gia", "start_clock", key=key, input={"name": key, "stakes": "much"})
    assert answer.status_code == 200, answer.text
    data: dict[str, object] = answer.json()["data"]
    return data


async def test_an_answer_is_given_again_for_as_long_as_was_promised(table: Playing) -> None:
    units, clock = table.server.app.state.context.units, table.server.clock
    first = await start(table, "one")
    clock.advance(timedelta(hours=23))
    assert (await tidy(units, clock, KEEP, chunk=2)).answers == 0
    again = await start(table, "one")
    assert again == {**first, "repeated": True}
    await start(table, "two")
    clock.advance(timedelta(hours=2))
    assert (await tidy(units, clock, KEEP, chunk=2)).answers == 1
    assert (await start(table, "two"))["repeated"] is True


async def test_answers_go_in_small_chunks_by_several_at_once(table: Playing) -> None:
    units, clock = table.server.app.state.context.units, table.server.clock
    for number in range(7):
        await start(table, f"key-{number}")
    clock.advance(timedelta(days=2))
    found = await asyncio.gather(*(tidy(units, clock, KEEP, chunk=2) for _ in range(3)))
    assert sum(one.answers for one in found) == 7
    assert await count(units, AnswerRow) == 0


async def test_news_stay_until_they_were_told_and_a_while_after(table: Playing) -> None:
    units, clock = table.server.app.state.context.units, table.server.clock
    untold = await count(units, OutboxRow)
    assert untold > 2
    async with units.write() as unit:
        told = (await unit.session.scalars(select(OutboxRow.id).limit(2))).all()
        await unit.session.execute(update(OutboxRow).where(OutboxRow.id.in_(told)).values(told_at=clock.now()))
        await unit.commit()
    clock.advance(timedelta(days=6))
    assert (await tidy(units, clock, KEEP)).told == 0
    clock.advance(timedelta(days=2))
    assert (await tidy(units, clock, KEEP, chunk=1)).told == 2
    clock.advance(timedelta(days=1000))
    assert (await tidy(units, clock, KEEP)).told == 0
    assert await count(units, OutboxRow) == untold - 2


async def test_sessions_go_with_their_tokens_once_they_ended_long_ago(server: Serving) -> None:
    units, clock = server.app.state.context.units, server.clock
    await server.user("Mira")
    await server.client.post("/api/v1/auth/logout", headers=await server.login("Mira"))
    async with units.write() as unit:
        user = await unit.session.scalar(select(SessionRow.user_id))
        for days in (1, 200):
            await add_session(unit, fresh_id(NOON), str(user), NOON, NOON + timedelta(days=days))
        await unit.commit()
    assert (await count(units, SessionRow), await count(units, RefreshTokenRow)) == (4, 2)
    clock.advance(timedelta(days=25))
    assert (await tidy(units, clock, KEEP, chunk=1)).sessions == 0
    clock.advance(timedelta(days=15))
    # The one that was logged out of, and the one that expired after a day; not those that still stood ten days ago.
    assert (await tidy(units, clock, KEEP, chunk=1)).sessions == 2
    assert (await count(units, SessionRow), await count(units, RefreshTokenRow)) == (2, 1)


async def test_a_beat_goes_on_after_whatever_went_wrong() -> None:
    done = asyncio.Event()
    outcomes = iter([UnavailableError("not now"), ValueError("a mistake"), None])

    async def work() -> None:
        outcome = next(outcomes)
        if outcome is not None:
            raise outcome
        done.set()
        await asyncio.sleep(10)

    beat = asyncio.create_task(at_a_beat(work, 0))
    await asyncio.wait_for(done.wait(), 5)
    beat.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beat


def test_an_answer_cannot_be_kept_for_less_than_a_day() -> None:
    with pytest.raises(ValueError, match="keep_answers_hours"):
        settings_for("sqlite:///x.db", keep_answers_hours=23)
    assert retention_of(settings_for("sqlite:///x.db")).answers == timedelta(hours=48)
