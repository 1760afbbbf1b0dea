"""Collect the items of a script, each with its place in the session."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from stretchaudio.language import Language, Verbosity
from stretchaudio.script.model import Chapter, Cue, CueKind, Item, Say, TimedCue, Window, WindowKind
from stretchaudio.script.pauses import BEFORE_FIRST_BEAT_MS, SENTENCE_PAUSE_MS
from stretchaudio.script.verbosity import CueFilter

# A name that ends in a stop of its own, at the end of a phrase.
_DOUBLE_STOP = re.compile(r"([.?!])\.(?!\.)")
_SENTENCE_START = re.compile(r"(?:^|(?<=[.?!] ))\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    exercise: str | None = None
    side: str | None = None
    set_: int | None = None


class ScriptBuilder:
    """Collect the items of a script.

    Args:
        language: The phrase pack that the words are from.
        cue_filter: The choice of cues that are spoken.
    """

    def __init__(self, language: Language, cue_filter: CueFilter) -> None:
        self.language = language
        self.cue_filter = cue_filter
        self.items: list[Item] = []
        self._place = _Place()
        self._used: Counter[str] = Counter()
        self._wait_ms = 0
        """Quiet that what is said next has to keep."""
        self.is_counted_in = False
        """Whether the last thing heard was "3, 2, 1"."""

    @contextmanager
    def chapter(self, title: str, dose: str, bed: str | None) -> Iterator[None]:
        """Begin an exercise; all that is added in the block belongs to it."""
        self.items.append(Chapter(title=title, dose=dose, bed=bed))
        with self._at(replace(self._place, exercise=title)):
            yield

    @contextmanager
    def side(self, label: str) -> Iterator[None]:
        """Be on a side of the exercise for the time of a block."""
        with self._at(replace(self._place, side=label)):
            yield

    @contextmanager
    def set(self, number: int) -> Iterator[None]:
        """Be in a set of the exercise, counted from 1, for the time of a block."""
        with self._at(replace(self._place, set_=number)):
            yield

    @contextmanager
    def _at(self, place: _Place) -> Iterator[None]:
        outer, self._place = self._place, place
        try:
            yield
        finally:
            self._place = outer

    def phrase(self, key: str, **values: object) -> str:
        """Fill in a phrase, taking its alternatives in turn; empty if it is not said."""
        if self.cue_filter.cues is Verbosity.CHIMES:
            return ""
        alternatives = self.language.phrases[key][self.cue_filter.cues]
        text = alternatives[self.turn(f"phrase {key}", len(alternatives))].format(**values)
        text = _DOUBLE_STOP.sub(r"\1", text)
        return _SENTENCE_START.sub(lambda match: match[0].upper(), text)

    def turn(self, what: str, of: int) -> int:
        """Go round: the index in `range(of)` that follows the last one given for `what`."""
        self._used[what] += 1
        return (self._used[what] - 1) % of

    def say(
        self, kind: CueKind, text: str, *, pause_ms: int | None = None, wait_ms: int = 0
    ) -> None:
        """Add a cue between windows.

        Args:
            kind: What it is for.
            text: The words; empty for none.
            pause_ms: Quiet before it; None for a sentence's pause after speech, else no pause.
            wait_ms: Quiet before whatever is said next, in which one does what was said.
        """
        if not text or not self.cue_filter.speaks(kind):
            return
        if pause_ms is None:
            pause_ms = SENTENCE_PAUSE_MS if self.items and isinstance(self.items[-1], Say) else 0
        say = Say(
            cue=Cue(kind=kind, text=self.language.with_sides(text)),
            exercise=self._place.exercise,
            pause_ms=max(pause_ms, self._wait_ms),
        )
        self.items.append(say)
        self._wait_ms = wait_ms
        self.is_counted_in = False

    def drop_last(self, phrases: Iterable[Iterable[str]]) -> None:
        """Take back what was said last if it is one of some phrases: something better follows."""
        last = self.items[-1]
        if isinstance(last, Say) and any(last.cue.text in texts for texts in phrases):
            self.items.pop()

    def window(
        self,
        kind: WindowKind,
        length_ms: int,
        *cues: TimedCue,
        rep: int | None = None,
        side: str | None = None,
        pause_ms: int = 0,
        inhale_ms: int | None = None,
    ) -> None:
        """Add a window of the exercise at hand."""
        window = Window(
            kind=kind,
            length_ms=length_ms,
            exercise=self._place.exercise or "",
            side=side or self._place.side,
            set=self._place.set_,
            rep=rep,
            pause_ms=pause_ms,
            cues=tuple(map(self._with_sides, filter(self._is_spoken, cues))),
            inhale_ms=inhale_ms,
        )
        self.items.append(window)
        self._wait_ms = 0
        self.is_counted_in = any(timed.cue.kind is CueKind.LEAD_IN for timed in window.cues)

    def _is_spoken(self, timed: TimedCue) -> bool:
        return bool(timed.cue.text) and self.cue_filter.speaks(timed.cue.kind)

    def _with_sides(self, timed: TimedCue) -> TimedCue:
        text = self.language.with_sides(timed.cue.text)
        return replace(timed, cue=replace(timed.cue, text=text))

    def beat_ms(self) -> int:
        """Tell how long to wait before a first beat: a moment after speech, else not at all."""
        return BEFORE_FIRST_BEAT_MS if isinstance(self.items[-1], Say) else 0


def timed(kind: CueKind, text: str, at_ms: int, **how: bool) -> TimedCue:
    """Make a cue inside a window."""
    return TimedCue(cue=Cue(kind=kind, text=text), at_ms=at_ms, **how)
