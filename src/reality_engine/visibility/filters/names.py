"""What a viewer may name in a filter, an order or a choice of fields; what they could never see is unknown to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from reality_engine.expressions.types import TEXT, Base
from reality_engine.packs.audience import EVERYONE, Seer, Term, role_key
from reality_engine.packs.compiled import Facet, FieldType, Kind
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.filters.terms import ID, OWNER, Read, Through
from reality_engine.visibility.viewer import Viewer

_TEXT: Final = FieldType("text")


def could_see(scope: Scope, facet: Facet) -> bool:
    """Say whether there could be an entity of which a viewer sees this facet: what is revealed, members may see."""
    if scope.everything or (scope.member and facet.moved):
        return True
    return any(_could_be(scope, seer) for seer in facet.audience)


def _could_be(scope: Scope, seer: Seer) -> bool:
    if seer.term is Term.EVERYONE:
        return EVERYONE in scope.keys
    if seer.term is Term.ROLE:
        return role_key(str(seer.role)) in scope.keys
    return scope.member


@dataclass(frozen=True)
class Names:
    """The names of a kind, as one viewer knows them; of a kind that they could never see, `id` alone."""

    viewer: Viewer
    kind: str

    def fields(self) -> tuple[str, ...]:
        """Return the fields that the viewer knows."""
        return tuple(self._fields(self.kind))

    def known(self) -> tuple[str, ...]:
        """Return everything that can be named by itself."""
        return (*self.fields(), *self._attributes(self.kind))

    def find(self, path: Sequence[str]) -> Read | None:
        """Return what a path leads to, at most one ref further, or None where the viewer knows of no such thing."""
        here = self._read(self.kind, path[0], None)
        if here is None or len(path) == 1:
            return here
        if here.type.base is Base.RECORD:
            return self._inside(here, path[1:])
        if here.type.base is not Base.REF or here.type.kind is None:
            return None
        if path[1] == ID:
            return here if len(path) == 2 else None
        there = self._read(here.type.kind, path[1], Through(self.kind, here.name, here.facet))
        return self._inside(there, path[2:]) if there is not None else None

    def below(self, path: Sequence[str]) -> tuple[str, ...]:
        """Return what can be named where a path goes on, for who mistook its last step."""
        if len(path) == 1:
            return self.known()
        here = self.find(path[:-1])
        if here is None:
            return ()
        if here.type.base is Base.RECORD:
            return tuple(name for name, _ in here.type.fields)
        if here.type.base is Base.REF and here.type.kind is not None and here.through is None:
            return (*self._fields(here.type.kind), *self._attributes(here.type.kind))
        return ()

    def _shape(self, kind: str) -> Kind | None:
        shape = self.viewer.pack.kinds.get(kind)
        known = shape is not None and any(could_see(self.viewer.scope, facet) for facet in shape.facets)
        return shape if known else None

    def _fields(self, kind: str) -> Iterator[str]:
        shape = self._shape(kind)
        if shape is not None:
            facets = [could_see(self.viewer.scope, facet) for facet in shape.facets]
            yield from (name for name, field in shape.fields.items() if facets[field.facet])

    def _attributes(self, kind: str) -> tuple[str, ...]:
        return tuple(name for name in (ID, OWNER) if self._read(kind, name, None) is not None)

    def _read(self, kind: str, name: str, through: Through | None) -> Read | None:
        shape = self._shape(kind)
        if name == ID:
            return Read(ID, kind, 0, TEXT, _TEXT, through=through)
        if shape is None:
            return None
        if name == OWNER:
            owned = shape.owned and could_see(self.viewer.scope, shape.facets[shape.owner_facet])
            return Read(OWNER, kind, shape.owner_facet, TEXT, _TEXT, through=through) if owned else None
        if name not in self._fields(kind):
            return None
        field = shape.fields[name]
        indexed = (field.index or field.unique) and through is None
        return Read(name, kind, field.facet, field.type, field.value, through=through, indexed=indexed)

    def _inside(self, read: Read, path: Sequence[str]) -> Read | None:
        type_, field = read.type, read.field
        for step in path:
            types, fields = dict(type_.fields), dict(field.fields)
            if step not in types or step not in fields:
                return None
            type_, field = types[step], fields[step]
        inner = (*read.inner, *path)
        return Read(read.name, read.kind, read.facet, type_, field, inner, read.through, read.indexed and not inner)


def unknown(path: Sequence[str], known: Sequence[str]) -> tuple[str, str | None]:
    """Return what is said of a name that is not known, and a hint that draws on what is."""
    near = get_close_matches(path[-1], known, 1)
    if near:
        return f"there is no field '{_shown(path)}' here", f"did you mean '{'.'.join((*path[:-1], near[0]))}'?"
    return f"there is no field '{_shown(path)}' here", f"there is {', '.join(sorted(known))}" if known else None


def _shown(path: Sequence[str]) -> str:
    return ".".join(path)[:100]
