"""Search for the choice of least cost: from a seed, by changes that are kept while they help."""

import math
from collections.abc import Sequence
from random import Random

from stretchaudio.routine.compose.candidates import Candidate
from stretchaudio.routine.compose.cost import Pricer
from stretchaudio.routine.model import Stage

STEPS = 700
"""More than these lowered the cost by less than the seeds differ."""
WARMEST, COLDEST = 0.4, 0.005
"""How much worse a change may be at the beginning and at the end, to get out of dead ends."""
_STAGES = tuple(Stage)


def search(
    candidates: Sequence[Candidate], pricer: Pricer, random: Random
) -> tuple[Candidate, ...]:
    """Choose exercises and their order, by simulated annealing.

    Args:
        candidates: What can be chosen; one id may be there in several positions.
        pricer: Gives the cost of a choice.
        random: Where chance comes from; the same state gives the same choice.
    """
    keys = {one.id: random.random() for one in candidates}
    liked = pricer.wishes.like
    now = _first(candidates, pricer.target_ms, liked, random)
    cost = pricer.price(_in_order(now, keys)).total
    best, best_cost = _in_order(now, keys), cost
    for step in range(STEPS):
        heat = WARMEST * (COLDEST / WARMEST) ** (step / STEPS)
        changed, changed_keys = _changed(now, keys, candidates, liked, random)
        ordered = _in_order(changed, changed_keys)
        changed_cost = pricer.price(ordered).total
        if changed_cost < cost or random.random() < math.exp((cost - changed_cost) / heat):
            now, keys, cost = changed, changed_keys, changed_cost
            if cost < best_cost:
                best, best_cost = ordered, cost
    return best


def _in_order(chosen: dict[str, Candidate], keys: dict[str, float]) -> tuple[Candidate, ...]:
    """Put a choice in order: by stage, from the feet down to the back, and by chance."""
    return tuple(
        sorted(chosen.values(), key=lambda one: (_STAGES.index(one.stage), one.rank, keys[one.id]))
    )


def _first(
    candidates: Sequence[Candidate], target_ms: int, liked: Sequence[str], random: Random
) -> dict[str, Candidate]:
    """Take the liked, one exercise of each stage, and others until the length is reached."""
    shuffled = random.sample(candidates, len(candidates))
    chosen = {one.id: one for one in shuffled if one.id in liked}
    for stage in Stage:
        one = next((one for one in shuffled if one.stage is stage and one.id not in chosen), None)
        if one:
            chosen[one.id] = one
    for one in shuffled:
        if sum(other.usual_ms for other in chosen.values()) >= target_ms:
            break
        chosen.setdefault(one.id, one)
    return chosen


def _changed(
    chosen: dict[str, Candidate],
    keys: dict[str, float],
    candidates: Sequence[Candidate],
    liked: Sequence[str],
    random: Random,
) -> tuple[dict[str, Candidate], dict[str, float]]:
    """Change one thing: another exercise, one more, one less, or another order."""
    changed = dict(chosen)
    move = random.random()
    if move < 0.1:
        return changed, {**keys, random.choice(tuple(chosen)): random.random()}
    if move < 0.75:
        del changed[random.choice(tuple(changed))]
        changed |= {one: chosen[one] for one in liked}
    if move > 0.25 or not changed:
        one = random.choice(candidates)
        changed[one.id] = one
    return changed, keys
