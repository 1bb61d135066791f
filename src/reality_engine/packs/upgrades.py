"""What a pack says of worlds that run an earlier version of it, which is not known yet; values, no doing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from reality_engine.kernel.json import Plain
from reality_engine.packs.place import Place

# A kind by its present name, and a field of it.
At: TypeAlias = tuple[str, str]
_RANGE: Final = " to "
_OWNER: Final = "owner"
_ROLE: Final = "role:"
_PART: Final = re.compile(r"[0-9]+|[a-z]+")


@dataclass(frozen=True, slots=True)
class Formula:
    """CEL over an entity as it was, which is compiled once it is known what it was; `optional` may yield nothing."""

    source: str
    place: Place
    optional: bool = False


@dataclass(frozen=True)
class Migration:
    """What becomes of a world of one of some `versions`; see `definitions.upgrades` for what each part says."""

    place: Place
    versions: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[At, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[At, Plain] = field(default_factory=dict)
    formulas: Mapping[At, Formula] = field(default_factory=dict)
    split: frozenset[At] = frozenset()
    drops: Mapping[str, Place] = field(default_factory=dict)
    opens: Mapping[str, Place] = field(default_factory=dict)

    def covers(self, version: str) -> bool:
        """Say whether it speaks of worlds of this version."""
        return any(_covers(one, version) for one in self.versions)


def field_path(kind: str, name: str) -> str:
    """Return what `drop` and `opens` call a field."""
    return f"{kind}.{name}"


def owner_path(kind: str) -> str:
    """Return what `drop` and `opens` call to whom entities of a kind belong."""
    return f"{kind}.{_OWNER}"


def role_path(role: str) -> str:
    """Return what `drop` and `opens` call a role."""
    return f"{_ROLE}{role}"


def is_range(text: str) -> bool:
    """Say whether a text names versions by the first and the last of them."""
    return _RANGE in text


def ends_of(text: str) -> tuple[str, str]:
    """Return the first and the last version that a text names, which are one where it is no range."""
    first, _, last = text.partition(_RANGE)
    return first.strip(), (last or first).strip()


def order_of(version: str) -> tuple[tuple[int, ...], bool, tuple[tuple[int, int, str], ...]]:
    """Return by what versions are ordered: their numbers, and one with a suffix before that without."""
    numbers, _, suffix = version.partition("-")
    parts = [int(part) for part in numbers.split(".") if part.isdigit()]
    while parts and parts[-1] == 0:
        parts.pop()
    said = [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in _PART.findall(suffix)]
    return tuple(parts), not suffix, tuple(said)


def _covers(text: str, version: str) -> bool:
    first, last = ends_of(text)
    if not is_range(text):
        return first == version
    return order_of(first) <= order_of(version) <= order_of(last)
