"""Proof of a finished file.

Whole tracks pass, damaged ones do not, and nothing in a file is trusted.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from mutagen.id3 import ID3

import stretchaudio.track.verify as verifying
from conftest import REPOSITORY, Built, Ran
from sessions import build_session
from stretchaudio import Options, read_routine
from stretchaudio.audio.envelope import decode_envelope, encode_envelope
from stretchaudio.mix.model import ChimeSound
from stretchaudio.track.verify import Check, verify

ROUTINE = """
title: Short
exercises:
  - name: Back stretch
    setup: [Stand tall with your feet under your shoulders., Lace your fingers.]
    hold: 24s
  - name: Side reach
    setup: [Reach up with one arm.]
    reps: 4
  - name: Knee to chest
    setup: [Lie on your back with both legs long.]
    hold: 20s
    sides: each
    transition: 4s
"""
pytestmark = pytest.mark.xdist_group("verify")
"""The tracks that are damaged are built once."""
MIXES: dict[str, dict[str, Any]] = {"voice": {}, "rain": {"bed": "rain", "chimes": ChimeSound.SOFT}}
every_mix = pytest.mark.parametrize("mix", MIXES)


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A decoded track that can be damaged."""

    samples: np.ndarray
    rate_hz: int
    manifest: dict[str, Any]

    def part(self, start_s: float, end_s: float) -> slice:
        return slice(round(start_s * self.rate_hz), round(end_s * self.rate_hz))

    def cue(self, kind: str) -> dict[str, Any]:
        """One from the middle of the track, with quiet on either side."""
        cues = self.manifest["cues"]
        alone = [
            cue
            for before, cue, after in zip(cues, cues[1:], cues[2:], strict=False)
            if cue["kind"] == kind
            and cue["start_s"] - before["end_s"] > 0.3
            and after["start_s"] - cue["end_s"] > 0.3
        ]
        return alone[len(alone) // 2]

    def hold(self) -> dict[str, Any]:
        return next(window for window in self.manifest["windows"] if window["kind"] == "hold")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Tracks as they were built, once for each kind of mix."""
    folder = tmp_path_factory.mktemp("whole")

    def track(mix: str) -> Path:
        path = folder / f"{mix}.mp3"
        if not path.exists():
            routine = folder / "short.yaml"
            routine.write_text(ROUTINE)
            build_session(read_routine(routine), path, Options(**MIXES[mix]))
        return path

    return track


def _opened(path: Path) -> Sound:
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return Sound(
        samples=samples,
        rate_hz=rate_hz,
        manifest=json.loads(ID3(path)["GEOB:stretchaudio-manifest/1"].data),
    )


def _encoded(samples: np.ndarray, rate_hz: int, tagged: Path, target: Path) -> Path:
    """An MP3 of other samples with the tag of a track; made by ffmpeg."""
    if not shutil.which("ffmpeg"):
        assert "STRETCHAUDIO_TEST_ALL" not in os.environ, "ffmpeg is missing"
        pytest.skip("ffmpeg is not installed")
    wave = target.with_suffix(".wav")
    soundfile.write(wave, samples, rate_hz, subtype="FLOAT")
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-i",
        wave,
        "-c:a",
        "libmp3lame",
        "-b:a",
        "128k",
        "-id3v2_version",
        "0",
    ]
    subprocess.run([*command, "-f", "mp3", target], check=True, stdin=subprocess.DEVNULL)
    data = tagged.read_bytes()
    tag = data[
        : 10
        + sum(
            (byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True)
        )
    ]
    target.write_bytes(tag + target.read_bytes())
    return target


def _broken(path: Path) -> dict[str, Check]:
    return {check.name: check for check in verify(path)[1] if not check.ok}


@every_mix
def test_a_whole_track_passes_every_check(whole: Callable[[str], Path], mix: str) -> None:
    manifest, checks = verify(whole(mix))
    assert not [check for check in checks if not check.ok]
    found = {check.name: check.found for check in checks}
    assert found["cues"] == f"{len(manifest.cues)} of {len(manifest.cues)} heard"
    assert int(found["windows"].split()[0]) > 0.9 * len(manifest.windows)
    assert ("voice over bed" in found) == (manifest.bed != "off")
    assert found.get("voice over bed", "keeps 15 LU").endswith("keeps 15 LU")


@every_mix
def test_encoding_it_again_does_not_break_it(
    whole: Callable[[str], Path], mix: str, home: Path
) -> None:
    """So whatever is found below comes from the damage."""
    sound = _opened(whole(mix))
    again = _encoded(sound.samples, sound.rate_hz, whole(mix), home / "again.mp3")
    assert not _broken(again)


def _moved(sound: Sound, seconds: float) -> np.ndarray:
    cue = sound.cue("halfway")
    part = sound.part(cue["start_s"] - 0.1, cue["end_s"] + 0.1)
    later = sound.part(cue["start_s"] - 0.1 + seconds, cue["end_s"] + 0.1 + seconds)
    out = _without(sound, cue)
    out[later.start : later.start + part.stop - part.start] = sound.samples[part]
    return out


def _without(sound: Sound, cue: dict[str, Any]) -> np.ndarray:
    """What is heard a little before the cue takes its place."""
    part = sound.part(cue["start_s"] - 0.1, cue["end_s"] + 0.1)
    length = part.stop - part.start
    around = sound.part(cue["start_s"] - 0.3, cue["start_s"] - 0.12)
    out = sound.samples.copy()
    out[part] = np.resize(sound.samples[around], (length, sound.samples.shape[1]))
    return out


def _cut_out(sound: Sound) -> np.ndarray:
    part = sound.part(sound.hold()["start_s"] + 2, sound.hold()["start_s"] + 3)
    return np.delete(sound.samples, np.r_[part], axis=0)


def _scaled(sound: Sound, gain_db: float, cue: dict[str, Any] | None = None) -> np.ndarray:
    out = sound.samples.copy()
    out[sound.part(cue["start_s"], cue["end_s"]) if cue else slice(None)] *= 10 ** (gain_db / 20)
    return np.clip(out, -1, 1)


def _swapped(sound: Sound) -> np.ndarray:
    """The words of another cue."""
    first, second = sound.cue("halfway"), sound.cue("setup")
    out = _without(sound, first)
    words = sound.samples[
        sound.part(second["start_s"], second["start_s"] + first["end_s"] - first["start_s"])
    ]
    start = sound.part(first["start_s"], 0).start
    out[start : start + len(words)] = words
    return out


def _with_a_hole(sound: Sound) -> np.ndarray:
    """A third of a second in the middle of a sentence, in which room tone is heard."""
    cue = max(
        (cue for cue in sound.manifest["cues"] if cue["kind"] == "setup"),
        key=lambda cue: cue["end_s"] - cue["start_s"],
    )
    middle = (cue["start_s"] + cue["end_s"]) / 2
    out = sound.samples.copy()
    hold = sound.hold()["start_s"]
    out[sound.part(middle - 0.2, middle + 0.2)] = sound.samples[sound.part(hold + 1, hold + 2)][
        : round(0.4 * sound.rate_hz)
    ]
    return out


def _silenced(sound: Sound) -> np.ndarray:
    out = sound.samples.copy()
    out[sound.part(sound.hold()["start_s"] + 5, sound.hold()["start_s"] + 5.3)] = 0
    return out


def _with_a_knock(sound: Sound) -> np.ndarray:
    out = sound.samples.copy()
    part = sound.part(sound.hold()["start_s"] + 1.5, sound.hold()["start_s"] + 1.6)
    out[part] += 0.1 * np.sin(np.arange(part.stop - part.start) * 0.2)[:, None].astype(np.float32)
    return out


DAMAGES: dict[str, tuple[Callable[[Sound], np.ndarray], str]] = {
    "a cue 60 ms late": (lambda sound: _moved(sound, 0.06), "onsets"),
    "a cue 60 ms early": (lambda sound: _moved(sound, -0.06), "onsets"),
    "a cue missing": (lambda sound: _without(sound, sound.cue("halfway")), "cues"),
    "other words": (_swapped, "cues"),
    "a second cut out": (_cut_out, "length"),
    "6 dB down": (lambda sound: _scaled(sound, -6), "loudness"),
    "clipped": (lambda sound: _scaled(sound, 18), "clipping"),
    "one cue 6 dB down": (lambda sound: _scaled(sound, -6, sound.cue("setup")), "level of cues"),
    "a hole in a cue": (_with_a_hole, "level of cues"),
    "silence in a hold": (_silenced, "unexpected silence"),
    "a knock in a hold": (_with_a_knock, "quiet between cues"),
    "1 % faster": (lambda sound: soxr.resample(sound.samples, 1.01, 1), "length"),
    "the end missing": (lambda sound: sound.samples[: len(sound.samples) // 2], "cues"),
    "two channels the wrong way round in time": (lambda sound: sound.samples[::-1], "cues"),
}
AS_MADE = {
    "one cue 6 dB down",
    "a hole in a cue",
    "silence in a hold",
    "a knock in a hold",
    "two channels the wrong way round in time",
}
"""Under a bed, which fills holes and hides knocks, these are found by how loud all was made."""


@every_mix
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found(whole: Callable[[str], Path], mix: str, damage: str, home: Path) -> None:
    change, expected = DAMAGES[damage]
    sound = _opened(whole(mix))
    track = _encoded(change(sound), sound.rate_hz, whole(mix), home / "damaged.mp3")
    if mix != "voice" and damage in AS_MADE:
        expected = "sound as made"
    assert expected in _broken(track), _broken(track)


def test_a_part_of_a_bed_in_the_place_of_another_is_found(
    whole: Callable[[str], Path], home: Path
) -> None:
    """As loud as it was, so that loudness does not tell."""
    sound = _opened(whole("rain"))
    hold = sound.hold()["start_s"]
    out = sound.samples.copy()
    out[sound.part(hold + 4, hold + 4.1)] = sound.samples[sound.part(hold + 6, hold + 6.1)]
    broken = _broken(_encoded(out, sound.rate_hz, whole("rain"), home / "damaged.mp3"))
    assert set(broken) == {"sound as made"}


@pytest.mark.parametrize("frames", [1, 20, 200])
def test_frames_that_are_missing_at_the_end_are_found(
    whole: Callable[[str], Path], home: Path, frames: int
) -> None:
    """Though the file still says that it is whole."""
    data = whole("voice").read_bytes()
    cut = home / "cut.mp3"
    cut.write_bytes(data[: -24 * frames])  # the room tone's frames have 24 bytes
    assert "length" in _broken(cut)


def test_a_bit_that_turned_over_is_found_and_a_tag_of_others_is_not(
    whole: Callable[[str], Path], home: Path
) -> None:
    """Many of them cannot be heard, and none is found by ear alone."""
    data = bytearray(whole("rain").read_bytes())
    copy = home / "copy.mp3"
    copy.write_bytes(data + b"TAG" + bytes(125))
    assert not _broken(copy)
    data[-1000] ^= 1
    copy.write_bytes(data)
    assert "data" in _broken(copy)


def test_sound_that_was_added_behind_the_end_is_found(
    whole: Callable[[str], Path], home: Path
) -> None:
    data = whole("voice").read_bytes()
    longer = home / "longer.mp3"
    longer.write_bytes(data + data[-24 * 100 :])
    assert "something was cut off or added" in _broken(longer)["length"].details[0]


def test_a_bell_that_is_not_there_is_found(
    run: Callable[..., Ran], write: Callable[..., Path], home: Path
) -> None:
    assert (
        run("build", write(ROUTINE), "-q", "--cues", "chimes", "--verify", "-o", "bells.mp3").code
        == 0
    )
    sound = _opened(home / "bells.mp3")
    samples = sound.samples.copy()
    bell = sound.manifest["chimes"][2]["at_s"]
    samples[sound.part(bell - 0.02, bell + 2)] *= 0.001
    broken = _broken(_encoded(samples, sound.rate_hz, home / "bells.mp3", home / "damaged.mp3"))
    assert (
        broken["chimes"]
        .details[0]
        .startswith(f"the {sound.manifest['chimes'][2]['kind']} bell at ")
    )


def test_what_is_worst_is_named(whole: Callable[[str], Path], home: Path) -> None:
    sound = _opened(whole("voice"))
    cue = sound.cue("halfway")
    track = _encoded(_moved(sound, 0.06), sound.rate_hz, whole("voice"), home / "damaged.mp3")
    (detail,) = _broken(track)["onsets"].details
    minutes, seconds = divmod(cue["start_s"], 60)
    assert re.fullmatch(
        rf"'{cue['text']}' at {int(minutes)}:{seconds:06.3f} is \+(59|60|61) ms off", detail
    )


def test_one_hold_that_is_half_a_second_short_is_found_though_the_track_has_its_length(
    whole: Callable[[str], Path], home: Path
) -> None:
    sound = _opened(whole("voice"))
    hold = sound.hold()
    part = sound.part(hold["start_s"] + 1, hold["start_s"] + 1.5)
    later = sound.part(hold["start_s"] + hold["length_s"] + 20, 0).start
    samples = np.concatenate(
        [
            sound.samples[: part.start],
            sound.samples[part.stop : later],
            sound.samples[part],
            sound.samples[later:],
        ]
    )
    broken = _broken(_encoded(samples, sound.rate_hz, whole("voice"), home / "damaged.mp3"))
    assert {"windows", "cues"} & set(broken)
    assert "length" not in broken


def _with_manifest(track: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    shutil.copy(track, target)
    tags = ID3(target)
    data = json.loads(tags["GEOB:stretchaudio-manifest/1"].data)
    change(data)
    tags["GEOB:stretchaudio-manifest/1"].data = json.dumps(data).encode()
    tags.save(v2_version=3)
    return target


def _shorten(manifest: dict[str, Any]) -> None:
    window = next(one for one in manifest["windows"] if one["kind"] == "hold")
    window["start_s"] += 0.05
    window["length_s"] -= 0.05


def _shift(manifest: dict[str, Any]) -> None:
    for cue in manifest["cues"][5:]:
        cue["start_s"] += 0.048
        cue["end_s"] += 0.048


LIES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "a shorter hold": (_shorten, "windows"),
    "cues elsewhere": (_shift, "onsets"),
    "another loudness": (lambda data: data.update(integrated_lufs=-16.0), "loudness"),
    "a cue that is not there": (
        lambda data: data["envelopes"].update({data["cues"][9]["text"]: "!"}),
        "cues",
    ),
    "another length": (lambda data: data.update(duration_s=data["duration_s"] + 1), "length"),
    "another rate": (lambda data: data.update(sample_rate_hz=48_000), "length"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_manifest_that_lies_is_found_out(
    whole: Callable[[str], Path], lie: str, home: Path
) -> None:
    change, expected = LIES[lie]
    assert expected in _broken(_with_manifest(whole("voice"), home / "lie.mp3", change))


def test_the_manifest_of_another_track_is_found_out(
    whole: Callable[[str], Path], build: Callable[..., Built], home: Path
) -> None:
    other = build(REPOSITORY / "routines" / "warm-up.yaml")
    data = json.loads(ID3(other.path)["GEOB:stretchaudio-manifest/1"].data)

    def replace(manifest: dict[str, Any]) -> None:
        manifest.clear()
        manifest.update(data)

    assert {"length", "cues"} <= set(
        _broken(_with_manifest(whole("voice"), home / "lie.mp3", replace))
    )


def test_a_track_without_room_tone_and_one_with_music_alone_can_be_checked(
    build: Callable[..., Built], write: Callable[..., Path]
) -> None:
    for options in ({"room_tone_db": None}, {"room_tone_db": -55.0}, {"bed": "drone"}):
        built = build(write(ROUTINE), **options)
        assert not _broken(built.path)


def test_the_command_prints_a_table_and_fails_when_something_is_broken(
    run: Callable[..., Ran], whole: Callable[[str], Path], home: Path
) -> None:
    ran = run("verify", whole("voice"))
    assert (ran.code, ran.err) == (0, "")
    assert "unexpected silence" in ran.out
    assert run("verify", "-q", whole("voice")).out == ""
    bad = _with_manifest(whole("voice"), home / "bad.mp3", _shift)
    ran = run("verify", whole("voice"), bad)
    assert ran.code == 1
    assert f"{bad} failed verification: onsets, sound as made." in ran.err
    assert "+" in ran.out
    assert "BROKEN" in ran.out


def test_build_can_verify_what_it_built(
    run: Callable[..., Ran], write: Callable[..., Path]
) -> None:
    ran = run("build", write(ROUTINE), "--verify")
    assert ran.code == 0
    assert "heard at both ends" in ran.out


def test_a_track_that_fails_takes_no_name(
    run: Callable[..., Ran], write: Callable[..., Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there stays; here the measure is made to find every cue late."""
    routine = write(ROUTINE)
    run("build", routine, "-q", "-o", "short.mp3")
    before = (home / "short.mp3").read_bytes()
    monkeypatch.setattr(verifying, "CUE_MS", -1)
    ran = run(
        "build",
        routine,
        "--verify",
        "--only",
        "back-stretch",
        "-o",
        "short.mp3",
        "-m",
        "short.json",
    )
    assert ran.code == 1
    assert "short.mp3 failed verification: onsets." in ran.err
    assert (home / "short.mp3").read_bytes() == before
    assert sorted(path.name for path in home.iterdir()) == ["routine.yaml", "short.mp3"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is not a track"), (b"ID3", "is not a track"), (b"hello" * 99, "is not a track")],
)
def test_what_is_no_track_is_told(
    run: Callable[..., Ran], home: Path, content: bytes, said: str
) -> None:
    (home / "x.mp3").write_bytes(content)
    ran = run("verify", "x.mp3")
    assert ran.code == 4
    assert said in ran.err


def test_a_tag_without_sound_is_told(
    run: Callable[..., Ran], whole: Callable[[str], Path], home: Path
) -> None:
    data = whole("voice").read_bytes()
    tag = 10 + sum(
        (byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True)
    )
    for name, rest in (
        ("nothing", b""),
        ("noise", np.random.default_rng(1).bytes(9000)),
        ("text", b"words " * 900),
    ):
        (home / f"{name}.mp3").write_bytes(data[:tag] + rest)
        ran = run("verify", f"{name}.mp3")
        assert ran.code in {1, 4}
        assert "Traceback" not in ran.err


def test_shapes_keep_levels_to_half_a_decibel() -> None:
    energies = [10 ** (level / 10) for level in (-3.2, -17.5, -60.0, 2.0)]
    again = decode_envelope(encode_envelope(energies))
    assert np.allclose(10 * np.log10(again), 10 * np.log10(energies), atol=0.51)
    assert decode_envelope(encode_envelope([0.0])) == [10**-8.6]
