"""Compiled packs by digest, the most lately used ones; not their source."""

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reality_engine.packs.compiled import CompiledPack

DEFAULT_SIZE: Final = 64


class PackCache:
    """Keeps at most `size` compiled packs; a digest names its content, so nothing in it can be stale."""

    def __init__(self, size: int = DEFAULT_SIZE) -> None:
        """Begin empty."""
        self._size = size
        self._packs: OrderedDict[str, CompiledPack] = OrderedDict()

    def __len__(self) -> int:
        return len(self._packs)

    def __iter__(self) -> "Iterator[CompiledPack]":
        """Go through those that are kept, the least lately used first."""
        return iter(list(self._packs.values()))

    def get(self, digest: str) -> "CompiledPack | None":
        """Return a pack if it is kept, which makes it the most lately used."""
        pack = self._packs.get(digest)
        if pack is not None:
            self._packs.move_to_end(digest)
        return pack

    def put(self, pack: "CompiledPack") -> None:
        """Keep a pack, in place of the least lately used where there are too many."""
        self._packs[pack.digest] = pack
        self._packs.move_to_end(pack.digest)
        while len(self._packs) > self._size:
            self._packs.popitem(last=False)
