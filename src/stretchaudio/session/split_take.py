"""Cut one long recording into the sentences of a page that was read from."""

import io
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import fmean

import numpy as np
import soundfile

from stretchaudio.errors import UsageError, VoiceError
from stretchaudio.language import language
from stretchaudio.session.recording import RecordingScript, Sentence
from stretchaudio.session.voice import ALWAYS_THERE
from stretchaudio.speech.engine import Engines
from stretchaudio.speech.take import (
    EDGE_S,
    Features,
    Piece,
    Take,
    distance,
    distances,
    features,
    find_pieces,
)
from stretchaudio.speech.take_alignment import Evidence, Said, align, last_takes
from stretchaudio.util.atomic import atomic_write, check_writable
from stretchaudio.util.threads import Threads

DOUBTFUL = "doubtful"
"""The folder, beside the recordings, of pieces that may be another sentence."""
ENDING = ".flac"
LEAST_NOISE_S = 0.6
"""What is not used and lasts as long as this may have been a sentence, and is listed."""
_LIKE_SCALE, _LIKE_MOST = 25.0, 5.0
"""How much it says that a sound is nearer to a sentence than to those around it."""
# Of three voices a sentence was 0.90, 0.87 and 0.86 away from itself, and 0.98 from its
# neighbours; deviations 0.06 to 0.09.
_AROUND = 3
_BLOCK = 8
"""So many distances are measured at a time, which is quicker."""
_SAME, _SAME_SCALE, _SAME_MOST = 0.74, 30.0, 6.0
"""The distance at which it cannot be told if one voice says the same twice; how much it says."""
# The same, faster or slower by up to 8 %, was 0.46 away from itself, at the most 0.62; the next
# sentence 0.92, at the least 0.81.


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitTake:
    """What was found in a take."""

    sure: Sequence[tuple[Sentence, Piece]]
    """The sentences that were found, each with its place."""
    doubtful: Sequence[tuple[Sentence, Piece]]
    """Those that may be something else."""
    missing: Sequence[Sentence]
    """Those that were not."""
    unused: Sequence[Piece]
    """Pieces that are no sentence, nor an earlier take of one."""


def split_take(take: Take, script: RecordingScript, engines: Engines, *, jobs: int) -> SplitTake:
    """Find the sentences of a page in a take.

    Args:
        take: The recording.
        script: What was read.
        engines: One of them speaks each sentence for comparison.
        jobs: How many at once.

    Raises:
        VoiceError: If nothing is heard in it.
    """
    pieces = find_pieces(take)
    if not pieces:
        raise VoiceError("Nothing is heard in this recording.", hint="Is it the right file?")
    spoken = _synthetic(script, engines, jobs)
    said = align(pieces, _evidence(take, spoken))
    kept = last_takes(said)
    of = script.sentences
    return SplitTake(
        sure=[(of[at], one.piece) for at, one in kept.items() if one.is_sure],
        doubtful=[(of[at], one.piece) for at, one in kept.items() if not one.is_sure],
        missing=[one for at, one in enumerate(of) if at not in kept],
        unused=list(_unused(pieces, said)),
    )


def write_recordings(take: Take, found: SplitTake, folder: Path) -> None:
    """Write a file for each sentence, and those that are doubtful into a folder of their own.

    Raises:
        UsageError: If there is a recording of a sentence in another format.
        FileError: If a file cannot be written.
    """
    parts = ((found.sure, folder), (found.doubtful, folder / DOUBTFUL))
    targets = {into / f"{one.stem}{ENDING}": piece for part, into in parts for one, piece in part}
    for target in targets:
        others = [path for path in folder.glob(f"{target.stem}.*") if path.suffix != ENDING]
        if others:
            raise UsageError(
                f"There is {others[0]} already.", hint="Move it away, or choose another folder."
            )
    for into in {target.parent for target in targets}:
        into.mkdir(parents=True, exist_ok=True)
    for target in targets:
        check_writable(target)
    for target, piece in targets.items():
        with atomic_write(target) as file:
            samples = take.cut(piece, EDGE_S)
            soundfile.write(file, samples, take.rate_hz, format="FLAC", subtype="PCM_24")
    for one, _ in found.sure:  # it is settled now
        (folder / DOUBTFUL / f"{one.stem}{ENDING}").unlink(missing_ok=True)


def _synthetic(script: RecordingScript, engines: Engines, jobs: int) -> list[Take]:
    """Have each sentence spoken by the embedded voice, and trim it."""
    voice = engines.resolve_voice(ALWAYS_THERE, language(script.language))
    with closing(engines.open(voice, jobs=jobs)) as engine, Threads(engine.close) as threads:
        texts = [one.spoken for one in script.sentences]
        spoken = threads.in_order(engine.speak, texts, at_once=jobs)
        return [_trimmed(sound) for sound in spoken]


def _trimmed(sound: bytes) -> Take:
    samples, rate_hz = soundfile.read(io.BytesIO(sound), dtype="float32")
    # Without quiet around it, what is quiet in a sentence would be taken for the room's noise.
    take = Take(np.pad(samples, len(samples)), rate_hz)
    pieces = find_pieces(take)
    whole = (
        Piece(pieces[0].start_s, pieces[-1].end_s)
        if pieces
        else Piece(0, len(take.samples) / rate_hz)
    )
    return Take(take.cut(whole), rate_hz)


def _evidence(take: Take, spoken: Sequence[Take]) -> Evidence:
    expected = [cache(partial(features, one.samples, one.rate_hz)) for one in spoken]

    @cache
    def heard(piece: Piece) -> Features:
        return features(take.cut(piece), take.rate_hz)

    @cache
    def block(piece: Piece, first: int) -> list[float]:
        there = expected[first : first + _BLOCK]
        return distances(heard(piece), [one() for one in there])

    def apart(piece: Piece, sentence: int) -> float:
        return block(piece, sentence - sentence % _BLOCK)[sentence % _BLOCK]

    @cache
    def likeness(piece: Piece, sentence: int) -> float:
        nearby = range(max(0, sentence - _AROUND), min(len(spoken), sentence + _AROUND + 1))
        others = [apart(piece, other) for other in nearby if other != sentence]
        off = fmean(others or [1.0]) - apart(piece, sentence)
        return max(-_LIKE_MOST, min(_LIKE_MOST, _LIKE_SCALE * off))

    @cache
    def sameness(first: Piece, second: Piece) -> float:
        if not 0.6 < first.length_s / second.length_s < 1.6:
            return -_SAME_MOST
        off = _SAME - distance(heard(first), heard(second))
        return max(-_SAME_MOST, min(_SAME_MOST, _SAME_SCALE * off))

    return Evidence(
        expected_s=[max(0.1, len(one.samples) / one.rate_hz) for one in spoken],
        apart=apart,
        likeness=likeness,
        sameness=sameness,
    )


def _unused(pieces: Iterable[Piece], said: Sequence[Said]) -> Iterable[Piece]:
    """List the longer pieces that are in no sentence."""
    for piece in pieces:
        is_said = any(
            one.piece.start_s <= piece.start_s and piece.end_s <= one.piece.end_s for one in said
        )
        if not is_said and piece.length_s >= LEAST_NOISE_S:
            yield piece
