from scripts.write_architecture import PAGE, layers, written


def test_the_pictures_are_in_step_with_the_code() -> None:
    page = PAGE.read_text()
    assert written(page) == page, "run scripts/write_architecture.py"


def test_every_package_has_its_place_in_the_picture() -> None:
    assert layers()[-1] == ["kernel"]
    assert all(f"| `{name}` |" in PAGE.read_text() for layer in layers() for name in layer)
