"""Some things are done in one place only: that place can then be trusted, replaced in tests, and found."""

from functools import cache
from pathlib import Path

import pytest

from tests.architecture.single_owners import Rule, Uses, uses_of

PACKAGE = Path(__file__).parents[2] / "src" / "reality_engine"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "versions" not in path.parts
}


def rule(what: str, owners: str, names: str = "", methods: str = "") -> Rule:
    return Rule(what, frozenset(owners.split()), frozenset(names.split()), frozenset(methods.split()))


RULES = [
    rule("commits", "db.unit db.revisions", methods="session.commit connection.commit session.begin_nested"),
    rule("appends to the log", "actions", names="reality_engine.eventlog.writer"),
    rule("reads the environment", "app.settings", names="os.environ os.getenv os.environb"),
    rule(
        "asks the time",
        "kernel.clock",
        names="datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today "
        "time.time time.time_ns time.localtime time.gmtime",
    ),
    rule("draws chance", "kernel.chance", names="random secrets os.urandom uuid.uuid1 uuid.uuid4"),
    rule(
        "queries",
        "db accounts bots.repository bots.models archives.repository archives.models erasure.repository erasure.models "
        "actions.repository actions.models app.tables "
        "directory.repository directory.models eventlog outbox audit packs.repository packs.models projection state "
        "visibility identities.repository identities.models identities.news "
        "mail.repository mail.models signing.repository signing.models factors.repository factors.models "
        "openid.repository openid.models tickets.repository tickets.models",
        names="sqlalchemy",
        methods="session.execute session.scalars session.scalar session.stream session.stream_scalars session.get "
        "session.connection",
    ),
    rule("makes ids", "kernel.ids", names="uuid_utils uuid.uuid1 uuid.uuid3 uuid.uuid4 uuid.uuid5"),
]
SAMPLES = {
    "commits": ["async def f(unit):\n    await unit.session.commit()", "connection.commit()"],
    "appends to the log": [
        "from reality_engine.eventlog import writer",
        "from reality_engine.eventlog.writer import append",
    ],
    "reads the environment": [
        "import os\nos.environ['A']",
        "from os import getenv as g",
        "import os as o\no.getenv('A')",
    ],
    "asks the time": [
        "from datetime import datetime as d\nd.now()",
        "import datetime\ndatetime.datetime.now()",
        "import time\ntime.time()",
        "from time import time",
    ],
    "draws chance": ["import random\nrandom.random()", "from secrets import token_bytes", "import os\nos.urandom(8)"],
    "queries": [
        "from sqlalchemy import select",
        "import sqlalchemy.orm\nsqlalchemy.orm.Session()",
        "async def f(unit):\n    await unit.session.scalars('select * from entities')",
        "async def f(unit):\n    return (await unit.session.connection()).exec_driver_sql('select 1')",
    ],
    "makes ids": ["import uuid\nuuid.uuid4()", "from uuid_utils.compat import uuid7", "from uuid import uuid5 as u"],
}


@cache
def _uses(path: Path) -> Uses:
    return uses_of(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("owned", RULES, ids=lambda owned: owned.what)
def test_one_module_does_it(owned: Rule) -> None:
    found = [
        f"{path}:{line} {owned.what}"
        for module, path in MODULES.items()
        for line in owned.breaches(module, _uses(path))
    ]
    assert not found, f"only {', '.join(sorted(owned.owners))} may, since it is the one that {owned.what}"


@pytest.mark.parametrize("owned", RULES, ids=lambda owned: owned.what)
def test_the_rule_can_fail(owned: Rule) -> None:
    for sample in SAMPLES[owned.what]:
        assert list(owned.breaches("elsewhere", uses_of(sample))), sample


@pytest.mark.parametrize("owned", RULES, ids=lambda owned: owned.what)
def test_an_owner_may(owned: Rule) -> None:
    for sample in SAMPLES[owned.what]:
        assert not list(owned.breaches(min(owned.owners), uses_of(sample))), sample


@pytest.mark.parametrize(
    "innocent",
    ["import time\ntime.monotonic()", "from datetime import datetime\nmoment: datetime", "from uuid import UUID"],
)
def test_its_neighbours_are_free(innocent: str) -> None:
    assert not [owned.what for owned in RULES if list(owned.breaches("elsewhere", uses_of(innocent)))]


def test_every_owner_exists() -> None:
    owners = {owner for owned in RULES for owner in owned.owners}
    assert owners <= MODULES.keys(), f"no such module: {owners - MODULES.keys()}"
