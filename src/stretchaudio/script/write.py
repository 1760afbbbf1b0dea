"""Write the script of a routine: everything the coach says, and every window, in order."""

from collections.abc import Iterator
from dataclasses import replace

from stretchaudio.language import Side, Verbosity, language
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.duration import hold_ms, rep_count
from stretchaudio.routine.edit import mirrored, mirrored_exercise
from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Level,
    Reps,
    Routine,
    Section,
    SideOrder,
    Time,
)
from stretchaudio.script.builder import ScriptBuilder, timed
from stretchaudio.script.estimate import estimated_ms
from stretchaudio.script.model import Chapter, CueKind, Item, Say, Script, TimedCue, WindowKind
from stretchaudio.script.pauses import (
    ACT_MS,
    BEFORE_COUNT_IN_MS,
    COUNT_IN_FROM,
    COUNT_IN_MS,
    EXIT_MS,
    PARAGRAPH_PAUSE_MS,
    STANDING,
    move_ms,
)
from stretchaudio.script.steps import (
    ANNOUNCED_REPS,
    FIRST_TIP_BREATH,
    FIRST_TIP_REP,
    TIP_REP_MS,
    SetPlace,
    StepWriter,
)
from stretchaudio.script.tips import TipQueue
from stretchaudio.script.verbosity import CueFilter

READY_FROM_MS, READY_MS = 15_000, 8_000
"""Rests and switches of the first length or more end with a warning, at the second before their
end: one may have been somewhere else with one's thoughts."""
LEAST_MINUTES_MS = 120_000
"""Sessions of this length or more are announced in whole minutes."""
MOST_ORDINAL = 10
"""The last set that has a name of its own, such as "tenth set"."""
LEAST_TOLD_MS = 15_000
"""In shorter holds there is no room for the easier way; it is told with the set-up."""
LONGEST_SIDE_WORDS = 14
"""A change of side with its recap is one sentence up to this many words, else two."""


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
        routine = mirrored(routine, words.mirrored)
    writer = ScriptWriter(routine, level, ScriptBuilder(words, cue_filter))
    return Script(
        title=routine.title, language=routine.language, level=level.value, items=writer.write()
    )


def track_ms(routine: Routine) -> int:
    """Estimate the length of a routine's track at the intermediate level, with all that is said."""
    return estimated_ms(write_script(routine))


