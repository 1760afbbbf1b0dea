"""Describe the ring of a session's exercises, which stands for it on pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stretchaudio.routine.body import HUES, OTHER_HUE, body_parts
from stretchaudio.track.manifest import Manifest

GAP = 0.5
"""The gap between two exercises, in hundredths of a turn."""
SHADES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """An exercise on the ring, in hundredths of a turn from the top."""

    start: float
    length: float
    shade: int
    """One of `SHADES` that follow each other."""


def ring(manifest: Manifest) -> tuple[Arc, ...]:
    """Describe the ring of a track."""
    turn = 100 / manifest.duration_s
    return tuple(
        Arc(
            start=round(one.start_s * turn, 1),
            length=round(max(0.3, (one.end_s - one.start_s) * turn - GAP), 1),
            shade=number % SHADES,
        )
        for number, one in enumerate(manifest.chapters)
    )


def hue_class(focus: Iterable[str]) -> str:
    """Name the style that gives a session the hue of the first part it is for."""
    first = next((part.id for part in body_parts(focus, "en") if part.id in HUES), "other")
    return f"hue-{first.replace(' ', '-')}"


def hue_styles() -> str:
    """Write the styles of all hues, so that pages and pictures have the same."""
    hues: Sequence[tuple[str, int]] = [*HUES.items(), ("other", OTHER_HUE)]
    return "".join(f".hue-{part.replace(' ', '-')}{{--hue:{hue}}}\n" for part, hue in hues)
