"""Packs over HTTP: upload, check, list, read; nothing is decided here but who may read the source."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path

from reality_engine.accounts.access import KNOWN, holders_of
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.rights import Right, Rights
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.kernel.principal import Principal
from reality_engine.library.dependencies import ShelfDep, UploadedFiles
from reality_engine.library.schemas import UPLOAD_BODY, CheckResponse, PackResponse, PackSourceResponse
from reality_engine.packs import repository, service
from reality_engine.packs.dependencies import PackCacheDep
from reality_engine.packs.problems import PackError
from reality_engine.packs.stored import PackVersion, VersionTakenError
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ClockDep, CursorsDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

router = APIRouter(
    prefix="/packs",
    tags=["packs"],
    dependencies=[KNOWN],
    responses=responses(UnauthenticatedError, TokenExpiredError),
)

PackName = Annotated[str, Path(max_length=60, examples=["lantern"])]
VersionText = Annotated[str, Path(max_length=60, examples=["1.0.0"])]


@router.post(
    "",
    status_code=201,
    dependencies=[holders_of(Right.UPLOAD_PACKS)],
    openapi_extra=UPLOAD_BODY,
    responses=responses(DeniedError, PackError, VersionTakenError),
)
async def upload_pack(
    principal: CurrentPrincipal,
    files: UploadedFiles,
    packs: PackCacheDep,
    units: UnitsDep,
    clock: ClockDep,
    shelf: ShelfDep,
) -> Envelope[PackResponse]:
    """Store a version of a pack. The same content again changes nothing; another needs another version.

    Worlds that follow the pack (`upgrades: follow` in their settings) go on to it, where nothing stands in the way.
    """
    pack = await service.check(files, packs)
    async with units.write() as unit:
        stored = await service.store(unit, pack, files, clock.now(), principal.id)
        unit.after_commit(partial(shelf.stored, stored.digest))
        await unit.commit()
    return Envelope(data=PackResponse.of(stored))


@router.post("/check", openapi_extra=UPLOAD_BODY)
async def check_pack(
    _principal: CurrentPrincipal, files: UploadedFiles, packs: PackCacheDep
) -> Envelope[CheckResponse]:
    """Tell every mistake in a pack, and store nothing."""
    try:
        return Envelope(data=CheckResponse.passed(await service.check(files, packs)))
    except PackError as error:
        return Envelope(data=CheckResponse.failed(error))


@router.get("", responses=responses(BadCursorError))
async def list_packs(
    principal: CurrentPrincipal, page: PageDep, units: UnitsDep, cursors: CursorsDep
) -> Envelope[list[PackResponse]]:
    """List the newest version of each pack, by name."""
    after = str(cursors.open(page.cursor, "packs", principal.id)) if page.cursor else ""
    async with units.read() as unit:
        found = await repository.list_newest(unit, page.limit + 1, page.skip, after)
        total = await repository.count_packs(unit) if page.total else None
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].name, "packs", principal.id) if len(found) > page.limit else None
    return Envelope(data=[PackResponse.of(one) for one in shown], meta=page.meta(following, total))


@router.get("/{name}", responses=responses(NotFoundError, BadCursorError))
async def list_pack_versions(
    name: PackName, principal: CurrentPrincipal, page: PageDep, units: UnitsDep, cursors: CursorsDep
) -> Envelope[list[PackResponse]]:
    """List the versions of a pack, the newest first."""
    purpose = f"packs/{name}"
    digest = str(cursors.open(page.cursor, purpose, principal.id)) if page.cursor else None
    async with units.read() as unit:
        after = await repository.get_version(unit, digest) if digest else None
        found = await repository.list_versions(unit, page.limit + 1, page.skip, name, after)
        count = await repository.count_versions(unit, name)
    if not count:
        raise NotFoundError("there is no such pack")
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].digest, purpose, principal.id) if len(found) > page.limit else None
    return Envelope(data=[PackResponse.of(one) for one in shown], meta=page.meta(following, count))


@router.get("/{name}/{version}", responses=responses(NotFoundError))
async def get_pack(
    name: PackName, version: VersionText, principal: CurrentPrincipal, units: UnitsDep, accounts: AccountsDep
) -> Envelope[PackSourceResponse]:
    """Show one version of a pack, with its source for who uploaded it and for administrators."""
    async with units.read() as unit:
        about = await repository.find_version(unit, name, version)
        if about is None:
            raise NotFoundError("there is no such pack version")
        pack = await repository.get_pack(unit, about.digest)
    files = dict(pack.files) if _may_read_source(principal, about, accounts.rights) else None
    return Envelope(data=PackSourceResponse(**PackResponse.of(about).model_dump(), files=files))


def _may_read_source(principal: Principal, about: PackVersion, rights: Rights) -> bool:
    return about.uploaded_by == principal.id or rights.has(principal, Right.READ_PACK_SOURCES)
