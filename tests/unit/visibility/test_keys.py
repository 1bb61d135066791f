from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from reality_engine.packs.audience import EVERYONE, MEMBERS, role_key
from reality_engine.state.audience import group_key, user_key
from reality_engine.visibility.keys import pack_key

IDS = st.integers(0, 2**128 - 1).map(lambda number: str(UUID(int=number)))
NAMES = IDS | IDS.map(str.upper) | st.text(max_size=20) | st.sampled_from(["everyone", "members", "*", "m", ""])
KEYS = st.sampled_from([EVERYONE, MEMBERS]) | NAMES.map(user_key) | NAMES.map(group_key) | NAMES.map(role_key)


@given(KEYS, KEYS)
def test_different_keys_are_never_stored_alike(one: str, other: str) -> None:
    assert (pack_key(one) == pack_key(other)) is (one == other)


@given(IDS)
def test_a_key_of_an_id_takes_seventeen_bytes(key: str) -> None:
    assert {len(pack_key(user_key(key))), len(pack_key(group_key(key)))} == {17}
