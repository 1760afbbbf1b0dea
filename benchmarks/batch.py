"""Measure how many sessions a second `batch` builds from a cache, here and on a Dask cluster.

Run it with: python benchmarks/batch.py [ROWS] [--dask]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measure(rows: int, folder: Path, *on: str) -> float:
    """Build that many five-minute sessions, each of other lengths; return tracks a second."""
    table = folder / f"people-{rows}.csv"
    lines = [f"desk-break,p{row},{6 + row / 1000:.3f}s" for row in range(rows)]
    table.write_text("\n".join(["routine,name,rest", *lines]) + "\n")
    began = time.monotonic()
    command = [sys.executable, "-m", "stretchaudio", "batch", str(table), "-o"]
    options = [str(folder / f"out-{'-'.join(on)}-{rows}"), "--voice", "espeak", "--jobs", "2"]
    subprocess.run(
        [*command, *options, "--cache-dir", str(folder / "cache"), *on],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return rows / (time.monotonic() - began)


def main() -> None:
    """Print the figures."""
    rows = int(next((one for one in sys.argv[1:] if one.isdigit()), "1000"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"cache empty, 4 rows: {measure(4, folder):.2f} tracks/s")
        print(f"processes, {rows} rows: {measure(rows, folder):.1f} tracks/s")
        if "--dask" in sys.argv:
            on = ("--on", "local-cluster")
            print(f"Dask, {rows} rows: {measure(rows, folder, *on):.1f} tracks/s")


if __name__ == "__main__":
    main()
