"""One list of effects while it is compiled: its scope, and what its rule has bound so far; not the effects."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reality_engine.expressions.types import INTEGER, Type, record_of
from reality_engine.packs.compiler.names import is_name

if TYPE_CHECKING:
    from reality_engine.packs.compiler.ground import Ground
    from reality_engine.packs.compiler.scope import Scope
    from reality_engine.packs.source import Spot


@dataclass
class Block:
    """Effects that share names. `dice` are all of the rule's, since an event keeps its rolls by name."""

    scope: "Scope"
    core: bool = False
    dice: set[str] = field(default_factory=set)
    rolls: dict[str, Type] = field(default_factory=dict)

    @property
    def ground(self) -> "Ground":
        """Return what is known of the pack."""
        return self.scope.ground

    def inner(self) -> "Block":
        """Return a block that sees what this one has bound so far, and keeps to itself what it binds."""
        return Block(self.scope.inner(), self.core, self.dice, dict(self.rolls))

    def roll(self, name: str, spot: "Spot") -> None:
        """Make a roll known as `rolls.<name>`."""
        if name in self.dice:
            self.ground.problems.add(spot.place, "name_taken", f"there is another roll called '{name}' in this rule")
        self.dice.add(name)
        if is_name(name):
            self.rolls[name] = INTEGER
        self.scope.declare("rolls", record_of(**self.rolls))
