"""Hold what a cell of a dose says."""

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a cell says; what it does not say is None or empty."""

    sets: str | None = None
    reps: str | None = None
    breaths: str | None = None
    time: str | None = None
    """A length as routines write it, or a range of two."""
    times: str | None = None
    """How many times that length is held, which may be sets or reps."""
    bare: str | None = None
    """A number by itself, whose column says what it counts."""
    is_bare: bool = False
    """The reps are such a number, under a heading of any dose."""
    holds: bool = False
    """It says that a position is held."""
    names_reps: bool = False
    """A word says that the reps are reps."""
    is_clock: bool = False
    """The length is written like a time of day."""
    rest: str | None = None
    relax: str | None = None
    """How long to let go between holds: "squeeze 5 s, relax 5 s"."""
    is_each_of_all: bool = False
    """An "each" stands before all of the dose: "je 2 x 20 s"."""
    is_paired: bool = False
    """Two equal counts stand for two sides: "10/10"."""
    is_unclear: bool = False
    """The length may be for each rep or for all of them, if nothing else says that it is held."""
    side: str | None = None
    """each, alternate, left, right, both; or "unsaid" for an "each" without a noun."""
    frequency: str | None = None
    remarks: list[str] = field(default_factory=list)
    """What is to be heard and changes no dose: "slowly", "with 2 kg"."""

    @property
    def has_dose(self) -> bool:
        """Whether it says how much is to be done."""
        return any((self.sets, self.reps, self.breaths, self.time, self.times, self.bare))


class NotUnderstoodError(ValueError):
    """A cell that is not read; the text completes "it …", and is empty where nothing is to add."""
