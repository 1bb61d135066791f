"""What comes of a test; not how it is shown."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reality_engine.packs.source import Steps


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test that was run. `line` is where it failed, or where it begins; `message` has a line for each failure."""

    name: str
    file: str
    line: int
    passed: bool
    message: str = ""


class FailureError(Exception):
    """A test cannot go on. `steps` lead from the test's step to what is wrong with it."""

    def __init__(self, message: str, *steps: str | int) -> None:
        """Say what happened instead of what was expected."""
        super().__init__(message)
        self.message = message
        self.steps: Steps = steps
