"""Generated sailors, viewers, filters and orders, and what a filter finds by memory alone; not the comparison."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hypothesis import strategies as st

from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.state.audience import facet_keys, facet_of, facets_of
from reality_engine.state.entity import OWNER, Entity, Life
from reality_engine.visibility.audience import Scope, sees
from reality_engine.visibility.filters.terms import ID, Read
from reality_engine.visibility.filters.terms import OWNER as OWNED
from tests.serving import NOON

PACK: Final = compile_source({"pack.yaml": (Path(__file__).parent / "sailors.yaml").read_text(encoding="utf-8")})
USERS: Final = [fresh_id(NOON) for _ in range(3)]
CREWS: Final = sorted(fresh_id(NOON) for _ in range(3))
SAILORS: Final = sorted(fresh_id(NOON) for _ in range(12))
# What LIKE, SQL, JSON, CEL or an order by bytes, by UTF-16 or by a language might trip over.
TEXTS: Final = [
    "", "a", "A", "b", "ab", "aB", "a%b", "a_b", "a\\b", "%", "_", "'", '"', "''--", "é", "e\u0301", "\uffff",
    "\U0001f480", "\ue000", " a", "a ", "null", "x" * 99 + "a", "x" * 99 + "b", "x" * 100 + "a", "x" * 100 + "b",
    "$.a", "{}", "\t", "ß",
]  # fmt: skip
INTEGERS: Final = [-(2**53) + 1, -7, -1, 0, 1, 2, 3, 10, 2**53 - 1]
NUMBERS: Final = [
    -1e300,
    -1.5,
    -5e-324,
    0.0,
    0.1,
    0.30000000000000004,
    0.3,
    1.0,
    3.0,
    1e22,
    2.0**53,
    123456789.12345679,
]
MOMENTS: Final = [
    "0001-01-01T00:00:00.000000Z",
    "2026-05-01T12:00:00.000000Z",
    "2026-05-01T12:00:00.000001Z",
    "9999-12-31T23:59:59.999999Z",
]
DAYS: Final = ["2026-05-01", "2026-05-02", "0999-01-01"]
SECONDS: Final = ["0s", "1s", "90s", "5400s", "315532800000s"]
GRADES: Final = ["boy", "able", "master"]

texts, integers, numbers = st.sampled_from(TEXTS), st.sampled_from(INTEGERS), st.sampled_from(NUMBERS)
VALUES: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "name": texts, "rank": integers, "motto": texts, "age": integers, "pay": numbers, "alive": st.booleans(),
    "grade": st.sampled_from(GRADES), "born": st.sampled_from(MOMENTS), "shift": st.sampled_from(SECONDS),
    "day": st.sampled_from(DAYS), "stress": st.integers(0, 5), "crew": st.sampled_from(CREWS),
    "lead": st.sampled_from(SAILORS), "tags": st.lists(texts, max_size=3, unique=True).map(sorted),
    "lucky": st.lists(numbers, max_size=3), "scores": st.dictionaries(texts, integers, max_size=2),
    "home": st.fixed_dictionaries({"town": texts}, optional={"floor": integers}), "notes": st.just({"a": 1}),
    "secret": texts, "sealed": integers,
}  # fmt: skip


def entities(kind: str, ids: list[str]) -> st.SearchStrategy[list[Entity]]:
    """Entities with some of these ids, each with some of its fields."""
    names = sorted(PACK.kinds[kind].fields)
    fields = st.fixed_dictionaries({}, optional={name: VALUES[name] for name in names})
    lives = st.sampled_from([Life.LIVE, Life.LIVE, Life.LIVE, Life.DELETED])
    one = st.builds(
        lambda key, held, owner, life: Entity(key, kind, held, owner, life),
        st.sampled_from(ids), fields, st.sampled_from([None, *USERS]), lives,
    )  # fmt: skip
    return st.lists(one, min_size=2, max_size=len(ids), unique_by=lambda entity: entity.id)


def _scope(roles: tuple[str, ...], user: str, groups: Iterable[str]) -> Scope:
    keys = {
        "everyone",
        "members",
        f"user:{user}",
        *(f"role:{role}" for role in roles),
        *(f"group:{one}" for one in groups),
    }
    return Scope(frozenset(keys), everything="gm" in roles, member=True, user=user, roles=roles)


scopes: st.SearchStrategy[Scope] = st.one_of(
    st.builds(
        _scope,
        st.sampled_from([(), ("player",), ("mate",), ("player", "mate"), ("gm",)]),
        st.sampled_from(USERS),
        st.lists(st.sampled_from([*CREWS, *(fresh_id(NOON) for _ in range(200))]), max_size=3)
        | st.just([*CREWS[:1], *(fresh_id(NOON) for _ in range(150))]),
    ),
    st.sampled_from(
        [Scope(frozenset({"everyone"})), Scope(frozenset({"everyone"}), user=USERS[0]), Scope(frozenset())]
    ),
)


def quoted(text: str) -> str:
    """Write a text as CEL."""
    return '"' + "".join(f"\\U{ord(letter):08x}" if letter in '"\\\t' else letter for letter in text) + '"'


def _compared(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    one = st.builds("{} {} {}".format, st.just(name), operators, values)
    other = st.builds("{} {} {}".format, values, operators, st.just(name))
    some = st.builds(lambda held: f"{name} in [{', '.join(held)}]", st.lists(values, min_size=1, max_size=3))
    return st.one_of(one, other, some, st.just(f"is_set({name})"))


def _texts(name: str) -> st.SearchStrategy[str]:
    tests = st.sampled_from(["contains", "startsWith", "endsWith"])
    tested = st.builds(lambda test, part: f"{name}.{test}({quoted(part)})", tests, texts)
    sized = st.builds(lambda size: f"size({name}) > {size}", st.integers(0, 101))
    return st.one_of(_compared(name, texts.map(quoted)), tested, sized)


_moments = st.sampled_from(MOMENTS[:3]).map(lambda text: f"timestamp('{text}')")
_lengths = st.sampled_from(["duration('90s')", "duration('1h30m')", "duration('0.5s')"])
_durations = _lengths | st.just("duration('-1s')")
_reals = (numbers | integers).map(repr)
LEAVES: Final = st.one_of(
    *(_texts(name) for name in ("name", "secret", "crew.name", "crew.motto", "home.town")),
    *(_compared(name, _reals) for name in ("age", "pay", "stress", "sealed", "crew.rank", "home.floor")),
    _compared("grade", st.sampled_from(GRADES).map(quoted)),
    _compared("born", _moments | st.builds("{} + {}".format, _moments, _lengths)),
    _compared("shift", _durations),
    _compared("day", st.sampled_from(DAYS).map(quoted)),
    *(_compared(name, st.sampled_from(USERS).map(quoted) | st.just("me")) for name in ("owner", "crew.owner")),
    _compared("crew", st.sampled_from([*CREWS, "garbage"]).map(quoted)),
    _compared("id", st.sampled_from([*SAILORS, "garbage"]).map(quoted)),
    st.sampled_from(["alive", "alive == false", "alive != true", "is_set(alive)"]),
    st.sampled_from(["is_set(tags)", "is_set(notes)", "is_set(home)"]),
    st.sampled_from(["size(tags) > 1", "size(lucky) == 0", "scores.size() >= 1", "age == stress", "name == crew.name"]),
    st.builds(lambda text: f"{quoted(text)} in tags", texts),
    st.builds(lambda text: f"{quoted(text)} in scores", texts),
    st.builds(lambda number: f"{number!r} in lucky", numbers | integers),
    st.sampled_from(["pay in lucky", "name in tags", "crew.name in tags", "me in tags"]),
)  # fmt: skip
FILTERS: Final = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        inner.map("!({})".format),
    ),
    max_leaves=5,
)
SORTED: Final = [
    "name",
    "age",
    "pay",
    "alive",
    "grade",
    "born",
    "shift",
    "day",
    "crew.name",
    "crew.rank",
    "owner",
    "home.floor",
    "id",
    "secret",
]
SORTS: Final = st.lists(
    st.builds("{}{}".format, st.sampled_from(["", "-"]), st.sampled_from(SORTED)),
    max_size=3,
    unique_by=lambda one: one.strip("-"),
).map(",".join)


@dataclass
class Remembered:
    """A world in memory: what a scope sees of it, facet by facet."""

    scope: Scope
    there: dict[str, Entity] = field(default_factory=dict)
    pack: CompiledPack = PACK

    def listed(self, kind: str) -> list[str]:
        """Return the live entities of a kind of which anything is seen, the newest first."""
        live = [one for one in self.there.values() if one.live and one.kind == kind]
        return sorted((one.id for one in live if self._facets(one)), reverse=True)

    def look(self, key: str, read: Read) -> Plain:
        """Return what a read finds on an entity."""
        entity: Entity | None = self.there[key]
        if read.through is not None:
            led = self._value(self.there[key], read.through.field)
            entity = self.there.get(led) if isinstance(led, str) else None
            if entity is None or not entity.live:
                return None
        assert entity is not None
        found = entity.id if read.name == ID else self._value(entity, read.name)
        for step in read.inner:
            found = found.get(step) if isinstance(found, dict) else None
        return found

    def _value(self, entity: Entity, name: str) -> Plain:
        kind, stored = self.pack.kinds[entity.kind], OWNER if name == OWNED else name
        return entity.get(stored) if facet_of(kind, stored) in self._facets(entity) else None

    def _facets(self, entity: Entity) -> set[int]:
        kind = self.pack.kinds[entity.kind]
        return {one for one in facets_of(kind, entity) if sees(self.scope, facet_keys(kind, one, entity))}
