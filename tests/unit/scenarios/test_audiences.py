"""Tests of packs see what the engine shows: conditions, owners, refs, and what effects revealed or concealed."""

from textwrap import dedent, indent

import pytest

from reality_engine.packs.loader import compile_source
from reality_engine.scenarios.runner import run_file

PACK = compile_source(
    {
        "pack.yaml": """
pack: secrets
version: 1.0.0
roles: {gm: {sees: everything}, player: {default: true}}
kinds:
  safe:
    owned: true
    visible_to: [members]
    owner_visible_to: [owner]
    fields:
      name:  {type: text, default: safe}
      open:  {type: boolean, default: false}
      gold:  {type: integer, default: 1, visible_to: [{when: self.open, to: [members]}, owner]}
      code:  {type: text, default: "1234", visible_to: [owner]}
  copy:
    visible_to: [owner of safe]
    fields: {safe: {type: ref, kind: safe}}
actions:
  build:
    allow: "true"
    effects:
      - create: {kind: safe, name: safe}
      - create: {kind: copy, name: copy, fields: {safe: =safe.id}}
    visible_to: [actor]
  open: {target: safe, allow: "true", effects: [{set: {target.open: true}}], visible_to: [members]}
  give:
    target: safe
    input: {to: text}
    allow: "true"
    effects: [{own: {entity: target, owner: =input.to}}]
    visible_to: [members]
  spy: {target: safe, allow: "true", effects: [{reveal: {field: target.code, to: [actor]}}]}
  hush: {target: safe, allow: "true", effects: [{conceal: {field: target.code}}]}
  wreck: {target: safe, allow: "true", effects: [{delete: target}]}
  tell:
    input: {what: {type: event}}
    allow: "true"
    effects: [{reveal: {event: input.what, to: [members]}}]
"""
    }
)
GIVEN = """given:
  members: {gia: [gm], mo: null, nell: null}
  steps:
    - {as: mo, do: build, bind: {safe: safe, copy: copy}, bind_events: {building: build}}
"""


def failing(steps: str) -> str:
    text = f"{GIVEN}tests:\n  one:\n    when:\n{indent(dedent(steps), '      ')}"
    (outcome,) = run_file(PACK, "tests/a.yaml", text)
    return outcome.message


@pytest.mark.parametrize(
    "steps",
    [
        "- {as: mo, do: open, target: safe, then: {sees: {nell: [safe, safe.gold, open]}}}",
        """
        - {as: mo, do: build, then: {cannot_see: {nell: [safe.gold, safe.owner, copy]}, sees: {mo: [safe.owner, copy]}}}
        """,
        """
        - {as: mo, do: give, target: safe, input: {to: "@nell"}, then: {sees: {nell: [safe.owner, copy, safe.code]}}}
        - {as: nell, do: open, target: safe, then: {cannot_see: {mo: [safe.owner, copy, safe.code]}}}
        """,
        """
        - {as: nell, do: spy, target: safe, then: {sees: {nell: safe.code, mo: safe.code}}}
        - {as: nell, do: hush, target: safe, then: {cannot_see: {nell: safe.code, mo: safe.code}}}
        - {as: nell, do: spy, target: safe, then: {sees: {gia: safe.code, nell: safe.code}}}
        - {as: nell, do: open, target: safe, then: {cannot_see: {mo: safe.code}}}
        """,
        """
        - {as: nell, do: tell, input: {what: building}, then: {refused: not_found, cannot_see: {nell: building}}}
        - {as: mo, do: tell, input: {what: building}, then: {sees: {nell: building}}}
        - {as: nell, do: tell, input: {what: building}}
        """,
        "- {as: mo, do: wreck, target: safe, then: {sees: {gia: safe}, cannot_see: {mo: safe}}}",
    ],
)
def test_what_holds_passes(steps: str) -> None:
    assert failing(steps) == ""


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ("- {as: mo, do: open, target: safe, then: {cannot_see: {nell: safe.gold}}}", "nell sees safe.gold"),
        ("- {as: mo, do: build, then: {sees: {nell: safe.owner}}}", "nell does not see safe.owner"),
        ("- {as: mo, do: build, then: {sees: {nell: building}}}", "nell does not see building"),
        ("- {as: nell, do: spy, target: safe, then: {cannot_see: {nell: safe.code}}}", "nell sees safe.code"),
        ("- {as: mo, do: build, bind_events: {x: open}}", "'x' must stand for one event, but there were: build"),
        ("- {as: mo, do: tell, input: {what: nothing}}", "must be the id of an event"),
    ],
)
def test_what_does_not_hold_fails(steps: str, says: str) -> None:
    assert says in failing(steps)
