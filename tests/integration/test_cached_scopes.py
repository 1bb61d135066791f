"""What somebody sees is kept between requests, and yet follows every change with the next, whoever made it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.principal import ANONYMOUS, Principal, PrincipalKind
from reality_engine.visibility.arrivals import Arrivals
from reality_engine.visibility.viewer import Viewers, viewer_of
from tests.playing import NOWHERE, Playing, play
from tests.serving import serving


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Playing]:
    async with serving(database_url) as server:
        yield await play(server)


@pytest.fixture(params=["the same process", "another process"])
async def there(request: pytest.FixtureRequest, here: Playing, database_url: str) -> AsyncIterator[Playing]:
    """The same world as `here`, served by whoever changes it."""
    async with AsyncExitStack() as on:
        other = request.param == "another process"
        yield replace(here, server=await on.enter_async_context(serving(database_url))) if other else here


async def plots(here: Playing, who: str) -> list[str]:
    """Return the plots of factions that somebody sees."""
    answer = await here.get(who, "/entities?kind=faction")
    return [one["fields"]["plot"] for one in answer.json()["data"] if "plot" in one["fields"]]


async def member(here: Playing, who: str) -> str:
    answer = await here.get("Gia", "/members")
    return next(str(one["id"]) for one in answer.json()["data"] if one["name"] == who)


async def test_joining_and_leaving_a_group(here: Playing, there: Playing) -> None:
    assert await plots(here, "Mira") == []
    hero = await there.character("Mira", "Cass", "The Crows")
    assert await plots(here, "Mira") == ["They mean to own the lighthouse"]
    await there.do("Mira", "retire", actor=hero)
    assert await plots(here, "Mira") == []


async def test_becoming_a_member_and_being_removed(here: Playing, there: Playing) -> None:
    assert (await here.get("Otto", "/feed")).status_code == 404
    answer = await there.call("Gia", "POST", "/members", json={"email": "otto@example.org"})
    assert answer.status_code == 200
    assert (await here.get("Otto", "/feed")).status_code == 200
    assert (await there.call("Gia", "DELETE", f"/members/{await member(there, 'Otto')}")).status_code == 200
    assert (await here.get("Otto", "/feed")).status_code == 404


async def test_a_role_that_is_given_and_taken(here: Playing, there: Playing) -> None:
    key = await member(there, "Mira")
    assert all("position" not in event for event in await here.feed("Mira"))
    for roles, sees in ((["gm"], True), (["player"], False)):
        answer = await there.call("Gia", "PATCH", f"/members/{key}", json={"roles": roles})
        assert answer.status_code == 200, answer.text
        assert all(("position" in event) is sees for event in await here.feed("Mira"))


async def test_a_world_that_is_opened_and_closed_again(here: Playing, there: Playing) -> None:
    for public, status in ((True, 200), (False, 404), (True, 200)):
        answer = await there.call("Gia", "PATCH", "", json={"public": public})
        assert answer.status_code == 200, answer.text
        assert (await here.get(None, "/feed")).status_code == status
        assert (await here.get("Otto", "/entities?kind=faction")).status_code == status


async def test_a_world_that_is_deleted(here: Playing, there: Playing) -> None:
    assert (await here.get("Mira", "/feed")).status_code == 200
    assert (await there.call("Gia", "DELETE", "")).status_code == 200
    assert (await here.get("Mira", "/feed")).status_code == 404


async def test_what_was_only_tried_is_not_kept(here: Playing) -> None:
    hero = await here.character("Mira", "Cass", "The Crows")
    answer = await here.call("Mira", "POST", "/actions/retire/preview", json={"actor": hero})
    assert answer.status_code == 200, answer.text
    assert await plots(here, "Mira") == ["They mean to own the lighthouse"]
    # Takes the place in the log that what was tried would have had.
    await here.do("Pia", "join_as", input={"name": "Dot", "faction": await here.id_of("faction", "The Crows")})
    assert await plots(here, "Mira") == ["They mean to own the lighthouse"]


async def test_a_scope_is_asked_once_and_the_name_is_that_of_who_asks(here: Playing) -> None:
    state = here.server.app.state
    viewers = Viewers(state.packs)
    user = next(iter((await here.get("Mira", "/members")).json()["data"]))["user"]
    person = Principal(PrincipalKind.PERSON, user, "Mira", "one session")
    async with state.context.units.read() as unit:
        first = await viewer_of(unit, here.world, person, viewers)
        again = await viewer_of(unit, here.world, replace(person, credential="another session"), viewers)
    assert again.scope is first.scope
    assert again.principal.credential == "another session"


async def test_so_many_are_kept_and_no_more(here: Playing) -> None:
    state = here.server.app.state
    viewers = Viewers(state.packs, size=2)
    users = [one["user"] for one in (await here.get("Gia", "/members")).json()["data"]]
    assert len(users) == 3
    async with state.context.units.read() as unit:
        for user in users:
            await viewer_of(unit, here.world, Principal(PrincipalKind.PERSON, user), viewers)
    assert len(viewers) == 2
    assert viewers.likely(here.world, Principal(PrincipalKind.PERSON, users[0])) is None
    assert viewers.likely(here.world, ANONYMOUS) is None


@pytest.mark.parametrize("public", [False, True])
async def test_scopes_are_worked_out_together_and_each_is_what_it_would_be_alone(
    here: Playing, *, public: bool
) -> None:
    for who, name in (("Mira", "Cass"), ("Pia", "Bel")):
        await here.character(who, name, "The Crows")
    assert (await here.call("Gia", "PATCH", "", json={"public": public})).status_code == 200
    state = here.server.app.state
    users = [one["user"] for one in (await here.get("Gia", "/members")).json()["data"]]
    people = [Principal(PrincipalKind.PERSON, user) for user in (*users, NOWHERE)]
    arrivals = Arrivals(state.context.units, Viewers(state.packs))
    asked = [(here.world, one) for one in (*people, ANONYMOUS)] + [(NOWHERE, people[0])]
    came = await asyncio.gather(*(arrivals.viewer(*one) for one in asked), return_exceptions=True)
    assert sum(isinstance(found, NotFoundError) for found in came) == (1 if public else 3)
    for (world, principal), found in zip(asked, came, strict=True):
        async with state.context.units.read() as unit:
            if isinstance(found, BaseException):
                with pytest.raises(NotFoundError):
                    await viewer_of(unit, world, principal, Viewers(state.packs))
            else:
                alone = await viewer_of(unit, world, principal, Viewers(state.packs))
                assert found[1] == alone
