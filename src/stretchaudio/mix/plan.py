"""Plan the mix of a timeline, and cut the plan into blocks that can each be made by themselves.

A block's description contains only what is heard in it, in times of its own. So a block is the
same, and found in the cache, wherever it stands; and since beds begin afresh with exercises or
cues, a sentence that became longer changes the blocks up to the next such place and none after it.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, pairwise
from operator import itemgetter
from typing import Generic, TypeVar

from stretchaudio.audio.clip import (
    FRAME_MS,
    LEAD_FRAMES,
    DryClip,
    ceil_div,
    frames_to_ms,
    ms_to_frames,
)
from stretchaudio.audio.loudness import (
    db_to_power,
    energy_to_lufs,
    gated_lufs,
    lufs_to_energy,
)
from stretchaudio.audio.mp3.link import EXTRA_FRAMES
from stretchaudio.mix.bed_gain import SWELL_EASE_MS, ducked_ms
from stretchaudio.mix.chimes import behind_words, chimes_of
from stretchaudio.mix.ducking import Ducking, depth_db
from stretchaudio.mix.model import (
    RIDE_MS,
    BedSegment,
    BedSource,
    Block,
    Breath,
    ChimeSound,
    Mix,
    MixCue,
    MixGain,
    Plan,
)
from stretchaudio.mix.strokes import strokes_of
from stretchaudio.script.model import COUNTED, CueKind
from stretchaudio.script.timeline import Padding, PlacedCue, PlacedWindow, Timeline

BLOCK_FRAMES = 400
# 9.6 s: long enough that what is encoded on either side and thrown away costs little, short enough
# to be made again often.
BEFORE_FRAMES = 40
"""Frames that LAME has to have heard to give the same bytes as if it had heard all."""
# Ten are enough for music; in the pauses of speech it takes up to thirty to forget how loud it was.
AFTER_FRAMES = 3
"""Frames that LAME has to hear behind a frame."""
AROUND_FRAMES = 2
"""Frames that the limiter has to see on either side of what is encoded."""
FADE_IN_MS, FADE_OUT_MS = 3_000, 6_000
CROSSFADE_MS = frames_to_ms(167)
"""Four seconds."""
LEAST_SEGMENT_FRAMES = 1_250
"""30 s: a generated bed begins afresh with a cue, but not sooner."""
VARIANT_MS = 4_000_000
"""The distance between segments of a generated bed in its endless sound."""
LOOK_BACK_FRAMES = 1_250
"""30 s: music may end that much early, for the next to begin with a cue."""
RINGING_MS = 8_000
"""Quiet after the last chime of a track without a bed."""
CHIME_MS = 8_000
"""After this time a chime cannot be heard any more."""
STROKE_MS = 24_000
"""The same of a bowl."""
_LOUD_PART = 0.01
"""Frames of a clip with less than this part of its greatest energy are pauses."""


def padding_of(mix: Mix) -> Padding:
    """Return the room that a track needs around its words, for fades and the last chime."""
    usual = Padding()
    if mix.has_bed:
        return Padding(start_ms=FADE_IN_MS, end_ms=usual.end_ms + FADE_OUT_MS)
    return usual if mix.chimes is ChimeSound.OFF else Padding(end_ms=RINGING_MS)


def plan_mix(
    timeline: Timeline,
    clips: Mapping[str, DryClip],
    mix: Mix,
    sources: Mapping[str, Sequence[BedSource]],
    *,
    windows: Sequence[PlacedWindow],
    halfway: bool,
) -> Plan:
    """Plan what is heard when in a track.

    Args:
        timeline: Where cues and windows are.
        clips: The clips, by key.
        mix: What was asked for.
        sources: What each of its beds is made of, in the order it is played; none for no bed.
        windows: All windows that are struck or breathed in, also those that the track's end cuts
            short.
        halfway: Whether chimes strike halves.
    """
    end_ms = timeline.duration_ms
    voices = _mix_cues(timeline.cues, clips, _paced_ms(windows), mix.duck)
    struck = () if mix.chimes is ChimeSound.OFF else chimes_of(windows, halfway=halfway)
    segments = _segments(timeline, mix, sources)
    return Plan(
        frames=timeline.frames + EXTRA_FRAMES,
        voices=voices,
        segments=segments,
        breaths=_breaths(windows, end_ms) if mix.breathe else (),
        chimes=tuple(behind_words(struck, voices, mix, end_ms)),
        strokes=strokes_of(segments, voices, end_ms),
        mix=mix,
    )


def _mix_cues(
    cues: Sequence[PlacedCue],
    clips: Mapping[str, DryClip],
    paced_ms: Sequence[tuple[int, int]],
    duck: Ducking,
) -> tuple[MixCue, ...]:
    placed: list[MixCue] = []
    for cue in cues:
        start_ms = frames_to_ms(cue.start_frame)
        before_ms = placed[-1].end_ms if placed else -duck.gap_ms
        run = bisect_right(paced_ms, before_ms, key=itemgetter(0)) - 1
        is_paced = run >= 0 and start_ms <= paced_ms[run][1]
        placed.append(
            MixCue(
                text=cue.cue.text,
                clip=cue.clip,
                start_ms=start_ms,
                end_ms=start_ms + cue.length_ms,
                lufs=clip_lufs(clips[cue.clip]),
                stays_down=is_paced or start_ms - before_ms < duck.gap_ms,
            )
        )
    return tuple(placed)


def _paced_ms(windows: Sequence[PlacedWindow]) -> list[tuple[int, int]]:
    """List where reps or breaths follow each other, from the first one's start to the last's end.

    A bed that came back there would come and go with every count.
    """
    runs: list[tuple[int, int]] = []
    for placed in windows:
        if placed.window.kind in COUNTED:
            end_ms = placed.start_ms + placed.window.length_ms
            goes_on = runs and placed.start_ms - runs[-1][1] < FRAME_MS
            start_ms = runs.pop()[0] if goes_on else placed.start_ms - FRAME_MS
            runs.append((start_ms, end_ms + FRAME_MS))
    return runs


def clip_lufs(clip: DryClip) -> float:
    """Measure a clip's loudness in both channels of a mix, without its pauses."""
    loudest = max(clip.energy)
    heard = [energy for energy in clip.energy if energy > loudest * _LOUD_PART]
    return energy_to_lufs(2 * sum(heard) / len(heard))


