"""What the workspace promises of everything in it, whatever its people do: what belongs to a thing is seen with it."""

from random import Random
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from reality_engine.packs.audience import MEMBERS
from reality_engine.packs.loader import load_pack
from reality_engine.rules.decision import Accepted, Request
from reality_engine.state.audience import facet_keys
from reality_engine.state.entity import Entity
from tests.properties.test_rules import PEOPLE, ROOT, Evening

PACK: Final = load_pack(ROOT / "packs" / "cortex")
# What belongs to what: the parts of a task, what is said of it, and the links in a note.
BELONGS: Final = {"task": "parent", "comment": "task", "link": "from"}
# What is in most of these lives happens most often.
OFTEN: Final = ["share_task", "share_note", "add_subtask", "comment_task", "link_note", "move_task", "leave_team"]


class Workspace(Evening):
    """A workspace that is used, with every promise checked after every action."""

    def request(self, dice: Random) -> Request:
        """Make up a wish, with a liking for what moves things about."""
        made = super().request(dice)
        if dice.random() < 0.5:
            return made
        action = self.pack.actions[dice.choice(OFTEN)]
        target = self.chosen(action.target, dice)
        owner = self.entities[target].owner if target in self.entities else None
        who = next((person for person in PEOPLE if person.id == owner), made.principal)
        given = {
            name: self.chosen(spec.value.kind, dice) if spec.value.base == "ref" else dice.random() < 0.3
            for name, spec in action.inputs.items()
            if spec.value.base in ("ref", "boolean") and dice.random() < 0.7
        }
        texts = {name: "said" for name, spec in action.inputs.items() if spec.value.base == "text"}
        return Request(action.name, who, None, target, {**given, **texts})

    def keep(self, accepted: Accepted) -> None:
        super().keep(accepted)
        for entity in self.entities.values():
            if entity.live and entity.kind in PACK.kinds:
                self.check_with_its_own(entity)

    def check_with_its_own(self, entity: Entity) -> None:
        """Hold an entity to be seen with what it belongs to; what belongs to nothing, by its owner or where it is."""
        above = self.entities.get(str(entity.get(BELONGS.get(entity.kind, ""))))
        if above is not None and above.live:
            assert keys(entity) == keys(above), f"a {entity.kind} is not seen as what it belongs to"
        elif entity.kind in ("task", "note"):
            alone = {f"user:{entity.owner}"} if entity.owner else set()
            team, published = entity.get("team"), entity.get("published") is True
            assert keys(entity) == ({f"group:{team}"} if team else alone) | ({MEMBERS} if published else set())


def keys(entity: Entity) -> frozenset[str]:
    return facet_keys(PACK.kinds[entity.kind], 0, entity)


@settings(max_examples=60, deadline=None)
@given(seeds=st.lists(st.integers(0, 2**32), min_size=20, max_size=80))
def test_what_belongs_to_a_thing_is_seen_by_those_who_see_it(seeds: list[int]) -> None:
    workspace = Workspace(PACK)
    workspace.play(Request("world.create", PEOPLE[0], input={"title": "Here", "joining": "open"}, founding=True), b"")
    for person in PEOPLE[1:]:
        workspace.play(Request("member.join", person), person.name.encode())
    for person in PEOPLE:
        workspace.play(Request("found_team", person, input={"name": person.name}), b"team" + person.name.encode())
        workspace.play(Request("add_task", person, input={"title": person.name}), b"task" + person.name.encode())
        workspace.play(Request("write_note", person, input={"title": person.name}), b"note" + person.name.encode())
    for seed in seeds:
        workspace.play(workspace.request(Random(seed)), str(seed).encode())
