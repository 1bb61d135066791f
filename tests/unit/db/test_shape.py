from reality_engine.db.shape import shape_of
from reality_engine.directory.models import WorldRow
from reality_engine.state.models import EntityRow
from reality_engine.visibility.models import EntityTextRow, EventAudienceRow


def test_a_row_has_its_values_in_the_order_of_the_model() -> None:
    shape = shape_of(EntityRow)
    assert shape.names == ("world", "id", "kind", "owner", "life", "audience", "since")
    assert shape.key == ("world", "id")
    assert shape.key_of(("w", "e", "kind", None, "live", 1, None, 1)) == ("w", "e")
    assert shape.rest == ("kind", "owner", "life", "audience", "since")


def test_what_the_database_numbers_is_known_by_its_unique_constraint() -> None:
    shape = shape_of(EntityTextRow)
    assert shape.names == ("world", "entity", "facet", "kind", "words")
    assert shape.key == ("world", "entity", "facet")


def test_a_key_of_one_column_is_a_key_too() -> None:
    assert shape_of(WorldRow).key_of(("w", "pack", None, None)) == ("w",)


def test_a_table_may_be_all_key() -> None:
    assert shape_of(EventAudienceRow).rest == ()


def test_there_is_one_shape_for_a_table() -> None:
    assert shape_of(EntityRow) is shape_of(EntityRow)
