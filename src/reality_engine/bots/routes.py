"""Bots and their keys over HTTP: make, list, rename, end, revoke, rotate; nothing is decided here."""

from functools import partial
from typing import Final

from fastapi import APIRouter, Response

from reality_engine.accounts.access import KNOWN, PERSON
from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.bots import repository, service
from reality_engine.bots.dependencies import BotsDep
from reality_engine.bots.errors import KeyOverError, TooManyBotsError
from reality_engine.bots.schemas import (
    BotRequest,
    BotResponse,
    KeyRequest,
    KeyResponse,
    MintedKeyResponse,
    MyselfResponse,
    RotateRequest,
)
from reality_engine.kernel.errors import DeniedError, InvalidError, NotFoundError, UnauthenticatedError
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ClockDep, CursorsDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

router = APIRouter(prefix="/bots", tags=["bots"])

_KNOWN: Final = (UnauthenticatedError, TokenExpiredError)
_PEOPLE: Final = (*_KNOWN, DeniedError)
_LIST: Final = "bots"


@router.post("", status_code=201, dependencies=[PERSON], responses=responses(*_PEOPLE, TooManyBotsError))
async def create_bot(
    body: BotRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, response: Response
) -> Envelope[BotResponse]:
    """Make a bot of your own. What you may do, it may not: it is made a member of worlds as anybody is."""
    async with units.write() as unit:
        bot = await service.create_bot(unit, principal.id, body.name, principal, clock.now())
        await unit.commit()
    response.headers["Location"] = f"/api/v1/bots/{bot.id}"
    return Envelope(data=BotResponse.of(bot))


@router.get("", dependencies=[PERSON], responses=responses(*_PEOPLE, BadCursorError))
async def list_bots(
    page: PageDep, principal: CurrentPrincipal, units: UnitsDep, cursors: CursorsDep
) -> Envelope[list[BotResponse]]:
    """List your bots, the newest first."""
    before = None if page.cursor is None else str(cursors.open(page.cursor, _LIST, principal.id))
    async with units.read() as unit:
        found = await repository.list_bots(unit, principal.id, page.limit + 1, before)
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].id, _LIST, principal.id) if len(found) > page.limit else None
    return Envelope(data=[BotResponse.of(bot) for bot in shown], meta=page.meta(following))


# Before the next one, whose path it fits too.
@router.get("/me", dependencies=[KNOWN], responses=responses(*_KNOWN, NotFoundError))
async def show_myself(principal: CurrentPrincipal, units: UnitsDep) -> Envelope[MyselfResponse]:
    """Show a bot to itself, with the key that it asks with and what that is good for."""
    async with units.read() as unit:
        bot = await service.get_bot(unit, principal.id, principal)
        key = await repository.get_key(unit, principal.credential or "", bot.id)
    return Envelope(data=MyselfResponse(bot=BotResponse.of(bot), key=KeyResponse.of(key)))


@router.get("/{bot}", dependencies=[PERSON], responses=responses(*_PEOPLE, NotFoundError))
async def get_bot(bot: PathId, principal: CurrentPrincipal, units: UnitsDep) -> Envelope[BotResponse]:
    """Show a bot of yours."""
    async with units.read() as unit:
        return Envelope(data=BotResponse.of(await service.get_bot(unit, bot, principal)))


@router.patch("/{bot}", dependencies=[PERSON], responses=responses(*_PEOPLE, NotFoundError))
async def rename_bot(
    bot: PathId, body: BotRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, bots: BotsDep
) -> Envelope[BotResponse]:
    """Give a bot another name; what events already say of it stays."""
    async with units.write() as unit:
        held = await service.get_bot(unit, bot, principal)
        renamed = await service.rename_bot(unit, held, body.name, principal, clock.now())
        unit.after_commit(partial(bots.forget_bot, bot))
        await unit.commit()
    return Envelope(data=BotResponse.of(renamed))


