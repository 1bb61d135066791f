"""Every dependency has an exact version in pyproject.toml, so that two machines install the same."""

import re
import tomllib

from scripts.pins import with_pins
from tests.architecture.committed import ROOT

TEXT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads(TEXT)
PINS: list[str] = PYPROJECT["tool"]["uv"]["constraint-dependencies"]
NAME = re.compile(r"[A-Za-z0-9._-]+")


def name_of(requirement: str) -> str:
    found = NAME.match(requirement)
    assert found, requirement
    return re.sub(r"[._]", "-", found[0]).lower()


def wanted() -> set[str]:
    project = PYPROJECT["project"]
    groups = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *PYPROJECT["dependency-groups"].values(),
    ]
    return {name_of(requirement) for group in groups for requirement in group}


def test_every_dependency_is_pinned() -> None:
    missing = wanted() - {name_of(pin) for pin in PINS}
    assert not missing, "run `make pins`"


def test_every_pin_is_exact() -> None:
    assert not [pin for pin in PINS if not re.match(r"[\w.-]+==[^*<>=~]+( ;|$)", pin)]


def test_running_the_product_does_not_install_the_test_stack() -> None:
    assert PYPROJECT["tool"]["uv"]["default-groups"] == []


def test_new_pins_take_the_place_of_the_old() -> None:
    changed = tomllib.loads(with_pins(TEXT, ["one==1", "two==2 ; python_version < '3.12'"]))
    assert changed["tool"]["uv"].pop("constraint-dependencies") == ["one==1", "two==2 ; python_version < '3.12'"]
    before = tomllib.loads(TEXT)
    del before["tool"]["uv"]["constraint-dependencies"]
    assert changed == before
