"""A letter as the relay takes it out of the table; not yet what is read on paper or screen, which templates make."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reality_engine.kernel.json import Plain


@dataclass(frozen=True, slots=True)
class Letter:
    """To whom, by which template, filled with what; of no use to anybody after `until`."""

    id: str
    to: str
    template: str
    content: Mapping[str, Plain]
    created_at: datetime
    until: datetime
    attempts: int = 0
