"""Accounts and the audit over HTTP, for those who manage the server; nothing is decided here."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from reality_engine.accounts import administering
from reality_engine.accounts.access import holders_of
from reality_engine.accounts.administering import SoughtAccounts
from reality_engine.accounts.dependencies import CurrentPrincipal
from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.rights import Right
from reality_engine.accounts.user import ServerRole
from reality_engine.admin import service
from reality_engine.admin.errors import LastAdminError
from reality_engine.admin.schemas import AccountResponse, AuditResponse, BanRequest, RoleRequest
from reality_engine.audit import repository as audit
from reality_engine.audit.repository import Sought
from reality_engine.audit.words import What
from reality_engine.kernel.errors import DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ClockDep, CursorsDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

router = APIRouter(
    prefix="/admin", tags=["admin"], responses=responses(UnauthenticatedError, TokenExpiredError, DeniedError)
)

_MANAGING: Final = [holders_of(Right.MANAGE_USERS)]
_ONE: Final = responses(NotFoundError)
_CHANGED: Final = responses(NotFoundError, LastAdminError)


async def _forget(request: Request) -> Callable[[str], None]:
    forget: Callable[[str], None] = request.app.state.forget_user
    return forget


# Has a user and their bots looked up again, once a change of theirs is committed.
ForgetDep = Annotated[Callable[[str], None], Depends(_forget)]


@router.get("/users", dependencies=_MANAGING, responses=responses(BadCursorError))
async def list_users(
    *, page: PageDep, principal: CurrentPrincipal, units: UnitsDep, cursors: CursorsDep,
    q: Annotated[str | None, Query(min_length=1, max_length=254, description="Stands in the name or address")] = None,
    role: ServerRole | None = None,
    banned: bool | None = None,
) -> Envelope[list[AccountResponse]]:  # fmt: skip
    """List accounts, the newest first."""
    purpose = f"users {q!r} {role} {banned}"
    before = None if page.cursor is None else str(cursors.open(page.cursor, purpose, principal.id))
    async with units.read() as unit:
        found = await administering.list_accounts(
            unit, SoughtAccounts(q, role, banned), page.limit + 1, before, page.skip
        )
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].user.id, purpose, principal.id) if len(found) > page.limit else None
    return Envelope(data=[AccountResponse.of(one) for one in shown], meta=page.meta(following))


@router.get("/users/{user}", dependencies=_MANAGING, responses=_ONE)
async def get_user(user: PathId, units: UnitsDep) -> Envelope[AccountResponse]:
    """Show an account."""
    async with units.read() as unit:
        return Envelope(data=AccountResponse.of(await administering.get_account(unit, user)))


@router.put("/users/{user}/role", dependencies=_MANAGING, responses=_CHANGED)
async def change_role(
    user: PathId, body: RoleRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, forget: ForgetDep
) -> Envelope[AccountResponse]:
    """Give somebody another role on this server. Its last administrator stays one."""
    async with units.write() as unit:
        account = await service.change_role(unit, user, body.role, principal, clock.now())
        unit.after_commit(lambda: forget(user))
        await unit.commit()
    return Envelope(data=AccountResponse.of(account))


@router.put("/users/{user}/ban", dependencies=_MANAGING, responses=_CHANGED)
async def ban_user(
    user: PathId, body: BanRequest, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, forget: ForgetDep
) -> Envelope[AccountResponse]:
    """Ban somebody from this server: their sessions end, and neither they nor their bots come in again."""
    async with units.write() as unit:
        account = await service.ban(unit, user, body.reason, principal, clock.now())
        unit.after_commit(lambda: forget(user))
        await unit.commit()
    return Envelope(data=AccountResponse.of(account))


@router.delete("/users/{user}/ban", dependencies=_MANAGING, responses=_ONE)
async def unban_user(
    user: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, forget: ForgetDep
) -> Envelope[AccountResponse]:
    """Lift somebody's ban; they log in again."""
    async with units.write() as unit:
        account = await service.unban(unit, user, principal, clock.now())
        unit.after_commit(lambda: forget(user))
        await unit.commit()
    return Envelope(data=AccountResponse.of(account))


@router.delete("/users/{user}/sessions", status_code=204, dependencies=_MANAGING, responses=_ONE)
async def end_sessions(
    user: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, forget: ForgetDep
) -> None:
    """End every session of somebody, as when a device of theirs was lost; they log in again."""
    async with units.write() as unit:
        await service.end_sessions(unit, user, principal, clock.now())
        unit.after_commit(lambda: forget(user))
        await unit.commit()


@router.get("/audit", dependencies=[holders_of(Right.READ_AUDIT)], responses=responses(BadCursorError))
async def list_audit(
    page: PageDep, principal: CurrentPrincipal, units: UnitsDep, cursors: CursorsDep,
    what: What | None = None,
    subject: Annotated[str | None, Query(max_length=200, description="Whom or what it was done to")] = None,
    by: Annotated[str | None, Query(max_length=200, description="Who did it")] = None,
) -> Envelope[list[AuditResponse]]:  # fmt: skip
    """List who changed whose rights on this server, the newest first."""
    purpose = f"audit {what} {subject!r} {by!r}"
    before = None if page.cursor is None else str(cursors.open(page.cursor, purpose, principal.id))
    async with units.read() as unit:
        found = await audit.list_entries(unit, Sought(what, subject, by), page.limit + 1, before, page.skip)
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].id, purpose, principal.id) if len(found) > page.limit else None
    return Envelope(data=[AuditResponse.of(one) for one in shown], meta=page.meta(following))
