"""Goes through effects and the effects inside of them; says nothing of what they do."""

from typing import TYPE_CHECKING

from reality_engine.packs.effects import Effect, ForEach, If

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def every_effect(effects: "Iterable[Effect]", *, guarded: bool = False) -> "Iterator[tuple[Effect, bool]]":
    """Yield each effect in order, and whether it happens only when some `if` says so."""
    for effect in effects:
        yield effect, guarded
        if isinstance(effect, If):
            yield from every_effect((*effect.then, *effect.otherwise), guarded=True)
        elif isinstance(effect, ForEach):
            yield from every_effect(effect.effects, guarded=guarded)
