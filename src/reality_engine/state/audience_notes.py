"""What an entity keeps in `@audience`, so that its audiences follow from itself alone; not how they do.

`owners` holds, for each ref field that an audience speaks of as `owner of <field>`, the owner of what it leads to. Of
the fields that effects reveal and conceal, `closed` names those that nobody sees by what their kind says, `revealed`
holds the keys that see one nevertheless, and `concealed` those that do not in any case.
Notes are plain values, and what is empty is left out, so that the same notes are always the same value.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Entity

_OWNERS: Final = "owners"
_REVEALED: Final = "revealed"
_CONCEALED: Final = "concealed"
_CLOSED: Final = "closed"


def owner_of(entity: Entity, field: str) -> str | None:
    """Return the owner of the entity that a ref field leads to, as it was noted, or None."""
    owner = _part(entity.audience, _OWNERS).get(field)
    return owner if isinstance(owner, str) else None


def with_owner(notes: Mapping[str, Plain], field: str, owner: str | None) -> dict[str, Plain]:
    """Return the notes with the owner of what a ref field leads to."""
    return _with(notes, _OWNERS, {**_part(notes, _OWNERS), field: owner})


def moved(entity: Entity, field: str, keys: frozenset[str]) -> frozenset[str]:
    """Return who sees a field of an entity, which by what its kind says would be those with `keys`."""
    notes = entity.audience
    shown = frozenset() if _part(notes, _CLOSED).get(field) else keys
    return (shown | _keys(notes, _REVEALED, field)) - _keys(notes, _CONCEALED, field)


def with_revealed(notes: Mapping[str, Plain], field: str, keys: AbstractSet[str]) -> dict[str, Plain]:
    """Return the notes with a field shown to these keys, which undoes that it was concealed from them."""
    hidden = _keys(notes, _CONCEALED, field) - keys
    return _moved(notes, field, _keys(notes, _REVEALED, field) | keys, hidden)


def with_concealed(notes: Mapping[str, Plain], field: str, keys: AbstractSet[str] | None) -> dict[str, Plain]:
    """Return the notes with a field taken from these keys, whatever its kind says, or from all (None)."""
    if keys is not None:
        hidden = _keys(notes, _CONCEALED, field) | keys
        return _moved(notes, field, _keys(notes, _REVEALED, field) - keys, hidden)
    return _with(_moved(notes, field, frozenset(), frozenset()), _CLOSED, {**_part(notes, _CLOSED), field: True})


def taken(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> dict[str, frozenset[str] | None]:
    """Return from which keys a change of the notes takes fields, None for all: by `conceal`, or by undoing a `reveal`.

    Who sees the past of a field is narrowed by it, so that what was concealed once stays so at all times.
    """
    closed = _part(after, _CLOSED).keys() - _part(before, _CLOSED).keys()
    names = {*_part(before, _REVEALED), *_part(after, _CONCEALED)}
    lost = {
        name: (_keys(before, _REVEALED, name) - _keys(after, _REVEALED, name))
        | (_keys(after, _CONCEALED, name) - _keys(before, _CONCEALED, name))
        for name in names
    }
    return {**{name: keys for name, keys in lost.items() if keys}, **dict.fromkeys(closed)}


def own_notes(notes: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return the notes without those of the owners of others, which follow from these."""
    return {name: part for name, part in notes.items() if name != _OWNERS}


def with_own_notes(notes: Mapping[str, Plain], own: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return the notes with what others say instead of their own, but for the owners of others."""
    return {**{name: part for name, part in notes.items() if name == _OWNERS}, **own_notes(own)}


def renamed_notes(notes: Mapping[str, Plain], names: Mapping[str, str]) -> dict[str, Plain]:
    """Return the notes with fields called otherwise."""
    renamed: dict[str, Plain] = {}
    for part, held in notes.items():
        renamed = _with(renamed, part, {names.get(name, name): one for name, one in _held(held).items()})
    return renamed


def _held(part: Plain) -> dict[str, Plain]:
    return part if isinstance(part, dict) else {}


def _moved(
    notes: Mapping[str, Plain], field: str, shown: AbstractSet[str], hidden: AbstractSet[str]
) -> dict[str, Plain]:
    revealed = _with(notes, _REVEALED, {**_part(notes, _REVEALED), field: [*sorted(shown)]})
    return _with(revealed, _CONCEALED, {**_part(notes, _CONCEALED), field: [*sorted(hidden)]})


def _keys(notes: Mapping[str, Plain], name: str, field: str) -> frozenset[str]:
    held = _part(notes, name).get(field)
    return frozenset(str(key) for key in held) if isinstance(held, list) else frozenset()


def _part(notes: Mapping[str, Plain], name: str) -> dict[str, Plain]:
    part = notes.get(name)
    return part if isinstance(part, dict) else {}


def _with(notes: Mapping[str, Plain], name: str, part: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return the notes with one part, of which what is empty is left out."""
    kept: dict[str, Plain] = {key: part[key] for key in sorted(part) if part[key]}
    rest = {key: value for key, value in notes.items() if key != name}
    return {**rest, name: kept} if kept else rest
