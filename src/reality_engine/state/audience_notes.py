"""What an entity keeps in `@audience`, so that its audiences follow from itself alone; not how they do.

`owners` holds, for each ref field that an audience speaks of as `owner of <field>`, the owner of what it leads to.
Notes are plain values, and what is empty is left out, so that the same notes are always the same value.
"""

from collections.abc import Mapping
from typing import Final

from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Entity

_OWNERS: Final = "owners"


def owner_of(entity: Entity, field: str) -> str | None:
    """Return the owner of the entity that a ref field leads to, as it was noted, or None."""
    owner = _part(entity.audience, _OWNERS).get(field)
    return owner if isinstance(owner, str) else None


def with_owner(notes: Mapping[str, Plain], field: str, owner: str | None) -> dict[str, Plain]:
    """Return the notes with the owner of what a ref field leads to."""
    return _with(notes, _OWNERS, {**_part(notes, _OWNERS), field: owner})


def _part(notes: Mapping[str, Plain], name: str) -> dict[str, Plain]:
    part = notes.get(name)
    return part if isinstance(part, dict) else {}


def _with(notes: Mapping[str, Plain], name: str, part: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return the notes with one part, of which what is empty is left out."""
    kept: dict[str, Plain] = {key: part[key] for key in sorted(part) if part[key]}
    rest = {key: value for key, value in notes.items() if key != name}
    return {**rest, name: kept} if kept else rest
