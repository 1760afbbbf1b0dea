"""A timeline to the plan of its mix, and the plan to blocks that can each be made by themselves.

A block's description holds only what is heard in it, in times of its own. So a block is the same, and found in the cache,
wherever it stands; and since beds begin afresh with exercises or cues, a sentence that became longer changes the blocks up to
the next such place and none after it.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, pairwise
from typing import Generic, TypeVar

from stretchaudio.audio.clip import FRAME_MS, LEAD_FRAMES, DryClip
from stretchaudio.audio.loudness import gated_lufs
from stretchaudio.audio.mp3.link import EXTRA_FRAMES
from stretchaudio.mix.chimes import chimes_of
from stretchaudio.mix.ducking import SWELL_EASE_MS, ducked_ms
from stretchaudio.mix.model import (
    OFF,
    Block,
    Breath,
    Chime,
    ChimeSound,
    Mix,
    MixCue,
    MixGain,
    Plan,
    Source,
    Span,
)
from stretchaudio.script.model import CueKind
from stretchaudio.script.timeline import Padding, PlacedWindow, Timeline

BLOCK_FRAMES = 400
"""9.6 s: long enough that what is encoded on either side and thrown away costs little, short enough to be made again often."""
BEFORE_FRAMES = 40
"""What LAME has to have heard for its frames to be the same as if it had heard all. Ten are enough for music; in the pauses of
speech it takes up to thirty to forget how loud it was."""
AFTER_FRAMES = 3
"""What it has to hear behind a frame."""
AROUND_FRAMES = 2
"""What the limiter has to see on either side of what is encoded."""
FADE_IN_MS, FADE_OUT_MS = 3_000, 6_000
CROSSFADE_MS = 167 * FRAME_MS
"""Four seconds."""
LEAST_SPAN_FRAMES = 1_250
"""30 s: a bed made by the program begins afresh with a cue, but not sooner."""
VARIANT_MS = 4_000_000
"""How far apart in its endless sound the spans of such a bed begin."""
LOOK_BACK_FRAMES = 833
"""20 s: music may end that much early, for the next to begin with a cue."""
RINGING_MS = 8_000
"""Quiet after the last chime of a track without a bed."""
CHIME_MS = 8_000
"""After this long a chime cannot be heard any more."""
WORDS_NEAR_MS = 400
BESIDE_WORDS_DB = 6.0
_LOUD_PART = 0.01
"""Frames of a clip with less than this part of its greatest energy are pauses."""


def padding_of(mix: Mix) -> Padding:
    """What a track has around its words: room for the bed to fade, and for the last chime to ring."""
    usual = Padding()
    if mix.bed != OFF:
        return Padding(start_ms=FADE_IN_MS, end_ms=usual.end_ms + FADE_OUT_MS)
    return usual if mix.chimes is ChimeSound.OFF else Padding(end_ms=RINGING_MS)


def plan_mix(
    timeline: Timeline,
    clips: Mapping[str, DryClip],
    mix: Mix,
    sources: Sequence[Source],
    *,
    windows: Sequence[PlacedWindow],
    halfway: bool,
) -> Plan:
    """Plan what is heard when.

    Args:
        timeline: Where cues and windows are.
        clips: The clips, by key.
        mix: What was asked for.
        sources: What the bed is made of, in the order it is played; none for no bed.
        windows: All windows that are struck or breathed in, those that the track's end cuts short too.
        halfway: Whether chimes strike halves.
    """
    end_ms = timeline.duration_ms
    struck = () if mix.chimes is ChimeSound.OFF else chimes_of(windows, halfway=halfway)
    chimes = tuple(_beside_words(chime, timeline) for chime in struck if chime.at_ms < end_ms)
    return Plan(
        frames=timeline.frames + EXTRA_FRAMES,
        voices=tuple(
            MixCue(
                text=placed.cue.text,
                clip=placed.clip,
                start_ms=placed.start_frame * FRAME_MS,
                end_ms=placed.start_frame * FRAME_MS + placed.length_ms,
                lufs=clip_lufs(clips[placed.clip]),
            )
            for placed in timeline.cues
        ),
        spans=_spans(timeline, sources, fades=mix.bed != OFF),
        breaths=_breaths(windows, end_ms) if mix.breathe else (),
        chimes=chimes,
        mix=mix,
    )


def _beside_words(chime: Chime, timeline: Timeline) -> Chime:
    """A chime that words begin with is softer, so that both are understood."""
    near = bisect_left(
        timeline.cues, chime.at_ms - WORDS_NEAR_MS, key=lambda cue: cue.start_frame * FRAME_MS
    )
    spoken = (
        near < len(timeline.cues)
        and timeline.cues[near].start_frame * FRAME_MS < chime.at_ms + WORDS_NEAR_MS
    )
    return replace(chime, softer_db=BESIDE_WORDS_DB) if spoken else chime


def clip_lufs(clip: DryClip) -> float:
    """A clip's loudness in both channels of a mix, without its pauses."""
    loudest = max(clip.energy)
    heard = [energy for energy in clip.energy if energy > loudest * _LOUD_PART]
    return -0.691 + 10 * math.log10(2 * sum(heard) / len(heard))


