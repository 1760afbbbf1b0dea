"""How long a session will take, before anything has been spoken."""

from dataclasses import dataclass

from stretchaudio.clip import clip_frames
from stretchaudio.script.model import Script
from stretchaudio.timeline import lay_out

MS_A_CUE = 150
MS_A_CHARACTER = 65
"""Fitted to what the embedded voice takes for the bundled routines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    length_ms: int
    frames: int


def estimated_s(script: Script) -> float:
    """About how long the track will be, in seconds."""
    return lay_out(script, {text: _guess(text) for text in script.texts()}).duration_ms / 1000


def _guess(text: str) -> _Guess:
    length_ms = MS_A_CUE + MS_A_CHARACTER * len(text)
    return _Guess(length_ms=length_ms, frames=clip_frames(length_ms))
