"""Says which rules were asked and what they read, as far as a viewer may know; it asks no rule again."""

from collections.abc import Sequence
from dataclasses import dataclass

from reality_engine.kernel.json import Plain
from reality_engine.packs.place import Place
from reality_engine.reads.values import Sight
from reality_engine.rules.asked import Asked, Rule


@dataclass(frozen=True, slots=True)
class Explained:
    """A rule that was asked, as far as a viewer may know.

    `values` are what its condition read, by dotted path; `withheld` says that it read more than that, `looks_up` that
    it searched the world. `condition` is its source, for those who see everything.
    """

    rule: Rule
    place: Place | None
    holds: bool
    values: tuple[tuple[str, Plain], ...] = ()
    withheld: bool = False
    looks_up: bool = False
    condition: str | None = None


async def explained(sight: Sight, asked: Sequence[Asked], *, with_source: bool) -> list[Explained]:
    """Return what a viewer may know of each rule, in the order in which they were asked."""
    return [await _explained(sight, one, with_source=with_source) for one in asked]


async def _explained(sight: Sight, one: Asked, *, with_source: bool) -> Explained:
    if one.condition is None:
        return Explained(one.rule, one.place, one.holds)
    condition = one.condition
    values = await sight.values(condition.reads, one.variables)
    return Explained(
        one.rule,
        one.place,
        one.holds,
        tuple((".".join(path), value) for path, value in values.items()),
        withheld=len(values) < len(condition.reads),
        looks_up=bool(condition.lookups),
        condition=condition.source if with_source else None,
    )
