"""Stems: what they hold, and that together they are the track."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

import sessions
from conftest import DATA, Ran
from listening import MIX_RATE_HZ, available, decode, decode_mix
from stretchaudio import Options, Sidecars, read_routine
from stretchaudio.audio.dsp import to_pcm
from stretchaudio.audio.mp3.frames import MIX, VOICE
from stretchaudio.mix.model import ChimeSound, Stem
from stretchaudio.mix.plan import AROUND_FRAMES, blocks_of
from stretchaudio.mix.render import limit, render
from stretchaudio.session.build import Session
from stretchaudio.session.tracks import MixedTrack
from stretchaudio.track.stems import write_stems

SHORT = DATA / "short.yaml"
LOUD = {"bed": "rain", "bed_level_lufs": -12.0, "chimes": ChimeSound.SOFT}
"""So loud a bed that the limiter has to work."""


def _decoded(path: Path) -> np.ndarray:
    """A FLAC's samples as ffmpeg gives them, shape (n, 2)."""
    if not available("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f64le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<f8").reshape(-1, soundfile.info(path).channels)


def _before_encoding(session: Session) -> np.ndarray:
    """The samples of 16 bits that the encoder gets, without those that nobody hears."""
    track = session.track
    assert isinstance(track, MixedTrack)
    assert track.measured is not None
    clips = {key: clip.sound for key, clip in session.speech.by_key().items()}
    inner = slice(AROUND_FRAMES * MIX.samples, -AROUND_FRAMES * MIX.samples)
    mixes = (
        limit(render(block, clips, before=0, after=0), block.level.ceiling_db)[0][inner]
        for block in blocks_of(track.plan, track.measured.level)
    )
    return to_pcm(np.concatenate(list(mixes)))[: session.timeline.frames * MIX.samples] / 32768


def _db(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(sound))))


def test_stems_add_up_to_the_mix(home: Path) -> None:
    """To what the encoder gets: the MP3 is only as near to that as its encoder comes."""
    options, sidecars = Options(**LOUD), Sidecars(stems=home)
    track = sessions.build_session(SHORT, home / "t.mp3", options, sidecars=sidecars)
    assert [path.name for path in track.stems] == ["t.voice.flac", "t.bed.flac", "t.chimes.flac"]
    parts = [_decoded(path) for path in track.stems]
    session = sessions.plan(read_routine(SHORT), options)
    assert isinstance(session.track, MixedTrack)
    assert session.track.measured.limited > 0, "the limiter's gain is in the stems too"
    mix = _before_encoding(session)
    assert {part.shape for part in parts} == {mix.shape}
    assert {soundfile.info(path).samplerate for path in track.stems} == {MIX_RATE_HZ}
    assert np.abs(sum(parts) - mix).max() < 10 ** (-80 / 20)
    heard = decode_mix(track.path, "ffmpeg")
    assert len(heard) == len(mix)
    # The encoder leaves a noise 12.5 dB below so loud a rain, of which the stems add none.
    assert _db(sum(parts) - heard) < _db(heard) - 11
    assert _db(sum(parts) - heard) == pytest.approx(_db(mix - heard), abs=0.01)
    quiet = slice(0, round(2.5 * MIX_RATE_HZ))  # before the first word
    assert not parts[0][quiet].any()
    assert parts[1][quiet].any()
    assert not parts[2][quiet].any()


def test_a_voice_alone_is_one_stem_and_those_of_a_mix_before_it_are_gone(
    home: Path, run: Callable[..., Ran]
) -> None:
    arguments = ("build", SHORT, "-o", "t.mp3", "--stems", "new")
    assert run(*arguments, "--chimes", "soft").code == 0
    assert "new/t.chimes.flac" in {str(path) for path in Path("new").iterdir()}
    ran = run(*arguments)
    assert ran.out.splitlines()[1] == "Stems, which add up to it: new/t.voice.flac"
    assert {path.name for path in Path("new").iterdir()} == {"t.voice.flac", "t.labels.txt"}
    heard = decode(Path("t.mp3"))
    voice = _decoded(Path("new/t.voice.flac"))[:, 0]
    assert len(voice) == len(heard)
    assert np.abs(voice - heard).max() < 10 ** (-80 / 20)


def test_labels_are_the_timeline(home: Path, run: Callable[..., Ran]) -> None:
    ran = run(
        "build", SHORT, "-q", "-o", "t.mp3", "--stems", ".", "--chimes", "soft", "-m", "t.json"
    )
    assert ran.code == 0, ran.err
    lines = Path("t.labels.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    times = [(float(start), float(end)) for start, end, _ in rows]
    assert all(start <= end for start, end in times)
    assert [start for start, _ in times] == sorted(start for start, _ in times)
    texts = [text for _, _, text in rows]
    manifest = json.loads(Path("t.json").read_text())
    cue = manifest["cues"][0]
    assert f"{cue['start_s']:.6f}\t{cue['end_s']:.6f}\t{cue['text']}" in lines
    assert "Hold, 6 s" in texts
    assert texts.count("Forward fold") == 1
    assert texts.count("\u266a") == len(manifest["chimes"])


def test_a_full_disk_is_told_though_libsndfile_cannot(capfd: pytest.CaptureFixture[str]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no device that is always full")
    second = np.random.default_rng(1).integers(-(1 << 31), 1 << 31, 24_000, np.int32).tobytes()
    with full.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        write_stems({Stem.VOICE: file}, VOICE, lambda take: take({Stem.VOICE: second}))
    assert capfd.readouterr().err == ""


def test_nothing_is_written_where_stems_cannot_go(home: Path, run: Callable[..., Ran]) -> None:
    (home / "file").write_bytes(b"mine")
    ran = run("build", SHORT, "-o", "t.mp3", "--stems", "file")
    assert ran.code == 4
    assert "file" in ran.err
    assert {path.name: path.read_bytes() for path in home.iterdir()} == {"file": b"mine"}
