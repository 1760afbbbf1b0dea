"""Write the script of a track to learn from: each exercise once, slowly, with nothing counted."""

from dataclasses import replace

from stretchaudio.language import language
from stretchaudio.routine.edit import mirrored
from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Level,
    Move,
    Repeat,
    Reps,
    Routine,
    SideOrder,
    Step,
    Time,
)
from stretchaudio.script.builder import ScriptBuilder, timed
from stretchaudio.script.model import CueKind, Item, Script, WindowKind
from stretchaudio.script.pauses import ACT_MS
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.script.write import ScriptWriter

TRIED_MS = 8_000
"""How long one stays in a hold or a movement once all is said about it."""
TRIED_REPS = 2
SLOWER = 1.5
"""How much longer than usual a rep takes."""
LINE_PAUSE_MS = 3_000
"""Quiet before each line that one hears in a position, in which one feels what was said before."""


def write_learn_script(routine: Routine, *, left_first: bool = False) -> Script:
    """Write the script of a track to learn a routine from.

    Each exercise comes once, on the side that begins, with what it is for, where to feel it, what
    goes wrong, the easier way and how to come out of it.

    Args:
        routine: The routine.
        left_first: Whether the left side begins.
    """
    words = language(routine.language).with_phrases(routine.phrases)
    if left_first:
        routine = mirrored(routine, words.mirrored)
    builder = ScriptBuilder(words, CueFilter(left_first=left_first))
    title = builder.phrase("learn_title", title=routine.title)
    once = {exercise.id: exercise for exercise in reversed(routine.exercises)}
    writer = _LearnWriter(replace(routine, title=title), Level.INTERMEDIATE, builder)
    writer.exercises = tuple(reversed(once.values()))
    writer.total = len(writer.exercises)
    return Script(
        title=title, language=routine.language, level=Level.INTERMEDIATE.value, items=writer.write()
    )


class _LearnWriter(ScriptWriter):
    """Write each exercise as somebody shows it who is beside one."""

    exercises: tuple[Exercise, ...] = ()
    """Each one once."""

    def write(self) -> tuple[Item, ...]:
        self._welcome()
        self.builder.say(CueKind.INTRO, self.builder.phrase("learn"))
        for exercise in self.exercises:
            with self.builder.chapter(exercise.name, "", None):
                self._exercise(exercise, first_time=True)
        self._goodbye()
        return self._with_length(tuple(self.builder.items))

    def _exercise(self, exercise: Exercise, *, first_time: bool) -> None:
        self._announce(self._key_of_name(first_time=first_time), name=exercise.name)
        self.done += 1
        self._explain(exercise, self._waits(exercise))
        holds = [at for at, step in enumerate(exercise.work) if isinstance(step, Hold)]
        told_at = holds[0] if holds else len(exercise.work) - 1
        for at, step in enumerate(exercise.work):
            self._try(step, exercise, tells=at == told_at)
        self.builder.say(CueKind.RELEASE, exercise.exit or self._end(exercise.work[-1]))
        if exercise.side_order is SideOrder.EACH:
            self.builder.say(CueKind.SIDE, self.builder.phrase("learn_other_side"), wait_ms=ACT_MS)
        self.position = exercise.position or self.position

    def _plan(self, exercise: Exercise) -> str:
        """Say nothing of sets and sides."""
        del exercise
        return ""

    def _end(self, step: Step) -> str:
        """Choose how a step ends."""
        match step:
            case Hold():
                return step.release or self.builder.phrase("release")
            case Reps():
                return step.release or self.builder.phrase("reps_end")
            case Breaths():
                return step.release or self.builder.phrase("breaths_end")
            case Repeat():
                return self._end(step.work[-1])
            case _:
                return self.builder.phrase("stop")

    def _try(self, step: Step, exercise: Exercise, *, tells: bool) -> None:
        """Let one do a step for a moment; all there is to know about it is told in it."""
        match step:
            case Hold() | Time():
                key = "hold_start" if isinstance(step, Hold) else "time_start"
                name = f"{step.name}." if isinstance(step, Hold) and step.name else ""
                self.builder.say(CueKind.START, step.say or name or self.builder.phrase(key))
                self._tell(exercise, tells=tells)
                kind = WindowKind.HOLD if isinstance(step, Hold) else WindowKind.TIME
                self.builder.window(kind, min(TRIED_MS, step.duration.low))
            case Reps():
                self.builder.say(CueKind.START, self.builder.phrase("learn_try"))
                self._reps(step, exercise)
                self._tell(exercise, tells=tells)
            case Breaths():
                self.builder.say(CueKind.START, self.builder.phrase("learn_try"))
                self._breaths(step)
                self._tell(exercise, tells=tells)
            case Move():
                self.builder.say(CueKind.START, step.say or "")
                self.builder.window(WindowKind.MOVE, step.length_ms)
            case Repeat():
                for inner in step.work:
                    self._try(inner, exercise, tells=tells and inner is step.work[0])

    def _reps(self, step: Reps, exercise: Exercise) -> None:
        """Let one do some reps; the words of their phases are said."""
        sides = self._sides_of(exercise)
        is_alternating = exercise.side_order is SideOrder.ALTERNATE
        for rep in range(1, TRIED_REPS + 1):
            side = sides[rep - 1] if is_alternating else None
            at_ms = 0
            cues = [timed(CueKind.SIDE, f"{side.label.capitalize()}.", 0)] if side else []
            for phase in step.phases:
                cues += [timed(CueKind.START, phase.say, round(at_ms * SLOWER))] if not side else []
                at_ms += phase.length_ms
            self.builder.window(
                WindowKind.REP,
                round(step.tempo_ms * SLOWER),
                *cues,
                rep=rep,
                side=side.label if side else None,
                pause_ms=self.builder.beat_ms() if rep == 1 else 0,
            )

    def _breaths(self, step: Breaths) -> None:
        for breath in range(1, TRIED_REPS + 1):
            breathe_in = step.breathe_in or self.builder.phrase("breathe_in_first")
            breathe_out = step.breathe_out or self.builder.phrase("breathe_out_first")
            self.builder.window(
                WindowKind.BREATH,
                step.length_ms,
                timed(CueKind.BREATH, breathe_in, 0),
                timed(CueKind.BREATH, breathe_out, step.inhale_ms + step.hold_full_ms),
                rep=breath,
                pause_ms=self.builder.beat_ms() if breath == 1 else 0,
                inhale_ms=step.inhale_ms,
            )

    def _tell(self, exercise: Exercise, *, tells: bool) -> None:
        """Tell where it is felt, what goes wrong, and the easier way."""
        if not tells:
            return
        easier = exercise.easier or ""
        clause = easier[:1].lower() + easier[1:]
        way = self.builder.phrase("easier", sentence=easier, clause=clause) if easier else ""
        for line in (exercise.feel or "", *(tip.say for tip in exercise.tips), way):
            self.builder.say(CueKind.TIP, line, pause_ms=LINE_PAUSE_MS)
