"""Puts values into fields of entities, with everything that must hold of a value; not the effects that ask for it."""

from collections.abc import Mapping

from reality_engine.kernel.json import Plain, same
from reality_engine.packs.compiled import Field, Kind
from reality_engine.packs.conform import MisfitError, conform
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import RefusalError
from reality_engine.rules.naming import refs_in
from reality_engine.state.entity import OWNER, Entity, unique_key


def fitted(value: Plain, field: Field, kind: Kind) -> Plain:
    """Bring a value into its field's stored form, or refuse the action."""
    if value is None:
        if field.required:
            raise RefusalError("out_of_bounds", f"{kind.name}.{field.name} is required")
        return None
    try:
        return conform(value, field.value)
    except MisfitError as misfit:
        place = ".".join((kind.name, field.name, *misfit.path))
        raise RefusalError("out_of_bounds", f"{place} {misfit.message}") from misfit


def store(deciding: Deciding, entity: Entity, field: Field, value: Plain) -> None:
    """Set a field of an entity as it is now, after checking bounds, uniqueness, and that what it refers to is there."""
    kind = deciding.pack.kinds[entity.kind]
    plain = fitted(value, field, kind)
    held = entity.fields.get(field.name)
    if same(plain, held):
        return
    if field.value.refers:
        _check_refs(deciding, field, held, plain, kind)
    if field.unique and plain is not None:
        check_unique(deciding, entity.id, kind, field, plain)
    deciding.working.put(entity, field.name, held, plain)


def check_unique(deciding: Deciding, entity: str, kind: Kind, field: Field, value: Plain) -> None:
    """Refuse the action if another live entity holds this value."""
    holder = deciding.working.find(kind.name, field.name, unique_key(value))
    if holder not in (None, entity):
        raise RefusalError("not_unique", f"another {kind.name} has this {field.name} already: {value}")


def create(
    deciding: Deciding, kind: Kind, owner: str | None, values: Mapping[str, Plain], key: str | None = None
) -> Entity:
    """Bring an entity into being with its given and default values; `key` is its id, fresh by default."""
    entity = deciding.working.create(key or deciding.fresh_id(), kind.name)
    if owner:
        check_owner(deciding, owner)
        deciding.working.set(entity, OWNER, owner)
    for field in kind.fields.values():
        if field.computed is None:
            now = deciding.working.after[entity.id]
            given = values.get(field.name)
            store(deciding, now, field, starting(field) if given is None else given)
    return deciding.working.after[entity.id]


def starting(field: Field) -> Plain:
    """Return what a field holds in a new entity that was given nothing for it; a meter starts from 0."""
    return 0 if field.default is None and field.value.base == "meter" else field.default


def check_owner(deciding: Deciding, owner: str) -> None:
    """Refuse the action if an owner is neither who acts nor a member of the world."""
    if owner != deciding.request.principal.id and deciding.working.find("member", "user", owner) is None:
        raise RefusalError("not_found", "an owner must be a member of this world")


def _check_refs(deciding: Deciding, field: Field, held: Plain, value: Plain, kind: Kind) -> None:
    # What it referred to before may have been deleted since, and is nobody's fault now.
    kept = set(refs_in(held, field.value))
    for ref, target_kind in refs_in(value, field.value):
        if (ref, target_kind) not in kept:
            _check_ref(deciding, ref, target_kind, f"{kind.name}.{field.name}")


def _check_ref(deciding: Deciding, ref: str, kind: str | None, place: str) -> None:
    found = deciding.working.entity(ref)
    if found is None or not found.live or found.kind != kind:
        raise RefusalError("not_found", f"{place} must refer to a {kind} of this world")
