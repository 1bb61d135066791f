"""What Clerk tells a server by itself, signed as it signs (the Svix scheme); not the server."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
from standardwebhooks import Webhook

from reality_engine.kernel.clock import Clock

WEBHOOK_SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WEBHOOKS = "/api/v1/auth/clerk/webhooks"


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)


@dataclass
class Delivery:
    """One delivery, as it goes over the wire; it may be sent again, later or altered."""

    body: bytes
    headers: dict[str, str]

    async def to(self, client: httpx2.AsyncClient, **headers: str) -> httpx2.Response:
        sent = {"Content-Type": "application/json", **self.headers, **headers}
        raw = [(name.encode(), value.encode()) for name, value in sent.items()]
        return await client.post(WEBHOOKS, content=self.body, headers=raw)


@dataclass
class Clerk:
    """Makes deliveries; each thing it tells of is as of the moment of its clock, or of another."""

    clock: Clock
    sent: list[Delivery] = field(default_factory=list)

    def tell(self, type_: str, data: dict[str, Any], secret: str = WEBHOOK_SECRET) -> Delivery:
        now = self.clock.now()
        body = json.dumps({"data": data, "object": "event", "type": type_, "timestamp": milliseconds(now)})
        message = f"msg_{len(self.sent)}"
        signature = Webhook(secret).sign(message, now, body)
        headers = {"svix-id": message, "svix-timestamp": str(int(now.timestamp())), "svix-signature": signature}
        self.sent.append(Delivery(body.encode(), headers))
        return self.sent[-1]

    def user(self, key: str, what: str = "updated", *, at: datetime | None = None, **changed: Any) -> Delivery:
        if what == "deleted":
            return self.tell("user.deleted", {"deleted": True, "id": key, "object": "user"})
        address = {
            "id": "idn_1", "email_address": f"{key}@example.org", "verification": {"status": "verified"},
        }  # fmt: skip
        data = {
            "id": key, "first_name": "Mira", "last_name": "Sand", "username": None, "email_addresses": [address],
            "primary_email_address_id": "idn_1", "updated_at": milliseconds(at or self.clock.now()),
        }  # fmt: skip
        return self.tell(f"user.{what}", {**data, **changed})

    def organization(self, key: str, what: str = "updated", *, at: datetime | None = None, name: str = "") -> Delivery:
        if what == "deleted":
            return self.tell("organization.deleted", {"deleted": True, "id": key, "object": "organization"})
        data = {"id": key, "name": name or key, "updated_at": milliseconds(at or self.clock.now())}
        return self.tell(f"organization.{what}", data)

    def member(self, user: str, organization: str, what: str = "created", role: str = "org:member") -> Delivery:
        now = milliseconds(self.clock.now())
        data = {
            "id": f"orgmem_{user}", "role": role, "updated_at": now, "public_user_data": {"user_id": user},
            "organization": {"id": organization, "name": organization, "updated_at": now},
        }  # fmt: skip
        return self.tell(f"organizationMembership.{what}", data)
