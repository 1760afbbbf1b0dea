"""The words and windows of each kind of work step."""

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

COUNTDOWN_FROM = 5
"""The last seconds that are counted, in windows of `COUNTDOWN_MS` or more."""
COUNTDOWN_MS = 10_000
HALFWAY_MS = 20_000
"""Windows of this length or more are told when half is over, and have room for tips."""
FIRST_TIP_MS = 4_000
TIP_EVERY_MS = 25_000
LONG_REP_MS = 6_000
"""Reps of this length or more hear the words of their phases every time; in quicker ones they would crowd the counts."""
SPOKEN_PHASES = 2
"""How many of the quicker reps hear the words."""
AFTER_COUNT_MS = 150


class StepWriter:
    """Writes the work of one exercise.

    Args:
        builder: Where the script is written.
        exercise: Whose work it is.
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
        self.alternating = (
            exercise.sides is not None and exercise.sides.order is SideOrder.ALTERNATE
        )

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
        usual = (
            self.builder.phrase("hold_named", name=step.name, duration=duration)
            if step.name
            else None
        )
        self.builder.say(
            CueKind.START,
            self._own(step.say) or usual or self.builder.phrase("hold", duration=duration),
        )
        self.builder.window(WindowKind.HOLD, length_ms, *self._inside(length_ms))
        self.builder.say(CueKind.RELEASE, self._own(step.release) or self.builder.phrase("release"))

    def _time(self, step: Time) -> None:
        length_ms = hold_ms(step, self.fraction)
        duration = self.builder.language.duration(length_ms)
        self.builder.say(
            CueKind.START, self._own(step.say) or self.builder.phrase("time", duration=duration)
        )
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
        self.builder.say(
            CueKind.START,
            self.builder.phrase("reps", reps=self.builder.language.amount(reps, "rep")),
        )
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
        if not self.builder.cue_filter.speaks_phases or (
            rep > SPOKEN_PHASES and step.tempo_ms < LONG_REP_MS
        ):
            return
        counted = self.builder.cue_filter.speaks(CueKind.COUNT)
        at_ms = 0
        for phase in step.phases:
            behind_count = counted and at_ms == 0
            yield timed(
                CueKind.START,
                phase.say,
                AFTER_COUNT_MS if behind_count else at_ms,
                follows=behind_count,
            )
            at_ms += phase.length_ms

    def _breaths(self, step: Breaths) -> None:
        breaths = step.count.at(self.fraction)
        self.builder.say(
            CueKind.START,
            self.builder.phrase("breaths", breaths=self.builder.language.amount(breaths, "breath")),
        )
        for breath in range(1, breaths + 1):
            which = "_first" if breath == 1 else "_last" if breath == breaths else ""
            cues = (
                timed(CueKind.BREATH, self.builder.phrase(f"breathe_in{which}"), 0),
                timed(CueKind.BREATH, self.builder.phrase(f"breathe_out{which}"), step.inhale_ms),
            )
            pause_ms = self.builder.beat_ms() if breath == 1 else 0
            length_ms = step.inhale_ms + step.exhale_ms
            self.builder.window(
                WindowKind.BREATH,
                length_ms,
                *cues,
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
            return self.builder.phrase(
                "repeat_first", times=self.builder.language.amount(total, "time")
            )
        return self.builder.phrase("repeat_last" if n == total else "repeat", n=n, total=total)

    def _inside(self, length_ms: int) -> Iterator[TimedCue]:
        """What is said while holding or keeping on: tips, halfway, the countdown."""
        half_ms = length_ms // 2
        if length_ms >= HALFWAY_MS:
            yield from self._tips(length_ms, half_ms)
            yield timed(CueKind.HALFWAY, self.builder.phrase("halfway"), half_ms)
        if length_ms >= COUNTDOWN_MS:
            for n in range(COUNTDOWN_FROM, 0, -1):
                yield timed(
                    CueKind.COUNTDOWN, self.builder.phrase("number", n=n), length_ms - n * 1000
                )

    def _tips(self, length_ms: int, half_ms: int) -> Iterator[TimedCue]:
        """Tips in turn, each at most once, spread over the window, away from halfway and the countdown."""
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
