"""Warn of what cannot be followed with closed eyes."""

from collections.abc import Iterator

from stretchaudio.language import Language, language, pattern
from stretchaudio.routine.lint import LintWarning
from stretchaudio.routine.model import Exercise, Level, Routine
from stretchaudio.script.model import CueKind, Say, Window
from stretchaudio.script.write import write_script

MOST_WORDS = 14
"""A longer sentence is forgotten at its end."""


def lint_by_ear(routine: Routine) -> Iterator[LintWarning]:
    """List the sentences of exercises that are hard to follow, and tips that are never heard."""
    words = language(routine.language)
    for exercise in routine.exercises:
        for sentence in sentences_of(exercise):
            for advice in _advice(sentence, words):
                yield _warning(exercise, f"says '{sentence}': {advice}")
    yield from _unheard(routine)


def sentences_of(exercise: Exercise) -> tuple[str, ...]:
    """List what an author has written of an exercise, in the order it is spoken."""
    single = (exercise.why, exercise.recap, exercise.feel, exercise.caution, exercise.exit)
    ways = (exercise.easier, exercise.harder)
    several = (*(one.say for one in exercise.setup), *(one.say for one in exercise.tips))
    return tuple(text for text in (*several, *single, *ways) if text)


def mirrored_sentences(routine: Routine) -> Iterator[tuple[Exercise, str, str]]:
    """List each sentence that is said otherwise on the other side: exercise, sentence, other."""
    words = language(routine.language)
    for exercise in routine.exercises:
        if exercise.sides is None or exercise.sides.labels is not None:
            continue
        for sentence in sentences_of(exercise):
            other = words.mirrored(sentence)
            if other != sentence:
                yield exercise, words.with_sides(sentence), words.with_sides(other)


def _advice(sentence: str, words: Language) -> Iterator[str]:
    count = len(sentence.split())
    if count > MOST_WORDS:
        yield f"{count} words are too many to remember; make two sentences of it"
    for what, advice in words.by_ear:
        if pattern(what).search(sentence):
            yield advice


def _unheard(routine: Routine) -> Iterator[LintWarning]:
    """Find the tips that no level has time for, but for those of the library."""
    own = [one for one in routine.exercises if one.tips and one.id not in routine.uses]
    if not own:
        return
    heard = {(exercise, text) for level in Level for exercise, text in _tips_heard(routine, level)}
    with_sides = language(routine.language).with_sides
    for exercise in own:
        for tip in exercise.tips:
            if (exercise.name, with_sides(tip.say)) not in heard:
                yield _warning(
                    exercise,
                    f"never has time for the tip '{tip.say}'; shorten it, say it with the set-up, "
                    "or leave it out",
                )


def _tips_heard(routine: Routine, level: Level) -> Iterator[tuple[str, str]]:
    for item in write_script(routine, level).items:
        if isinstance(item, Window):
            for timed in item.cues:
                if timed.cue.kind is CueKind.TIP:
                    yield item.exercise, timed.cue.text
        elif isinstance(item, Say) and item.cue.kind is CueKind.TIP:
            yield item.exercise or "", item.cue.text


def _warning(exercise: Exercise, message: str) -> LintWarning:
    return LintWarning(mark=exercise.mark, message=f"'{exercise.name}' {message}.")
