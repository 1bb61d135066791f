import pytest

from reality_engine.packs.problems import Problems
from reality_engine.packs.reader import MAX_BYTES, read_source
from reality_engine.packs.source import Source, Spot


def read(text: str) -> Source:
    problems = Problems()
    source = read_source("pack.yaml", text, problems)
    assert problems.found == []
    return source


def problem(text: str) -> str:
    problems = Problems()
    read_source("pack.yaml", text, problems)
    return "\n".join(map(str, problems.found))


def test_values_are_those_of_yaml_1_2() -> None:
    source = read("{a: yes, b: on, c: 010, d: 0x1F, e: 0o17, f: 1e3, g: ~, h: 2026-05-01, i: '1', j: .5, k: true}")
    assert source.data == {
        "a": "yes", "b": "on", "c": 10, "d": 31, "e": 15, "f": 1000.0, "g": None, "h": "2026-05-01", "i": "1", "j": 0.5,
        "k": True,
    }  # fmt: skip


def test_aliases_are_written_out_where_they_stand() -> None:
    assert read("a: &x [1, 2]\nb: *x").data == {"a": [1, 2], "b": [1, 2]}


def test_line_ends_and_byte_order_marks_do_not_move_places() -> None:
    source = read("\ufeffa: 1\r\nb: 2\r\n")
    assert source.data == {"a": 1, "b": 2}
    assert str((Spot(source) / "b").place) == "pack.yaml:2:4"


def test_keys_and_values_have_places() -> None:
    spot = Spot(read("a:\n  - {b: c}\n")) / "a" / 0 / "b"
    assert (str(spot.key), str(spot.place)) == ("pack.yaml:2:6", "pack.yaml:2:9")


def test_what_is_not_there_has_the_place_of_what_it_would_be_in() -> None:
    assert str((Spot(read("a: {b: c}")) / "a" / "x" / "y").place) == "pack.yaml:1:4"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: one X", "1:8"),
        ("a: 'it''s X'", "1:11"),
        ('a: "\\"q\\" \\u00e9 X"', "1:18"),
        ('a: "\\ud83d\\ude00 X"', "1:18"),
        ("a: |\n  one\n   two X\n", "3:8"),
        ("a: >-\n  one\n  two\n\n  X\n", "5:3"),
        ("a: one\n  two\n  X", "3:3"),
        ('a: "one\n  X"', "2:3"),
    ],
)
def test_a_character_of_a_text_is_found_in_each_style(text: str, place: str) -> None:
    spot = Spot(read(text)) / "a"
    assert isinstance(spot.data, str)
    assert str(spot.within(spot.data.index("X"))) == f"pack.yaml:{place}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "pack.yaml:1:6: error: the file is not YAML"),
        ("a: 1\n\tb: 2", "pack.yaml:2:1: error: the file is not YAML: while scanning"),
        ("a: 1\na: 2", "pack.yaml:2:1: error: 'a' stands here twice [duplicate_key]"),
        ("1: x", "pack.yaml:1:1: error: a key must be text, but '1' is not; put it in quotes [bad_key]"),
        ("[a]: x", "a key must be a word"),
        ("<<: {a: 1}", "merge keys"),
        ("a: !!python/object:os.system x", "pack.yaml:1:4: error: YAML tags are not used here"),
        ("a: *b", "pack.yaml:1:4: error: there is no anchor &b before this alias"),
        ("a: &a [*a]", "[too_deep]"),
        ("[" * 1000, "pack.yaml:1:41: error: values are nested more than 40 deep [too_deep]"),
        ("a: \x07", "pack.yaml:1:4: error: the file has a character that YAML does not allow"),
        ('a: "\\ud83d"', "pack.yaml:1:4: error: this has half a character"),
        ('a: "\ud83d"', "a character that YAML does not allow"),
        ("a: 1\n---\nb: 2", "pack.yaml:2:1: error: the file has more than one YAML document"),
        ("a" * (MAX_BYTES + 1), "[too_large]"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, said: str) -> None:
    assert said in problem(text)


def test_a_small_file_cannot_become_a_huge_one() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "[too_large]" in problem("\n".join(lines))


def test_all_of_json_is_read() -> None:
    assert read('{"a": "\\ud83d\\ude00\\/\\u00e9", "b": [1, -2.5e3, null, true, {}]}').data == {
        "a": "\U0001f600/é",
        "b": [1, -2500.0, None, True, {}],
    }
