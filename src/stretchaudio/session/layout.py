"""Lay a session out: write its script, have it spoken, and give every cue and window its place."""

from dataclasses import dataclass
from typing import Any

from stretchaudio.mix.plan import padding_of
from stretchaudio.routine.model import Routine
from stretchaudio.script.estimate import estimated_ms, refuse_endless
from stretchaudio.script.learn import write_learn_script
from stretchaudio.script.model import Script
from stretchaudio.script.preview import beginning_of, cut, script_of
from stretchaudio.script.timeline import PlacedWindow, Timeline, lay_out
from stretchaudio.script.write import write_script
from stretchaudio.session.options import Settings
from stretchaudio.speech.speaker import Speaker, Speech
from stretchaudio.util.progress import Progress

PREVIEW_MARGIN = 1.15
"""How much more is spoken than a preview needs, since lengths are guessed before."""
MOST_MARGIN = 64
"""Upper bound on the growth of the guess; sessions shorter than the preview stop earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """A session that has been spoken and laid out."""

    routine: Routine
    """What is done, as fitted."""
    script: Script
    """What is said and kept."""
    speech: Speech[Any]
    """Its clips."""
    timeline: Timeline
    """Where everything is, as far as the track goes."""
    windows: tuple[PlacedWindow, ...]
    """All windows, those that a preview cuts short too."""


def session_script(routine: Routine, settings: Settings, *, margin: float = 1) -> Script:
    """Write what is said and kept; of a preview, the part that surely holds it.

    Args:
        routine: As adjusted and fitted.
        settings: What was asked for.
        margin: How many times the length of a preview to write.

    Raises:
        UsageError: If the session would be endless, or a preview is of nothing.
    """
    if settings.learn:
        script = write_learn_script(routine, left_first=settings.cue_filter.left_first)
    else:
        script = write_script(routine, settings.level, settings.cue_filter)
    refuse_endless(routine.title, estimated_ms(script))
    preview = settings.preview
    if preview.exercise is not None:
        script = script_of(script, routine, preview.exercise)
    if preview.length_ms is None:
        return script
    return beginning_of(script, round(preview.length_ms * margin * PREVIEW_MARGIN))


def lay_out_session(
    routine: Routine, settings: Settings, speaker: Speaker[Any] | None, progress: Progress | None
) -> LaidOut:
    """Have a session spoken, and place everything.

    Args:
        routine: As adjusted and fitted.
        settings: What was asked for.
        speaker: Who speaks; None when nothing is said.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If the session would be endless, or a preview is of nothing.
        VoiceError: If a cue cannot be spoken.
    """
    padding, length_ms = padding_of(settings.mix), settings.preview.length_ms
    margin = 1
    while True:
        script = session_script(routine, settings, margin=margin)
        speech: Speech[Any] = Speech(clips={})
        if speaker:
            speech = speaker.speak(script.texts(), progress, soft=script.soft_texts())
        timeline = lay_out(script, speech.clips, padding)
        if length_ms is None or timeline.duration_ms >= length_ms + padding.end_ms:
            break
        if margin > MOST_MARGIN:
            break
        margin *= 2  # the voice speaks faster than was guessed
    refuse_endless(routine.title, timeline.duration_ms)
    heard = timeline if length_ms is None else cut(timeline, length_ms, padding)
    return LaidOut(
        routine=routine, script=script, speech=speech, timeline=heard, windows=timeline.windows
    )
