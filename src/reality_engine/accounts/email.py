"""E-mail addresses as names of accounts: one form for each; nothing is sent to them here."""

from typing import Final

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH: Final = 254


def normal_email(text: str) -> str:
    """Return the one form of an address, lower-case throughout; raises ValueError with the reason.

    The domain need not be reachable from the internet: a server at home may use names such as `harbor.local`.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(f"not an e-mail address: {error}") from error
    # Case is allowed to matter before the @, but nobody gives two people addresses that differ only in it.
    return found.normalized.lower()
