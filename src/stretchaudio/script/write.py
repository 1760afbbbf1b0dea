"""A routine to its script: everything the coach will say, and every window, in order."""

from collections.abc import Iterator

from stretchaudio.language import Side, Verbosity, language
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.edit import mirrored
from stretchaudio.routine.model import Exercise, Level, Routine, Section, SideOrder
from stretchaudio.script.builder import PARAGRAPH_MS, ScriptBuilder, timed
from stretchaudio.script.model import Chapter, CueKind, Item, Script, TimedCue, WindowKind
from stretchaudio.script.steps import StepWriter
from stretchaudio.script.verbosity import CueFilter

LEAD_IN_FROM = 3
"""The last seconds of a transition that are counted."""
AFTER_SPEECH_MS = 150
"""The least between the set-up and the lead-in: a count that would come sooner is left out."""
READY_MS = 2_500
"""When one is told to get ready: before the end of a rest or a switch of `READY_FROM_MS` or more."""
READY_FROM_MS = 5_000
INTO_REST_MS = 500
"""When the rest is called: a moment after it began."""


def write_script(
    routine: Routine, level: Level = Level.INTERMEDIATE, cue_filter: CueFilter | None = None
) -> Script:
    """Write the script of a session.

    Args:
        routine: What is to be done.
        level: Which end of the prescribed ranges to take, and whether the easier or the harder way is explained.
        cue_filter: What of it is spoken; None for everything.
    """
    words = language(routine.language).with_phrases(routine.phrases)
    cue_filter = cue_filter or CueFilter()
    if cue_filter.left_first:
        routine = mirrored(routine, words.mirror)
    writer = _ScriptWriter(routine, level, ScriptBuilder(words, cue_filter))
    return Script(
        title=routine.title, language=routine.language, level=level.value, items=writer.write()
    )


