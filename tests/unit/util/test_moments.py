"""When something last happened."""

import os
import time
from pathlib import Path

from stretchaudio.util.moments import Moments


def test_a_moment_is_known_in_the_next_run_until_it_is_forgotten(tmp_path: Path) -> None:
    Moments(tmp_path / "moments").note("gtts did not answer")
    moments = Moments(tmp_path / "moments")
    since_s = moments.since_s("gtts did not answer")
    assert since_s is not None
    assert 0 <= since_s < 60
    assert moments.since_s("edge did not answer") is None
    moments.forget("gtts did not answer")
    assert moments.since_s("gtts did not answer") is None


def test_a_moment_that_is_yet_to_come_counts_as_unknown(tmp_path: Path) -> None:
    moments = Moments(tmp_path)
    moments.note("asked")
    os.utime(tmp_path / "asked", (time.time() + 600,) * 2)
    assert moments.since_s("asked") is None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    moments = Moments(tmp_path / "file")
    moments.note("asked")
    moments.forget("asked")
    assert moments.since_s("asked") is None
