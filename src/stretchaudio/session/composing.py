"""Compose a session of which the length is known as its script tells it."""

from collections.abc import Sequence
from random import SystemRandom

from stretchaudio.routine import compose as composing
from stretchaudio.routine.compose.wishes import Wishes, read_wishes
from stretchaudio.routine.model import Routine
from stretchaudio.script.write import track_ms

_MOST_SEEDS = 1_000_000


def seed_or_any(seed: int | None) -> int:
    """Keep a seed that is given, or draw one."""
    return SystemRandom().randrange(_MOST_SEEDS) if seed is None else seed


def compose(
    wishes: Wishes | str,
    *,
    seed: int | None = None,
    previous: Sequence[Routine] = (),
    name: str | None = None,
) -> Routine:
    """Compose a session from the library.

    Args:
        wishes: What it should be like; or minutes and parts of the body, such as `15 lower back`.
        seed: The same gives the same session; None for any.
        previous: Sessions from which it should differ, the latest first.
        name: The routine's id; None for its title.

    Raises:
        UsageError: If there is no such session, with the reason.
    """
    before = [[one.id for one in routine.exercises] for routine in previous]
    return composing.compose(
        read_wishes(wishes) if isinstance(wishes, str) else wishes,
        seed=seed_or_any(seed),
        length_ms=track_ms,
        previous=before,
        name=name,
    ).routine
