"""What the routes of archives need beside the common context; the composition root makes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """Stands at `app.state.archives`: which release writes archives here, and how large one may be that is read."""

    engine: str
    max_bytes: int
