"""Turn a routine's text into a checked `Routine`, or raise all of its problems at once."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from stretchaudio.audio.beds import NO_BED, is_generated
from stretchaudio.errors import Mark, Problem, RoutineError, did_you_mean
from stretchaudio.language import language
from stretchaudio.language import languages as all_languages
from stretchaudio.routine import model, schema
from stretchaudio.routine.duration import least_said_ms, windows_ms
from stretchaudio.routine.problems import problem_of
from stretchaudio.routine.rules import broken_rules, exercise_lists
from stretchaudio.routine.schema import WORK_KEYS
from stretchaudio.routine.values import MAX_SESSION_MS
from stretchaudio.util.located_yaml import LocatedDict, LocatedList, parse

_STEP_TAG = "step "
SWITCH_MS, FLOOR_SWITCH_MS = 6_000, 10_000
"""The time to change sides where the routine names none."""


def parse_routine(
    text: str,
    *,
    file: str,
    library: Mapping[str, LocatedDict],
    languages: Iterable[str],
    folder: Path | None = None,
) -> model.Routine:
    """Read and check one routine.

    Args:
        text: The YAML text.
        file: The file's name, for messages; its stem becomes the routine's id.
        library: The exercises that `use` can name, by id.
        languages: The language codes that have a phrase pack.
        folder: Where sections' music is; None for a text of no folder, whose music is not looked
            for.

    Raises:
        RoutineError: With every problem found.
    """
    problems: list[Problem] = []
    tree = parse(text, file, problems)
    uses = replace_uses(tree, library, problems)
    problems += broken_rules(tree, languages)
    keys = _validate(tree, problems)
    sections = _sections(keys, tree)
    if folder is not None:
        problems += _missing_music(sections, tree, folder)
        sections = tuple(_with_music(section, folder) for section in sections)
    routine = _routine(keys, sections, file=file, uses=uses, text=text)
    problems += _too_long(routine, tree)
    if problems:
        raise RoutineError(problems)
    return routine


def replace_uses(
    tree: LocatedDict, library: Mapping[str, LocatedDict], problems: list[Problem]
) -> frozenset[str]:
    """Add the library's keys to each exercise that has `use`, in the tree itself.

    Args:
        tree: The routine.
        library: The exercises that `use` can name, by id.
        problems: Gets one for each that is not there.

    Returns:
        The ids of the exercises that were taken from the library.
    """
    uses = set()
    for exercises in exercise_lists(tree):
        for exercise in exercises:
            if not isinstance(exercise, LocatedDict) or "use" not in exercise:
                continue
            name, mark = exercise["use"], exercise.marks["use"][1]
            found = library.get(name) if isinstance(name, str) else None
            if not isinstance(name, str):
                exercise["use"] = "unknown"
            if found is None:
                problems.append(Problem(mark=mark, message=_no_exercise(name, library)))
                found = _stand_in(mark)
            else:
                uses.add(name)
            _add_missing(exercise, found)
    return frozenset(uses)


def _no_exercise(name: object, library: Mapping[str, LocatedDict]) -> str:
    if not isinstance(name, str):
        return "'use' names one exercise of the library; write its id"
    return f"there is no exercise '{name}' in the library.{did_you_mean(name, library)}"


def _stand_in(mark: Mark) -> LocatedDict:
    """Make something valid in place of an unknown exercise: the rest of the file is checked."""
    table = LocatedDict(mark)
    table.put("name", "unknown", (mark, mark))
    table.put("hold", "10s", (mark, mark))
    return table


def _add_missing(exercise: LocatedDict, found: LocatedDict) -> None:
    _keep_step(exercise, found)
    work_is_given = any(key in exercise for key in WORK_KEYS)
    for key, value in found.items():
        if key in exercise or (work_is_given and key in WORK_KEYS):
            continue
        exercise.put(key, value, found.marks[key])


def _keep_step(exercise: LocatedDict, found: LocatedDict) -> None:
    """Keep the words of the library's only step where just its amount is another."""
    steps = found.get("work")
    given = [key for key in WORK_KEYS if key in exercise]
    if not isinstance(steps, LocatedList) or len(steps) != 1 or len(given) != 1:
        return
    key = given[0]
    if key == "work":  # all of the work is given, even where the library's step is a repeat
        return
    if not isinstance(steps[0], LocatedDict) or key not in steps[0]:
        return
    step = LocatedDict(steps[0].mark)
    for name, value in steps[0].items():
        step.put(name, value, steps[0].marks[name])
    step.put(key, exercise.pop(key), exercise.marks.pop(key))
    work = LocatedList(steps.mark)
    work.append(step)
    work.marks.append(step.mark)
    exercise.put("work", work, step.marks[key])


