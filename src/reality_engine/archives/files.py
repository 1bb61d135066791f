"""Archives as files of this machine: written beside their place until they are whole, and read in pieces."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Final

from reality_engine.archives.errors import ArchiveError
from reality_engine.archives.exporting import Exporting, Written
from reality_engine.archives.lines import Manifest, read, written
from reality_engine.archives.members import Unpacking
from reality_engine.db.placing import give_name
from reality_engine.kernel.errors import ConflictError, InvalidError, NotFoundError

PIECE: Final = 2**18
_OWNER_ONLY: Final = 0o600
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY


def part_of(path: Path) -> Path:
    """Return where an archive stands until it is whole."""
    return path.with_name(f"{path.name}.part")


def begin_part(path: Path) -> None:
    """Make the file in which an archive is written, for its owner alone; raises ConflictError, or InvalidError."""
    part = part_of(path)
    try:
        os.close(os.open(part, _NEW, _OWNER_ONLY))
    except FileExistsError as error:
        message = f"an export to '{path}' was interrupted"
        raise ConflictError(message, hint=f"--resume goes on with it; or remove '{part}'") from error
    except OSError as error:
        raise InvalidError(f"'{part}' cannot be written: {error.strerror}") from error


def begun_part(path: Path) -> tuple[Manifest, Written]:
    """Read how far an interrupted export came, and cut off what of it is not whole; raises NotFoundError.

    Raises ArchiveError where the file is none of an export.
    """
    part = part_of(path)
    manifest, done, size = _survey(part)
    if manifest is None:
        raise ArchiveError(f"'{part}' has no whole beginning", hint="remove it, and export anew")
    os.truncate(part, size)
    return manifest, done


async def write_part(path: Path, exporting: Exporting, progress: Callable[[int], None] = lambda _: None) -> None:
    """Write what is missing of an archive and put it in its place; raises ConflictError where something is there."""
    with part_of(path).open("ab") as file:
        async for packed in exporting.members():
            await asyncio.to_thread(_write, file, packed)
            progress(exporting.written.place.position)
        await asyncio.to_thread(os.fsync, file.fileno())
    give_name(part_of(path), path)


async def pieces(path: Path) -> AsyncIterator[bytes]:
    """Yield a file piece by piece; raises NotFoundError where there is none."""
    with opened(path) as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to read; raises NotFoundError where there is none that can be read."""
    try:
        file = path.open("rb", buffering=0)  # so that what comes through a pipe is taken as it comes
    except OSError as error:
        raise NotFoundError(f"'{path}' cannot be read: {error.strerror}") from error
    with file:
        yield file


def _write(file: IO[bytes], packed: bytes) -> None:
    file.write(packed)
    file.flush()


def _survey(part: Path) -> tuple[Manifest | None, Written, int]:
    """Return what stands in the members that are whole, and how many bytes these are."""
    unpacking, done, manifest = Unpacking(), Written(), None
    with suppress(ArchiveError):  # what was being written when it was interrupted
        for _ in _lines(part, unpacking):
            pass
    whole = unpacking.whole
    for number, raw in enumerate(islice(_lines(part, Unpacking()), whole.lines), 1):
        line = read(raw, number)
        if isinstance(line, Manifest):
            manifest = line
        done.take(line, written(line))
    return manifest, done, whole.size


def _lines(part: Path, unpacking: Unpacking) -> Iterator[bytes]:
    with opened(part) as file:
        while piece := file.read(PIECE):
            yield from unpacking.feed(piece)
