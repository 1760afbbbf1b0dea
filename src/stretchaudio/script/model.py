"""Define the script: what is said and which windows are kept, in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class CueKind(StrEnum):
    """The purpose of a cue."""

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
    """The purpose of a window."""

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
"""Windows that come in a row and are numbered."""
BETWEEN = frozenset({WindowKind.REST, WindowKind.SWITCH, WindowKind.TRANSITION})
"""Windows in which nothing is done."""

_SOFT = frozenset({CueKind.COUNT, CueKind.COUNTDOWN, CueKind.BREATH})

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
"""The cue with the smaller number keeps its place when two inside a window do not both fit.

Cues of other kinds are spoken between windows, where they take the time they take.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Something spoken."""

    kind: CueKind
    text: str
    """The words, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A cue between windows; it takes as long as it takes."""

    cue: Cue
    exercise: str | None
    """The exercise it belongs to."""
    pause_ms: int
    """Quiet before it, after what was spoken or done last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedCue:
    """A cue inside a window, at a time of its own."""

    cue: Cue
    at_ms: int
    """Its start, from the window's; with `follows`, from the end of the cue listed before it."""
    follows: bool = False
    """It comes right behind the cue listed before it."""
    runs_over: bool = False
    """It may still be heard when the next window has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of the track whose length the routine fixes."""

    kind: WindowKind
    length_ms: int
    """Its exact length."""
    exercise: str
    """The exercise it belongs to."""
    side: str | None
    """The side at work, or None."""
    set: int | None
    """The number of the set, from 1; None outside sets."""
    rep: int | None
    """The number of the rep or breath, from 1, or None."""
    pause_ms: int
    """Quiet before it, not part of it."""
    cues: tuple[TimedCue, ...]
    """The cues spoken inside it."""
    inhale_ms: int | None = None
    """The length of a breath's inhale; the exhale is the rest of the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The beginning of an exercise."""

    title: str
    """The exercise's name."""
    dose: str = ""
    """Its dose in words; empty when nothing is done."""
    bed: str | None = None
    """The bed that its section has of its own, by name; None for the session's."""


Item = Chapter | Say | Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole session in words and windows."""

    title: str
    """The routine's title."""
    language: str
    """The code of the language of its words."""
    level: str
    """The level it was written for."""
    items: tuple[Item, ...]
    """In the order they are heard."""

    def cues(self) -> Iterator[Cue]:
        """Yield every cue, in order; those inside a window follow the window's start."""
        for item in self.items:
            if isinstance(item, Say):
                yield item.cue
            elif isinstance(item, Window):
                yield from (timed.cue for timed in item.cues)

    def texts(self) -> tuple[str, ...]:
        """List every different text that has to be spoken, in the order first heard."""
        return tuple(dict.fromkeys(cue.text for cue in self.cues()))

    def soft_texts(self) -> frozenset[str]:
        """List the texts that are nothing but counts or cues of the breath; they are softer."""
        cues = list(self.cues())
        others = {cue.text for cue in cues if cue.kind not in _SOFT}
        return frozenset(cue.text for cue in cues) - others
