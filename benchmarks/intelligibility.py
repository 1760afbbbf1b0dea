"""How well an offline recogniser understands each local voice.

Word error rate and pace, on sentences of the bundled routines and on what they say for safety, each
spoken by itself; with --tracks also on every different cue as it stands in the decoded tracks.

usage: python benchmarks/intelligibility.py [--tracks] [VOICE ...], with the extra `benchmark`
"""

import random
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from pocketsphinx import Decoder

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from listening import RATE_HZ, decode
from stretchaudio import Options, Routine, read_routine
from stretchaudio.audio.mp3.frames import VOICE
from stretchaudio.audio.types import Mono
from stretchaudio.language import language
from stretchaudio.script.model import CueKind, Script
from stretchaudio.script.write import write_script
from stretchaudio.session.build import plan_session, write_track
from stretchaudio.session.options import resolved
from stretchaudio.speech import leveling
from stretchaudio.speech.auto import LOCAL
from stretchaudio.speech.engine import Engines
from stretchaudio.speech.text import normalise

ENGLISH = language("en")
ENGINES = Engines()
ROUTINES = Path(__file__).parent.parent / "routines"
SENTENCES = 150
SAFETY = re.compile(r"pain|hurt|doctor|dizzy|stop|gentl", re.IGNORECASE)
MIN_WORDS = 3
RECOGNISER_HZ = 16_000
QUIET_S = 0.3
"""Before and after each sentence; the recogniser needs some to begin and end with."""
NOISE_DB = -66.0
"""As loud as a track's room tone, but white.

With that tone itself, or in digital silence, the recogniser errs more.
"""
SEARCH: dict[str, Any] = {"maxhmmpf": 3000, "fwdflat": False}
"""A narrower search than pocketsphinx's own.

In a try of 16 sentences it made no more errors, in half the time.
"""
RESAMPLES = 2000
_SEED = 7
_ONES = """zero one two three four five six seven eight nine ten eleven twelve
thirteen fourteen fifteen sixteen seventeen eighteen nineteen""".split()  # noqa: SIM905 - numbers read best as words
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905


def main() -> None:
    """Listen to the voices named as arguments, or to all that speak on this machine."""
    tracks = "--tracks" in sys.argv
    samples = {"sentences": sentences()[:SENTENCES], "safety": safety_lines()}
    decoder = Decoder(loglevel="FATAL", **SEARCH)
    for voice in [name for name in sys.argv[1:] if name != "--tracks"] or local_voices():
        with closing(ENGINES.open(ENGINES.resolve_voice(voice, ENGLISH), jobs=1)) as engine:
            for name, texts in samples.items():
                heard = [listen(engine.speak(text), decoder) for text in texts]
                print(f"{voice:22} {name:10} {summary(texts, heard)}", flush=True)
        if tracks:
            cues = built_cues(voice)
            heard = [recognise(samples, decoder) for samples in cues.values()]
            print(f"{voice:22} {'tracks':10} {summary(list(cues), heard)}", flush=True)


def local_voices() -> list[str]:
    """List the English voices that need no network and no download.

    The embedded voice is among them a second time, without its variant.
    """
    there = [engine for engine in LOCAL if not ENGINES.module(engine).unavailable_reason()]
    return [
        f"{engine}:{name}" for engine in there for name in ENGINES.module(engine).voices(ENGLISH)
    ] + ["espeak:en-us"]


def sentences() -> list[str]:
    """List the different sentences of the English routines as they are spoken.

    Their order is random, but always the same.
    """
    texts = sorted(
        {normalise(text, ENGLISH.spoken) for script in scripts() for text in script.texts()}
    )
    long_enough = [text for text in texts if len(words(text)) >= MIN_WORDS]
    random.Random(_SEED).shuffle(long_enough)
    return long_enough


