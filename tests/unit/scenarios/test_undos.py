"""Tests of packs undo what was done, as the engine does."""

from reality_engine.packs.loader import compile_source
from reality_engine.scenarios.runner import run_file

PACK = compile_source(
    {
        "pack.yaml": """
pack: notes
version: 1.0.0
roles: {gm: {sees: everything}, player: {default: true}}
undo: now - event.at < duration('3m') && (event.by == me.id || 'gm' in me.roles)
kinds:
  note: {visible_to: [members], fields: {size: {type: integer, default: 0}}}
actions:
  write: {allow: "true", effects: [{create: {kind: note, name: note}}], visible_to: [members]}
  grow: {target: note, allow: "true", effects: [{add: {target.size: 1}}], visible_to: [members]}
reactions:
  echo: {to: {action: grow}, when: target.size == 2, effects: [{add: {target.size: 10}}], visible_to: [members]}
"""
    }
)
TESTS = """
given:
  members: {gia: [gm], mira: }
  steps: [{as: mira, do: write, bind: {note: note}}]
tests:
  what one has done, one may undo for a while:
    when:
      - {as: mira, do: grow, target: note, bind_events: {grown: grow}}
      - {as: mira, do: world.undo, input: {event: grown}, then: {state: {note: {size: 0}}, events: [world.undone]}}
      - {as: mira, do: world.undo, input: {event: grown}, then: {refused: already_undone}}
      - {as: mira, do: grow, target: note, bind_events: {again: grow}}
      - {as: mira, do: world.undo, input: {event: again}, at: "2026-01-02T12:00:00Z"}
    then: {refused: denied}
  a cascade is undone as a whole:
    when:
      - {as: mira, do: grow, target: note}
      - {as: mira, do: grow, target: note, bind_events: {grown: grow}}
      - {as: mira, do: world.undo, input: {event: grown}, then: {refused: built_upon}}
      - {as: mira, do: world.undo, input: {event: grown, cascade: true}, bind_events: {undone: world.undone}}
      - {as: mira, do: world.undo, input: {event: undone}}
    then: {state: {note: {size: 12}}}
"""


def test_tests_of_packs_undo() -> None:
    outcomes = list(run_file(PACK, "tests/undos.yaml", TESTS))
    assert [one.message for one in outcomes if not one.passed] == []
    assert len(outcomes) == 2
