"""`reality bot`: bots and their keys, made and ended by whoever runs the server; not what their owners do over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError

from reality_engine.accounts import repository as accounts
from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done, note
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.user import normal_address
from reality_engine.bots import repository, service
from reality_engine.bots.bot import Bot, Key
from reality_engine.bots.schemas import BotRequest, KeyRequest, RotateRequest
from reality_engine.bots.service import Minted
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import InvalidError, NotFoundError, Problem, ProblemsError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.principal import SERVER

T = TypeVar("T")
Parsed = TypeVar("Parsed", BotRequest, KeyRequest, RotateRequest)
BotId = Annotated[str, typer.Argument(metavar="BOT", help="The bot's id.")]
KeyId = Annotated[str, typer.Argument(metavar="KEY", help="The key's id, as `reality bot keys` has it.")]

cli = typer.Typer(name="bot", help="Make bots and their keys, list and end them.", no_args_is_help=True)


@cli.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    owner: Annotated[str, typer.Option(metavar="EMAIL", help="Who answers for it: the address of an account.")],
) -> None:
    """Make a bot of somebody's, and print its id. It may do nothing before it is made a member of a world.

    For example:

    ```console
    reality bot create Crow --owner mira@example.org
    ```
    """
    asked = _read(BotRequest, name=name)

    async def work(unit: WriteUnit, now: datetime) -> Bot:
        return await service.create_bot(unit, await _owner(unit, owner), asked.name, SERVER, now)

    typer.echo(_written(work).id)


@cli.command("list")
def list_bots(
    owner: Annotated[str | None, typer.Option(metavar="EMAIL", help="Whose bots; otherwise everybody's.")] = None,
) -> None:
    """List bots: id, name and the id of the owner.

    For example:

    ```console
    reality bot list --owner mira@example.org
    ```
    """

    async def work(unit: ReadUnit) -> list[Bot]:
        return await repository.list_bots(unit, None if owner is None else await _owner(unit, owner), None)

    for bot in _found(work):
        typer.echo(f"{bot.id}  {bot.name}  of {bot.owner}")


@cli.command()
def end(bot: BotId) -> None:
    """End a bot with all of its keys, within a second in every process; what it did stays.

    For example:

    ```console
    reality bot end 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10
    ```
    """

    async def work(unit: WriteUnit, now: datetime) -> None:
        await service.end_bot(unit, await _bot(unit, bot), SERVER, now)

    _written(work)
    done(f"{bot} is ended, with all of its keys")


@cli.command()
def key(
    bot: BotId,
    label: Annotated[str, typer.Argument(help="By which people will know the key.")],
    world: Annotated[list[str] | None, typer.Option(help="A world that it is good in; otherwise all.")] = None,
    action: Annotated[list[str] | None, typer.Option(help="An action that it is good for; otherwise all.")] = None,
    reads_only: Annotated[bool, typer.Option("--reads-only", help="Good for looking alone.")] = False,
    proposals_only: Annotated[bool, typer.Option("--proposals-only", help="Each action waits for approval.")] = False,
    per_minute: Annotated[int | None, typer.Option(help="Requests a minute, at most.")] = None,
    per_day: Annotated[int | None, typer.Option(help="Requests a day of UTC, at most.")] = None,
    expires_at: Annotated[str | None, typer.Option(metavar="TIME", help="When it ends; otherwise never.")] = None,
) -> None:
    """Make a key of a bot, and print it: this once, since nothing is kept of it but a digest.

    For example:

    ```console
    reality bot key 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 "the machine in the cellar" > crow.key
    reality bot key 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 clerk --action 'plan.*' --per-minute 60
    ```
    """
    asked = _read(
        KeyRequest, label=label, worlds=world or None, actions=action or None, reads_only=reads_only,
        proposals_only=proposals_only, per_minute=per_minute, per_day=per_day, expires_at=expires_at,
    )  # fmt: skip

    async def work(unit: WriteUnit, now: datetime) -> Minted:
        return await service.mint_key(unit, await _bot(unit, bot), asked.to_key(), SERVER, now)

    _print(_written(work))


@cli.command()
def keys(bot: BotId) -> None:
    """List the keys of a bot: id, how it begins, label, and whether it is good.

    For example:

    ```console
    reality bot keys 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10
    ```
    """

    async def work(services: Services) -> list[str]:
        async with services.units.read() as unit:
            found = await repository.list_keys(unit, (await _bot(unit, bot)).id, None)
        return [_line(one, services.clock.now()) for one in found]

    for line in with_services(work):
        typer.echo(line)


@cli.command()
def revoke(key: KeyId) -> None:
    """End a key, within a second in every process.

    For example:

    ```console
    reality bot revoke 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10
    ```
    """

    async def work(unit: WriteUnit, now: datetime) -> None:
        await service.revoke_key(unit, await _key(unit, key), SERVER, now)

    _written(work)
    done(f"{key} opens nothing any more")


@cli.command()
def rotate(
    key: KeyId,
    overlap_minutes: Annotated[int, typer.Option(help="How long the old key is good beside the new one.")] = 60,
) -> None:
    """Make a key that is good for the same, print it, and have the old one end after a while.

    For example:

    ```console
    reality bot rotate 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 --overlap-minutes 10 > crow.key
    ```
    """
    asked = _read(RotateRequest, overlap_minutes=overlap_minutes)

    async def work(unit: WriteUnit, now: datetime) -> Minted:
        old = await _key(unit, key)
        return await service.rotate_key(unit, await _bot(unit, old.bot), old, asked.overlap, SERVER, now)

    _print(_written(work))


def _read(kind: type[Parsed], **given: object) -> Parsed:
    """Read arguments as the API would read a body; raises ProblemsError."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        found = tuple(_problem(one["loc"], str(one["msg"])) for one in error.errors(include_input=False))
        raise ProblemsError(found[0].message, problems=found) from error


