"""`reality client`: which applications may log people in with their account here; not the log-in."""

from typing import Annotated

import typer

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done, note, out
from reality_engine.app.cli.services import with_services
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.principal import SERVER
from reality_engine.openid import clients, repository
from reality_engine.openid.client import Client
from reality_engine.openid.clients import NewClient
from reality_engine.openid.scopes import USUAL, Scope, as_text

cli = typer.Typer(
    name="client", help="Say which applications may log people in with their account here.", no_args_is_help=True
)
LISTED = 1000
_NAME = 80


@cli.command()
def add(
    name: Annotated[str, typer.Argument(help="What people know the application as.")],
    redirect: Annotated[list[str], typer.Option(help="An address that people may be sent back to; repeat for more.")],
    after_log_out: Annotated[
        list[str] | None, typer.Option(help="An address that people may be sent to when they have logged out.")
    ] = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help=f"What it may ask people for; otherwise {as_text(USUAL)}.")
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="It could keep no secret, as in a browser or on people's devices.")
    ] = False,
    trusted: Annotated[bool, typer.Option("--trusted", help="It is one's own: do not ask people about it.")] = False,
) -> None:
    """Let an application log people in. Its secret is shown once, alone on standard output.

    For example:

    ```console
    reality client add Wiki --redirect https://wiki.example.org/callback
    reality client add Companion --redirect http://127.0.0.1/callback --public --scope openid --scope worlds
    ```
    """
    name = name.strip()
    if not 1 <= len(name) <= _NAME or not name.isprintable():
        raise InvalidError(f"a name has 1 to {_NAME} characters, and none that cannot be printed", field="name")
    new = NewClient(name, redirect, after_log_out or (), scope or USUAL, public, trusted)
    client, secret = with_services(lambda services: _add(services, new))
    note(f"client_id {client.id}")
    if secret is not None:
        note("client_secret, which is shown only now:")
        out.print(secret, markup=False)
    note(f"{client.name} may log people in")


@cli.command("list")
def list_all() -> None:
    """List the applications: id, name, what they may ask for, and their addresses."""
    for client in with_services(_listed):
        kind = "public" if client.public else "secret"
        trust = " trusted" if client.trusted else ""
        line = f"{client.id}  {client.name}  {kind}{trust}  {as_text(client.scopes)}  {' '.join(client.redirects)}"
        out.print(line, markup=False)


@cli.command()
def secret(client: Annotated[str, typer.Argument(help="The application's id.")]) -> None:
    """Give an application another secret, shown once; the one before is good for nothing from now on."""
    changed, renewed = with_services(lambda services: _renew(services, client))
    note(f"client_secret of {changed.name}, which is shown only now:")
    out.print(renewed, markup=False)


@cli.command()
def remove(client: Annotated[str, typer.Argument(help="The application's id.")]) -> None:
    """Remove an application: it logs nobody in any more, and every session that it has is over."""
    ended = with_services(lambda services: _remove(services, client))
    done(f"{client} is removed; {ended} sessions of it are over")


async def _add(services: Services, new: NewClient) -> tuple[Client, str | None]:
    async with services.units.write() as unit:
        added = await clients.add(unit, SERVER, new, services.clock.now())
        await unit.commit()
    return added


async def _listed(services: Services) -> list[Client]:
    async with services.units.read() as unit:
        return await repository.list_clients(unit, LISTED)


async def _renew(services: Services, client: str) -> tuple[Client, str]:
    async with services.units.write() as unit:
        renewed = await clients.renew_secret(unit, SERVER, _known(client), services.clock.now())
        await unit.commit()
    return renewed


async def _remove(services: Services, client: str) -> int:
    async with services.units.write() as unit:
        ended = await clients.remove(unit, SERVER, _known(client), services.clock.now())
        await unit.commit()
    return len(ended)


def _known(client: str) -> str:
    if not is_id(client):
        raise NotFoundError("there is no such application", hint="look with: reality client list")
    return client
