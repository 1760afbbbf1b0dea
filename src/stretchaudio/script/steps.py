"""Write the words and windows of each kind of work step."""

from collections.abc import Iterator
from dataclasses import dataclass

from stretchaudio.language import Side, Verbosity
from stretchaudio.routine.duration import hold_ms, rep_count
from stretchaudio.routine.edit import mirrored_exercise
from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Move,
    Phase,
    Repeat,
    Reps,
    SideOrder,
    Step,
    Time,
)
from stretchaudio.script.builder import ScriptBuilder, timed
from stretchaudio.script.estimate import spoken_ms
from stretchaudio.script.inside import cues_inside
from stretchaudio.script.model import CueKind, TimedCue, WindowKind
from stretchaudio.script.pauses import AFTER_COUNT_MS
from stretchaudio.script.tips import Moment, TipQueue

SHORT_CUE_WORDS = 3
"""A start cue of the author's own that is longer is said before the count, not on its zero."""
SPOKEN_PHASES = 2
"""The reps, from the first, whose phases are named."""
NAMED_SIDES = 6
"""The alternating reps, from the first, whose sides are named."""
FIRST_TIP_REP, TIP_EVERY_REPS = 4, 6
TIP_REP_MS = 3_000
"""Reps of this length or more leave time to listen."""
LONG_REP_MS = 6_000
"""In reps of this length or more a tip follows the number; in others it takes its place."""
ANNOUNCED_REPS, LEAST_ANNOUNCED = 3, 6
"""The last reps, which are announced, and the reps that a block has to have for it."""
FIRST_TIP_BREATH, TIP_EVERY_BREATHS = 3, 3
AFTER_BREATH_MS = 500
AFTER_BREATHS_MS = 4_000
"""Quiet behind the last breath, before anything else is asked for."""
MINIMAL_COUNT_MS = 15_000
"""At `--cues minimal` something is heard at least as often as this."""
FULL_REPEATS = 2
"""The times that a repeat is told in full, from the first."""
COACHED_REPEAT = 3
"""Every so many times through a repeat there is a tip."""
LEAST_BETWEEN_COUNTDOWNS_MS = 20_000
"""From the end of one countdown in a repeat to the end of the next, so that each round is alike."""
_MARGIN_MS = 250
_CROWDED_MS = 500
"""Quiet that there has to be before the second phase of a rep, for the first to be named."""
AGAIN_MS = 60_000
"""An end cue of the author's own is said again within a repeat after this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlace:
    """Which set of an exercise is written."""

    set_: int
    """From 1."""
    sets: int
    side: int
    """0 for the first side, 1 for the other."""

    @property
    def is_first(self) -> bool:
        """Whether it is the first set of the first side."""
        return self.set_ == 1 and self.side == 0


class StepWriter:
    """Write the work of one exercise.

    Args:
        builder: Gets the items.
        exercise: The exercise.
        fraction: Where in a range to pick: 0 the low end, 1 the high end.
        sides: The two sides, the one that begins first.
        tips: What can be said meanwhile.
    """

    def __init__(
        self,
        builder: ScriptBuilder,
        exercise: Exercise,
        fraction: float,
        sides: tuple[Side, Side],
        tips: TipQueue,
    ) -> None:
        self.builder = builder
        self.exercise = exercise
        self.fraction = fraction
        self.sides = sides
        self.tips = tips
        self.alternating = exercise.side_order is SideOrder.ALTERNATE
        self.verbosity = builder.cue_filter.cues

    def dose(self) -> str:
        """Tell how much of the first step is to come, before it is counted in."""
        step = self.exercise.work[0]
        language = self.builder.language
        match step:
            case Hold() | Time():
                own = self._own(step.say)
                if own and not _is_short(own):
                    return own
                key = "hold" if isinstance(step, Hold) else "time"
                length = language.duration(hold_ms(step, self.fraction))
                return self.builder.phrase(key, duration=length)
            case Reps():
                return self.reps(step)
            case Breaths():
                breaths = language.amount(rep_count(step, self.fraction), "breath")
                return self.builder.phrase("breaths", breaths=breaths)
            case Repeat():
                times = language.amount(step.count.at(self.fraction), "time")
                return self.builder.phrase("repeat_first", times=times)
            case Move():
                return ""

    def reps(self, step: Reps) -> str:
        """Tell how many reps are to come, and how many of them on each side."""
        reps = rep_count(step, self.fraction, alternating=self.alternating)
        amount = self.builder.language.amount(reps, "rep")
        if self.alternating:
            return self.builder.phrase("reps_alternating", reps=amount, half=reps // 2)
        return self.builder.phrase("reps", reps=amount)

    def write(self, place: SetPlace) -> None:
        """Write the work of one set."""
        told = self.exercise
        if place.side:
            told = mirrored_exercise(told, self.builder.language.mirrored)
        _SetWriter(self, place).steps(told.work, is_opening=True)

    def _own(self, words: str | None) -> str:
        return words if words and self.builder.cue_filter.speaks_own_words else ""


class _SetWriter:
    """Write one set; what has been said in it is remembered."""

    def __init__(self, writer: StepWriter, place: SetPlace) -> None:
        self.writer = writer
        self.builder = writer.builder
        self.place = place
        self.times: tuple[int, int] | None = None
        """How many times through the innermost repeat this is, and how many there are."""
        self.since_countdown_ms = LEAST_BETWEEN_COUNTDOWNS_MS
        self.since_release_ms = AGAIN_MS

    def steps(self, work: tuple[Step, ...], *, is_opening: bool) -> None:
        last = max((at for at, step in enumerate(work) if isinstance(step, Hold)), default=-1)
        for at, step in enumerate(work):
            match step:
                case Hold() | Time():
                    self._held(step, is_opening=is_opening, is_last=at == last)
                case Reps():
                    self._reps(step, is_opening=is_opening)
                case Breaths():
                    self._breaths(step, is_opening=is_opening)
                case Move():
                    is_numbered = at == 0 and self._is_short_time()
                    self.builder.say(CueKind.START, "" if is_numbered else step.say or "")
                    self.builder.window(WindowKind.MOVE, step.length_ms)
                    self._pass(step.length_ms)
                case Repeat():
                    self._repeat(step, is_opening=is_opening)
            is_opening = False

    def _pass(self, length_ms: int) -> None:
        self.since_countdown_ms += length_ms
        self.since_release_ms += length_ms

    # Holds and times.

    def _held(self, step: Hold | Time, *, is_opening: bool, is_last: bool) -> None:
        length_ms = hold_ms(step, self.writer.fraction)
        is_hold = isinstance(step, Hold)
        self.builder.say(CueKind.START, self._start(step, length_ms, is_opening=is_opening))
        quiet_ms = self.since_countdown_ms + length_ms
        can_count = self.times is None or quiet_ms >= LEAST_BETWEEN_COUNTDOWNS_MS
        cues = cues_inside(
            self.builder, length_ms, self._line, can_count=can_count, can_tell=self._is_coached()
        )
        kind = WindowKind.HOLD if is_hold else WindowKind.TIME
        self.builder.window(kind, length_ms, *cues)
        self._pass(length_ms)
        if can_count:
            self.since_countdown_ms = 0
        self.builder.say(CueKind.RELEASE, self._release(step, is_last=is_last))

    def _release(self, step: Hold | Time, *, is_last: bool) -> str:
        """Choose an end cue: the author's own where it tells something; at full, not every time."""
        if isinstance(step, Time):
            return self.builder.phrase("stop")
        if self.writer.verbosity is not Verbosity.FULL:
            return step.release or self.builder.phrase("release")
        if self._is_short_time() and is_last:
            is_last_time = self.times is not None and self.times[0] == self.times[1]
            if not is_last_time and self.since_release_ms < AGAIN_MS:
                return self.builder.phrase("repeat_again")
            is_told = True
        else:
            is_told = self.place.is_first or self.place.set_ == self.place.sets
        if is_told and is_last:
            self.since_release_ms = 0
        return (is_told and step.release) or self.builder.phrase("release")

    def _start(self, step: Hold | Time, length_ms: int, *, is_opening: bool) -> str:
        """Choose a start cue: one word on the zero of a count, else all that is to be known."""
        own = self.writer._own(step.say)  # noqa: SLF001 - its other half
        name = step.name if isinstance(step, Hold) else None
        kind = "hold" if isinstance(step, Hold) else "time"
        if self._is_short_time():
            return ""
        if is_opening:
            if own and _is_short(own):
                return own
            return f"{name}." if name else self.builder.phrase(f"{kind}_start")
        duration = self.builder.language.duration(length_ms)
        if own:
            return own
        if name:
            return self.builder.phrase("hold_named", name=name, duration=duration)
        return self.builder.phrase(f"{kind}_next", duration=duration)

    def _line(self, room_ms: int, *, is_late: bool, is_long: bool) -> str:
        """Take something to say from the exercise's lines."""
        place = self.place
        return self.writer.tips.take(
            Moment(
                side=place.side,
                set_=place.set_,
                sets=place.sets,
                room_ms=room_ms,
                is_late=is_late,
                is_long=is_long,
            )
        )

    # Reps.

    def _reps(self, step: Reps, *, is_opening: bool) -> None:
        reps = rep_count(step, self.writer.fraction, alternating=self.writer.alternating)
        can_be_counted_in = self.builder.cue_filter.speaks(CueKind.LEAD_IN)
        counted_in = is_opening and (self.builder.is_counted_in or not can_be_counted_in)
        if not is_opening:
            self.builder.say(CueKind.START, self.writer.reps(step))
        told = 0
        for rep in range(1, reps + 1):
            side = self.writer.sides[(rep - 1) % 2] if self.writer.alternating else None
            cues: tuple[TimedCue, ...] = ()
            if rep > told:
                tip = self._rep_tip(step, rep, reps)
                cues = tuple(self._rep(step, rep, reps, side, tip, counted_in=counted_in))
                told = rep + _reps_talked_over(step, tip)
            self.builder.window(
                WindowKind.REP,
                step.tempo_ms,
                *cues,
                rep=rep,
                side=side.label if side else None,
                pause_ms=self.builder.beat_ms() if rep == 1 else 0,
            )
        self._pass(reps * step.tempo_ms)
        self.builder.say(CueKind.RELEASE, step.release or self.builder.phrase("reps_end"))

    def _rep(
        self,
        step: Reps,
        rep: int,
        reps: int,
        side: Side | None,
        tip: str,
        *,
        counted_in: bool,
    ) -> Iterator[TimedCue]:
        """Write what is said in one rep: its number, its phases, or a tip."""
        is_zero = rep == 1 and counted_in
        if tip and step.tempo_ms < LONG_REP_MS:
            yield timed(CueKind.TIP, tip, 0, runs_over=True)
            return
        is_long = step.tempo_ms >= LONG_REP_MS
        named = step.phases if self._names_phases(rep, reps, is_long=is_long) else ()
        if is_zero:
            first = step.phases[0].say if step.phases else self.builder.phrase("reps_start")
            yield timed(CueKind.START, first, 0)
        elif self._says_number(step, rep):
            yield timed(CueKind.COUNT, self._number(rep, reps, side), 0)
        yield from self._phases(named, "" if is_zero else self._number(rep, reps, side))
        if tip:
            # Behind the number, where there is one.
            is_counted = self.builder.cue_filter.speaks(CueKind.COUNT)
            yield timed(CueKind.TIP, tip, AFTER_BREATH_MS, follows=is_counted)

    def _phases(self, phases: tuple[Phase, ...], number: str) -> Iterator[TimedCue]:
        """Name the parts of a rep; the first behind its number, if there is time for both."""
        at_ms = 0
        for at, phase in enumerate(phases):
            counts = number and self.builder.cue_filter.speaks(CueKind.COUNT)
            if at == 0 and counts:
                both_ms = spoken_ms(number) + AFTER_COUNT_MS + spoken_ms(phase.say)
                if both_ms + _CROWDED_MS <= phase.length_ms:
                    yield timed(CueKind.START, phase.say, AFTER_COUNT_MS, follows=True)
            elif at or number:
                yield timed(CueKind.START, phase.say, at_ms)
            at_ms += phase.length_ms

    def _names_phases(self, rep: int, reps: int, *, is_long: bool) -> bool:
        if not self.builder.cue_filter.speaks_phases or not self.place.is_first:
            return False
        return rep <= SPOKEN_PHASES or (is_long and rep == reps)

    def _says_number(self, step: Reps, rep: int) -> bool:
        """Tell whether a rep is counted aloud; at `minimal` as seldom as can be followed."""
        if self.writer.verbosity is not Verbosity.MINIMAL:
            return True
        every = max(1, MINIMAL_COUNT_MS // step.tempo_ms - 1)
        return rep % every == 0

    def _number(self, rep: int, reps: int, side: Side | None) -> str:
        left = reps - rep + 1
        if reps >= LEAST_ANNOUNCED and left <= ANNOUNCED_REPS:
            if left == 1:
                return self.builder.phrase("last_rep")
            more = self.builder.language.amount(left, "more")
            return self.builder.phrase("more_reps", n=rep, more=more)
        is_brief = self.writer.verbosity is Verbosity.BRIEF
        if side is not None and (is_brief or rep <= NAMED_SIDES):
            return self.builder.phrase("number_side", n=rep, label=side.label, side=side.spoken)
        return self.builder.phrase("number", n=rep)

    def _rep_tip(self, step: Reps, rep: int, reps: int) -> str:
        """Take a tip for the reps in which there is one."""
        fits = step.tempo_ms >= TIP_REP_MS and rep <= reps - ANNOUNCED_REPS - 1
        if not fits or rep < FIRST_TIP_REP or (rep - FIRST_TIP_REP) % TIP_EVERY_REPS:
            return ""
        if not self._speaks_tips():
            return ""
        is_long = step.tempo_ms >= LONG_REP_MS
        room_ms = step.tempo_ms - 1_500 if is_long else 2 * step.tempo_ms - _MARGIN_MS
        return self._line(room_ms, is_late=rep > reps / 2, is_long=False)

    def _speaks_tips(self) -> bool:
        return self.builder.cue_filter.speaks(CueKind.TIP)

    # Breaths.

    def _breaths(self, step: Breaths, *, is_opening: bool) -> None:
        breaths = rep_count(step, self.writer.fraction)
        if not is_opening:
            amount = self.builder.language.amount(breaths, "breath")
            self.builder.say(CueKind.START, self.builder.phrase("breaths", breaths=amount))
        for breath in range(1, breaths + 1):
            self.builder.window(
                WindowKind.BREATH,
                step.length_ms,
                *self._breath(step, breath, breaths),
                rep=breath,
                pause_ms=self.builder.beat_ms() if breath == 1 else 0,
                inhale_ms=step.inhale_ms,
            )
        self._pass(breaths * step.length_ms)
        end = step.release or self.builder.phrase("breaths_end")
        self.builder.say(CueKind.RELEASE, end, wait_ms=AFTER_BREATHS_MS)

    def _breath(self, step: Breaths, breath: int, breaths: int) -> Iterator[TimedCue]:
        variant = {breaths: "_last", 1: "_first"}.get(breath, "")  # the only one is the first
        own = self.writer.verbosity is Verbosity.FULL and breath in {1, SPOKEN_PHASES, breaths}
        breathe_in = (own and step.breathe_in) or self.builder.phrase(f"breathe_in{variant}")
        breathe_out = (own and step.breathe_out) or self.builder.phrase(f"breathe_out{variant}")
        yield timed(CueKind.BREATH, breathe_in, 0)
        if self._says_in_only(step):
            return
        out_ms = step.inhale_ms + step.hold_full_ms
        if step.hold_full_ms:
            yield timed(CueKind.BREATH, self.builder.phrase("breath_hold"), step.inhale_ms)
        yield timed(CueKind.BREATH, breathe_out, out_ms)
        tip = self._breath_tip(step, breath, breaths, breathe_out)
        if tip:
            yield timed(CueKind.TIP, tip, AFTER_BREATH_MS, follows=True)
        if step.hold_empty_ms:
            hold = self.builder.phrase("breath_hold")
            yield timed(CueKind.BREATH, hold, out_ms + step.exhale_ms)

    def _says_in_only(self, step: Breaths) -> bool:
        is_simple = not step.hold_full_ms and not step.hold_empty_ms
        is_minimal = self.writer.verbosity is Verbosity.MINIMAL
        return is_minimal and is_simple and step.length_ms <= MINIMAL_COUNT_MS

    def _breath_tip(self, step: Breaths, breath: int, breaths: int, said: str) -> str:
        """Take a tip for the end of an out-breath, every few breaths."""
        since = breath - FIRST_TIP_BREATH
        if since < 0 or since % TIP_EVERY_BREATHS or breath == breaths or not self._speaks_tips():
            return ""
        room_ms = step.exhale_ms - spoken_ms(said) - AFTER_BREATH_MS - _MARGIN_MS
        return self._line(room_ms, is_late=breath > breaths / 2, is_long=False)

    # Repeats.

    def _repeat(self, step: Repeat, *, is_opening: bool) -> None:
        outer, total = self.times, step.count.at(self.writer.fraction)
        for n in range(1, total + 1):
            self.times = (n, total)
            if total > 1 and not (n == 1 and is_opening):
                self.builder.say(CueKind.START, self._which_time(n, total))
            self.steps(step.work, is_opening=is_opening and n == 1)
        self.times = outer

    def _which_time(self, n: int, total: int) -> str:
        if n == 1:
            times = self.builder.language.amount(total, "time")
            return self.builder.phrase("repeat_first", times=times)
        if n == total:
            return self.builder.phrase("repeat_last", n=n, total=total)
        if self._is_short_time():
            return self.builder.phrase("repeat_short", n=n, total=total)
        return self.builder.phrase("repeat", n=n, total=total)

    def _is_short_time(self) -> bool:
        """Tell whether a repeat is so far on that its words are left out."""
        is_full = self.writer.verbosity is not Verbosity.MINIMAL
        return is_full and self.times is not None and self.times[0] > FULL_REPEATS

    def _is_coached(self) -> bool:
        return self.times is None or self.times[0] % COACHED_REPEAT == 0


def _reps_talked_over(step: Reps, tip: str) -> int:
    """Count the reps after a tip's that it is still spoken in."""
    if not tip or step.tempo_ms >= LONG_REP_MS:
        return 0
    return 1 if spoken_ms(tip) > step.tempo_ms - _MARGIN_MS else 0


def _is_short(words: str) -> bool:
    return len(words.split()) <= SHORT_CUE_WORDS
