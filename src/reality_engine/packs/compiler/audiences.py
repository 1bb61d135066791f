"""Compiles `visible_to` by the closed vocabulary; not the resolving of audiences to people."""

from typing import TYPE_CHECKING, Final

from reality_engine.packs.audience import Audience, Seer, Term
from reality_engine.packs.compiler.field_types import ANY
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reality_engine.packs.compiler.ground import Ground, KindShape
    from reality_engine.packs.compiler.scope import Scope
    from reality_engine.packs.source import Spot

_FIXED: Final = {"everyone": Term.EVERYONE, "members": Term.MEMBERS}
_GROUP_OF: Final = "group of "
_OWNER_OF: Final = "owner of "


def kind_audience(terms: "Sequence[str]", spot: "Spot", shape: "KindShape", ground: "Ground") -> Audience:
    """Compile the audience of a kind or of one of its fields."""
    return _audience(terms, spot, ground, lambda term, at: _kind_seer(term, at, shape, ground))


def event_audience(terms: "Sequence[str]", spot: "Spot", scope: "Scope") -> Audience:
    """Compile the audience of an event, which may name what the rule has bound."""
    return _audience(terms, spot, scope.ground, lambda term, at: _event_seer(term, at, scope))


def role_audience(names: "Sequence[str]", spot: "Spot", ground: "Ground") -> Audience:
    """Compile a list of roles alone."""
    seers = [_role(name, spot / index, ground, ()) for index, name in enumerate(names)]
    return tuple(dict.fromkeys(seer for seer in seers if seer is not None))


def _audience(
    terms: "Sequence[str]", spot: "Spot", ground: "Ground", compiled: "Callable[[str, Spot], Seer | None]"
) -> Audience:
    if "nobody" in terms and len(terms) > 1:
        at = spot / list(terms).index("nobody")
        ground.problems.add(at.place, "bad_audience", "'nobody' must stand alone")
    seers = [compiled(term, spot / index) for index, term in enumerate(terms) if term != "nobody"]
    return tuple(dict.fromkeys(seer for seer in seers if seer is not None))


def _kind_seer(term: str, at: "Spot", shape: "KindShape", ground: "Ground") -> Seer | None:
    problems = ground.problems
    if term in _FIXED:
        return Seer(_FIXED[term])
    if term == "owner":
        if not shape.definition.owned:
            problems.add(at.place, "unreachable_audience", f"a {shape.name} has no owner", "give the kind owned: true")
        return Seer(Term.OWNER)
    if term == "group":
        if not shape.grouped:
            problems.add(at.place, "unreachable_audience", f"a {shape.name} has no group", "give the kind a group")
        return Seer(Term.GROUP)
    if term.startswith(_GROUP_OF):
        return _group_of_field(term.removeprefix(_GROUP_OF).strip(), at, shape, ground)
    if term == "actor" or term.startswith(_OWNER_OF):
        problems.add(at.place, "bad_audience", f"'{term}' is for events only", "use owner, or group of <ref field>")
        return None
    return _role(term, at, ground, (*_FIXED, "nobody", "owner", "group"))


def _group_of_field(name: str, at: "Spot", shape: "KindShape", ground: "Ground") -> Seer | None:
    value = shape.values.get(name)
    if value is None:
        refs = [each for each, kind in shape.values.items() if kind.base == "ref"]
        place = at.within(len(_GROUP_OF))
        ground.problems.add(place, "unknown_field", f"{shape.name} has no field '{name}'", nearest(name, refs))
        return None
    if value is ANY:
        return None
    if value.base != "ref":
        ground.problems.add(at.place, "bad_audience", f"'{name}' is {value.base}, not a ref")
        return None
    _check_group(str(value.kind), at, ground)
    return Seer(Term.GROUP_OF, path=(name,))


def _check_group(kind: str, at: "Spot", ground: "Ground") -> None:
    if not ground.kinds[kind].grouped:
        hint = f"give {kind} a group: {{through: kind.field}}"
        ground.problems.add(at.place, "unreachable_audience", f"a {kind} has no group", hint)


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
    if term is Term.GROUP_OF:
        _check_group(kind, at, scope.ground)
    elif not scope.ground.kinds[kind].definition.owned:
        hint = f"give {kind} owned: true"
        scope.ground.problems.add(at.place, "unreachable_audience", f"a {kind} has no owner", hint)
    return Seer(term, path=path)


def _role(term: str, at: "Spot", ground: "Ground", others: "Sequence[str]") -> Seer | None:
    if term in ground.roles:
        return Seer(Term.ROLE, role=term)
    hint = nearest(term, (*ground.roles, *others))
    ground.problems.add(at.place, "unknown_role", f"'{term}' is neither a role nor another audience", hint)
    return None
