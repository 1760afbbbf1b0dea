"""Write the words and windows of each kind of work step."""

from collections.abc import Iterator

from stretchaudio.language import Side
from stretchaudio.routine.duration import hold_ms, rep_count
from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Move,
    Repeat,
    Reps,
    SideOrder,
    Step,
    Time,
)
from stretchaudio.script.builder import ScriptBuilder, timed
from stretchaudio.script.model import CueKind, TimedCue, WindowKind
from stretchaudio.script.pauses import AFTER_COUNT_MS

COUNTDOWN_FROM = 5
"""The last seconds that are counted, in windows of `COUNTDOWN_MS` or more."""
COUNTDOWN_MS = 10_000
HALFWAY_MS = 20_000
"""In windows of this length or more, half is called, and there is room for tips."""
FIRST_TIP_MS = 4_000
TIP_EVERY_MS = 25_000
# The words of quicker reps would crowd the counts, so they are said in the first few only.
LONG_REP_MS = 6_000
SPOKEN_PHASES = 2


class StepWriter:
    """Write the work of one exercise.

    Args:
        builder: Gets the items.
        exercise: The exercise.
        fraction: Where in a range to pick: 0 the low end, 1 the high end.
        sides: The two sides, the one that begins first.
    """

    def __init__(
        self, builder: ScriptBuilder, exercise: Exercise, fraction: float, sides: tuple[Side, Side]
    ) -> None:
        self.builder = builder
        self.exercise = exercise
        self.fraction = fraction
        self.sides = sides
        self.alternating = exercise.side_order is SideOrder.ALTERNATE

    def write(self, work: tuple[Step, ...]) -> None:
        """Write some steps, in order."""
        for step in work:
            match step:
                case Hold():
                    self._hold(step)
                case Reps():
                    self._reps(step)
                case Breaths():
                    self._breaths(step)
                case Time():
                    self._time(step)
                case Move():
                    self._move(step)
                case Repeat():
                    self._repeat(step)

    def _hold(self, step: Hold) -> None:
        length_ms = hold_ms(step, self.fraction)
        duration = self.builder.language.duration(length_ms)
        # Alternatives are taken in turn, so a phrase is only filled in when it is said.
        named = self._named(step, duration)
        start = self._own(step.say) or named or self.builder.phrase("hold", duration=duration)
        self.builder.say(CueKind.START, start)
        self.builder.window(WindowKind.HOLD, length_ms, *self._inside(length_ms))
        self.builder.say(CueKind.RELEASE, self._own(step.release) or self.builder.phrase("release"))

    def _named(self, step: Hold, duration: str) -> str:
        if not step.name:
            return ""
        return self.builder.phrase("hold_named", name=step.name, duration=duration)

    def _time(self, step: Time) -> None:
        length_ms = hold_ms(step, self.fraction)
        duration = self.builder.language.duration(length_ms)
        start = self._own(step.say) or self.builder.phrase("time", duration=duration)
        self.builder.say(CueKind.START, start)
        self.builder.window(WindowKind.TIME, length_ms, *self._inside(length_ms))
        self.builder.say(CueKind.RELEASE, self.builder.phrase("stop"))

    def _own(self, words: str | None) -> str | None:
        return words if self.builder.cue_filter.speaks_own_words else None

    def _move(self, step: Move) -> None:
        if step.say:
            self.builder.say(CueKind.START, step.say)
        self.builder.window(WindowKind.MOVE, step.length_ms)

    def _reps(self, step: Reps) -> None:
        reps = rep_count(step, self.fraction, alternating=self.alternating)
        spoken_reps = self.builder.language.amount(reps, "rep")
        self.builder.say(CueKind.START, self.builder.phrase("reps", reps=spoken_reps))
        for rep in range(1, reps + 1):
            pause_ms = self.builder.beat_ms() if rep == 1 else 0
            side = self.sides[(rep - 1) % 2].label if self.alternating else None
            self.builder.window(
                WindowKind.REP,
                step.tempo_ms,
                *self._rep(step, rep),
                rep=rep,
                side=side,
                pause_ms=pause_ms,
            )

    def _rep(self, step: Reps, rep: int) -> Iterator[TimedCue]:
        yield timed(CueKind.COUNT, self.builder.phrase("number", n=rep), 0)
        has_room = rep <= SPOKEN_PHASES or step.tempo_ms >= LONG_REP_MS
        if not has_room or not self.builder.cue_filter.speaks_phases:
            return
        at_ms = 0
        for phase in step.phases:
            if at_ms == 0 and self.builder.cue_filter.speaks(CueKind.COUNT):
                yield timed(CueKind.START, phase.say, AFTER_COUNT_MS, follows=True)
            else:
                yield timed(CueKind.START, phase.say, at_ms)
            at_ms += phase.length_ms

    def _breaths(self, step: Breaths) -> None:
        breaths = step.count.at(self.fraction)
        spoken_breaths = self.builder.language.amount(breaths, "breath")
        self.builder.say(CueKind.START, self.builder.phrase("breaths", breaths=spoken_breaths))
        variants = {breaths: "_last", 1: "_first"}  # the only breath is the first
        for breath in range(1, breaths + 1):
            variant = variants.get(breath, "")
            breathe_in = self.builder.phrase(f"breathe_in{variant}")
            breathe_out = self.builder.phrase(f"breathe_out{variant}")
            pause_ms = self.builder.beat_ms() if breath == 1 else 0
            self.builder.window(
                WindowKind.BREATH,
                step.inhale_ms + step.exhale_ms,
                timed(CueKind.BREATH, breathe_in, 0),
                timed(CueKind.BREATH, breathe_out, step.inhale_ms),
                rep=breath,
                pause_ms=pause_ms,
                inhale_ms=step.inhale_ms,
            )

    def _repeat(self, step: Repeat) -> None:
        total = step.count.at(self.fraction)
        for n in range(1, total + 1):
            if total > 1:
                self.builder.say(CueKind.START, self._which_time(n, total))
            self.write(step.work)

    def _which_time(self, n: int, total: int) -> str:
        if n == 1:
            times = self.builder.language.amount(total, "time")
            return self.builder.phrase("repeat_first", times=times)
        return self.builder.phrase("repeat_last" if n == total else "repeat", n=n, total=total)

    def _inside(self, length_ms: int) -> Iterator[TimedCue]:
        """Write the cues inside a hold or a time: tips, halfway, the countdown."""
        half_ms = length_ms // 2
        if length_ms >= HALFWAY_MS:
            yield from self._tips(length_ms, half_ms)
            yield timed(CueKind.HALFWAY, self.builder.phrase("halfway"), half_ms)
        if length_ms >= COUNTDOWN_MS:
            for n in range(COUNTDOWN_FROM, 0, -1):
                number = self.builder.phrase("number", n=n)
                yield timed(CueKind.COUNTDOWN, number, length_ms - n * 1000)

    def _tips(self, length_ms: int, half_ms: int) -> Iterator[TimedCue]:
        """Spread tips over a window, each at most once, away from halfway and the countdown."""
        tips = self.exercise.tips
        at_ms = FIRST_TIP_MS
        every_ms = max(TIP_EVERY_MS, length_ms // (len(tips) + 1))
        for _ in tips:
            if half_ms - 7_000 < at_ms < half_ms + 3_000 and at_ms > FIRST_TIP_MS:
                at_ms = half_ms + 3_000
            if at_ms > length_ms - 12_000:
                return
            tip = tips[self.builder.turn(f"tip {self.exercise.name}", len(tips))]
            yield timed(CueKind.TIP, tip, at_ms)
            at_ms += every_ms
