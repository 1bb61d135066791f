"""Generated crates that many keys open, viewers who hold few keys or many, and what they ask for; no comparison."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from reality_engine.kernel.ids import fresh_id
from reality_engine.packs.loader import compile_source
from reality_engine.state.entity import Entity, Life
from reality_engine.visibility.audience import Scope
from tests.serving import NOON

CROWDED: Final = compile_source({"pack.yaml": (Path(__file__).parent / "crowds.yaml").read_text(encoding="utf-8")})
YARDS: Final = [fresh_id(NOON) for _ in range(64)]
OWNERS: Final = [fresh_id(NOON) for _ in range(2)]
CRATES: Final = [fresh_id(NOON) for _ in range(45)]
# Few of each, so that many are the same; of two texts that begin alike an index has the same beginning.
VALUES: Final[dict[str, Sequence[Any]]] = {
    "weight": [-7, 0, 1, 1, 2, 3, 9], "worth": range(10), "grade": ["low", "middle", "high"],
    "label": ["", "a", "b", "é", "\U0001f480", "x" * 100 + "a", "x" * 100 + "b"],
    "price": [-1.5, 0.0, 0.1, 3.0, 1e22], "sealed": [True, False],
}  # fmt: skip


def crowd(seed: int, yards: int, count: int) -> list[Entity]:
    """Return crates, each in up to two of the first so many yards, drawn by `seed`."""
    return [_crate(Random(f"{seed} {key}"), key, YARDS[:yards]) for key in CRATES[:count]]


def _crate(chance: Random, key: str, yards: list[str]) -> Entity:
    fields: dict[str, Any] = {name: chance.choice(held) for name, held in VALUES.items() if chance.random() < 0.85}
    fields |= {name: chance.choice(yards) for name in ("yard", "next") if chance.random() < 0.8}
    life = Life.DELETED if chance.random() < 0.1 else Life.LIVE
    return Entity(key, "crate", fields, chance.choice([None, *OWNERS]), life)


def _viewer(seed: int, yards: int, count: int) -> Scope:
    """Return a member who holds so many keys: as far as they go, such as open something."""
    opening = ["everyone", "members", "role:clerk", f"user:{OWNERS[0]}", *(f"group:{one}" for one in YARDS[:yards])]
    strange = [f"group:{one}" for one in YARDS[yards:]]
    chance = Random(seed)
    chance.shuffle(opening)
    keys = frozenset([*opening, *strange][:count])
    roles = ("player", "clerk") if "role:clerk" in keys else ("player",)
    return Scope(keys, member=True, user=OWNERS[0], roles=roles)


seeds: Final = st.integers(0, 2**32)
how_many: Final = st.sampled_from([0, 1, 3, *range(5, 13), 60])
worlds: Final = st.integers(3, 64).flatmap(
    lambda yards: st.tuples(
        st.builds(crowd, seeds, st.just(yards), st.sampled_from([4, 20, 45])),
        st.lists(st.builds(_viewer, seeds, st.just(yards), how_many), min_size=2, max_size=2),
    )
)
EVERYTHING: Final = Scope(frozenset(), everything=True, member=True, user=OWNERS[1], roles=("gm",))

_operators: Final = st.sampled_from(["==", "<", "<=", ">", ">="])
_numbers: Final = st.sampled_from(["-7", "0", "1", "2", "9"])
_labels: Final = st.sampled_from(["''", "'a'", "'b'", "'é'", f"'{'x' * 100}a'"])
# What an index finds, and what is then asked of each thing that it found: most meet it, half of them, few, or none.
_found: Final = st.one_of(
    st.builds("weight {} {}".format, _operators, _numbers),
    st.builds("weight >= {} && weight < {}".format, _numbers, _numbers),
    st.builds("weight in [{}, {}]".format, _numbers, _numbers),
    st.builds("label {} {}".format, _operators, _labels),
    st.builds("price {} {}.0".format, _operators, _numbers),
    st.sampled_from(["grade == 'low'", "grade in ['low', 'high']", "sealed", "!sealed", "is_set(weight)"]),
)
_further: Final = st.sampled_from(
    ["worth >= 0", "worth > 4", "worth == 9", "worth > 9", "size(label) < 100", "owner == me", "!(worth < weight)"]
)
ASKED: Final = st.one_of(
    st.none(), _found, st.builds("{} && {}".format, _found, _further), st.builds("{} && {}".format, _found, _found),
    st.builds("{} && {} && {}".format, _found, _further, _found), _further,
)  # fmt: skip
_order: Final = st.sampled_from(["weight", "label", "grade", "price", "sealed"]).flatmap(
    lambda name: st.sampled_from([name, f"-{name}"])
)
IN_ORDER: Final = st.one_of(
    st.just(""), _order, _order, _order, st.builds("{},-worth".format, _order), st.builds("{},id".format, _order)
)
