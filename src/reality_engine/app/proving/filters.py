"""Makes up conditions, orders and searches, by hidden things as much as by others; not the requests around them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reality_engine.app.proving.fate import Picker
from reality_engine.app.proving.steps import BOTH, Joined, Named
from reality_engine.app.proving.twins import Twins
from reality_engine.app.proving.values import WORDS
from reality_engine.packs.audience import Term
from reality_engine.packs.compiled import Field, Kind

_COMPARED: Final = ("==", "!=", "<", "<=", ">", ">=")
_ODD: Final = ("title == 'x'", "nothing == 1", "((", "1", "true", "'a' == 'a'", "id != ''")
_BY_ROW: Final = (Term.OWNER, Term.GROUP, Term.GROUP_OF, Term.OWNER_OF)
_SEARCHES: Final = ('"', "a OR b", "amb*", "(", "-amber", "NEAR(a b)", "'")


def _differs_by_row(kind: Kind, name: str) -> bool:
    """Say whether who sees a field depends on the entity: then it is known, and hidden in some rows alone."""
    audience = kind.facets[kind.fields[name].facet].audience
    return any(seer.when is not None or seer.term in _BY_ROW for seer in audience)


class Filters:
    """Conditions on the entities of a pair of worlds, with values that occur in either of them."""

    def __init__(self, picker: Picker, twins: Twins, near: Mapping[str, Sequence[str]]) -> None:
        """Choose by the picker, mostly fields that are hidden and differ: `near` has their names by kind."""
        self._picker = picker
        self._near = near
        self._twins = twins

    def condition(self, kind: Kind | None) -> Any:
        """Return a condition in CEL, on hidden and on visible fields alike."""
        if kind is None or not kind.fields or self._picker.often(5):
            return self._picker.one(_ODD)
        first = self._one(kind)
        if self._picker.often(65):
            return Joined(first)
        second = self._one(kind)
        return Joined(("(", *first, ") ", self._picker.one(("&&", "||")), " (", *second, ")"))

    def order(self, kind: Kind | None) -> str:
        """Return an order by one or two fields, hidden ones too."""
        if kind is None or not kind.fields or self._picker.often(15):
            return self._picker.one(("id", "-id", "owner", "nothing"))
        chosen = dict.fromkeys(self._field(kind).name for _ in range(self._picker.between(1, 2)))
        return ",".join(f"{self._picker.one(('', '-'))}{name}" for name in chosen)

    def names(self, kind: Kind | None) -> str:
        """Return some names of fields, hidden ones too."""
        names = [*(kind.fields if kind else ()), "id", "owner", "kind", "nothing"]
        return ",".join(dict.fromkeys(self._picker.one(names) for _ in range(self._picker.between(1, 3))))

    def search(self) -> str:
        """Return words to search for, such as stand in hidden texts."""
        texts = [text for name in BOTH for text in self._texts(self._twins[name].record.entities.values())]
        if texts and self._picker.often(75):
            words = self._picker.one(texts).split()
            return self._picker.one(words) if words and self._picker.often(70) else " ".join(words[:3]) or "a"
        return self._picker.one((*_SEARCHES, *WORDS))

    def _one(self, kind: Kind) -> tuple[str | Named, ...]:
        field = self._field(kind)
        condition = self._about(field, kind)
        return ("!(", *condition, ")") if self._picker.often(15) else condition

    def _field(self, kind: Kind) -> Field:
        """Return a field, mostly a hidden one that differs, or one that others see than see the kind."""
        near = self._near.get(kind.name, ())
        some = [name for name in kind.fields if _differs_by_row(kind, name)]
        close = [name for name in near if name in some] or some
        if close and self._picker.often(60):
            return kind.fields[self._picker.one(close)]
        if near and self._picker.often(60):
            return kind.fields[self._picker.one(near)]
        fields = list(kind.fields.values())
        narrow = [field for field in fields if field.facet != 0]
        return self._picker.one(narrow if narrow and self._picker.often(60) else fields)

    def _about(self, field: Field, kind: Kind) -> tuple[str | Named, ...]:
        name, base = field.name, field.value.base
        held = [value for world in BOTH for value in self._twins[world].record.hold(name, kind.name)]
        value = self._picker.one(held) if held else None
        if self._picker.often(10):
            return (f"is_set({name})",)
        if base == "ref":
            return self._about_ref(field, value)
        return (self._about_plain(name, base, value),)

    def _about_plain(self, name: str, base: str, value: Any) -> str:
        compared = self._picker.one(_COMPARED)
        if base in ("integer", "meter", "number"):
            number = value if isinstance(value, int | float) else self._picker.between(0, 9)
            return f"{name} {compared} {float(number) if base == 'number' else int(number)}"
        if base == "boolean":
            return self._picker.one((name, f"!{name}", f"{name} == true"))
        if base == "timestamp":
            return f"{name} {compared} timestamp('{value or '2026-05-05T12:00:00Z'}')"
        if base in ("list", "set", "map"):
            return f"size({name}) {compared} {self._picker.between(0, 3)}"
        return self._about_text(name, value if isinstance(value, str) else self._picker.one(WORDS))

    def _about_text(self, name: str, value: str) -> str:
        value = value.replace("\\", "").replace("'", "")
        part = value.split()[0] if value.split() else value
        return self._picker.one(
            (
                f"{name} == '{value}'", f"{name} != '{value}'", f"{name}.contains('{part}')",
                f"{name}.startsWith('{part[:2]}')", f"{name} > '{part[:1]}'", f"size({name}) > {len(value) - 1}",
                f"{name} in ['{value}', 'amber']",
            )
        )  # fmt: skip

    def _about_ref(self, field: Field, value: Any) -> tuple[str | Named, ...]:
        for name in BOTH:
            named = self._twins[name].names.get(value)
            if named is not None and self._picker.often(60):
                return (f"{field.name} == '", named, "'")
        other = self._twins.pack.kinds.get(str(field.value.kind))
        inner = self._picker.one(list(other.fields)) if other and other.fields else "id"
        return (f"{field.name}.{inner} == '{self._picker.one(WORDS)}'",)

    def _texts(self, entities: Any) -> list[str]:
        return [value for one in entities for value in one.fields.values() if isinstance(value, str) and value]
