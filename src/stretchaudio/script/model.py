"""The script: what is said and which windows are kept, in order, before anything has been spoken."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class CueKind(StrEnum):
    """What a cue is for."""

    INTRO = "intro"
    NAME = "name"
    SETUP = "setup"
    CAUTION = "caution"
    LEAD_IN = "lead-in"
    START = "start"
    COUNT = "count"
    BREATH = "breath"
    HALFWAY = "halfway"
    COUNTDOWN = "countdown"
    TIP = "tip"
    RELEASE = "release"
    REST = "rest"
    SIDE = "side"
    OUTRO = "outro"


class WindowKind(StrEnum):
    """What a window is for."""

    HOLD = "hold"
    REP = "rep"
    BREATH = "breath"
    TIME = "time"
    MOVE = "move"
    REST = "rest"
    SWITCH = "switch"
    TRANSITION = "transition"


WORK = frozenset({WindowKind.HOLD, WindowKind.REP, WindowKind.BREATH, WindowKind.TIME})
"""Windows in which something is done."""
COUNTED = frozenset({WindowKind.REP, WindowKind.BREATH})
"""Those of which there is a row."""
BETWEEN = frozenset({WindowKind.REST, WindowKind.SWITCH, WindowKind.TRANSITION})
"""Windows between what is done."""

PRIORITY: dict[CueKind, int] = {
    CueKind.RELEASE: 0,
    CueKind.SIDE: 0,
    CueKind.COUNT: 1,
    CueKind.COUNTDOWN: 1,
    CueKind.LEAD_IN: 1,
    CueKind.BREATH: 1,
    CueKind.START: 1,
    CueKind.REST: 2,
    CueKind.HALFWAY: 3,
    CueKind.TIP: 4,
}
"""Which cue keeps its place when two inside a window do not both fit: the smaller number. Cues of other kinds are spoken
between windows, where they take the time they take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Something spoken."""

    kind: CueKind
    """What it is for."""
    text: str
    """The words, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A cue between windows; it takes as long as it takes."""

    cue: Cue
    """What is said."""
    exercise: str | None
    """The exercise it belongs to."""
    pause_ms: int
    """Quiet before it, after what was spoken or done last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedCue:
    """A cue inside a window, at a time of its own."""

    cue: Cue
    """What is said."""
    at_ms: int
    """When, from the window's start. With `follows`: how long after the end of the cue listed before it."""
    follows: bool = False
    """True for a cue that comes right behind the one listed before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of the track whose length the routine fixes."""

    kind: WindowKind
    """What it is for."""
    length_ms: int
    """Exactly how long it is."""
    exercise: str
    """The exercise it belongs to."""
    side: str | None
    """The side at work, or None."""
    set: int | None
    """Which set, from 1; None outside sets."""
    rep: int | None
    """Which rep or breath, from 1, or None."""
    pause_ms: int
    """Quiet before it, not part of it."""
    cues: tuple[TimedCue, ...]
    """What is spoken inside it."""
    inhale_ms: int | None = None
    """How long the inhale of a breath is; the exhale is the rest of the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Where an exercise begins."""

    title: str
    """The exercise's name."""
    dose: str = ""
    """How much of it is done, in words; empty when nothing is done."""


Item = Chapter | Say | Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole session in words and windows."""

    title: str
    """The routine's title."""
    language: str
    """The language of its words."""
    level: str
    """The level it was written for."""
    items: tuple[Item, ...]
    """In the order they are heard."""

    def cues(self) -> Iterator[Cue]:
        """Every cue, in order; those inside a window follow the window's start."""
        for item in self.items:
            if isinstance(item, Say):
                yield item.cue
            elif isinstance(item, Window):
                yield from (timed.cue for timed in item.cues)

    def texts(self) -> tuple[str, ...]:
        """Every different text that has to be spoken, in the order first heard."""
        return tuple(dict.fromkeys(cue.text for cue in self.cues()))
