"""Pages that were read before, and hold while nothing happens in their worlds; not how they are read."""

from collections import OrderedDict
from typing import Final, NamedTuple

from reality_engine.kernel.principal import Principal
from reality_engine.reads.pages import WrittenPage

# What stands beside the JSON of a page, which has some 8 kB for twenty.
_BESIDE: Final = 1_024


class Sought(NamedTuple):
    """Who asks for which page of what, as they wrote it."""

    principal: Principal
    route: str
    world: str
    query: bytes


class KeptPages:
    """What was read for whom and when, in bounded room, the most lately asked for.

    All that a viewer sees of a world follows from what stands in its log, so a page is what would be read now if the
    log stands where it stood. Whoever asks finds that out first, by a read that began after they asked.
    """

    def __init__(self, room: int) -> None:
        """Keep so many bytes of pages."""
        self._room = room
        self._size = 0
        self._held: OrderedDict[Sought, WrittenPage] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def get(self, sought: Sought) -> WrittenPage | None:
        """Return what was read last, to be compared with where the log stands now."""
        page = self._held.get(sought)
        if page is not None:
            self._held.move_to_end(sought)
        return page

    def keep(self, sought: Sought, page: WrittenPage) -> None:
        """Keep what was read, in place of what was read before."""
        self._forget(self._held.pop(sought, None))
        self._held[sought] = page
        self._size += _size(page)
        while self._size > self._room:
            self._forget(self._held.popitem(last=False)[1])

    def _forget(self, page: WrittenPage | None) -> None:
        self._size -= 0 if page is None else _size(page)


def _size(page: WrittenPage) -> int:
    return len(page.shown) + _BESIDE
