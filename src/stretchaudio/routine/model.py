"""Define a routine as the later stages get it: read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from stretchaudio.errors import Mark
from stretchaudio.routine.values import Range

FLOOR = frozenset({"all fours", "prone", "supine", "side-lying", "kneeling", "lunge"})
"""Positions on the floor."""


class Level(StrEnum):
    """Which end of the prescribed ranges is taken."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"

    @property
    def fraction(self) -> float:
        """The part of a range that this level takes: 0 is the low end, 1 the high end."""
        return {"beginner": 0.0, "intermediate": 0.5, "advanced": 1.0}[self.value]


class SideOrder(StrEnum):
    """How an exercise goes over its two sides."""

    EACH = "each"
    """All sets on the first side, a switch, all sets on the other."""
    ALTERNATE = "alternate"
    """Sides take turns rep by rep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two sides of an exercise."""

    order: SideOrder
    labels: tuple[str, str] | None
    """The author's own names for them; None for the language's words for right and left."""


class Stage(StrEnum):
    """Where in a composed session an exercise has its place, in this order."""

    WARM_UP = "warm-up"
    MOBILITY = "mobility"
    HOLDS = "holds"
    COOL_DOWN = "cool-down"


class Lead(StrEnum):
    """What a side means to the ear: the limb or the movement that "right" belongs to."""

    SIDE = "side"
    FOOT = "foot"
    LEG = "leg"
    KNEE = "knee"
    HAND = "hand"
    ARM = "arm"
    TURN = "turn"
    LEAN = "lean"
    STRETCH = "stretch"


class TipTime(StrEnum):
    """When a tip helps."""

    ANY = "any"
    """In turn with the others."""
    FIRST = "first"
    """In the first set."""
    LATE = "late"
    """In the last set, or in the second half of a long window."""
    SAFETY = "safety"
    """Before all others, on both sides."""
    EVERY_SIDE = "every_side"
    """On both sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """A sentence that one acts on."""

    say: str
    wait_ms: int | None = None
    """Quiet after it, in which one acts; None for what the body needs, as the writer knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """A sentence that is spoken while one works."""

    say: str
    when: TipTime = TipTime.ANY


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Stay still."""

    duration: Range
    """In milliseconds."""
    say: str | None
    """The start cue, in place of the usual one."""
    release: str | None
    """The end cue, in place of the usual one."""
    name: str | None
    """The name of this position, where an exercise has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a rep that has words of its own."""

    say: str
    """The words, spoken as the phase begins."""
    length_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reps:
    """Repeat a movement on the beat."""

    count: Range
    """How many reps; with alternating sides, the total over both."""
    tempo_ms: int
    """The length of one rep."""
    phases: tuple[Phase, ...]
    """The parts of a rep that have words, whose lengths add up to `tempo_ms`; else empty."""
    release: str | None = None
    """The end cue, in place of the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaths:
    """Slow breaths."""

    count: Range
    inhale_ms: int
    exhale_ms: int
    hold_full_ms: int = 0
    """Time for which the breath is held after the inhale."""
    hold_empty_ms: int = 0
    """Time for which it is held after the exhale."""
    breathe_in: str | None = None
    """The words of a movement that goes with the inhale."""
    breathe_out: str | None = None
    """The words of a movement that goes with the exhale."""
    release: str | None = None
    """The end cue, in place of the usual one."""

    @property
    def length_ms(self) -> int:
        """The length of one breath."""
        return self.inhale_ms + self.hold_full_ms + self.exhale_ms + self.hold_empty_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Keep moving."""

    duration: Range
    """In milliseconds."""
    say: str | None
    """The start cue, in place of the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Get from one position to the next."""

    length_ms: int
    say: str | None
    """The start cue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Go through some steps several times."""

    count: Range
    work: "tuple[Step, ...]"


Step = Hold | Reps | Breaths | Time | Move | Repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One stretch, with all that was left out of the file filled in."""

    id: str
    """The id that `use` gave, or its name in lower case with dashes."""
    name: str
    """Spoken and shown."""
    position: str | None
    """How the body is placed: standing, supine, ..."""
    setup: tuple[Instruction, ...]
    """Sentences that explain how to get into it."""
    work: tuple[Step, ...]
    """The steps, done once for each set and side."""
    sides: Sides | None
    """None when both sides work at once."""
    sets: Range
    transition_ms: int
    """Time to get into position once the set-up has been spoken."""
    rest_ms: int
    """Time between sets."""
    switch_ms: int
    """Time between sides."""
    tips: tuple[Tip, ...]
    """Sentences that can be spoken during the work."""
    easier: str | None
    """A sentence for the beginner level."""
    harder: str | None
    """A sentence for the advanced level."""
    caution: str | None
    """A safety sentence, always spoken before the first set."""
    focus: tuple[str, ...]
    """The parts of the body it is for."""
    source: str | None
    """Where the prescription comes from."""
    lead: Lead = Lead.SIDE
    """What its sides mean."""
    recap: str | None = None
    """The position in one line, for the first side."""
    feel: str | None = None
    """Where it should be felt."""
    why: str | None = None
    """What it is good for."""
    exit: str | None = None
    """How to come out of it."""
    frequency: str | None = None
    """How often it is done, "twice a day"; printed, never spoken."""
    stage: Stage | None = None
    """Its place in a composed session; None for what its work says."""
    equipment: tuple[str, ...] = ()
    """What it needs, apart from a mat on the floor."""
    figure: str | Mapping[str, Any] | None = None
    """The name of its figure, or a pose as it was written; None for no picture."""
    mark: Mark | None = field(default=None, compare=False)
    """Its place in the routine's file."""

    @property
    def side_order(self) -> SideOrder | None:
        """The order of its sides; None when both work at once."""
        return self.sides.order if self.sides else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a routine."""

    title: str | None
    """Spoken when the routine has several parts."""
    rounds: int
    """The number of times its exercises are done."""
    exercises: tuple[Exercise, ...]
    intro: str | None = None
    """A sentence in place of the title."""
    bed: str | None = None
    """What plays under it: a bed's name, a music file or none; None leaves it to the builder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """A whole session, as its file prescribes it."""

    id: str
    """The file's name without its ending; names the track too."""
    title: str
    """Spoken and shown."""
    summary: str
    """One sentence about it, shown only."""
    language: str
    """The phrase pack and voice, by language code."""
    focus: tuple[str, ...]
    """The parts of the body it is for."""
    equipment: tuple[str, ...]
    source: str | None
    """Where the prescription comes from."""
    licence: str | None
    """The licence under which its tracks may be passed on."""
    intro: tuple[str, ...]
    """Sentences spoken first, after the welcome."""
    purpose: str | None
    """What it is good for, spoken with the title."""
    outro: tuple[str, ...]
    """Sentences spoken last."""
    say: Mapping[str, str] = field(default_factory=dict)
    """The pronunciation of words: as written, and as spoken."""
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Phrases of its own, in place of the phrase pack's; by key and verbosity."""
    sections: tuple[Section, ...] = field(default=())
    """Its parts in order; a single one without a title when the file has `exercises`."""
    uses: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """The exercises of the library that its file names, by id."""
    text: str = field(default="", compare=False, repr=False)
    """The YAML it was read from; exercises that others do not have stand in it in full."""

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises in order, those of every section once."""
        return tuple(exercise for section in self.sections for exercise in section.exercises)
