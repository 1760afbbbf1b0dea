"""What a session plays besides its routine: a file that changed means work."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import DATA
from stretchaudio.routine.library import read_routine
from stretchaudio.session.inputs import files_state
from stretchaudio.session.options import Options, resolved

ROUTINE = read_routine(DATA / "short.yaml")


@pytest.mark.parametrize("of", ["session", "section"])
def test_music_that_changed_is_another_state(tmp_path: Path, of: str) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(b"one")
    bed = str(song) if of == "section" else None
    sections = tuple(replace(one, bed=bed) for one in ROUTINE.sections)
    routine = replace(ROUTINE, sections=sections)
    with resolved(Options(bed=str(song) if of == "session" else None)) as settings:
        before = files_state(routine, settings)
        assert files_state(routine, settings) == before
        os.utime(song, ns=(1, 1))
        assert files_state(routine, settings) != before


def test_recordings_that_changed_are_another_state(tmp_path: Path) -> None:
    with resolved(Options(voice=f"recordings:{tmp_path}")) as settings:
        before = files_state(ROUTINE, settings)
        (tmp_path / "hold.wav").write_bytes(b"")
        assert files_state(ROUTINE, settings) != before
