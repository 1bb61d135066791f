"""Who may undo what an action did learns whether all that it changed is as it was left: what the pack has to say."""

import pytest

from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError

PACK = """
pack: safes
version: 1.0.0
roles: {gm: {sees: everything}, player: {default: true}}
UNDO
kinds:
  safe:
    owned: true
    visible_to: [members]
    fields:
      name: {type: text, default: a}
      uses: {type: meter, max: 3}
      code: {type: text, visible_to: [owner]}
  alarm: {visible_to: [nobody], fields: {rings: {type: integer, default: 0}}}
actions:
  name: {target: safe, allow: "true", effects: [{set: {target.name: b}}]}
  use: {target: safe, allow: "true", effects: [{add: {target.uses: 1}}]}
  lock: {target: safe, allow: "true", effects: [{set: {target.code: x}}]}
  show: {target: safe, allow: "true", effects: [{reveal: {field: target.code, to: [members]}}]}
reactions:
  ring:
    to: {event: meter.filled, kind: safe, field: uses}
    effects: [{create: {kind: alarm}}]
"""


def told(*changes: tuple[str, str], undo: str = "") -> list[tuple[str, int, str]]:
    """Return the problems of the pack with these changes."""
    source = PACK.replace("UNDO", undo)
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    try:
        compile_source({"pack.yaml": source})
    except PackError as error:
        return [(one.code, one.place.line, one.message) for one in error.problems]
    return []


def of(action: str, *more: str) -> tuple[str, str]:
    return (f"\n  {action}: {{", f"\n  {action}: {{{', '.join(('undo: event.by == me.id', *more))}, ")


def test_what_all_members_see_may_be_undone_by_anybody() -> None:
    assert told(of("name")) == []
    own = "undo: now - event.at < duration('1h') && event.by == me.id"
    assert told(("\n  name: {", f"\n  name: {{{own}, ")) == []


@pytest.mark.parametrize(("action", "field"), [("lock", "safe.code"), ("use", "alarm.rings")])
def test_what_is_hidden_from_a_member_must_be_disclosed(action: str, field: str) -> None:
    ((code, line, message),) = told(of(action))
    assert (code, line) == ("undeclared_flow", PACK[: PACK.index(f"  {action}: ")].count("\n") + 1)
    assert message.startswith(f"'{field}' is seen by")
    assert told(of(action, f"discloses: [{field}]")) == []


def test_who_saw_what_is_undone_by_those_alone_who_see_everything() -> None:
    assert [code for code, _, _ in told(of("show"))] == ["bad_undo"]


def test_a_pack_says_it_for_all_actions_that_do_not() -> None:
    found = {line: code for code, line, _ in told(undo="undo: 'true'")}
    assert sorted(found.values()) == ["bad_undo", "undeclared_flow", "undeclared_flow"]
    assert told(undo="undo: event.by == me.ident")[0][0] == "bad_expression"


def test_what_nobody_may_undo_tells_nothing() -> None:
    others = [(f"\n  {name}: {{", f"\n  {name}: {{undo: 'false', ") for name in ("use", "lock", "show")]
    assert told(*others, undo="undo: 'true'") == []


def test_no_reaction_answers_an_undo() -> None:
    ((code, _, _),) = told(("to: {event: meter.filled, kind: safe, field: uses}", "to: {action: world.undo}"))
    assert code == "bad_trigger"
