"""`reality user`: accounts made by whoever runs the server; not registration over HTTP."""

import sys
from typing import Annotated

import typer

from reality_engine.accounts import repository, service
from reality_engine.accounts.email import normal_email
from reality_engine.accounts.passwords import require_strong
from reality_engine.accounts.service import NewUser
from reality_engine.accounts.user import ServerRole, User
from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done
from reality_engine.app.cli.services import with_services
from reality_engine.kernel.errors import InvalidError, NotFoundError

cli = typer.Typer(name="user", help="Make accounts, administrators among them.", no_args_is_help=True)


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
        user = await repository.find_user_by_email(unit, email)
        if user is None:
            raise NotFoundError(f"there is no account with the address {email}")
        await repository.set_password_hash(unit, user.id, hashed)
        await unit.commit()


async def add_user(services: Services, email: str, name: str | None, password: str, role: ServerRole) -> User:
    """Make an account; raises EmailTakenError."""
    new = NewUser(email, name or email.partition("@")[0], await services.accounts.passwords.hash(password), role)
    async with services.units.write() as unit:
        user = await service.register(unit, new, services.clock.now())
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
