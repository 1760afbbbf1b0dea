"""Damage tracks in ways that can be heard: what does `verify` find, and does it raise false alarms?

usage: python benchmarks/damages.py [--random N] [--chosen N] [--honest N] [--kept FILE]
"""

import argparse
import contextlib
import itertools
import json
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from mutagen.id3 import COMM, ID3, TIT2

from stretchaudio import Options, build, read_routine
from stretchaudio.audio.beds import GENERATED_BEDS
from stretchaudio.audio.mp3.frames import MIX, VOICE, FrameFormat, split
from stretchaudio.audio.mp3.info_frame import info_bytes
from stretchaudio.errors import StretchaudioError
from stretchaudio.mix.model import ChimeSound
from stretchaudio.track.manifest import CueEntry, Manifest
from stretchaudio.track.reader import read_embedded, syncsafe_int
from stretchaudio.track.verify import verify

ROUTINE = """
title: Short
outro: [Done.]
exercises:
  - {name: Side reach, setup: [Reach up.], hold: 4s, sides: each, transition: 2s,
     switch: 2s}
"""
BELLS = {"chimes": ChimeSound.SOFT}
MIXES: dict[str, dict[str, object]] = {
    "voice alone": {},
    **{bed: {"bed": bed} for bed in GENERATED_BEDS},
    "rain, bells": {"bed": "rain", **BELLS},
    "waves, bells": {"bed": "waves", "chimes": ChimeSound.BRIGHT},
    "bells": BELLS,
    "own music": {"bed": "music.wav"},
}
VOICES = ("espeak:en-us+klatt4", "espeak:en-gb-x-rp")
AUDIBLE_DBFS, AUDIBLE_S = -30.0, 0.05
SIZES_S = (0.05, 0.1, 0.2, 0.5, 1.0, 3.0)
"""The sizes of chosen damages; random ones lie between the first and the last."""
BYTES = (1, 10, 100, 1_000, 10_000)
"""The sizes of random damages to a file's bytes, at the most."""
FRAME_S = 0.024
# Not -ss 0, with which ffmpeg 5.1 loses 149 ms of a voice alone; verify says so.
COPIED = ("-c", "copy")


@dataclass(frozen=True, kw_only=True)
class Track:
    """A track as two decoders have it, and the same with another voice."""

    path: Path
    heard: tuple[np.ndarray, ...]
    """Its sound by libsndfile and by ffmpeg."""
    rate_hz: int
    manifest: Manifest
    other: np.ndarray
    other_manifest: Manifest

    @property
    def samples(self) -> np.ndarray:
        """Its sound."""
        return self.heard[0]

    @property
    def form(self) -> FrameFormat:
        """The format of its frames."""
        return VOICE if self.rate_hz == VOICE.sample_rate_hz else MIX

    def at(self, time_s: float) -> int:
        """Find the sample of a time."""
        return round(time_s * self.rate_hz)

    def cue(self, rng: random.Random) -> CueEntry:
        """Choose a cue."""
        return rng.choice(self.manifest.cues)

    def part(self, cue: CueEntry) -> slice:
        """Find the samples of a cue."""
        return slice(self.at(cue.start_s), self.at(cue.end_s))

    def somewhere(self, rng: random.Random, size_s: float) -> int:
        """Choose a place for a damage of some size: its first sample."""
        return rng.randrange(self.at(0.2), len(self.samples) - self.at(0.2 + size_s))


Damage = Callable[[Track, np.ndarray, random.Random, float], np.ndarray]


def _cut(track: Track, out: np.ndarray, rng: random.Random, size_s: float) -> np.ndarray:
    at = track.somewhere(rng, size_s)
    return np.delete(out, np.s_[at : at + track.at(size_s)], axis=0)


def _inserted(track: Track, out: np.ndarray, rng: random.Random, size_s: float) -> np.ndarray:
    at, source = (track.somewhere(rng, size_s) for _ in range(2))
    return np.insert(out, [at], out[source : source + track.at(size_s)], axis=0)


