"""Whether an effect could be refused for what a value turns out to be; not who would learn of it."""

from typing import TYPE_CHECKING, Final

from reality_engine.expressions.chains import chain_of
from reality_engine.expressions.syntax import Call, Constant, Loop, Name, Node, Selection, children
from reality_engine.packs.effects import Literal, Set

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reality_engine.packs.compiled import FieldType, Kind
    from reality_engine.packs.effects import Effect
    from reality_engine.packs.flow.knowledge import Knowledge
    from reality_engine.packs.flow.reading import Reader
    from reality_engine.packs.flow.sources import Label

# Functions and operators that some values of the right type make fail.
_PARTIAL: Final = frozenset({
    "_/_", "_%_", "_[_]", "int", "double", "bool", "timestamp", "duration", "substring", "matches", "sqrt",
})  # fmt: skip


def taken_away(effects: "Iterable[Effect]") -> frozenset[tuple[str, str]]:
    """Return the fields whose value some effect takes away, or may."""
    return frozenset(
        (effect.slot.kind, effect.slot.field)
        for effect in effects
        if isinstance(effect, Set)
        and (effect.value.value is None if isinstance(effect.value, Literal) else effect.value.optional)
    )


def always_there(kinds: "Mapping[str, Kind]", gone: frozenset[tuple[str, str]], kind: str, name: str) -> bool:
    """Say whether a field of every entity of a kind has a value at all times."""
    field = kinds[kind].fields.get(name)
    if field is None or (kind, name) in gone or field.computed is not None:
        return False
    return field.required or field.value.base == "meter" or field.default is not None


def may_fail(node: Node, reader: "Reader", known: "Knowledge", gone: frozenset[tuple[str, str]]) -> bool:
    """Say whether an expression may come to nothing: by a path without a value, or by a function that cannot go on."""
    match node:
        case Name() | Selection():
            return _may_lack(node, reader, known, gone)
        case Call(target=None, function="is_set" | "referring"):
            return False
        case Call(function="find", target=None):
            return True
        case Call(function=function) if function in _PARTIAL:
            return True
        case Loop(source=source, inner=inner):
            return any(may_fail(each, reader, known, gone) for each in (source, *inner))
        case _:
            pass
    return any(may_fail(each, reader, known, gone) for each in children(node))


def _may_lack(node: Node, reader: "Reader", known: "Knowledge", gone: frozenset[tuple[str, str]]) -> bool:
    chain = chain_of(node)
    if ".".join(step.name for step in chain.path) in known.present or chain.test:
        return False
    walked = reader.path(node)
    if walked is None:
        return may_fail(chain.base, reader, known, gone)
    fields = [source.field for source in walked.label if source.field]
    deep = len([each for each in fields if each[1] != "owner"]) > 1
    return deep or any(not always_there(reader.names.kinds, gone, *each) for each in fields)


def may_misfit(node: Node, reader: "Reader", wanted: "FieldType", given: "FieldType | None") -> bool:
    """Say whether a value may be out of a field's bounds; `given` is the declared type where the value is a path."""
    match node:
        case Call(function="_?_:_", arguments=(_, then, other)):
            return any(may_misfit(each, reader, wanted, _declared(each, reader)) for each in (then, other))
        case Constant(value=value):
            return not _holds(value, wanted)
        case _:
            pass
    return bounded(wanted) and not (given is not None and within(given, wanted))


def value_may_misfit(reader: "Reader", wanted: "FieldType") -> bool:
    """Say whether what an expression gives may be out of a field's bounds."""
    return may_misfit(reader.root, reader, wanted, _declared(reader.root, reader))


def bounded(value: "FieldType") -> bool:
    """Say whether a type declares bounds that a value may break; what the engine bounds by itself is left aside."""
    if value.base == "meter":
        return False
    declared = (value.minimum, value.maximum, value.max_length, value.max_items)
    inner = [value.of] if value.of else [kind for _, kind in value.fields]
    return any(each is not None for each in declared) or bool(value.values) or any(map(bounded, inner))


def within(given: "FieldType", wanted: "FieldType") -> bool:
    """Say whether every value of one type is one of the other."""
    low = wanted.minimum is None or (given.minimum is not None and given.minimum >= wanted.minimum)
    high = wanted.maximum is None or (given.maximum is not None and given.maximum <= wanted.maximum)
    long = wanted.max_length is None or (given.max_length is not None and given.max_length <= wanted.max_length)
    many = wanted.max_items is None or (given.max_items is not None and given.max_items <= wanted.max_items)
    values = not wanted.values or (bool(given.values) and set(given.values) <= set(wanted.values))
    inner = wanted.of is None or (given.of is not None and within(given.of, wanted.of))
    parts = not wanted.fields or given.fields == wanted.fields
    return low and high and long and many and values and inner and parts


def _declared(node: Node, reader: "Reader") -> "FieldType | None":
    if not isinstance(node, Name | Selection):
        return None
    walked = reader.path(node)
    last: Label = walked.label[-1:] if walked else ()
    if last and last[0].field is not None and last[0].field[1] != "owner":
        kind, name = last[0].field
        return reader.names.kinds[kind].fields[name].value
    chain = chain_of(node)
    steps = [step.name for step in chain.path]
    if len(steps) == 2 and steps[0] == "input":
        return reader.names.inputs.get(steps[1])
    return None


def _holds(value: object, wanted: "FieldType") -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return not wanted.values or value in wanted.values
    low = wanted.minimum is None or value >= wanted.minimum
    return low and (wanted.maximum is None or value <= wanted.maximum)
