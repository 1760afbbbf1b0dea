"""Choose the exercises of the library that suit some wishes, and say what rules out the others."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.routine.compose.wishes import ON_THE_FLOOR, SITTING_LOW, Wishes
from stretchaudio.routine.duration import exercise_ms
from stretchaudio.routine.lint import holds_in
from stretchaudio.routine.model import (
    FLOOR,
    Breaths,
    Exercise,
    Instruction,
    SideOrder,
    Stage,
    Step,
    Time,
    TipTime,
)
from stretchaudio.routine.values import Range
from stretchaudio.util.units import format_clock, format_count

PLACES = (
    "standing", "seated", "lunge", "all fours", "kneeling", "prone", SITTING_LOW,
    "side-lying", "supine",
)  # fmt: skip
"""From the feet down to the back: a session goes this way only."""
WHOLE_BODY = "whole body"
MAT = "mat"
CALM = frozenset({"supine", "kneeling", "seated", "side-lying"})
_BEARS = {
    "kneeling": ("knees",),
    "lunge": ("knees",),
    "all fours": ("knees", "wrists"),
    "prone": ("belly",),
}
"""Parts that carry the body in a position."""
MOST_OF_A_SESSION = 0.24
"""The part of a session that one exercise may take."""
ALWAYS_ENOUGH_MS = 100_000
"""Time that any session has for one exercise."""
WALK_MS = (40_000, 60_000)
"""The least walking or other moving, and what any session may have of it."""
FEWEST_BREATHS = 4
WALK_SHARE = 0.12
"""The part of a session that moving may take."""
# Fitted to what the embedded voice takes for the library.
_MS_A_CHARACTER, _MS_A_SENTENCE, _MS_AN_EXERCISE, _MS_A_SET = 65, 1_650, 7_000, 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An exercise as a session can have it."""

    exercise: Exercise
    """With ranges as wide as a session may need."""
    stage: Stage
    place: str
    """Its position, one of `PLACES` or the author's own."""
    parts: frozenset[str]
    """The parts of the body it is for, without the body as a whole."""
    is_wished: bool
    """Whether it is for a part that one wishes."""
    shortest_ms: int
    """At the low ends of its ranges, with what is said."""
    usual_ms: int
    longest_ms: int
    moves_ms: int
    """The least time for which it moves the body; 0 for holds."""
    is_deep: bool
    """Whether it holds for so long that muscles should be warm."""

    @property
    def id(self) -> str:
        """The id of its exercise."""
        return self.exercise.id

    @property
    def rank(self) -> int:
        """How far down it is."""
        return PLACES.index(self.place) if self.place in PLACES else 0


def suited(exercises: Sequence[Exercise], wishes: Wishes) -> tuple[Candidate, ...]:
    """List what a session with these wishes can be made of.

    Raises:
        UsageError: If a wish names what the library does not have, or too little is left.
    """
    _refuse_unknown(exercises, wishes)
    left_out: Counter[str] = Counter()
    found: list[Candidate] = []
    for exercise in exercises:
        reasons: set[str] = set()
        for variant in _variants(exercise):
            reason = _ruled_out(variant, wishes)
            if reason is None:
                found.append(_candidate(variant, wishes))
            else:
                reasons.add(reason)
        if reasons and all(one.id != exercise.id for one in found):
            left_out[min(reasons)] += 1
    short_enough = [one for one in found if one.shortest_ms <= _most_ms(wishes.target_ms)]
    usable = (*short_enough, *_stand_ins(short_enough))
    _refuse_too_little(usable, wishes, left_out, all_of_them=len(exercises))
    return usable


def _most_ms(target_ms: int) -> int:
    return max(ALWAYS_ENOUGH_MS, round(target_ms * MOST_OF_A_SESSION))