def _validate(tree: LocatedDict, problems: list[Problem]) -> schema.RoutineKeys:
    try:
        keys = schema.RoutineKeys.model_validate(tree)
    except ValidationError as error:
        problems += [problem_of(tree, one, _unknown_key) for one in error.errors(include_url=False)]
        raise RoutineError(problems) from None
    return keys


def _sections(keys: schema.RoutineKeys, tree: LocatedDict) -> tuple[model.Section, ...]:
    marks = [mark for exercises in exercise_lists(tree) for mark in exercises.marks]
    converter = _Converter(keys, iter(marks))
    if keys.exercises is None:
        return tuple(map(converter.section, keys.sections or ()))
    return (model.Section(title=None, rounds=1, exercises=converter.exercises(keys.exercises)),)


def _is_music(bed: str | None) -> bool:
    return bed is not None and bed != NO_BED and not is_generated(bed)


def _missing_music(
    sections: Sequence[model.Section], tree: LocatedDict, folder: Path
) -> Iterator[Problem]:
    for section, keys in zip(sections, tree.get("sections") or sections, strict=True):
        if _is_music(section.bed) and not (folder / str(section.bed)).is_file():
            yield Problem(
                mark=keys.marks["bed"][1],
                message=f"there is no music file '{section.bed}' in the routine's folder",
            )


def _with_music(section: model.Section, folder: Path) -> model.Section:
    """Let a section's bed be the path of its music, where it has music."""
    if not _is_music(section.bed):
        return section
    return replace(section, bed=str(folder / str(section.bed)))


def _routine(
    keys: schema.RoutineKeys,
    sections: tuple[model.Section, ...],
    *,
    file: str,
    uses: frozenset[str],
    text: str,
) -> model.Routine:
    return model.Routine(
        id=Path(file).stem,
        title=keys.title,
        summary=keys.summary,
        language=keys.language,
        focus=keys.focus,
        equipment=keys.equipment,
        source=keys.source,
        licence=keys.licence,
        purpose=keys.purpose,
        intro=keys.intro,
        outro=keys.outro,
        say=keys.say,
        phrases=keys.phrases,
        sections=sections,
        uses=uses,
        text=text,
    )


