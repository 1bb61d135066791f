"""Every kind of entry that there can be in the audit, as words that are stored; not who notes them."""

from enum import StrEnum


class What(StrEnum):
    """What was done; the subject is whom or what it was done to. A word that was released keeps its meaning."""

    ACCOUNT_MADE = "account.made"
    ACCOUNT_ROLE = "account.role"
    ACCOUNT_BANNED = "account.banned"
    ACCOUNT_UNBANNED = "account.unbanned"
    ACCOUNT_ERASED = "account.erased"
    # Another password.
    ACCOUNT_REKEYED = "account.rekeyed"
    ACCOUNT_EMAIL = "account.email"
    ACCOUNT_VERIFIED = "account.verified"
    SESSIONS_ENDED = "sessions.ended"
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_UNLINKED = "identity.unlinked"
    BOT_MADE = "bot.made"
    BOT_CHANGED = "bot.changed"
    BOT_ENDED = "bot.ended"
    BOT_KEY_MADE = "bot_key.made"
    BOT_KEY_REVOKED = "bot_key.revoked"
    CLIENT_MADE = "client.made"
    CLIENT_CHANGED = "client.changed"
    CLIENT_REMOVED = "client.removed"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    INVITE_MADE = "invite.made"
    INVITE_REVOKED = "invite.revoked"
    SIGNING_KEY_MADE = "signing_key.made"
    SIGNING_KEY_RETIRED = "signing_key.retired"
