"""Whether a year of composed sessions is valid, as long as asked, and never the same twice.

For six wishes and five lengths, a session a day, each told of the three before it.
"""

import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise, product
from multiprocessing import Pool
from statistics import median

from stretchaudio.errors import UsageError
from stretchaudio.routine.compose import compose
from stretchaudio.routine.compose.wishes import Wishes
from stretchaudio.routine.library import read_exercises
from stretchaudio.routine.lint import lint
from stretchaudio.script.by_ear import lint_by_ear
from stretchaudio.script.write import track_ms

REMEMBERED = 3
MINUTES = (5, 10, 15, 20, 30)
WISHES = {
    "whatever": {},
    "lower back": {"focus": ("lower back",)},
    "lower back, no neck, standing, nothing": {
        "focus": ("lower back",),
        "avoid": ("neck",),
        "equipment": frozenset(),
        "positions": frozenset({"standing"}),
    },
    "neck and shoulders, seated": {
        "focus": ("neck", "shoulders"),
        "positions": frozenset({"seated"}),
    },
    "hips and legs, standing and floor": {
        "focus": ("hips", "legs"),
        "positions": frozenset({"standing", "floor"}),
    },
    "upper back, no knees": {"focus": ("upper back",), "avoid": ("knees",)},
}


@dataclass
class Year:
    """What was measured on the sessions of one wish and length."""

    refused: int = 0
    warned: int = 0
    twice: int = 0
    off: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)
    ids: list[list[str]] = field(default_factory=list)

    def compose(self, wishes: Wishes, seed: int) -> None:
        """Compose and judge one session."""
        exercises, previous = read_exercises(), self.ids[: -REMEMBERED - 1 : -1]
        begin = time.process_time()
        try:
            composed = compose(
                wishes, seed=seed, length_ms=track_ms, previous=previous, exercises=exercises
            )
        except UsageError:
            self.refused += 1
            return
        self.seconds.append(time.process_time() - begin)
        routine = composed.routine
        ids = [one.id for one in routine.exercises]
        self.warned += bool([*lint(routine), *lint_by_ear(routine)])
        self.twice += len(set(ids)) < len(ids)
        self.off.append(abs(track_ms(routine) / wishes.target_ms - 1))
        if self.ids:
            self.pairs.append(len(set(pairwise(ids)) & set(pairwise(self.ids[-1]))))
        self.ids.append(ids)


def year(task: tuple[str, int, int]) -> tuple[str, int, Year]:
    """Compose all days of one wish and length."""
    name, minutes, days = task
    found = Year()
    for seed in range(days):
        found.compose(Wishes(minutes=minutes, **WISHES[name]), seed)
    return name, minutes, found


def main() -> None:
    """Print a line for each wish and length; the number of days may be given."""
    days = int(sys.argv[1]) if sys.argv[1:] else 365
    with Pool(2) as pool:
        for name, minutes, found in pool.imap(year, product(WISHES, MINUTES, [days])):
            print(
                f"{name}, {minutes} min: {len(found.ids)} of {days}, {found.refused} refused, "
                f"{found.warned} warned of, {found.twice} with an exercise twice; "
                f"off by {max(found.off, default=0):.2%} at most; "
                f"{max(found.pairs, default=0)} pairs shared at most, "
                f"{sum(one > 1 for one in found.pairs)} days with more than one; "
                f"{median(found.seconds):.2f} s, {max(found.seconds):.2f} s at most; "
                f"{len({tuple(ids) for ids in found.ids})} different",
                flush=True,
            )


if __name__ == "__main__":
    main()
