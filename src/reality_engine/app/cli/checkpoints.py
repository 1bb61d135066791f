"""The files of checkpoints that `reality verify` writes and reads, and the server's key for them; not what they say."""

from collections.abc import Sequence
from pathlib import Path

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reality_engine.app.cli.output import done
from reality_engine.app.secret import secret_of
from reality_engine.app.settings import Settings
from reality_engine.eventlog import checkpoints
from reality_engine.eventlog.checkpoints import MAX_BYTES, Checkpoint
from reality_engine.kernel.errors import InvalidError, RealityError
from reality_engine.web.keys import derive


def own_key(settings: Settings) -> Ed25519PrivateKey:
    """Return the key that this server signs with, which follows from its secret and changes with it."""
    return Ed25519PrivateKey.from_private_bytes(derive(secret_of(settings), "checkpoints"))


def own_public_key(settings: Settings) -> str:
    """Return the key by which others check what this server signed."""
    return checkpoints.public_key_of(own_key(settings))


def read_file(file: Path, signed_by: str | None, settings: Settings) -> Sequence[Checkpoint]:
    """Return the checkpoints of a file, signed by that key, or by this server's; raises InvalidError."""
    key = own_public_key(settings) if signed_by is None else checkpoints.checked_key(signed_by)
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidError(f"'{file}' cannot be read: {error.strerror}") from error
    try:
        return checkpoints.read(text, key)
    except RealityError as error:
        error.message = f"'{file}': {error.message}"
        raise


def refuse_taken(file: Path | None) -> None:
    """Raise InvalidError where a file is there already: what was signed before may be all that tells of a loss."""
    if file is None:
        return
    if file.exists():
        raise InvalidError(f"'{file}' is there already, and checkpoints are to be kept", hint="name another file")
    if not file.absolute().parent.is_dir():
        raise InvalidError(f"there is no folder '{file.absolute().parent}'")


def write_lines(lines: Sequence[str], file: Path | None) -> None:
    """Write what was signed into a new file, or print it where none is named."""
    if file is None:
        for line in lines:
            typer.echo(line)
        return
    if not lines:
        return
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise InvalidError(f"'{file}' cannot be written: {error.strerror}") from error
    done(f"{len(lines)} signed in {file}")
