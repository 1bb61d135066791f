"""The server's one secret: from the settings, or made once for development and kept; not the keys derived from it."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from reality_engine.app.options.secrets import MIN_SECRET_BYTES
from reality_engine.app.settings import Settings
from reality_engine.kernel.chance import new_token
from reality_engine.kernel.errors import InvalidError


def secret_of(settings: Settings) -> bytes:
    """Return the secret; in development without one, that of the file, which is made where there is none."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    file = settings.secret_file
    try:
        if not file.exists():
            _make(file)
        secret = file.read_bytes().strip()
    except OSError as error:
        raise InvalidError(f"the secret's file '{file}' cannot be used: {error.strerror}", "secret_file") from error
    if len(secret) < MIN_SECRET_BYTES:
        raise InvalidError(f"'{file}' holds no secret; remove it to have another one made", "secret_file")
    return secret


def _make(file: Path) -> None:
    """Write a fresh secret that nobody else may read; of processes that start together, one wins."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # with mode 600
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(new_token(48))
        # A link to a name that is taken fails, so the file appears whole and only once.
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        Path(draft).unlink()
