"""A routine's text to a checked `Routine`, or to all of its problems at once."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from stretchaudio.errors import Mark, Problem, RoutineError, perhaps
from stretchaudio.routine import model, schema, yamltree
from stretchaudio.routine.length import windows_ms
from stretchaudio.routine.values import MAX_SESSION_MS, Range
from stretchaudio.routine.yamltree import Items, Table

_TEXTS = {
    "missing": "'{key}' is missing; add it",
    "model_type": "expected keys with values, such as 'name: Back stretch'",
    "too_short": "the list is empty; put at least one entry in it",
}
_STEP_TAG = "step "


def parse_routine(text: str, *, file: str, library: Mapping[str, Table], languages: Iterable[str]) -> model.Routine:
    """Read and check one routine.

    Args:
        text: The YAML text.
        file: The file's name, for messages; its stem becomes the routine's id.
        library: The exercises that `use` can name, by id.
        languages: The language codes that have a phrase pack.

    Raises:
        RoutineError: With every problem found.
    """
    tree = yamltree.parse(text, file)
    problems = list(_replace_uses(tree, library))
    keys = _validate(tree, problems)
    routine = _Converter(tree, problems).routine(keys, Path(file).stem, tuple(languages))
    if problems:
        raise RoutineError(problems)
    return routine


def _replace_uses(tree: Table, library: Mapping[str, Table]) -> Iterable[Problem]:
    """Put the library's keys in place of each `use`, in the tree itself."""
    for exercises in _exercise_lists(tree):
        for exercise in exercises:
            if not isinstance(exercise, Table) or "use" not in exercise:
                continue
            name, mark = exercise.pop("use"), exercise.marks.pop("use")[1]
            found = library.get(name) if isinstance(name, str) else None
            if found is None:
                yield Problem(mark=mark, message=f"there is no exercise '{name}' in the library.{perhaps(str(name), library)}")
                found = _stand_in(mark)
            _add_missing(exercise, found)


def _exercise_lists(tree: Table) -> Iterable[Items]:
    sections = tree.get("sections")
    for part in [tree, *(sections if isinstance(sections, Items) else [])]:
        if isinstance(part, Table) and isinstance(part.get("exercises"), Items):
            yield part["exercises"]


def _stand_in(mark: Mark) -> Table:
    """Something valid in place of an unknown exercise, so that the rest of the file is still checked."""
    table = Table(mark)
    table.put("name", "unknown", (mark, mark))
    table.put("hold", "10s", (mark, mark))
    return table


def _add_missing(exercise: Table, found: Table) -> None:
    work_is_given = any(key in exercise for key in ("work", *schema.SHORT_FORMS))
    for key, value in found.items():
        if key in exercise or (work_is_given and key in {"work", *schema.SHORT_FORMS}):
            continue
        exercise.put(key, value, found.marks[key])


def _validate(tree: Table, problems: list[Problem]) -> schema.RoutineKeys:
    try:
        keys = schema.RoutineKeys.model_validate(tree)
    except ValidationError as error:
        problems += [_problem(tree, one) for one in error.errors(include_url=False)]
        raise RoutineError(problems) from None
    return keys


def _problem(tree: Table, error: Any) -> Problem:
    loc: tuple[str | int, ...] = error["loc"]
    kind = error["type"]
    if kind == "extra_forbidden":
        return Problem(mark=_mark(tree, loc, key=True), message=_unknown_key(loc))
    if kind == "missing":
        return Problem(mark=_mark(tree, loc[:-1]), message=_TEXTS[kind].format(key=loc[-1]))
    if kind == "value_error":
        return Problem(mark=_mark(tree, loc), message=str(error["ctx"]["error"]))
    return Problem(mark=_mark(tree, loc), message=_TEXTS.get(kind, error["msg"]))


def _mark(tree: Table, loc: Sequence[str | int], *, key: bool = False) -> Mark:
    """Where the thing at a pydantic location stands; tags of pydantic's own in the location are passed over."""
    here: Any = tree
    mark = tree.mark
    for part in loc:
        if isinstance(here, Table) and part in here:
            mark = here.marks[str(part)][0 if key and part == loc[-1] else 1]
            here = here[str(part)]
        elif isinstance(here, Items) and isinstance(part, int) and part < len(here):
            mark = here.marks[part]
            here = here[part]
    return mark