@router.delete("/{bot}", status_code=204, dependencies=[PERSON], responses=responses(*_PEOPLE, NotFoundError))
async def end_bot(bot: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, bots: BotsDep) -> None:
    """End a bot with all of its keys, at once; what it did stays. Administrators may end anybody's."""
    async with units.write() as unit:
        held = await service.get_bot(unit, bot, principal)
        await service.end_bot(unit, held, principal, clock.now())
        unit.after_commit(partial(bots.forget_bot, bot))
        await unit.commit()


@router.post(
    "/{bot}/keys",
    status_code=201,
    dependencies=[PERSON],
    responses=responses(*_PEOPLE, NotFoundError, TooManyBotsError, InvalidError),
)
async def create_key(
    bot: PathId, body: KeyRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, response: Response
) -> Envelope[MintedKeyResponse]:
    """Make a key of a bot of yours. Its secret is in this answer alone: what is stored is a digest."""
    async with units.write() as unit:
        held = await service.own_bot(unit, bot, principal)
        minted = await service.mint_key(unit, held, body.to_key(), principal, clock.now())
        await unit.commit()
    return _minted(minted, response)


@router.get("/{bot}/keys", dependencies=[PERSON], responses=responses(*_PEOPLE, NotFoundError, BadCursorError))
async def list_keys(
    bot: PathId, page: PageDep, principal: CurrentPrincipal, units: UnitsDep, cursors: CursorsDep
) -> Envelope[list[KeyResponse]]:
    """List the keys of a bot, those that are over too, the newest first."""
    purpose = f"keys of {bot}"
    before = None if page.cursor is None else str(cursors.open(page.cursor, purpose, principal.id))
    async with units.read() as unit:
        await service.get_bot(unit, bot, principal)
        found = await repository.list_keys(unit, bot, page.limit + 1, before)
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].id, purpose, principal.id) if len(found) > page.limit else None
    return Envelope(data=[KeyResponse.of(key) for key in shown], meta=page.meta(following))


@router.get("/{bot}/keys/{key}", dependencies=[PERSON], responses=responses(*_PEOPLE, NotFoundError))
async def get_key(bot: PathId, key: PathId, principal: CurrentPrincipal, units: UnitsDep) -> Envelope[KeyResponse]:
    """Show a key of a bot, such as one that an event names."""
    async with units.read() as unit:
        await service.get_bot(unit, bot, principal)
        return Envelope(data=KeyResponse.of(await repository.get_key(unit, key, bot)))


@router.delete(
    "/{bot}/keys/{key}", status_code=204, dependencies=[PERSON], responses=responses(*_PEOPLE, NotFoundError)
)
async def revoke_key(
    bot: PathId, key: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, bots: BotsDep
) -> None:
    """End a key at once. Administrators may end anybody's."""
    async with units.write() as unit:
        await service.get_bot(unit, bot, principal)
        await service.revoke_key(unit, await repository.get_key(unit, key, bot), principal, clock.now())
        unit.after_commit(partial(bots.forget_key, key))
        await unit.commit()


@router.post(
    "/{bot}/keys/{key}/rotate",
    status_code=201,
    dependencies=[PERSON],
    responses=responses(*_PEOPLE, NotFoundError, TooManyBotsError, KeyOverError),
)
async def rotate_key(
    bot: PathId, key: PathId, body: RotateRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep,
    bots: BotsDep, response: Response,
) -> Envelope[MintedKeyResponse]:  # fmt: skip
    """Make a key that is good for the same, and have the old one end once you had the time to put the new one in."""
    async with units.write() as unit:
        held = await service.own_bot(unit, bot, principal)
        old = await repository.get_key(unit, key, bot)
        minted = await service.rotate_key(unit, held, old, body.overlap, principal, clock.now())
        unit.after_commit(partial(bots.forget_key, key))
        await unit.commit()
    return _minted(minted, response)


def _minted(minted: service.Minted, response: Response) -> Envelope[MintedKeyResponse]:
    response.headers["Cache-Control"] = "no-store"
    return Envelope(data=MintedKeyResponse.minted(minted))
