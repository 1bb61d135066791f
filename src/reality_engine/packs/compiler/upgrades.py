"""Compiles what a pack says of worlds of its earlier versions, as far as it can be told without these; not the doing.

Names of the present are checked against the pack. What an earlier version called something, and of which type that was,
is checked when a world is to be upgraded, since only then it is known which version that is.
"""

from typing import TYPE_CHECKING, Any

from reality_engine.expressions.environment import Environment
from reality_engine.expressions.errors import ExpressionError
from reality_engine.expressions.types import JSON, Shapes
from reality_engine.packs.compiled import CORE_KINDS
from reality_engine.packs.compiler.field_types import static_type
from reality_engine.packs.compiler.names import is_name, is_version
from reality_engine.packs.compiler.operands import is_expression, literal, may_lack
from reality_engine.packs.problems import nearest
from reality_engine.packs.upgrades import Formula, Migration, ends_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reality_engine.packs.compiled import FieldType
    from reality_engine.packs.compiler.ground import Ground, KindShape
    from reality_engine.packs.definitions.upgrades import UpgradeDefinition
    from reality_engine.packs.place import Place
    from reality_engine.packs.source import Spot
    from reality_engine.packs.upgrades import At


def compile_upgrades(
    definitions: "Iterable[UpgradeDefinition]", spot: "Spot", ground: "Ground"
) -> tuple[Migration, ...]:
    """Compile all of them, in the order of the pack."""
    return tuple(_Upgrade(each, spot / index, ground).compiled() for index, each in enumerate(definitions))


def former_names(definitions: "Iterable[UpgradeDefinition]") -> dict[str, tuple[str, ...]]:
    """Return what roles were called in earlier versions, by what they are called now."""
    names: dict[str, list[str]] = {}
    for each in definitions:
        for old, new in each.rename.roles.items():
            names.setdefault(new, []).append(old)
    return {new: tuple(dict.fromkeys(old)) for new, old in names.items()}


