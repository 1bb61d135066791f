"""Where packages come from is the business of the machine: the same commit installs from any mirror."""

import re

import pytest

from tests.architecture.committed import ROOT, committed_files

# In pieces, so that this file does not find itself.
WELL_KNOWN = {
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("npmmirror", "com"),
    ]
}
HOST = re.compile(r"https?://(?:[^@/\s]*@)?([\w.-]+)")


def hosts_of_this_machine() -> set[str]:
    """The ones that uv wrote into the lock file here, which git ignores for that very reason."""
    lock = ROOT / "uv.lock"
    return set(HOST.findall(lock.read_text(encoding="utf-8"))) if lock.exists() else set()


def test_no_committed_file_names_a_package_registry() -> None:
    forbidden = re.compile("|".join(map(re.escape, sorted(WELL_KNOWN | hosts_of_this_machine()))))
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in committed_files()
        if (match := forbidden.search(path.read_bytes().decode("utf-8", errors="ignore")))
    ]
    assert not found


def test_no_lock_file_of_uv_is_committed() -> None:
    assert ROOT / "uv.lock" not in committed_files()


@pytest.mark.parametrize("text", ['registry = "https://mirror.example/simple"', "http://user:word@mirror.example:80/x"])
def test_a_host_is_found_in_an_address(text: str) -> None:
    assert HOST.findall(text) == ["mirror.example"]
