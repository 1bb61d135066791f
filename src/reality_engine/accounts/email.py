"""E-mail addresses as names of accounts: one form for each; nothing is sent to them here."""

from typing import Final

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

MAX_LENGTH: Final = 254

# The library's documented way to let in names such as `.local` and `.test`: nothing is sent to the addresses here,
# and a server at home may have such a name.
SPECIAL_USE_DOMAIN_NAMES.clear()


def normal_email(text: str) -> str:
    """Return the one form of an address, lower-case throughout; raises ValueError with the reason."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(f"not an e-mail address: {error}") from error
    # Case is allowed to matter before the @, but nobody gives two people addresses that differ only in it.
    return found.normalized.lower()
