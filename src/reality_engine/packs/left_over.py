"""What an upgrade leaves of the pack before: fields and kinds that the new one does not know; not what they were."""

from typing import Final

from reality_engine.packs.compiled import Facet, Kind

# The facet of what an entity still holds and its kind has no place for: nobody's but who sees everything. Its number is
# beyond any that a kind can have.
LEFT_OVER: Final = 32_767


class Kinds(dict[str, Kind]):
    """The kinds of a pack by name. An entity may be left of one that an upgrade has dropped: that one hides it whole.

    Whether there is a kind of a name is told by `in` and `get`, which know none but those of the pack.
    """

    def __missing__(self, name: str) -> Kind:
        """Return a kind without fields, that nobody sees."""
        return Kind(name, name, {}, (Facet(0, (), ()),))
