from scripts.write_error_codes import PAGE, page


def test_the_page_of_error_codes_is_in_step_with_the_table() -> None:
    assert PAGE.read_text() == page(), "run scripts/write_error_codes.py"
