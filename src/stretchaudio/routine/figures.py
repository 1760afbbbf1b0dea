"""Find the figure of an exercise: of the library by name, or written in the routine itself."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stretchaudio.errors import RoutineError, did_you_mean
from stretchaudio.routine.folders import bundled_folder
from stretchaudio.routine.model import Exercise
from stretchaudio.util.located_yaml import LocatedDict

if TYPE_CHECKING:
    from stretchaudio.figure.library import Figure


def bundled_figures() -> "Mapping[str, Figure]":
    """Read the figures that come with the program."""
    from stretchaudio.figure.library import read_figures

    return read_figures(bundled_folder() / "figures")


def own_figure_problem(table: LocatedDict) -> str | None:
    """Say what is wrong with a figure that a routine describes; None if it can be drawn."""
    from stretchaudio.figure.library import figure_of, read_tables

    try:
        figure_of(table, read_tables(bundled_folder() / "figures"))
    except RoutineError as error:
        return " ".join(problem.message for problem in error.problems)
    return None


def figure_faults(exercise: Exercise) -> Iterator[str]:
    """List what is missing or cannot be done of an exercise's figure."""
    from stretchaudio.figure.anatomy import faults
    from stretchaudio.figure.library import read_tables

    name = exercise.figure
    if name is None or name == exercise.id:
        return
    known = read_tables(bundled_folder() / "figures")
    if isinstance(name, str) and name not in known:
        yield f"names the figure '{name}', which there is not.{did_you_mean(name, known)}"
    if isinstance(name, LocatedDict):
        for number, frame in enumerate(figure_for(exercise).frames, 1):  # type: ignore[union-attr]
            for pose in (frame.pose, *filter(None, [frame.ghost])):
                yield from (f"cannot be done as pose {number}: {one}" for one in faults(pose))


def figure_for(exercise: Exercise) -> "Figure | None":
    """Find the figure of an exercise; None if it has none."""
    from stretchaudio.figure.library import figure_of, read_tables

    named = exercise.figure
    if isinstance(named, LocatedDict):
        return figure_of(named, read_tables(bundled_folder() / "figures"))
    return bundled_figures().get(named) if isinstance(named, str) else None
