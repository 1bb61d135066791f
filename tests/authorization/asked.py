"""A request for each operation that goes well for whoever may: what the callers of the matrix send; not who may."""

from collections.abc import Mapping
from typing import Any, Final

from tests.court import PACK, Court
from tests.playing import NOWHERE, YAML
from tests.serving import PASSWORD

Parts = dict[str, Any]
_OTHER: Final = PACK.replace("version: 1.0.0", "version: 2.0.0")
_NOON: Final = "2026-05-01T12:00:00Z"
_APPLICATION: Final = {"name": "An application", "redirects": ["https://app.example.org/back"]}
_STAR: Final = {"action": "star", "target": "$entity"}

# What is sent beside the path; `$…` is something of the court. An operation that is not here needs nothing.
REQUESTS: Final[Mapping[str, Parts]] = {
    "register": {"json": {"email": "$fresh", "name": "New", "password": PASSWORD}},
    "log_in": {"data": {"username": "$address", "password": PASSWORD}},
    "refresh": {"json": {"refresh_token": "$refresh"}},
    "revoke_token": {"data": {"token": "$refresh"}},
    "change_me": {"json": {"name": "Another"}},
    "erase_me": {"json": {"password": PASSWORD}},
    "begin_factor": {"json": {"password": PASSWORD}},
    "confirm_factor": {"json": {"otp": "000000"}},
    "renew_recovery_codes": {"json": {"password": PASSWORD, "otp": "000000"}},
    "remove_factor": {"json": {"password": PASSWORD, "otp": "000000"}},
    "ask_to_verify": {"json": {"email": "$address"}},
    "verify_email": {"json": {"token": "none"}},
    "change_email": {"json": {"email": "$fresh", "password": PASSWORD}},
    "change_password": {"json": {"current_password": PASSWORD, "password": "another battery staple"}},
    "forgot_password": {"json": {"email": "$address"}},
    "reset_password": {"json": {"token": "none", "password": "another battery staple"}},
    "make_server_invite": {"json": {}},
    "create_invite": {"json": {}},
    "preview_invite": {"json": {"token": "$invitation"}},
    "accept_invite": {"json": {"token": "$invitation"}},
    "link_identity": {"json": {"code": "none", "code_verifier": "n" * 43, "password": PASSWORD}},
    "exchange": {"json": {"code": "none", "code_verifier": "n" * 43}},
    "take_news": {"json": {}},
    "change_role": {"json": {"role": "user"}},
    "ban_user": {"json": {}},
    "create_bot": {"json": {"name": "Crow"}},
    "rename_bot": {"json": {"name": "Raven"}},
    "create_key": {"json": {"label": "a machine"}},
    "rotate_key": {"json": {}},
    "add_client": {"json": _APPLICATION},
    "upload_pack": {"content": _OTHER, "headers": YAML},
    "check_pack": {"content": PACK, "headers": YAML},
    "create_world": {"json": {"pack": "court", "title": "Another"}},
    "configure_world": {"json": {"description": "Quieter"}},
    "fork_world": {"json": {"title": "A fork"}},
    "import_world": {"content": "$archive", "params": {"copy": True}, "headers": {"Content-Type": "application/gzip"}},
    "upgrade_world": {"json": {"plan": True}},
    "add_member": {"json": {"email": "$outsider"}},
    "change_roles": {"json": {"roles": ["moderator"]}},
    "list_entities": {"params": {"kind": "note"}},
    "get_diff": {"params": {"from": _NOON}},
    "get_entity_diff": {"params": {"from": _NOON}},
    "perform": {"json": {"target": "$entity"}},
    "perform_batch": {"json": {"atomic": True, "actions": [_STAR]}},
    "preview": {"json": {"target": "$entity"}},
    "undo": {"json": {}},
}
# Where the part of a path is not what it is elsewhere.
PLACES: Final = {
    "undo": {"event": "starred"},
    "show_erasure": {"user": "erased"},
    "revoke_server_invite": {"invite": "server_invite"},
}
# What changes something that nobody else's request needs.
HARMLESS: Final = frozenset({
    "register", "log_in", "change_me", "create_bot", "rename_bot", "create_key", "add_client", "upload_pack",
    "check_pack", "create_world", "import_world", "upgrade_world", "preview", "renew_client_secret",
    "preview_invite", "create_invite", "ask_to_verify", "forgot_password", "make_server_invite", "make_invite_token",
})  # fmt: skip


def path_of(path: str, operation: str, court: Court) -> str:
    """Return the path of an operation, with what there is in the court."""
    for name, thing in PLACES.get(operation, {}).items():
        path = path.replace(f"{{{name}}}", court.things[thing])
    return path.format_map({"identity": NOWHERE, **court.things})


def parts_of(operation: str, court: Court, who: str) -> Parts:
    """Return what is sent beside the path."""
    known = {
        **court.things, "archive": court.archive, "fresh": f"{who.replace(' ', '-')}@example.net",
        "address": court.addresses["player"], "outsider": court.addresses["outsider"],
    }  # fmt: skip
    found: Parts = _filled(REQUESTS.get(operation, {}), known)
    return found


def _filled(held: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(held, Mapping):
        return {name: _filled(value, known) for name, value in held.items()}
    if isinstance(held, list):
        return [_filled(value, known) for value in held]
    return known[held[1:]] if isinstance(held, str) and held.startswith("$") else held
