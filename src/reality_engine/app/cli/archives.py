"""`reality export` and `reality import`: worlds to files and back, as whoever runs the server; not the format."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import done, err, note
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.world import checked_id
from reality_engine.app.version import VERSION
from reality_engine.archives import exporting, files
from reality_engine.archives.exporting import Exporting
from reality_engine.archives.importing import Importing, bring_in
from reality_engine.archives.pseudonyms import Naming
from reality_engine.archives.showing import MAX_TITLE, Imported, Options
from reality_engine.db.placing import require_free
from reality_engine.kernel.errors import ConflictError, InvalidError
from reality_engine.kernel.principal import WORLD


def export_world(
    world: Annotated[str, typer.Argument(help="The world's id.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; it must not be there yet.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an export that was interrupted.")] = False,
    pseudonyms: Annotated[
        bool, typer.Option("--pseudonyms", help="Name nobody: no address and no name of an account.")
    ] = False,
) -> None:
    """Write a world with all that ever happened in it to a file, while it goes on.

    What is written is the world as it was when the command began. docs/archives.md describes the file.

    For example:

        reality export 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 -o tuesdays.jsonl.gz
        reality export 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 -o tuesdays.jsonl.gz --resume
    """
    naming = Naming.PSEUDONYMS if pseudonyms else Naming.ACCOUNTS
    key = checked_id(world)
    written = with_services(lambda services: _export(services, key, output, naming, resume=resume))
    done(f"{output}: {written} events of world {key}")


async def _export(services: Services, world: str, output: Path, naming: Naming, *, resume: bool) -> int:
    require_free(output)
    started = await _resumed(services, world, output, naming) if resume else None
    if started is None:
        started = await exporting.begin(services.units, world, services.clock, VERSION, naming)
        files.begin_part(output)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task(world, total=started.manifest.head.position)
        await files.write_part(output, started, lambda position: progress.update(task, completed=position))
    return started.written.events


async def _resumed(services: Services, world: str, output: Path, naming: Naming) -> Exporting:
    manifest, written = files.begun_part(output)
    if manifest.world.id != world or manifest.pseudonyms != (naming is Naming.PSEUDONYMS):
        message = f"'{files.part_of(output)}' is of another export"
        raise ConflictError(message, hint="name the same world and options as before, or remove it")
    return await exporting.resumed(services.units, manifest, written)


def import_world(
    archive: Annotated[Path, typer.Argument(help="The file that an export wrote.")],
    title: Annotated[str | None, typer.Option("--as", help="What the world is to be called here.")] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="As another world, also where the one of the archive is here.")
    ] = False,
) -> None:
    """Bring a world in from a file. Nobody finds it before all of it was found whole; else nothing is left of it.

    People get the accounts that have their addresses here, or new ones without a password: reality user password gives
    one. An import that was interrupted goes on where it was, if the same file is given again.

    For example:

        reality import tuesdays.jsonl.gz
        reality import tuesdays.jsonl.gz --copy --as "What if"
    """
    options = Options(WORLD, copy=copy, title=_checked_title(title))
    found = with_services(lambda services: _import(services, archive, options))
    people = found.people
    done(f"world {found.world}: {found.events} events, all whole")
    note(
        f"of its people {people.found} had accounts here, {people.made} got one without a password, "
        f"{people.unknown} have none; {len(people.moved)} go by another id here"
    )


async def _import(services: Services, archive: Path, options: Options) -> Imported:
    context = Importing(services.units, services.clock, services.packs)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task(archive.name, total=None)

        def passed(position: int, total: int) -> None:
            progress.update(task, completed=position, total=total)

        return await bring_in(context, files.pieces(archive), options, passed)


def _checked_title(title: str | None) -> str | None:
    if title is not None and not 1 <= len(title) <= MAX_TITLE:
        raise InvalidError(f"a title has 1 to {MAX_TITLE} characters", field="--as")
    return title
