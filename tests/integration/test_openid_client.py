"""A client library for OpenID Connect, as it is, logs somebody in against a server that runs, and out again."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from authlib.integrations.base_client import BaseApp, FrameworkIntegration, OAuth2Mixin, OAuthError, OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session

from reality_engine.openid.scopes import Scope
from tests.browsing import Browser, told
from tests.commanding import OWNER, Captured, run, type_password, use
from tests.processes import serving
from tests.serving import PASSWORD, SECRET

HOME, BYE = "http://127.0.0.1:9/callback", "http://127.0.0.1:9/bye"


# The library's own client for whichever framework, with its session of `requests`.
Application: Any = type("Application", (OAuth2Mixin, OpenIDMixin, BaseApp), {"client_cls": OAuth2Session})


def application(address: str, key: str, secret: str) -> Any:
    return Application(
        FrameworkIntegration("wiki"), client_id=key, client_secret=secret,
        server_metadata_url=f"{address}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile email worlds offline_access", "code_challenge_method": "S256"},
    )  # fmt: skip


@pytest.fixture
def served(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> Iterator[tuple[str, Any]]:
    """A server that runs, with a person and an application."""
    use(monkeypatch, database_url)
    type_password(monkeypatch)
    assert run("user", "create", OWNER, "--password-stdin") == 0
    capsys.readouterr()
    scopes = [f"--scope={scope.value}" for scope in Scope]
    assert run("client", "add", "Wiki", "--redirect", HOME, "--after-log-out", BYE, *scopes) == 0
    said = capsys.readouterr()
    key, secret = re.findall(r"client_id (\S+)", said.err)[0], said.out.split()[0]
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    settings = {"REALITY_DATABASE_URL": database_url, "REALITY_SECRET_KEY": SECRET, "REALITY_BCRYPT_ROUNDS": "4"}
    with serving(["serve"], tmp_path, **settings) as address:
        public = address.replace("127.0.0.1", "localhost")
        yield public, application(public, key, secret)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_it_logs_in_refreshes_revokes_and_logs_out(served: tuple[str, Any]) -> None:
    address, app = served
    begun = app.create_authorization_url(HOME)
    async with httpx2.AsyncClient(base_url=address) as client:
        browser = Browser(client)
        page = await browser.log_in(await browser.open(begun["url"]), OWNER.partition("@")[0], PASSWORD)
        answer = told(await browser.send(page, decision="allow"))
        assert (answer["state"], answer["iss"]) == (begun["state"], app.load_server_metadata()["issuer"])
        taken = {"code": answer["code"], "code_verifier": begun["code_verifier"]}
        token = app.fetch_access_token(HOME, **taken)
        who = app.parse_id_token(token, begun["nonce"])
        assert (who["name"], who["email"]) == ("mira", OWNER)
        assert app.userinfo(token=token)["sub"] == who["sub"]
        assert app.get(f"{address}/api/v1/worlds", token=token).json()["data"] == []
        _refresh_and_revoke(app, token, address)
        with pytest.raises(OAuthError, match="invalid_grant"):
            app.fetch_access_token(HOME, **taken)
        bye = app.create_logout_url(BYE, token["id_token"])
        assert told(await browser.open(bye["url"])) == {"state": bye["state"]}
        assert 'type="password"' in (await browser.open(begun["url"])).text


def _refresh_and_revoke(app: Any, token: dict[str, str], address: str) -> None:
    metadata = app.load_server_metadata()
    with OAuth2Session(app.client_id, app.client_secret, token=token) as session:
        renewed = session.refresh_token(metadata["token_endpoint"])
        assert renewed["refresh_token"] != token["refresh_token"]
        assert session.get(f"{address}/api/v1/worlds").status_code == 200
        session.revoke_token(metadata["revocation_endpoint"], renewed["refresh_token"], "refresh_token")
        assert session.get(f"{address}/api/v1/worlds").status_code == 401
