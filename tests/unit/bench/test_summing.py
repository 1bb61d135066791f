from typing import Any

from bench.summing import AIMS, judged, summed


def figure(rate: float, server_us: float = 100.0, database_us: float = 0.0) -> dict[str, float]:
    return {"rate": rate, "server_us": server_us, "database_us": database_us, "p99": 2.0}


FIGURES = {
    "gather_64": {
        "echo": figure(4000),
        "sqlite": figure(5000, server_us=80),
        "postgresql": figure(2000, server_us=150, database_us=50),
        "template_sqlite": figure(250),
    },
    "hot_64": {"echo": figure(4000), "sqlite": figure(4500)},
    "gather_1": {"echo": figure(4000), "sqlite": figure(2000)},
}


def test_a_ratio_is_over_the_endpoint_in_the_same_rounds_and_names_its_load_unless_it_is_gathering() -> None:
    ratios = summed(FIGURES)["ratios"]
    assert ratios == {
        "sqlite_64": 1.25, "postgresql_64": 0.5, "template_sqlite_64": 0.0625, "hot_sqlite_64": 1.125, "sqlite_1": 0.5,
    }  # fmt: skip


def test_the_database_counts_in_what_a_request_takes_of_the_processor() -> None:
    assert summed(FIGURES)["cpu_ratios"]["postgresql_64"] == 0.5
    assert summed(FIGURES)["cpu_ratios"]["sqlite_64"] == 1.25


def test_each_server_is_compared_with_the_usual_service_on_its_own_database() -> None:
    assert summed(FIGURES)["against_template"] == {"sqlite_64": 20}


def test_one_entity_for_all_is_compared_with_one_for_each() -> None:
    assert summed(FIGURES)["hot_over_spread"] == {"sqlite_64": 0.9}


def report(**lives: float) -> dict[str, Any]:
    return {"figures": FIGURES, **summed(FIGURES), "lives": {"sqlite": lives}}


def test_an_aim_is_judged_where_its_figure_was_measured_and_nowhere_else() -> None:
    found = {one["path"]: one["met"] for one in judged(report())}
    assert found == {
        "ratios.sqlite_64": True,
        "ratios.postgresql_64": False,
        "against_template.sqlite_64": True,
        "hot_over_spread.sqlite_64": True,
        "ratios.sqlite_1": True,
        "figures.gather_1.sqlite.p99": True,
    }


def test_what_is_to_be_small_is_met_from_below() -> None:
    path = "lives.sqlite.cold_start_seconds"
    for seconds, met in ((0.9, True), (1.0, True), (1.1, False)):
        assert {one["path"]: one["met"] for one in judged(report(cold_start_seconds=seconds))}[path] is met


def test_every_aim_has_a_bound_on_some_database() -> None:
    assert all(aim.sqlite is not None or aim.postgresql is not None for aim in AIMS)
