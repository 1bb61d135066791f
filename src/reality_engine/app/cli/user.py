"""`reality user`: accounts made and erased by whoever runs the server; not registration over HTTP."""

import sys
from datetime import timedelta
from typing import Annotated

import typer

from reality_engine.accounts import inviting, service
from reality_engine.accounts import repository as accounts
from reality_engine.accounts.email import normal_email
from reality_engine.accounts.inviting import MAX_DAYS, MAX_USES
from reality_engine.accounts.service import NewUser
from reality_engine.accounts.strength import require_strong
from reality_engine.accounts.user import ServerRole, User
from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done, note
from reality_engine.app.cli.services import with_services
from reality_engine.audit import service as audit
from reality_engine.audit.words import What
from reality_engine.erasure import repository as erasures
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.principal import SERVER, WORLD
from reality_engine.tickets.ticket import Use

cli = typer.Typer(name="user", help="Make accounts, administrators among them, and erase people.", no_args_is_help=True)


@cli.command()
def create(
    email: Annotated[str, typer.Argument(help="The e-mail address to log in with.")],
    name: Annotated[str | None, typer.Option(help="How others see them; otherwise what stands before the @.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="Make them an administrator of this server.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, and do not ask.")
    ] = False,
) -> None:
    """Make an account. The password is asked for, or read from standard input, since arguments are seen by others.

    For example:

    ```console
    reality user create mira@example.org --admin
    reality user create jo@example.org --name Jo --password-stdin < password.txt
    ```
    """
    address = normal_address(email)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
    require_strong(password, address)
    role = ServerRole.ADMIN if admin else ServerRole.USER
    user = with_services(lambda services: add_user(services, address, name, password, role))
    done(f"{user.name} <{user.email}> is {'an administrator' if admin else 'a user'} ({user.id})")


@cli.command()
def password(
    email: Annotated[str, typer.Argument(help="The account's e-mail address.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, and do not ask.")
    ] = False,
) -> None:
    """Give an account another password, or its first one where it came with a world that was imported.

    For example:

    ```console
    reality user password mira@example.org
    ```
    """
    address = normal_address(email)
    chosen = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked()
    require_strong(chosen, address)
    with_services(lambda services: _set_password(services, address, chosen))
    done(f"{address} has a new password")


async def _set_password(services: Services, email: str, chosen: str) -> None:
    hashed = await services.accounts.passwords.hash(chosen)
    async with services.units.write() as unit:
        user = await accounts.find_user_by_email(unit, email)
        if user is None:
            raise NotFoundError(f"there is no account with the address {email}")
        await accounts.set_password_hash(unit, user.id, hashed)
        moment = services.clock.now()
        # Whoever knew the old one is not to stay in by it.
        await accounts.revoke_sessions_of(unit, user.id, moment)
        await audit.note(unit, moment, SERVER, What.ACCOUNT_REKEYED, user.id)
        await unit.commit()


@cli.command()
def invite(
    email: Annotated[str | None, typer.Argument(help="Good for this address alone; the invite is sent there.")] = None,
    uses: Annotated[int, typer.Option(min=1, max=MAX_USES, help="How many people may use it.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=MAX_DAYS, help="For so long it is good.")] = 14,
    admin: Annotated[bool, typer.Option("--admin", help="Who uses it becomes an administrator.")] = False,
) -> None:
    """Invite people to make accounts here: one address, or whoever has the link.

    For example:

    ```console
    reality user invite jo@example.org
    reality user invite --uses 20 --days 7
    ```
    """
    address = None if email is None else normal_address(email)
    role = ServerRole.ADMIN if admin else ServerRole.USER
    link = with_services(lambda services: _invite(services, address, uses, timedelta(days=days), role))
    typer.echo(link)
    note(f"good for {days} days, for {address or 'whoever has it'}")


async def _invite(services: Services, email: str | None, uses: int, lasts: timedelta, role: ServerRole) -> str:
    ticket = inviting.drawn(SERVER, email, uses, lasts, role, services.clock.now())
    async with services.units.write() as unit:
        await inviting.make(unit, ticket, SERVER, send=services.mail.delivery is not None)
        await unit.commit()
    return services.mail.links.to(inviting.PAGE, Use.INVITE, ticket.id)


@cli.command()
def erase(
    who: Annotated[list[str], typer.Argument(metavar="EMAIL|ID...", help="Whom to erase.")],
    plan: Annotated[bool, typer.Option("--plan", help="Say what there is to be erased, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Erase people: their accounts, and what is said of them in every world. It cannot be taken back.

    What fields a pack declares to be personal is erased of what they own or owned, and what they wrote in actions of
    theirs; from events, state present and past, search and stored answers. Logs and chains still verify. Asking again
    goes on with what was interrupted, and finds what was said since.

    For example:

    ```console
    reality user erase mira@example.org --plan
    reality user erase mira@example.org
    ```
    """
    if plan:
        with_services(lambda services: _plan(services, who))
        return
    if not yes:
        typer.confirm(f"Erase {', '.join(who)} for good?", abort=True)
    with_services(lambda services: _erase(services, who))


@cli.command()
def erased() -> None:
    """List the ids of those who were erased, one a line, to be erased again after a backup is put back.

    For example:

    ```console
    reality user erased > erased.txt
    xargs reality user erase --yes < erased.txt
    ```
    """
    for user in with_services(erased_people):
        typer.echo(user)


async def _plan(services: Services, who: list[str]) -> None:
    for user in [await _id_of(services, one) for one in who]:
        found = await services.erasures.plan(user)
        note(
            f"{user}: {found.values} values in {found.events} events of {found.worlds} worlds would be erased"
            + (f"; {found.left} were written before their field was personal, and stay" if found.left else "")
        )


async def _erase(services: Services, who: list[str]) -> None:
    for user in [await _id_of(services, one) for one in who]:
        before = await _values(services, user)
        found = await services.erasures.erase(user, WORLD)
        values = found.values - before
        told = f"{values} values were erased" if values else "there was nothing more to be erased"
        done(f"{user}: {told}; {found.values} in {found.events} events of {found.worlds} worlds in all")


async def erased_people(services: Services) -> list[str]:
    """Return the ids of those who were erased from this server."""
    async with services.units.read() as unit:
        return [one.user_id for one in await erasures.list_all(unit)]


async def _values(services: Services, user: str) -> int:
    async with services.units.read() as unit:
        found = await erasures.find(unit, user)
    return 0 if found is None else found.values


async def _id_of(services: Services, who: str) -> str:
    """Return whom an address or an id names; raises NotFoundError."""
    if is_id(who):
        return who
    async with services.units.read() as unit:
        user = await accounts.find_user_by_email(unit, normal_address(who))
    if user is None:
        raise NotFoundError(f"there is no account with the address {who}", hint="who was erased has an id alone")
    return user.id


async def add_user(services: Services, email: str, name: str | None, password: str, role: ServerRole) -> User:
    """Make an account; raises EmailTakenError."""
    new = NewUser(
        email, name or email.partition("@")[0], await services.accounts.passwords.hash(password), role, verified=True
    )
    async with services.units.write() as unit:
        moment = services.clock.now()
        user = await service.register(unit, new, moment)
        await audit.note(unit, moment, SERVER, What.ACCOUNT_MADE, user.id, {"role": role.value})
        await unit.commit()
    return user


def normal_address(email: str) -> str:
    """Return the one form of an address; raises InvalidError."""
    try:
        return normal_email(email)
    except ValueError as error:
        raise InvalidError(str(error), field="email") from error


def _asked() -> str:
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked
