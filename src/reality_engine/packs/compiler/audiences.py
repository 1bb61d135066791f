"""Compiles `visible_to` by the closed vocabulary; not the resolving of audiences to people."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reality_engine.packs.audience import Audience, Seer, Term
from reality_engine.packs.compiler.computed import check_own_fields
from reality_engine.packs.compiler.field_types import ANY
from reality_engine.packs.definitions.base import ConditionalAudience
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reality_engine.expressions.expression import Expression
    from reality_engine.packs.compiler.ground import Ground, KindShape
    from reality_engine.packs.compiler.scope import Scope
    from reality_engine.packs.definitions.base import AudienceTerm
    from reality_engine.packs.source import Spot

_FIXED: Final = {"everyone": Term.EVERYONE, "members": Term.MEMBERS}
_GROUP_OF: Final = "group of "
_OWNER_OF: Final = "owner of "


@dataclass(frozen=True)
class _Compiling:
    """How terms and conditions are compiled where an audience stands."""

    ground: "Ground"
    seer: "Callable[[str, Spot], Seer | None]"
    condition: "Callable[[Spot, str], Expression]"


def kind_audience(terms: "Sequence[AudienceTerm]", spot: "Spot", shape: "KindShape", scope: "Scope") -> Audience:
    """Compile the audience of a kind or of one of its fields; `scope` knows `self`, which conditions may read."""

    def condition(at: "Spot", source: str) -> "Expression":
        compiled = scope.condition(at, source)
        check_own_fields(compiled, at, "the condition of an audience", scope)
        return compiled

    ground = scope.ground
    return _audience(terms, spot, _Compiling(ground, lambda term, at: _kind_seer(term, at, shape, ground), condition))


def event_audience(terms: "Sequence[AudienceTerm]", spot: "Spot", scope: "Scope") -> Audience:
    """Compile the audience of an event, which may name what the rule has bound."""
    compiling = _Compiling(scope.ground, lambda term, at: _event_seer(term, at, scope), scope.condition)
    return _audience(terms, spot, compiling)


def role_audience(names: "Sequence[str]", spot: "Spot", ground: "Ground") -> Audience:
    """Compile a list of roles alone."""
    seers = [_role(name, spot / index, ground, ()) for index, name in enumerate(names)]
    return tuple(dict.fromkeys(seer for seer in seers if seer is not None))


def _audience(terms: "Sequence[AudienceTerm]", spot: "Spot", compiling: _Compiling) -> Audience:
    seers: list[Seer | None] = []
    for index, term in enumerate(terms):
        at = spot / index
        if isinstance(term, ConditionalAudience):
            seers += _conditional(term, at, compiling)
        elif term != "nobody":
            seers.append(compiling.seer(term, at))
        elif len(terms) > 1:
            _tell_nobody(at, compiling)
    return tuple(dict.fromkeys(seer for seer in seers if seer is not None))


def _conditional(definition: ConditionalAudience, spot: "Spot", compiling: _Compiling) -> "Iterator[Seer | None]":
    when = compiling.condition(spot / "when", definition.when)
    for index, term in enumerate(definition.to):
        at = spot / "to" / index
        if term == "nobody":
            _tell_nobody(at, compiling)
        else:
            seer = compiling.seer(term, at)
            yield seer and replace(seer, when=when)


def _tell_nobody(at: "Spot", compiling: _Compiling) -> None:
    compiling.ground.problems.add(at.place, "bad_audience", "'nobody' must stand alone")


def _kind_seer(term: str, at: "Spot", shape: "KindShape", ground: "Ground") -> Seer | None:
    if term in _FIXED:
        return Seer(_FIXED[term])
    if term in ("owner", "group"):
        return _own(Term(term), at, shape, ground)
    for prefix, kind in ((_GROUP_OF, Term.GROUP_OF), (_OWNER_OF, Term.OWNER_OF)):
        if term.startswith(prefix):
            return _of_field(kind, term.removeprefix(prefix).strip(), at, shape, ground)
    if term == "actor":
        hint = "use owner, or owner of <ref field>"
        ground.problems.add(at.place, "bad_audience", f"'{term}' is for events only", hint)
        return None
    return _role(term, at, ground, (*_FIXED, "nobody", "owner", "group"))


def _own(term: Term, at: "Spot", shape: "KindShape", ground: "Ground") -> Seer:
    if term is Term.OWNER and not shape.definition.owned:
        message = f"a {shape.name} has no owner"
        ground.problems.add(at.place, "unreachable_audience", message, "give the kind owned: true")
    elif term is Term.GROUP and not shape.grouped:
        message = f"a {shape.name} has no group"
        ground.problems.add(at.place, "unreachable_audience", message, "give the kind a group")
    return Seer(term)


def _of_field(term: Term, name: str, at: "Spot", shape: "KindShape", ground: "Ground") -> Seer | None:
    value = shape.values.get(name)
    if value is None:
        refs = [each for each, kind in shape.values.items() if kind.base == "ref"]
        place = at.within(len(term) + 1)
        ground.problems.add(place, "unknown_field", f"{shape.name} has no field '{name}'", nearest(name, refs))
        return None
    if value is ANY:
        return None
    if value.base != "ref":
        ground.problems.add(at.place, "bad_audience", f"'{name}' is {value.base}, not a ref")
        return None
    _check_reachable(term, str(value.kind), at, ground)
    return Seer(term, path=(name,))


def _check_reachable(term: Term, kind: str, at: "Spot", ground: "Ground") -> None:
    """Tell if entities of a kind can have no group, or no owner, of which a term speaks."""
    if term is Term.GROUP_OF and not ground.kinds[kind].grouped:
        hint = f"give {kind} a group: {{through: kind.field}}"
        ground.problems.add(at.place, "unreachable_audience", f"a {kind} has no group", hint)
    elif term is Term.OWNER_OF and not ground.kinds[kind].definition.owned:
        hint = f"give {kind} owned: true"
        ground.problems.add(at.place, "unreachable_audience", f"a {kind} has no owner", hint)


def _event_seer(term: str, at: "Spot", scope: "Scope") -> Seer | None:
    if term in _FIXED or term == "actor":
        return Seer(_FIXED.get(term, Term.ACTOR))
    if term in ("owner", "group"):
        message = f"'{term}' must say of what, since an event is not an entity"
        scope.ground.problems.add(at.place, "bad_audience", message, f"write '{term} of target'")
        return None
    for prefix, kind in ((_GROUP_OF, Term.GROUP_OF), (_OWNER_OF, Term.OWNER_OF)):
        if term.startswith(prefix):
            return _of_entity(kind, term[len(prefix) :], len(prefix), at, scope)
    return _role(term, at, scope.ground, (*_FIXED, "nobody", "actor"))


def _of_entity(term: Term, source: str, offset: int, at: "Spot", scope: "Scope") -> Seer | None:
    found = scope.entity(source, lambda inside: at.within(offset + inside))
    if found is None:
        return None
    path, kind = found
    _check_reachable(term, kind, at, scope.ground)
    return Seer(term, path=path)


def _role(term: str, at: "Spot", ground: "Ground", others: "Sequence[str]") -> Seer | None:
    if term in ground.roles:
        return Seer(Term.ROLE, role=term)
    hint = nearest(term, (*ground.roles, *others))
    ground.problems.add(at.place, "unknown_role", f"'{term}' is neither a role nor another audience", hint)
    return None
