"""Client libraries for OAuth2, as they are, log in, go on and revoke against a server that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient
from requests_oauthlib import OAuth2Session as RequestsSession

from tests.commanding import OWNER, run, type_password, use
from tests.processes import serving
from tests.serving import PASSWORD, SECRET

# One kind of database is enough: what the grants do to the tables is tested on both elsewhere.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def address(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that runs, by a public algorithm, and Mira's account on it."""
    use(monkeypatch, database_url)
    type_password(monkeypatch)
    assert run("user", "create", OWNER, "--password-stdin") == 0
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    settings = {"REALITY_DATABASE_URL": database_url, "REALITY_SECRET_KEY": SECRET, "REALITY_TOKEN_ALGORITHM": "EdDSA"}
    with serving(["serve"], tmp_path, **settings) as at:
        yield f"{at}/api/v1/auth"


def test_two_libraries_log_in_refresh_and_revoke(address: str) -> None:
    authlib = AuthlibSession("my-app", "unknown here", revocation_endpoint_auth_method="client_secret_basic")
    with pytest.raises(OAuthError) as refused:
        authlib.fetch_token(f"{address}/token", username=OWNER, password="wrong horse")
    assert (refused.value.error, refused.value.description) == (
        "invalid_grant",
        "the e-mail address or the password is wrong",
    )
    first = authlib.fetch_token(f"{address}/token", username=OWNER, password=PASSWORD)
    assert authlib.get(f"{address}/me").json()["data"]["email"] == OWNER
    second = authlib.refresh_token(f"{address}/token")
    assert second["refresh_token"] != first["refresh_token"]
    assert authlib.revoke_token(f"{address}/revoke", second["refresh_token"], "refresh_token").status_code == 200
    assert authlib.get(f"{address}/me").status_code == 401

    requests = RequestsSession(client=LegacyApplicationClient(client_id="my-app"))
    with pytest.raises(InvalidGrantError):
        requests.fetch_token(f"{address}/token", username=OWNER, password="wrong horse")
    held = requests.fetch_token(f"{address}/token", username=OWNER, password=PASSWORD)
    assert requests.get(f"{address}/me").json()["data"]["email"] == OWNER
    following = requests.refresh_token(f"{address}/token")
    assert requests.get(f"{address}/me").status_code == 200
    with pytest.raises(InvalidGrantError):
        requests.refresh_token(f"{address}/token", refresh_token=held["refresh_token"])
    # One use of that token was a thief's, so the whole session is over.
    assert requests.get(f"{address}/me").status_code == 401
    with pytest.raises(InvalidGrantError):
        requests.refresh_token(f"{address}/token", refresh_token=following["refresh_token"])
