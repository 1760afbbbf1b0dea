"""Names that every system can have, and renaming where files may be locked."""

import os
from pathlib import Path

import pytest

from stretchaudio.util import atomic
from stretchaudio.util.atomic import atomic_write, portable_name


@pytest.mark.parametrize("name", ["con", "AUX", "nul", "COM1", "lpt9"])
def test_names_of_devices_are_changed(name: str) -> None:
    assert portable_name(name) == f"{name}-1"


@pytest.mark.parametrize("name", ["console", "neck", "com", "lpt10", "nul-2"])
def test_other_names_stay(name: str) -> None:
    assert portable_name(name) == name


class _Locked:
    """A disk on which a file is open elsewhere for a few tries."""

    def __init__(self, tries: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = tries
        self._replace = os.replace
        monkeypatch.setattr(os, "replace", self)
        monkeypatch.setattr(atomic, "_AGAIN_S", 0.001)

    def __call__(self, part: Path, target: Path) -> None:
        self.left -= 1
        if self.left >= 0:
            raise PermissionError(13, "Permission denied")
        self._replace(part, target)


def test_on_windows_a_file_that_is_open_for_a_moment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "part").write_bytes(b"new")
    (tmp_path / "track.mp3").write_bytes(b"old")
    locked = _Locked(3, monkeypatch)
    monkeypatch.setattr(atomic.sys, "platform", "win32")
    atomic.replace(tmp_path / "part", tmp_path / "track.mp3")
    assert locked.left == -1
    assert (tmp_path / "track.mp3").read_bytes() == b"new"


def test_on_windows_a_file_that_stays_open_is_an_error_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "part").write_bytes(b"new")
    (tmp_path / "track.mp3").write_bytes(b"old")
    _Locked(10**6, monkeypatch)
    monkeypatch.setattr(atomic, "_LOCKED_S", 0.01)
    monkeypatch.setattr(atomic.sys, "platform", "win32")
    with pytest.raises(PermissionError):
        atomic.replace(tmp_path / "part", tmp_path / "track.mp3")
    assert (tmp_path / "track.mp3").read_bytes() == b"old"


def test_elsewhere_it_is_an_error_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = _Locked(1, monkeypatch)
    with (
        pytest.raises(atomic.FileError, match=r"Cannot write .*: Permission denied\."),
        atomic_write(home / "track.mp3") as file,
    ):
        file.write(b"new")
    assert locked.left == 0
    assert not list(home.iterdir())
