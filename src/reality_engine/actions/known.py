"""What recording events and judging an action ask of a world; not where the answers come from."""

from typing import Protocol

from reality_engine.eventlog.event import Event, Head
from reality_engine.packs.compiled import CompiledPack
from reality_engine.rules.facts import Facts
from reality_engine.state.held import Held
from reality_engine.visibility.audience import Scope


class Before(Protocol):
    """A world at one position of its log, as far as the events that follow go on from it."""

    @property
    def world(self) -> str:
        """Its id."""
        ...

    @property
    def head(self) -> Head:
        """Where its log stands."""
        ...

    @property
    def pack(self) -> CompiledPack:
        """The pack version that it runs."""
        ...

    def held(self, key: str, /) -> Held | None:
        """Return an entity with what its rows say beside it, or None where there is none."""
        ...

    def past_event(self, key: str, /) -> Event | None:
        """Return an event that happened before, or None."""
        ...


class Known(Facts, Before, Protocol):
    """All that judging asks. Each method raises LackError where the answer is not known yet."""

    @property
    def scopes(self) -> dict[str, Scope]:
        """The scopes that were worked out at this position, by user; whoever works out one more adds it."""
        ...

    def belongings(self, user: str) -> frozenset[str]:
        """Return the ids of the entities of this owner by which one may belong to a group, deleted ones too."""
        ...
