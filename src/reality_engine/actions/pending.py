"""What actions have made of a world that is not committed yet: by how it is looked up; values only."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reality_engine.actions.indexes import Find, Reference
from reality_engine.eventlog.event import Event, Head, Undone
from reality_engine.state.held import Held
from reality_engine.visibility.audience import Scope


def _none() -> defaultdict[Any, dict[str, bool]]:
    return defaultdict(dict)


@dataclass(slots=True)
class Pending:
    """Changes up to a head. In `references` and `owned`, ids have come (True) or gone (False).

    `scopes` are those that were worked out since an action may have changed who sees what, None where none has.
    """

    head: Head
    entities: dict[str, Held] = field(default_factory=dict)
    finds: dict[Find, str | None] = field(default_factory=dict)
    references: defaultdict[Reference, dict[str, bool]] = field(default_factory=_none)
    owned: defaultdict[str, dict[str, bool]] = field(default_factory=_none)
    heads: dict[str, frozenset[str]] = field(default_factory=dict)
    past: dict[str, Event] = field(default_factory=dict)
    undos: dict[str, Undone] = field(default_factory=dict)
    scopes: dict[str, Scope] | None = None

    def update(self, later: "Pending") -> None:
        """Go on with what came on top of this."""
        self.entities.update(later.entities)
        self.finds.update(later.finds)
        self.heads.update(later.heads)
        self.past.update(later.past)
        self.undos.update(later.undos)
        for place, more in later.references.items():
            self.references[place].update(more)
        for user, more in later.owned.items():
            self.owned[user].update(more)
        if later.scopes is not None:
            self.scopes = later.scopes
        self.head = later.head


def joined(known: frozenset[str], more: Mapping[str, bool] | None) -> frozenset[str]:
    """Return a set after some ids have come or gone."""
    if not more:
        return known
    return known.difference(more) | {key for key, there in more.items() if there}
