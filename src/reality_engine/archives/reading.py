"""Reads an archive from pieces, line by line and each checked against those before it; writes nothing.

Raises ArchiveError with the line of whatever is wrong. What comes is bounded: one line, one group of events, the packs
and the people are in memory, whatever the archive says of itself.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from itertools import islice
from typing import Final, TypeAlias

from reality_engine.accounts.email import normal_email
from reality_engine.archives.errors import ArchiveError, ArchiveTooLargeError
from reality_engine.archives.lines import EndLine, EventLine, Line, Manifest, PackLine, UserLine, read
from reality_engine.archives.members import Unpacking
from reality_engine.packs.loader import digest

MAX_PACKS: Final = 1_000
MAX_USERS: Final = 200_000
# Lines that are handed on together, at most.
_GROUP: Final = 250

# A line with its number.
Numbered: TypeAlias = tuple[int, Line]


class Reading:
    """One archive while it is read; `manifest` is set from the first group on, `archive` tells it from others."""

    def __init__(self, max_bytes: int | None = None) -> None:
        """Begin before the first line; with `max_bytes`, no more than that many are read."""
        self.archive = b""
        self._left = max_bytes
        self._unpacking = Unpacking()
        self._hashed = hashlib.sha256()
        self._counts = {PackLine: 0, UserLine: 0, EventLine: 0}
        self._packs: set[str] = set()
        self._users: set[str] = set()
        self._emails: set[str] = set()
        self._ended = False

    async def groups(self, pieces: AsyncIterable[bytes]) -> AsyncIterator[list[Numbered]]:
        """Yield the lines in order, in groups; when it is through, the archive was whole and said so of itself."""
        async for piece in pieces:
            self._take(len(piece))
            lines = self._lines(piece)
            while group := await asyncio.to_thread(lambda held: list(islice(held, _GROUP)), lines):
                yield group
        self._unpacking.close()
        if not self._ended:
            raise ArchiveError(f"the archive ends after line {self._unpacking.lines}, without its last line")

    def _take(self, size: int) -> None:
        if self._left is not None:
            self._left -= size
            if self._left < 0:
                raise ArchiveTooLargeError(
                    "the archive is larger than this server takes", hint="reality import takes any"
                )

    def _lines(self, piece: bytes) -> Iterator[Numbered]:
        for raw in self._unpacking.feed(piece):
            number = self._unpacking.lines
            line = read(raw, number)
            self._check(line, number)
            if isinstance(line, Manifest):
                self.archive = hashlib.sha256(raw).digest()
            if not isinstance(line, EndLine):
                self._hashed.update(raw + b"\n")
            yield number, line

    def _check(self, line: Line, number: int) -> None:
        if (number == 1) != isinstance(line, Manifest):
            raise ArchiveError(f"line {number}: an archive has its manifest first, and once")
        if self._ended:
            raise ArchiveError(f"line {number} comes after the last one")
        if isinstance(line, PackLine):
            self._check_pack(line, number)
        elif isinstance(line, UserLine):
            self._check_user(line, number)
        elif isinstance(line, EndLine):
            self._check_end(line, number)
        if type(line) in self._counts:
            self._counts[type(line)] += 1

    def _check_pack(self, line: PackLine, number: int) -> None:
        if line.pack in self._packs:
            raise ArchiveError(f"line {number}: the pack stands in the archive twice")
        if digest(line.files) != line.pack:
            raise ArchiveError(f"line {number}: the pack's files do not have its digest: they were altered")
        self._packs.add(line.pack)
        if len(self._packs) > MAX_PACKS:
            raise ArchiveTooLargeError(f"line {number}: there are more than {MAX_PACKS} packs")

    def _check_user(self, line: UserLine, number: int) -> None:
        if self._counts[EventLine]:
            raise ArchiveError(f"line {number}: people stand before the first event")
        if (line.email is None) == (line.pseudonym is None):
            raise ArchiveError(f"line {number}: somebody has an address or a pseudonym")
        if line.user in self._users or line.email in self._emails:
            raise ArchiveError(f"line {number}: somebody stands in the archive twice")
        if line.email is not None:
            _check_email(line.email, number)
            self._emails.add(line.email)
        self._users.add(line.user)
        if len(self._users) > MAX_USERS:
            raise ArchiveTooLargeError(f"line {number}: there are more than {MAX_USERS} people")

    def _check_end(self, line: EndLine, number: int) -> None:
        self._ended = True
        counts = (line.end.packs, line.end.users, line.end.events)
        if counts != tuple(self._counts.values()):
            raise ArchiveError(f"line {number}: the archive holds more or less than its end says")
        if line.end.sha256 != self._hashed.hexdigest():
            raise ArchiveError(f"line {number}: the digest of all lines before is another one: something was altered")


def _check_email(email: str, number: int) -> None:
    try:
        if normal_email(email) == email:
            return
    except ValueError:
        pass
    raise ArchiveError(f"line {number}: the address is none, or not in its one form")
