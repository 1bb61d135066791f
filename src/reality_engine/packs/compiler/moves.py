"""Compiles reveal and conceal, which move audiences; not the audiences that kinds and events begin with."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from reality_engine.packs.audience import Seer, Term
from reality_engine.packs.compiler.audiences import event_audience
from reality_engine.packs.compiler.slots import compile_moved_slot
from reality_engine.packs.effects import Conceal, ConcealEvent, Reveal, RevealEvent
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.audience import Audience
    from reality_engine.packs.compiled import Kind
    from reality_engine.packs.compiler.block import Block
    from reality_engine.packs.compiler.ground import Ground
    from reality_engine.packs.definitions.base import AudienceTerm
    from reality_engine.packs.definitions.effects import ConcealDefinition, Concealment, RevealDefinition, Revelation
    from reality_engine.packs.effects import Slot
    from reality_engine.packs.source import Spot

_OF_USERS: Final = frozenset({Term.OWNER, Term.OWNER_OF, Term.ACTOR})
_OF_GROUPS: Final = frozenset({Term.GROUP, Term.GROUP_OF})


def compile_reveal(definition: "RevealDefinition", spot: "Spot", block: "Block") -> Iterable[Reveal | RevealEvent]:
    """Compile the showing of a field or an event to more."""
    at, told = spot / "reveal", definition.reveal
    audience = _audience(told.to, at / "to", block)
    if not _names_one(told, at, block):
        return []
    if told.event is not None:
        path = _event(told.event, at / "event", block)
        return [RevealEvent(path, audience)] if path else []
    slot = compile_moved_slot(block, str(told.field), (at / "field").within)
    if slot is None:
        return []
    block.ground.revealed.setdefault((slot.kind, slot.field), set()).update(audience)
    return [Reveal(slot, audience)]


def compile_conceal(definition: "ConcealDefinition", spot: "Spot", block: "Block") -> Iterable[Conceal | ConcealEvent]:
    """Compile the hiding of a field or an event."""
    at, told = spot / "conceal", definition.conceal
    audience = None if told.source is None else _audience(told.source, at / "from", block)
    if not _names_one(told, at, block):
        return []
    if told.event is not None:
        path = _event(told.event, at / "event", block)
        return [ConcealEvent(path, audience)] if path else []
    slot = compile_moved_slot(block, str(told.field), (at / "field").within)
    if slot is None:
        return []
    _check_unique(slot, at / "field", block)
    place = (at / "from").place
    block.ground.concealed += [((slot.kind, slot.field), seer, place) for seer in audience or ()]
    return [Conceal(slot, audience)]


def _names_one(told: "Revelation | Concealment", spot: "Spot", block: "Block") -> bool:
    if (told.field is None) is not (told.event is None):
        return True
    message = f"'{spot.steps[-1]}' names either a field or an event"
    block.ground.problems.add(spot.place, "bad_effect", message, "such as: field: target.secret")
    return False


def _event(source: str, spot: "Spot", block: "Block") -> "Path | None":
    """Compile the path to an input of type event; what else an expression gives may be the id of anything."""
    found = block.scope.path(source, spot.within)
    if found is None:
        return None
    path = found[0]
    if len(path) != 2 or path[0] != "input" or path[1] not in block.scope.events:
        valid = [f"input.{name}" for name in block.scope.events]
        hint = nearest(source, valid) or "give the action an input: {which: {type: event}}"
        block.ground.problems.add(spot.place, "not_an_event", f"'{source}' is no input of type event", hint)
        return None
    return path


def check_concealed(kinds: "Mapping[str, Kind]", ground: "Ground") -> None:
    """Tell each conceal that takes a field from those who cannot see it by that name, so that it hides nothing."""
    for (kind, field), seer, place in ground.concealed:
        facet = kinds[kind].facets[kinds[kind].fields[field].facet]
        shown = {*facet.audience, *ground.revealed.get((kind, field), ())}
        if not any(_same_keys(seer, other) for other in shown):
            message = f"this hides nothing: no audience of '{field}' of {kind} is called '{_named(seer)}'"
            hint = "name whom it is shown to, or conceal it from all, without from"
            ground.problems.add(place, "unreachable_audience", message, hint)


def _same_keys(one: Seer, other: Seer) -> bool:
    """Say whether two terms may come to the same key: those of users may, and those of groups."""
    sorts = [next((sort for sort in (_OF_USERS, _OF_GROUPS) if seer.term in sort), None) for seer in (one, other)]
    return sorts[0] is sorts[1] and (sorts[0] is not None or (one.term, one.role) == (other.term, other.role))


def _named(seer: Seer) -> str:
    return seer.role or " ".join((seer.term, ".".join(seer.path))).strip()


def _audience(terms: "Sequence[AudienceTerm]", spot: "Spot", block: "Block") -> "Audience":
    if list(terms) == ["nobody"]:
        message = "this says of nobody that they see it, or do not"
        block.ground.problems.add(spot.place, "bad_audience", message, "to hide it from all, conceal it without from")
    return event_audience(terms, spot, block.scope)


def _check_unique(slot: "Slot", at: "Spot", block: "Block") -> None:
    if block.ground.kinds[slot.kind].definition.fields[slot.field].unique:
        message = f"'{slot.field}' of {slot.kind} is unique, and would tell what is in it to those who cannot see it"
        block.ground.problems.add(at.place, "bad_unique", message, "conceal a field that is not unique")
