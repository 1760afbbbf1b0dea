"""Compose a session from the library: wishes → candidates → a choice of least cost → a routine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from stretchaudio.errors import UsageError
from stretchaudio.language import languages
from stretchaudio.routine.compose.candidates import Candidate, suited
from stretchaudio.routine.compose.cost import Cost, Pricer
from stretchaudio.routine.compose.search import search
from stretchaudio.routine.compose.wishes import Wishes
from stretchaudio.routine.compose.write import routine_of, routine_yaml
from stretchaudio.routine.duration import windows_ms
from stretchaudio.routine.fit import at_fraction, closest
from stretchaudio.routine.library import Library, exercise_folders, read_exercises
from stretchaudio.routine.model import Exercise, Routine
from stretchaudio.routine.parse import parse_routine

NEAR = 0.02
"""How far a session may be from the length asked for, as a part of it."""
NEAR_ENOUGH = 0.01
MOST_TURNS = 4
"""How often a choice is fitted."""
MOST_CHOICES = 10
"""How often another choice is made, when one cannot have the length."""
HEADER = "Composed with stretchaudio"
"""How a composed file begins, behind its #."""
SAID_S = 5
"""Holds are multiples of it, as people say them."""
OPENING_MS = 25_000
"""What is said before the first exercise and after the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A session that was composed."""

    routine: Routine
    chosen: tuple[Candidate, ...]
    """Its exercises as they were chosen, in order."""
    pricer: Pricer
    """Gave the costs."""
    cost: Cost
    seed: int
    about_ms: int
    """How long it takes to hear, as far as that is known."""


def compose(
    wishes: Wishes,
    *,
    seed: int,
    length_ms: Callable[[Routine], int],
    previous: Sequence[Sequence[str]] = (),
    name: str | None = None,
    exercises: Sequence[Exercise] | None = None,
) -> Composition:
    """Compose a session.

    Args:
        wishes: What it should be like.
        seed: Where chance comes from: the same gives the same session.
        length_ms: Gives the length of a routine's track, as well as it is known.
        previous: The exercises of sessions before, by id, the latest first.
        name: The routine's id; None for its title.
        exercises: What to compose from; None for the library.

    Raises:
        UsageError: If there is no such session, with the reason.
    """
    candidates = suited(exercises or read_exercises(), wishes)
    random = Random(seed)  # noqa: S311
    tastes = {one.id: random.random() for one in candidates}
    said_ms = OPENING_MS
    for _ in range(MOST_CHOICES):
        pricer = Pricer(
            wishes=wishes,
            target_ms=wishes.target_ms - said_ms,
            previous=previous,
            tastes=tastes,
        )
        chosen = search(candidates, pricer, random)
        open_routine = routine_of(chosen, wishes, name=name)
        fitted, about_ms = _fitted(open_routine, wishes.target_ms, length_ms)
        if abs(about_ms - wishes.target_ms) <= NEAR * wishes.target_ms:
            return Composition(
                routine=_written(fitted, seed),
                chosen=chosen,
                pricer=pricer,
                cost=pricer.price(chosen),
                seed=seed,
                about_ms=about_ms,
            )
        said_ms += about_ms - wishes.target_ms
    raise UsageError(
        f"No session of {wishes.minutes:g} minutes was found for these wishes.",
        hint="Ask for other minutes, or for less; another --seed may find one.",
    )


def _fitted(
    routine: Routine, target_ms: int, length_ms: Callable[[Routine], int]
) -> tuple[Routine, int]:
    """Take one value of each range, so that the session has its length.

    What is said hardly depends on the values, so windows are fitted to what it leaves.
    """
    candidate = at_fraction(routine, 0.5)
    about_ms = length_ms(candidate)
    best, best_ms = candidate, about_ms
    for _ in range(MOST_TURNS):
        if abs(best_ms - target_ms) <= NEAR_ENOUGH * target_ms:
            break
        said_ms = about_ms - windows_ms(candidate, 0)
        candidate = closest(
            routine, target_ms - said_ms, lambda one: windows_ms(one, 0), second_steps=SAID_S
        )
        about_ms = length_ms(candidate)
        if abs(about_ms - target_ms) >= abs(best_ms - target_ms):
            break
        best, best_ms = candidate, about_ms
    return best, best_ms


def _written(routine: Routine, seed: int) -> Routine:
    """Write a routine and read it again, as anybody who builds its file does."""
    library = Library(exercise_folders())
    header = f"{HEADER} compose, seed {seed}. Change what you like."
    text = routine_yaml(routine, library, header=header)
    read = parse_routine(text, file=f"{routine.id}.yaml", library=library, languages=languages())
    return replace(read, id=routine.id)
