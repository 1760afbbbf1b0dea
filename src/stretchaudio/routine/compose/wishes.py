"""Say what a session should be like: how long, for which parts, in which positions."""

import re
from dataclasses import dataclass, replace

from stretchaudio.errors import UsageError
from stretchaudio.routine.model import FLOOR

SHORTEST_MIN, LONGEST_MIN = 4, 60
ON_THE_FLOOR = "floor"
"""Stands for every position on the floor."""
SITTING_LOW = "seated on the floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is asked of a session; empty stands for any."""

    minutes: float
    """How long the track is to last."""
    focus: tuple[str, ...] = ()
    """Parts of the body that it is for."""
    avoid: tuple[str, ...] = ()
    """Parts of the body that are to be spared."""
    equipment: frozenset[str] | None = None
    """What is at hand; None for whatever is needed, empty for nothing."""
    positions: frozenset[str] = frozenset()
    """The only positions."""
    like: tuple[str, ...] = ()
    """Exercises that should be in it, by id."""
    never: tuple[str, ...] = ()
    """Exercises that must not be in it, by id."""

    def __post_init__(self) -> None:
        if not SHORTEST_MIN <= self.minutes <= LONGEST_MIN:
            raise UsageError(
                f"A session of {self.minutes:g} minutes cannot be composed.",
                hint=f"Ask for {SHORTEST_MIN} to {LONGEST_MIN} minutes.",
            )

    def lasting(self, minutes: float) -> "Wishes":
        """Give the same wishes for another length."""
        return replace(self, minutes=minutes)

    @property
    def target_ms(self) -> int:
        """The length asked for."""
        return round(self.minutes * 60_000)

    @property
    def places(self) -> frozenset[str]:
        """The only positions, with the floor's spelt out."""
        floor = FLOOR | {SITTING_LOW} if ON_THE_FLOOR in self.positions else frozenset()
        return (self.positions - {ON_THE_FLOOR}) | floor


def read_wishes(text: str) -> Wishes:
    """Read `15 lower back`: minutes, and the parts of the body, with commas between them.

    Raises:
        UsageError: If it does not begin with minutes that a session can have.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:min(?:utes)?\b)?\s*(.*)", text)
    if found is None:
        hint = "Write minutes and parts of the body, such as --compose '15 lower back'."
        raise UsageError(f"'{text}' does not begin with a number of minutes.", hint=hint)
    parts = (part.strip().lower() for part in found[2].split(","))
    return Wishes(minutes=float(found[1]), focus=tuple(part for part in parts if part))
