"""A part of a session, to hear what it is like without making all of it."""

from dataclasses import dataclass, replace

from stretchaudio.audio.clip import FRAME_MS, ceil_div, frames_to_ms
from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.routine.model import Routine
from stretchaudio.script.estimate import estimated_ms
from stretchaudio.script.model import Chapter, Item, Say, Script
from stretchaudio.script.timeline import Padding, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Which part is made."""

    length_ms: int | None = None
    """The first so much of it; None for all."""
    exercise: str | None = None
    """One exercise, by id, the first time it is done; None for all."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the session is made."""
        return self.length_ms is None and self.exercise is None


def script_of(script: Script, routine: Routine, exercise: str) -> Script:
    """What is said and kept in one exercise, the first time it is done.

    Args:
        script: All of it.
        routine: What it was written from.
        exercise: The exercise's id.

    Raises:
        UsageError: If there is no such exercise in the routine.
    """
    ids = [
        one.id
        for section in routine.sections
        for _ in range(section.rounds)
        for one in section.exercises
    ]
    if exercise not in ids:
        hint = f"It has {', '.join(sorted(set(ids)))}."
        raise UsageError(
            f"There is no exercise '{exercise}' in {routine.title}.{did_you_mean(exercise, ids)}",
            hint=hint,
        )
    starts = [at for at, item in enumerate(script.items) if isinstance(item, Chapter)]
    begin = starts[ids.index(exercise)]
    ends = (
        at
        for at, item in enumerate(script.items)
        if at > begin and (isinstance(item, Chapter) or _is_closing(item))
    )
    end = next(ends, None)
    return replace(script, items=script.items[begin:end])


def _is_closing(item: Item) -> bool:
    return isinstance(item, Say) and item.exercise is None


def beginning_of(script: Script, length_ms: int) -> Script:
    """As much of a script as surely lasts some time once it is spoken, by an estimate.

    Args:
        script: All of it.
        length_ms: How long.
    """
    few, enough = 0, len(script.items)
    while enough - few > 1:
        middle = (few + enough) // 2
        if estimated_ms(replace(script, items=script.items[:middle])) < length_ms:
            few = middle
        else:
            enough = middle
    return replace(script, items=script.items[:enough])


def cut(timeline: Timeline, length_ms: int, padding: Padding) -> Timeline:
    """The first part of a timeline; a cue that has begun is heard to its end.

    Args:
        timeline: All of it.
        length_ms: How long.
        padding: What the track has around its words.
    """
    cues = tuple(cue for cue in timeline.cues if frames_to_ms(cue.start_frame) < length_ms)
    spoken_ms = max((frames_to_ms(cue.start_frame) + cue.length_ms for cue in cues), default=0)
    frames = min(timeline.frames, ceil_div(max(length_ms, spoken_ms) + padding.end_ms, FRAME_MS))
    end_ms = frames_to_ms(frames) - padding.end_ms
    chapters = tuple(
        replace(chapter, end_frame=min(chapter.end_frame, frames))
        for chapter in timeline.chapters
        if frames_to_ms(chapter.start_frame) < end_ms
    )
    titles = {chapter.title for chapter in chapters}
    return Timeline(
        frames=frames,
        cues=cues,
        windows=tuple(
            window
            for window in timeline.windows
            if window.start_ms + window.window.length_ms <= end_ms
        ),
        chapters=chapters,
        dropped=tuple(dropped for dropped in timeline.dropped if dropped.exercise in titles),
    )