def _refuse_unknown(exercises: Sequence[Exercise], wishes: Wishes) -> None:
    ids = {exercise.id for exercise in exercises}
    parts = {part for exercise in exercises for part in exercise.focus}
    places = {*PLACES, ON_THE_FLOOR, *(one.position for one in exercises if one.position)}
    for option, given in (("like", wishes.like), ("never", wishes.never)):
        for one in sorted(set(given) - ids):
            hint = "'stretchaudio exercises' shows all."
            raise UsageError(
                f"There is no exercise '{one}' for --{option}.{did_you_mean(one, ids)}", hint=hint
            )
    for part in wishes.focus:
        if not any(is_part(part, one) for one in parts):
            hint = f"They are for {', '.join(sorted(parts))}."
            raise UsageError(f"No exercise is for '{part}'.{did_you_mean(part, parts)}", hint=hint)
    for part in wishes.avoid:
        if not any(_touches(exercise, part) for exercise in exercises):
            hint = f"Name a part such as {', '.join(sorted(parts))}, knees or wrists."
            raise UsageError(
                f"No exercise says anything of '{part}'.{did_you_mean(part, parts)}", hint=hint
            )
    for place in sorted(wishes.positions - places):
        hint = f"The positions are {', '.join(sorted(places))}."
        raise UsageError(f"No exercise is done '{place}'.{did_you_mean(place, places)}", hint=hint)


def is_part(wanted: str, part: str) -> bool:
    """Whether a part of the body is meant: `back` means the upper and the lower back."""
    stem = wanted.lower().removesuffix("s")
    return re.search(rf"\b{re.escape(stem)}s?\b", part.lower()) is not None


def _touches(exercise: Exercise, part: str) -> bool:
    """Whether an exercise works or loads a part, or warns of pain in it."""
    warnings = [tip.say for tip in exercise.tips if tip.when is TipTime.SAFETY]
    warnings += [exercise.caution] if exercise.caution else []
    loaded = (*exercise.focus, *_BEARS.get(exercise.position or "", ()))
    return any(is_part(part, text) for text in (*loaded, *warnings))


def _variants(exercise: Exercise) -> Iterator[Exercise]:
    """Give an exercise that says "stand or sit" in either position."""
    first = exercise.setup[0].say if exercise.setup else ""
    for word, position in (("Stand", "standing"), ("Sit", "seated")):
        if first.startswith("Stand or sit"):
            said = Instruction(say=first.replace("Stand or sit", word, 1))
            yield replace(exercise, position=position, setup=(said, *exercise.setup[1:]))
    if not first.startswith("Stand or sit"):
        yield exercise


def _ruled_out(exercise: Exercise, wishes: Wishes) -> str | None:
    """Name the option that rules an exercise out."""
    if exercise.id in wishes.never:
        return "--never"
    if any(_touches(exercise, part) for part in wishes.avoid):
        return "--avoid"
    if wishes.positions and place_of(exercise) not in wishes.places:
        return "--position"
    if wishes.equipment is not None and not needs(exercise) <= wishes.equipment:
        return "--equipment"
    return None


def place_of(exercise: Exercise) -> str:
    """Name an exercise's position, apart for those who sit on the floor."""
    if exercise.position == "seated" and MAT in exercise.equipment:
        return SITTING_LOW
    return exercise.position or PLACES[0]


def needs(exercise: Exercise) -> frozenset[str]:
    """List what an exercise needs; a seat counts as nothing."""
    return frozenset(exercise.equipment) | ({MAT} if exercise.position in FLOOR else frozenset())


