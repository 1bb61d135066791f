"""What an operator may choose about identity providers; built from the environment by `app.options`, not read here."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClerkSettings:
    """A Clerk instance; `parties` are the origins whose tokens are taken, all of them where there are none."""

    issuer: str
    webhook_secret: str | None = field(default=None, repr=False)
    parties: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """A provider that speaks OpenID Connect, and what it knows this server as."""

    issuer: str
    client: str
    secret: str | None = field(default=None, repr=False)
    scopes: str = "openid email profile"
    name: str = "OpenID Connect"


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Who is believed; `make_accounts` says whether those who are seen for the first time get an account.

    `return_addresses` are where a browser may be sent back to, each as a whole.
    """

    public_address: str
    clerk: ClerkSettings | None = None
    oidc: OidcSettings | None = None
    make_accounts: bool = True
    return_addresses: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether cookies travel over HTTPS alone."""
        return self.public_address.startswith("https://")