def _moved(track: Track, out: np.ndarray, rng: random.Random, size_s: float) -> np.ndarray:
    """Cut something out and put as much in elsewhere: the length stays."""
    size = track.at(size_s)
    first, second = sorted(track.somewhere(rng, size_s) for _ in range(2))
    cut = np.concatenate([out[:first], out[first + size :]])
    return np.concatenate([cut[:second], out[second : second + size], cut[second:]])


def _overwritten(track: Track, out: np.ndarray, rng: random.Random, size_s: float) -> np.ndarray:
    """Put one part of a track in the place of another."""
    first, second = (track.somewhere(rng, size_s) for _ in range(2))
    out[first : first + track.at(size_s)] = track.samples[second : second + track.at(size_s)]
    return out


def _gain(gain_db: float) -> Damage:
    def damage(track: Track, out: np.ndarray, rng: random.Random, size_s: float) -> np.ndarray:
        at = track.somewhere(rng, size_s)
        out[at : at + track.at(size_s)] *= 10 ** (gain_db / 20)
        return np.clip(out, -1, 1)

    return damage


def _foreign(track: Track, out: np.ndarray, rng: random.Random, size_s: float) -> np.ndarray:
    at, size = track.somewhere(rng, size_s), track.at(size_s)
    level = 10 ** (rng.uniform(-27, -10) / 20) * 2**0.5
    tone = level * np.sin(np.arange(size) * rng.uniform(0.01, 0.5))
    out[at : at + size] += tone[:, None].astype(np.float32)
    return np.clip(out, -1, 1)


def _muted(track: Track, out: np.ndarray, rng: random.Random, _size_s: float) -> np.ndarray:
    out[track.part(track.cue(rng))] *= 0.01
    return out


def _doubled(track: Track, out: np.ndarray, rng: random.Random, _size_s: float) -> np.ndarray:
    words = track.samples[track.part(track.cue(rng))]
    at = track.somewhere(rng, len(words) / track.rate_hz)
    out[at : at + len(words)] += words[: len(out) - at]
    return np.clip(out, -1, 1)


def _exchanged(track: Track, out: np.ndarray, first: CueEntry, second: CueEntry) -> np.ndarray:
    one, two = track.part(first), track.part(second)
    size = min(one.stop - one.start, two.stop - two.start)
    out[one.start : one.start + size] = track.samples[two.start : two.start + size]
    out[two.start : two.start + size] = track.samples[one.start : one.start + size]
    return out


def _swapped(track: Track, out: np.ndarray, rng: random.Random, _size_s: float) -> np.ndarray:
    first = track.cue(rng)
    others = [cue for cue in track.manifest.cues if cue.text != first.text]
    return _exchanged(track, out, first, rng.choice(others))


def _other_side(track: Track, out: np.ndarray, rng: random.Random, _size_s: float) -> np.ndarray:
    left, right = (
        [cue for cue in track.manifest.cues if side in cue.text.lower()]
        for side in ("left", "right")
    )
    return _exchanged(track, out, rng.choice(left), rng.choice(right))


def _other_voice(track: Track, out: np.ndarray, rng: random.Random, _size_s: float) -> np.ndarray:
    number = rng.randrange(len(track.manifest.cues))
    ours, theirs = track.part(track.manifest.cues[number]), track.other_manifest.cues[number]
    words = track.other[track.part(theirs)]
    out[ours] *= 0.01
    words = words[: len(out) - ours.start]
    out[ours.start : ours.start + len(words)] = words
    return out


def _bell(*, is_missing: bool) -> Damage:
    """Take a bell away, or strike it later: its first second, which most is heard of."""

    def damage(track: Track, out: np.ndarray, rng: random.Random, size_s: float) -> np.ndarray:
        at = track.at(rng.choice(track.manifest.chimes).at_s)
        gap = track.at(1 if is_missing else min(size_s, 1))
        size = min(track.at(1), len(out) - at - gap)
        if not is_missing:
            out[at + gap : at + gap + size] = track.samples[at : at + size]
        before = track.samples[at - track.at(0.2) : at - track.at(0.05)]
        gap = min(gap, len(out) - at)
        out[at : at + gap] = np.resize(before, (gap, out.shape[1]))
        return out

    return damage


