from reality_engine.packs.audience import Seer, Term
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.effects import Create, Ensure, If, Literal, Set, Slot
from reality_engine.packs.loader import compile_source

PACK = """
pack: tiny
version: 1.0.0
roles:
  head: {admin: true}
  scribe: {sees: everything, admin: false}
  guest: {default: true}
"""


def tiny() -> CompiledPack:
    return compile_source({"pack.yaml": PACK})


def test_every_pack_has_members_and_a_world() -> None:
    pack = tiny()
    assert list(pack.kinds) == ["world", "member", "invite", "ban"]
    assert pack.kinds["member"].facets[0].audience == (Seer(Term.MEMBERS),)
    assert pack.kinds["world"].facets[0].audience == (Seer(Term.EVERYONE),)
    assert pack.kinds["member"].fields["user"].unique


def test_its_actions_are_marked() -> None:
    pack = tiny()
    names = ["invite.revoke", "member.accept", "member.add", "member.ban", "member.invite", "member.join"]
    names += ["member.leave", "member.remove", "member.roles", "member.unban"]
    names += ["world.configure", "world.create", "world.delete", "world.fork", "world.transfer"]
    names += ["world.undo", "world.view_as"]
    assert sorted(name for name, action in pack.actions.items() if action.core) == names


def test_roles_are_those_of_the_pack() -> None:
    roles = tiny().kinds["member"].fields["roles"].value
    assert roles.of is not None
    assert roles.of.values == ("head", "scribe", "guest")


def test_the_creator_gets_the_first_admin_role_and_others_the_default() -> None:
    actions = tiny().actions
    (founding,) = actions["world.create"].effects
    assert isinstance(founding, If)
    creator, manages = founding.then
    assert isinstance(creator, Ensure)
    assert creator.create.fields["roles"] == Literal(["head"])
    assert isinstance(manages, Set)
    assert manages.slot == Slot(("creator",), "member", "manages")
    joining = next(effect for effect in actions["member.join"].effects if isinstance(effect, Create))
    assert joining.fields["roles"] == Literal(["guest"])
    assert actions["member.add"].inputs["roles"].default == ["guest"]


def test_joining_is_what_is_there_for_those_who_are_not_members() -> None:
    actions = tiny().actions
    names = ["world.create", "member.join", "member.accept"]
    assert [name for name, action in actions.items() if not action.members_only] == names


def test_admin_is_said_or_follows_from_seeing_everything() -> None:
    roles = tiny().roles
    assert [name for name, role in roles.items() if role.admin] == ["head"]
    assert roles["scribe"].sees_everything
    assert roles["guest"].default


def test_the_last_admin_stays() -> None:
    for name in ("member.roles", "member.remove"):
        (requirement,) = tiny().actions[name].require
        assert ("member", "manages") in requirement.that.lookups
