"""Refuses what a route's query does not know, so that nobody believes in a filter that is not there."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from reality_engine.kernel.errors import Problem, ProblemsError


async def no_unknown_query(request: Request) -> None:
    """Raise ProblemsError for every unknown parameter of the query; a dependency of the whole application."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = _known(route)
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        problems = tuple(_problem(name, known) for name in unknown)
        raise ProblemsError(problems[0].message, problems=problems)


def _known(route: APIRoute) -> tuple[str, ...]:
    return tuple(sorted(_names(route.dependant)))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for other in dependant.dependencies:
        yield from _names(other)


def _problem(name: str, known: Iterable[str]) -> Problem:
    near = get_close_matches(name, known, 1)
    listed = ", ".join(known)
    hint = f"did you mean '{near[0]}'?" if near else f"there is {listed}" if listed else "there is none here"
    return Problem("unknown_field", f"the query has no '{name[:50]}' here", name[:50], hint)
