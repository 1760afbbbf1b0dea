"""The finished track, measured on the decoded file by programs that are not ours."""

import itertools
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mutagen.id3 import ID3
from mutagen.mp3 import MP3

from conftest import DATA, REPOSITORY, Built
from listening import (
    RATE_HZ,
    Listener,
    available,
    decode,
    heard_windows,
    loudness,
    onset_errors_s,
    true_peak_dbtp,
)
from stretchaudio import Level
from stretchaudio.audio.clip import RELEASE_MS

TRACKS = {
    "back-basics": REPOSITORY / "routines" / "back-basics.yaml",
    "torture": DATA / "torture.yaml",
}
AFTER = round((RELEASE_MS + 20) / 1000 * RATE_HZ)
"""What a voice does after its last sound is over by then."""
every_track = pytest.mark.parametrize("name", TRACKS)


def _needs(program: str) -> None:
    if available(program):
        return
    assert "STRETCHAUDIO_TEST_ALL" not in os.environ, f"{program} is missing"
    pytest.skip(f"{program} is not installed")


@pytest.fixture
def track(build: Callable[..., Built]) -> Callable[[str], Built]:
    return lambda name: build(TRACKS[name])


@every_track
@pytest.mark.parametrize("decoder", ["libsndfile", "ffmpeg", "mpg123"])
def test_windows_last_what_the_routine_says_and_cues_come_when_planned(
    track: Callable[[str], Built], name: str, decoder: str
) -> None:
    """Each window to within a frame.

    Each onset to within 30 ms; no drift from the first to the last.
    """
    _needs(decoder)
    built = track(name)
    listener = Listener(decode(built.path, decoder))
    windows = heard_windows(built.manifest, listener)
    worst = max(windows, key=lambda window: abs(window.error_s))
    assert abs(worst.error_s) <= 0.024, worst
    onsets = np.array(onset_errors_s(built.manifest, listener))
    assert np.max(np.abs(onsets)) <= 0.030
    tenth = max(1, len(onsets) // 10)
    assert abs(np.mean(onsets[-tenth:]) - np.mean(onsets[:tenth])) < 0.003


@every_track
def test_nearly_every_window_has_ends_that_can_be_heard(
    track: Callable[[str], Built], name: str
) -> None:
    """Or the test above would prove little.

    All windows with a cue at either end: not the quiet in which a set-up is not said again, and not
    the holds late in a repeat, which follow a move without a word.
    """
    built = track(name)
    heard = heard_windows(built.manifest, Listener(decode(built.path)))
    cues = built.manifest["cues"]
    edges_s = [edge_s for cue in cues for edge_s in (cue["start_s"], cue["end_s"])]

    def is_marked(time_s: float) -> bool:
        return min(abs(time_s - edge_s) for edge_s in edges_s) < 0.012

    windows = built.manifest["windows"]
    assert len(heard) >= 0.85 * len(windows)
    for kind in ("hold", "rest", "switch", "transition", "move"):
        wanted = [
            window
            for window in windows
            if window["kind"] == kind
            and is_marked(window["start_s"])
            and is_marked(window["start_s"] + window["length_s"])
        ]
        assert sum(window.kind == kind for window in heard) >= len(wanted)


def test_a_window_that_is_off_would_be_noticed(track: Callable[[str], Built]) -> None:
    built = track("torture")
    samples = decode(built.path)
    hold = next(window for window in built.manifest["windows"] if window["kind"] == "hold")
    cut = round((hold["start_s"] + 2) * RATE_HZ)
    shorter = np.concatenate([samples[:cut], samples[cut + round(0.04 * RATE_HZ) :]])
    assert (
        max(abs(window.error_s) for window in heard_windows(built.manifest, Listener(shorter)))
        > 0.024
    )
    assert max(np.abs(onset_errors_s(built.manifest, Listener(shorter)))) > 0.030


def test_the_hundredth_rep_is_where_it_belongs(track: Callable[[str], Built]) -> None:
    built = track("torture")
    listener = Listener(decode(built.path))
    counts = [
        listener.onset_s(cue["start_s"]) for cue in built.manifest["cues"] if cue["kind"] == "count"
    ][:99]  # the first rep has no number: it is the zero of a count
    assert all(abs(start - counts[0] - 1.7 * rep) <= 0.024 for rep, start in enumerate(counts))


@every_track
def test_the_level_is_right(track: Callable[[str], Built], name: str) -> None:
    built = track(name)
    samples = decode(built.path)
    assert abs(loudness(samples) + 19) <= 1
    assert true_peak_dbtp(samples) <= -1
    assert abs(built.manifest["integrated_lufs"] - loudness(samples)) < 0.1
    assert abs(built.manifest["true_peak_dbtp"] - true_peak_dbtp(samples)) < 0.2


def test_no_cue_is_silent_and_nothing_sounds_where_nothing_should(
    track: Callable[[str], Built],
) -> None:
    built = track("back-basics")
    samples = decode(built.path)
    spoken = np.zeros(len(samples), bool)
    for cue in built.manifest["cues"]:
        part = slice(round(cue["start_s"] * RATE_HZ), round(cue["end_s"] * RATE_HZ))
        assert 20 * np.log10(np.sqrt(np.mean(samples[part] ** 2))) > -32, cue
        spoken[part.start - 480 : part.stop + AFTER] = True
    quiet = 20 * np.log10(np.sqrt(np.mean(samples[~spoken] ** 2)))
    assert abs(quiet + 66) < 1, "the room tone"
    assert np.max(np.abs(samples[~spoken])) < 10 ** (-42 / 20)


def test_silence_is_digital_when_the_room_tone_is_off(build: Callable[..., Built]) -> None:
    built = build(DATA / "scripts" / "holds.yaml", room_tone_db=None)
    samples = decode(built.path)
    hold = next(window for window in built.manifest["windows"] if window["kind"] == "hold")
    start = round((hold["start_s"] + 0.1) * RATE_HZ)
    assert not np.any(samples[start : start + 2 * RATE_HZ])


def test_there_are_no_clicks_at_seams(track: Callable[[str], Built]) -> None:
    """Where clips and room tone meet, samples step no more than room tone does by itself."""
    built = track("back-basics")
    samples = decode(built.path)
    steps = np.abs(np.diff(samples))
    for cue, after in itertools.pairwise(built.manifest["cues"]):
        if after["start_s"] - cue["end_s"] > 0.3:
            seam = slice(
                round(cue["end_s"] * RATE_HZ) + AFTER, round((cue["end_s"] + 0.25) * RATE_HZ)
            )
            assert 20 * np.log10(steps[seam].max()) < -55, cue


@every_track
def test_decoders_have_nothing_to_complain_of(track: Callable[[str], Built], name: str) -> None:
    for program in ("ffmpeg", "mpg123", "mp3val"):
        _needs(program)
    path = str(track(name).path)
    ffmpeg = subprocess.run(
        ["ffmpeg", "-v", "warning", "-i", path, "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ffmpeg.stderr == ""
    mpg123 = subprocess.run(
        ["mpg123", "-q", "-t", path], capture_output=True, text=True, check=True
    )
    assert mpg123.stderr == ""
    mp3val = subprocess.run(["mp3val", path], capture_output=True, text=True, check=True).stdout
    assert "WARNING" not in mp3val
    assert re.search(r"\+ID3v2, Xing header", mp3val)


@every_track
def test_players_see_the_exact_length(track: Callable[[str], Built], name: str) -> None:
    built = track(name)
    expected = built.manifest["duration_s"]
    assert len(decode(built.path)) / RATE_HZ == pytest.approx(expected, abs=1e-9)
    assert MP3(built.path).info.length == pytest.approx(expected, abs=0.05)
    for decoder in ("ffmpeg", "mpg123"):
        if available(decoder):
            assert len(decode(built.path, decoder)) / RATE_HZ == pytest.approx(expected, abs=1e-9)


def test_seeking_lands_where_it_should(track: Callable[[str], Built]) -> None:
    """A player that jumps by the seek table is off by no more than the table's steps."""
    built = track("back-basics")
    data = built.path.read_bytes()
    info = data.index(b"Xing") - 13
    table = data[info + 13 + 16 :][:100]
    for percent in (10, 50, 90):
        at = info + table[percent] * (len(data) - info) // 256
        rest = data[data.index(b"\xff\xf3", at) :]
        frames_left = _frames(rest)
        wanted = built.manifest["duration_s"] * (1 - percent / 100)
        assert frames_left * 0.024 == pytest.approx(wanted, rel=0.02, abs=4)


def _frames(data: bytes) -> int:
    sizes = [24 * kbps // 8 for kbps in (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)]
    count = at = 0
    while at < len(data):
        at += sizes[(data[at + 2] >> 4) - 1]
        count += 1
    return count


def test_tags_say_what_it_is(track: Callable[[str], Built]) -> None:
    built = track("back-basics")
    tags = ID3(built.path)
    assert tags.version == (2, 3, 0)
    assert str(tags["TIT2"]) == "Back basics"
    for key in ("TPE1", "TALB", "TCON"):
        assert str(tags[key])
    assert re.fullmatch(r"20\d\d", str(tags["TDRC"]))
    assert str(tags.getall("COMM")[0]).endswith("\nVoice espeak:en-us+klatt4, intermediate level")


def test_the_manifest_travels_inside(track: Callable[[str], Built]) -> None:
    built = track("back-basics")
    inside = ID3(built.path)["GEOB:stretchaudio-manifest/1"]
    assert json.loads(inside.data) == built.manifest


def test_the_manifest_has_the_documented_form(track: Callable[[str], Built]) -> None:
    manifest = track("torture").manifest
    assert list(manifest) == [
        "format", "title", "language", "voice", "level", "minutes", "duration_s",
        "sample_rate_hz", "integrated_lufs",
        "true_peak_dbtp", "chapters", "windows", "cues", "dropped", "bed", "chimes", "envelopes",
        "trace", "signs",
    ]  # fmt: skip
    assert manifest["format"] == "stretchaudio-manifest/1"
    assert list(manifest["windows"][0]) == [
        "kind",
        "start_s",
        "length_s",
        "exercise",
        "side",
        "set",
        "rep",
    ]
    assert list(manifest["cues"][0]) == ["kind", "text", "start_s", "end_s", "exercise"]
    assert list(manifest["chapters"][0]) == ["title", "start_s", "end_s", "dose"]
    kinds = {window["kind"] for window in manifest["windows"]}
    assert kinds == {"hold", "rep", "breath", "time", "move", "rest", "switch", "transition"}


def test_the_same_build_gives_the_same_bytes(build: Callable[..., Built], tmp_path: Path) -> None:
    routine = DATA / "scripts" / "holds.yaml"
    first = build(routine).path.read_bytes()
    assert build(routine).path.read_bytes() == first
    assert build(routine, cache_dir=tmp_path / "other", jobs=1).path.read_bytes() == first


@pytest.mark.parametrize("level", Level)
def test_back_basics_is_a_session_one_would_enjoy(
    build: Callable[..., Built], level: Level
) -> None:
    manifest = build(TRACKS["back-basics"], level=level).manifest
    minutes = manifest["duration_s"] / 60
    low, high = {"beginner": (6, 11), "intermediate": (10, 13), "advanced": (9, 18)}[level.value]
    assert low <= minutes <= high
    assert manifest["dropped"] == []


def test_a_voice_track_is_small(track: Callable[[str], Built]) -> None:
    built = track("back-basics")
    assert built.path.stat().st_size / (built.manifest["duration_s"] / 60) <= 260_000


def test_dropped_cues_are_reported(build: Callable[..., Built], write: Callable[..., Path]) -> None:
    path = write("""
        title: Crowded
        exercises:
          - name: Reps that are too quick to count
            reps: 25
            tempo: 0.4s
    """)
    manifest: dict[str, Any] = build(path).manifest
    counts = [cue for cue in manifest["cues"] if cue["kind"] == "count"]
    assert len(manifest["dropped"]) > 0
    assert len(counts) + len(manifest["dropped"]) == 25
    assert all(dropped["reason"] and dropped["exercise"] for dropped in manifest["dropped"])
