"""Who has which right on a server: nobody has what was not given."""

import pytest

from reality_engine.accounts.rights import NOTHING_CHOSEN, Right, Rights
from reality_engine.kernel.errors import DeniedError
from reality_engine.kernel.principal import ANONYMOUS, SERVER, WORLD, Principal, PrincipalKind

MIRA = Principal(PrincipalKind.PERSON, "mira")
ROOT = Principal(PrincipalKind.PERSON, "root", admin=True)


@pytest.mark.parametrize("right", list(Right))
def test_a_right_that_was_not_given_takes_an_administrator(right: Right) -> None:
    rights = Rights(frozenset())
    with pytest.raises(DeniedError, match="only administrators of this server"):
        rights.require(MIRA, right)
    rights.require(ROOT, right)


def test_people_create_worlds_and_upload_packs_unless_the_operator_chose_otherwise() -> None:
    assert [right for right in Right if NOTHING_CHOSEN.has(MIRA, right)] == [Right.CREATE_WORLDS, Right.UPLOAD_PACKS]


@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize(
    "nobody", [ANONYMOUS, WORLD, SERVER, Principal(PrincipalKind.BOT, "ada", admin=True)], ids=lambda one: one.kind
)
def test_only_people_have_rights(nobody: Principal, right: Right) -> None:
    assert not Rights(frozenset(Right)).has(nobody, right)
    with pytest.raises(DeniedError):
        NOTHING_CHOSEN.require(nobody, right)