def _too_long(routine: model.Routine, tree: LocatedDict) -> Iterable[Problem]:
    said_ms = sum(
        section.rounds * 2 * exercise.sets.high * least_said_ms(exercise.work, 1.0)
        for section in routine.sections
        for exercise in section.exercises
    )
    # Long repeats of short moves are mostly speech. Speech counts twice, for two sides, and only
    # in part: a session near the limit is judged when it is laid out.
    length_ms = max(windows_ms(routine, 1.0), said_ms // 4)
    if length_ms > MAX_SESSION_MS:
        mark = next(tree.marks[key][0] for key in ("sections", "exercises") if key in tree)
        hours = f"{length_ms / 3_600_000:,.1f} hours"
        yield Problem(
            mark=mark, message=f"at its longest this session lasts {hours}; the limit is 12 hours"
        )


_PARTS: dict[str, type[BaseModel]] = {
    "pace": schema.PaceKeys,
    "phases": schema.PhaseKeys,
    "setup": schema.InstructionKeys,
    "tips": schema.TipKeys,
    "exercises": schema.ExerciseKeys,
    "sections": schema.SectionKeys,
    "step hold": schema.HoldStep,
    "step reps": schema.RepsStep,
    "step breaths": schema.BreathsStep,
    "step time": schema.TimeStep,
    "step move": schema.MoveStep,
    "step repeat": schema.RepeatStep,
}
_KEYS_OF_STEPS = {
    "say", "release", "phases", "inhale", "exhale", "hold_full", "hold_empty", "in", "out",
    "move", "repeat",
}  # fmt: skip


def _unknown_key(loc: Sequence[str | int]) -> str:
    wrong = str(loc[-1])
    part = next((str(part) for part in reversed(loc[:-1]) if part in _PARTS), "")
    found = _PARTS.get(part, schema.RoutineKeys)
    known = {field.alias or name for name, field in found.model_fields.items()}
    hint = did_you_mean(wrong, known)
    if found is schema.ExerciseKeys and wrong in _KEYS_OF_STEPS:
        hint = f" It belongs to a work step: write work: [{{..., {wrong}: ...}}]"
    where = f" in a {part.removeprefix(_STEP_TAG)} step" if part.startswith(_STEP_TAG) else ""
    hint = hint or f" Known keys: {', '.join(sorted(known))}."
    return f"'{wrong}' is not a key that can be used here{where}.{hint}"


class _Converter:
    """Turn checked keys into the model, filling in what was left out."""

    def __init__(self, keys: schema.RoutineKeys, marks: Iterator[Mark]) -> None:
        self.pace = keys.pace
        self.language = keys.language
        self.marks = marks
        """The place of each exercise, in the order in which they are converted."""

    def section(self, keys: schema.SectionKeys) -> model.Section:
        return model.Section(
            title=keys.title,
            intro=keys.intro,
            rounds=keys.rounds,
            bed=keys.bed,
            exercises=self.exercises(keys.exercises),
        )

    def exercises(self, listed: tuple[schema.ExerciseKeys, ...]) -> tuple[model.Exercise, ...]:
        return tuple(self.exercise(keys) for keys in listed)

    def exercise(self, keys: schema.ExerciseKeys) -> model.Exercise:
        return model.Exercise(
            id=keys.use or slug(keys.name),
            name=keys.name,
            position=keys.position,
            setup=tuple(model.Instruction(say=one.say, wait_ms=one.wait) for one in keys.setup),
            work=tuple(self.step(step, keys.tempo or self.pace.tempo) for step in _work(keys)),
            sides=_sides(keys.sides),
            sets=keys.sets,
            transition_ms=keys.transition or self.pace.transition,
            rest_ms=self.pace.rest if keys.rest is None else keys.rest,
            switch_ms=keys.switch or self.pace.switch or _switch_ms(keys.position),
            lead=model.Lead(keys.lead or model.Lead.SIDE),
            recap=keys.recap,
            feel=keys.feel,
            why=keys.why,
            exit=keys.exit,
            frequency=keys.frequency,
            tips=tuple(
                model.Tip(say=one.say, when=model.TipTime(one.when or model.TipTime.ANY))
                for one in keys.tips
            ),
            easier=keys.easier,
            harder=keys.harder,
            caution=keys.caution,
            focus=keys.focus,
            source=keys.source,
            stage=model.Stage(keys.stage) if keys.stage else None,
            equipment=keys.equipment,
            figure=keys.figure or keys.use,
            mark=next(self.marks, None),
        )

    def step(self, keys: schema.StepKeys, tempo: int | tuple[int, ...]) -> model.Step:
        match keys:
            case schema.HoldStep():
                return model.Hold(
                    duration=keys.hold, say=keys.say, release=keys.release, name=keys.name
                )
            case schema.RepsStep():
                return self.reps(keys, keys.tempo or tempo)
            case schema.BreathsStep():
                return model.Breaths(
                    count=keys.breaths,
                    inhale_ms=keys.inhale,
                    hold_full_ms=keys.hold_full,
                    exhale_ms=keys.exhale,
                    hold_empty_ms=keys.hold_empty,
                    breathe_in=keys.in_,
                    breathe_out=keys.out,
                    release=keys.release,
                )
            case schema.TimeStep():
                return model.Time(duration=keys.time, say=keys.say)
            case schema.MoveStep():
                return model.Move(length_ms=keys.move, say=keys.say)
            case schema.RepeatStep():
                return model.Repeat(
                    count=keys.repeat, work=tuple(self.step(step, tempo) for step in keys.work)
                )

    def reps(self, keys: schema.RepsStep, tempo: int | tuple[int, ...]) -> model.Reps:
        phases = tuple(model.Phase(say=phase.say, length_ms=phase.for_) for phase in keys.phases)
        if isinstance(tempo, tuple):
            phases = phases or self.phases(tempo)
            tempo = sum(tempo)
        tempo_ms = sum(phase.length_ms for phase in phases) or tempo
        return model.Reps(count=keys.reps, tempo_ms=tempo_ms, phases=phases, release=keys.release)

    def phases(self, lengths_ms: tuple[int, ...]) -> tuple[model.Phase, ...]:
        """Name the four phases of a tempo such as 4-1-2-1; those of no length are left out."""
        # English for a language that is unknown; the file is refused for that, too.
        pack = language(self.language if self.language in all_languages() else "en")
        return tuple(
            model.Phase(say=say, length_ms=length_ms)
            for say, length_ms in zip(pack.tempo, lengths_ms, strict=True)
            if length_ms
        )


def _switch_ms(position: str | None) -> int:
    """Choose the time to change sides: longer on the floor, where one has to turn over."""
    return FLOOR_SWITCH_MS if position in model.FLOOR else SWITCH_MS


def _work(keys: schema.ExerciseKeys) -> tuple[schema.StepKeys, ...]:
    """List an exercise's steps; the short form is one step."""
    for key, kind in schema.SHORT_FORMS.items():
        value = getattr(keys, key)
        if value is not None:
            return (kind.model_construct(**{key: value}),)
    return keys.work or ()


def slug(name: str) -> str:
    """Turn a name into an id: lower case, dashes between words."""
    return "-".join(re.findall(r"\w+", name.lower()))


def _sides(value: Any) -> model.Sides | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return model.Sides(order=model.SideOrder.EACH, labels=value)
    return model.Sides(order=model.SideOrder(value), labels=None)
