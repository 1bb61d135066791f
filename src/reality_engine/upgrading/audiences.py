"""Who sees more or less of what under the next version of a pack, by what its audiences say; not of which entities.

Terms say who is meant; where it is not certain that all who see it now saw it before, it counts as opened.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reality_engine.expressions.bindings import Path
from reality_engine.packs.audience import EVERYONE, MEMBERS, Seer, Term
from reality_engine.packs.compiled import Facet, Kind
from reality_engine.packs.upgrades import field_path, owner_path, role_path
from reality_engine.upgrading.names import Between

# A field of an entity's own in a condition, whose text is compared.
_OWN: Final = re.compile(r"\bself\.([a-z][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that more people see than before, or fewer, or some more and some fewer: by its path."""

    path: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    opens: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """A term of an audience as it is said."""

    term: Term
    role: str | None
    path: Path
    when: str | None


@dataclass(frozen=True)
class Audiences:
    """Compares audiences of two versions."""

    between: Between

    def moved(self) -> Iterator[Moved]:
        """Yield everything of which who sees it is otherwise than it was."""
        yield from self._roles()
        for before, after in self.between.pairs():
            yield from self._one(after.name, before, before.facets[0], after, after.facets[0])
            own = before.facets[before.owner_facet], after.facets[after.owner_facet]
            if before.owned and after.owned and (before.owner_facet or after.owner_facet):
                yield from self._one(owner_path(after.name), before, own[0], after, own[1])
            for name, spec in after.fields.items():
                was = self.between.field_before(after, name)
                if was is not None:
                    facets = before.facets[was.facet], after.facets[spec.facet]
                    yield from self._one(field_path(after.name, name), before, facets[0], after, facets[1])

    def wider(self, before: Kind, was: Facet, after: Kind, now: Facet) -> bool:
        """Say whether somebody may see one facet who did not see the other."""
        return not all(self._covered(seer, before, was, after) for seer in now.audience)

    def _one(self, path: str, before: Kind, was: Facet, after: Kind, now: Facet) -> Iterator[Moved]:
        opens = self.wider(before, was, after, now)
        closes = not all(self._kept(seer, before, after, now) for seer in was.audience)
        if opens or closes:
            yield Moved(path, said(was.audience), said(now.audience), opens, closes)

    def _roles(self) -> Iterator[Moved]:
        for role in self.between.old.roles.values():
            now = self.between.new.roles.get(self.between.role_after(role.name))
            if now is not None and role.sees_everything != now.sees_everything:
                told = ("what it is for",), ("everything",)
                before, after = told if now.sees_everything else told[::-1]
                yield Moved(role_path(now.name), before, after, now.sees_everything, not now.sees_everything)

    def _covered(self, now: Seer, before: Kind, was: Facet, after: Kind) -> bool:
        """Say whether everybody who is meant now was meant before."""
        if now.role is not None and self._saw_everything(now.role):
            return True
        return any(self._within(_as_said(now), self._renamed(seer, before, after), after) for seer in was.audience)

    def _kept(self, was: Seer, before: Kind, after: Kind, now: Facet) -> bool:
        """Say whether everybody who was meant before is meant now."""
        renamed = self._renamed(was, before, after)
        role = self.between.new.roles.get(str(renamed.role))
        if role is not None and role.sees_everything:
            return True
        return any(self._within(renamed, _as_said(one), after) for one in now.audience)

    def _within(self, inner: "_Said", outer: "_Said", kind: Kind) -> bool:
        """Say whether one term, in the words of the new pack, means nobody whom another does not mean."""
        if outer.when is not None and inner.when != outer.when:
            return False
        if outer.term is Term.EVERYONE:
            return True
        if outer.term is Term.MEMBERS:
            return inner.term is not Term.EVERYONE
        same = (inner.term, inner.role, inner.path) == (outer.term, outer.role, outer.path)
        return same and not self._regrouped(inner, kind)

    def _renamed(self, seer: Seer, before: Kind, after: Kind) -> "_Said":
        """Return a term of the version before in the words of the new one."""
        role = None if seer.role is None else self.between.role_after(seer.role)
        path = seer.path
        if path and path[-1] in before.fields:
            path = (*path[:-1], self.between.name_after(after, path[-1]))
        when = None if seer.when is None else seer.when.source
        if when is not None:
            when = _OWN.sub(lambda found: f"self.{self.between.name_after(after, found[1])}", when)
        return _Said(seer.term, role, path, when)

    def _regrouped(self, seer: "_Said", kind: Kind) -> bool:
        """Say whether a group is made up otherwise than it was."""
        if seer.term is Term.GROUP_OF and seer.path[-1] in kind.fields:
            kind = self.between.new.kinds[str(kind.fields[seer.path[-1]].value.kind)]
        elif seer.term is not Term.GROUP:
            return False
        was, now = self.between.kind_before(kind.name), kind.group
        if was is None or was.group is None or now is None:
            return True
        through = self.between.kind_after(was.group.kind)
        if through is None or through.name != now.kind:
            return True
        return self.between.name_after(through, was.group.field) != now.field

    def _saw_everything(self, role: str) -> bool:
        former = [one for one in self.between.old.roles.values() if self.between.role_after(one.name) == role]
        return any(one.sees_everything for one in former)


def _as_said(seer: Seer) -> _Said:
    return _Said(seer.term, seer.role, seer.path, None if seer.when is None else seer.when.source)


def said(audience: Iterable[Seer]) -> tuple[str, ...]:
    """Return the terms of an audience as a pack says them."""
    return tuple(_said(seer) for seer in audience) or ("nobody",)


def _said(seer: Seer) -> str:
    term = str(seer.role) if seer.term is Term.ROLE else str(seer.term)
    told = f"{term} {seer.path[-1]}" if seer.path else term
    return told if seer.when is None else f"{told} when {seer.when.source}"


def keys_covered(keys: frozenset[str], by: frozenset[str]) -> bool:
    """Say whether whoever holds one of some keys is certain to be among those who hold one of others."""
    if EVERYONE in by:
        return True
    return all(key in by or (MEMBERS in by and key != EVERYONE) for key in keys)
