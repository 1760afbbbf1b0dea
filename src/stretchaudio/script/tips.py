"""Choose the lines that a coach says while one works: tips, where to feel it, another way."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from stretchaudio.routine.model import Exercise, Tip, TipTime
from stretchaudio.script.estimate import spoken_ms

SILENT_FROM_SET = 3
"""From this set on nothing new is said: first the form, then the breath, then quiet."""
MOST_TIMES = 2
"""How often a tip may be heard in one long window."""
_ON_EACH_SIDE = {TipTime.SAFETY, TipTime.EVERY_SIDE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A place in the work at which something can be said."""

    side: int
    """0 for the first side, 1 for the other."""
    set_: int
    """The number of the set, from 1."""
    sets: int
    """The number of sets in all."""
    room_ms: int
    """How long the line may be."""
    is_late: bool = False
    """In the second half of a long window."""
    is_long: bool = False
    """In a window so long that a line may come again in its second half."""


class TipQueue:
    """Hold the lines of one exercise, and hand out each where it helps.

    Args:
        exercise: The exercise.
        lines: Lines that come after its safety tips and before all others, once: where to feel it,
            an easier way.
        turned: Swaps the sides in a line, for the second side.
    """

    def __init__(
        self, exercise: Exercise, lines: Iterable[str], turned: Callable[[str], str]
    ) -> None:
        self.lines = list(lines)
        self.tips = exercise.tips
        self.turned = turned
        self.said: Counter[tuple[Tip, int]] = Counter()

    def take(self, moment: Moment) -> str:
        """Choose a line for a moment; empty when there is none."""
        line = self._take(moment)
        return self.turned(line) if moment.side else line

    def _take(self, moment: Moment) -> str:
        for tip in self._safety(moment):
            if spoken_ms(tip.say) <= moment.room_ms:
                self.said[tip, moment.side] += 1
                return tip.say
        for line in self.lines:
            if spoken_ms(line) <= moment.room_ms:
                self.lines.remove(line)
                return line
        for tip in self._open(moment):
            if spoken_ms(tip.say) <= moment.room_ms:
                self.said[tip, moment.side] += 1
                return tip.say
        return ""

    def _safety(self, moment: Moment) -> Iterator[Tip]:
        """List the tips that each side has to hear and this one has not heard yet."""
        for tip in self.tips:
            if tip.when in _ON_EACH_SIDE and not self.said[tip, moment.side]:
                yield tip

    def _open(self, moment: Moment) -> Iterator[Tip]:
        """List the other tips that may be said, the best first."""
        if moment.set_ >= SILENT_FROM_SET:
            return
        fitting = {TipTime.ANY}
        fitting |= {TipTime.LATE} if moment.is_late or moment.set_ == moment.sets else set()
        fitting |= {TipTime.FIRST} if moment.set_ == 1 else set()
        rest = [tip for tip in self.tips if tip.when in fitting]
        counts = {tip: self.said[tip, 0] + self.said[tip, 1] for tip in rest}
        fewest = min(counts.values(), default=0)
        for tip in rest:
            again = moment.is_long and moment.is_late and counts[tip] == fewest < MOST_TIMES
            if counts[tip] == 0 or again:
                yield tip
