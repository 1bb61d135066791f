"""Makes up values of declared types, out of few words so that they meet again; not which fields they go to."""

from typing import Any, Final

from reality_engine.app.proving.fate import Picker
from reality_engine.app.proving.steps import BOTH, Happened, Made, Someone
from reality_engine.app.proving.twins import Twins
from reality_engine.packs.compiled import FieldType

WORDS: Final = ("amber", "basalt", "cedar", "delta", "ember", "fjord", "garnet", "heron", "iris", "jade")
_LOW: Final = -2
_HIGH: Final = 9
# In so many of a hundred cases a text is one that there is: what must not be there twice only then says no.
_SAME: Final = 12


class Values:
    """Values for the inputs of actions in a pair of worlds."""

    def __init__(self, picker: Picker, twins: Twins) -> None:
        """Choose by the picker."""
        self._picker = picker
        self._twins = twins

    def of(self, name: str, kind: FieldType) -> Any:
        """Return a value of a type, for an input of this name; None where there can be none now."""
        if kind.base == "text":
            return self._user() if name == "user" else self.text(kind)
        if kind.base in ("ref", "event"):
            return self._entity(str(kind.kind)) if kind.base == "ref" else self._event()
        if kind.base in ("list", "set"):
            return self._several(name, kind)
        if kind.base == "map":
            return {self.word(): self.of(name, kind.of or kind) for _ in range(self._picker.below(3))}
        if kind.base == "record":
            parts = {part: self.of(part, inner) for part, inner in kind.fields}
            return {part: value for part, value in parts.items() if value is not None}
        return self._plain(kind)

    def other(self, name: str, kind: FieldType, value: Any) -> Any:
        """Return another value than this one, or None where none was found."""
        for _ in range(6):
            found = self.of(name, kind)
            if found != value and found is not None:
                return found
        return None

    def word(self) -> str:
        """Return a word."""
        return self._picker.one(WORDS)

    def text(self, kind: FieldType | None = None) -> str:
        """Return one to three words, as far as they fit, or a text that is somewhere already."""
        held = self._held() if self._picker.often(_SAME) else []
        words = self._picker.one(held) if held else " ".join(self.word() for _ in range(self._picker.between(1, 3)))
        return words[: kind.max_length if kind and kind.max_length else 60]

    def _held(self) -> list[str]:
        every = [one for name in BOTH for one in self._twins[name].record.entities.values() if one.kind != "member"]
        return [value for one in every for value in one.fields.values() if isinstance(value, str) and value]

    def _several(self, name: str, kind: FieldType) -> list[Any]:
        found: list[Any] = []
        for _ in range(self._picker.below(4)):
            value = self.of(name, kind.of or FieldType("text"))
            if value is not None and value not in found:
                found.append(value)
        return found

    def _plain(self, kind: FieldType) -> Any:
        picker = self._picker
        low = _LOW if kind.minimum is None else int(kind.minimum)
        high = max(low, low + _HIGH if kind.maximum is None else int(kind.maximum))
        if kind.base == "enum":
            return picker.one(kind.values)
        if kind.base == "boolean":
            return picker.often(50)
        if kind.base == "number":
            return picker.between(low * 2, high * 2) / 2
        return {
            "integer": picker.between(low, min(high, low + 20)),
            "meter": picker.between(0, int(kind.maximum or 0)),
            "timestamp": f"2026-05-0{picker.between(1, 9)}T12:00:00Z",
            "date": f"2026-05-0{picker.between(1, 9)}",
            "duration": f"{picker.between(1, 9)}h",
            "json": {self.word(): picker.between(0, 9)},
        }.get(kind.base)

    def _user(self) -> Someone:
        named = [person.name for person in self._twins.people.values() if person.principal.id]
        return Someone(self._picker.one(named))

    def _event(self) -> Happened | None:
        """Return an event that happened in both worlds, mostly one of the last."""
        happened = self._twins["A"].happened
        every = [Happened(step, number) for step, ids in happened.items() for number in range(len(ids))]
        return self._picker.one(every[-8:]) if every else None

    def _entity(self, kind: str) -> Made | None:
        """Return an entity of a kind, mostly of those that were made last."""
        record, names = self._twins["A"].record, self._twins["A"].names
        found = [names[key] for key, one in record.entities.items() if one.kind == kind and one.live]
        return self._picker.one(found[-6:]) if found else None
