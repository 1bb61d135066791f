from datetime import timedelta

import pytest

from reality_engine.library.schemas import EXAMPLE
from tests.serving import Serving, codes, serving

PACKS = "/api/v1/packs"
BROKEN = "pack: lantern\nversion: 1.0.0\ntitle: A lantern\nrols: {}\nkinds:\n  lamp: {feilds: {}}\n"
YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
async def mira(server: Serving) -> dict[str, str]:
    return await server.user("Mira")


def files(version: str = "1.0.0", name: str = "lantern") -> dict[str, dict[str, str]]:
    return {"files": {"pack.yaml": EXAMPLE.replace("1.0.0", version).replace("pack: lantern", f"pack: {name}")}}


async def test_a_pack_is_stored_once_whatever_its_form(server: Serving, mira: dict[str, str]) -> None:
    first = await server.client.post(PACKS, json=files(), headers=mira)
    assert first.status_code == 201
    data = first.json()["data"]
    assert (data["name"], data["version"], data["title"]) == ("lantern", "1.0.0", "A lantern")
    server.clock.advance(timedelta(minutes=1))
    again = await server.client.post(PACKS, content=EXAMPLE, headers={**mira, **YAML})
    assert again.json()["data"] == data


async def test_a_version_never_changes(server: Serving, mira: dict[str, str]) -> None:
    await server.client.post(PACKS, json=files(), headers=mira)
    other = EXAMPLE.replace("A lantern", "Another")
    answer = await server.client.post(PACKS, content=other, headers={**mira, **YAML})
    assert (answer.status_code, codes(answer)) == (409, ["version_taken"])


async def test_a_bad_pack_is_refused_with_every_mistake_and_its_place(server: Serving, mira: dict[str, str]) -> None:
    answer = await server.client.post(PACKS, content=BROKEN, headers={**mira, **YAML})
    assert answer.status_code == 422
    told = {error["field"]: error["hint"] for error in answer.json()["errors"]}
    assert told["pack.yaml:4:1"] == "did you mean 'roles'?"
    assert told["pack.yaml:6:10"] == "did you mean 'fields'?"
    assert (await server.client.get(PACKS, headers=mira)).json()["data"] == []


async def test_a_check_tells_the_same_and_stores_nothing(server: Serving, mira: dict[str, str]) -> None:
    answer = await server.client.post(f"{PACKS}/check", content=BROKEN, headers={**mira, **YAML})
    data = answer.json()["data"]
    assert (answer.status_code, data["ok"], data["name"]) == (200, False, None)
    first = next(one for one in data["problems"] if one["line"] == 4)
    assert (first["file"], first["column"], first["hint"]) == ("pack.yaml", 1, "did you mean 'roles'?")
    good = await server.client.post(f"{PACKS}/check", json=files(), headers=mira)
    assert good.json()["data"] == {"ok": True, "name": "lantern", "version": "1.0.0", "problems": []}
    assert (await server.client.get(PACKS, headers=mira)).json()["data"] == []


async def test_packs_are_listed_by_name_with_their_newest_version(server: Serving, mira: dict[str, str]) -> None:
    for version, name in (("1.0.0", "lantern"), ("1.1.0", "lantern"), ("1.0.0", "anchor"), ("1.0.0", "buoy")):
        await server.client.post(PACKS, json=files(version, name), headers=mira)
        server.clock.advance(timedelta(seconds=1))
    first = (await server.client.get(f"{PACKS}?limit=2&total=true", headers=mira)).json()
    assert [one["name"] for one in first["data"]] == ["anchor", "buoy"]
    assert first["meta"]["total"] == 3
    rest = (await server.client.get(f"{PACKS}?limit=2&cursor={first['meta']['next']}", headers=mira)).json()
    assert [(one["name"], one["version"]) for one in rest["data"]] == [("lantern", "1.1.0")]
    assert "next" not in rest["meta"]
    skipped = (await server.client.get(f"{PACKS}?limit=1&offset=1", headers=mira)).json()
    assert [one["name"] for one in skipped["data"]] == ["buoy"]


