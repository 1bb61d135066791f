"""Holds the flows of a rule against what it says that it discloses, and words what is left; it finds no flows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reality_engine.packs.flow.circles import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.flow.following import Flow
    from reality_engine.packs.flow.sources import Source
    from reality_engine.packs.place import Place
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot


# How something that decides is told to do so.
_HOW: Final = {
    "to": "this reaction answers it",
    "for_each": "this list depends on it",
    "ensure": "it decides what is found",
    **{word: f"'{word}' depends on it" for word in ("allow", "require", "unless", "if", "when")},
}


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A path that a rule says it discloses, where it says so, and the flows that this allows."""

    rule: str
    path: str
    place: "Place"
    flows: "tuple[Flow, ...]"


def disclosed(
    rule: str, paths: "Sequence[Path]", spot: "Spot", flows: "Iterable[Flow]", problems: "Problems"
) -> tuple[Disclosure, ...]:
    """Tell each flow that is not declared, and each declaration without a flow; return the declarations."""
    allowed: list[list[Flow]] = [[] for _ in paths]
    undeclared: dict[Path, Flow] = {}
    for flow in flows:
        found = [index for index, path in enumerate(paths) if covers(path, flow.source)]
        for index in found:
            allowed[index].append(flow)
        if not found:
            undeclared.setdefault(flow.source.path, flow)
    for flow in undeclared.values():
        problems.add(flow.source.place, "undeclared_flow", _said(flow), _hint(flow, paths))
    for index, path in enumerate(paths):
        if not allowed[index]:
            message = f"'{'.'.join(path)}' is not disclosed here: nobody learns of it who may not see it"
            problems.add((spot / index).place, "unused_disclosure", message, "take it out, so that the rest stays true")
    return tuple(
        Disclosure(rule, ".".join(path), (spot / index).place, tuple(allowed[index]))
        for index, path in enumerate(paths)
    )


def covers(path: "Path", source: "Source") -> bool:
    """Say whether a declared path is what is read, or a ref on the way to it."""
    return path in source.names or path[: len(source.path)] == source.path


def _said(flow: "Flow") -> str:
    source, outcome = flow.source, flow.outcome
    line = f" (line {outcome.place.line})" if outcome.place.line != source.place.line else ""
    because = "" if flow.how is None else f"{_HOW.get(flow.how, flow.how)}, so "
    told = f"{because}{outcome.what}{line} tells {shown(flow.told)} of it"
    return f"'{source.text}' is seen by {shown(source.circles)}, but {told}"


def _hint(flow: "Flow", declared: "Sequence[Path]") -> str:
    path = ".".join(flow.source.path)
    paths = ", ".join([*map(".".join, declared), path])
    return f"if that is meant, write discloses: [{paths}]; else let more see {path}, or fewer what comes of it"
