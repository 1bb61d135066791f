"""The routes of the service: to gather, and to list what one may see."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bench.template.database import open_engine, open_sessions
from bench.template.dependencies import SessionDep, UserDep
from bench.template.schemas import CrateResponse, EventResponse, GatherRequest, GatherResponse
from bench.template.tables import Crate, Event, Gatherer, Patch, Seat


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = open_engine(os.environ["TEMPLATE_DATABASE_URL"])
    app.state.sessions = open_sessions(engine)
    yield
    await engine.dispose()


app = FastAPI(lifespan=_lifespan)


@app.post("/patches/{patch_id}/gather")
async def gather(patch_id: int, body: GatherRequest, session: SessionDep, user: UserDep) -> GatherResponse:
    """Take something from a patch. Both rows are locked, the gatherer's first, so that no update is lost."""
    query = select(Gatherer).options(joinedload(Gatherer.band)).where(Gatherer.id == body.gatherer)
    gatherer = await session.scalar(query.with_for_update(of=Gatherer))
    if gatherer is None or gatherer.user_id != user.id:
        raise HTTPException(403, "this gatherer is somebody else's")
    patch = await session.get(Patch, patch_id, with_for_update=True)
    if patch is None:
        raise HTTPException(404, "there is no such patch")
    _check(gatherer, patch, body.effort)
    gatherer.store += body.effort
    patch.stock -= body.effort
    patch.pressure += body.effort
    patch.scarce = patch.stock * 10 < patch.capacity
    event = Event(
        type="gather", user_id=user.id, details={"gatherer": gatherer.id, "patch": patch.id, "effort": body.effort}
    )
    session.add(event)
    await session.commit()
    told = EventResponse(
        id=event.id, at=event.at, type=event.type, narrative=f"{gatherer.name} takes {body.effort} from {patch.name}"
    )
    return GatherResponse(event=told, stock=patch.stock, store=gatherer.store)


@app.get("/crates")
async def crates(session: SessionDep, user: UserDep, limit: int = 20, before: int | None = None) -> list[CrateResponse]:
    """List the newest crates of the places where one has a seat."""
    query = select(Crate)
    if not user.sees_everything:
        query = query.where(Crate.place_id.in_(select(Seat.place_id).where(Seat.user_id == user.id)))
    if before is not None:
        query = query.where(Crate.id < before)
    found = await session.scalars(query.order_by(Crate.id.desc()).limit(min(limit, 100)))
    return [CrateResponse.model_validate(one) for one in found]


def _check(gatherer: Gatherer, patch: Patch, effort: int) -> None:
    if gatherer.suspended:
        raise HTTPException(403, f"{gatherer.name} is suspended")
    if not patch.open:
        raise HTTPException(409, f"{patch.name} is closed")
    if effort > gatherer.band.quota:
        raise HTTPException(409, f"{gatherer.band.name} take no more than {gatherer.band.quota} at once")
    if effort > patch.stock:
        raise HTTPException(409, f"{patch.name} has only {patch.stock} left")
