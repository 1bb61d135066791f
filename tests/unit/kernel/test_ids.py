import uuid
from datetime import UTC, datetime, timedelta

import pytest

from reality_engine.kernel.chance import SeededChance
from reality_engine.kernel.ids import WORLD_ENTITY, fresh_id, is_id, new_id

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7_ordered_by_time() -> None:
    earlier, later = (new_id(NOW + timedelta(seconds=n), SeededChance(b"a")) for n in (0, 1))
    assert uuid.UUID(earlier).version == 7
    assert uuid.UUID(earlier).variant == uuid.RFC_4122
    assert earlier < later


def test_ids_of_one_moment_differ_unless_their_chance_is_the_same() -> None:
    assert fresh_id(NOW) != fresh_id(NOW)
    assert new_id(NOW, SeededChance(b"a")) == new_id(NOW, SeededChance(b"a"))


@pytest.mark.parametrize(
    "text", ["", "x", WORLD_ENTITY.upper() + "0", "{" + WORLD_ENTITY + "}", WORLD_ENTITY.replace("-", "")]
)
def test_only_the_one_form_is_an_id(text: str) -> None:
    assert not is_id(text)
    assert is_id(WORLD_ENTITY)
