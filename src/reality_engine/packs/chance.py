"""Which actions of a pack may leave something to chance, themselves or by the reactions to them; not the dice.

By the pack alone, never by what a world holds: so that whoever is told may know nothing of hidden things by it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from reality_engine.packs.compiled import Action, CompiledPack, Reaction
from reality_engine.packs.compiler.walk import every_effect
from reality_engine.packs.effects import Draw, Effect, Emit, Roll, Shuffle

_METERS: Final = "meter."


class Chances:
    """Tells for one pack; what was worked out for an action is not worked out again."""

    def __init__(self, pack: CompiledPack) -> None:
        """Begin with nothing worked out."""
        self._pack: Final = pack
        self._known: Final[dict[str, bool]] = {}

    def may_draw(self, action: str) -> bool:
        """Say whether dice may fall, or lists be drawn from, where an action happens."""
        if action not in self._known:
            self._known[action] = any(isinstance(effect, Roll | Draw | Shuffle) for effect in self._following(action))
        return self._known[action]

    def _following(self, action: str) -> Iterator[Effect]:
        """Yield all that may follow: whatever may fill a meter is taken to fill all, as conditions are to hold."""
        known = self._pack.actions.get(action)
        rules: list[Action | Reaction] = [] if known is None else [known]
        seen: set[str] = set()
        for rule in rules:
            effects = [effect for effect, _ in every_effect(rule.effects)]
            yield from effects
            for reaction in self._answers({rule.name, *_emitted(effects)}):
                if reaction.name not in seen:
                    seen.add(reaction.name)
                    rules.append(reaction)

    def _answers(self, events: set[str]) -> Iterator[Reaction]:
        return (each for each in self._pack.reactions if each.event in events or each.event.startswith(_METERS))


def _emitted(effects: Iterable[Effect]) -> Iterator[str]:
    return (effect.type for effect in effects if isinstance(effect, Emit))
