"""`reality admin`: accounts of a server, their roles and bans, and the audit; what it does, `admin.service` does."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from reality_engine.accounts import administering
from reality_engine.accounts import repository as accounts
from reality_engine.accounts.administering import Account, SoughtAccounts
from reality_engine.accounts.user import ServerRole
from reality_engine.admin import service
from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done, out
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.user import normal_address
from reality_engine.audit import repository as noted
from reality_engine.audit.entry import Entry
from reality_engine.audit.repository import Sought
from reality_engine.audit.words import What
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.principal import SERVER

cli = typer.Typer(name="admin", help="Give roles, ban people, and read who changed whose rights.", no_args_is_help=True)
Who = Annotated[str, typer.Argument(metavar="EMAIL|ID", help="Whose account.")]
Most = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")]


@cli.command()
def users(
    text: Annotated[str | None, typer.Argument(help="What stands in their name or address.")] = None,
    role: Annotated[ServerRole | None, typer.Option(help="Those with this role alone.")] = None,
    banned: Annotated[bool, typer.Option("--banned", help="Those who are banned alone.")] = False,
    limit: Most = 100,
) -> None:
    """List accounts, the newest first: id, role, address, name, and why they are banned.

    For example:

    ```console
    reality admin users --role admin
    reality admin users mira
    ```
    """
    for one in with_services(lambda services: _listed(services, SoughtAccounts(text, role, banned or None), limit)):
        ban = "" if one.ban is None else f"  banned {to_text(one.ban.at)[:16]} {one.ban.reason}".rstrip()
        user = one.user
        out.print(
            f"{user.id}  {user.role.value:5}  {user.email or '-'}  {user.name}{ban}", markup=False, soft_wrap=True
        )


@cli.command()
def role(who: Who, role: Annotated[ServerRole, typer.Argument(help="What they are to be.")]) -> None:
    """Give somebody another role on this server. Its last administrator stays one.

    For example:

    ```console
    reality admin role mira@example.org admin
    ```
    """
    account = _changed(
        who,
        lambda services, unit, user: service.change_role(unit, user, role, SERVER, services.clock.now()),
    )
    done(f"{_name(account)} is {'an administrator' if role is ServerRole.ADMIN else 'a user'}")


@cli.command()
def ban(
    who: Who,
    reason: Annotated[str, typer.Option(help="Why; for those who manage accounts.")] = "",
) -> None:
    """Ban somebody from this server: their sessions end, and neither they nor their bots come in again.

    For example:

    ```console
    reality admin ban jo@example.org --reason "sells things"
    ```
    """
    account = _changed(who, lambda services, unit, user: service.ban(unit, user, reason, SERVER, services.clock.now()))
    done(f"{_name(account)} is banned")


@cli.command()
def unban(who: Who) -> None:
    """Lift somebody's ban; they log in again.

    For example:

    ```console
    reality admin unban jo@example.org
    ```
    """
    account = _changed(who, lambda services, unit, user: service.unban(unit, user, SERVER, services.clock.now()))
    done(f"{_name(account)} is not banned")


@cli.command()
def audit(
    what: Annotated[What | None, typer.Option(help="Such changes alone.")] = None,
    subject: Annotated[str | None, typer.Option(help="What was done to this user, bot or key alone.")] = None,
    by: Annotated[str | None, typer.Option(help="What this user or bot did alone.")] = None,
    limit: Most = 100,
) -> None:
    """List who changed whose rights on this server, the newest first: when, who, what, to whom, and what else is known.

    For example:

    ```console
    reality admin audit --what account.role
    ```
    """
    for entry in with_services(lambda services: _noted(services, Sought(what, subject, by), limit)):
        details = " ".join(f"{name}={value}" for name, value in entry.details.items())
        by_whom = entry.by_id or entry.by_kind.value
        line = f"{to_text(entry.at)[:19]}  {by_whom}  {entry.what}  {entry.subject}  {details}"
        out.print(line.rstrip(), markup=False, soft_wrap=True)


def _changed(who: str, change: Callable[[Services, WriteUnit, str], Awaitable[Account]]) -> Account:
    async def work(services: Services) -> Account:
        async with services.units.write() as unit:
            account = await change(services, unit, await _id_of(unit, who))
            await unit.commit()
        return account

    return with_services(work)


async def _id_of(unit: ReadUnit, who: str) -> str:
    if is_id(who):
        return who
    user = await accounts.find_user_by_email(unit, normal_address(who))
    if user is None:
        raise NotFoundError(f"there is no account with the address {who}")
    return user.id


async def _listed(services: Services, sought: SoughtAccounts, limit: int) -> list[Account]:
    async with services.units.read() as unit:
        return await administering.list_accounts(unit, sought, limit)


async def _noted(services: Services, sought: Sought, limit: int) -> list[Entry]:
    async with services.units.read() as unit:
        return [*await noted.list_entries(unit, sought, limit)]


def _name(account: Account) -> str:
    return f"{account.user.name} <{account.user.email or account.user.id}>"
