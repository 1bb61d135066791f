"""Finds the places where a module does what only one module may do; who that is stands in the test beside it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Something with one owner, told by the names by which it is done."""

    what: str
    owners: frozenset[str]
    names: frozenset[str]
    """Dotted names as they are after imports are undone: `os.environ`, or `secrets` for all that is in it."""
    methods: frozenset[str] = frozenset()
    """Ends of a call on anything: `session.commit` is any `….session.commit(…)`."""

    def breaches(self, module: str, uses: "Uses") -> Iterator[int]:
        """Give the line of each use in a module that does not own it; `module` as in `kernel.clock`."""
        if any(module == owner or module.startswith(f"{owner}.") for owner in self.owners):
            return
        yield from (line for name, line in uses.names if self._covers(name))
        yield from (line for spelled, line in uses.calls if self._is_call(spelled))

    def _covers(self, name: str) -> bool:
        return any(name == owned or name.startswith(f"{owned}.") for owned in self.names)

    def _is_call(self, spelled: str) -> bool:
        return any(spelled == method or spelled.endswith(f".{method}") for method in self.methods)


@dataclass(frozen=True, slots=True)
class Uses:
    """All that a module names and calls, each with its line."""

    names: tuple[tuple[str, int], ...]
    calls: tuple[tuple[str, int], ...]


def uses_of(source: str) -> Uses:
    """Find them; it takes longer than to look for any rule's among them."""
    tree = ast.parse(source)
    origins = dict(_origins(tree))
    names: list[tuple[str, int]] = []
    calls: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.ImportFrom, ast.Attribute, ast.Name)):
            names += [(name, node.lineno) for name in _names(node, origins)]
        elif isinstance(node, ast.Call):
            calls.append((ast.unparse(node.func), node.lineno))
    return Uses(tuple(names), tuple(calls))


def _origins(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Give what each imported name stands for: after `from datetime import datetime as d`, d is datetime.datetime."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or name, name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _names(node: ast.AST, origins: dict[str, str]) -> Iterator[str]:
    """Give the full dotted name that an expression spells, or that an import brings in."""
    if isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    elif isinstance(node, (ast.Attribute, ast.Name)):
        head, _, tail = ast.unparse(node).partition(".")
        if head in origins:
            yield f"{origins[head]}.{tail}" if tail else origins[head]
