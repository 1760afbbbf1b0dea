"""A routine that has been read and checked: what the later stages get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from stretchaudio.errors import Mark
from stretchaudio.routine.values import Range


class Level(StrEnum):
    """How much of a prescription's freedom is used."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"

    @property
    def fraction(self) -> float:
        """Where in a range this level stands: 0 is its low end, 1 its high end."""
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
    """How they are gone through."""
    labels: tuple[str, str] | None
    """The author's own names for them; None for the language's words for right and left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Stay still."""

    duration: Range
    """For how long."""
    say: str | None
    """The start cue, in place of the usual one."""
    release: str | None
    """The end cue, in place of the usual one."""
    name: str | None
    """What this position is called, where an exercise has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a rep that has words of its own."""

    say: str
    """The words, spoken as the phase begins."""
    length_ms: int
    """How long it lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reps:
    """Repeat a movement on the beat."""

    count: Range
    """How many reps; with alternating sides, the total over both."""
    tempo_ms: int
    """The length of one rep."""
    phases: tuple[Phase, ...]
    """The parts of a rep, whose lengths add up to `tempo_ms`; empty when it has no words of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaths:
    """Slow breaths."""

    count: Range
    """How many."""
    inhale_ms: int
    """The length of breathing in."""
    exhale_ms: int
    """The length of breathing out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Keep moving."""

    duration: Range
    """For how long."""
    say: str | None
    """The start cue, in place of the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Get from one position to the next."""

    length_ms: int
    """For how long."""
    say: str | None
    """The start cue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Go through some steps several times."""

    count: Range
    """How many times."""
    work: "tuple[Step, ...]"
    """The steps."""


Step = Hold | Reps | Breaths | Time | Move | Repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One stretch, with all that was left out of the file filled in."""

    id: str
    """What `use` called it, or its name in lower case with dashes."""
    name: str
    """Spoken and shown."""
    position: str | None
    """How the body is placed: standing, supine, ..."""
    setup: tuple[str, ...]
    """Sentences that explain how to get into it."""
    work: tuple[Step, ...]
    """What is done, once for each set and side."""
    sides: Sides | None
    """None when both sides work at once."""
    sets: Range
    """How many sets."""
    transition_ms: int
    """Time to get into position once the set-up has been spoken."""
    rest_ms: int
    """Between sets."""
    switch_ms: int
    """Between sides."""
    tips: tuple[str, ...]
    """Sentences that can be spoken inside long holds."""
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
    mark: Mark | None = field(default=None, compare=False)
    """Where it stands in the routine's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a routine."""

    title: str | None
    """Spoken when the routine has several parts."""
    rounds: int
    """How many times its exercises are gone through."""
    exercises: tuple[Exercise, ...]
    """In order."""


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
    """What one needs."""
    source: str | None
    """Where the prescription comes from."""
    licence: str | None
    """Under which licence its tracks may be passed on."""
    intro: tuple[str, ...]
    """Sentences spoken first, after the welcome."""
    outro: tuple[str, ...]
    """Sentences spoken last."""
    say: Mapping[str, str] = field(default_factory=dict)
    """How words are to be spoken."""
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Phrases said otherwise than the phrase pack does; in its shape."""
    sections: tuple[Section, ...] = field(default=())
    """Its parts in order; one without a title when the file has `exercises` directly."""
    text: str = field(default="", compare=False, repr=False)
    """The YAML it was read from; exercises that others do not have stand in it in full."""

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises in order, those of every section once."""
        return tuple(exercise for section in self.sections for exercise in section.exercises)
