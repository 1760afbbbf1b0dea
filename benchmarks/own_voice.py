"""Takes of 300 sentences with pauses, coughs, repeats and a gap: what `voices split` finds in them.

usage: python benchmarks/own_voice.py [VOICE ...]
"""

import io
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import soundfile
import soxr

from stretchaudio.language import language
from stretchaudio.routine.library import all_routines, read_routine
from stretchaudio.session.options import Options, resolved
from stretchaudio.session.recording import RecordingScript, Sentence, sentences
from stretchaudio.session.split_take import SplitTake, split_take
from stretchaudio.speech.engine import Engines
from stretchaudio.speech.take import Piece, Take
from stretchaudio.util.threads import Threads

VOICES = ("flite:slt", "flite:rms", "espeak:en-gb-x-rp+f3")
SENTENCES = 300
RATE_HZ = 24_000
REPEATED, COUGHED = 0.06, 0.06
"""The part of the sentences after which there is a repeat, or a noise."""
Takes = dict[int, list[tuple[float, float]]]
NEAR_S = 0.3
"""A piece is the right one when both its ends are so near."""


def main() -> None:
    """Make a take with each voice, split it, and count."""
    listed = _sentences()
    script = RecordingScript(language="en", sentences=tuple(listed))
    for name in sys.argv[1:] or VOICES:
        spoken = list(_spoken(name, listed))
        take, takes = _take(spoken, np.random.default_rng(7))
        start = time.process_time()
        found = split_take(take, script, Engines(), jobs=2)
        _report(name, listed, takes, found, time.process_time() - start)


def _sentences() -> list[Sentence]:
    with resolved(Options()) as settings:
        routines = [read_routine(name) for name, _ in all_routines()]
        english = [routine for routine in routines if routine.language == "en"]
        return sentences(english, settings)[:SENTENCES]


def _spoken(name: str, listed: list[Sentence]) -> Iterator[np.ndarray]:
    engines = Engines()
    voice = engines.resolve_voice(name, language("en"))
    with closing(engines.open(voice, jobs=2)) as engine, Threads(engine.close) as threads:
        texts = [one.spoken for one in listed]
        for sound in threads.in_order(engine.speak, texts, at_once=2):
            samples, rate_hz = soundfile.read(io.BytesIO(sound), dtype="float32")
            yield soxr.resample(samples, rate_hz, RATE_HZ)


def _take(spoken: list[np.ndarray], rng: np.random.Generator) -> tuple[Take, Takes]:
    """Join what was spoken as somebody reads it; also when each sentence is said, in seconds."""
    parts: list[np.ndarray] = []
    takes: Takes = {}
    length = 0
    left_out = int(rng.integers(len(spoken)))

    def add(samples: np.ndarray) -> tuple[float, float]:
        nonlocal length
        parts.append(samples)
        length += len(samples)
        return (length - len(samples)) / RATE_HZ, length / RATE_HZ

    def pause() -> None:
        add(np.zeros(round(rng.uniform(0.8, 2.2) * RATE_HZ), np.float32))

    pause()
    for at, samples in enumerate(spoken):
        if at == left_out:
            continue
        for _ in range(1 + (rng.random() < REPEATED)):
            said = soxr.resample(samples, RATE_HZ, RATE_HZ * rng.uniform(0.94, 1.06))
            takes.setdefault(at, []).append(add(said.astype(np.float32) * rng.uniform(0.7, 1.0)))
            pause()
        if rng.random() < COUGHED:
            cough = rng.standard_normal(round(rng.uniform(0.1, 0.5) * RATE_HZ))
            add((cough * np.hanning(len(cough)) * 0.2).astype(np.float32))
            pause()
    whole = np.concatenate(parts)
    return Take(whole + rng.standard_normal(len(whole)).astype(np.float32) * 0.001, RATE_HZ), takes


def _report(
    name: str,
    listed: list[Sentence],
    takes: Takes,
    found: SplitTake,
    seconds: float,
) -> None:
    number = {one.stem: at for at, one in enumerate(listed)}

    def which(one: Sentence, piece: Piece) -> str:
        said = takes.get(number[one.stem], [])
        near = [
            abs(piece.start_s - start_s) < NEAR_S and abs(piece.end_s - end_s) < NEAR_S
            for start_s, end_s in said
        ]
        if not any(near):
            return "wrong"
        return "right" if near[-1] else "an earlier take"

    for kind, listed_pieces in (("sure", found.sure), ("marked doubtful", found.doubtful)):
        counted = Counter(which(*one) for one in listed_pieces)
        print(f"{name}, {kind}: {dict(counted)}", flush=True)
    missing = [number[one.stem] for one in found.missing]
    print(
        f"  {len(takes)} read; not found: {missing}, not read: {set(number.values()) - set(takes)}"
    )
    print(f"  {len(found.unused)} unused; {seconds:.0f} s of CPU")
    for one, piece in found.sure:
        if which(one, piece) != "right":
            when = f"{piece.start_s:.1f} to {piece.end_s:.1f} s"
            print(f"  {which(one, piece)} at {when}: {one.text}", flush=True)


if __name__ == "__main__":
    main()
