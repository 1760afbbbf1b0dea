"""Half an hour with music.

How long it takes and what it needs, beside pydub and beside one ffmpeg command.

The rivals get the voice as a finished file and the same music at the same level; we speak, mix and
encode. All run by turns on the same machine.
"""

import io
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import soundfile
import soxr

from stretchaudio import Options, read_routine
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.mix import synth as made
from stretchaudio.mix.bed_gain import ducked_ms
from stretchaudio.mix.model import Plan
from stretchaudio.session.build import Session, plan_session
from stretchaudio.session.options import resolved
from stretchaudio.session.tracks import MixedTrack

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

os.environ["STRETCHAUDIO_VOICE"] = (
    "espeak"  # the same everywhere, and nothing is asked of a network
)
PROGRAM = (sys.executable, "-m", "stretchaudio")
EXERCISES = (
    "back-stretch", "cat-cow", "knee-to-chest", "dynamic-side-reach",
    "shoulder-blade-squeeze", "back-stretch",
    "diaphragmatic-breathing", "knee-to-chest", "cat-cow", "back-stretch",
)  # fmt: skip
SONG_S = 240
PATIENCE_S = 100
"""How long pydub may take; every `overlay` copies the whole track."""
TIP = "Keep your neck long."


def main() -> None:
    """Run everything in an empty folder with an empty cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        song = _song(folder)
        for bed, label in ((str(song), f"music of {SONG_S // 60} minutes"), ("rain", "rain")):
            _half_an_hour(folder / label.split()[0], bed, label)
        _memory(folder, str(song))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a command took."""

    seconds: float
    cpu_s: float
    """The time of the processor, on a busy machine too."""
    largest_mb: float
    """The peak memory of its largest process."""
    all_mb: float
    """The most that all its processes took together, shared pages counted once."""


def _half_an_hour(folder: Path, bed: str, label: str) -> None:
    folder.mkdir()
    routine = _routine(folder / "routine.yaml", "Hold the towel with both hands.")
    ours = _build(routine, folder, bed)
    again = min((_build(routine, folder, bed) for _ in range(3)), key=lambda spent: spent.seconds)
    with resolved(Options(cache_dir=folder / "cache", bed=bed)) as settings:
        session = plan_session(read_routine(routine), settings)
    print(
        f"{session.manifest.duration_s / 60:.0f} minutes with {label}, empty cache: "
        f"{ours.seconds:.1f} s"
    )
    print(
        f"  memory: {ours.largest_mb:.0f} MB the largest process, {ours.all_mb:.0f} MB all together"
    )
    if _plan(session).segments[0].source.path:
        voice = _voice(session, folder / "voice.wav")
        for rival, run in (
            ("ffmpeg", partial(_ffmpeg, session, voice)),
            ("pydub", partial(_pydub, session)),
        ):
            seconds = run(folder / f"{rival}.mp3")
            print(f"  {rival}: {seconds:.1f} s, ratio {seconds / ours.seconds:.2f}", flush=True)
    print(f"  nothing changed: {again.seconds:.2f} s")
    for what, sentence, tip in (
        ("a longer sentence", "Hold the towel with both hands, as wide as your shoulders.", TIP),
        ("a shorter sentence", "Hold a towel.", TIP),
        ("another tip", "Hold a towel.", "Let your shoulders sink."),
    ):
        changed = _build(_routine(folder / "routine.yaml", sentence, tip=tip), folder, bed)
        print(
            f"  {what}: {changed.seconds:.1f} s, ratio to the first build "
            f"{ours.seconds / changed.seconds:.1f}, of processor time "
            f"{ours.cpu_s / changed.cpu_s:.1f}"
        )
    manifest = session.manifest
    print(f"  {manifest.integrated_lufs:.1f} LUFS, {manifest.true_peak_dbtp:.1f} dBTP")


def _plan(session: Session) -> Plan:
    if not isinstance(session.track, MixedTrack):
        raise TypeError("this session is not mixed")
    return session.track.plan


def _memory(folder: Path, bed: str) -> None:
    routine = _routine(folder / "two-hours.yaml", "Hold the towel with both hands.", rounds=4)
    first = _build(routine, folder, bed)
    again = _build(routine, folder, bed)
    track_mb = (folder / "two-hours.mp3").stat().st_size / 1e6
    print(
        f"two hours, track of {track_mb:.0f} MB: {first.seconds:.0f} s, again {again.seconds:.2f} s"
    )
    print(
        f"  memory: {first.largest_mb:.0f} MB the largest process, {first.all_mb:.0f} MB all "
        f"together"
    )
    print(f"  memory again: {again.largest_mb:.0f} MB")


def _routine(path: Path, sentence: str, *, tip: str = TIP, rounds: int = 1) -> Path:
    """Half an hour of the library's exercises; the one whose sentence changes is in the middle."""
    own = (
        f"{{name: Towel stretch, setup: [Stand tall., '{sentence}'], hold: 45s, sides: each, "
        f"sets: 2, tips: ['{tip}']}}"
    )
    uses = [f"{{use: {name}, sets: 2}}" for name in EXERCISES]
    exercises = "\n".join(f"      - {one}" for one in [*uses[:5], own, *uses[5:]])
    path.write_text(
        f"title: Half an hour\nsections:\n  - rounds: {rounds}\n    exercises:\n{exercises}\n"
    )
    return path