def expected_lufs(plan: Plan, energy: Mapping[str, Sequence[float]]) -> float:
    """Estimate how loud a mix will be, before it has been made, without chimes and fades.

    Args:
        plan: The whole track.
        energy: The energy of each clip's frames, by its key.
    """
    frames = array("d", bytes(8 * plan.frames))
    bed_lufs = [segment.source.level_lufs for segment in plan.segments]
    for segment, level_lufs in zip(plan.segments, bed_lufs, strict=True):
        first = segment.start_frame
        length = max(0, min(plan.frames, segment.end_frame) - first)
        frames[first : first + length] = array("d", [lufs_to_energy(level_lufs)]) * length
    ducked, loudest_lufs = 0, max(bed_lufs, default=-math.inf)
    for voice, (from_ms, to_ms) in zip(
        plan.voices, ducked_ms(plan.voices, plan.mix.duck), strict=True
    ):
        down = db_to_power(-depth_db(loudest_lufs, voice.lufs, plan.mix.duck))
        first, last = max(ducked, ms_to_frames(from_ms)), ms_to_frames(to_ms)
        for frame in range(first, min(plan.frames, last)):
            frames[frame] *= down
        ducked = last
    for voice in plan.voices:
        first = ms_to_frames(voice.start_ms) - LEAD_FRAMES
        for frame, own in enumerate(energy[voice.clip], start=first):
            frames[frame] += 2 * own
    return gated_lufs(frames)


def blocks_of(plan: Plan, level: MixGain = MixGain()) -> Iterator[Block]:  # noqa: B008 - it is frozen
    """Cut a plan into blocks.

    Args:
        plan: The whole track.
        level: The track's static gain, and the limiter's ceiling.
    """
    audible = _Audible(plan)
    return (_block(plan, level, audible, start, end) for start, end in _cuts(plan))


def _block(plan: Plan, level: MixGain, audible: "_Audible", start: int, end: int) -> Block:
    """Describe one block, with all that is heard in it or around it."""
    before = min(start, BEFORE_FRAMES)
    zero_ms = frames_to_ms(start)
    from_ms = frames_to_ms(start - before - AROUND_FRAMES)
    to_ms = frames_to_ms(end + AFTER_FRAMES + AROUND_FRAMES)
    voices = audible.voices.between(from_ms, to_ms)
    bed_from_ms, bed_to_ms = _bed_range_ms(voices, from_ms, to_ms)
    return Block(
        frames=end - start,
        before=before,
        voices=tuple(
            replace(voice, start_ms=voice.start_ms - zero_ms, end_ms=voice.end_ms - zero_ms)
            for voice in voices
        ),
        segments=tuple(
            _inside(segment, start, bed_from_ms, bed_to_ms)
            for segment in audible.segments.between(bed_from_ms, bed_to_ms)
        ),
        breaths=tuple(
            replace(breath, start_ms=breath.start_ms - zero_ms)
            for breath in audible.breaths.between(bed_from_ms, bed_to_ms)
        ),
        chimes=tuple(
            replace(chime, at_ms=chime.at_ms - zero_ms)
            for chime in audible.chimes.between(from_ms, to_ms)
        ),
        strokes=tuple(
            replace(stroke, at_ms=stroke.at_ms - zero_ms)
            for stroke in audible.strokes.between(from_ms, to_ms)
        ),
        duck=plan.mix.duck,
        chime_sound=plan.mix.chimes,
        chime_level_lufs=plan.mix.chime_level_lufs,
        level=level,
    )


