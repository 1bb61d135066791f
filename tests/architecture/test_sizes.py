"""Files and functions that can be read at one sitting: what people dislike in a code base lives in its longest ones."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "reality_engine"
MAX_FILE = 300
MAX_FUNCTION = 50
# Why a file may be longer, and how long it may be at most: these numbers only fall.
LONGER: dict[str, int] = {}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)  # migrations are generated


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    lengths = {
        path.relative_to(PACKAGE).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES
    }
    found = {path: length for path, length in lengths.items() if length > LONGER.get(path, MAX_FILE)}
    assert not found, "split it by reason to change"
    assert all(lengths.get(path, 0) > MAX_FILE for path in LONGER), "a file that has become short needs no exemption"


def test_no_function_is_longer_than_a_screen() -> None:
    found = {
        f"{path}:{node.lineno} {node.name}": length
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION
    }
    assert not found, "a function does one thing: name its parts"


def test_no_function_imports() -> None:
    found = [
        f"{path}:{inner.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert not found, "an import inside a function hides a cycle: break the cycle"
