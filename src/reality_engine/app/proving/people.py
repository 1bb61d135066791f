"""Who is in the worlds of a proof: somebody in each role, a bot beside, and who is outside; not their doings."""

from dataclasses import dataclass, replace
from typing import Final

from reality_engine.app.proving.fate import seeded
from reality_engine.kernel.clock import from_text
from reality_engine.kernel.ids import new_id
from reality_engine.kernel.principal import ANONYMOUS, Principal, PrincipalKind
from reality_engine.packs.compiled import CompiledPack

# When every world of a proof begins.
START: Final = from_text("2026-05-01T12:00:00Z")
ONE_WHO_LEFT: Final = "a former member"
STRANGER: Final = "a stranger"
NOBODY: Final = "nobody in particular"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by the name that the stories call them; `role` is None for who is no member in the end."""

    name: str
    principal: Principal
    role: str | None = None
    sees_everything: bool = False

    @property
    def token_id(self) -> str:
        """The id of their session, or of their key."""
        return new_id(START, seeded("session", self.name))

    @property
    def owner_id(self) -> str:
        """The id of who owns them, where they are a bot."""
        return new_id(START, seeded("owner", self.name))


def people_of(pack: CompiledPack) -> dict[str, Person]:
    """Return the people of a pack's worlds by name; the first one makes the world."""
    first = next(role for role in pack.roles.values() if role.admin)
    order = [first, *(role for role in pack.roles.values() if role is not first)]
    people = [_person(f"a {role.name}", role.name, everything=role.sees_everything) for role in order]
    second = next((role for role in order if role.default), order[-1])
    another = _person(f"another {second.name}", second.name, everything=second.sees_everything)
    people.append(replace(another, principal=replace(another.principal, kind=PrincipalKind.BOT)))
    people += [_person(ONE_WHO_LEFT), _person(STRANGER), Person(NOBODY, ANONYMOUS)]
    return {person.name: person for person in people}


def _person(name: str, role: str | None = None, *, everything: bool = False) -> Person:
    shown = name.removeprefix("a ").title()
    principal = Principal(PrincipalKind.PERSON, new_id(START, seeded("user", name)), shown)
    return Person(name, principal, role, everything)
