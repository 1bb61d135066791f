"""Worlds as files over HTTP: streamed out, streamed in; nothing is decided here but who may."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import StreamingResponse

from reality_engine.accounts.access import WORLD, holders_of
from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.rights import Right
from reality_engine.archives import exporting, importing
from reality_engine.archives.context import ArchiveSettings
from reality_engine.archives.errors import (
    ArchiveError,
    ArchiveTooLargeError,
    NewerFormatError,
    OvertakenError,
    PastRewrittenError,
    WorldTakenError,
)
from reality_engine.archives.importing import Importing
from reality_engine.archives.pseudonyms import Naming
from reality_engine.archives.schemas import ARCHIVE_ANSWER, ARCHIVE_BODY, MEDIA_TYPE, ImportResponse
from reality_engine.archives.showing import MAX_TITLE, Options
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.packs.dependencies import PackCacheDep
from reality_engine.packs.stored import VersionTakenError
from reality_engine.reads.dependencies import LookingDep
from reality_engine.reads.view_as import VIEWING, ViewAsReadsOnlyError
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(prefix="/worlds", tags=["worlds"], responses=responses(UnauthenticatedError, TokenExpiredError))

IMPORT_PATH = "/worlds/import"


async def _settings(connection: HTTPConnection) -> ArchiveSettings:
    settings: ArchiveSettings = connection.app.state.archives
    return settings


SettingsDep = Annotated[ArchiveSettings, Depends(_settings)]


@router.get(
    "/{world}/export",
    response_class=StreamingResponse,
    dependencies=[WORLD],
    responses={
        **responses(DeniedError, *VIEWING, ViewAsReadsOnlyError, NotFoundError, PastRewrittenError),
        **ARCHIVE_ANSWER,
    },
)
async def export_world(
    *, look: LookingDep, clock: ClockDep, settings: SettingsDep,
    pseudonyms: Annotated[bool, Query(description="Name nobody: no address and no name of an account")] = False,
) -> StreamingResponse:  # fmt: skip
    """Write the world to an archive, while it goes on; for roles that see everything and manage the world.

    It holds the world as it was when this began. An archive that ends without its last line is not whole: ask again.
    """
    look.require_own_eyes()
    async with look.open() as (_, viewer):
        if not (viewer.scope.everything and viewer.scope.admin):
            raise DeniedError("only who sees everything and manages the world may export it")
    naming = Naming.PSEUDONYMS if pseudonyms else Naming.ACCOUNTS
    started = await exporting.begin(look.units, look.world, clock, settings.engine, naming)
    members = started.members()
    # What is wrong with the beginning can still be answered.
    first = await anext(members)
    headers = {"Content-Disposition": f'attachment; filename="{look.world}.jsonl.gz"', "Cache-Control": "no-store"}
    return StreamingResponse(_streamed(first, members), media_type=MEDIA_TYPE, headers=headers)


@router.post(
    "/import",
    status_code=201,
    dependencies=[holders_of(Right.IMPORT_WORLDS)],
    openapi_extra=ARCHIVE_BODY,
    responses=responses(
        DeniedError, ArchiveError, NewerFormatError, ArchiveTooLargeError, WorldTakenError, VersionTakenError,
        OvertakenError,
    ),
)  # fmt: skip
async def import_world(
    *, request: Request, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, packs: PackCacheDep,
    settings: SettingsDep, response: Response,
    copy: Annotated[bool, Query(description="As another world, also where the one of the archive is here")] = False,
    title: Annotated[
        str | None, Query(min_length=1, max_length=MAX_TITLE, description="What the world is to be called here")
    ] = None,
) -> Envelope[ImportResponse]:  # fmt: skip
    """Bring a world in from an archive, which is the body; for administrators of the server.

    Nobody finds it before all of it was found whole; else nothing is left of it.
    """
    context = Importing(units, clock, packs, settings.max_bytes)
    imported = await importing.bring_in(context, _body(request), Options(principal, copy=copy, title=title))
    response.headers["Location"] = f"/api/v1/worlds/{imported.world}"
    return Envelope(data=ImportResponse.of(imported))


async def _streamed(first: bytes, members: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for packed in members:
        yield packed


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as error:
        raise ArchiveError("the archive was not sent to its end") from error
