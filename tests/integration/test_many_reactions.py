"""An action whose reactions each read something else needs few rounds of loading, not one for each."""

from reality_engine.actions.turn import MAX_ROUNDS
from reality_engine.projection.verify import verify
from tests.playing import play
from tests.serving import serving

PACK = """
pack: bells
version: 1.0.0
title: Bells
roles:
  gm:     {title: Game master, sees: everything}
  player: {title: Player, default: true}
kinds:
  tower:
    visible_to: [everyone]
    fields: {name: {type: text, required: true}, rung: {type: integer, default: 0}}
  bell:
    visible_to: [everyone]
    fields: {tower: {type: ref, kind: tower}, town: {type: ref, kind: tower}}
actions:
  settle:
    allow: "true"
    effects: [{create: {kind: tower, fields: {name: town}}}]
    visible_to: [everyone]
  build:
    target: tower
    input: {names: {type: list, of: text}}
    allow: "true"
    effects:
      - for_each:
          item: name
          in: =input.names
          do:
            - create: {kind: tower, name: tower, fields: {name: =name}}
            - create: {kind: bell, fields: {tower: =tower.id, town: =target.id}}
    visible_to: [everyone]
  ring:
    target: tower
    allow: "true"
    effects:
      - for_each:
          item: bell
          in: "=referring(target, 'bell.town')"
          do: [{emit: {type: rung, about: bell, visible_to: [everyone]}}]
    visible_to: [everyone]
reactions:
  count:
    to: {event: rung}
    effects: [{add: {entity.tower.rung: 1}}]
"""


async def test_what_all_reactions_lack_is_asked_for_at_once(database_url: str) -> None:
    async with serving(database_url) as server:
        table = await play(server, PACK, "bells")
        await table.do("Mira", "settle")
        town = await table.id_of("tower", "town")
        number = MAX_ROUNDS + 20
        await table.do("Mira", "build", target=town, input={"names": [f"t{each}" for each in range(number)]})
        events = await table.do("Mira", "ring", target=town)
        assert sum(event.get("type") == "rung" for event in events) == number
        assert sum(len(event.get("changes", ())) for event in events) == number
        context = server.app.state
        async with context.context.units.read() as unit:
            await verify(unit, table.world, context.packs)