_PARTS = {
    "pace": schema.PaceKeys,
    "phases": schema.PhaseKeys,
    "exercises": schema.ExerciseKeys,
    "sections": schema.SectionKeys,
    "step hold": schema.HoldStep,
    "step reps": schema.RepsStep,
    "step breaths": schema.BreathsStep,
    "step time": schema.TimeStep,
    "step move": schema.MoveStep,
    "step repeat": schema.RepeatStep,
}


def _unknown_key(loc: Sequence[str | int]) -> str:
    wrong = str(loc[-1])
    part = next((str(part) for part in reversed(loc[:-1]) if part in _PARTS), "")
    found = _PARTS.get(part, schema.RoutineKeys)
    known = {field.alias or name for name, field in found.model_fields.items()}
    tip = perhaps(wrong, known)
    if found is schema.ExerciseKeys and wrong in {"say", "release", "phases", "inhale", "exhale", "move", "repeat"}:
        tip = f" It belongs to a work step: write work: [{{..., {wrong}: ...}}]"
    where = f" in a {part.removeprefix(_STEP_TAG)} step" if part.startswith(_STEP_TAG) else ""
    return f"'{wrong}' is not a key that can be used here{where}.{tip or ' Known keys: ' + ', '.join(sorted(known)) + '.'}"


