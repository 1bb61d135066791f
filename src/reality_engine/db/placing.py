"""Gives a file that is whole the name that it is to have, so that nobody ever sees half of one; not its content."""

import os
from pathlib import Path

from reality_engine.kernel.errors import ConflictError


def require_free(path: Path) -> None:
    """Raise ConflictError where something is in the way: nothing is written over."""
    if path.exists() or path.is_symlink():
        raise ConflictError(f"'{path}' is there already", hint="remove it, or name another file")


def give_name(part: Path, path: Path) -> None:
    """Give a file its name, over nothing, for good; raises ConflictError where something has the name by now."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise ConflictError(f"'{path}' is there already; what was to be there is '{part}'") from error
    part.unlink()
    sync_folder(path)


def sync_folder(path: Path) -> None:
    """Wait until the disk knows the name of a file too."""
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
