"""What one event makes of one entity, and what of that is kept as its past; pure, and no tables."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from reality_engine.packs.compiled import Kind
from reality_engine.state.audience_notes import taken
from reality_engine.state.entity import AUDIENCE
from reality_engine.state.held import Held, HeldFacet


class Step(NamedTuple):
    """An entity before an event (None: there was none) and after it; `names` are the fields that it changed.

    `old` is its kind before, where that was another one, or of another pack.
    """

    kind: Kind
    was: Held | None
    now: Held
    position: int
    names: AbstractSet[str]
    old: Kind | None = None

    @property
    def kind_before(self) -> Kind:
        """Return what it was of."""
        return self.kind if self.old is None else self.old

    @property
    def ends(self) -> bool:
        """Whether what the entity was, apart from its fields, is past with this event."""
        return self.was is not None and self.now.since != self.was.since

    def ended(self) -> Iterator[tuple[int, HeldFacet]]:
        """Yield the facets that are past with this event, by number."""
        if self.was is not None:
            after = self.now.facets
            yield from ((number, facet) for number, facet in self.was.facets.items() if facet is not after.get(number))

    def moved(self) -> Iterator[int]:
        """Yield the facets that the event shows to others than before, and that show what they showed, by number."""
        after = self.now.facets
        for number, facet in self.ended():
            now = after.get(number)
            if now is not None and now.keys != facet.keys and now.fields == facet.fields:
                yield number

    def taken(self) -> dict[str, frozenset[str] | None]:
        """Return from which keys the event takes fields, None for all: their past is not for these any more."""
        if self.was is None or AUDIENCE not in self.names:
            return {}
        return taken(self.was.entity.audience, self.now.entity.audience)
