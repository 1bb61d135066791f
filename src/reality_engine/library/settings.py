"""What an operator may choose about the shelf of packs; built from the environment by `app.settings`, not read here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LibrarySettings:
    """Stands at `app.state.library`."""

    admins_only: bool = False
