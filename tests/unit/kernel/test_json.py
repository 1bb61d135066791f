import pytest

from reality_engine.kernel.json import Plain, canonical, decode, encode, same
from reality_engine.kernel.principal import ANONYMOUS, WORLD, Principal, PrincipalKind


def test_the_canonical_form_does_not_depend_on_the_order_of_keys() -> None:
    assert (
        canonical({"b": 1, "a": [1.0, None, True]})
        == b'{"a":[1,null,true],"b":1}'
        == canonical({"a": [1, None, True], "b": 1})
    )


@pytest.mark.parametrize(("left", "right"), [(True, 1), ([True], [1]), ({"a": False}, {"a": 0}), ("1", 1), (None, 0)])
def test_values_of_different_types_are_not_the_same(left: Plain, right: Plain) -> None:
    assert not same(left, right)
    assert same(left, left)


def test_numbers_are_the_same_however_they_are_held() -> None:
    assert same(1, 1.0)


def test_json_comes_back_as_it_was_written() -> None:
    value: Plain = {"a": [1, "é", None]}
    assert decode(encode(value)) == value


def test_persons_and_bots_are_known_and_others_are_not() -> None:
    assert Principal(PrincipalKind.BOT, "b").known
    assert not ANONYMOUS.known
    assert not WORLD.known


@pytest.mark.parametrize("number", [1e16, -1e17, 1.7976931348623157e308, 9007199254740992.0])
def test_a_large_number_is_read_as_the_number_it_was_written_for(number: float) -> None:
    for text in (canonical({"n": [number, 1]}), f'{{"n": [{int(number)}, 1]}}'):  # RFC 8785 and PostgreSQL
        read = decode(text)
        assert read == {"n": [number, 1]}
        assert canonical(read) == canonical({"n": [number, 1]})