def _bed_range_ms(voices: Sequence[MixCue], from_ms: int, to_ms: int) -> tuple[int, int]:
    """Widen a time range to all of the cues in it, in whole frames.

    How far the bed has to go down for a cue depends on the bed under all of it.
    """
    starts = (frames_to_ms(ms_to_frames(voice.start_ms)) for voice in voices)
    ends = (frames_to_ms(ceil_div(voice.end_ms, FRAME_MS)) for voice in voices)
    return min([from_ms, *starts]), max([to_ms, *ends])


_T = TypeVar("_T")


class _TimeIndex(Generic[_T]):
    """Finds what is heard at some time, among things that begin and end in the same order."""

    def __init__(self, things: Sequence[_T], times_ms: Iterable[tuple[int, int]]) -> None:
        times_ms = list(times_ms)
        self.things = things
        self.starts_ms = [start for start, _ in times_ms]
        self.ends_ms = [end for _, end in times_ms]

    def between(self, from_ms: int, to_ms: int) -> Sequence[_T]:
        return self.things[bisect_right(self.ends_ms, from_ms) : bisect_left(self.starts_ms, to_ms)]


class _Audible:
    """Finds what is heard of a plan at some time."""

    def __init__(self, plan: Plan) -> None:
        self.segments = _TimeIndex(plan.segments, map(_segment_ms, plan.segments))
        self.voices = _TimeIndex(plan.voices, ducked_ms(plan.voices, plan.mix.duck))
        self.breaths = _TimeIndex(plan.breaths, map(_breath_ms, plan.breaths))
        self.chimes = _TimeIndex(
            plan.chimes, ((chime.at_ms, chime.at_ms + CHIME_MS) for chime in plan.chimes)
        )
        self.strokes = _TimeIndex(
            plan.strokes, ((stroke.at_ms, stroke.at_ms + STROKE_MS) for stroke in plan.strokes)
        )


def _segment_ms(segment: BedSegment) -> tuple[int, int]:
    end_ms = frames_to_ms(segment.end_frame) + segment.fade_out_ms
    return frames_to_ms(segment.start_frame), end_ms


def _breath_ms(breath: Breath) -> tuple[int, int]:
    """Return the time range in which a breath affects the bed's gain."""
    end_ms = breath.start_ms + breath.inhale_ms + breath.exhale_ms
    return breath.start_ms - 2 * SWELL_EASE_MS, end_ms + 2 * SWELL_EASE_MS


def _cuts(plan: Plan) -> Iterator[tuple[int, int]]:
    """Yield the first frame of each block, and the frame after its last.

    Blocks are counted from where the bed begins afresh, so that they are the same when all before
    it moves.
    """
    anchors = sorted({0, *(segment.start_frame for segment in plan.segments), plan.frames})
    for anchor, following in pairwise(anchors):
        starts = range(anchor, following, BLOCK_FRAMES)
        yield from zip(starts, [*starts[1:], following], strict=True)


def _inside(segment: BedSegment, zero: int, from_ms: int, to_ms: int) -> BedSegment:
    """Cut a segment to what one block needs, so that it makes no difference what lies beyond."""
    start, end = segment.start_frame - zero, segment.end_frame - zero
    position_ms = segment.position_ms
    fade_in_ms, fade_out_ms = segment.fade_in_ms, segment.fade_out_ms
    first, last = ms_to_frames(from_ms) - zero, ms_to_frames(to_ms) - zero
    if frames_to_ms(segment.start_frame) + fade_in_ms < from_ms:
        position_ms += frames_to_ms(first - start)
        start, fade_in_ms = first, 0
    if end > last:
        end, fade_out_ms = last, 0
    first_ride = position_ms // RIDE_MS - segment.position_ms // RIDE_MS
    last_ms = position_ms + frames_to_ms(end - start) + fade_out_ms
    last_ride = first_ride + last_ms // RIDE_MS - position_ms // RIDE_MS + 2
    return replace(
        segment,
        start_frame=start,
        end_frame=end,
        position_ms=position_ms,
        ride_db=segment.ride_db[first_ride:last_ride],
        fade_in_ms=fade_in_ms,
        fade_out_ms=fade_out_ms,
    )


