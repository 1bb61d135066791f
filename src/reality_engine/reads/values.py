"""What the paths of a rule held, as far as a viewer sees every step of the way; not the evaluation of the rule."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from reality_engine.expressions.bindings import Path
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import CompiledPack
from reality_engine.state.audience import facet_of
from reality_engine.state.entity import OWNER
from reality_engine.visibility.seen import Seen

# Looks at entities as one viewer sees them, at one moment.
Look: TypeAlias = Callable[[Collection[str]], Awaitable[Mapping[str, Seen]]]

# Of these a viewer may know some parts and others not; what else is missing has no value.
_IN_PARTS: Final = frozenset({"me", "event"})


class Hidden:
    """What a viewer may not see, or nobody can say anymore."""


HIDDEN: Final = Hidden()


@dataclass(frozen=True, slots=True)
class Unread:
    """An entity that has to be looked at first."""

    id: str


@dataclass
class Sight:
    """Entities as one viewer sees them at one moment, each looked at once."""

    pack: CompiledPack
    look: Look
    seen: dict[str, Seen | None] = field(default_factory=dict)

    async def values(self, paths: Iterable[Path], variables: Mapping[str, Plain]) -> dict[Path, Plain]:
        """Return the visible values by path, in the order of the paths' names; None is no value.

        A path that leads through, or to, anything that the viewer does not see is left out.
        """
        wanted = sorted(paths)
        while True:
            found = {path: self._follow(path, variables) for path in wanted}
            unread = {value.id for value in found.values() if isinstance(value, Unread)}
            if not unread:
                return {path: value for path, value in found.items() if not isinstance(value, Hidden | Unread)}
            looked = await self.look(unread)
            self.seen.update({key: looked.get(key) for key in unread})

    async def entity(self, key: str) -> Seen | None:
        """Return what the viewer sees of an entity."""
        if key not in self.seen:
            self.seen[key] = (await self.look([key])).get(key)
        return self.seen[key]

    def _follow(self, path: Path, variables: Mapping[str, Plain]) -> "Plain | Hidden | Unread":
        if path[0] not in variables:
            return HIDDEN
        value: Plain = variables[path[0]]
        for index, name in enumerate(path[1:], 1):
            if isinstance(value, dict):
                if name not in value and index == 1 and path[0] in _IN_PARTS:
                    return HIDDEN
                value = value.get(name)
            elif isinstance(value, str) and is_id(value):
                step = self._step(value, name, walked=index > 1)
                if isinstance(step, Hidden | Unread):
                    return step
                value = step
            else:
                return None
        return value

    def _step(self, entity: str, name: str, *, walked: bool) -> "Plain | Hidden | Unread":
        """Return a field of an entity; one that is reached by a ref holds nothing when it is deleted."""
        if entity not in self.seen:
            return Unread(entity)
        seen = self.seen[entity]
        if seen is None:
            return HIDDEN
        if walked and not seen.live:
            return None
        return entity if name == "id" else self._field(seen, name)

    def _field(self, seen: Seen, name: str) -> "Plain | Hidden":
        kind = self.pack.kinds[seen.kind]
        if name == "owner":
            return seen.owner if facet_of(kind, OWNER) in seen.facets else HIDDEN
        fields = seen.facets.get(facet_of(kind, name)) if name in kind.fields else None
        return HIDDEN if fields is None else fields.get(name)