class _ScriptWriter:
    def __init__(self, routine: Routine, level: Level, builder: ScriptBuilder) -> None:
        self.routine = routine
        self.level = level
        self.builder = builder
        self.left = sum(section.rounds * len(section.exercises) for section in routine.sections)

    def write(self) -> tuple[Item, ...]:
        self._welcome()
        for section in self.routine.sections:
            self._section(section)
        self._goodbye()
        return tuple(self.builder.items)

    def _welcome(self) -> None:
        self.builder.say(CueKind.INTRO, self.builder.phrase("welcome", title=self.routine.title))
        for sentence in (
            self.routine.intro if self.builder.cue_filter.cues is Verbosity.FULL else ()
        ):
            self.builder.say(CueKind.INTRO, sentence)

    def _goodbye(self) -> None:
        self.builder.exercise = None
        goodbye = self.builder.phrase("goodbye", title=self.routine.title)
        own = self.routine.outro if self.builder.cue_filter.cues is Verbosity.FULL else ()
        outro = own or (goodbye,)
        for at, sentence in enumerate(outro):
            self.builder.say(CueKind.OUTRO, sentence, pause_ms=PARAGRAPH_MS if at == 0 else None)

    def _section(self, section: Section) -> None:
        for round_ in range(1, section.rounds + 1):
            for at, exercise in enumerate(section.exercises):
                self.builder.chapter(exercise.name, describe_work(exercise, self.level.fraction))
                if at == 0:
                    self._title(section, round_)
                self._exercise(exercise, first_time=round_ == 1)

    def _title(self, section: Section, round_: int) -> None:
        if section.title and round_ == 1 and len(self.routine.sections) > 1:
            self._announce("section", title=section.title)
        if section.rounds > 1:
            self._announce(
                "round_last" if round_ == section.rounds else "round",
                n=round_,
                total=section.rounds,
            )

    def _announce(self, key: str, **values: object) -> None:
        begins = isinstance(self.builder.items[-1], Chapter)
        self.builder.say(
            CueKind.NAME,
            self.builder.phrase(key, **values),
            pause_ms=PARAGRAPH_MS if begins else None,
        )

    def _exercise(self, exercise: Exercise, *, first_time: bool) -> None:
        self._name(exercise, first_time=first_time)
        if first_time:
            self._explain(exercise)
        elif exercise.sides is not None:
            self.builder.say(CueKind.NAME, self._first_side(exercise))
        self._transition(exercise)
        self._sets(exercise)

    def _name(self, exercise: Exercise, *, first_time: bool) -> None:
        total = sum(section.rounds * len(section.exercises) for section in self.routine.sections)
        self.left -= 1
        key = (
            "again"
            if not first_time
            else "first"
            if self.left == total - 1
            else "last"
            if self.left == 0
            else "next"
        )
        self._announce(key, name=exercise.name)

    def _explain(self, exercise: Exercise) -> None:
        plan = self._plan(exercise)
        if plan:
            self.builder.say(CueKind.NAME, plan)
        for sentence in exercise.setup:
            self.builder.say(CueKind.SETUP, sentence)
        if exercise.caution:
            self.builder.say(CueKind.CAUTION, exercise.caution)
        key, way = {
            Level.BEGINNER: ("easier", exercise.easier),
            Level.ADVANCED: ("harder", exercise.harder),
        }.get(self.level, ("", None))
        if way:
            self.builder.say(
                CueKind.SETUP,
                self.builder.phrase(key, sentence=way, clause=way[:1].lower() + way[1:]),
            )

    def _plan(self, exercise: Exercise) -> str | None:
        """How many sets, and which side first; None when there is nothing to tell."""
        sets = exercise.sets.at(self.level.fraction)
        spoken_sets = self.builder.language.amount(sets, "set")
        if exercise.sides is None:
            return self.builder.phrase("sets", sets=spoken_sets) if sets > 1 else None
        if exercise.sides.order is SideOrder.ALTERNATE:
            alternate = self._first_side(exercise)
            return (
                f"{self.builder.phrase('sets', sets=spoken_sets)} {alternate}".strip()
                if sets > 1
                else alternate
            )
        if sets > 1:
            first = self._sides_of(exercise)[0]
            return self.builder.phrase(
                "sets_each_side", sets=spoken_sets, side=first.spoken, label=first.label
            )
        return self._first_side(exercise)

    def _first_side(self, exercise: Exercise) -> str:
        first = self._sides_of(exercise)[0]
        alternating = exercise.sides is not None and exercise.sides.order is SideOrder.ALTERNATE
        return self.builder.phrase(
            "alternate" if alternating else "each_side", side=first.spoken, label=first.label
        )

    def _sides_of(self, exercise: Exercise) -> tuple[Side, Side]:
        if exercise.sides is None or exercise.sides.labels is None:
            right, left = self.builder.language.sides
            return (left, right) if self.builder.cue_filter.left_first else (right, left)
        first, second = exercise.sides.labels
        return Side(label=first, spoken=first), Side(label=second, spoken=second)

    def _transition(self, exercise: Exercise) -> None:
        self.builder.side = self.builder.set = None
        length_ms = exercise.transition_ms
        seconds = [n for n in range(LEAD_IN_FROM, 0, -1) if n * 1000 + AFTER_SPEECH_MS <= length_ms]
        cues = [
            timed(
                CueKind.LEAD_IN,
                self.builder.phrase("lead_in" if n == seconds[0] else "number", n=n),
                length_ms - n * 1000,
            )
            for n in seconds
        ]
        self.builder.window(WindowKind.TRANSITION, length_ms, *cues)

    def _sets(self, exercise: Exercise) -> None:
        each = exercise.sides is not None and exercise.sides.order is SideOrder.EACH
        both = self._sides_of(exercise)
        sides: tuple[Side | None, ...] = both if each else (None,)
        steps = StepWriter(self.builder, exercise, self.level.fraction, both)
        sets = exercise.sets.at(self.level.fraction)
        for at, side in enumerate(sides):
            if at > 0 and side is not None:
                self._switch(exercise, side)
            self.builder.side = side.label if side else None
            for set_ in range(1, sets + 1):
                if set_ > 1:
                    self._rest(exercise, set_, sets)
                self.builder.set = set_
                steps.write(exercise.work)
        self.builder.side = self.builder.set = None

    def _switch(self, exercise: Exercise, side: Side) -> None:
        self.builder.side = self.builder.set = None
        own = exercise.sides is not None and exercise.sides.labels is not None
        # Said before the window, not inside: it is heard in time to move, and there is no window too short for it.
        self.builder.say(
            CueKind.SIDE,
            self.builder.phrase(
                "switch_own" if own else "switch", side=side.spoken, label=side.label
            ),
        )
        self.builder.window(WindowKind.SWITCH, exercise.switch_ms, *self._ready(exercise.switch_ms))

    def _ready(self, length_ms: int) -> Iterator[TimedCue]:
        """A warning before a rest or a switch ends, when it is long enough to have been somewhere else with one's thoughts."""
        if length_ms >= READY_FROM_MS:
            yield timed(CueKind.LEAD_IN, self.builder.phrase("ready"), length_ms - READY_MS)

    def _rest(self, exercise: Exercise, set_: int, sets: int) -> None:
        self.builder.set = None
        rest = timed(CueKind.REST, self.builder.phrase("rest"), INTO_REST_MS)
        self.builder.window(WindowKind.REST, exercise.rest_ms, rest, *self._ready(exercise.rest_ms))
        key = "set_last" if set_ == sets else "set"
        self.builder.say(CueKind.START, self.builder.phrase(key, n=set_, total=sets))
