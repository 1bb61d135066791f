"""The world that a history is brought into: made, asked where it has come to, acted in and counted."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from git_replay.server import Server, ServerError
from git_replay.totals import Totals, tally_of

PACK: Final = "git_history"
VERSION: Final = "1.0.0"


def make_world(server: Server, source: str, title: str) -> str:
    """Bring the pack to the server, make a world of it, and return its id."""
    try:
        server.post("/packs", {"files": {"pack.yaml": source}})
    except ServerError as error:
        if error.code != "denied":  # where users may upload no packs, an administrator may have done it
            raise
    made = server.post("/worlds", {"pack": PACK, "version": VERSION, "title": title})
    return str(made["id"])


@dataclass
class World:
    """A world of the pack, in which people act."""

    server: Server
    id: str
    repository: str = ""
    last: int = 0
    part: int = 0
    people: dict[str, str] = field(default_factory=dict)
    # When the server recorded the last part of a commit, for those that were brought in here.
    moments: dict[int, str] = field(default_factory=dict)

    @classmethod
    def found(cls, server: Server, world: str) -> "World":
        """Look where the history of a world has come to; raises ServerError."""
        self = cls(server, world)
        repository = next(self.entities("repository"), None)
        if repository is None:
            raise ServerError(f"the world {world} has no history to go on with")
        fields = repository["fields"]
        self.repository, self.last, self.part = repository["id"], fields["last"], fields["part"]
        self._learn_people()
        return self

    def meet(self, names: list[str]) -> int:
        """Introduce those who are not known yet; returns how many those were."""
        new = [name for name in names if name not in self.people]
        for name in new:
            self.act("meet", f"meet:{sha256(name.encode()).hexdigest()}", {"input": {"name": name}})
        self._learn_people()
        return len(new)

    def commit(self, person: str, at: str | None, told: Mapping[str, Any]) -> bool:
        """Bring a part of a commit in, unless it is there already; returns whether it was brought in."""
        if (told["n"], told["part"]) <= (self.last, self.part):
            return False
        body = {"actor": self.people[person], "target": self.repository, "input": told}
        done = self.act("commit", f"commit:{told['n']}:{told['part']}", {**body, **({"occurred_at": at} if at else {})})
        self.moments[told["n"]] = done["events"][0]["at"]
        return True

    def act(self, action: str, key: str, body: Mapping[str, Any]) -> Any:
        """Perform an action, once in this world for each key; raises ServerError where it is refused."""
        try:
            done = self.server.post(f"/worlds/{self.id}/actions/{action}", body, key)
        except ServerError as error:
            raise ServerError(f"{key}: {error}", error.code) from error
        if done["outcome"] != "accepted":
            raise ServerError(f"{key}: the server answered {done['outcome']}")
        return done

    def entities(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the entities of a kind."""
        return self.server.every(f"/worlds/{self.id}/entities", kind=kind)

    def file_then(self, path: str, moment: str) -> Mapping[str, Any] | None:
        """Return the fields that the file with a path had at a moment, None where there was none."""
        condition = f"path == {json.dumps(path)}"
        parameters = {"kind": "file", "filter": condition, "as_of": moment}
        found = self.server.get(f"/worlds/{self.id}/entities", **parameters)["data"]
        return found[0]["fields"] if found else None

    def totals(self) -> Totals:
        """Count what the server holds."""
        (repository,) = self.entities("repository")
        fields = repository["fields"]
        totals = Totals(fields["commits"], fields["merges"], tally_of(fields))
        names: dict[str, str] = {}
        for person in self.entities("person"):
            name = names[person["id"]] = person["fields"]["name"]
            totals.authored[name] = person["fields"]["commits"]
            totals.people[name] = tally_of(person["fields"])
        for file in self.entities("file"):
            path = names[file["id"]] = file["fields"]["path"]
            totals.files[path] = tally_of(file["fields"])
        for one in self.entities("contribution"):
            fields = one["fields"]
            totals.pairs[names[fields["person"]], names[fields["file"]]] = tally_of(fields)
        return totals

    def _learn_people(self) -> None:
        self.people = {person["fields"]["name"]: person["id"] for person in self.entities("person")}
