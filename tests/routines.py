"""Random routines that follow the format, for hypothesis."""

from typing import Any

import yaml
from hypothesis import strategies as st

_NAMES = st.sampled_from(
    ["Twist", "Side reach", "Cat and cow", "A-frame to squat", "Half pancake", "Wag tail"]
)
_SENTENCES = st.sampled_from(
    [
        "Stand tall.",
        "Breathe into the stretch.",
        "Let your shoulders drop.",
        "Keep both knees soft and look ahead.",
    ]
)
_MILLISECONDS = st.integers(100, 40_000).map(lambda length_ms: f"{length_ms / 1000:g}s")
_LENGTHS = st.one_of(
    _MILLISECONDS,
    st.integers(1, 90).map(lambda seconds: f"{seconds}s"),
    st.tuples(st.integers(1, 60), st.integers(0, 60)).map(lambda ends: f"{ends[0]}-{sum(ends)}s"),
)
_COUNTS = st.one_of(
    st.integers(1, 12),
    st.tuples(st.integers(1, 6), st.integers(0, 6)).map(lambda ends: f"{ends[0]}-{sum(ends)}"),
)
_SETS = st.sampled_from([1, 2, 3, "1-3", "2-3"])


def _some(**keys: st.SearchStrategy[Any]) -> dict[str, Any]:
    return {"optional": keys}


_PHASES = st.lists(
    st.fixed_dictionaries({"say": _SENTENCES, "for": _MILLISECONDS}), min_size=1, max_size=3
)
_HOLDS = st.fixed_dictionaries(
    {"hold": _LENGTHS}, **_some(say=_SENTENCES, release=_SENTENCES, name=_NAMES)
)
_REPS = st.one_of(
    st.fixed_dictionaries({"reps": _COUNTS}, **_some(tempo=_MILLISECONDS)),
    st.fixed_dictionaries({"reps": _COUNTS, "phases": _PHASES}),
)
_BREATHS = st.fixed_dictionaries(
    {"breaths": _COUNTS}, **_some(inhale=_MILLISECONDS, exhale=_MILLISECONDS)
)
_TIMES = st.fixed_dictionaries({"time": _LENGTHS}, **_some(say=_SENTENCES))
_MOVES = st.fixed_dictionaries({"move": _MILLISECONDS}, **_some(say=_SENTENCES))
_STEPS = st.recursive(
    st.one_of(_HOLDS, _REPS, _BREATHS, _TIMES, _MOVES),
    lambda inner: st.fixed_dictionaries(
        {"repeat": st.integers(1, 3), "work": st.lists(inner, min_size=1, max_size=3)}
    ),
    max_leaves=4,
)
_PACE = dict.fromkeys(("transition", "rest", "switch"), _MILLISECONDS)
_COMMON = {
    "sets": _SETS,
    "setup": st.lists(_SENTENCES, max_size=3),
    "tips": st.lists(_SENTENCES, max_size=3),
    "caution": _SENTENCES,
    "easier": _SENTENCES,
    "harder": _SENTENCES,
    **_PACE,
}
_ONE_SIDED = st.sampled_from(["each", ["in", "out"]])
_EXERCISES = st.one_of(
    st.fixed_dictionaries(
        {"name": _NAMES, "work": st.lists(_STEPS, min_size=1, max_size=3)},
        optional={**_COMMON, "sides": _ONE_SIDED},
    ),
    st.fixed_dictionaries(
        {"name": _NAMES, "hold": _LENGTHS}, optional={**_COMMON, "sides": _ONE_SIDED}
    ),
    st.fixed_dictionaries(
        {"name": _NAMES, "reps": _COUNTS, "tempo": _MILLISECONDS, "sides": st.just("alternate")},
        optional=_COMMON,
    ),
    st.fixed_dictionaries({"name": _NAMES, "breaths": _COUNTS}, optional=_COMMON),
)
_LISTS = st.lists(_EXERCISES, min_size=1, max_size=3)
_HEAD = {"title": st.just("Random session")}
_REST = {
    "intro": st.lists(_SENTENCES, max_size=2),
    "outro": st.lists(_SENTENCES, max_size=2),
    "pace": st.fixed_dictionaries({}, optional=_PACE),
}
_SECTIONS = st.fixed_dictionaries(
    {"exercises": _LISTS}, optional={"title": _NAMES, "rounds": st.integers(1, 3)}
)

routines = st.one_of(
    st.fixed_dictionaries({**_HEAD, "exercises": _LISTS}, optional=_REST),
    st.fixed_dictionaries(
        {**_HEAD, "sections": st.lists(_SECTIONS, min_size=1, max_size=2)}, optional=_REST
    ),
)
"""A routine as plain data."""

routine_texts = routines.map(lambda data: yaml.safe_dump(data, sort_keys=False))
"""A routine as YAML text."""
