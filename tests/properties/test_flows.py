"""Whoever sees more learns less by other ways: neither a role that sees everything nor a wider field adds a flow."""

import re

from hypothesis import given
from hypothesis import strategies as st

from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError
from tests.unit.packs.flow.test_flows import BASE, CASES

PACKS = [BASE + pack for case in CASES for pack in (case.leaks, case.fine)]
FIELD = re.compile(r"(?P<name>[a-z]+): \{type: [^{}]*visible_to: \[(?P<audience>[a-z, ]+)\]")


def flows(source: str) -> set[tuple[int, str]]:
    """Return the line of each undeclared flow, and what flows."""
    try:
        compile_source({"pack.yaml": source})
    except PackError as error:
        told = [each for each in error.problems if each.code == "undeclared_flow"]
        return {(each.place.line, each.message.split("'")[1]) for each in told}
    return set()


@given(pack=st.sampled_from(PACKS))
def test_a_role_that_sees_everything_never_adds_a_flow(pack: str) -> None:
    more = pack.replace("  gm: {sees: everything}", "  gm: {sees: everything}\n  seer: {sees: everything}", 1)
    assert {(line - 1, what) for line, what in flows(more)} <= flows(pack)


@given(data=st.data(), pack=st.sampled_from(PACKS))
def test_a_field_that_more_see_never_flows_where_it_did_not(data: st.DataObject, pack: str) -> None:
    field = data.draw(st.sampled_from(list(FIELD.finditer(pack))))
    start, end = field.span("audience")
    wider = data.draw(st.sampled_from(["everyone", f"{field['audience']}, scribe", f"{field['audience']}, members"]))
    name = field["name"]
    before = {each for each in flows(pack) if each[1].endswith(f".{name}")}
    after = {each for each in flows(pack[:start] + wider + pack[end:]) if each[1].endswith(f".{name}")}
    assert after <= before