def expected_lufs(plan: Plan, energy: Mapping[str, Sequence[float]]) -> float:
    """About how loud a mix will be, before it has been made; chimes and fades are left out.

    Args:
        plan: The whole track.
        energy: What was measured of each clip's frames, by its key.
    """
    frames = array("d", bytes(8 * plan.frames))
    for span in plan.spans:
        length = max(0, min(plan.frames, span.end_frame) - span.start_frame)
        frames[span.start_frame : span.start_frame + length] = (
            array("d", [_energy(span.source.level_lufs)]) * length
        )
    down = _energy(-plan.mix.duck.depth_db) / _energy(0.0)
    ducked = 0
    for from_ms, to_ms in ducked_ms(plan.voices, plan.mix.duck):
        for frame in range(max(ducked, from_ms // FRAME_MS), min(plan.frames, to_ms // FRAME_MS)):
            frames[frame] *= down
        ducked = to_ms // FRAME_MS
    for voice in plan.voices:
        first = voice.start_ms // FRAME_MS - LEAD_FRAMES
        for frame, own in enumerate(energy[voice.clip], start=first):
            frames[frame] += 2 * own
    return gated_lufs(frames)


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def blocks_of(plan: Plan, level: MixGain = MixGain()) -> Iterator[Block]:  # noqa: B008 - it is frozen
    """Cut a plan into blocks.

    Args:
        plan: The whole track.
        level: The track's static gain, and the limiter's ceiling.
    """
    spans = _Heard(plan.spans, [_sounding_ms(span) for span in plan.spans])
    voices = _Heard(plan.voices, list(ducked_ms(plan.voices, plan.mix.duck)))
    ease_ms = 2 * SWELL_EASE_MS
    breaths = _Heard(
        plan.breaths,
        [
            (one.start_ms - ease_ms, one.start_ms + one.inhale_ms + one.exhale_ms + ease_ms)
            for one in plan.breaths
        ],
    )
    chimes = _Heard(plan.chimes, [(chime.at_ms, chime.at_ms + CHIME_MS) for chime in plan.chimes])
    for start, end in _cuts(plan):
        before = min(start, BEFORE_FRAMES)
        zero_ms = start * FRAME_MS
        from_ms = zero_ms - (before + AROUND_FRAMES) * FRAME_MS
        to_ms = (end + AFTER_FRAMES + AROUND_FRAMES) * FRAME_MS
        near = voices.between(from_ms, to_ms)
        # How far the bed has to go down for a cue depends on the bed under all of it.
        bed_from_ms = min([from_ms, *(voice.start_ms // FRAME_MS * FRAME_MS for voice in near)])
        bed_to_ms = max([to_ms, *(-(-voice.end_ms // FRAME_MS) * FRAME_MS for voice in near)])
        yield Block(
            frames=end - start,
            before=before,
            voices=tuple(
                replace(voice, start_ms=voice.start_ms - zero_ms, end_ms=voice.end_ms - zero_ms)
                for voice in near
            ),
            spans=tuple(
                _inside(span, start, bed_from_ms, bed_to_ms)
                for span in spans.between(bed_from_ms, bed_to_ms)
            ),
            breaths=tuple(
                replace(breath, start_ms=breath.start_ms - zero_ms)
                for breath in breaths.between(bed_from_ms, bed_to_ms)
            ),
            chimes=tuple(
                replace(chime, at_ms=chime.at_ms - zero_ms)
                for chime in chimes.between(from_ms, to_ms)
            ),
            duck=plan.mix.duck,
            chime_sound=plan.mix.chimes,
            chime_level_lufs=plan.mix.chime_level_lufs,
            level=level,
        )


_T = TypeVar("_T")


class _Heard(Generic[_T]):
    """Finds what is heard at some time, among things that begin and end in the same order."""

    def __init__(self, things: Sequence[_T], times_ms: Sequence[tuple[int, int]]) -> None:
        self.things = things
        self.starts_ms = [start for start, _ in times_ms]
        self.ends_ms = [end for _, end in times_ms]

    def between(self, from_ms: int, to_ms: int) -> Sequence[_T]:
        return self.things[bisect_right(self.ends_ms, from_ms) : bisect_left(self.starts_ms, to_ms)]


def _sounding_ms(span: Span) -> tuple[int, int]:
    return span.start_frame * FRAME_MS, span.end_frame * FRAME_MS + span.fade_out_ms


def _cuts(plan: Plan) -> Iterator[tuple[int, int]]:
    """Blocks are counted from where the bed begins afresh, so that they are the same when all before it moves."""
    anchors = sorted({0, *(span.start_frame for span in plan.spans), plan.frames})
    for anchor, following in pairwise(anchors):
        starts = range(anchor, following, BLOCK_FRAMES)
        yield from zip(starts, [*starts[1:], following], strict=True)


def _inside(span: Span, zero: int, from_ms: int, to_ms: int) -> Span:
    """A span as one block sees it: where it begins and ends elsewhere makes no difference."""
    start, end = span.start_frame - zero, span.end_frame - zero
    position_ms, fade_in_ms, fade_out_ms = span.position_ms, span.fade_in_ms, span.fade_out_ms
    first, last = from_ms // FRAME_MS - zero, to_ms // FRAME_MS - zero
    if span.start_frame * FRAME_MS + fade_in_ms < from_ms:
        position_ms, start, fade_in_ms = position_ms + (first - start) * FRAME_MS, first, 0
    if end > last:
        end, fade_out_ms = last, 0
    return replace(
        span,
        start_frame=start,
        end_frame=end,
        position_ms=position_ms,
        fade_in_ms=fade_in_ms,
        fade_out_ms=fade_out_ms,
    )


def _spans(timeline: Timeline, sources: Sequence[Source], *, fades: bool) -> tuple[Span, ...]:
    if not sources:
        return ()
    fade_in_ms, fade_out_ms = (FADE_IN_MS, FADE_OUT_MS) if fades else (0, 0)
    end = timeline.frames - fade_out_ms // FRAME_MS if fades else timeline.frames + EXTRA_FRAMES
    pieces = list(
        _music(timeline, sources, end) if sources[0].length_ms else _made(timeline, sources[0], end)
    )
    return tuple(
        Span(
            source=source,
            position_ms=position_ms,
            start_frame=start,
            fade_in_ms=CROSSFADE_MS if at > 0 else fade_in_ms,
            end_frame=pieces[at + 1][0] if at + 1 < len(pieces) else end,
            fade_out_ms=CROSSFADE_MS if at + 1 < len(pieces) else fade_out_ms,
        )
        for at, (start, source, position_ms) in enumerate(pieces)
    )


def _made(timeline: Timeline, source: Source, end: int) -> Iterator[tuple[int, Source, int]]:
    """A bed made by the program begins afresh with exercises and with start cues; nobody can hear it."""
    start, variant = 0, 0
    yield start, source, 0
    chapters = (chapter.start_frame for chapter in timeline.chapters)
    cues = (cue.start_frame for cue in timeline.cues if cue.cue.kind is CueKind.START)
    for first in sorted({frame - LEAD_FRAMES for frame in (*chapters, *cues)}):
        if first - start >= LEAST_SPAN_FRAMES and end - first >= LEAST_SPAN_FRAMES:
            start, variant = first, variant + 1
            yield start, source, variant * VARIANT_MS


def _music(
    timeline: Timeline, sources: Sequence[Source], end: int
) -> Iterator[tuple[int, Source, int]]:
    """Music is played through in order, over and over; each piece begins with a cue when there is one near its place."""
    cues = [cue.start_frame - LEAD_FRAMES for cue in timeline.cues]
    start = 0
    for source in cycle(sources):
        yield start, source, 0
        length = source.length_ms // FRAME_MS
        if start + length >= end + FADE_OUT_MS // FRAME_MS:
            return
        ideal = start + length - CROSSFADE_MS // FRAME_MS
        near = bisect_left(cues, max(ideal - LOOK_BACK_FRAMES, start + (ideal - start) * 3 // 4))
        start = cues[near] if near < len(cues) and cues[near] <= ideal else ideal
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
