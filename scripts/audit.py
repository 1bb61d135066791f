"""Asks pip-audit for known vulnerabilities of what is installed, and says plainly where nobody could be asked.

Fails where one is found. A machine without a network, or whose package index tells nothing about vulnerabilities, is
no failure, but never looks like a clean bill either.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

SECONDS: Final = 300
OURS: Final = "reality-engine"


class UnansweredError(Exception):
    """Nobody could be asked; says why."""


def main() -> int:
    """Ask, and tell what was found; the exit code is 1 where there is a vulnerability."""
    installed = sorted({f"{one.name}=={one.version}" for one in distributions() if one.name != OURS})
    try:
        # About one first: an index that knows nothing of it is not asked about a hundred more.
        audited(asked(installed[:1]))
        return told(asked(installed))
    except UnansweredError as reason:
        print(f"NOT AUDITED: nobody could be asked about vulnerabilities here ({reason})", file=sys.stderr)
        return 0


def asked(requirements: Sequence[str]) -> list[dict[str, Any]]:
    """Return what pip-audit says of each; raises UnansweredError where it says nothing."""
    tool = str(Path(sys.executable).with_name("pip-audit"))
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(requirements), encoding="utf-8")
        command = [tool, "-r", str(listed), "--no-deps", "--disable-pip", "-f", "json", "--progress-spinner", "off"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnansweredError(error) from error
    try:
        found: list[dict[str, Any]] = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        raise UnansweredError((run.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]) from error
    return found


def audited(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was looked at; raises UnansweredError where that is nothing."""
    known = [one for one in found if "skip_reason" not in one]
    if not known:
        raise UnansweredError("the package index tells nothing about vulnerabilities")
    return known


def told(found: list[dict[str, Any]]) -> int:
    """Print what was found, and how much was not looked at; return the exit code."""
    known = audited(found)
    wrong = [(one, each) for one in known for each in one["vulns"]]
    for one, each in wrong:
        mended = ", ".join(each["fix_versions"]) or "no version yet"
        print(f"{one['name']} {one['version']}: {each['id']}, mended in {mended}")
    print(f"{len(known)} packages audited, {len(wrong)} vulnerabilities; not audited: {len(found) - len(known)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
