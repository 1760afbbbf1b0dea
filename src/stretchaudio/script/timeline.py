"""Place every cue of a script at an absolute frame, and every window at an exact time.

A window begins where the sound before it ended, and windows that touch follow each other in whole
milliseconds. Only cues are rounded to frames, each by itself: neither end of a window is off by
more than half a frame, and errors do not add up. Cues between windows take the time they take;
cues inside a window never change its length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from stretchaudio.audio.clip import FRAME_MS, LEAD_FRAMES, ceil_div, frames_to_ms, ms_to_frames
from stretchaudio.script.model import PRIORITY, Chapter, Cue, CueKind, Say, Script, TimedCue, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Padding:
    """The quiet around the words of a track."""

    start_ms: int = 600
    """Before the first, in which a wireless headset wakes up."""
    end_ms: int = 1_500
    """After the last, so that it is not cut by a player that stops early."""


class SpokenLength(Protocol):
    """The facts of a clip that the timeline needs."""

    @property
    def key(self) -> str:
        """Its key in the manifest and among the clips."""

    @property
    def length_ms(self) -> int:
        """Its length from the first sound to the end of the last."""

    @property
    def frames(self) -> int:
        """The frames it takes in the track, from one frame before its first sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCue:
    """A cue with its place in the track."""

    cue: Cue
    clip: str
    """The key of its clip."""
    exercise: str | None
    """The exercise it belongs to."""
    start_frame: int
    """The frame on which its first sound begins."""
    length_ms: int
    """From its first sound to the end of its last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedWindow:
    """A window with its place in the track."""

    window: Window
    start_ms: int
    """The end of the sound before it, or of the window before it; plus its own pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedChapter:
    """An exercise's place in the track."""

    title: str
    """The exercise's name."""
    dose: str
    """Its dose in words."""
    start_frame: int
    """The frame on which it is named."""
    end_frame: int
    """The frame on which the next one begins, or the closing words."""
    bed: str | None = None
    """The bed that its section has of its own, by name; None for the session's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedCue:
    """A cue that did not fit its window."""

    cue: Cue
    exercise: str
    """The exercise it belongs to."""
    reason: str
    """The obstacle, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The place of everything, from the first audible sample; frames have 24 ms."""

    frames: int
    """The length of the track."""
    cues: tuple[PlacedCue, ...]
    """In the order they are heard."""
    windows: tuple[PlacedWindow, ...]
    """In order."""
    chapters: tuple[PlacedChapter, ...]
    """In order; they do not overlap."""
    dropped: tuple[DroppedCue, ...]
    """The cues that are not in the track."""

    @property
    def duration_ms(self) -> int:
        """The length of the track."""
        return frames_to_ms(self.frames)


def lay_out(
    script: Script, clips: Mapping[str, SpokenLength], padding: Padding | None = None
) -> Timeline:
    """Place every cue and window of a script.

    Args:
        script: The session in words and windows.
        clips: The spoken form of every text of the script.
        padding: The quiet around the track's words; None for the usual.
    """
    layout = _Layout(clips, padding or Padding())
    for item in script.items:
        match item:
            case Chapter():
                layout.chapter(item)
            case Say():
                layout.say(item)
            case Window():
                layout.window(item)
    return layout.finish()


class _Layout:
    def __init__(self, clips: Mapping[str, SpokenLength], padding: Padding) -> None:
        self.clips = clips
        self.end_ms = padding.end_ms
        self.now_ms = padding.start_ms
        self.free_frame = 0
        """The first frame that no clip occupies."""
        self.cues: list[PlacedCue] = []
        self.windows: list[PlacedWindow] = []
        self.chapters: list[tuple[Chapter | None, int]] = []
        self.dropped: list[DroppedCue] = []
        self.next_chapter: Chapter | None = None

    def chapter(self, item: Chapter) -> None:
        self.next_chapter = item

    def say(self, item: Say) -> None:
        clip = self.clips[item.cue.text]
        frame = max(_nearest(self.now_ms + item.pause_ms), self.free_frame + LEAD_FRAMES)
        self._mark_chapter(item, frame)
        self._place(item.cue, item.exercise, frame)
        self.now_ms = frames_to_ms(frame) + clip.length_ms

    def window(self, item: Window) -> None:
        start_ms = self.now_ms + item.pause_ms
        if self.next_chapter is not None:  # nothing was said of it
            self.chapters.append((self.next_chapter, _nearest(self.now_ms)))
            self.next_chapter = None
        self.now_ms = start_ms + item.length_ms
        self.windows.append(PlacedWindow(window=item, start_ms=start_ms))
        if item.cues:
            inside = _Inside(item, start_ms, self.free_frame, self.clips)
            for timed, frame in inside.place():
                self._place(timed.cue, item.exercise, frame)
            self.dropped += inside.dropped

    def _place(self, cue: Cue, exercise: str | None, frame: int) -> None:
        clip = self.clips[cue.text]
        self.cues.append(
            PlacedCue(
                cue=cue,
                clip=clip.key,
                exercise=exercise,
                start_frame=frame,
                length_ms=clip.length_ms,
            )
        )
        self.free_frame = frame - LEAD_FRAMES + clip.frames

    def _mark_chapter(self, item: Say, frame: int) -> None:
        if self.next_chapter is not None:
            self.chapters.append((self.next_chapter, frame))
            self.next_chapter = None
        elif item.exercise is None and self.chapters and self.chapters[-1][0] is not None:
            self.chapters.append((None, frame))  # the closing words belong to no exercise

    def finish(self) -> Timeline:
        frames = max(_nearest(self.now_ms + self.end_ms), self.free_frame)
        ends = [*(start for _, start in self.chapters[1:]), frames]
        chapters = (
            PlacedChapter(
                title=chapter.title,
                dose=chapter.dose,
                start_frame=start,
                end_frame=end,
                bed=chapter.bed,
            )
            for (chapter, start), end in zip(self.chapters, ends, strict=False)
            if chapter is not None
        )
        return Timeline(
            frames=frames,
            cues=tuple(self.cues),
            windows=tuple(self.windows),
            chapters=tuple(chapters),
            dropped=tuple(self.dropped),
        )


class _Inside:
    """Place the cues of one window: the important ones first, others where there is room left."""

    def __init__(
        self, window: Window, start_ms: int, free_frame: int, clips: Mapping[str, SpokenLength]
    ) -> None:
        self.window = window
        self.start_ms = start_ms
        self.clips = clips
        self.first = free_frame
        self.last = _nearest(start_ms + window.length_ms) - LEAD_FRAMES
        self.taken: dict[int, tuple[int, int, CueKind]] = {}
        """First frame, frame after the last, and kind of each placed cue, by its index."""
        self.dropped: list[DroppedCue] = []

    def place(self) -> list[tuple[TimedCue, int]]:
        """Give each cue that fits the frame of its first sound; they come in time order."""
        cues = self.window.cues
        for index in sorted(range(len(cues)), key=lambda index: PRIORITY[cues[index].cue.kind]):
            frame = self._frame(index)
            reason = "what it follows was dropped" if frame is None else self._fit(index, frame)
            if reason:
                self.dropped.append(
                    DroppedCue(cue=cues[index].cue, exercise=self.window.exercise, reason=reason)
                )
        placed = sorted((span[0], index) for index, span in self.taken.items())
        return [(cues[index], first + LEAD_FRAMES) for first, index in placed]

    def _frame(self, index: int) -> int | None:
        timed = self.window.cues[index]
        if not timed.follows:
            return _nearest(self.start_ms + timed.at_ms)
        leader = self.taken.get(index - 1)
        if leader is None:
            return None
        leading_clip = self.clips[self.window.cues[index - 1].cue.text]
        sound_ms = frames_to_ms(leader[0] + LEAD_FRAMES) + leading_clip.length_ms
        return ceil_div(sound_ms + timed.at_ms, FRAME_MS)

    def _fit(self, index: int, frame: int) -> str:
        """Take the cue's frames if they are free; otherwise return what is in the way."""
        timed = self.window.cues[index]
        first = frame - LEAD_FRAMES
        end = first + self.clips[timed.cue.text].frames
        if first < self.first:
            return "no room after the cue before the window"
        if end > self.last and not timed.runs_over:
            return "no room before the end of the window"
        for other_first, other_end, kind in self.taken.values():
            if first < other_end and other_first < end:
                return f"no room {'before' if other_first >= first else 'after'} the {kind.value}"
        self.taken[index] = (first, end, timed.cue.kind)
        return ""


def _nearest(time_ms: int) -> int:
    return ms_to_frames(time_ms + FRAME_MS // 2)
