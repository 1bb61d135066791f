"""The files that are committed, or would be with the next `git add`; not the code in them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def committed_files() -> list[Path]:
    """Everything that git does not ignore and that is there, sorted."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(path for name in names if name and (path := ROOT / name).is_file())
