"""Compiles reveal and conceal, which move audiences; not the audiences that kinds and events begin with."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from reality_engine.packs.audience import Seer, Term
from reality_engine.packs.compiler.audiences import event_audience
from reality_engine.packs.compiler.slots import compile_moved_slot
from reality_engine.packs.effects import Conceal, Reveal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reality_engine.packs.audience import Audience
    from reality_engine.packs.compiled import Kind
    from reality_engine.packs.compiler.block import Block
    from reality_engine.packs.compiler.ground import Ground
    from reality_engine.packs.definitions.base import AudienceTerm
    from reality_engine.packs.definitions.effects import ConcealDefinition, RevealDefinition
    from reality_engine.packs.effects import Slot
    from reality_engine.packs.source import Spot

_OF_USERS: Final = frozenset({Term.OWNER, Term.OWNER_OF, Term.ACTOR})
_OF_GROUPS: Final = frozenset({Term.GROUP, Term.GROUP_OF})


def compile_reveal(definition: "RevealDefinition", spot: "Spot", block: "Block") -> Iterable[Reveal]:
    """Compile the showing of a field to more."""
    at, told = spot / "reveal", definition.reveal
    slot = compile_moved_slot(block, told.field, (at / "field").within)
    audience = _audience(told.to, at / "to", block)
    if slot is None:
        return []
    block.ground.revealed.setdefault((slot.kind, slot.field), set()).update(audience)
    return [Reveal(slot, audience)]


def compile_conceal(definition: "ConcealDefinition", spot: "Spot", block: "Block") -> Iterable[Conceal]:
    """Compile the hiding of a field."""
    at, told = spot / "conceal", definition.conceal
    slot = compile_moved_slot(block, told.field, (at / "field").within)
    audience = None if told.source is None else _audience(told.source, at / "from", block)
    if slot is None:
        return []
    _check_unique(slot, at / "field", block)
    place = (at / "from").place
    block.ground.concealed += [((slot.kind, slot.field), seer, place) for seer in audience or ()]
    return [Conceal(slot, audience)]


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
