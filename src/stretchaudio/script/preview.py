"""Take a part of a session, to hear what it is like without making all of it."""

from dataclasses import dataclass, replace

from stretchaudio.audio.clip import FRAME_MS, ceil_div, frames_to_ms
from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.routine.model import Routine
from stretchaudio.script.estimate import estimated_ms
from stretchaudio.script.model import Chapter, Item, Say, Script
from stretchaudio.script.timeline import Padding, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The part of a session that is made."""

    length_ms: int | None = None
    """The length of the part, from the beginning; None for all."""
    exercise: str | None = None
    """One exercise, by id, the first time it is done; None for all."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the session is made."""
        return self.length_ms is None and self.exercise is None


def script_of(script: Script, routine: Routine, exercise: str) -> Script:
    """Take one exercise out of a script, the first time it is done.

    Args:
        script: The whole session.
        routine: The routine it was written from.
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
    later = enumerate(script.items[begin + 1 :], begin + 1)
    end = next((at for at, item in later if _ends_exercise(item)), None)
    return replace(script, items=script.items[begin:end])


def _ends_exercise(item: Item) -> bool:
    """Whether another exercise begins, or the closing words."""
    return isinstance(item, Chapter) or (isinstance(item, Say) and item.exercise is None)


def beginning_of(script: Script, length_ms: int) -> Script:
    """Take so much of a script that, by an estimate, it lasts a given time once spoken.

    Args:
        script: The whole session.
        length_ms: The time it has to last.
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
    """Take the first part of a timeline; a cue that has begun is heard to its end.

    Args:
        timeline: The whole session.
        length_ms: The length of the part.
        padding: The quiet around the track's words.
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
    windows = tuple(
        placed for placed in timeline.windows if placed.start_ms + placed.window.length_ms <= end_ms
    )
    titles = {chapter.title for chapter in chapters}
    return Timeline(
        frames=frames,
        cues=cues,
        windows=windows,
        chapters=chapters,
        dropped=tuple(dropped for dropped in timeline.dropped if dropped.exercise in titles),
    )
