"""`reality world`: make worlds and look at them, as whoever runs the server; not acting in them."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reality_engine.accounts import repository as accounts
from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.forking import ForkAsked, fork_for
from reality_engine.app.cli.output import done, note, out
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.upgrades import upgrade
from reality_engine.app.cli.user import normal_address
from reality_engine.directory import repository as directory
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.ids import WORLD_ENTITY, is_id
from reality_engine.packs import repository as packs
from reality_engine.packs import service as pack_service
from reality_engine.packs.loader import read_files
from reality_engine.state import repository as state
from reality_engine.worlds import service
from reality_engine.worlds.service import NewWorld

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reality_engine.kernel.json import Plain

cli = typer.Typer(name="world", help="Make worlds, look at them, and upgrade them.", no_args_is_help=True)
cli.command("upgrade")(upgrade)
LISTED = 1000


@cli.command()
def create(
    pack: Annotated[str, typer.Argument(help="The name of a stored pack, or a pack's folder or file.")],
    title: Annotated[str, typer.Option(help="What the world is called.")],
    owner: Annotated[str, typer.Option(help="The e-mail address of the account that is to manage it.")],
    version: Annotated[str | None, typer.Option(help="The pack's version; otherwise the newest.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Let those who are not members look.")] = False,
    joining: Annotated[bool, typer.Option("--open", help="Let anybody join.")] = False,
) -> None:
    """Make a world from a pack, which is stored first where it comes from disk.

    For example:

    ```console
    reality world create packs/harbor --title Tea --owner jo@a.example --open
    reality world create harbor --version 1.0.0 --title Tea --owner jo@a.example
    ```
    """
    address, files = normal_address(owner), read_files(Path(pack)) if Path(pack).exists() else None
    settings: dict[str, Plain] = {"title": title, "public": public, "joining": "open" if joining else "closed"}
    new = NewWorld(pack, version, settings)
    world = with_services(lambda services: _create(services, new, files, address))
    done(f"world {world} runs {pack}")


@cli.command("list")
def show_all() -> None:
    """List the worlds of this server, the newest first.

    For example:

    ```console
    reality world list
    ```
    """
    rows = with_services(_listed)
    # One line each, whatever the terminal's width: ids are there to be copied.
    wide = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
    for row in rows:
        out.print("  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip(), markup=False)
    if not rows:
        note("there is no world yet; reality world create makes one")


@cli.command()
def show(world: Annotated[str, typer.Argument(help="The world's id.")]) -> None:
    """Show what a world is, and how far its log goes.

    For example:

    ```console
    reality world show 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10
    ```
    """
    for name, value in with_services(lambda services: _described(services, checked_id(world))):
        out.print(f"[bold]{name:10}[/] ", end="")
        out.print(value, markup=False)


@cli.command()
def fork(
    world: Annotated[str, typer.Argument(help="The world's id.")],
    title: Annotated[str, typer.Option(help="What the fork is called.")],
    owner: Annotated[str, typer.Option(help="The e-mail address of the account that is to manage it.")],
    as_of: Annotated[str | None, typer.Option(help="As of this moment, such as 2026-05-01T18:00:00Z.")] = None,
    members: Annotated[
        bool, typer.Option("--members", help="Have those come along who were members, and are.")
    ] = False,
) -> None:
    """Make a new world of what a world was at a moment: its log up to there, and all that is made of it.

    Whoever acts in the world meanwhile waits. Nothing is written into its own log.

    For example:

    ```console
    reality world fork 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 --title "What if" --owner jo@a.example
    reality world fork 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 --title T --owner jo@a.example --as-of 2026-05-01T18:00:00Z
    ```
    """
    asked = ForkAsked(checked_id(world), title, normal_address(owner), as_of, members)
    made = with_services(lambda services: fork_for(services, asked))
    done(f"world {made} is a fork of {world}")


def checked_id(world: str) -> str:
    """Return a world's id; raises InvalidError where the text is none."""
    if not is_id(world):
        raise InvalidError(f"'{world}' is not the id of a world", hint="reality world list shows them")
    return world


async def _create(services: Services, new: NewWorld, files: "Mapping[str, str] | None", owner: str) -> str:
    moment = services.clock.now()
    async with services.units.write() as unit:
        user = await accounts.find_user_by_email(unit, owner)
        if user is None:
            raise NotFoundError(f"there is no account with the address {owner}", hint=f"reality user create {owner}")
        if files is not None:
            compiled = await pack_service.check(files, services.packs)
            await pack_service.store(unit, compiled, files, moment, user.id)
            new = replace(new, pack=compiled.name, version=compiled.version)
        world = await service.create(unit, new, user.principal(), services.packs, moment)
        await unit.commit()
    return world.id


async def _listed(services: Services) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    async with services.units.read() as unit:
        for world in await directory.list_all(unit, LISTED):
            about = await packs.get_version(unit, world.pack)
            settings = (await state.entities_with_secrets(unit, world.id, [WORLD_ENTITY]))[WORLD_ENTITY]
            head = await eventlog.get_head(unit, world.id)
            title, pack = str(settings.get("title")), f"{about.name} {about.version}"
            rows.append((world.id, to_text(world.created_at)[:16], pack, f"{head.position} events", title))
    return rows


async def _described(services: Services, world: str) -> list[tuple[str, str]]:
    async with services.units.read() as unit:
        found = await directory.get(unit, world)
        about = await packs.get_version(unit, found.pack)
        settings = (await state.entities_with_secrets(unit, world, [WORLD_ENTITY]))[WORLD_ENTITY]
        head = await eventlog.get_head(unit, world)
    shown = {name: str(settings.get(name)) for name in ("title", "description", "public", "joining", "upgrades")}
    return [
        ("id", world),
        *shown.items(),
        ("pack", f"{about.name} {about.version} ({about.digest[:12]})"),
        ("created", to_text(found.created_at)),
        *([("fork of", f"{found.lineage.origin}, up to event {found.lineage.position}")] if found.lineage else []),
        ("events", f"{head.position}, the last one at {to_text(head.recorded_at)}"),
        ("digest", head.digest.hex()),
    ]
