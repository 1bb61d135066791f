"""Which entities a request names, in its inputs and beside them; not whether they exist."""

from collections.abc import Iterator

from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Action, FieldType
from reality_engine.rules.decision import Request


def refs_in(value: Plain, kind: FieldType) -> Iterator[tuple[str, str | None]]:
    """Yield each id that a value of a type refers to, with the kind it must be of."""
    if kind.base == "ref" and isinstance(value, str):
        yield value, kind.kind
    elif isinstance(value, list) and kind.of is not None:
        for item in value:
            yield from refs_in(item, kind.of)
    elif isinstance(value, dict) and kind.of is not None:
        for item in value.values():
            yield from refs_in(item, kind.of)
    elif isinstance(value, dict):
        for name, inner in kind.fields:
            yield from refs_in(value.get(name), inner)


def events_named_by(action: Action | None, request: Request) -> set[str]:
    """Return the well-formed ids of events among a request's inputs."""
    named: set[str] = set()
    for spec in action.inputs.values() if action is not None else ():
        key = request.input.get(spec.name) if spec.value.base == "event" else None
        if isinstance(key, str) and is_id(key):
            named.add(key)
    return named


def named_by(action: Action | None, request: Request) -> set[str]:
    """Return the well-formed ids that a request names: actor, target and every ref among its inputs."""
    named = {request.actor, request.target}
    for spec in action.inputs.values() if action is not None else ():
        if spec.value.refers:
            named.update(key for key, _ in refs_in(request.input.get(spec.name), spec.value))
    return {key for key in named if key is not None and is_id(key)}