def _problem(place: tuple[int | str, ...], message: str) -> Problem:
    option = str(place[0]).replace("_", "-").removesuffix("s") + ": " if place else ""
    return Problem("invalid", f"{option}{message.removeprefix('Value error, ')}")


def _written(work: Callable[[WriteUnit, datetime], Awaitable[T]]) -> T:
    async def whole(services: Services) -> T:
        async with services.units.write() as unit:
            outcome = await work(unit, services.clock.now())
            await unit.commit()
        return outcome

    return with_services(whole)


def _found(work: Callable[[ReadUnit], Awaitable[T]]) -> T:
    async def whole(services: Services) -> T:
        async with services.units.read() as unit:
            return await work(unit)

    return with_services(whole)


async def _owner(unit: ReadUnit, email: str) -> str:
    user = await accounts.find_user_by_email(unit, normal_address(email))
    if user is None:
        raise NotFoundError(f"there is no account with the address {email}")
    return user.id


async def _bot(unit: ReadUnit, bot: str) -> Bot:
    if not is_id(bot):
        raise InvalidError(f"'{bot}' is not the id of a bot", hint="reality bot list has them")
    found = await repository.find_bot(unit, bot)
    if found is None:
        raise NotFoundError("there is no such bot, or it has ended", hint="reality bot list has them")
    return found


async def _key(unit: ReadUnit, key: str) -> Key:
    if not is_id(key):
        raise InvalidError(f"'{key}' is not the id of a key", hint="that is not the key itself: see reality bot keys")
    return await repository.get_key(unit, key)


def _print(minted: Minted) -> None:
    # Alone on standard output, to go into a file.
    typer.echo(minted.text)
    note(f"this is key {minted.key.id}, and it is shown this once")


def _line(key: Key, now: datetime) -> str:
    state = "good" if key.stands(now) else "over"
    until = "" if key.expires_at is None else f" until {to_text(key.expires_at)}"
    return f"{key.id}  {key.hint}…  {key.label}  {state}{until if state == 'good' else ''}"
