from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from reality_engine.actions.answer import Answer
from reality_engine.actions.schemas import ActResponse
from reality_engine.actions.thin import told
from reality_engine.kernel.json import MAX_INTEGER
from reality_engine.web.envelope import Envelope

DECLARED = TypeAdapter(Envelope[ActResponse])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.recursive(
    st.none() | st.booleans() | TEXTS | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=20,
)  # fmt: skip
CHANGES = st.fixed_dictionaries(
    {
        "entity": st.sampled_from(["a", "b"]),
        "kind": TEXTS,
        "field": st.sampled_from(["@life", "coin"]),
        "before": st.none() | st.just("live"),
        "after": st.sampled_from(["live", "deleted"]),
    }
)
EVENTS = st.fixed_dictionaries({"id": TEXTS, "data": PLAIN}, optional={"changes": st.lists(CHANGES, max_size=3)})


ANSWERS = st.builds(Answer, st.just("accepted"), st.lists(EVENTS, max_size=3).map(tuple), repeated=st.booleans())


@given(ANSWERS)
def test_what_is_told_is_what_the_declared_route_tells(answer: Answer) -> None:
    assert told(answer) == DECLARED.dump_json(Envelope(data=ActResponse.of(answer)))