def _song(folder: Path) -> Path:
    """Calm music at 44.1 kHz: chords that come and go, with bells and some air."""
    samples = SONG_S * MIX.sample_rate_hz
    sound = (
        made.render_segment("drone", 1, 0, samples)
        + made.render_segment("bowls", 2, 0, samples)
        + 0.1 * made.render_segment("rain", 3, 0, samples)
    )
    path = folder / "song.mp3"
    soundfile.write(path, soxr.resample(sound, MIX.sample_rate_hz, 44_100), 44_100)
    return path


def _build(routine: Path, folder: Path, bed: str) -> Spent:
    command = [
        *PROGRAM,
        "build",
        str(routine),
        "-q",
        "--bed",
        bed,
        "-o",
        str(folder),
        "--cache-dir",
        str(folder / "cache"),
    ]
    start, cpu_s = time.perf_counter(), _children_cpu_s()
    process = subprocess.Popen(command)
    watch = _Watch(process.pid)
    watch.start()
    if process.wait():
        raise SystemExit("the build failed")
    seconds = time.perf_counter() - start
    watch.done.set()
    watch.join()
    cpu_s = _children_cpu_s() - cpu_s
    return Spent(seconds=seconds, cpu_s=cpu_s, largest_mb=watch.largest_mb, all_mb=watch.all_mb)


def _children_cpu_s() -> float:
    """The time that all children that have ended took, with their own children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Watch(threading.Thread):
    """Looks at the memory of a process and its children five times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.done = threading.Event()
        self.largest_mb = self.all_mb = 0.0

    def run(self) -> None:
        """Look until told that it is done."""
        while not self.done.wait(0.2):
            sizes = [_memory_mb(pid) for pid in (self.pid, *_children(self.pid))]
            self.largest_mb = max(self.largest_mb, *(rss for rss, _ in sizes))
            self.all_mb = max(self.all_mb, sum(pss for _, pss in sizes))


def _children(pid: int) -> list[int]:
    done = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in done.stdout.split()]


def _memory_mb(pid: int) -> tuple[float, float]:
    """What a process has in memory, and its share of what it shares."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0, 0.0
    sizes = {
        line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:] if line.endswith("kB")
    }
    return sizes.get("Rss", 0.0), sizes.get("Pss", 0.0)


def _voice(session: Session, path: Path) -> Path:
    """The voice alone as a WAV file, for the rivals."""
    rate_hz = 24_000
    out = np.zeros(round(session.manifest.duration_s * rate_hz))
    for cue in session.timeline.cues:
        samples, _ = soundfile.read(io.BytesIO(session.speech.clips[cue.cue.text].sound))
        start = cue.start_frame * 576 - 240
        out[start : start + len(samples)] += samples
    soundfile.write(path, out, rate_hz)
    return path


def _ffmpeg(session: Session, voice: Path, output: Path) -> float:
    """Mix with the usual command.

    The music has our level and the voice ducks it; the mix is limited and encoded as ours.
    """
    source = _plan(session).segments[0].source
    graph = (
        "[1:a]aresample=48000,pan=stereo|c0=c0|c1=c0,asplit=2[voice][key];"
        f"[0:a]aresample=48000,volume={source.gain_db}dB[music];"
        "[music][key]sidechaincompress=threshold=0.01:ratio=4:attack=150:release=600[bed];"
        "[bed][voice]amix=inputs=2:duration=shortest:normalize=0,alimiter=limit=0.8:level=0[out]"
    )
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-stream_loop",
        "-1",
        "-i",
        source.path,
        "-i",
        voice,
        "-filter_complex",
        graph,
    ]
    start = time.perf_counter()
    subprocess.run(
        [*command, "-map", "[out]", "-c:a", "libmp3lame", "-q:a", "5", output], check=True
    )
    return time.perf_counter() - start


def _pydub(session: Session, output: Path) -> float:
    """Turn the music down where the voice speaks, lay every cue over it, and export."""
    plan = _plan(session)
    source = plan.segments[0].source
    clips = {
        text: AudioSegment.from_file(io.BytesIO(clip.sound), format="flac").set_frame_rate(48_000)
        for text, clip in session.speech.clips.items()
    }
    start = time.perf_counter()
    music = AudioSegment.from_file(source.path).set_frame_rate(48_000) + source.gain_db
    length_ms = session.timeline.duration_ms
    bed = (music * (length_ms // len(music) + 1))[:length_ms]
    track, at_ms = AudioSegment.empty(), 0
    for from_ms, to_ms in ducked_ms(plan.voices, plan.mix.duck):
        if to_ms > at_ms:
            track += bed[at_ms : max(at_ms, from_ms)]
            track += bed[max(at_ms, from_ms) : to_ms] - 12
            at_ms = to_ms
    track += bed[at_ms:]
    for at, cue in enumerate(session.timeline.cues):
        if time.perf_counter() - start > PATIENCE_S:
            print(
                f"  pydub: given up after {at} of {len(session.timeline.cues)} cues, before the "
                f"export"
            )
            return time.perf_counter() - start
        track = track.overlay(clips[cue.cue.text], position=cue.start_frame * 24)
    track.export(output, format="mp3", parameters=["-q:a", "5"])
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
