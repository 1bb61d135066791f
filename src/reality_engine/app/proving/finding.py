"""What a trial comes upon: a leak, or a difference that is none, with the answers of either world; values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from reality_engine.app.proving.steps import WorldName


class Outcome(StrEnum):
    """What a difference is."""

    LEAK = "leak"
    # The audience itself became another one, as the pack declares it: what is seen now was hidden from them before.
    OPENED = "opened"
    # A rule with `discloses` has told it.
    DISCLOSED = "disclosed"
    # Dice that fell otherwise, since other dice were rolled beside.
    CHANCE = "chance"
    # The viewer may see different things in the two worlds, so nothing follows from different answers.
    UNLIKE = "unlike"


@dataclass(frozen=True)
class Finding:
    """What came up at a step. `a` and `b` are what the viewer got in either world, `shown` the same without tokens.

    `rule` is where in the pack it comes from, such as ("actions", "whisper", "narrative"); empty for the engine itself.
    """

    outcome: Outcome
    key: int
    who: str
    a: str = ""
    b: str = ""
    shown: Mapping[WorldName, str] = field(default_factory=dict)
    rule: tuple[str, ...] = ()
    page: int = 0

    def told(self, answered: "Finding") -> "Finding":
        """Return the same with what was answered."""
        return replace(self, a=answered.a, b=answered.b, shown=answered.shown, page=answered.page)

    def by(self, outcome: Outcome, *rule: str) -> "Finding":
        """Return the same difference, explained."""
        return replace(self, outcome=outcome, rule=rule)