class ScriptWriter:
    """Write the items of a session.

    Args:
        routine: The routine, its left and right as they are done.
        level: As for `write_script`.
        builder: Gets the items.
    """

    def __init__(self, routine: Routine, level: Level, builder: ScriptBuilder) -> None:
        self.routine = routine
        self.level = level
        self.builder = builder
        self.is_full = builder.cue_filter.cues is Verbosity.FULL
        self.is_minimal = builder.cue_filter.cues is Verbosity.MINIMAL
        self.total = sum(section.rounds * len(section.exercises) for section in routine.sections)
        self.done = 0
        self.position: str | None = STANDING
        self.tips: dict[int, TipQueue] = {}
        """What is left to say of each exercise, through all rounds; by its identity."""

    def write(self) -> tuple[Item, ...]:
        """Write all of it."""
        self._welcome()
        for section in self.routine.sections:
            self._section(section)
        self._goodbye()
        return self._with_length(tuple(self.builder.items))

    def _welcome(self) -> None:
        # The length is filled in at the end, when it is known.
        welcome = self.builder.phrase("welcome", title=self.routine.title, length="{length}")
        self.builder.say(CueKind.INTRO, welcome)
        if not self.is_full:
            return
        self.builder.say(CueKind.INTRO, self.routine.purpose or "")
        if self.routine.equipment:
            things = self.builder.language.several(self.routine.equipment)
            self.builder.say(CueKind.INTRO, self.builder.phrase("needs", things=things))
        begins = self.routine.exercises[0].position or STANDING
        if begins in self.builder.language.positions:
            # One gets there while the rest of the opening is spoken.
            self.builder.say(CueKind.INTRO, self.builder.language.positions[begins])
            self.position = begins
        for sentence in self.routine.intro:
            self.builder.say(CueKind.INTRO, sentence)

    def _with_length(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        """Fill in how long the session takes, as people say it."""
        first = items[0]
        if not isinstance(first, Say) or "{length}" not in first.cue.text:
            return items
        length_ms = estimated_ms(
            Script(
                title=self.routine.title,
                language=self.routine.language,
                level=self.level.value,
                items=items,
            )
        )
        unit_ms = 60_000 if length_ms >= LEAST_MINUTES_MS else 15_000
        said_ms = max(unit_ms, round(length_ms / unit_ms) * unit_ms)
        length = self.builder.language.duration(said_ms)
        text = first.cue.text.replace("{length}", length)
        return (replace(first, cue=replace(first.cue, text=text)), *items[1:])

    def _goodbye(self) -> None:
        goodbye = self.builder.phrase("goodbye", title=self.routine.title)
        own = self.routine.outro if self.is_full else ()
        outro = own or (goodbye,)
        for at, sentence in enumerate(outro):
            self.builder.say(
                CueKind.OUTRO, sentence, pause_ms=PARAGRAPH_PAUSE_MS if at == 0 else None
            )

    def _section(self, section: Section) -> None:
        for round_ in range(1, section.rounds + 1):
            for at, exercise in enumerate(section.exercises):
                fraction, code = self.level.fraction, self.routine.language
                dose = describe_work(exercise, fraction, code=code)
                if exercise.frequency:
                    # For reading: it goes with the dose to handouts and pages.
                    dose = f"{dose}; {exercise.frequency}"
                with self.builder.chapter(exercise.name, dose, section.bed):
                    if at == 0:
                        self._title(section, round_)
                    self._exercise(exercise, first_time=round_ == 1)
                    if exercise is section.exercises[-1] and round_ == section.rounds:
                        self._praise(section)

    def _praise(self, section: Section) -> None:
        """Praise once a section; the last one has the closing words."""
        if self.is_full and section is not self.routine.sections[-1]:
            self.builder.say(CueKind.TIP, self.builder.phrase("praise"))

    def _title(self, section: Section, round_: int) -> None:
        if round_ == 1 and self.is_full and section.intro:
            self._say_anew(section.intro)
        elif section.title and round_ == 1 and len(self.routine.sections) > 1:
            self._announce("section", title=section.title)
        if section.rounds > 1:
            key = "round_last" if round_ == section.rounds else "round"
            self._announce(key, n=round_, total=section.rounds)

    def _announce(self, key: str, **values: object) -> None:
        self._say_anew(self.builder.phrase(key, **values))

    def _say_anew(self, text: str) -> None:
        begins = isinstance(self.builder.items[-1], Chapter)
        self.builder.say(CueKind.NAME, text, pause_ms=PARAGRAPH_PAUSE_MS if begins else None)

    def _exercise(self, exercise: Exercise, *, first_time: bool) -> None:
        self._announce(self._key_of_name(first_time=first_time), name=exercise.name)
        self.done += 1
        waits_ms = self._waits(exercise)
        if first_time:
            self._explain(exercise, waits_ms)
        elif exercise.sides is not None:
            self.builder.say(CueKind.NAME, self._first_side(exercise))
        steps = StepWriter(
            self.builder,
            exercise,
            self.level.fraction,
            self._sides_of(exercise),
            self._tips_of(exercise),
        )
        self.builder.say(CueKind.NAME, steps.dose())
        has_waited = first_time and self.builder.cue_filter.speaks(CueKind.SETUP)
        self._transition(exercise, sum(waits_ms), has_waited=has_waited)
        self._sets(exercise, steps)
        self._exit(exercise)
        self.position = exercise.position or self.position

    def _exit(self, exercise: Exercise) -> None:
        """Tell how to come out of the side that was done last."""
        if exercise.exit and self.builder.cue_filter.speaks_own_words:
            turned = self.builder.language.mirrored
            is_turned = exercise.side_order is SideOrder.EACH
            last = mirrored_exercise(exercise, turned) if is_turned else exercise
            self.builder.drop_last(self.builder.language.phrases["release"].values())
            self.builder.say(CueKind.RELEASE, last.exit or "", wait_ms=EXIT_MS)

    def _key_of_name(self, *, first_time: bool) -> str:
        if not first_time:
            return "again"
        if self.done == 0:
            return "first"
        return "last" if self.done == self.total - 1 else "next"

    def _tips_of(self, exercise: Exercise) -> TipQueue:
        if id(exercise) not in self.tips:
            way = self._way(exercise) if _has_room(exercise, self.level) else ""
            lines = (way, exercise.feel or "")
            own_sides = exercise.sides is not None and exercise.sides.labels is not None
            turned = str if own_sides else self.builder.language.mirrored
            self.tips[id(exercise)] = TipQueue(exercise, filter(None, lines), turned)
        return self.tips[id(exercise)]

    def _waits(self, exercise: Exercise) -> tuple[int, ...]:
        """List how long to wait after each sentence of a set-up, in milliseconds."""
        move = move_ms(self.position, exercise.position)
        usual = (max(ACT_MS, move), *(ACT_MS for _ in exercise.setup[1:]))
        return tuple(
            usual_ms if one.wait_ms is None else one.wait_ms
            for one, usual_ms in zip(exercise.setup, usual, strict=False)
        )

    def _explain(self, exercise: Exercise, waits_ms: tuple[int, ...]) -> None:
        if self.is_full:
            self.builder.say(CueKind.NAME, exercise.why or "")
        self._bridge(exercise)
        for one, wait_ms in zip(exercise.setup, waits_ms, strict=True):
            self.builder.say(CueKind.SETUP, one.say, wait_ms=wait_ms)
        self.builder.say(CueKind.CAUTION, exercise.caution or "")
        if not _has_room(exercise, self.level):
            self.builder.say(CueKind.SETUP, self._way(exercise), wait_ms=ACT_MS)
        self.builder.say(CueKind.NAME, self._plan(exercise))

    def _bridge(self, exercise: Exercise) -> None:
        """Tell the position, where it is another and no set-up is heard that tells it."""
        if not move_ms(self.position, exercise.position) or self.is_minimal:
            return
        bridge = self.builder.language.bridges.get(exercise.position or "", "")
        if not self.builder.cue_filter.speaks(CueKind.SETUP):
            self.builder.say(CueKind.NAME, bridge)
        elif not exercise.setup:
            self.builder.say(CueKind.SETUP, bridge, wait_ms=ACT_MS)

    def _way(self, exercise: Exercise) -> str:
        """Offer the easier or the harder way, as the level has it."""
        ways = {
            Level.BEGINNER: ("easier", exercise.easier),
            Level.ADVANCED: ("harder", exercise.harder),
        }
        key, way = ways.get(self.level, ("", None))
        if not way:
            return ""
        clause = way[:1].lower() + way[1:]
        return self.builder.phrase(key, sentence=way, clause=clause)

    def _plan(self, exercise: Exercise) -> str:
        """Tell how many sets there are, and the side that begins; empty if there is no need to."""
        sets = exercise.sets.at(self.level.fraction)
        if sets == 1:
            return self._first_side(exercise) if exercise.sides else ""
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
            language = self.builder.language
            right, left = language.leads.get(exercise.lead, language.sides)
            return (left, right) if self.builder.cue_filter.left_first else (right, left)
        first, second = exercise.sides.labels
        return Side(label=first, spoken=first), Side(label=second, spoken=second)

    def _transition(self, exercise: Exercise, waited_ms: int, *, has_waited: bool) -> None:
        """Give what is left of the time to get into position; its end is counted.

        What is waited in during a set-up is taken out of it. Where the set-up is not spoken, that
        time comes before the window, which is the same however much is said.
        """
        whole_ms = exercise.transition_ms
        length_ms = max(min(whole_ms, COUNT_IN_MS), whole_ms - waited_ms)
        self.builder.window(
            WindowKind.TRANSITION,
            length_ms,
            *self._count_in(length_ms, exercise),
            pause_ms=0 if has_waited else whole_ms - length_ms,
        )

    def _count_in(self, length_ms: int, exercise: Exercise) -> Iterator[TimedCue]:
        """Count the last seconds before work begins."""
        # "In 3" would have one breathe in where breaths come.
        first = "number" if isinstance(exercise.work[0], Breaths) else "lead_in"
        seconds = [
            n for n in range(COUNT_IN_FROM, 0, -1) if n * 1000 + BEFORE_COUNT_IN_MS <= length_ms
        ]
        for n in seconds:
            count = self.builder.phrase(first if n == seconds[0] else "number", n=n)
            yield timed(CueKind.LEAD_IN, count, length_ms - n * 1000)

    def _sets(self, exercise: Exercise, steps: StepWriter) -> None:
        if exercise.side_order is not SideOrder.EACH:
            self._sets_of_side(exercise, steps, 0)
            return
        first, second = self._sides_of(exercise)
        with self.builder.side(first.label):
            self._sets_of_side(exercise, steps, 0)
        self._switch(exercise, second)
        with self.builder.side(second.label):
            self._sets_of_side(exercise, steps, 1)

    def _sets_of_side(self, exercise: Exercise, steps: StepWriter, side: int) -> None:
        sets = exercise.sets.at(self.level.fraction)
        for set_ in range(1, sets + 1):
            if set_ > 1:
                self._rest(exercise, set_, sets, side)
            with self.builder.set(set_):
                steps.write(SetPlace(set_=set_, sets=sets, side=side))

    def _switch(self, exercise: Exercise, side: Side) -> None:
        """Change sides, and say how the other one goes.

        The words come before the window: they are heard in time to move, and no window is too
        short for them.
        """
        own = exercise.sides is not None and exercise.sides.labels is not None
        words = self.builder.phrase(
            "switch_own" if own else "switch", side=side.spoken, label=side.label
        )
        recap = self._recap(exercise, 1) if self.is_full else ()
        if len(recap) == 1 and len(f"{words} {recap[0]}".split()) <= LONGEST_SIDE_WORDS:
            words, recap = f"{words} {recap[0]}", ()
        self.builder.say(CueKind.SIDE, words, wait_ms=ACT_MS if recap else 0)
        for sentence in recap:
            self.builder.say(CueKind.SIDE, sentence, wait_ms=ACT_MS)
        self.builder.window(
            WindowKind.SWITCH, exercise.switch_ms, *self._ready(exercise.switch_ms, exercise)
        )

    def _ready(self, length_ms: int, exercise: Exercise) -> Iterator[TimedCue]:
        """Warn before a long window ends, and count its last seconds."""
        if length_ms >= READY_FROM_MS:
            yield timed(CueKind.LEAD_IN, self.builder.phrase("ready"), length_ms - READY_MS)
        yield from self._count_in(length_ms, exercise)

    def _recap(self, exercise: Exercise, side: int) -> tuple[str, ...]:
        """Tell the position in short: the author's own line, or what names a side in the set-up."""
        turned = self.builder.language.mirrored
        if exercise.recap:
            found: tuple[str, ...] = (exercise.recap,)
        elif side and exercise.sides is not None and exercise.sides.labels is None:
            found = tuple(one.say for one in exercise.setup if turned(one.say) != one.say)
        else:
            found = ()
        return tuple(map(turned, found)) if side else found

    def _rest(self, exercise: Exercise, set_: int, sets: int, side: int) -> None:
        ordinals = self.builder.language.ordinals
        ordinal = ordinals[set_ - 2] if set_ <= MOST_ORDINAL else str(set_)
        key = "set_last" if set_ == sets else "set"
        called = self.builder.phrase(key, n=set_, total=sets, ordinal=ordinal)
        is_recalled = self.is_full and exercise.recap
        has_own_sides = exercise.sides is not None and exercise.sides.labels is not None
        stays = exercise.side_order is SideOrder.EACH and not has_own_sides and not is_recalled
        same_side = self.builder.phrase("same_side") if stays else ""
        resting = self.builder.phrase("rest") if exercise.rest_ms else ""
        words = (resting, called, same_side)
        self.builder.say(CueKind.REST, " ".join(filter(None, words)))
        if is_recalled:
            (recap,) = self._recap(exercise, side)
            self.builder.say(CueKind.REST, recap)
        if exercise.rest_ms:
            self.builder.window(
                WindowKind.REST, exercise.rest_ms, *self._ready(exercise.rest_ms, exercise)
            )


def _has_room(exercise: Exercise, level: Level) -> bool:
    """Tell whether something can be said during an exercise, as on its first side and set."""
    step = exercise.work[0]
    match step:
        case Hold() | Time():
            return hold_ms(step, level.fraction) >= LEAST_TOLD_MS
        case Reps():
            reps = rep_count(step, level.fraction)
            return step.tempo_ms >= TIP_REP_MS and reps >= FIRST_TIP_REP + ANNOUNCED_REPS + 1
        case Breaths():
            return rep_count(step, level.fraction) > FIRST_TIP_BREATH
        case _:
            return False
