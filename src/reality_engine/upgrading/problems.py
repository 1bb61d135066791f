"""What stands in the way of an upgrade, each thing once, however many entities are concerned; not the looking."""

from dataclasses import dataclass, field
from typing import ClassVar

from reality_engine.kernel.errors import ConflictError, Problem, ProblemsError
from reality_engine.packs.place import Place

# A plan with more kinds of problem than this tells the first ones.
MAX_PROBLEMS = 200
_NAMED = 3


@dataclass
class UpgradeRefusedError(ProblemsError, ConflictError):
    """The world cannot go on under the pack as it is; `problems` has everything that is wrong, and nothing changed."""

    code: ClassVar[str] = "upgrade_refused"


@dataclass(slots=True)
class _Found:
    """One thing that is wrong, and of which entities."""

    code: str
    message: str
    hint: str | None
    place: str | None
    entities: list[str] = field(default_factory=list)
    many: int = 0


@dataclass(slots=True)
class Refusals:
    """All that was found to be wrong so far."""

    found: dict[tuple[str, str], _Found] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(
        self, code: str, message: str, hint: str | None = None, place: Place | None = None, entity: str | None = None
    ) -> None:
        """Note what is wrong, of an entity or of the pack; the same of many entities is noted once."""
        at = None if place is None else str(place)
        one = self.found.setdefault((code, message), _Found(code, message, hint, at))
        if entity is not None:
            one.many += 1
            if len(one.entities) < _NAMED:
                one.entities.append(entity)

    def problems(self) -> tuple[Problem, ...]:
        """Return everything, in the order in which it was found."""
        return tuple(_told(one) for one in [*self.found.values()][:MAX_PROBLEMS])

    def refuse(self, what: str) -> None:
        """Raise UpgradeRefusedError if there is anything."""
        if self.found:
            problems = self.problems()
            raise UpgradeRefusedError(f"{what} is refused: {problems[0].message}", problems=problems)


def _told(one: _Found) -> Problem:
    message = one.message
    if one.many:
        named = ", ".join(one.entities)
        more = f" and {one.many - len(one.entities)} more" if one.many > len(one.entities) else ""
        message = f"{message}: {named}{more}"
    return Problem(one.code, message, one.place, one.hint)
