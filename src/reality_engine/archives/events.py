"""Turns lines into events, each held to the chain and looked at as what comes from outside; writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from reality_engine.archives.errors import ArchiveError
from reality_engine.archives.lines import EventLine, decoded
from reality_engine.archives.soundness import check_event, check_moments
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.reading import BEGINNING, Logged, Place, checked
from reality_engine.eventlog.ruling import UPGRADED
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.json import encode
from reality_engine.packs.compiled import CompiledPack

# What comes of reading content of any shape.
_MISSHAPEN: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)


class Chain:
    """How far the events of an archive were followed: the place of the last one, its moment and its action."""

    def __init__(self, packs: Mapping[str, CompiledPack], latest: datetime) -> None:
        """Begin before the first event; `packs` may get more, and none may be of later than `latest`."""
        self.place: Place = BEGINNING
        self.moment: datetime | None = None
        self.pack = ""
        self._packs = packs
        self._latest = latest
        self._action = ""

    def follow(self, number: int, line: EventLine) -> tuple[Logged, Event]:
        """Return the event of a line, which must be the next one; raises ArchiveError with the line."""
        with telling(f"line {number}"):
            tree: Any = decoded(line.body.encode(), f"line {number}: the body")
            moment = from_text(tree["at"])
            row = (
                line.event, tree["id"], tree["type"], moment, bytes.fromhex(line.digest), line.body.encode(),
                encode(line.private).decode(),
            )  # fmt: skip
            (logged,) = checked([row], self.place)
            event = logged.event()
            if event.pack not in self._packs:
                raise IntegrityError("its pack is not in the archive before it")
            if self.pack not in ("", event.pack) and event.type != UPGRADED:
                raise IntegrityError("the pack becomes another one at an event that is no upgrade")
            check_event(event, self._packs[event.pack], tree["at"])
            check_moments(self.moment, event, self._latest, same_action=event.correlation == self._action)
        self.place, self.moment, self._action = Place(line.event, logged.digest), moment, event.correlation
        self.pack = event.pack
        return logged, event


@contextmanager
def telling(place: str) -> Iterator[None]:
    """Raise what the content of an archive leads to as an ArchiveError that says where."""
    try:
        yield
    except ArchiveError:
        raise
    except IntegrityError as error:
        raise ArchiveError(f"{place}: {error.message}") from error
    except _MISSHAPEN as error:
        raise ArchiveError(f"{place}: what it says cannot be: {error}") from error


def span(numbers: Sequence[int]) -> str:
    """Say which lines these are."""
    return f"line {numbers[0]}" if len(numbers) == 1 else f"lines {numbers[0]} to {numbers[-1]}"
