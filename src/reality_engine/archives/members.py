"""Packs lines into gzip and gets them out again, in bounded memory; not what stands in them."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from reality_engine.archives.errors import ArchiveError

# The pack of a world and the largest event are far below it.
MAX_LINE: Final = 32 * 2**20
_LEVEL: Final = 6
_GZIP: Final = 16 + zlib.MAX_WBITS
_STEP: Final = 2**18


def member(lines: Iterable[bytes]) -> bytes:
    """Return lines as one member, the same for the same lines whenever it is made."""
    return gzip.compress(b"".join(lines), _LEVEL, mtime=0)


class Whole(NamedTuple):
    """What of an archive are members that are whole: so many of them, of so many bytes, with so many lines."""

    members: int = 0
    size: int = 0
    lines: int = 0


class Unpacking:
    """Takes an archive in pieces of any size and gives its lines, at most one of which is kept."""

    def __init__(self, max_line: int = MAX_LINE) -> None:
        """Begin before the first byte."""
        self.whole = Whole()
        self.lines = 0
        self._max_line = max_line
        self._inflating: zlib._Decompress | None = None
        self._taken = 0
        self._rest: list[bytes] = []  # of the line that is not complete
        self._length = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield the lines that a piece completes, without their ends; raises ArchiveError."""
        left = piece
        while left:
            if self._inflating is None:
                self._inflating, self._taken = zlib.decompressobj(_GZIP), 0
            inflating = self._inflating
            try:
                # Bounded: few bytes may stand for any number of them.
                yield from self._split(inflating.decompress(left, _STEP))
                while inflating.unconsumed_tail and not inflating.eof:
                    tail = inflating.unconsumed_tail
                    yield from self._split(inflating.decompress(tail, _STEP))
            except zlib.error as error:
                raise ArchiveError(f"after line {self.lines} there is no gzip, or it was altered") from error
            self._taken += len(left) - len(inflating.unused_data)
            left = inflating.unused_data
            if inflating.eof:
                self.whole = Whole(self.whole.members + 1, self.whole.size + self._taken, self.lines)
                self._inflating = None

    def close(self) -> None:
        """Raise ArchiveError unless the last member, and the last line, have come to their ends."""
        if self._inflating is not None or self._rest or not self.whole.members:
            raise ArchiveError(f"the archive ends after line {self.lines}, in the middle: it is truncated")

    def _split(self, text: bytes) -> Iterator[bytes]:
        *lines, rest = text.split(b"\n")
        if lines:
            lines[0] = b"".join((*self._rest, lines[0]))
            self._rest, self._length = [], 0
        for line in lines:
            self._check(len(line))
            self.lines += 1
            yield line
        if rest:
            self._rest.append(rest)
            self._length += len(rest)
            self._check(self._length)

    def _check(self, length: int) -> None:
        if length > self._max_line:
            raise ArchiveError(f"line {self.lines + 1} is longer than {self._max_line} bytes")
