"""`reality keys`: the keys that tokens are signed by, rotated and retired by whoever runs the server."""

from typing import Annotated

import typer

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done, note
from reality_engine.app.cli.services import with_services
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.signing import repository, service
from reality_engine.signing.algorithms import Algorithm
from reality_engine.signing.models import SigningKeyRow

cli = typer.Typer(name="keys", help="List, rotate and retire the keys that sign tokens.", no_args_is_help=True)


@cli.command("list")
def list_keys() -> None:
    """List the keys: id, algorithm, when it was made, and whether it signs or until when it is accepted.

    For example:

    ```console
    reality keys list
    ```
    """
    told = with_services(_told)
    for line in told:
        typer.echo(line)
    if not told:
        note("there are no keys: HS256 signs by one that follows from REALITY_SECRET_KEY")


@cli.command()
def rotate(
    algorithm: Annotated[
        Algorithm | None, typer.Option(help="Of this algorithm alone; otherwise of each that has a key.")
    ] = None,
) -> None:
    """Have other keys sign from now on, in every process. What the former ones signed is accepted for 25 hours more.

    For example:

    ```console
    reality keys rotate
    reality keys rotate --algorithm ES256
    ```
    """
    for kid, of in with_services(lambda services: _rotate(services, algorithm)):
        done(f"{kid} signs by {of.value}")


@cli.command()
def retire(
    key: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `reality keys list` has it.")],
) -> None:
    """Accept nothing any more that a key signed, from the next second on: for a key that somebody may have got hold of.

    For example:

    ```console
    reality keys rotate
    reality keys retire 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10
    ```
    """
    with_services(lambda services: _retire(services, key))
    done(f"what {key} signed is not accepted any more")


async def _told(services: Services) -> list[str]:
    async with services.units.read() as unit:
        rows = await repository.list_all(unit)
    now = services.clock.now()

    def state(row: SigningKeyRow) -> str:
        if row.accepted_until is None:
            return "signs" if services.signing.opens(row) else "cannot sign: another secret sealed it"
        word = "accepted until" if row.accepted_until > now else "not accepted since"
        return f"{word} {to_text(row.accepted_until)}"

    return [f"{row.id}  {row.algorithm:5}  made {to_text(row.created_at)}  {state(row)}" for row in rows]


async def _rotate(services: Services, algorithm: Algorithm | None) -> list[tuple[str, Algorithm]]:
    wanted = [algorithm] if algorithm is not None else await _in_use(services)
    if not all(one.public for one in wanted) or not wanted:
        message = "HS256 has no key of its own: it signs by one that follows from REALITY_SECRET_KEY"
        raise InvalidError(message, hint="name another algorithm with --algorithm")
    now = services.clock.now()
    fresh = [await services.signing.make(one, now) for one in wanted]
    async with services.units.write() as unit:
        for key in fresh:
            await service.rotate(unit, key, now)
        await unit.commit()
    return [(key.kid, key.algorithm) for key in fresh]


async def _in_use(services: Services) -> list[Algorithm]:
    """Return the algorithms of which some key signs, and that of access tokens where it has keys of its own."""
    chosen = services.accounts.settings.algorithm
    async with services.units.read() as unit:
        rows = await repository.list_all(unit)
    found = {Algorithm(row.algorithm) for row in rows if row.current} | ({chosen} if chosen.public else set())
    return sorted(found)


async def _retire(services: Services, key: str) -> None:
    if not is_id(key):
        raise NotFoundError(f"there is no signing key {key}", hint="look with: reality keys list")
    async with services.units.write() as unit:
        await service.retire(unit, key, services.clock.now())
        await unit.commit()
