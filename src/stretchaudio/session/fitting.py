"""Fit a session to a length: pick within the prescribed ranges until the track lasts as long."""

from dataclasses import replace
from typing import Any

from stretchaudio.audio.clip import Clip
from stretchaudio.errors import UsageError
from stretchaudio.mix.plan import padding_of
from stretchaudio.routine.fit import at_fraction, closest
from stretchaudio.routine.model import Routine
from stretchaudio.script.estimate import estimated_ms
from stretchaudio.script.preview import Preview
from stretchaudio.script.write import write_script
from stretchaudio.session.layout import lay_out_session
from stretchaudio.session.options import Settings
from stretchaudio.speech.speaker import Speaker
from stretchaudio.util.progress import Progress
from stretchaudio.util.units import format_clock

NEAR = 0.02
"""How far a track may be from the length it was fitted to, as a part of it."""
NEAR_ENOUGH = 0.004
"""Close enough to stop trying."""
MOST_TURNS = 4


def fitted(
    routine: Routine,
    minutes: float,
    settings: Settings,
    speaker: Speaker[Any] | None,
    progress: Progress | None = None,
) -> Routine:
    """Pick within the ranges until the spoken track has a length.

    How long numbers take to speak is known only when they have been spoken, so picking and
    speaking take turns.

    Args:
        routine: As adjusted.
        minutes: The length.
        settings: What was asked for.
        speaker: Who speaks; None when nothing is said.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If the session cannot have that length.
        VoiceError: If a cue cannot be spoken.
    """
    settings = replace(settings, preview=Preview())
    target_ms = round(minutes * 60_000)
    padding = padding_of(settings.mix)
    known: dict[str, Clip] = {}

    def length_ms(candidate: Routine) -> int:
        script = write_script(candidate, settings.level, settings.cue_filter)
        return estimated_ms(script, known, padding)

    def spoken_ms(candidate: Routine) -> int:
        laid_out = lay_out_session(candidate, settings, speaker, progress)
        known.update(laid_out.speech.clips)
        return laid_out.timeline.duration_ms

    tried: dict[int, Routine] = {}
    for _ in range(MOST_TURNS):
        candidate = closest(routine, target_ms, length_ms)
        tried.setdefault(spoken_ms(candidate), candidate)
        best_ms = min(tried, key=lambda found_ms: abs(found_ms - target_ms))
        if abs(best_ms - target_ms) <= NEAR_ENOUGH * target_ms:
            break
    if abs(best_ms - target_ms) <= NEAR * target_ms:
        return tried[best_ms]
    shortest_ms, longest_ms = (spoken_ms(at_fraction(routine, end)) for end in (0.0, 1.0))
    shortest, longest = (format_clock(end_ms / 1000) for end_ms in (shortest_ms, longest_ms))
    reach = f"it always lasts {shortest}"
    if shortest_ms < longest_ms:
        reach = f"it can last from {shortest} to {longest}"
    if shortest_ms < target_ms < longest_ms:
        reach += f", and the nearest to what you asked is {format_clock(best_ms / 1000)}"
    raise UsageError(
        f"{routine.title} cannot be fitted to {minutes:g} minutes: {reach}.",
        hint="Ask for a length it can have, or change it with --only, --skip or --rounds.",
    )
