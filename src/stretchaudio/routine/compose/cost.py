"""Say how far a choice of exercises is from a good session: the cost that the search lowers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from stretchaudio.routine.compose.candidates import Candidate
from stretchaudio.routine.compose.wishes import Wishes
from stretchaudio.routine.lint import WARM_UP_MS
from stretchaudio.routine.model import Stage

SHARES = {Stage.WARM_UP: 0.15, Stage.MOBILITY: 0.3, Stage.HOLDS: 0.42, Stage.COOL_DOWN: 0.13}
"""The part of a session that each stage takes."""
FOCUS_SHARE = 0.6
"""The part of the mobility and the holds that is for what one wishes."""
FLOOR_RANK = 2
"""Places of this rank and more are on the floor."""
_FADES = 0.5
"""How much less an earlier session counts than the one after it."""


class Cost(NamedTuple):
    """What is wrong with a choice; each from 0, weighed so that a whole fault is about 1."""

    length: float
    """The length asked for is out of reach of its ranges, or far from their middle."""
    stages: float
    """A stage is missing or takes another part than usual."""
    changes: float
    """Positions change, or one has to get up from the floor."""
    cold: float
    """A deep hold comes before a minute of movement."""
    focus: float
    """Too little is for the parts wished for."""
    balance: float
    """The parts of the body get unlike shares."""
    likes: float
    """A liked exercise is missing."""
    again: float
    """Exercises and pairs of them were in sessions before."""
    taste: float
    """The seed's own liking, so that seeds differ."""

    @property
    def total(self) -> float:
        """The number that the search lowers."""
        return sum(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricer:
    """Price choices for some wishes."""

    wishes: Wishes
    target_ms: int
    """The length asked for, as the candidates measure it."""
    previous: Sequence[Sequence[str]]
    """The exercises of sessions before, the latest first."""
    tastes: Mapping[str, float]
    """From 0 to 1 for each exercise."""

    def price(self, chosen: Sequence[Candidate]) -> Cost:
        """Price a choice, in the order in which it is done."""
        return Cost(
            length=self._length(chosen),
            stages=_stages(chosen),
            changes=_changes(chosen),
            cold=_cold(chosen),
            focus=self._focus(chosen),
            balance=self._balance(chosen),
            likes=3.0 * len(set(self.wishes.like) - {one.id for one in chosen}),
            again=self._again([one.id for one in chosen]),
            taste=0.06 * sum(self.tastes[one.id] for one in chosen),
        )

    def _length(self, chosen: Sequence[Candidate]) -> float:
        shortest = sum(one.shortest_ms for one in chosen)
        usual = sum(one.usual_ms for one in chosen)
        longest = sum(one.longest_ms for one in chosen)
        outside = max(0, shortest - self.target_ms, self.target_ms - longest)
        return 20 * outside / self.target_ms + abs(usual - self.target_ms) / self.target_ms

    def _focus(self, chosen: Sequence[Candidate]) -> float:
        if not self.wishes.focus:
            return 0.0
        main = [one for one in chosen if one.stage in {Stage.MOBILITY, Stage.HOLDS}]
        whole = sum(one.usual_ms for one in main) or 1
        wished = sum(one.usual_ms for one in main if one.is_wished)
        return 4 * max(0.0, FOCUS_SHARE - wished / whole)

    def _balance(self, chosen: Sequence[Candidate]) -> float:
        shares: dict[str, float] = {}
        for one in chosen:
            for part in one.parts:
                shares[part] = shares.get(part, 0.0) + one.usual_ms / len(one.parts)
        whole = sum(shares.values()) or 1
        weight = 0.5 if self.wishes.focus else 1.5
        return weight * sum((share / whole) ** 2 for share in shares.values())

    def _again(self, ids: Sequence[str]) -> float:
        cost, weight, pairs = 0.0, 1.0, set(pairwise(ids))
        for before in self.previous:
            shared = len(pairs & set(pairwise(before)))
            cost += weight * (0.5 * shared + 0.04 * len(set(ids) & set(before)))
            weight *= _FADES
        return cost


def _stages(chosen: Sequence[Candidate]) -> float:
    times = dict.fromkeys(Stage, 0)
    for one in chosen:
        times[one.stage] += one.usual_ms
    whole = sum(times.values()) or 1
    missing = sum(time_ms == 0 for time_ms in times.values())
    return 5 * missing + 3 * sum((times[stage] / whole - SHARES[stage]) ** 2 for stage in Stage)


def _changes(chosen: Sequence[Candidate]) -> float:
    changes = sum(before.place != after.place for before, after in pairwise(chosen))
    is_down, ups = False, 0
    for one in chosen:
        is_down = is_down or one.rank >= FLOOR_RANK
        ups += is_down and one.rank < FLOOR_RANK
    return 0.06 * changes + 3.0 * ups


def _cold(chosen: Sequence[Candidate]) -> float:
    moved_ms = 0
    for one in chosen:
        if one.is_deep:
            return 5.0 if moved_ms < WARM_UP_MS else 0.0
        moved_ms += one.moves_ms
    return 0.0
