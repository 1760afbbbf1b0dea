"""Check the rules of the format that concern more than one key, on the located tree.

They leave it to the schema to check single values, so that all problems of a file show at once.
"""

from collections.abc import Iterable, Iterator
from string import Formatter
from typing import Any

from stretchaudio.errors import Mark, Problem, did_you_mean
from stretchaudio.language import language
from stretchaudio.routine.schema import WORK_KEYS
from stretchaudio.routine.values import BadValueError, duration_ms
from stretchaudio.util.located_yaml import LocatedDict, LocatedList


def broken_rules(tree: LocatedDict, languages: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for every rule that a routine breaks.

    Args:
        tree: The routine, `use` already replaced.
        languages: The language codes that have a phrase pack.
    """
    yield from _one_form(tree)
    known = tuple(languages)
    yield from _language(tree, known)
    yield from _phrases_of_its_own(tree, known)
    for exercises in exercise_lists(tree):
        for exercise in exercises:
            if isinstance(exercise, LocatedDict):
                yield from _exercise(exercise)


def exercise_lists(tree: LocatedDict) -> Iterator[LocatedList]:
    """Yield every list of exercises in a routine."""
    sections = tree.get("sections")
    for part in [tree, *(sections if isinstance(sections, LocatedList) else [])]:
        if isinstance(part, LocatedDict) and isinstance(part.get("exercises"), LocatedList):
            yield part["exercises"]


def _one_form(tree: LocatedDict) -> Iterator[Problem]:
    given = [key for key in ("sections", "exercises") if key in tree]
    if len(given) != 1:
        which = "both 'sections' and 'exercises'" if given else "neither 'sections' nor 'exercises'"
        mark = tree.marks[given[1]][0] if given else tree.mark
        yield Problem(
            mark=mark,
            message=f"a routine has either sections or exercises, and this one has {which}",
        )
    for key in given:
        if tree[key] is None:
            yield Problem(
                mark=tree.marks[key][0],
                message=f"there is nothing under '{key}'; put at least one entry in it",
            )


def _language(tree: LocatedDict, known: tuple[str, ...]) -> Iterator[Problem]:
    code = tree.get("language")
    if isinstance(code, str) and code not in known:
        message = (
            f"there are no phrases for the language '{code}'; there are for {', '.join(known)}"
        )
        yield Problem(mark=tree.marks["language"][1], message=message)


def _phrases_of_its_own(tree: LocatedDict, known: tuple[str, ...]) -> Iterator[Problem]:
    """Check that a routine's own phrases are in the pack, with no other placeholders."""
    phrases, code = tree.get("phrases"), tree.get("language", "en")
    if not isinstance(phrases, LocatedDict) or code not in known:
        return
    pack = language(code)
    for key, value in phrases.items():
        mark, value_mark = phrases.marks[key]
        if key not in pack.phrases:
            yield Problem(
                mark=mark, message=f"there is no phrase '{key}'.{did_you_mean(key, pack.phrases)}"
            )
            continue
        for text in _texts(value):
            problem = _placeholders(text, key, pack.fields(key))
            if problem:
                yield Problem(mark=value_mark, message=problem)


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of a phrase, whatever its form."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _placeholders(text: str, key: str, allowed: frozenset[str]) -> str:
    """Say what is wrong with the braces in a phrase; empty if they are fine."""
    can = f"'{key}' has no placeholders"
    if allowed:
        can = f"'{key}' can have {', '.join(f'{{{name}}}' for name in sorted(allowed))}"
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return f"a brace without its partner; {can}"
    wrong = [
        name
        for _, name, form, conversion in parts
        if name is not None and (name not in allowed or form or conversion)
    ]
    return f"{{{wrong[0]}}} cannot be filled in here; {can}" if wrong else ""


def _exercise(exercise: LocatedDict) -> Iterator[Problem]:
    given = [key for key in WORK_KEYS if exercise.get(key) is not None]
    if len(given) != 1:
        has = f"has {' and '.join(given)}; keep one" if given else "has none"
        mark = exercise.marks[given[1]][0] if given else exercise.mark
        needs = "an exercise needs exactly one of work, hold, reps, breaths or time"
        yield Problem(mark=mark, message=f"{needs}, and this one {has}")
    steps = list(_reps_steps(exercise))
    if exercise.get("sides") == "alternate" and given and not steps:
        message = "'alternate' takes turns rep by rep, and there are no reps here; write each"
        yield Problem(mark=exercise.marks["sides"][1], message=message)
    for step in steps:
        yield from _phases(step, exercise)


def _reps_steps(table: LocatedDict) -> Iterator[LocatedDict]:
    """Yield every step of an exercise that has reps; in the short form, the exercise itself."""
    if "reps" in table:
        yield table
    work = table.get("work")
    for step in work if isinstance(work, LocatedList) else []:
        if isinstance(step, LocatedDict):
            yield from _reps_steps(step)


def _phases(step: LocatedDict, exercise: LocatedDict) -> Iterator[Problem]:
    phases = step.get("phases")
    asked_ms = _length_ms(step.get("tempo") or exercise.get("tempo"))
    if not isinstance(phases, LocatedList) or asked_ms is None:
        return
    lengths_ms = [
        _length_ms(phase.get("for")) for phase in phases if isinstance(phase, LocatedDict)
    ]
    total_ms = sum(length_ms or 0 for length_ms in lengths_ms)
    if len(lengths_ms) == len(phases) and None not in lengths_ms and total_ms != asked_ms:
        lengths = f"the phases add up to {total_ms / 1000:g}s but a rep lasts {asked_ms / 1000:g}s"
        mark: Mark = step.marks["phases"][1]
        yield Problem(mark=mark, message=f"{lengths}; make them equal, or leave out the tempo")


def _length_ms(value: Any) -> int | None:
    """Read a length; None for one that cannot be read, of which the schema complains."""
    try:
        return duration_ms(value) if isinstance(value, str) else None
    except BadValueError:
        return None
