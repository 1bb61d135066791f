from reality_engine.erasure.voice import Source, Voice, voice_of
from reality_engine.packs.loader import compile_source

PACK = """
pack: x
version: 1.0.0
roles: {gm: {admin: true, sees: everything}}
kinds:
  band: {visible_to: [members], fields: {title: text}}
  hero:
    owned: true
    visible_to: [members]
    fields: {name: {type: text, personal: true}, age: {type: integer, personal: true}, band: {type: ref, kind: band}}
actions:
  shout:
    actor: hero
    input: {text: text, loud: {type: integer}}
    allow: "true"
    visible_to: [members]
    effects:
      - emit: {type: shouted, visible_to: [members], data: {of: "=actor.name", text: "=input.text", fixed: aha}}
    narrative: "{actor.name} {actor.age} {actor.name + '!'} {actor.band.title} {input.text} {input.loud} {me.name}"
"""


def voice() -> Voice:
    return voice_of(compile_source({"pack.yaml": PACK}))


def test_what_a_narrative_is_made_of_is_known_hole_by_hole() -> None:
    found = [voice().argument("{0} {1} {2} {3} {4} {5} {6}", str(number)) for number in range(7)]
    assert found == [
        Source.VALUE, Source.VALUE, Source.DERIVED, Source.OTHER, Source.SAID, Source.OTHER, Source.ACTOR,
    ]  # fmt: skip


def test_what_is_not_known_is_taken_for_what_somebody_said() -> None:
    assert voice().argument("{0} of another pack", "0") is Source.SAID
    assert voice().datum("unheard.of", "text") is Source.SAID


def test_the_data_of_events_is_known_by_their_type() -> None:
    found = [voice().datum("shouted", name) for name in ("of", "text", "fixed")]
    assert found == [Source.VALUE, Source.SAID, Source.OTHER]
    assert voice().datum("meter.filled", "kind") is Source.OTHER
