"""Puts the demo on: stores the packs, makes the users and plays the evening, once; a second time finds it all there."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reality_engine.accounts import repository as accounts
from reality_engine.accounts import service as account_service
from reality_engine.accounts.service import NewUser
from reality_engine.accounts.user import User
from reality_engine.actions import service as actions
from reality_engine.actions.answer import Answer
from reality_engine.actions.wish import Wish
from reality_engine.app.bootstrap import Services
from reality_engine.app.demo.script import Evening, Person, Step
from reality_engine.app.demo.shipped import shipped_packs
from reality_engine.kernel.errors import ConflictError
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.packs import service as packs
from reality_engine.packs.loader import read_files
from reality_engine.rules.decision import Request
from reality_engine.state import repository as state
from reality_engine.worlds import service as worlds
from reality_engine.worlds.service import NewWorld

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain

# For trying only: the demo refuses to run in production.
PASSWORD = "knives in the harbor"  # noqa: S105 - it is printed, and guards nothing


@dataclass
class Stage:
    """The evening under way: who acts, where, and which entities have names."""

    services: Services
    evening: Evening
    people: dict[str, Principal] = field(default_factory=dict)
    world: str = ""
    bound: dict[str, str] = field(default_factory=dict)


async def set_up(services: Services, evening: Evening) -> str:
    """Return the world of the evening, as it was left; plays it where there is none yet."""
    await store_packs(services)
    stage = Stage(services, evening)
    for key, person in evening.people.items():
        user = await _user(services, person)
        stage.people[key] = Principal(PrincipalKind.PERSON, user.id, user.name)
    host = next(iter(stage.people.values()))
    async with services.units.read() as unit:
        there = await worlds.list_mine(unit, host, services.reading.viewers, 100)
    played = [view.world.id for view in there if view.title == evening.title]
    if played:
        return played[0]
    await _play(stage, host)
    return stage.world


async def store_packs(services: Services) -> None:
    """Store the packs that come along, those that are not there yet."""
    for folder in shipped_packs():
        files = read_files(folder)
        pack = await packs.check(files, services.packs)
        async with services.units.write() as unit:
            await packs.store(unit, pack, files, services.clock.now())
            await unit.commit()


async def _user(services: Services, person: Person) -> User:
    async with services.units.read() as unit:
        user = await accounts.find_user_by_email(unit, person.email)
    if user is not None:
        return user
    hashed = await services.accounts.passwords.hash(PASSWORD)
    async with services.units.write() as unit:
        user = await account_service.register(
            unit, NewUser(person.email, person.name, hashed, verified=True), services.clock.now()
        )
        await unit.commit()
    return user


async def _play(stage: Stage, host: Principal) -> None:
    evening, services = stage.evening, stage.services
    settings: dict[str, Plain] = {"title": evening.title, "description": evening.description}
    async with services.units.write() as unit:
        new = NewWorld(evening.pack, None, settings)
        world = await worlds.create(unit, new, host, services.packs, services.clock.now())
        await unit.commit()
    stage.world = world.id
    for key, person in list(evening.people.items())[1:]:
        principal = stage.people[key]
        added: dict[str, Plain] = {"user": principal.id, "name": person.name, "roles": list(person.roles)}
        await _expect(stage, Request("member.add", host, input=added), None)
    await _bind_known(stage)
    for step in evening.steps:
        await _step(stage, step)


async def _bind_known(stage: Stage) -> None:
    async with stage.services.units.read() as unit:
        found = await state.found(unit, stage.world, list(stage.evening.known.values()))
    stage.bound.update({name: found[place] for name, place in stage.evening.known.items()})


async def _step(stage: Stage, step: Step) -> None:
    request = Request(
        step.do,
        stage.people[step.who],
        actor=stage.bound[step.actor] if step.actor else None,
        target=stage.bound[step.target] if step.target else None,
        input={name: _filled(stage, value) for name, value in step.input.items()},
    )
    answer = await _expect(stage, request, step.expect)
    for name, kind in step.bind.items():
        stage.bound[name] = next(one.id for one in answer.created if one.kind == kind)


async def _expect(stage: Stage, request: Request, code: str | None) -> Answer:
    answer = await actions.submit(stage.services.actions, stage.world, Wish(request))
    if answer.code != code:
        raise ConflictError(f"the demo's evening went wrong at {request.action}: {answer.message or 'accepted'}")
    return answer


def _filled(stage: Stage, value: Any) -> Any:
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return stage.bound[value[1:-1]]
    return value
