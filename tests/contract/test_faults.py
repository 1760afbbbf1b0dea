"""A few of the points at which the disk, a helper or the program itself can fail.

All of them are tried by `benchmarks/endurance.py points`.
"""

import subprocess
import sys

import pytest

from conftest import REPOSITORY
from programs import posix_only

ENDURANCE = REPOSITORY / "benchmarks" / "endurance.py"


@posix_only
@pytest.mark.usefixtures("home")
def test_whatever_fails_says_so_leaves_nothing_and_heals() -> None:
    """One point each of a build, in each of eight ways."""
    command = [sys.executable, ENDURANCE, "points", "--job", "build", "--sample", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("build: ")
    assert done.stdout.count("1 tried: ") == 8