def _candidate(exercise: Exercise, wishes: Wishes) -> Candidate:
    target_ms = wishes.target_ms
    loose = replace(
        exercise,
        sets=Range(low=1, high=1),
        work=tuple(_loosened(step, target_ms) for step in exercise.work),
    )
    for sets in range(2, exercise.sets.high + 1):
        more = replace(loose, sets=Range(low=1, high=sets))
        if exercise_ms(more, 1.0) + _said_ms(more, 1.0) <= _most_ms(target_ms):
            loose = more
    holds = tuple(holds_in(loose.work))
    lengths = [exercise_ms(loose, part) + _said_ms(loose, part) for part in (0.0, 0.5, 1.0)]
    return Candidate(
        exercise=loose,
        stage=exercise.stage or (Stage.HOLDS if holds else Stage.MOBILITY),
        place=place_of(exercise),
        parts=frozenset(exercise.focus) - {WHOLE_BODY},
        is_wished=any(is_part(wish, part) for wish in wishes.focus for part in exercise.focus),
        shortest_ms=lengths[0],
        usual_ms=lengths[1],
        longest_ms=lengths[2],
        moves_ms=0 if holds else exercise_ms(loose, 0) - exercise.transition_ms,
        is_deep=any(hold.duration.high > 30_000 for hold in holds),
    )


def _loosened(step: Step, target_ms: int) -> Step:
    """Let a session take less of a step than was prescribed where the bundled routines do."""
    match step:
        case Time():
            most_ms = max(WALK_MS[1], round(target_ms * WALK_SHARE))
            high = min(step.duration.high, most_ms)
            low = min(step.duration.low, max(WALK_MS[0], high // 2))
            return replace(step, duration=Range(low=low, high=high))
        case Breaths():
            low = min(step.count.low, FEWEST_BREATHS)
            return replace(step, count=Range(low=low, high=step.count.high))
        case _:
            return step


def _said_ms(exercise: Exercise, part: float) -> int:
    """Guess how long one speaks of an exercise; the session's real length is asked for later."""
    said = [*(one.say for one in exercise.setup), exercise.caution or ""]
    rounds = exercise.sets.at(part) * (2 if exercise.side_order is SideOrder.EACH else 1)
    sentences = sum(_MS_A_SENTENCE + _MS_A_CHARACTER * len(text) for text in said if text)
    return _MS_AN_EXERCISE + sentences + rounds * _MS_A_SET


def _stand_ins(found: Sequence[Candidate]) -> Iterator[Candidate]:
    """Let other exercises warm up or calm down where wishes leave none that are meant to."""
    stages = {one.stage for one in found}
    for one in found:
        if Stage.WARM_UP not in stages and one.stage is Stage.MOBILITY:
            yield replace(one, stage=Stage.WARM_UP)
        calm = one.stage is Stage.HOLDS and one.place in CALM
        if Stage.COOL_DOWN not in stages and calm:
            yield replace(one, stage=Stage.COOL_DOWN)


def _refuse_too_little(
    usable: Iterable[Candidate], wishes: Wishes, left_out: Counter[str], *, all_of_them: int
) -> None:
    """Refuse wishes that leave too few exercises, and say which wish leaves out how many."""
    most_ms = _most_ms(wishes.target_ms)
    longest = {one.id: min(one.longest_ms, most_ms) for one in usable}
    reach_ms = sum(longest.values())
    stages = {one.stage for one in usable}
    lacking = [stage.value for stage in Stage if stage not in stages]
    liked = [one for one in wishes.like if one not in longest]
    if not lacking and reach_ms >= wishes.target_ms and not liked:
        return
    why = ", ".join(f"{option} leaves out {count}" for option, count in left_out.most_common())
    suits = f"{len(longest)} of the library's {format_count(all_of_them, 'exercise')}"
    because = f" ({why})" if why else ""
    if liked:
        raise UsageError(
            f"'{liked[0]}' cannot be in this session{because or ': it takes too long'}.",
            hint="Leave out --like, the wish that is against it, or ask for more minutes.",
        )
    hint = f"Ask for less, or leave out {left_out.most_common(1)[0][0]}." if left_out else ""
    if lacking:
        raise UsageError(
            f"Nothing is left for the {lacking[0]}: only {suits} suit these wishes{because}.",
            hint=hint,
        )
    raise UsageError(
        f"A session of {wishes.minutes:g} minutes cannot be made of these wishes: only {suits} "
        f"suit them{because}, and they last {format_clock(reach_ms / 1000)} at most.",
        hint=hint or "Ask for fewer minutes.",
    )