async def test_versions_are_paged_from_the_newest(server: Serving, mira: dict[str, str]) -> None:
    for minor in range(5):
        await server.client.post(PACKS, json=files(f"1.{minor}.0"), headers=mira)
        server.clock.advance(timedelta(seconds=minor % 2))  # some at the same moment
    seen: list[str] = []
    path = f"{PACKS}/lantern?limit=2&total=true"
    while path:
        page = (await server.client.get(path, headers=mira)).json()
        assert page["meta"]["total"] == 5
        seen += [one["version"] for one in page["data"]]
        path = f"{PACKS}/lantern?limit=2&total=true&cursor={page['meta']['next']}" if "next" in page["meta"] else ""
    assert sorted(seen) == [f"1.{minor}.0" for minor in range(5)]
    assert (seen[0], seen[-1]) in {("1.4.0", "1.0.0"), ("1.4.0", "1.1.0")}


async def test_a_cursor_is_of_one_list_and_one_viewer(server: Serving, mira: dict[str, str]) -> None:
    for name in ("anchor", "buoy"):
        await server.client.post(PACKS, json=files(name=name), headers=mira)
    cursor = (await server.client.get(f"{PACKS}?limit=1", headers=mira)).json()["meta"]["next"]
    elsewhere = await server.client.get(f"{PACKS}/anchor?cursor={cursor}", headers=mira)
    stolen = await server.client.get(f"{PACKS}?cursor={cursor}", headers=await server.user("Jo"))
    assert [codes(elsewhere), codes(stolen)] == [["bad_cursor"], ["bad_cursor"]]


async def test_the_source_is_for_the_uploader_and_administrators(server: Serving, mira: dict[str, str]) -> None:
    await server.client.post(PACKS, json=files(), headers=mira)
    path, seen = f"{PACKS}/lantern/1.0.0", {}
    for name, headers in (
        ("mira", mira),
        ("jo", await server.user("Jo")),
        ("ada", await server.user("Ada", admin=True)),
    ):
        seen[name] = (await server.client.get(path, headers=headers)).json()["data"]["files"]
    assert seen == {"mira": {"pack.yaml": EXAMPLE}, "jo": None, "ada": {"pack.yaml": EXAMPLE}}


@pytest.mark.parametrize("path", ["nothing", "nothing/1.0.0", "lantern/2.0.0"])
async def test_what_is_not_stored_is_not_found(server: Serving, mira: dict[str, str], path: str) -> None:
    await server.client.post(PACKS, json=files(), headers=mira)
    answer = await server.client.get(f"{PACKS}/{path}", headers=mira)
    assert (answer.status_code, codes(answer)) == (404, ["not_found"])


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code", "field"),
    [
        (b"{}", "application/json", 422, "invalid", "files"),
        (b'{"files": {}, "more": 1}', "application/json", 422, "invalid", "more"),
        (b'{"files": {"pack.yaml": 1}}', "application/json", 422, "invalid", "files.pack.yaml"),
        (b'{"files": {}}', "application/json", 422, "no_pack", "pack.yaml:1:1"),
        (b"[]", "application/json", 422, "invalid", "body"),
        (b"", "application/json", 400, "not_json", None),
        (b"{", "application/json", 400, "not_json", None),
        (b"\xff", "application/yaml", 422, "invalid", "body"),
        (b"pack: x", "text/plain", 422, "invalid", "content-type"),
        (b"pack: x", "application/x-www-form-urlencoded", 422, "invalid", "content-type"),
    ],
)
@pytest.mark.parametrize("path", ["", "/check"])
async def test_what_is_no_pack_at_all_is_told(
    server: Serving,
    mira: dict[str, str],
    path: str,
    content: bytes,
    media_type: str,
    status: int,
    code: str,
    field: str,
) -> None:
    headers = {**mira, "Content-Type": media_type}
    answer = await server.client.post(PACKS + path, content=content, headers=headers)
    if path and code == "no_pack":
        assert [one["code"] for one in answer.json()["data"]["problems"]] == [code]
        return
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["field"]) == (status, code, field)


async def test_uploading_can_be_kept_to_administrators(database_url: str) -> None:
    async with serving(database_url, pack_upload="admins") as server:
        user, admin = await server.user("Mira"), await server.user("Ada", admin=True)
        refused = await server.client.post(PACKS, json=files(), headers=user)
        checked = await server.client.post(f"{PACKS}/check", json=files(), headers=user)
        stored = await server.client.post(PACKS, json=files(), headers=admin)
    assert (refused.status_code, codes(refused)) == (403, ["denied"])
    assert (checked.status_code, stored.status_code) == (200, 201)
