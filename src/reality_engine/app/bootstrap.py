"""Wires the parts of one process together, from its settings; knows everything and decides nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from pydantic import SecretStr

from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.endings import Endings, standing_sessions
from reality_engine.accounts.grants import TokenGrants
from reality_engine.accounts.preparing import PREPARATIONS
from reality_engine.accounts.rights import Right, Rights
from reality_engine.accounts.settings import AccountSettings
from reality_engine.actions.service import Actions
from reality_engine.app.secret import secret_of
from reality_engine.app.settings import Settings
from reality_engine.app.version import VERSION
from reality_engine.archives.context import ArchiveSettings
from reality_engine.bots.context import BotContext
from reality_engine.bots.repository import standing_keys
from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.unit import Units
from reality_engine.erasure.service import Erasures
from reality_engine.factors.factors import Factors
from reality_engine.identities.context import IdentityContext
from reality_engine.identities.settings import ClerkSettings, IdentitySettings, OidcSettings
from reality_engine.invites.links import InviteLinks
from reality_engine.kernel.clock import Clock, SystemClock
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.library.settings import LibrarySettings
from reality_engine.mail.context import MailContext
from reality_engine.mail.relay import Relay
from reality_engine.mail.settings import MailSettings
from reality_engine.openid.code_grant import ByCode
from reality_engine.openid.context import OpenId
from reality_engine.openid.id_tokens import IdTokens
from reality_engine.openid.proofs import OpenIdClients
from reality_engine.packs.cache import PackCache
from reality_engine.rates.counts import Counts
from reality_engine.rates.shared import SharedCounts, Store
from reality_engine.reads.dependencies import Reading
from reality_engine.reads.view_as import ViewAs
from reality_engine.signing.algorithms import Algorithm
from reality_engine.signing.signing import Signing
from reality_engine.upgrading.following import Followers
from reality_engine.upgrading.service import Upgrading
from reality_engine.visibility.arrivals import Arrivals
from reality_engine.visibility.viewer import Viewers
from reality_engine.web.context import Context
from reality_engine.web.cursors import Cursors
from reality_engine.web.forgery import FormGuard
from reality_engine.web.keys import derive
from reality_engine.web.pages import Pages
from reality_engine.web.seals import Seals


@dataclass(frozen=True, slots=True)
class Services:
    """What runs in one process, whether it serves or is a command."""

    settings: Settings
    engines: Engines
    counts: Counts
    context: Context
    signing: Signing
    accounts: AccountContext
    bots: BotContext
    grants: TokenGrants
    factors: Factors
    endings: Endings
    library: LibrarySettings
    packs: PackCache
    actions: Actions
    reading: Reading
    erasures: Erasures
    invites: InviteLinks
    archives: ArchiveSettings
    followers: Followers
    openid: OpenId
    identities: IdentityContext
    pages: Pages
    mail: MailContext
    relay: Relay | None

    @property
    def units(self) -> Units:
        """Opens transactions."""
        return self.context.units

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        return self.context.clock

    async def close(self) -> None:
        """End what goes on by itself, and let go of every connection."""
        await self.followers.close()
        await self.endings.close()
        await self.counts.close()
        await self.identities.fetching.close()
        await self.engines.close()


def bootstrap(settings: Settings, clock: Clock | None = None) -> Services:
    """Make the services; nothing connects before the first use."""
    secret = secret_of(settings)
    engines = open_engines(settings.database_url, settings.database_pool)
    context = Context(Units(engines), clock or SystemClock(), Cursors(secret))
    counts = counts_of(settings, context.clock)
    packs, etag_key = PackCache(), derive(secret, "etags")
    viewers = Viewers(packs)
    factors = Factors(secret)
    signing = Signing(secret, context.units)
    bots = BotContext.build()
    identities = IdentityContext.build(identity_settings(settings), secret, context.clock)
    accounts = AccountContext.build(
        account_settings(settings), signing, [bots.standings, *identities.readers], rights_of(settings), counts
    )
    mail = MailContext.build(mail_settings(settings), secret, settings.public_address)
    openid = _openid(settings, secret, signing)
    followers = Followers(Upgrading(context.units, packs), context.clock)
    return Services(
        settings=settings,
        engines=engines,
        counts=counts,
        context=context,
        signing=signing,
        accounts=accounts,
        bots=bots,
        factors=factors,
        endings=_endings(context),
        grants=TokenGrants.build(factors, {"authorization_code": ByCode(openid.tokens)}, OpenIdClients()),
        library=LibrarySettings(followers.wake),
        packs=packs,
        actions=Actions(context.units, context.clock, viewers, etag_key),
        reading=Reading(viewers, etag_key, ViewAs(Seals(secret, "view as")), Arrivals(context.units, viewers)),
        erasures=Erasures(context.units, packs, context.clock, _forgetting(accounts, bots)),
        invites=InviteLinks.build(secret),
        archives=ArchiveSettings(VERSION, archive_bytes(settings)),
        followers=followers,
        mail=mail,
        relay=_relay(context, mail),
        identities=identities,
        openid=openid,
        pages=Pages(FormGuard(secret, settings.public_address)),
    )


def _forgetting(accounts: AccountContext, bots: BotContext) -> Callable[[str], None]:
    """Return what has a user and their bots looked up again, after a commit that changed the user."""

    def forget(user: str) -> None:
        accounts.standings.forget_user(user)
        bots.forget_owner(user)

    return forget


def _openid(settings: Settings, secret: bytes, signing: Signing) -> OpenId:
    """Return this server as a provider; what it tells of people is good as long as an access token."""
    issuer = settings.public_address
    tokens = IdTokens(signing, issuer, timedelta(minutes=settings.access_token_minutes))
    return OpenId.build(secret, issuer, timedelta(hours=settings.login_hours), tokens)


def _endings(context: Context) -> Endings:
    """Return what tells live connections whose sessions and keys are over."""
    kinds = {PrincipalKind.PERSON: standing_sessions, PrincipalKind.BOT: standing_keys}
    return Endings(context.units, context.clock, kinds)


def _relay(context: Context, mail: MailContext) -> Relay | None:
    """Return what sends letters, where any are sent."""
    return (
        None
        if mail.delivery is None
        else Relay(context.units, context.clock, mail.composer, mail.delivery, PREPARATIONS)
    )


def counts_of(settings: Settings, clock: Clock) -> Counts:
    """Return what counts requests and attempts: for this process, or together with others where the settings say."""
    if settings.redis_url is None:
        return Counts(clock)
    # Only who names a server needs the library of its clients.
    store: Store = import_module("reality_engine.rates.redis_store").RedisStore(settings.redis_url.get_secret_value())
    return SharedCounts(clock, store)


def archive_bytes(settings: Settings) -> int:
    """Return how large an archive may be that is imported over HTTP."""
    return settings.archive_limit_mb * 2**20


def rights_of(settings: Settings) -> Rights:
    """Return which rights everybody with an account has."""
    chosen = {Right.UPLOAD_PACKS: settings.pack_upload, Right.CREATE_WORLDS: settings.world_creation}
    return Rights(frozenset(right for right, who in chosen.items() if who == "users"))


def account_settings(settings: Settings) -> AccountSettings:
    """Return the part of the settings that accounts know."""
    return AccountSettings(
        access_lifetime=timedelta(minutes=settings.access_token_minutes),
        refresh_lifetime=timedelta(days=settings.refresh_token_days),
        hasher=settings.password_hasher,
        bcrypt_rounds=settings.bcrypt_rounds,
        algorithm=Algorithm(settings.token_algorithm),
        issuer=settings.public_address,
        registration=settings.registration,
        verify_email=settings.verifies_email,
        passwords="local" in settings.auth,
    )


def mail_settings(settings: Settings) -> MailSettings:
    """Return the part of the settings that mail knows."""
    return MailSettings(settings.mail_place, settings.mail_sender)


def identity_settings(settings: Settings) -> IdentitySettings:
    """Return the part of the settings that identities know; what is not among the ways in is left out."""
    clerk = oidc = None
    if "clerk" in settings.auth and settings.clerk_issuer:
        parties = frozenset(settings.clerk_authorized_parties)
        clerk = ClerkSettings(settings.clerk_issuer, _plain(settings.clerk_webhook_secret), parties)
    if "oidc" in settings.auth and settings.oidc_issuer and settings.oidc_client_id:
        oidc = OidcSettings(
            settings.oidc_issuer, settings.oidc_client_id, _plain(settings.oidc_client_secret), settings.oidc_scopes,
            settings.oidc_name,
        )  # fmt: skip
    return IdentitySettings(
        settings.public_address,
        clerk,
        oidc,
        make_accounts=settings.first_seen == "create" if settings.first_seen else settings.registration == "open",
        return_addresses=settings.return_addresses,
    )


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
