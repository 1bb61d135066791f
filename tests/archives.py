"""Reads an archive as docs/archives.md says, with nothing but the standard library; not by the code that wrote it."""

import base64
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

Told = dict[str, Any]
MARK = "#"


def read_archive(path: Path) -> list[Told]:
    """Return the lines of an archive, of which everything was checked that its page speaks of."""
    with gzip.open(path, "rb") as file:
        raws = file.read().splitlines(keepends=True)
    lines: list[Told] = [json.loads(raw) for raw in raws]
    manifest, end = lines[0], lines[-1]["end"]
    assert (manifest["archive"], manifest["format"]) == ("reality-engine", 1)
    assert end["sha256"] == hashlib.sha256(b"".join(raws[:-1])).hexdigest()
    for counted, key in (("packs", "pack"), ("users", "user"), ("events", "event")):
        assert end[counted] == sum(key in line for line in lines)
    packs: set[str] = set()
    digest, position = hashlib.sha256(b"reality-engine/1").digest(), 0
    for line in lines:
        if "pack" in line:
            assert pack_digest(line["files"]) == line["pack"]
            packs.add(line["pack"])
        elif "event" in line:
            position += 1
            body = line["body"].encode()
            digest = hashlib.sha256(digest + body).digest()
            assert (line["event"], line["digest"]) == (position, digest.hex())
            content = json.loads(body)
            assert content["pack"] in packs
            for commitment, (salt, value) in line.get("private", {}).items():
                assert f'{{"{MARK}":"{commitment}"}}' in line["body"]
                assert commitment == committed(salt, value)
    assert (manifest["head"]["position"], manifest["head"]["digest"]) == (position, digest.hex())
    return lines


def committed(salt: str, value: Any) -> str:
    """Return what stands in a body for a value: only for values that the standard library writes in canonical form."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(bytes.fromhex(salt) + written).digest()).rstrip(b"=").decode()


def pack_digest(files: dict[str, str]) -> str:
    """Return the digest by which events name a pack."""
    hashed = hashlib.sha256()
    for name in sorted(files):
        text = files[name].removeprefix("\ufeff").replace("\r\n", "\n")
        for part in (name.encode(), text.encode()):
            hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.hexdigest()
