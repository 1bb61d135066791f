import pytest

from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.grant import Grant
from reality_engine.kernel.granting import InsufficientScopeError, require_granted
from reality_engine.kernel.principal import Principal, PrincipalKind

HERE, THERE = "here", "there"


def bot(grant: Grant | None) -> Principal:
    return Principal(PrincipalKind.BOT, "b", "Crow", "k", grant=grant)


@pytest.mark.parametrize("grant", [None, Grant(), Grant(frozenset({HERE})), Grant(actions=frozenset({"plan.make"}))])
def test_what_is_granted_is_granted(grant: Grant | None) -> None:
    require_granted(bot(grant), "plan.make", HERE)


@pytest.mark.parametrize(
    ("named", "asked", "allowed"),
    [
        ("plan.make", "plan.make", True),
        ("plan.make", "plan.maker", False),
        ("plan.*", "plan.make", True),
        ("plan.*", "plan.make.twice", True),
        ("plan.*", "plan", False),
        ("plan.*", "planet.make", False),
        ("plan.make.*", "plan.make", False),
    ],
)
def test_a_star_stands_for_names_that_begin_alike(named: str, asked: str, *, allowed: bool) -> None:
    assert Grant(actions=frozenset({named})).allows(asked) is allowed


def test_other_worlds_are_not_there_whatever_is_asked_of_them() -> None:
    with pytest.raises(NotFoundError):
        require_granted(bot(Grant(frozenset({HERE}), reads_only=True)), "plan.make", THERE)


@pytest.mark.parametrize("grant", [Grant(actions=frozenset({"other"})), Grant(reads_only=True)])
def test_other_actions_are_refused_in_words_of_their_own(grant: Grant) -> None:
    with pytest.raises(InsufficientScopeError):
        require_granted(bot(grant), "plan.make", HERE)


def test_what_can_be_proposed_is_left_to_the_rules_and_the_rest_refused() -> None:
    proposing = bot(Grant(proposals_only=True))
    require_granted(proposing, "plan.make", HERE)
    with pytest.raises(InsufficientScopeError):
        require_granted(proposing, "world.upgrade", HERE, can_wait=False)