SIZED: dict[str, Damage] = {
    "a part cut out": _cut,
    "a part put in": _inserted,
    "a part moved elsewhere": _moved,
    "a part in the place of another": _overwritten,
    "3 dB louder": _gain(3),
    "3 dB softer": _gain(-3),
    "a hole": _gain(-200),
    "a foreign sound": _foreign,
}
"""Damages of any size."""
WHOLE: dict[str, Damage] = {
    "two cues swapped": _swapped,
    "one side for the other": _other_side,
    "a cue muted": _muted,
    "a cue heard twice": _doubled,
    "another voice's cue": _other_voice,
}
"""Damages whose size is that of a cue."""
BELL: dict[str, Damage] = {
    "a bell missing": _bell(is_missing=True),
    "a bell late": _bell(is_missing=False),
}
DAMAGES = SIZED | WHOLE | BELL

FileDamage = Callable[[bytes, int, int, random.Random], bytes]


def _flipped(data: bytes, at: int, size: int, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(size):
        out[rng.randrange(at, len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


BYTE_DAMAGES: dict[str, FileDamage] = {
    "bits turned over": _flipped,
    "bytes overwritten": lambda data, at, size, rng: (
        data[:at] + rng.randbytes(len(data[at : at + size])) + data[at + size :]
    ),
    "bytes lost": lambda data, at, size, _: data[:at] + data[at + size :],
    "bytes put in": lambda data, at, size, rng: data[:at] + rng.randbytes(size) + data[at:],
    "the end lost": lambda data, at, _size, _rng: data[:at],
}
FRAME_DAMAGES: dict[str, Callable[[list[bytes], int, int, int], list[bytes]]] = {
    "frames lost": lambda frames, at, _to, size: frames[:at] + frames[at + size :],
    "frames doubled": lambda frames, at, _to, size: frames[: at + size] + frames[at:],
    "frames moved": lambda frames, at, to, size: _put(
        frames[:at] + frames[at + size :], to, frames[at : at + size]
    ),
    "frames in the place of others": lambda frames, at, to, size: (
        frames[:at] + frames[to : to + size] + frames[at + size :]
    ),
}


def _put(frames: list[bytes], at: int, more: list[bytes]) -> list[bytes]:
    return frames[:at] + more + frames[at:]


def _in_file(what: str, track: Track, rng: random.Random) -> tuple[bytes, str]:
    """Damage a file as disks, copying and lossless editors do; also tell the damage's size."""
    data = track.path.read_bytes()
    tag = len(_tag(track.path))
    if what in BYTE_DAMAGES:
        size = rng.choice(BYTES)
        at = rng.randrange(tag, len(data) - size)
        return BYTE_DAMAGES[what](data, at, rng.randint(1, size), rng), f"to {size} bytes"
    start = tag + info_bytes(track.form)
    frames = split(data[start:], track.form)
    size_s = rng.choice(SIZES_S)
    size = max(1, round(size_s / FRAME_S))
    at, to = (rng.randrange(8, len(frames) - size - 8) for _ in range(2))
    damaged = FRAME_DAMAGES[what](frames, at, to, size)
    return data[:start] + b"".join(damaged), f"{size_s:g} s"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One damage to one track."""

    name: str
    what: str
    mix: str
    size_s: float


def _chosen(number: int) -> Iterator[Trial]:
    """Each damage at each of its sizes in each track, again and again."""
    every = [
        (what, mix, size_s)
        for what in DAMAGES
        for size_s in (SIZES_S if what in SIZED or what == "a bell late" else (0.0,))
        for mix, options in MIXES.items()
        if what not in BELL or "chimes" in options
    ]
    random.Random(1).shuffle(every)
    for at, (what, mix, size_s) in enumerate(itertools.islice(itertools.cycle(every), number)):
        yield Trial(name=f"chosen {at}", what=what, mix=mix, size_s=size_s)


def _random(number: int) -> Iterator[Trial]:
    """Damages to files and to sound in turn, at random, of random size."""
    kinds: tuple[list[str], ...] = ([*BYTE_DAMAGES, *FRAME_DAMAGES], [*SIZED, *WHOLE])
    for at in range(number):
        rng = random.Random(f"random {at}")
        what = rng.choice(kinds[at % 2])
        size_s = SIZES_S[0] * (SIZES_S[-1] / SIZES_S[0]) ** rng.random()
        yield Trial(
            name=f"random {at}", what=what, mix=rng.choice(list(MIXES)), size_s=round(size_s, 3)
        )


def _tried(trial: Trial, track: Track, folder: Path) -> tuple[str, bool, bool]:
    """Make a damage; tell its size, and whether it is heard and found."""
    rng = random.Random(f"the place of {trial.name}")  # not that which chose the kind
    path = folder / f"damaged {trial.mix}.mp3"
    if trial.what in DAMAGES:
        damage = DAMAGES[trial.what]
        out = damage(track, track.samples.copy(), rng, trial.size_s)
        size = f"{trial.size_s:g} s" if trial.what in SIZED or trial.what == "a bell late" else ""
        _encoded(out, track, path)
    else:
        data, size = _in_file(trial.what, track, rng)
        path.write_bytes(data)
    return size, _is_heard(path, track), bool(_broken(path))


def _is_heard(path: Path, track: Track) -> bool:
    """Whether anything differs by more than -30 dBFS over 50 ms in both decoders."""
    decoded = zip((_by_libsndfile, _by_ffmpeg), track.heard, strict=True)
    return all(_differs(decode(path, track), whole, track) for decode, whole in decoded)


def _differs(out: np.ndarray, whole: np.ndarray, track: Track) -> bool:
    size, length = track.at(AUDIBLE_S), max(len(out), len(whole))
    both = [np.pad(one, ((0, length - len(one)), (0, 0))) for one in (out, whole)]
    power = ((both[0] - both[1]) ** 2).mean(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    return bool((sums[size:] - sums[:-size]).max() / size > 10 ** (AUDIBLE_DBFS / 10))


def _by_libsndfile(path: Path, track: Track) -> np.ndarray:
    try:
        samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.SoundFileError:
        samples = np.zeros((0, track.form.channels), np.float32)
    return _channels(samples, track)


def _channels(samples: np.ndarray, track: Track) -> np.ndarray:
    return samples[:, : track.form.channels] * np.ones((1, track.form.channels), np.float32)


def _by_ffmpeg(path: Path, track: Track) -> np.ndarray:
    form = track.form
    made_as = ["-f", "f32le", "-ac", str(form.channels), "-ar", str(form.sample_rate_hz)]
    command = ["ffmpeg", "-v", "quiet", "-nostdin", "-i", path, "-map", "0:a", *made_as, "-"]
    raw = subprocess.run(command, capture_output=True, check=False).stdout
    return np.frombuffer(raw[: len(raw) // 8 * 8], "<f4").reshape(-1, form.channels)


def _broken(path: Path) -> list[str]:
    try:
        return [check.name for check in verify(path)[1] if not check.ok]
    except StretchaudioError as error:
        return [error.message]


def _tag(path: Path) -> bytes:
    data = path.read_bytes()
    return data[: 10 + syncsafe_int(data[6:10])]


def _ffmpeg(*arguments: str | Path) -> None:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(command, check=True)


def _encoded(samples: np.ndarray, track: Track, target: Path, rate: str = "192k") -> Path:
    """Encode samples with another program, and give them the tag of their track."""
    wave = target.with_suffix(".wav")
    soundfile.write(wave, samples, track.rate_hz, subtype="FLOAT")
    _ffmpeg("-i", wave, "-c:a", "libmp3lame", "-b:a", rate, "-id3v2_version", "0", target)
    target.write_bytes(_tag(track.path) + target.read_bytes())
    return target


def _track(mix: str, folder: Path) -> Track:
    built = []
    for voice in VOICES:
        path = folder / f"{mix} {voice.partition(':')[2]}.mp3"
        if not path.exists():
            _build(ROUTINE, path, folder, voice=voice, **MIXES[mix])
        built.append(path)
    path, other = built
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    manifest = read_embedded(path).manifest
    track = Track(
        path=path,
        heard=(samples,),
        rate_hz=rate_hz,
        manifest=manifest,
        other=soundfile.read(other, dtype="float32", always_2d=True)[0],
        other_manifest=read_embedded(other).manifest,
    )
    by_ffmpeg = _by_ffmpeg(path, track)
    return Track(**{**vars(track), "heard": (samples, by_ffmpeg)})


def _build(routine: str, path: Path, folder: Path, **options: object) -> None:
    music = folder / "music.wav"
    if not music.exists():
        time_s = np.arange(44_100 * 40) / 44_100
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.5 * time_s)
        soundfile.write(music, 0.3 * swell * np.sin(2 * np.pi * 330 * time_s), 44_100)
    if options.get("bed") == music.name:
        options["bed"] = str(music)
    chosen = Options(cache_dir=folder / "cache", **options)  # type: ignore[arg-type]
    written = path.with_suffix(".yaml")
    written.write_text(routine)
    build(read_routine(written), path, chosen)


def _honest(number: int, folder: Path, kept: "Kept") -> int:
    """Verify tracks as they are, and after what others do to them without changing their sound."""
    ways = {
        "as it is": shutil.copy,
        "tagged by mutagen, ID3v2.3 and v1": lambda whole, copy: _by_mutagen(whole, copy, 3),
        "tagged by mutagen, ID3v2.4 and v1": lambda whole, copy: _by_mutagen(whole, copy, 4),
        "tagged by eyeD3": _by_eyed3,
        "a tag behind it": lambda whole, copy: copy.write_bytes(
            whole.read_bytes() + b"TAG" + bytes(125)
        ),
        "frames copied by ffmpeg": lambda whole, copy: _through_ffmpeg(whole, copy, *COPIED),
        "cut by ffmpeg where it has ended": lambda whole, copy: _through_ffmpeg(
            whole, copy, *COPIED, before=("-t", "9999")
        ),
        "encoded again at 128k": lambda whole, copy: _through_ffmpeg(whole, copy, "-b:a", "128k"),
        "encoded again at 192k": lambda whole, copy: _through_ffmpeg(whole, copy, "-b:a", "192k"),
    }
    alarms: Counter[str] = Counter()
    for at in range(number):
        rng = random.Random(f"honest {at // len(ways)}")
        way = list(ways)[at % len(ways)]
        name = f"honest {at}: {way}"
        if name not in kept:
            whole, copy = folder / f"honest {at // len(ways)}.mp3", folder / "honest copy.mp3"
            if not whole.exists():
                _build(_tiny(rng), whole, folder, **_options(rng))
            ways[way](whole, copy)
            kept.keep(name, _broken(copy))
        alarms[way] += bool(kept[name])
        if kept[name]:
            print(f"false alarm, {name}: {', '.join(kept[name])}", flush=True)
    print(f"{sum(alarms.values())} false alarms in {number} honest tracks", flush=True)
    return sum(alarms.values())


def _tiny(rng: random.Random) -> str:
    """A routine of a few seconds."""
    hold = rng.choice([f"hold: {rng.randint(1, 6)}s", f"reps: {rng.randint(1, 4)}", "breaths: 1"])
    sides = ["", ", sides: each", *[", sides: alternate"] * hold.startswith("reps")]
    side = rng.choice(sides)
    words = rng.choice(["Reach up.", "Fold slowly over your legs.", "Sit tall, and look ahead."])
    return f"title: Tiny\nexercises: [{{name: Fold, setup: [{words!r}], {hold}{side}}}]\n"


def _options(rng: random.Random) -> dict[str, object]:
    beds = ("off", "off", "music.wav", *GENERATED_BEDS, f"rain:{rng.randint(1, 99)}")
    return {
        "voice": f"espeak:en-{rng.choice(['us', 'gb-x-rp'])}+{rng.choice(['f2', 'm3', 'klatt4'])}",
        "bed": rng.choice(beds),
        "chimes": rng.choice(list(ChimeSound)),
        "level": rng.choice(["beginner", "intermediate", "advanced"]),
    }


def _by_mutagen(whole: Path, copy: Path, version: int) -> None:
    shutil.copy(whole, copy)
    tags = ID3(copy)
    tags.add(TIT2(encoding=1, text="Another title"))
    tags.add(COMM(encoding=1, lang="eng", text="mine"))
    tags.save(copy, v2_version=version, v1=2)


def _by_eyed3(whole: Path, copy: Path) -> None:
    shutil.copy(whole, copy)
    command = [Path(sys.executable).parent / "eyeD3", "-Q", "-t", "Another title", "-a", "Me", copy]
    subprocess.run(command, check=True, capture_output=True)


def _through_ffmpeg(whole: Path, copy: Path, *how: str, before: Sequence[str] = ()) -> None:
    """Convert a track; ffmpeg would lose the manifest, so its tag is put back."""
    _ffmpeg(*before, "-i", whole, "-map", "0:a", *how, "-id3v2_version", "0", copy)
    copy.write_bytes(_tag(whole) + copy.read_bytes())


class Kept:
    """What was found out before, so that a run can be taken up again.

    Args:
        path: Its file; None to keep nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        there = path.read_text().splitlines() if path and path.exists() else []
        self._found: dict[str, list] = dict(map(json.loads, there))

    def __contains__(self, one: str) -> bool:
        return one in self._found

    def __getitem__(self, one: str) -> list:
        return self._found[one]

    def keep(self, one: str, found: list) -> None:
        """Keep what a trial came to."""
        self._found[one] = found
        if self._path:
            with self._path.open("a") as file:
                file.write(json.dumps([one, found]) + "\n")


def _bucket(size: str) -> str:
    """Name the range of sizes in which one lies."""
    if not size.endswith(" s"):
        return size
    size_s = float(size[:-2])
    return f"to {next(most_s for most_s in SIZES_S if size_s <= most_s + 1e-9):g} s"


def main() -> int:
    """Count what is found, missed and wrongly reported."""
    warnings.simplefilter("error")
    asked = _arguments()
    kept = Kept(asked.kept)
    counts: dict[tuple[str, str], Counter[str]] = {}
    false_alarms = 0
    with (
        contextlib.suppress(KeyboardInterrupt),  # what was found so far is printed
        tempfile.TemporaryDirectory() as name,
    ):
        folder = asked.folder or Path(name)
        false_alarms = _honest(asked.honest, folder, kept)
        tracks: dict[str, Track] = {}
        for trial in (*_chosen(asked.chosen), *_random(asked.random)):
            if asked.track not in {None, trial.mix}:
                continue
            if trial.name not in kept:
                if trial.mix not in tracks:
                    tracks[trial.mix] = _track(trial.mix, folder)
                kept.keep(trial.name, list(_tried(trial, tracks[trial.mix], folder)))
            size, heard, found = kept[trial.name]
            if heard and not found:
                print(f"missed: {trial.name}, {trial.what} {size}, {trial.mix}", flush=True)
            key = trial.what, _bucket(size)
            counts.setdefault(key, Counter()).update([f"heard {heard}", f"{heard} {found}"])
    _print_table(counts)
    missed = sum(one["True False"] for one in counts.values())
    return 1 if missed or false_alarms else 0


def _print_table(counts: dict[tuple[str, str], Counter[str]]) -> None:
    print("| damage | size | heard | found | not to be heard | found |\n|---|---|---|---|---|---|")
    order = {what: at for at, what in enumerate((*DAMAGES, *BYTE_DAMAGES, *FRAME_DAMAGES))}
    rows = sorted(counts.items(), key=lambda row: (order[row[0][0]], _number(row[0][1])))
    rows.append((("all", ""), sum(counts.values(), Counter())))
    for (what, size), one in rows:
        cells = (one["heard True"], one["True True"], one["heard False"], one["False True"])
        print(f"| {what} | {size} | {' | '.join(map(str, cells))} |")


def _number(size: str) -> float:
    return float(size.split()[1]) if size else 0.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    for name, usual in (("random", 2_000), ("chosen", 500), ("honest", 300)):
        parser.add_argument(f"--{name}", type=int, default=usual, help=f"how many; {usual:,}")
    parser.add_argument("--track", choices=list(MIXES), help="damage this one alone")
    parser.add_argument("--kept", type=Path, help="a file of what was found out before")
    parser.add_argument("--folder", type=Path, help="where tracks are made, or lie already")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
