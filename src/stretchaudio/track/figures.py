"""Choose the figures that are shown of a track: of each exercise, on the side it begins with."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from stretchaudio.figure.describe import describe
from stretchaudio.figure.draw import Picture, draw
from stretchaudio.figure.library import Figure
from stretchaudio.figure.pose import Pose
from stretchaudio.language import language
from stretchaudio.routine.figures import bundled_figures, figure_for
from stretchaudio.routine.model import Exercise, Routine
from stretchaudio.track.manifest import Manifest

_LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFigure:
    """The picture of an exercise."""

    name: str
    """A name for its file; two that differ have different ones."""
    picture: Picture
    poses: tuple[Pose, ...]
    is_left: bool
    """Whether it shows the left side, because the track begins with it."""

    def alternative(self, code: str) -> str:
        """Say in a language what it shows, for those who do not see it."""
        words = language(code).page
        return describe(self.poses, words["figure"], words["positions"])


def shown_figures(manifest: Manifest, routine: Routine | None) -> Mapping[str, ShownFigure]:
    """Draw the figures of a track's exercises, by their names."""
    sides: dict[str, str] = {}
    for window in manifest.windows:
        if window.side:
            sides.setdefault(window.exercise, window.side)
    found = {
        exercise.name: _shown(exercise, is_left=sides.get(exercise.name) == _LEFT)
        for exercise in (routine.exercises if routine else ())
    }
    return {name: figure for name, figure in found.items() if figure}


def _shown(exercise: Exercise, *, is_left: bool) -> ShownFigure | None:
    if isinstance(exercise.figure, str):
        return _bundled(exercise.figure, is_left=is_left)
    figure = figure_for(exercise)
    if figure is None:
        return None
    written = json.dumps(exercise.figure, sort_keys=True).encode()
    name = f"own-{hashlib.sha256(written).hexdigest()[:10]}{'-left' * is_left}"
    return _drawn(name, figure, is_left=is_left)


@cache
def _bundled(name: str, *, is_left: bool) -> ShownFigure | None:
    figure = bundled_figures().get(name)
    return _drawn(f"{name}{'-left' * is_left}", figure, is_left=is_left) if figure else None


def _drawn(name: str, figure: Figure, *, is_left: bool) -> ShownFigure:
    frames = (figure.mirrored() if is_left else figure).frames
    poses = tuple(frame.pose for frame in frames)
    return ShownFigure(name=name, picture=draw(frames), poses=poses, is_left=is_left)
