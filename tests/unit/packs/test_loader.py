import json
from pathlib import Path

import pytest

from reality_engine.packs.loader import compile_source, digest, load_pack
from reality_engine.packs.problems import PackError

EXAMPLES = Path(__file__).parent / "examples"
HARBOR = (EXAMPLES / "harbor_example.yaml").read_text()


def refused(path: Path) -> str:
    with pytest.raises(PackError) as raised:
        load_pack(path)
    return str(raised.value)


def test_a_directory_and_a_file_give_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(HARBOR)
    directory, file = load_pack(tmp_path), load_pack(EXAMPLES / "harbor_example.yaml")
    assert directory.digest == file.digest
    assert list(directory.actions) == list(file.actions)


def test_tests_and_readme_belong_to_a_pack(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(HARBOR)
    before = load_pack(tmp_path).digest
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "one.yaml").write_text("given: []")
    with_test = load_pack(tmp_path).digest
    (tmp_path / "README.md").write_text("# Harbor")
    assert len({before, with_test, load_pack(tmp_path).digest}) == 3


def test_line_ends_do_not_change_the_digest() -> None:
    assert digest({"pack.yaml": "a: 1\r\n"}) == digest({"pack.yaml": "a: 1\n"})


def test_problems_name_the_file_as_the_caller_did(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("pack: x\nversion: 1.0.0\nroles: {gm: {admin: true}}\ncolour: blue\n")
    assert refused(tmp_path).startswith(f"{tmp_path}/pack.yaml:4:1: error: unknown key 'colour'")


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert "[no_file]" in refused(tmp_path / "none.yaml")
    assert "[no_file]" in refused(tmp_path)


def test_what_is_not_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_bytes(b"pack: x\ntitle: caf\xe9\n")
    assert "pack.yaml:2:11: error: the file is not UTF-8 text [not_utf8]" in refused(tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_bytes(b"#" * 1_000_001)
    assert "[too_large]" in refused(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"), [("", "the file is empty"), ("- a", "it is a list"), ("5", "it is an integer")]
)
def test_what_is_no_mapping_is_told(text: str, said: str) -> None:
    with pytest.raises(PackError) as raised:
        compile_source({"pack.yaml": text})
    assert said in str(raised.value)


def test_files_without_a_pack_are_told() -> None:
    with pytest.raises(PackError, match=r"there is no pack.yaml"):
        compile_source({"README.md": "# x"})


def test_every_mistake_is_told_in_the_order_of_the_source() -> None:
    source = (
        HARBOR.replace("gm:     {title", "gm:     {titel: x, title")
        .replace("max: 8}", "max: 0}")
        .replace("self.coin >= 0", "self.coins >= 0")
        .replace("=input.faction", "=input.fraction")
        .replace("by: gm", "by: gn")
        .replace("Europe/Lisbon", "Europe/Lisboa")
    )
    with pytest.raises(PackError) as raised:
        compile_source({"pack.yaml": source})
    problems = raised.value.problems
    assert [problem.code for problem in problems] == [
        "unknown_key", "bad_value", "bad_expression", "bad_expression", "unknown_role", "unknown_zone",
    ]  # fmt: skip
    assert [problem.place.line for problem in problems] == sorted(problem.place.line for problem in problems)


def test_problems_can_be_read_by_editors() -> None:
    with pytest.raises(PackError) as raised:
        compile_source({"pack.yaml": HARBOR.replace("perform: pass_downtime", "perform: pass_down")})
    assert raised.value.code == "bad_pack"
    assert raised.value.problems[0].as_json() == {
        "file": "pack.yaml",
        "line": 61,
        "column": 66,
        "code": "unknown_action",
        "message": "there is no action 'pass_down'",
        "hint": "did you mean 'pass_downtime'?",
    }


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("run.sh", "", "unknown_file"),
        ("../pack.yaml", "", "unknown_file"),
        ("tests/../../x.yaml", "", "unknown_file"),
        ("README.md", "\ud800", "not_utf8"),
        ("tests/one.yaml", "x" * 1_000_001, "too_large"),
    ],
)
def test_files_that_cannot_belong_to_a_pack_are_told(name: str, text: str, code: str) -> None:
    with pytest.raises(PackError) as raised:
        compile_source({"pack.yaml": HARBOR, name: text})
    assert [problem.code for problem in raised.value.problems] == [code]


def test_the_parts_of_a_digest_cannot_be_mixed_up() -> None:
    assert digest({"ab": "c"}) != digest({"a": "bc"})


def test_what_is_computed_from_a_personal_field_is_personal_too() -> None:
    kind = {
        "name": {"type": "text", "personal": True},
        "size": {"type": "integer", "computed": "self.name.size()"},
        "big": {"type": "boolean", "computed": "self.size > 3"},
        "small": {"type": "boolean", "computed": "1 < 3"},
    }
    roles = "pack: x\nversion: 1.0.0\nroles: {gm: {admin: true}}\n"
    pack = compile_source({"pack.yaml": f"{roles}kinds: {json.dumps({'hero': {'fields': kind}})}"})
    assert [field.name for field in pack.kinds["hero"].fields.values() if field.personal] == ["name", "size", "big"]
