"""Say why each exercise of a composed session is in it: what would be worse without it."""

from collections.abc import Iterator

from stretchaudio.routine.compose import Composition
from stretchaudio.routine.compose.candidates import Candidate, is_part
from stretchaudio.routine.compose.cost import Cost


def reasons(composition: Composition) -> Iterator[tuple[Candidate, str]]:
    """Give each exercise with the reason for it, in order."""
    previous = composition.pricer.previous
    for one in composition.chosen:
        parts = [_worst_without(one, composition)]
        if previous and one.id not in previous[0]:
            parts.append("not in the session before")
        yield one, "; ".join(parts)


def _worst_without(one: Candidate, composition: Composition) -> str:
    """Word the fault that grows most when an exercise is left out."""
    others = tuple(other for other in composition.chosen if other is not one)
    without = composition.pricer.price(others)
    wishes = composition.pricer.wishes
    wished = [part for part in sorted(one.parts) if any(is_part(w, part) for w in wishes.focus)]
    words = {
        "likes": "you like it",
        "stages": f"the {one.stage.value} would be too short without it",
        "cold": "the body is warm enough for deep holds with it",
        "focus": f"for your {' and '.join(wished)}",
        "balance": f"gives {' and '.join(sorted(one.parts)) or 'the whole body'} a share",
        "length": "fills the time",
    }
    worse = {term: getattr(without, term) - getattr(composition.cost, term) for term in words}
    worst = max(worse, key=lambda term: worse[term])
    if worst == "length" and wished:
        worst = "focus"
    elif worst == "length" and one.parts:
        return f"{words['length']}, for {' and '.join(sorted(one.parts))}"
    return words[worst]


def cost_text(cost: Cost) -> str:
    """Write a cost and what it is made of."""
    terms = ", ".join(f"{name} {value:.2f}" for name, value in cost._asdict().items() if value)
    return f"Cost {cost.total:.2f}: {terms}"
