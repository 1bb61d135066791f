"""Watches every statement that this process gives to sqlite3, whoever gives it; changes none of them."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from tests.crash.points import Ending, Moment, Transaction

_FULL: Final = 2  # PRAGMA synchronous: a commit waits for the disk


def watch(ending: Ending) -> None:
    """Make every connection from now on a watched one."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def connecting(*given: Any, **named: Any) -> sqlite3.Connection:
        if "factory" in named or len(given) > 5:
            raise RuntimeError("somebody else's factory of connections: these would go unwatched")
        return connect(*given, **named, factory=watched)

    watched = type("WatchedHere", (Watched,), {"ending": ending})
    vars(sqlite3)["connect"] = connecting


class Watched(sqlite3.Connection):
    """A connection that tells of what it is about to do and what it has done."""

    ending: Ending

    def __init__(self, *given: Any, **named: Any) -> None:
        """Open it."""
        super().__init__(*given, **named)
        self._transaction = Transaction()

    def cursor(self, *given: Any, **named: Any) -> Any:
        """Return a cursor that is watched too."""
        return super().cursor(*given, **{"factory": WatchedCursor, **named})

    def execute(self, *given: Any) -> sqlite3.Cursor:
        """Run a statement once, by such a cursor."""
        cursor: WatchedCursor = self.cursor()
        return cursor.execute(*given)

    def executemany(self, *given: Any) -> sqlite3.Cursor:
        """Run a statement for many rows, by such a cursor."""
        cursor: WatchedCursor = self.cursor()
        return cursor.executemany(*given)

    def commit(self) -> None:
        """Commit, by the driver's own way."""
        if self.in_transaction:
            self.around("COMMIT", super().commit)

    def around(self, statement: str, run: Callable[[], Any]) -> Any:
        """Run a statement, and come to the points before, in and after it."""
        places = self._transaction.places(statement, alone=False)
        if "commit" in places:
            self._insist_on_durability()
        self.ending.reached(Moment.BEFORE, places)
        self.ending.reached(Moment.DURING, places)
        done = run()
        self.ending.reached(Moment.AFTER, places)
        return done

    def _insist_on_durability(self) -> None:
        (held,) = sqlite3.Cursor(self).execute("PRAGMA synchronous").fetchone()
        if held < _FULL:
            raise RuntimeError("a commit that does not wait for the disk may be lost, although it was answered")


class WatchedCursor(sqlite3.Cursor):
    """A cursor of a watched connection."""

    connection: Watched

    def execute(self, statement: str, *given: Any) -> "WatchedCursor":
        """Run it once."""
        self.connection.around(statement, lambda: super(WatchedCursor, self).execute(statement, *given))
        return self

    def executemany(self, statement: str, *given: Any) -> "WatchedCursor":
        """Run it for many rows."""
        self.connection.around(statement, lambda: super(WatchedCursor, self).executemany(statement, *given))
        return self
