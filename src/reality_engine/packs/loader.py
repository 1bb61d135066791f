"""From files to a CompiledPack; touches the file system, and leaves meaning to the compiler."""

import hashlib
import re
from typing import TYPE_CHECKING, Final

from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.compiler.pack import compile_pack
from reality_engine.packs.flow.audit import Audit
from reality_engine.packs.place import Place
from reality_engine.packs.problems import PackError, PackProblem, Problems
from reality_engine.packs.reader import MAX_BYTES, read_source
from reality_engine.packs.shape import read_definition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from reality_engine.packs.flow.disclosures import Disclosure

MAIN: Final = "pack.yaml"
README: Final = "README.md"
MAX_FILES: Final = 200
_TEST: Final = re.compile(r"tests/[A-Za-z0-9_.-]{1,100}\.yaml\Z")


def load_pack(path: "Path") -> CompiledPack:
    """Load a pack from its directory or from one file; raises PackError with every mistake."""
    shown = path if path.is_file() else path / MAIN
    return compile_source(read_files(path), str(shown))


def audit_pack(path: "Path") -> Audit:
    """Load a pack as `load_pack` does, and tell who sees what in it, and what its rules disclose."""
    shown = path if path.is_file() else path / MAIN
    return Audit(*_compiled(read_files(path), str(shown)))


def compile_source(files: "Mapping[str, str]", shown: str = MAIN) -> CompiledPack:
    """Compile a pack from its files by name, `pack.yaml` among them; raises PackError.

    `shown` is what problems call that file.
    """
    return _compiled(files, shown)[0]


def _compiled(files: "Mapping[str, str]", shown: str) -> "tuple[CompiledPack, tuple[Disclosure, ...]]":
    problems = Problems()
    if MAIN not in files:
        raise _unreadable(shown, 1, 1, "no_pack", f"there is no {MAIN}")
    _check_files(files, problems)
    source = read_source(shown, files[MAIN], problems)
    definition = read_definition(source, problems)
    if definition is not None:
        compiled = compile_pack(definition, source, digest(files), problems)
        problems.refuse()
        return compiled
    problems.refuse()
    raise _unreadable(shown, 1, 1, "not_a_pack", "this is not a pack")


def digest(files: "Mapping[str, str]") -> str:
    """Return the SHA-256 of a pack's files, in hex; line ends count alike on every system."""
    hashed = hashlib.sha256()
    for name in sorted(files):
        text = files[name].removeprefix("\ufeff").replace("\r\n", "\n")
        for part in (name, text):
            raw = part.encode("utf-8", "surrogatepass")
            hashed.update(len(raw).to_bytes(8, "big") + raw)
    return hashed.hexdigest()


def read_files(path: "Path") -> dict[str, str]:
    """Return a pack's files by name: `pack.yaml`, `tests/*.yaml` and the README; raises PackError."""
    if path.is_dir():
        return {name: _text(file) for name, file in _listed(path)}
    return {MAIN: _text(path)}


def _check_files(files: "Mapping[str, str]", problems: Problems) -> None:
    if len(files) > MAX_FILES:
        raise _unreadable(MAIN, 1, 1, "too_large", f"a pack has at most {MAX_FILES} files")
    for name, text in files.items():
        if name not in (MAIN, README) and not _TEST.match(name):
            hint = f"there is {MAIN}, {README} and tests/*.yaml"
            problems.add(Place(name, 1, 1), "unknown_file", f"'{name}' is no part of a pack", hint)
        if len(text) > MAX_BYTES:
            problems.add(Place(name, 1, 1), "too_large", f"the file is larger than {MAX_BYTES} bytes")
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            problems.add(Place(name, 1, 1), "not_utf8", "the file is not UTF-8 text")


def _listed(directory: "Path") -> "Iterator[tuple[str, Path]]":
    yield MAIN, directory / MAIN
    if (directory / README).is_file():
        yield README, directory / README
    for file in sorted((directory / "tests").glob("*.yaml")):
        yield f"tests/{file.name}", file


def _text(file: "Path") -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise _unreadable(str(file), 1, 1, "too_large", f"the file is larger than {MAX_BYTES} bytes")
        raw = file.read_bytes()
    except OSError as error:
        raise _unreadable(str(file), 1, 1, "no_file", f"the file cannot be read: {error.strerror}") from error
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        raise _unreadable(str(file), line, column, "not_utf8", "the file is not UTF-8 text") from error


def _unreadable(file: str, line: int, column: int, code: str, message: str) -> PackError:
    place = Place(file, line, column)
    return PackError("the pack has 1 mistake", problems=(PackProblem(code, message, str(place), place=place),))
