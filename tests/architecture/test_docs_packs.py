"""Everything that docs/packs.md shows is true: its packs compile, its mistakes are told as printed."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.definitions.effects import EFFECTS
from reality_engine.packs.definitions.values import FieldDefinition, TypeName
from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError, Problems
from reality_engine.packs.reader import read_source
from reality_engine.scenarios.runner import run_file
from scripts.write_expression_docs import PAGE, written

TEXT = PAGE.read_text()
BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```yaml\n(?P<yaml>.*?)^```$", re.MULTILINE | re.DOTALL)
SOURCES = Path(__file__).parents[2] / "src" / "reality_engine" / "packs"


@dataclass(frozen=True)
class Block:
    line: int
    mark: str
    yaml: str
    at: int

    def __str__(self) -> str:
        return f"line {self.line}"


BLOCKS = [
    Block(TEXT.count("\n", 0, found.start("yaml")) + 1, found["mark"] or "", found["yaml"], found.end("yaml"))
    for found in BLOCK.finditer(TEXT)
]
PACKS = [block for block in BLOCKS if not block.mark]
FRAGMENTS = [block for block in BLOCKS if block.mark.startswith("fragment of: ")]
TESTS = [block for block in BLOCKS if block.mark.startswith("tests of: ")]
EFFECT_EXAMPLES = [block for block in FRAGMENTS if block.mark == "fragment of: effects"]
REFUSED = [block for block in BLOCKS if block.mark == "refused"]


def data(text: str) -> Any:
    problems = Problems()
    source = read_source("pack.yaml", text, problems)
    problems.refuse()
    return source.data


FRAMES = {data(block.yaml)["pack"]: data(block.yaml) for block in PACKS}


def example(pack: Any, **parts: Any) -> None:
    pack["actions"]["example"] = {"actor": "character", "target": "faction", "allow": "true", **parts}


def add_to(section: str) -> Callable[[Any, Any], None]:
    return lambda pack, fragment: pack.setdefault(section, {}).update(fragment)


PLACES: dict[str, Callable[[Any, Any], None]] = {
    **{section: add_to(section) for section in ("roles", "kinds", "actions", "reactions", "schedules")},
    "fields": lambda pack, fragment: pack["kinds"]["character"]["fields"].update(fragment),
    "effects": lambda pack, fragment: example(pack, effects=fragment),
    "seeds": lambda pack, fragment: pack.setdefault("seeds", []).extend(fragment),
}


def frame_of(block: Block) -> str:
    return block.mark.partition(" in ")[2] or "harbor"


def framed(name: str, *fragments: Block) -> CompiledPack:
    """Compile fragments inside of the pack that the page says they belong to; JSON is YAML."""
    pack = copy.deepcopy(FRAMES[name])
    for block in fragments:
        PLACES[block.mark.removeprefix("fragment of: ").partition(" in ")[0]](pack, data(block.yaml))
    return compile_source({"pack.yaml": json.dumps(pack)})


def whole(name: str, *more: Block) -> CompiledPack:
    """Compile a pack of the page with all fragments that belong to it, but for effects, which are `more`."""
    return framed(
        name, *(block for block in FRAGMENTS if block not in EFFECT_EXAMPLES and frame_of(block) == name), *more
    )


def test_the_page_has_examples() -> None:
    assert len(PACKS) == 2
    assert len(FRAGMENTS) > 15
    assert TEXT.count("```yaml") == len(PACKS) + len(FRAGMENTS) + len(TESTS) + len(REFUSED)


@pytest.mark.parametrize("block", PACKS, ids=str)
def test_every_whole_pack_compiles(block: Block) -> None:
    assert compile_source({"pack.yaml": block.yaml}).name in FRAMES


@pytest.mark.parametrize("block", FRAGMENTS, ids=str)
def test_every_fragment_compiles_where_it_belongs(block: Block) -> None:
    assert framed(frame_of(block), block).actions


@pytest.mark.parametrize("block", TESTS, ids=str)
def test_every_test_on_the_page_passes(block: Block) -> None:
    outcomes = list(run_file(whole(block.mark.removeprefix("tests of: ")), str(block), block.yaml))
    assert len(outcomes) == 3
    assert [outcome.message for outcome in outcomes if not outcome.passed] == []


@pytest.mark.parametrize("block", EFFECT_EXAMPLES, ids=str)
def test_every_example_of_effects_can_be_carried_out(block: Block) -> None:
    step = {"as": "mo", "do": "example", "actor": "mira", "target": "knives"}
    given = data(next(block.yaml for block in TESTS if block.mark == "tests of: harbor"))["given"]
    (outcome,) = run_file(
        whole("harbor", block), str(block), json.dumps({"given": given, "tests": {"it": {"when": [step]}}})
    )
    assert outcome.passed, outcome.message


@pytest.mark.parametrize("block", REFUSED, ids=str)
def test_mistakes_are_told_as_printed(block: Block) -> None:
    printed = re.compile(r"```text\n(.*?)\n?```", re.DOTALL).search(TEXT, block.at)
    assert printed is not None
    with pytest.raises(PackError) as refused:
        compile_source({"pack.yaml": block.yaml})
    assert str(refused.value) == printed[1]


@pytest.mark.parametrize("effect", EFFECTS)
def test_every_effect_is_explained_with_an_example(effect: str) -> None:
    assert f"**{effect}**" in TEXT
    assert any(re.search(rf"(^|[\[{{ ]){effect}:", block.yaml) for block in FRAGMENTS)


def test_every_type_and_key_of_a_field_is_explained() -> None:
    explained = set(re.findall(r"`([a-z_]+)(?:[:`])", TEXT))
    assert {*get_args(TypeName), *FieldDefinition.model_fields} - {"type"} <= explained


def test_every_code_of_a_mistake_is_explained() -> None:
    found = set()
    for file in SOURCES.rglob("*.py"):
        found |= set(re.findall(r"(?:problems\.add|_unreadable|_stop)\([^\"]*?, \"([a-z0-9_]+)\"", file.read_text()))
    assert found
    assert found - set(re.findall(r"`([a-z0-9_]+)`", TEXT)) == set()


def test_the_tables_are_in_step_with_the_code() -> None:
    assert written(TEXT) == TEXT, "run scripts/write_expression_docs.py"
