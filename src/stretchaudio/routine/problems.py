"""Say where in a YAML file the models of its keys found something wrong, and what."""

from collections.abc import Callable, Sequence
from typing import Any

from stretchaudio.errors import Mark, Problem
from stretchaudio.util.located_yaml import LocatedDict, LocatedList

Location = tuple[str | int, ...]
"""A place as pydantic names it."""
_TEXTS = {
    "missing": "'{key}' is missing; add it",
    "model_type": "expected keys with values, such as 'name: Back stretch'",
}


def problem_of(tree: LocatedDict, error: Any, unknown_key: Callable[[Location], str]) -> Problem:
    """Turn one error of pydantic into a problem with its place.

    Args:
        tree: The file.
        error: The error's details.
        unknown_key: Says what to do about a key that nothing knows.
    """
    loc: Location = error["loc"]
    kind = error["type"]
    if kind == "extra_forbidden":
        return Problem(mark=_mark(tree, loc, key=True), message=unknown_key(loc))
    if kind == "missing":
        return Problem(mark=_mark(tree, loc[:-1]), message=_TEXTS[kind].format(key=loc[-1]))
    if kind == "literal_error":
        message = f"'{error['input']}' is not one of the words for this: {error['ctx']['expected']}"
        return Problem(mark=_mark(tree, loc), message=message)
    if kind == "value_error":
        return Problem(mark=_mark(tree, loc), message=str(error["ctx"]["error"]))
    return Problem(mark=_mark(tree, loc), message=_TEXTS.get(kind, error["msg"]))


def _mark(tree: LocatedDict, loc: Sequence[str | int], *, key: bool = False) -> Mark:
    """Find the place of a pydantic location, passing over the tags that pydantic adds."""
    here: Any = tree
    mark = tree.mark
    for part in loc:
        if isinstance(here, LocatedDict) and part in here:
            mark = here.marks[str(part)][0 if key and part == loc[-1] else 1]
            here = here[str(part)]
        elif isinstance(here, LocatedList) and isinstance(part, int) and part < len(here):
            mark = here.marks[part]
            here = here[part]
    return mark
