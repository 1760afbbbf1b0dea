"""Read figures from files: named poses, each like another but for what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stretchaudio.errors import Mark, Problem, RoutineError, did_you_mean
from stretchaudio.figure.draw import Frame
from stretchaudio.figure.pose import Pose, expanded, merged, mirrored
from stretchaudio.util.located_yaml import LocatedDict, parse, read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One to three poses that show an exercise."""

    frames: tuple[Frame, ...]

    def mirrored(self) -> "Figure":
        """Show it on the other side."""
        return Figure(
            frames=tuple(
                Frame(pose=mirrored(one.pose), ghost=mirrored(one.ghost) if one.ghost else None)
                for one in self.frames
            )
        )


@cache
def read_figures(folder: Path) -> Mapping[str, Figure]:
    """Read every figure of a folder.

    Raises:
        RoutineError: If one of them is not a figure.
        FileError: If a file cannot be read.
    """
    tables = read_tables(folder)
    return {name: figure_of(table, tables) for name, table in tables.items()}


@cache
def read_tables(folder: Path) -> Mapping[str, LocatedDict]:
    """Read the tables of a folder's figures, without making figures of them."""
    tables: dict[str, LocatedDict] = {}
    for path in sorted(folder.glob("*.y*ml")):
        tables |= parse(read_text(path), str(path), example="cat-cow: {like: all-fours}")
    return tables


def figure_of(table: LocatedDict, known: Mapping[str, Any]) -> Figure:
    """Make a figure from its table.

    Raises:
        RoutineError: If it is none.
    """
    try:
        return Figure(frames=tuple(_frames(table, known)))
    except ValidationError as error:
        raise RoutineError(
            [
                Problem(mark=_mark(table, one["loc"]), message=_message(one))
                for one in error.errors(include_url=False)
            ]
        ) from None


def _frames(table: LocatedDict, known: Mapping[str, Any]) -> list[Frame]:
    base = _keys(table, known)
    poses = base.pop("poses", None) or [{}]
    frames = []
    for changes in poses:
        keys = merged(base, expanded(changes))
        ghost = keys.pop("ghost", None)
        pose = Pose.model_validate(keys)
        start = merged(keys, expanded(ghost)) if ghost else None
        frames.append(Frame(pose=pose, ghost=Pose.model_validate(start) if start else None))
    return frames


def _keys(table: LocatedDict, known: Mapping[str, Any]) -> dict[str, Any]:
    keys = expanded(table)
    like = keys.pop("like", None)
    if like is None:
        return keys
    if like not in known:
        message = f"there is no figure '{like}'.{did_you_mean(str(like), known)}"
        raise RoutineError([Problem(mark=table.marks["like"][1], message=message)])
    return merged(_keys(known[like], known), keys)


def _mark(table: LocatedDict, loc: tuple[Any, ...]) -> Mark:
    return table.marks[loc[0]][1] if loc and loc[0] in table.marks else table.mark


def _message(error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    message = str(error.get("ctx", {}).get("error", error["msg"]))
    return f"'{where}' of this figure cannot be used: {message[0].lower()}{message[1:]}"
