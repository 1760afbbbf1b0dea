"""Tell which cues of a session are spoken, from every word to the few one cannot do without."""

from dataclasses import dataclass

from stretchaudio.errors import one_of
from stretchaudio.language import Verbosity
from stretchaudio.script.model import CueKind

_ALWAYS = frozenset(
    {CueKind.NAME, CueKind.CAUTION, CueKind.START, CueKind.RELEASE, CueKind.SIDE, CueKind.OUTRO}
)
_COUNTED = frozenset(
    {CueKind.LEAD_IN, CueKind.COUNT, CueKind.BREATH, CueKind.COUNTDOWN, CueKind.REST}
)
_SPOKEN = {
    Verbosity.FULL: frozenset(CueKind),
    Verbosity.BRIEF: _ALWAYS | _COUNTED | {CueKind.INTRO},
    # The writer leaves out most counts: enough are kept to follow them.
    Verbosity.MINIMAL: _ALWAYS | {CueKind.COUNT, CueKind.BREATH},
    Verbosity.CHIMES: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CueFilter:
    """The choice of cues that are spoken."""

    cues: Verbosity = Verbosity.FULL
    """How much in all."""
    counts: bool = True
    """Reps are counted."""
    halfway: bool = True
    """Half of a long hold is called."""
    countdown: bool = True
    """The last seconds are counted."""
    tips: bool = True
    """Tips are given in long holds."""
    left_first: bool = False
    """The left side begins."""

    def __post_init__(self) -> None:
        """Take a verbosity by name, too.

        Raises:
            UsageError: If there is none of that name.
        """
        object.__setattr__(self, "cues", one_of(Verbosity, self.cues, "amount of cues"))

    @property
    def speaks_own_words(self) -> bool:
        """Whether the author's start and release cues replace the pack's."""
        return self.cues in {Verbosity.FULL, Verbosity.BRIEF}

    @property
    def speaks_phases(self) -> bool:
        """Whether the parts of a rep are named."""
        return self.cues is Verbosity.FULL

    def speaks(self, kind: CueKind) -> bool:
        """Whether cues of a kind are spoken."""
        switches = {
            CueKind.COUNT: self.counts,
            CueKind.HALFWAY: self.halfway,
            CueKind.COUNTDOWN: self.countdown,
            CueKind.TIP: self.tips,
        }
        return kind in _SPOKEN[self.cues] and switches.get(kind, True)
