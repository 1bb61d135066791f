"""What an operator may choose about the shelf of packs; built from the environment by `app.settings`, not read here."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """Stands at `app.state.library`; `stored` is told the digest of what was uploaded, and wakes who waits for it."""

    stored: Callable[[str], None] = lambda _: None