def _segments(
    timeline: Timeline, mix: Mix, sources: Mapping[str, Sequence[BedSource]]
) -> tuple[BedSegment, ...]:
    fade_in_ms, fade_out_ms, end = 0, 0, timeline.frames + EXTRA_FRAMES
    if mix.has_bed:
        fade_in_ms, fade_out_ms = FADE_IN_MS, FADE_OUT_MS
        end = timeline.frames - ms_to_frames(FADE_OUT_MS)
    return tuple(
        BedSegment(
            source=replace(source, ride_db=()),
            position_ms=position_ms,
            start_frame=start,
            fade_in_ms=CROSSFADE_MS if start > 0 else fade_in_ms,
            end_frame=stop,
            fade_out_ms=CROSSFADE_MS if stop < end else fade_out_ms,
            ride_db=source.ride_db,
        )
        for bed, span in _bed_spans(timeline, mix, end)
        for start, stop, source, position_ms in _pieces(timeline, sources[bed], span)
    )


def _bed_spans(timeline: Timeline, mix: Mix, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each bed with its first frame and the frame at which it begins to fade out.

    The opening has the first section's bed, the closing words the last one's.
    """
    first = timeline.chapters[0].bed if timeline.chapters else None
    bed, start = mix.bed_of(first) if timeline.chapters else mix.beds[0], 0
    for chapter in timeline.chapters:
        border = chapter.start_frame - LEAD_FRAMES
        if mix.bed_of(chapter.bed) != bed and border < end:
            yield bed, (start, border)
            bed, start = mix.bed_of(chapter.bed), border
    yield bed, (start, end)


def _pieces(
    timeline: Timeline, sources: Sequence[BedSource], span: tuple[int, int]
) -> Iterator[tuple[int, int, BedSource, int]]:
    """Yield the pieces of a bed: first frame, end, source, and the place in it in ms."""
    if not sources:
        return
    is_music = sources[0].length_ms > 0
    starts = _music(timeline, sources, span) if is_music else _generated(timeline, sources[0], span)
    pieces = list(starts)
    ends = [*(start for start, _, _ in pieces[1:]), span[1]]
    for (start, source, position_ms), stop in zip(pieces, ends, strict=True):
        yield start, stop, source, position_ms


def _generated(
    timeline: Timeline, source: BedSource, span: tuple[int, int]
) -> Iterator[tuple[int, BedSource, int]]:
    """Begin a generated bed afresh with exercises and with start cues, which nobody can hear.

    Yields:
        The first frame of each segment, its source, and where in the source it begins, in ms.
    """
    chapters = (chapter.start_frame for chapter in timeline.chapters)
    cues = (cue.start_frame for cue in timeline.cues if cue.cue.kind is CueKind.START)
    places = sorted({frame - LEAD_FRAMES for frame in (*chapters, *cues)})
    start, end = span
    # Variants are numbered by places, of which a longer sentence makes neither more nor fewer.
    yield start, source, bisect_right(places, start) * VARIANT_MS
    for number, first in enumerate(places, start=1):
        if first - start >= LEAST_SEGMENT_FRAMES and end - first >= LEAST_SEGMENT_FRAMES:
            start = first
            yield start, source, number * VARIANT_MS


def _music(
    timeline: Timeline, sources: Sequence[BedSource], span: tuple[int, int]
) -> Iterator[tuple[int, BedSource, int]]:
    """Play music through in order, over and over; each piece begins with a cue if one is near.

    Yields:
        As `_generated` does.
    """
    cues = [(cue.start_frame - LEAD_FRAMES, cue.length_ms) for cue in timeline.cues]
    start, end = span
    for source in cycle(sources):
        yield start, source, 0
        length = ms_to_frames(source.length_ms)
        if start + length >= end + ms_to_frames(FADE_OUT_MS):
            return
        ideal = start + length - ms_to_frames(CROSSFADE_MS)
        earliest = max(ideal - LOOK_BACK_FRAMES, start + (ideal - start) * 3 // 4)
        near = cues[bisect_left(cues, (earliest, 0)) : bisect_left(cues, (ideal + 1, 0))]
        # The longest words hide most of the crossfade, and mostly are the same ones when all of
        # them come later: the first ones would not be.
        start, _ = max(near, key=itemgetter(1), default=(ideal, 0))
        if start >= end:
            return


def _breaths(windows: Sequence[PlacedWindow], end_ms: int) -> tuple[Breath, ...]:
    return tuple(
        Breath(
            start_ms=placed.start_ms,
            inhale_ms=placed.window.inhale_ms,
            exhale_ms=placed.window.length_ms - placed.window.inhale_ms,
        )
        for placed in windows
        if placed.window.inhale_ms is not None and placed.start_ms < end_ms
    )
