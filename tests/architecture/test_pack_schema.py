"""`docs/pack.schema.json` is written from the definitions: run this file as a program to write it again."""

import json
from pathlib import Path

from reality_engine.packs.json_schema import pack_schema

WRITTEN = Path(__file__).parents[2] / "docs" / "pack.schema.json"


def as_text() -> str:
    return json.dumps(pack_schema(), indent=2, ensure_ascii=False) + "\n"


def test_the_committed_schema_is_that_of_the_definitions() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == as_text(), f"run: python {Path(__file__).name}"


def test_every_key_says_what_it_is() -> None:
    for name, model in pack_schema()["$defs"].items():
        assert model["description"], name
        for key, member in model["properties"].items():
            known = member.get("description") or "$ref" in member
            assert known, f"{name}.{key}"


if __name__ == "__main__":
    WRITTEN.write_text(as_text(), encoding="utf-8")
