"""Which operation answers with what other operations take, told as OpenAPI links; not who may follow one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

# What acting answers with.
_FIRST_EVENT: Final = "/data/events/0/id"
_FIRST_CREATED: Final = "/data/created/0/id"


@dataclass(frozen=True, slots=True)
class Thing:
    """What a parameter names: where answers have it, by the operation, and which operations take it."""

    parameter: str
    given: Mapping[str, str]
    taken: tuple[str, ...]


# Where answers are lists, the first of it is linked: links have no word for each.
THINGS: Final = (
    Thing(
        "world",
        {
            "create_world": "/data/id",
            "list_worlds": "/data/0/id",
            "fork_world": "/data/id",
            "import_world": "/data/world",
            "accept_invite": "/data/world",
        },
        (
            "get_world", "configure_world", "delete_world", "fork_world", "export_world", "show_upgrade",
            "upgrade_world", "list_members", "add_member", "list_invites", "create_invite", "list_entities",
            "get_feed", "get_diff", "list_actions", "perform_batch",
        ),
    ),
    Thing(
        "member",
        {"list_members": "/data/0/id", "add_member": _FIRST_CREATED},
        ("change_roles", "remove_member", "view_as"),
    ),
    Thing("X-View-As", {"view_as": "/data/token"}, ("get_world", "list_entities", "get_feed", "list_actions")),
    Thing(
        "invite",
        {"list_invites": "/data/0/id", "create_invite": "/data/invite"},
        ("make_invite_token", "revoke_invite"),
    ),
    Thing(
        "entity",
        {"list_entities": "/data/0/id", "get_diff": "/data/0/id", "perform": _FIRST_CREATED},
        ("get_entity", "get_history", "get_blame", "get_entity_diff", "list_allowed"),
    ),
    Thing(
        "action",
        {"list_actions": "/data/0/action", "list_allowed": "/data/0/action"},
        ("perform", "preview"),
    ),
    Thing(
        "event",
        {
            "get_feed": "/data/0/id",
            "get_history": "/data/0/event/id",
            "perform": _FIRST_EVENT,
            "perform_batch": "/data/0/events/0/id",
            "undo": _FIRST_EVENT,
            "configure_world": _FIRST_EVENT,
            "add_member": _FIRST_EVENT,
            "change_roles": _FIRST_EVENT,
        },
        ("get_event", "explain_event", "undo"),
    ),
    Thing(
        "name",
        {"list_packs": "/data/0/name", "upload_pack": "/data/name"},
        ("list_pack_versions",),
    ),
    Thing("version", {"list_pack_versions": "/data/0/version"}, ("get_pack",)),
    Thing(
        "bot",
        {"list_bots": "/data/0/id", "create_bot": "/data/id"},
        ("get_bot", "rename_bot", "end_bot", "list_keys", "create_key"),
    ),
    Thing(
        "key",
        {"list_keys": "/data/0/id", "create_key": "/data/id", "rotate_key": "/data/id"},
        ("get_key", "revoke_key", "rotate_key"),
    ),
    Thing("session", {"list_sessions": "/data/0/id"}, ("end_session",)),
    Thing(
        "identity",
        {"list_identities": "/data/0/id", "link_identity": "/data/id"},
        ("unlink_identity",),
    ),
    Thing("client", {"list_consents": "/data/0/client"}, ("withdraw_consent",)),
    Thing(
        "client",
        {"list_clients": "/data/0/id", "add_client": "/data/client/id"},
        ("renew_client_secret", "remove_client"),
    ),
    Thing(
        "invite",
        {"list_server_invites": "/data/0/id", "make_server_invite": "/data/id"},
        ("revoke_server_invite",),
    ),
    Thing(
        "user",
        {"list_users": "/data/0/id"},
        ("get_user", "change_role", "ban_user", "unban_user", "end_sessions", "erase_user", "show_erasure"),
    ),
)  # fmt: skip


def tell(document: Mapping[str, Any]) -> None:
    """Write the links into an OpenAPI document; raises KeyError for an operation that is not in it."""
    operations = {operation["operationId"]: operation for operation in _operations(document)}
    for thing in THINGS:
        for source, pointer in thing.given.items():
            answer = _success(operations[source])
            links = answer.setdefault("links", {})
            for taker in thing.taken:
                around = {name: f"$request.path.{name}" for name in _path(operations[taker])}
                links[taker] = {
                    "operationId": taker,
                    "parameters": {**around, thing.parameter: f"$response.body#{pointer}"},
                }


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def _success(operation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to a request that went well."""
    responses: dict[str, dict[str, Any]] = operation["responses"]
    return responses[min(status for status in responses if status.startswith("2"))]


def _path(operation: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of what the path takes: what the answer does not give is as in the request before."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            yield parameter["name"]
