"""Damage tracks in ways that can be heard: what does `verify` find, and does it raise false alarms?

usage: python benchmarks/damages.py [SEEDS] [FOLDER] [TRACK ...], a track being such as waves
"""

import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from mutagen.id3 import COMM, ID3, TIT2

from stretchaudio import Options, build_session, read_routine
from stretchaudio.mix.model import ChimeSound
from stretchaudio.track.manifest import CueEntry, Manifest
from stretchaudio.track.reader import read_embedded, syncsafe_int
from stretchaudio.track.verify import verify

ROUTINE = """
title: Short
exercises:
  - name: Side reach
    setup: [Stand tall with your feet under your shoulders., Reach up with one arm.]
    hold: 12s
    sides: each
    transition: 4s
    switch: 4s
"""
MIXES: dict[str, dict[str, object]] = {
    "voice alone": {},
    "rain, bells": {"bed": "rain", "chimes": ChimeSound.SOFT},
    "waves": {"bed": "waves"},
    "brown noise": {"bed": "brown-noise"},
    "drone": {"bed": "drone"},
    "bowls": {"bed": "bowls"},
    "own music": {"bed": "music.wav"},
    "bells": {"chimes": ChimeSound.SOFT},
}
AUDIBLE_DBFS, AUDIBLE_S = -30.0, 0.05


@dataclass(frozen=True, kw_only=True)
class Track:
    """A decoded track, and the same with another voice."""

    path: Path
    samples: np.ndarray
    rate_hz: int
    manifest: Manifest
    other: np.ndarray
    other_manifest: Manifest

    def at(self, time_s: float) -> int:
        """Find the sample of a time."""
        return round(time_s * self.rate_hz)

    def cue(self, rng: random.Random) -> CueEntry:
        """Choose a cue."""
        return rng.choice(self.manifest.cues)

    def part(self, cue: CueEntry) -> slice:
        """Find the samples of a cue."""
        return slice(self.at(cue.start_s), self.at(cue.end_s))


Damage = Callable[[Track, np.ndarray, random.Random], np.ndarray]


def _somewhere(track: Track, rng: random.Random, length_s: float) -> int:
    return rng.randrange(track.at(1), len(track.samples) - track.at(2 + length_s))