class _Converter:
    """Turns checked keys into the model, and checks what needs more than one key to see."""

    def __init__(self, tree: Table, problems: list[Problem]) -> None:
        self.tree = tree
        self.problems = problems

    def complain(self, loc: Sequence[str | int], message: str, *, key: bool = False) -> None:
        self.problems.append(Problem(mark=_mark(self.tree, loc, key=key), message=message))

    def routine(self, keys: schema.RoutineKeys, routine_id: str, languages: tuple[str, ...]) -> model.Routine:
        if keys.language not in languages:
            known = ", ".join(sorted(languages))
            self.complain(["language"], f"there are no phrases for the language '{keys.language}'; there are for {known}")
        if (keys.sections is None) == (keys.exercises is None):
            which = "both 'sections' and 'exercises'" if keys.sections else "neither 'sections' nor 'exercises'"
            self.complain(["exercises"], f"a routine has either sections or exercises, and this one has {which}", key=True)
        routine = model.Routine(
            id=routine_id,
            title=keys.title,
            summary=keys.summary,
            language=keys.language,
            focus=keys.focus,
            equipment=keys.equipment,
            source=keys.source,
            intro=keys.intro,
            outro=keys.outro,
            sections=tuple(self.sections(keys)),
        )
        if windows_ms(routine, 1.0) > MAX_SESSION_MS:
            hours = windows_ms(routine, 1.0) / 3_600_000
            key = "sections" if keys.sections else "exercises"
            self.complain([key], f"at its longest this session lasts {hours:.1f} hours; the limit is 12 hours", key=True)
        return routine

    def sections(self, keys: schema.RoutineKeys) -> Iterable[model.Section]:
        if keys.exercises is not None:
            exercises = self.exercises(keys.exercises, keys.pace, ["exercises"])
            yield model.Section(title=None, rounds=1, exercises=exercises)
        for at, section in enumerate(keys.sections or ()):
            exercises = self.exercises(section.exercises, keys.pace, ["sections", at, "exercises"])
            yield model.Section(title=section.title, rounds=section.rounds, exercises=exercises)

    def exercises(
        self, listed: tuple[schema.ExerciseKeys, ...], pace: schema.PaceKeys, loc: list[str | int]
    ) -> tuple[model.Exercise, ...]:
        return tuple(self.exercise(keys, pace, [*loc, at]) for at, keys in enumerate(listed))

    def exercise(self, keys: schema.ExerciseKeys, pace: schema.PaceKeys, loc: list[str | int]) -> model.Exercise:
        work = self.work(keys, pace, loc)
        sides = _sides(keys.sides)
        if sides is not None and sides.turns is model.Turns.ALTERNATE and not _has_reps(work):
            self.complain([*loc, "sides"], "'alternate' takes turns rep by rep, and there are no reps here; write each")
        return model.Exercise(
            name=keys.name,
            position=keys.position,
            setup=keys.setup,
            work=work,
            sides=sides,
            sets=keys.sets,
            transition_ms=keys.transition or pace.transition,
            rest_ms=keys.rest or pace.rest,
            switch_ms=keys.switch or pace.switch,
            tips=keys.tips,
            easier=keys.easier,
            harder=keys.harder,
            caution=keys.caution,
            focus=keys.focus,
            source=keys.source,
        )

    def work(self, keys: schema.ExerciseKeys, pace: schema.PaceKeys, loc: list[str | int]) -> tuple[model.Step, ...]:
        tempo_ms = keys.tempo or pace.tempo
        given = [key for key in ("work", *schema.SHORT_FORMS) if getattr(keys, key) is not None]
        if len(given) != 1:
            choice = "work, hold, reps, breaths or time"
            has = f"has {' and '.join(given)}; keep one" if given else "has none"
            self.complain(loc, f"an exercise needs exactly one of {choice}, and this one {has}")
        if keys.work is not None:
            return tuple(self.step(step, keys.tempo, tempo_ms, [*loc, "work", at]) for at, step in enumerate(keys.work))
        if keys.hold is not None:
            return (model.Hold(length_ms=keys.hold, say=None, release=None, name=None),)
        if keys.reps is not None:
            return (model.Reps(count=keys.reps, tempo_ms=tempo_ms, phases=()),)
        if keys.breaths is not None:
            return (model.Breaths(count=keys.breaths, inhale_ms=4000, exhale_ms=6000),)
        return (model.Time(length_ms=keys.time or Range(low=1000, high=1000), say=None),)

    def step(self, keys: Any, asked_tempo_ms: int | None, tempo_ms: int, loc: list[str | int]) -> model.Step:
        match keys:
            case schema.HoldStep():
                return model.Hold(length_ms=keys.hold, say=keys.say, release=keys.release, name=keys.name)
            case schema.RepsStep():
                return self.reps(keys, asked_tempo_ms, tempo_ms, loc)
            case schema.BreathsStep():
                return model.Breaths(count=keys.breaths, inhale_ms=keys.inhale, exhale_ms=keys.exhale)
            case schema.TimeStep():
                return model.Time(length_ms=keys.time, say=keys.say)
            case schema.MoveStep():
                return model.Move(length_ms=keys.move, say=keys.say)
            case schema.RepeatStep():
                work = tuple(self.step(step, asked_tempo_ms, tempo_ms, [*loc, "work", at]) for at, step in enumerate(keys.work))
                return model.Repeat(count=keys.repeat, work=work)
        _unreachable(keys)

    def reps(self, keys: schema.RepsStep, asked_tempo_ms: int | None, tempo_ms: int, loc: list[str | int]) -> model.Reps:
        phases = tuple(model.Phase(say=phase.say, length_ms=phase.for_) for phase in keys.phases)
        total_ms = sum(phase.length_ms for phase in phases)
        asked_ms = keys.tempo or asked_tempo_ms
        if phases and asked_ms is not None and total_ms != asked_ms:
            self.complain(
                [*loc, "phases"],
                f"the phases add up to {total_ms / 1000:g}s but a rep lasts {asked_ms / 1000:g}s; make them equal, or leave out the tempo",
            )
        return model.Reps(count=keys.reps, tempo_ms=total_ms or keys.tempo or tempo_ms, phases=phases)


def _sides(value: Any) -> model.Sides | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return model.Sides(turns=model.Turns.EACH, labels=value)
    return model.Sides(turns=model.Turns(value), labels=None)


def _has_reps(work: tuple[model.Step, ...]) -> bool:
    return any(isinstance(step, model.Reps) or (isinstance(step, model.Repeat) and _has_reps(step.work)) for step in work)


def _unreachable(keys: object) -> NoReturn:
    raise AssertionError(f"a step the schema accepted has no model: {keys!r}")
