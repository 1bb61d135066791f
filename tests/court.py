"""A world with one of every kind of caller in and around it, and what their requests may name; not what they may do."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from tests.playing import YAML, Headers, Playing
from tests.serving import Serving

PACK: Final = (Path(__file__).parent / "court.yaml").read_text(encoding="utf-8")
# Who is in the world, and as what.
ROLES: Final = {"manager": "keeper", "moderator": "moderator", "player": "player", "expendable": "player"}
OUTSIDE: Final = ("outsider", "admin", "ended")


@dataclass
class Court:
    """The world, everybody's headers by what they are, and the ids of what is there, by what a path calls it."""

    server: Serving
    callers: dict[str, Headers]
    users: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)

    @property
    def table(self) -> Playing:
        """The world, to play in."""
        return Playing(self.server, self.things["world"], self.callers)

    async def enter(self, caller: str) -> None:
        """Give a caller an account, another one where they had one that is gone, and log in."""
        name = f"{caller}-{uuid4().hex[:6]}"
        self.callers[caller] = await self.server.user(name, admin=caller == "admin")
        me = await self.send(caller, "GET", "/auth/me")
        self.users[caller], self.addresses[caller] = me["id"], me["email"]

    async def renew(self, caller: str) -> None:
        """See to it that a caller is logged in."""
        answer = await self.server.client.get("/api/v1/auth/me", headers=self.callers[caller])
        if answer.status_code != 200:
            try:
                self.callers[caller] = await self.server.login(self.addresses[caller].partition("@")[0])
            except KeyError:
                await self.enter(caller)

    async def mend(self) -> None:
        """Put right what requests did to the callers: a session ended, an account or the world gone."""
        for caller in self.users:
            if caller != "ended":
                await self.renew(caller)
        if not await self.whole():
            await self.found()

    async def whole(self) -> bool:
        """Say whether the world is there, and everybody in it still has their role."""
        seen = await self.table.get("manager", "/members?limit=100")
        if seen.status_code != 200:
            return False
        roles = {one["user"]: one["roles"] for one in seen.json()["data"]}
        return all(roles.get(self.users[who]) == [role] for who, role in ROLES.items())

    async def found(self) -> None:
        """Make the world anew, with everybody in their role, a note and an event."""
        answer = await self.send("manager", "POST", "/worlds", json={"pack": "court", "title": "The court"})
        self.things |= {"world": answer["id"], "user": self.users["expendable"]}
        for who in ROLES:
            if who != "manager":
                given = {"email": self.addresses[who], "roles": [ROLES[who]]}
                await self.send("manager", "POST", f"/worlds/{answer['id']}/members", json=given)
        [written] = await self.table.do("player", "write", input={"name": "A note", "aside": "for myself"})
        self.things["event"] = written["id"]
        self.things["entity"] = await self.table.id_of("note", "A note", "manager")
        members = (await self.table.get("manager", "/members?limit=100")).json()["data"]
        self.things["member"] = next(one["id"] for one in members if one["user"] == self.users["expendable"])

    async def send(self, who: str, method: str, path: str, **parts: Any) -> dict[str, Any]:
        """Send a request that must go well, and return its data."""
        headers = {**self.callers[who], **parts.pop("headers", {})}
        answer = await self.server.client.request(method, f"/api/v1{path}", headers=headers, **parts)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        data: dict[str, Any] = answer.json()["data"]
        return data


async def assemble(server: Serving) -> Court:
    """Make everybody, and the world."""
    court = Court(server, {"anonymous": {}}, things={"name": "court", "version": "1.0.0"})
    for who in (*ROLES, *OUTSIDE):
        await court.enter(who)
    await server.client.post("/api/v1/auth/logout", headers=court.callers["ended"])
    await court.send("manager", "POST", "/packs", content=PACK, headers=YAML)
    await court.found()
    return court