class _Upgrade:
    """One entry under `upgrades`."""

    def __init__(self, definition: "UpgradeDefinition", spot: "Spot", ground: "Ground") -> None:
        self._definition = definition
        self._spot = spot
        self._ground = ground

    def compiled(self) -> Migration:
        """Compile it; every mistake goes to the problems."""
        self._check_versions()
        definition, renamed = self._definition, self._spot / "rename"
        split = {at: path for path in definition.split if (at := self._old(path, "split"))}
        formulas = dict(self._formulas(definition.compute, self._spot / "compute"))
        for (kind, _), path in split.items():
            parts = {f"{kind}.{name}": text for name, text in definition.split[path].items()}
            formulas |= dict(self._formulas(parts, self._spot / "split" / path, within=True))
        return Migration(
            place=self._spot.place,
            versions=tuple(definition.versions),
            kinds=self._renamed(definition.rename.kinds, self._ground.kinds, renamed / "kinds", "kind"),
            fields=dict(self._renamed_fields(renamed / "fields")),
            roles=self._renamed(definition.rename.roles, self._ground.roles, renamed / "roles", "role"),
            values=dict(self._values()),
            formulas=formulas,
            split=frozenset(split),
            drops=dict(self._drops()),
            opens=dict(self._opens()),
        )

    def _check_versions(self) -> None:
        for index, text in enumerate(self._definition.versions):
            at = self._spot / "from"
            at = at / index if isinstance(at.data, list) else at
            if not all(is_version(end) for end in ends_of(text)):
                self._tell(at.place, "bad_version", f"'{text}' names no version", "such as 1.0.0, or 1.0.0 to 1.4.2")

    def _renamed(
        self, names: "Mapping[str, str]", known: "Mapping[str, Any]", spot: "Spot", what: str
    ) -> dict[str, str]:
        for old, new in names.items():
            if new not in known or new in CORE_KINDS:
                self._tell((spot / old).place, f"unknown_{what}", f"there is no {what} '{new}'", nearest(new, known))
            if old in known:
                message = f"there still is a {what} '{old}', so it cannot have become another one"
                self._tell((spot / old).key, "bad_upgrade", message)
        return dict(names)

    def _renamed_fields(self, spot: "Spot") -> "Iterator[tuple[At, str]]":
        for path, new in self._definition.rename.fields.items():
            at = self._old(path, "rename", "fields")
            if at is not None:
                shape = self._ground.kinds[at[0]]
                if new not in shape.values:
                    hint = nearest(new, shape.values)
                    self._tell((spot / path).place, "unknown_field", f"{at[0]} has no field '{new}'", hint)
                yield at, new

    def _values(self) -> "Iterator[tuple[At, Any]]":
        for path, value in self._definition.default.items():
            spot = self._spot / "default" / path
            found = self._field(path, spot)
            if found is not None:
                (kind, name), wanted = found
                if self._settable(kind, name, spot):
                    yield (kind, name), literal(value, wanted, spot, self._ground.problems)

    def _formulas(
        self, texts: "Mapping[str, str]", spot: "Spot", *, within: bool = False
    ) -> "Iterator[tuple[At, Formula]]":
        for path, text in texts.items():
            at = spot / path.partition(".")[2] if within else spot / path
            found = self._field(path, at)
            if found is None or not self._settable(*found[0], at):
                continue
            if not is_expression(text):
                hint = f'write "={text}", or a literal under default'
                self._tell(at.place, "bad_expression", "what is worked out is CEL after '='", hint)
                continue
            optional = may_lack(text)
            source = text[2:] if optional else text[1:]
            self._check_formula(at, source, len(text) - len(source), found[1])
            yield found[0], Formula(source, at.place, optional)

    def _check_formula(self, spot: "Spot", source: str, skip: int, wanted: "FieldType") -> None:
        """Tell what is wrong with it whatever types the earlier fields had."""
        try:
            Environment(Shapes(), {"self": JSON}).expression(source, static_type(wanted))
        except ExpressionError as error:
            for one in error.problems:
                self._tell(spot.within(one.offset + skip), "bad_expression", one.message, one.hint)

    def _settable(self, kind: str, name: str, spot: "Spot") -> bool:
        computed = self._ground.kinds[kind].definition.fields[name].computed
        if computed is not None:
            self._tell(spot.key, "bad_upgrade", f"{kind}.{name} is computed, so nothing else can set it")
        return computed is None

    def _drops(self) -> "Iterator[tuple[str, Place]]":
        for index, path in enumerate(self._definition.drop):
            spot = self._spot / "drop" / index
            kind, _, name = path.partition(".")
            shape = self._ground.kinds.get(kind)
            if path.startswith("role:"):
                there = path.removeprefix("role:") in self._ground.roles
            elif not name:
                there = shape is not None
            elif name == "owner":
                there = shape is not None and shape.definition.owned
            else:
                there = shape is not None and name in shape.values
            if there:
                self._tell(spot.place, "bad_upgrade", f"'{path}' is there, so it is not given up")
            elif name and shape is None:
                self._tell(spot.place, "unknown_kind", f"there is no kind '{kind}'", nearest(kind, self._ground.kinds))
            else:
                yield path, spot.place

    def _opens(self) -> "Iterator[tuple[str, Place]]":
        known = {f"role:{name}" for name in self._ground.roles}
        for kind, shape in self._ground.kinds.items():
            known |= {kind, f"{kind}.owner", *(f"{kind}.{name}" for name in shape.values)}
        for index, path in enumerate(self._definition.opens):
            spot = self._spot / "opens" / index
            if path not in known:
                self._tell(spot.place, "unknown_field", f"there is no '{path}' to open", nearest(path, known))
            yield path, spot.place

    def _old(self, path: str, *steps: str) -> "At | None":
        """Return a kind of the present and a field that it had, as a path says."""
        spot = self._spot
        for step in (*steps, path):
            spot /= step
        shape = self._kind(path, spot)
        name = path.partition(".")[2]
        if shape is None:
            return None
        if name in shape.values:
            self._tell(spot.key, "bad_upgrade", f"{shape.name} still has a field '{name}'")
            return None
        if not is_name(name):
            self._tell(spot.key, "bad_name", f"'{path}' names no field", "write it as kind.field")
            return None
        return shape.name, name

    def _field(self, path: str, spot: "Spot") -> "tuple[At, FieldType] | None":
        """Return a field of the present, and its type."""
        shape = self._kind(path, spot)
        name = path.partition(".")[2]
        if shape is None:
            return None
        if name not in shape.values:
            hint = nearest(name, shape.values)
            self._tell(spot.key, "unknown_field", f"{shape.name} has no field '{name}'", hint)
            return None
        return (shape.name, name), shape.values[name]

    def _kind(self, path: str, spot: "Spot") -> "KindShape | None":
        kind = path.partition(".")[0]
        shape = self._ground.kinds.get(kind)
        if shape is None or shape.core:
            own = [name for name, each in self._ground.kinds.items() if not each.core]
            self._tell(spot.key, "unknown_kind", f"there is no kind '{kind}'", nearest(kind, own))
            return None
        return shape

    def _tell(self, place: "Place", code: str, message: str, hint: str | None = None) -> None:
        self._ground.problems.add(place, code, message, hint)
