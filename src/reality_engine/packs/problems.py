"""What is wrong with a pack, each mistake with its place; not the checks that find it."""

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

from reality_engine.kernel.errors import Problem, ProblemsError
from reality_engine.packs.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reality_engine.kernel.json import Plain

# A pack with more mistakes than this is told the first ones, in the order of the source.
MAX_PROBLEMS = 200


@dataclass
class PackProblem(Problem):
    """One mistake in a pack's source. `field` says the place once more, for answers that know no files."""

    place: Place = field(default_factory=lambda: Place("pack.yaml", 1, 1))

    def __str__(self) -> str:
        """Write it on one line, the way compilers do: place, what is wrong, what to do about it, code."""
        pause = " " if self.message.endswith("?") else "; "
        hint = f"{pause}{self.hint}" if self.hint else ""
        return f"{self.place}: error: {self.message}{hint} [{self.code}]"

    def as_json(self) -> "dict[str, Plain]":
        """Return it for editors: `file`, `line`, `column` (from 1), `code`, `message`, `hint` (or null)."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
        }


@dataclass
class PackError(ProblemsError):
    """The pack cannot be used; `problems` has every mistake in it, in the order of the source."""

    problems: tuple[PackProblem, ...] = ()
    code: ClassVar[str] = "bad_pack"

    def __str__(self) -> str:
        """Write every problem on a line of its own."""
        return "\n".join(map(str, self.problems))


@dataclass
class Problems:
    """The mistakes found so far."""

    found: list[PackProblem] = field(default_factory=list)

    def add(self, place: Place, code: str, message: str, hint: str | None = None) -> None:
        """Note a mistake; one that was noted already, at the same place in the same words, counts once."""
        problem = PackProblem(code, message, field=str(place), hint=hint, place=place)
        if problem not in self.found:
            self.found.append(problem)

    def refuse(self) -> None:
        """Raise PackError if there is any mistake."""
        if self.found:
            ordered = sorted(self.found, key=lambda each: (each.place.file, each.place.line, each.place.column))
            count = f"the pack has {len(ordered)} mistake{'s' if len(ordered) > 1 else ''}"
            raise PackError(count, problems=tuple(ordered[:MAX_PROBLEMS]))


def nearest(name: str, valid: "Iterable[str]") -> str | None:
    """Say which valid name was probably meant, or which there are where none is near and they are few."""
    names = sorted(set(valid))
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if 0 < len(names) <= 16:
        return f"there is {', '.join(names)}" if len(names) > 1 else f"there is only '{names[0]}'"
    return None
