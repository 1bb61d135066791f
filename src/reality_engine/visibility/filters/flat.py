"""The same condition with less nesting: `!` stands at single conditions only, && within && is one; nothing is decided.

A database's parser takes SQL only so deep. With three values as with two, `!(a && b)` is `!a || !b`.
"""

from collections.abc import Iterable, Iterator

from reality_engine.visibility.filters.terms import Condition, Every, Negation, Some


def flat(condition: Condition, *, turned: bool = False) -> Condition:
    """Return the condition, or what it is not, flat."""
    match condition:
        case Negation(part):
            return flat(part, turned=not turned)
        case Every(parts) | Some(parts):
            every = isinstance(condition, Every) != turned
            joined = Every if every else Some
            return joined(tuple(_spread(joined, (flat(part, turned=turned) for part in parts))))
        case _:
            return Negation(condition) if turned else condition


def nesting(condition: Condition) -> int:
    """Return how deep && and || stand within each other."""
    if isinstance(condition, Every | Some):
        return 1 + max(nesting(part) for part in condition.parts)
    return 0


def _spread(joined: type[Every] | type[Some], parts: Iterable[Condition]) -> Iterator[Condition]:
    for part in parts:
        if isinstance(part, joined):
            yield from part.parts
        else:
            yield part
