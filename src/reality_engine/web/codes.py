"""Every error code there is, with its meaning and its HTTP status: the one table of both; not the errors themselves.

`docs/errors.md` is written from it. A test holds every code of the domain's errors and of refusals to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reality_engine.kernel.errors import RealityError


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says to a program: the status that it comes with, and its meaning."""

    status: int
    meaning: str


CODES: Final[Mapping[str, Code]] = {
    # The request could not be read.
    "not_json": Code(400, "The body is not well-formed JSON in UTF-8, or is nested too deeply."),
    "null_character": Code(400, "The request contains the character U+0000, which no database text can hold."),
    "bad_request": Code(400, "The body could not be read as what its Content-Type says."),
    "address_too_long": Code(414, "The address is longer than 8,192 bytes."),
    "headers_too_large": Code(431, "The headers are more than 100, or larger than 32,768 bytes together."),
    "too_slow": Code(408, "The body took too long to arrive."),
    "unknown_host": Code(421, "The server was asked for by a name that is not its own."),
    "https_required": Code(403, "The request came over plain HTTP, and this server is asked by https alone."),
    "too_large": Code(413, "The body is larger than this server accepts."),
    "unknown_client": Code(400, "The application is not registered here, so nobody can be sent back to it."),
    "bad_redirect": Code(400, "The address to be sent back to is not one that the application was registered with."),
    # Who asks, and for what.
    "unauthenticated": Code(401, "The caller did not prove who they are: no token, or one that is wrong or expired."),
    "token_expired": Code(401, "The access token has expired; get another one with the refresh token."),
    "bad_credentials": Code(401, "The e-mail address or the password is wrong; which of them is not said."),
    "account_banned": Code(403, "The account is banned from this server."),
    "token_reused": Code(
        401, "A refresh token was used twice. The whole session is ended, since one use was a thief's."
    ),
    "bad_grant": Code(401, "What was to be taken for tokens is no good, or no longer; the token endpoint says 400."),
    "bad_client": Code(401, "The application did not prove which one it is, or the token is another one's."),
    "bad_token_request": Code(400, "The form for tokens lacks something that its grant needs, or has it twice."),
    "unsupported_grant_type": Code(400, "The token endpoint knows no such `grant_type`."),
    "bad_scope": Code(400, "The scope that was asked for cannot be granted in this way."),
    "second_factor_required": Code(
        401,
        "The password is right, and the account wants a code beside it, sent as `otp`; the token endpoint says 400.",
    ),
    "bad_second_factor": Code(401, "The code is wrong, is over or was used before; the token endpoint says 400."),
    "denied": Code(403, "The caller may see the thing, but may not do this to it."),
    "forged_form": Code(403, "The form was not sent from a page of this server that this browser was shown."),
    "bad_view_as": Code(
        403, "The token of view-as is not this caller's or not of this world, or they do not see everything (any more)."
    ),
    "view_as_expired": Code(403, "The token of view-as is over; looking again is another logged action."),
    "view_as_reads_only": Code(403, "With another member's eyes one can look and not act."),
    "insufficient_scope": Code(403, "The API key that was used is not good for this, whatever its bot may do."),
    "registration_closed": Code(403, "This server takes no registrations; an administrator creates accounts."),
    "mail_off": Code(403, "This server sends no mail, so what needs a letter cannot be had here."),
    "email_unverified": Code(
        403, "The account's e-mail address is yet to be verified by the link that was sent to it."
    ),
    "bad_invite": Code(403, "The invite to this server is missing, used up, over, revoked or for another address."),
    "not_found": Code(404, "The thing does not exist, or lies outside what the caller may see; never said which."),
    "method_not_allowed": Code(405, "There is no such method on this path; `Allow` names those there are."),
    # What was asked does not fit.
    "conflict": Code(409, "The request does not fit the present state, such as a name that is taken."),
    "factor_exists": Code(409, "The account has a second factor already."),
    "last_admin": Code(409, "Nobody else manages the server, and somebody must."),
    "email_taken": Code(409, "There is an account with this e-mail address."),
    "key_over": Code(409, "The API key is revoked or has expired, so that nothing can follow from it."),
    "world_taken": Code(409, "The world of the archive is on this server already."),
    "import_overtaken": Code(409, "Another import of the same archive has taken over from this one."),
    "past_rewritten": Code(
        409, "Something was erased or rewritten in the world while it was exported; export it anew."
    ),
    "version_taken": Code(409, "This version of the pack is stored with another content; versions never change."),
    "limit_exceeded": Code(422, "The request sets more in motion than the server's or the pack's limits allow."),
    "too_many_requests": Code(
        429, "The caller comes more often than is allowed. Try again after `Retry-After` seconds."
    ),
    "quota_exceeded": Code(
        429, "The API key was used as often as its owner allows. Try again after `Retry-After` seconds."
    ),
    "too_many_bots": Code(422, "The account has as many bots, or the bot as many keys, as there may be."),
    "invalid": Code(422, "The request is wrong: its shape, a type, a bound or an unknown name."),
    "bad_cursor": Code(
        422, "The cursor was not made by this server for this list and viewer, or is of another query or an older pack."
    ),
    "bad_as_of": Code(422, "What is given is no moment of this world: neither a time in its past nor a cursor of it."),
    "bad_link": Code(422, "The token of a mailed link was used, is over or was not made here; ask for another letter."),
    "weak_password": Code(422, "The password is too short, too long, too common, or says what is known of its owner."),
    "bad_pack": Code(422, "The pack cannot be used; each error says where in the source and why."),
    "bad_archive": Code(422, "The archive of a world is not whole, was altered, or holds what no world can."),
    "newer_format": Code(422, "The archive was written by a later release, in a form that this one does not know."),
    "archive_too_large": Code(413, "The archive holds more than this server takes."),
    "bad_expression": Code(422, "An expression does not compile."),
    # A rule of the world said no.
    "requirement_failed": Code(422, "A requirement of the action does not hold; the message is the pack's own."),
    "invariant_broken": Code(422, "The action would leave an entity in a state that its kind forbids."),
    "not_unique": Code(409, "The action would give two entities the same value of a unique field."),
    "out_of_bounds": Code(422, "The action would take a field outside of its bounds."),
    "no_value": Code(422, "The action reads a field that has no value."),
    "evaluation_failed": Code(422, "An expression of the action failed, such as a division by zero."),
    "invite_over": Code(
        404, "What was sent is no invite of this server, or it was used up or taken back; never said which."
    ),
    "banned": Code(403, "The caller is banned from this world, and may do nothing in it."),
    "approval_required": Code(403, "The action needs an approval."),
    "empty_list": Code(422, "The action draws from a list that is empty."),
    "built_upon": Code(409, "What the event changed has been changed since; `events` has what you see of that."),
    "already_undone": Code(409, "The event is undone already, or a part of what is to be undone with it is."),
    "nothing_to_undo": Code(409, "The event changed nothing that could be undone."),
    "upgrade_refused": Code(
        409, "The world cannot go on under that version as it is; each error says what stands in the way."
    ),
    "not_undoable": Code(409, "The event is none of an action, or the pack has no place any more for what it changed."),
    "unknown_action": Code(404, "There is no action with this name in the world."),
    "unknown_field": Code(422, "The request names a field or an input that does not exist, or not for the caller."),
    "required": Code(422, "An input that the action needs is missing."),
    "stale": Code(412, "`If-Match` does not fit: the target has changed since the caller read it."),
    "idempotency_key_reused": Code(422, "The `Idempotency-Key` was used for another request; use a fresh one."),
    "invalid_input": Code(422, "The action's input has a wrong type, is out of bounds, or names something unknown."),
    # The server's own trouble.
    "integrity": Code(500, "Stored data contradicts itself; `reality verify` names the place."),
    "internal": Code(500, "A mistake of the server. Its log has the details under the request's id."),
    "bad_settings": Code(500, "The settings cannot be used; the command line tells every mistake in them."),
    "error": Code(500, "A failure without a more telling code."),
    "outcome_unknown": Code(
        503,
        "The database was lost in the commit. Ask again under the same `Idempotency-Key` to learn what came of it.",
    ),
    "busy": Code(503, "More is asked for than the server gets done; nothing was begun. Try again after `Retry-After`."),
    "method_off": Code(404, "This server does not let anybody in that way; its administrator chose others."),
    "identity_ended": Code(401, "The identity provider, or an erasure here, has ended this identity for good."),
    "link_required": Code(
        409, "There is an account with the identity's address. Log in to it, and link the identity there."
    ),
    "identity_taken": Code(409, "The identity is linked to another account."),
    "last_way_in": Code(409, "Without this identity nobody could log in to the account any more."),
    "bad_sign_in": Code(422, "The log-in at the provider is over, was begun elsewhere, or its code was used before."),
    "bad_signature": Code(401, "The news are not signed by whom they are said to be from, or not lately."),
    "bad_return_address": Code(422, "Browsers may not be sent back to that address; the settings list those they may."),
    "issuer_unavailable": Code(
        503, "The identity provider cannot be asked now; the same request may succeed after `Retry-After` seconds."
    ),
    "unavailable": Code(503, "The server cannot answer now; the same request may succeed after `Retry-After` seconds."),
}


def status_of(code: str) -> int:
    """Return the HTTP status of a code, such as that of a refusal; one that is not listed is a plain 422."""
    return CODES[code].status if code in CODES else CODES["invalid"].status


def status_of_error(error: type[RealityError]) -> int:
    """Return the HTTP status of an error: that of its code, or else of the nearest parent's that is listed."""
    listed = (parent.code for parent in error.__mro__ if issubclass(parent, RealityError) and parent.code in CODES)
    return CODES[next(listed)].status
