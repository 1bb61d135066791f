"""Where in its work a process is to end, in the words of SQL; not how the drivers are watched, nor the product.

A point is a statement that any way of writing has to send: the one that commits, the first that writes what is kept
beside the log. So a point stays what it is, whatever the code above the driver looks like.
"""

import json
import os
import re
import signal
import threading
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self


class Place(StrEnum):
    """What the statement does."""

    APPEND = "append"
    PROJECT = "project"
    COMMIT = "commit"
    DEFINE = "define"


class Moment(StrEnum):
    """When, as seen from the statement."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Act(StrEnum):
    """What happens: the process is gone, or it has lost its connection to the database."""

    KILL = "kill"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Point:
    """The n-th time of a moment of a place. `delay` in seconds is how far into the statement `during` is."""

    place: Place
    moment: Moment
    nth: int = 1
    delay: float = 0.0
    act: Act = Act.KILL

    def __str__(self) -> str:
        """Name it, as reports do."""
        return f"{self.moment} {self.place}" if self.act is Act.KILL else f"{self.act} {self.moment} {self.place}"

    def write(self, order: Path) -> None:
        """Tell the process that looks there of it."""
        draft = order.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(self)))
        draft.rename(order)

    @classmethod
    def read(cls, order: Path) -> Self:
        """Read what this process was told."""
        told = json.loads(order.read_text())
        return cls(Place(told["place"]), Moment(told["moment"]), told["nth"], told["delay"], Act(told["act"]))


_SAID: Final = {
    Place.APPEND: re.compile(r'\binsert\s+into\s+"?events"?[\s(]', re.IGNORECASE),
    Place.PROJECT: re.compile(r'\binsert\s+into\s+"?(event|entity)_\w+"?[\s(]', re.IGNORECASE),
    Place.DEFINE: re.compile(r"^\s*create\s+table\b", re.IGNORECASE),
    Place.COMMIT: re.compile(r"^\s*(commit|end)\b", re.IGNORECASE),
}


class Transaction:
    """What one connection has sent since it last committed or went back."""

    def __init__(self) -> None:
        self._matters = False

    def places(self, statement: str, *, alone: bool) -> frozenset[Place]:
        """Say what a statement does. `alone` is one outside of a transaction, which commits by itself."""
        found = {place for place, said in _SAID.items() if said.search(statement)}
        committing = Place.COMMIT in found
        if found & {Place.APPEND, Place.DEFINE}:
            self._matters = True
        if committing and not self._matters:
            found.discard(Place.COMMIT)  # of reading, or of what is not about a world
        if alone and Place.APPEND in found:
            found.add(Place.COMMIT)
        if committing or alone or statement.lstrip()[:8].lower() == "rollback":
            self._matters = False
        return frozenset(found)


class Ending:
    """Counts the times that a point is come to, and ends this process at the one that was chosen."""

    def __init__(self, order: Path, note: Path) -> None:
        """`order` will have the point, now or later; `note` is written before the end, for whoever asks why."""
        self._order = order
        self._note = note
        self._point: Point | None = None
        self._times = 0
        self._lock = threading.Lock()

    def reached(self, moment: Moment, places: frozenset[Place]) -> bool:
        """Die here if it is the time to; otherwise say whether the connection is to be cut."""
        point = self._point
        if point is None and places and self._order.exists():
            point = self._point = Point.read(self._order)
        if point is None or point.moment is not moment or point.place not in places:
            return False
        with self._lock:
            self._times += 1
            if self._times != point.nth:
                return False
        if point.act is Act.CUT:
            self._tell(point)
            return True
        if moment is Moment.DURING:
            threading.Thread(target=self._later, args=(point,), daemon=True).start()
        else:
            self._die(point)
        return False

    def _later(self, point: Point) -> None:
        time.sleep(point.delay)
        self._die(point)

    def _die(self, point: Point) -> None:
        self._tell(point)
        os.kill(os.getpid(), signal.SIGKILL)

    def _tell(self, point: Point) -> None:
        self._note.write_text(str(point))