def _moved(length_s: float) -> Damage:
    """Cut something out and put as much in elsewhere: the length stays."""

    def damage(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
        size = track.at(length_s)
        first, second = sorted(_somewhere(track, rng, length_s) for _ in range(2))
        cut = np.concatenate([out[:first], out[first + size :]])
        return np.concatenate([cut[:second], out[second : second + size], cut[second:]])

    return damage


def _cut(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
    at = _somewhere(track, rng, 0.05)
    return np.delete(out, np.s_[at : at + track.at(0.05)], axis=0)


def _inserted(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
    at = _somewhere(track, rng, 0.05)
    return np.insert(out, [at], out[at : at + track.at(0.05)], axis=0)


def _gain(gain_db: float, length_s: float) -> Damage:
    def damage(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
        at = _somewhere(track, rng, length_s)
        out[at : at + track.at(length_s)] *= 10 ** (gain_db / 20)
        return np.clip(out, -1, 1)

    return damage


def _hole(length_s: float) -> Damage:
    return _gain(-200, length_s)


def _foreign(length_s: float) -> Damage:
    def damage(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
        at, size = _somewhere(track, rng, length_s), track.at(length_s)
        tone = 0.1 * np.sin(np.arange(size) * rng.uniform(0.03, 0.3))
        out[at : at + size] += tone[:, None].astype(np.float32)
        return np.clip(out, -1, 1)

    return damage


def _muted(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
    out[track.part(track.cue(rng))] *= 0.01
    return out


def _doubled(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
    words = track.samples[track.part(track.cue(rng))]
    at = _somewhere(track, rng, len(words) / track.rate_hz)
    out[at : at + len(words)] += words[: len(out) - at]
    return np.clip(out, -1, 1)


def _exchanged(track: Track, out: np.ndarray, first: CueEntry, second: CueEntry) -> np.ndarray:
    one, two = track.part(first), track.part(second)
    size = min(one.stop - one.start, two.stop - two.start)
    out[one.start : one.start + size] = track.samples[two.start : two.start + size]
    out[two.start : two.start + size] = track.samples[one.start : one.start + size]
    return out


def _swapped(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
    first = track.cue(rng)
    others = [cue for cue in track.manifest.cues if cue.text != first.text]
    return _exchanged(track, out, first, rng.choice(others))


def _other_side(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
    sides = [cue for cue in track.manifest.cues if "left" in cue.text or "right" in cue.text]
    if len(sides) < 2:
        return _swapped(track, out, rng)
    left = rng.choice([cue for cue in sides if "left" in cue.text])
    return _exchanged(track, out, left, rng.choice([cue for cue in sides if "right" in cue.text]))


def _other_voice(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
    number = rng.randrange(len(track.manifest.cues))
    ours, theirs = track.part(track.manifest.cues[number]), track.other_manifest.cues[number]
    words = track.other[track.part(theirs)]
    out[ours] *= 0.01
    at = ours.start
    out[at : at + len(words)] = words[: len(out) - at]
    return out


def _bell(moved_s: float | None) -> Damage:
    """Take a bell away, or strike it later: its first second, which most is heard of."""

    def damage(track: Track, out: np.ndarray, rng: random.Random) -> np.ndarray:
        at = track.at(rng.choice(track.manifest.chimes).at_s)
        size = min(track.at(1), len(out) - at - track.at(1))
        if moved_s is not None:
            later = at + track.at(moved_s)
            out[later : later + size] = track.samples[at : at + size]
        before = track.samples[at - track.at(0.2) : at - track.at(0.05)]
        gap = size if moved_s is None else track.at(moved_s)
        out[at : at + gap] = np.resize(before, (gap, out.shape[1]))
        return out

    return damage


DAMAGES: dict[str, Damage] = {
    "50 ms cut out": _cut,
    "50 ms put in": _inserted,
    "50 ms moved elsewhere": _moved(0.05),
    "0.5 s moved elsewhere": _moved(0.5),
    "two cues swapped": _swapped,
    "one side for the other": _other_side,
    "a cue muted": _muted,
    "a cue heard twice": _doubled,
    "another voice's cue": _other_voice,
    "3 dB up for 1 s": _gain(3, 1),
    "3 dB down for 1 s": _gain(-3, 1),
    "3 dB up for 10 s": _gain(3, 10),
    "3 dB down for 10 s": _gain(-3, 10),
    "a hole of 50 ms": _hole(0.05),
    "a hole of 0.5 s": _hole(0.5),
    "a foreign sound of 50 ms": _foreign(0.05),
    "a foreign sound of 0.5 s": _foreign(0.5),
    "a bell missing": _bell(None),
    "a bell 0.3 s late": _bell(0.3),
}


def main() -> None:
    """Count what is found, missed and wrongly reported."""
    warnings.simplefilter("error")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(name)
        tracks = {mix: _track(mix, folder) for mix in sys.argv[3:] or MIXES}
        for mix, track in tracks.items():
            of, wrong = _honest(track, folder)
            alarms = f"{mix}: {len(wrong)} false alarms in {of} honest tracks"
            print(alarms, *wrong, sep="\n  ", flush=True)
        print("| damage | heard | found | missed in | not to be heard, found |")
        print("|---|---|---|---|---|")
        total: Counter[str] = Counter()
        for what, damage in DAMAGES.items():
            counts: Counter[str] = Counter()
            missed: list[str] = []
            for mix, track in tracks.items():
                if "bell" in what and not track.manifest.chimes:
                    continue
                for seed in range(seeds):
                    rng = random.Random(f"{what} {mix} {seed}")
                    out = damage(track, track.samples.copy(), rng)
                    found = bool(_broken(_encoded(out, track, folder / "damaged.mp3")))
                    heard = _is_heard(out, track)
                    counts[f"{'heard' if heard else 'unheard'} {found}"] += 1
                    if heard and not found:
                        missed.append(f"{mix} {seed}")
            heard = counts["heard True"] + counts["heard False"]
            unheard = (
                f"{counts['unheard True']} of {counts['unheard True'] + counts['unheard False']}"
            )
            told = ", ".join(missed) or "–"
            print(f"| {what} | {heard} | {counts['heard True']} | {told} | {unheard} |", flush=True)
            total += counts
    heard = total["heard True"] + total["heard False"]
    print(
        f"of {sum(total.values())} damages, {heard} can be heard; {total['heard True']} are found"
    )


def _track(mix: str, folder: Path) -> Track:
    music = folder / "music.wav"
    if not music.exists():
        time_s = np.arange(44_100 * 40) / 44_100
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.5 * time_s)
        soundfile.write(music, 0.3 * swell * np.sin(2 * np.pi * 330 * time_s), 44_100)
    routine = folder / "short.yaml"
    routine.write_text(ROUTINE)
    options = {**MIXES[mix]}
    if options.get("bed") == "music.wav":
        options["bed"] = str(music)
    built = []
    for voice in ("espeak:en-us+klatt4", "espeak:en-gb-x-rp"):
        path = folder / f"{mix} {voice.partition(':')[2]}.mp3"
        chosen = Options(voice=voice, cache_dir=folder / "cache", **options)  # type: ignore[arg-type]
        build_session(read_routine(routine), path, chosen)
        built.append((path, *soundfile.read(path, dtype="float32", always_2d=True)))
    (path, samples, rate_hz), (other_path, other, _) = built
    return Track(
        path=path,
        samples=samples,
        rate_hz=rate_hz,
        manifest=read_embedded(path).manifest,
        other=other,
        other_manifest=read_embedded(other_path).manifest,
    )


def _broken(path: Path) -> list[str]:
    return [check.name for check in verify(path)[1] if not check.ok]


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


def _honest(track: Track, folder: Path) -> tuple[int, list[str]]:
    """Verify a track as it is, and after what others do to tracks without changing their sound."""
    as_it_is, copy = track.path, folder / "honest.mp3"
    found = {"as it is": _broken(as_it_is)}
    for version in (3, 4):
        shutil.copy(as_it_is, copy)
        tags = ID3(copy)
        tags.add(TIT2(encoding=1, text="Another title"))
        tags.add(COMM(encoding=1, lang="eng", text="mine"))
        tags.save(copy, v2_version=version, v1=2)
        found[f"tagged again, ID3v2.{version}, and v1"] = _broken(copy)
    copy.write_bytes(as_it_is.read_bytes() + b"TAG" + bytes(125))
    found["a tag behind it"] = _broken(copy)
    _ffmpeg("-i", as_it_is, "-map", "0:a", "-c", "copy", "-id3v2_version", "0", copy)
    copy.write_bytes(_tag(as_it_is) + copy.read_bytes())
    found["frames copied by another program"] = _broken(copy)
    for rate in ("128k", "192k"):
        found[f"encoded again at {rate}"] = _broken(_encoded(track.samples, track, copy, rate))
    wrong = [f"{track.path.stem}, {how}: {', '.join(what)}" for how, what in found.items() if what]
    return len(found), wrong


def _is_heard(out: np.ndarray, track: Track) -> bool:
    """Whether anything differs by more than -30 dBFS over 50 ms."""
    if abs(len(out) - len(track.samples)) > 0:
        return True
    power = ((out - track.samples) ** 2).mean(axis=1)
    size = track.at(AUDIBLE_S)
    sums = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    return bool((sums[size:] - sums[:-size]).max() / size > 10 ** (AUDIBLE_DBFS / 10))


if __name__ == "__main__":
    main()
