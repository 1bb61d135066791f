"""Where something stands in the source of a pack; not what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a pack's source something stands; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Write it the way editors and terminals link to it."""
        return f"{self.file}:{self.line}:{self.column}"
