"""Whether who acts can bring a value beyond what the engine keeps, by an input without bounds; not who learns of it."""

from typing import TYPE_CHECKING, Final

from reality_engine.expressions.chains import chain_of
from reality_engine.expressions.syntax import Call, Name, Node, Selection, children

if TYPE_CHECKING:
    from reality_engine.packs.compiled import FieldType
    from reality_engine.packs.flow.reading import Reader

# What is reckoned or put together by these grows with each part: from a refusal one reckons back to the others.
_GROWING: Final = frozenset({"_+_", "_-_", "_*_", "replace", "join", "sum"})
_NUMBERS: Final = frozenset({"integer", "number"})
_TEXTS: Final = frozenset({"text", "list", "json"})


def may_go_beyond(node: Node, reader: "Reader") -> bool:
    """Say whether a value is reckoned of an input that can be as large as who acts likes."""
    if isinstance(node, Call) and node.function in _GROWING and names_boundless(node, reader):
        return True
    return any(may_go_beyond(each, reader) for each in children(node))


def names_boundless(node: Node, reader: "Reader") -> bool:
    """Say whether an expression reads an input that can be as large as who acts likes."""
    if isinstance(node, Name | Selection):
        chain = chain_of(node)
        steps = [step.name for step in chain.path] if isinstance(chain.base, Name) else []
        if len(steps) > 1 and steps[0] == "input" and steps[0] not in reader.bound:
            given = reader.names.inputs.get(steps[1])
            return given is not None and _boundless(given)
    return any(names_boundless(each, reader) for each in children(node))


def _boundless(value: "FieldType") -> bool:
    if value.base in _NUMBERS:
        return value.minimum is None or value.maximum is None
    if value.base in _TEXTS and value.max_length is None and value.max_items is None:
        return True
    return any(map(_boundless, [value.of] if value.of else [kind for _, kind in value.fields]))
