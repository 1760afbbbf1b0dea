"""Estimate how long a session will take, before anything has been spoken."""

from collections.abc import Mapping
from dataclasses import dataclass

from stretchaudio.audio.clip import clip_frames
from stretchaudio.errors import UsageError
from stretchaudio.routine.values import MAX_SESSION_MS
from stretchaudio.script.model import Script
from stretchaudio.script.timeline import Padding, SpokenLength, lay_out

# Both fitted to what the embedded voice takes for the bundled routines.
MS_A_CUE = 150
MS_A_CHARACTER = 65


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    key: str
    length_ms: int
    frames: int


def estimated_ms(
    script: Script, known: Mapping[str, SpokenLength] | None = None, padding: Padding | None = None
) -> int:
    """Estimate the length of a track.

    Args:
        script: The session in words and windows.
        known: Clips of some of its texts that are there already; the others are guessed.
        padding: The quiet around the track's words; None for the usual.
    """
    known = known or {}
    clips = {text: known.get(text) or _guess(text) for text in script.texts()}
    return lay_out(script, clips, padding).duration_ms


def refuse_endless(title: str, duration_ms: int) -> None:
    """Refuse a session that, with its speech, is longer than the format allows.

    Raises:
        UsageError: If it is.
    """
    if duration_ms > MAX_SESSION_MS:
        hours = f"{duration_ms / 3_600_000:,.1f} hours"
        raise UsageError(
            f"{title} would last {hours} with all that is said; the limit is 12 hours.",
            hint="Take fewer sets or rounds.",
        )


def spoken_ms(text: str) -> int:
    """Guess how long it takes to say something."""
    return MS_A_CUE + MS_A_CHARACTER * len(text)


def _guess(text: str) -> SpokenLength:
    length_ms = spoken_ms(text)
    return _Guess(key=text, length_ms=length_ms, frames=clip_frames(length_ms))
