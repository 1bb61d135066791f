"""Writes the exact version of every dependency into pyproject.toml, as uv's `constraint-dependencies`.

They stand in for a lock file: uv.lock records the address of every download, which depends on the machine. This is
not the place where dependencies are chosen: those are listed by hand, further up in pyproject.toml.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = ROOT / "pyproject.toml"
UV = ROOT / ".uv" / "bin" / "uv"
PINS = re.compile(r"^constraint-dependencies = \[\n.*?^\]$", re.MULTILINE | re.DOTALL)
EVERYTHING = ("--all-extras", "--all-groups", "--no-emit-project", "--no-hashes", "--no-header", "--no-annotate")


def with_pins(pyproject: str, pins: list[str]) -> str:
    """The text of pyproject.toml with these pins in place of the ones it had; raises ValueError if it has no list."""
    lines = "".join(f'  "{pin}",\n' for pin in pins)
    text, found = PINS.subn(lambda _: f"constraint-dependencies = [\n{lines}]", pyproject)
    if found != 1:
        message = f"expected one list of constraint-dependencies, found {found}"
        raise ValueError(message)
    return text


def resolve() -> list[str]:
    """Resolve what pyproject.toml asks for, on every platform, to one requirement line a package."""
    export = [str(UV), "export", *EVERYTHING, "--quiet"]
    answer = subprocess.run(export, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE)
    return sorted(line.replace('"', "'") for line in answer.stdout.splitlines() if line.strip())


def main() -> int:
    """Pin what is not pinned yet, or, with `--upgrade`, everything anew; on failure pyproject.toml is as before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit together")
    upgrade = parser.parse_args().upgrade
    before = PYPROJECT.read_text(encoding="utf-8")
    (ROOT / "uv.lock").unlink(missing_ok=True)
    try:
        if upgrade:
            PYPROJECT.write_text(with_pins(before, []), encoding="utf-8")
        pins = resolve()
    except subprocess.CalledProcessError:
        PYPROJECT.write_text(before, encoding="utf-8")
        return 1
    PYPROJECT.write_text(with_pins(before, pins), encoding="utf-8")
    sys.stdout.write(f"{len(pins)} pins\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