def safety_lines() -> list[str]:
    """List what the English routines say so that nobody is hurt."""
    said = {
        normalise(cue.text, ENGLISH.spoken)
        for script in scripts()
        for cue in script.cues()
        if cue.kind is CueKind.CAUTION or (cue.kind is CueKind.INTRO and SAFETY.search(cue.text))
    }
    return sorted(said)


def scripts() -> list[Script]:
    """Write the English routines at the intermediate level."""
    return [write_script(routine) for routine in english()]


def english() -> Iterator[Routine]:
    """Read the English routines."""
    routines = (read_routine(path) for path in sorted(ROUTINES.glob("*.yaml")))
    return (routine for routine in routines if routine.language == "en")


def built_cues(voice: str) -> dict[str, Mono]:
    """Cut each different cue, where it is first heard, from the decoded tracks of all routines."""
    cues: dict[str, Mono] = {}
    with tempfile.TemporaryDirectory() as folder, resolved(Options(voice=voice)) as settings:
        for routine in english():
            session = plan_session(routine, settings)
            write_track(session, path := Path(folder) / "track.mp3", settings.cache)
            track = decode(path, "ffmpeg")
            for cue in session.manifest.cues:
                start, end = (round(at * RATE_HZ) for at in (cue.start_s, cue.end_s))
                cues.setdefault(cue.text, track[start:end].copy())
    return cues


def listen(sound: bytes, decoder: Any) -> tuple[list[str], float]:
    """Recognise a sound once it is trimmed and levelled; also say how many seconds it lasts."""
    speech, _ = leveling.trim_and_level(leveling.decode(sound))
    return recognise(np.frombuffer(speech.raw_data, "<i2") / 32768, decoder)


def recognise(samples: Mono, decoder: Any) -> tuple[list[str], float]:
    """Recognise samples at 24 kHz; also say how many seconds they last."""
    length_s = len(samples) / VOICE.sample_rate_hz
    samples = np.pad(samples, round(QUIET_S * VOICE.sample_rate_hz))
    samples = soxr.resample(samples, VOICE.sample_rate_hz, RECOGNISER_HZ, quality="VHQ")
    samples += np.random.default_rng(_SEED).normal(0, 10 ** (NOISE_DB / 20), len(samples))
    decoder.reinit_feat()  # it keeps what it learnt of the sound before
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    return words(hypothesis.hypstr if hypothesis else ""), length_s


def summary(texts: list[str], heard: list[tuple[list[str], float]]) -> str:
    """The word error rate with what chance makes of it, and the pace."""
    errors = np.array(
        [
            distance(words(text), hypothesis)
            for text, (hypothesis, _) in zip(texts, heard, strict=True)
        ]
    )
    lengths = np.array([len(words(text)) for text in texts])
    picks = np.random.default_rng(_SEED).integers(len(texts), size=(RESAMPLES, len(texts)))
    low, high = np.percentile(errors[picks].sum(axis=1) / lengths[picks].sum(axis=1), (2.5, 97.5))
    seconds = sum(length_s for _, length_s in heard)
    rate = f"word error rate {errors.sum() / lengths.sum():5.1%} (95%: {low:.1%} to {high:.1%})"
    total = int(lengths.sum())
    return f"{rate}, {total} words in {seconds:.0f} s, {total / seconds * 60:.0f} words a minute"


def words(text: str) -> list[str]:
    """The words of a text as a recogniser writes them."""
    return re.findall(
        r"[a-z']+", re.sub(r"\d+", lambda match: _number(int(match[0])), text.lower())
    )


def _number(number: int) -> str:
    """A number below 1000 in words."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    parts = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= len(_ONES):
        parts += [_TENS[tens], *([_ONES[ones]] if ones else [])]
    elif rest or not hundreds:
        parts.append(_ONES[rest])
    return " ".join(parts)


def distance(expected: list[str], heard: list[str]) -> int:
    """How many words are wrong, missing or too many."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(expected, 1):
        above, row = row, [i]
        for j, other in enumerate(heard, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (word != other)))
    return row[-1]


if __name__ == "__main__":
    main()
