"""Writes the pictures of packages and tables into docs/architecture.md; a test holds the page to the code."""

import configparser
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from sqlalchemy import Column, Table

from reality_engine.app.tables import all_tables

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "architecture.md"
# References by id that are no foreign keys of the database: (one, how many of each, other, what it says).
_REFERENCES: Final = (
    ("pack_versions", "||..o{", "worlds", "runs in"),
    ("worlds", "||..||", "world_heads", "ends at"),
    ("worlds", "||..o{", "events", "log"),
    ("worlds", "||..o{", "entities", "state"),
    ("worlds", "||..o{", "outbox", "to be told"),
    ("worlds", "||..o{", "idempotent_answers", "answered"),
    ("worlds", "||..o|", "rebuilds", "is rebuilt in"),
    ("events", "||..|{", "event_facets", "is shown as"),
    ("event_facets", "||..o{", "event_audiences", "seen by"),
    ("entities", "||..|{", "entity_facets", "holds"),
    ("entity_facets", "||..o{", "entity_audiences", "seen by"),
    ("entities", "||..o{", "entity_refs", "refers by"),
    ("entities", "||..o{", "entity_uniques", "is found by"),
    ("entities", "||..o{", "past_entities", "was"),
    ("entity_facets", "||..o{", "past_entity_facets", "was"),
    ("past_entity_facets", "||..o{", "past_entity_audiences", "once seen by"),
    ("past_entities", "||..o{", "past_entity_refs", "once referred by"),
    ("past_entities", "||..o{", "past_entity_uniques", "was once found by"),
)
_TYPES: Final[Mapping[str, str]] = {
    "BigInteger": "integer", "Integer": "integer", "SmallInteger": "integer", "String": "text", "Text": "text",
    "LargeBinary": "bytes", "JSON": "json", "AudienceKey": "key", "Id": "id", "Moment": "moment", "Boolean": "boolean",
}  # fmt: skip


def main() -> int:
    """Write the pictures."""
    PAGE.write_text(written(PAGE.read_text()))
    print(PAGE)
    return 0


def written(page: str) -> str:
    """Return the page with its pictures as the code has them; raises ValueError where it has no place for one."""
    for name, picture in {"packages": _packages(), "tables": _tables()}.items():
        marked = re.compile(rf"(<!-- {name}: [^\n]* -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        start = marked.search(page)
        if start is None:
            message = f"the page has no place for {name}"
            raise ValueError(message)
        page = f"{page[: start.end(1)]}\n{picture}\n{page[start.start(2) :]}"
    return page


def layers() -> list[list[str]]:
    """Return the package stack from the top, as the import contract has it."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:stack"]["layers"].split("\n")
    found = [[name.strip(" ()") for name in line.split("|")] for line in lines if line.strip()]
    return [[name for name in layer if _exists(name)] for layer in found]


def _exists(package: str) -> bool:
    return (ROOT / "src" / "reality_engine" / package / "__init__.py").exists()


def _packages() -> str:
    stack = [layer for layer in layers() if layer]
    names = [" · ".join(layer) for layer in stack]
    lines = [f'    layer{number}["{name}"]' for number, name in enumerate(names)]
    lines += [f"    layer{number} --> layer{number + 1}" for number in range(len(names) - 1)]
    rows = [f"| `{name}` | {_about(name)} |" for layer in stack for name in layer]
    return "\n".join([*_fenced(["flowchart TB", *lines]), "", "| package | what it is |", "|---|---|", *rows, ""])


def _about(package: str) -> str:
    about = (import_module(f"reality_engine.{package}").__doc__ or "").split("\n", 1)[0].strip().rstrip(".")
    return about.replace("|", "\\|")


def _tables() -> str:
    tables = all_tables().tables
    drawn = [line for name in sorted(tables) for line in _table(tables[name])]
    known = [line for one, many, other, says in _REFERENCES for line in _edge(one, many, other, says)]
    keys = sorted(
        f'    {key.column.table.name} ||--o{{ {table.name} : "{key.parent.name}"'
        for table in tables.values()
        for key in table.foreign_keys
    )
    return "\n".join([*_fenced(["erDiagram", *known, *keys, *drawn]), ""])


def _edge(one: str, many: str, other: str, says: str) -> Iterable[str]:
    missing = {one, other} - all_tables().tables.keys()
    if missing:
        message = f"there is no table {', '.join(sorted(missing))}"
        raise ValueError(message)
    yield f'    {one} {many} {other} : "{says}"'


def _table(table: Table) -> Iterable[str]:
    yield f"    {table.name} {{"
    for column in table.columns:
        marks = " ".join(
            mark for mark, holds in (("PK", column.primary_key), ("FK", bool(column.foreign_keys))) if holds
        )
        yield f"        {_type(column)} {column.name} {marks}".rstrip().replace("PK FK", "PK, FK")
    yield "    }"


def _type(column: Column[object]) -> str:
    name = type(column.type).__name__
    return _TYPES.get(name, name.lower())


def _fenced(lines: list[str]) -> list[str]:
    return ["```mermaid", *lines, "```"]


if __name__ == "__main__":
    sys.exit(main())
