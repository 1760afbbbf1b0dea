"""A routine's text that others can build: exercises which only its author has stand in it in full."""

from collections.abc import Mapping
from typing import Any

import yaml

from stretchaudio import yamltree
from stretchaudio.routine.read import replace_uses
from stretchaudio.routine.rules import exercise_lists
from stretchaudio.yamltree import Table

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH = 120


def standalone(text: str, *, file: str, library: Mapping[str, Table]) -> str:
    """Write the library's keys in place of every `use`.

    Args:
        text: A routine that follows the format.
        file: Its name, for messages.
        library: The exercises it can name.
    """
    tree = yamltree.parse(text, file)
    for _ in replace_uses(tree, library):  # there is nothing to complain of: the routine has been read
        pass
    for exercises in exercise_lists(tree):
        for exercise in exercises:
            exercise.pop("use", None)
    return str(yaml.dump(_plain(tree), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
