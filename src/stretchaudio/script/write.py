"""Write the script of a routine: everything the coach says, and every window, in order."""

from collections.abc import Iterator

from stretchaudio.language import Side, Verbosity, language
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.edit import mirrored
from stretchaudio.routine.model import Exercise, Level, Routine, Section, SideOrder
from stretchaudio.script.builder import ScriptBuilder, timed
from stretchaudio.script.model import Chapter, CueKind, Item, Script, TimedCue, WindowKind
from stretchaudio.script.pauses import BEFORE_COUNTDOWN_MS, PARAGRAPH_PAUSE_MS
from stretchaudio.script.steps import StepWriter
from stretchaudio.script.verbosity import CueFilter

LEAD_IN_FROM = 3
"""The last seconds of a transition that are counted."""
# After a longer rest or switch, one may have been somewhere else with one's thoughts.
READY_FROM_MS = 5_000
"""Rests and switches of this length or more end with a warning."""
READY_MS = 2_500
"""The time of that warning, before the end."""
INTO_REST_MS = 500
"""The time at which a rest is called, after it began."""


def write_script(
    routine: Routine, level: Level = Level.INTERMEDIATE, cue_filter: CueFilter | None = None
) -> Script:
    """Write the script of a session.

    Args:
        routine: The routine.
        level: The end of the prescribed ranges to take, and the way that is explained: the easier
            or the harder one.
        cue_filter: The choice of cues that are spoken; None for all.
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
        self.total = sum(section.rounds * len(section.exercises) for section in routine.sections)
        self.done = 0

    def write(self) -> tuple[Item, ...]:
        self._welcome()
        for section in self.routine.sections:
            self._section(section)
        self._goodbye()
        return tuple(self.builder.items)

    def _welcome(self) -> None:
        self.builder.say(CueKind.INTRO, self.builder.phrase("welcome", title=self.routine.title))
        if self.builder.cue_filter.cues is Verbosity.FULL:
            for sentence in self.routine.intro:
                self.builder.say(CueKind.INTRO, sentence)

    def _goodbye(self) -> None:
        goodbye = self.builder.phrase("goodbye", title=self.routine.title)
        own = self.routine.outro if self.builder.cue_filter.cues is Verbosity.FULL else ()
        outro = own or (goodbye,)
        for at, sentence in enumerate(outro):
            self.builder.say(
                CueKind.OUTRO, sentence, pause_ms=PARAGRAPH_PAUSE_MS if at == 0 else None
            )

    def _section(self, section: Section) -> None:
        for round_ in range(1, section.rounds + 1):
            for at, exercise in enumerate(section.exercises):
                dose = describe_work(exercise, self.level.fraction)
                with self.builder.chapter(exercise.name, dose):
                    if at == 0:
                        self._title(section, round_)
                    self._exercise(exercise, first_time=round_ == 1)

    def _title(self, section: Section, round_: int) -> None:
        if section.title and round_ == 1 and len(self.routine.sections) > 1:
            self._announce("section", title=section.title)
        if section.rounds > 1:
            key = "round_last" if round_ == section.rounds else "round"
            self._announce(key, n=round_, total=section.rounds)

    def _announce(self, key: str, **values: object) -> None:
        text = self.builder.phrase(key, **values)
        begins = isinstance(self.builder.items[-1], Chapter)
        self.builder.say(CueKind.NAME, text, pause_ms=PARAGRAPH_PAUSE_MS if begins else None)

    def _exercise(self, exercise: Exercise, *, first_time: bool) -> None:
        self._announce(self._key_of_name(first_time=first_time), name=exercise.name)
        self.done += 1
        if first_time:
            self._explain(exercise)
        elif exercise.sides is not None:
            self.builder.say(CueKind.NAME, self._first_side(exercise))
        self._transition(exercise)
        self._sets(exercise)

    def _key_of_name(self, *, first_time: bool) -> str:
        if not first_time:
            return "again"
        if self.done == 0:
            return "first"
        return "last" if self.done == self.total - 1 else "next"

    def _explain(self, exercise: Exercise) -> None:
        plan = self._plan(exercise)
        if plan:
            self.builder.say(CueKind.NAME, plan)
        for sentence in exercise.setup:
            self.builder.say(CueKind.SETUP, sentence)
        if exercise.caution:
            self.builder.say(CueKind.CAUTION, exercise.caution)
        if self.level is Level.BEGINNER:
            self._way("easier", exercise.easier)
        elif self.level is Level.ADVANCED:
            self._way("harder", exercise.harder)

    def _way(self, key: str, way: str | None) -> None:
        if way:
            clause = way[:1].lower() + way[1:]
            self.builder.say(CueKind.SETUP, self.builder.phrase(key, sentence=way, clause=clause))

    def _plan(self, exercise: Exercise) -> str | None:
        """Tell how many sets there are, and the side that begins; None if there is no need to."""
        sets = exercise.sets.at(self.level.fraction)
        if sets == 1:
            return self._first_side(exercise) if exercise.sides else None
        spoken_sets = self.builder.language.amount(sets, "set")
        if exercise.side_order is SideOrder.EACH:
            first = self._sides_of(exercise)[0]
            return self.builder.phrase(
                "sets_each_side", sets=spoken_sets, side=first.spoken, label=first.label
            )
        plan = self.builder.phrase("sets", sets=spoken_sets)
        return f"{plan} {self._first_side(exercise)}".strip() if exercise.sides else plan

    def _first_side(self, exercise: Exercise) -> str:
        first = self._sides_of(exercise)[0]
        key = "alternate" if exercise.side_order is SideOrder.ALTERNATE else "each_side"
        return self.builder.phrase(key, side=first.spoken, label=first.label)

    def _sides_of(self, exercise: Exercise) -> tuple[Side, Side]:
        if exercise.sides is None or exercise.sides.labels is None:
            right, left = self.builder.language.sides
            return (left, right) if self.builder.cue_filter.left_first else (right, left)
        first, second = exercise.sides.labels
        return Side(label=first, spoken=first), Side(label=second, spoken=second)

    def _transition(self, exercise: Exercise) -> None:
        length_ms = exercise.transition_ms
        seconds = [
            n for n in range(LEAD_IN_FROM, 0, -1) if n * 1000 + BEFORE_COUNTDOWN_MS <= length_ms
        ]
        cues = []
        for n in seconds:
            count = self.builder.phrase("lead_in" if n == seconds[0] else "number", n=n)
            cues.append(timed(CueKind.LEAD_IN, count, length_ms - n * 1000))
        self.builder.window(WindowKind.TRANSITION, length_ms, *cues)

    def _sets(self, exercise: Exercise) -> None:
        if exercise.side_order is not SideOrder.EACH:
            self._sets_of_side(exercise)
            return
        first, second = self._sides_of(exercise)
        with self.builder.side(first.label):
            self._sets_of_side(exercise)
        self._switch(exercise, second)
        with self.builder.side(second.label):
            self._sets_of_side(exercise)

    def _sets_of_side(self, exercise: Exercise) -> None:
        sides = self._sides_of(exercise)
        steps = StepWriter(self.builder, exercise, self.level.fraction, sides)
        sets = exercise.sets.at(self.level.fraction)
        for set_ in range(1, sets + 1):
            if set_ > 1:
                self._rest(exercise, set_, sets)
            with self.builder.set(set_):
                steps.write(exercise.work)

    def _switch(self, exercise: Exercise, side: Side) -> None:
        own = exercise.sides is not None and exercise.sides.labels is not None
        key = "switch_own" if own else "switch"
        # Said before the window: it is heard in time to move, and no window is too short for it.
        words = self.builder.phrase(key, side=side.spoken, label=side.label)
        self.builder.say(CueKind.SIDE, words)
        self.builder.window(WindowKind.SWITCH, exercise.switch_ms, *self._ready(exercise.switch_ms))

    def _ready(self, length_ms: int) -> Iterator[TimedCue]:
        """Warn before a long rest or switch ends."""
        if length_ms >= READY_FROM_MS:
            yield timed(CueKind.LEAD_IN, self.builder.phrase("ready"), length_ms - READY_MS)

    def _rest(self, exercise: Exercise, set_: int, sets: int) -> None:
        rest = timed(CueKind.REST, self.builder.phrase("rest"), INTO_REST_MS)
        self.builder.window(WindowKind.REST, exercise.rest_ms, rest, *self._ready(exercise.rest_ms))
        key = "set_last" if set_ == sets else "set"
        self.builder.say(CueKind.START, self.builder.phrase(key, n=set_, total=sets))
