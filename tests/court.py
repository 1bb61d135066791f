"""A world with one of every kind of caller in and around it, and what their requests may name; not what they may do."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2

from tests.playing import NOWHERE, YAML, Headers, Playing
from tests.serving import PASSWORD, Serving

PACK: Final = (Path(__file__).parent / "court.yaml").read_text(encoding="utf-8")
# Who is in the world, and as what.
ROLES: Final = {"manager": "keeper", "moderator": "moderator", "player": "player", "expendable": "player"}
OUTSIDE: Final = ("outsider", "barred", "admin", "ended", "banned")
# Keys of one bot, which is a player and belongs to the player, and what each is good for.
KEYS: Final[dict[str, dict[str, Any]]] = {
    "bot": {},
    "bot elsewhere": {"worlds": [NOWHERE]},
    "bot for throwing": {"actions": ["throw"]},
    "bot for reading": {"reads_only": True},
    "bot for proposing": {"proposals_only": True},
    "bot revoked": {},
}


@dataclass
class Court:
    """The world, everybody's headers by what they are, and the ids of what is there, by what a path calls it."""

    server: Serving
    callers: dict[str, Headers]
    users: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    archive: bytes = b""

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

    async def log_in(self, caller: str) -> httpx2.Response:
        """Ask for tokens by the password that everybody has."""
        data = {"username": self.addresses[caller], "password": PASSWORD}
        return await self.server.client.post("/api/v1/auth/token", data=data)

    async def mend(self) -> None:
        """Put right what requests did to the callers: a session ended, an account or the world gone."""
        for caller in self.users:
            if caller not in ("ended", "banned"):
                await self.renew(caller)
        tokens = await self.log_in("player")
        if tokens.status_code != 200:  # another password, perhaps
            await self.enter("player")
            tokens = await self.log_in("player")
        self.things["refresh"] = tokens.json()["refresh_token"]
        self.things["session"] = (await self.send("player", "GET", "/auth/sessions"))[0]["id"]
        if not await self.whole():
            await self.found()
        [starred] = await self.table.do("player", "star", target=self.things["entity"])
        self.things["starred"] = starred["id"]

    async def whole(self) -> bool:
        """Say whether the world is there, and everybody in it still has their role."""
        seen = await self.table.get("manager", "/members?limit=100")
        spare = await self.server.client.get(
            f"/api/v1/bots/{self.things['bot']}/keys/{self.things['key']}", headers=self.callers["player"]
        )
        invites = await self.table.get("manager", "/invites")
        if any(one.status_code != 200 for one in (seen, spare, invites)) or spare.json()["data"]["revoked_at"]:
            return False
        if self.things["invite"] not in {one["id"] for one in invites.json()["data"]}:
            return False
        roles = {one["user"]: one["roles"] for one in seen.json()["data"]}
        wanted = {self.users[who]: [role] for who, role in ROLES.items()} | {self.things["bot"]: ["player"]}
        return roles == wanted

    async def employ(self) -> None:
        """Give the player a bot, with a key of each kind."""
        bot = (await self.send("player", "POST", "/bots", json={"name": "Scribe"}))["id"]
        for who, good_for in KEYS.items():
            key = await self.send("player", "POST", f"/bots/{bot}/keys", json={"label": who, **good_for})
            self.callers[who] = {"Authorization": f"Bearer {key['key']}"}
            self.things |= {"bot": bot, "key": key["id"]}
        await self.send("player", "DELETE", f"/bots/{bot}/keys/{self.things['key']}")
        self.things["key"] = (await self.send("player", "POST", f"/bots/{bot}/keys", json={"label": "a spare"}))["id"]
        await self.send("manager", "POST", f"/worlds/{self.things['world']}/members", json={"bot": bot})

    async def found(self) -> None:
        """Make the world anew, with everybody in their role, a note, two events and a bot."""
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
        await self.table.do("manager", "member.ban", input={"user": self.users["barred"]})
        invite = await self.send("manager", "POST", f"/worlds/{answer['id']}/invites", json={"uses": 50})
        self.things |= {"invite": invite["invite"], "invitation": invite["token"]}
        exported = await self.table.get("manager", "/export")
        self.archive = exported.content
        await self.employ()

    async def send(self, who: str, method: str, path: str, **parts: Any) -> Any:
        """Send a request that must go well, and return its data."""
        headers = {**self.callers[who], **parts.pop("headers", {})}
        answer = await self.server.client.request(method, f"/api/v1{path}", headers=headers, **parts)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()["data"] if answer.content else None


async def assemble(server: Serving) -> Court:
    """Make everybody, and the world."""
    court = Court(server, {"anonymous": {}}, things={"name": "court", "version": "1.0.0", "action": "star"})
    for who in (*ROLES, *OUTSIDE, "erased"):
        await court.enter(who)
    await server.client.post("/api/v1/auth/logout", headers=court.callers["ended"])
    await court.send("admin", "PUT", f"/admin/users/{court.users['banned']}/ban", json={})
    await court.send("manager", "POST", "/packs", content=PACK, headers=YAML)
    await court.found()
    court.things["erased"] = court.users["erased"]
    await court.send("admin", "POST", f"/admin/users/{court.users.pop('erased')}/erasure")
    del court.callers["erased"]
    client = {"name": "An application", "redirects": ["https://app.example.org/back"]}
    court.things["client"] = (await court.send("admin", "POST", "/admin/clients", json=client))["client"]["id"]
    invited = await court.send("admin", "POST", "/admin/invites", json={})
    court.things["server_invite"] = invited["id"]
    await court.mend()
    return court
