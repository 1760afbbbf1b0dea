"""Write a choice of exercises as a routine's file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from stretchaudio.routine.compose.candidates import Candidate, needs
from stretchaudio.routine.compose.wishes import Wishes
from stretchaudio.routine.library import to_yaml
from stretchaudio.routine.model import (
    Breaths,
    Exercise,
    Hold,
    Instruction,
    Move,
    Repeat,
    Reps,
    Routine,
    Section,
    Stage,
    Step,
    Time,
)
from stretchaudio.routine.parse import slug
from stretchaudio.routine.schema import SHORT_FORMS
from stretchaudio.util.located_yaml import LocatedDict

_TITLES = {
    Stage.WARM_UP: "Warm-up",
    Stage.MOBILITY: "Mobility",
    Stage.HOLDS: "Stretches",
    Stage.COOL_DOWN: "Cool-down",
}
_STAYS = ((re.compile(r"^Lie "), "Stay "), (re.compile(r"^Come onto your h"), "Stay on your h"))
"""What one is told who is in that position already."""
_EXITS = {
    "supine": "Roll onto your side, and push up to sit.",
    "prone": "Push back onto your heels, and sit up.",
}
_INTRO = (
    "Stretching may feel strong.",
    "Stop if you feel sharp pain, or pins and needles.",
)
_OUTRO = ("Well done.",)


def routine_of(chosen: Sequence[Candidate], wishes: Wishes, *, name: str | None) -> Routine:
    """Make the routine of a choice, its ranges still open.

    Args:
        chosen: The exercises in order.
        wishes: What was asked for.
        name: The routine's id; None for its title.
    """
    exercises = tuple(_as_done(chosen))
    staged = zip((one.stage for one in chosen), exercises, strict=True)
    sections = tuple(
        Section(title=_TITLES[stage], rounds=1, exercises=tuple(one for _, one in group))
        for stage, group in groupby(staged, key=lambda pair: pair[0])
    )
    parts = wishes.focus or ("whole body",)
    title = f"{_listed(parts).capitalize()}, {wishes.minutes:g} minutes"
    return Routine(
        id=name or slug(title),
        title=title,
        summary=f"{wishes.minutes:g} minutes for {_whom(parts)}, composed from the library.",
        language="en",
        focus=parts,
        equipment=tuple(sorted({thing for one in exercises for thing in needs(one)})),
        source="; ".join(dict.fromkeys(one.source for one in exercises if one.source)),
        licence=None,
        intro=_INTRO,
        purpose=None,
        outro=_OUTRO,
        sections=sections,
    )


def _whom(parts: Sequence[str]) -> str:
    return _listed(tuple(f"the {part}" for part in parts))


def _listed(parts: Sequence[str]) -> str:
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if parts[1:] else parts[0]


def _as_done(chosen: Sequence[Candidate]) -> Iterator[Exercise]:
    """Give the exercises as they follow each other: nobody who lies is told to lie down."""
    place = None
    for one in chosen:
        exercise = one.exercise
        if place == one.place and exercise.setup:
            first = exercise.setup[0]
            said = first.say
            for pattern, stay in _STAYS:
                said = pattern.sub(stay, said)
            exercise = replace(exercise, setup=(replace(first, say=said), *exercise.setup[1:]))
        if one is chosen[-1] and not exercise.exit:
            exercise = replace(exercise, exit=_EXITS.get(one.place))
        place = one.place
        yield exercise


def routine_yaml(routine: Routine, library: Mapping[str, LocatedDict], *, header: str) -> str:
    """Write a routine whose exercises all come from the library, as YAML.

    Args:
        routine: The routine; each of its ranges holds one value.
        library: The exercises by id; what is as it is there is left out.
        header: A line on how it was made.
    """
    found: dict[str, Any] = {
        "title": routine.title,
        "summary": routine.summary,
        "focus": list(routine.focus),
        "equipment": list(routine.equipment),
        "source": routine.source,
        "intro": list(routine.intro),
        "outro": list(routine.outro),
        "sections": [
            {
                "title": section.title,
                "exercises": [_uses(one, library[one.id]) for one in section.exercises],
            }
            for section in routine.sections
        ],
    }
    return f"# {header}\n{to_yaml({key: value for key, value in found.items() if value})}"


def _uses(exercise: Exercise, table: LocatedDict) -> dict[str, Any]:
    """Write an exercise as what is different from the library's."""
    setup = [_instruction(one) for one in exercise.setup]
    said = {"position": exercise.position, "exit": exercise.exit, "setup": setup}
    written: dict[str, Any] = {"use": exercise.id}
    written |= {
        key: value
        for key, value in said.items()
        if value and value != _instructions(table.get(key))
    }
    if table.get("sets", "1") != str(exercise.sets.low):
        written["sets"] = exercise.sets.low
    return written | _work(exercise.work, table)


def _instruction(one: Instruction) -> Any:
    return one.say if one.wait_ms is None else {"say": one.say, "wait": _length(one.wait_ms)}


def _instructions(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [dict(one) if isinstance(one, dict) else one for one in value]


def _work(work: tuple[Step, ...], table: LocatedDict) -> dict[str, Any]:
    key = next((key for key in SHORT_FORMS if key in table), None)
    if key is not None:
        return {key: _amount(work[0])}
    steps = table["work"]
    short = next((key for key in SHORT_FORMS if key in steps[0]), None)
    if len(steps) == 1 and short is not None:
        return {short: _amount(work[0])}
    return {"work": _steps(work, steps)}


def _steps(work: tuple[Step, ...], steps: list[Any]) -> list[dict[str, Any]]:
    """Write the library's steps with other amounts."""
    written = []
    for step, table in zip(work, steps, strict=True):
        key = next(key for key in (*SHORT_FORMS, "move", "repeat") if key in table)
        one = dict(table) | ({} if key == "move" else {key: _amount(step)})
        if isinstance(step, Repeat):
            one["work"] = _steps(step.work, table["work"])
        written.append(one)
    return written


def _amount(step: Step) -> Any:
    match step:
        case Hold() | Time():
            return _length(step.duration.low)
        case Reps() | Breaths() | Repeat():
            return step.count.low
        case Move():
            return _length(step.length_ms)


def _length(length_ms: int) -> str:
    return f"{length_ms / 1000:g}s"
