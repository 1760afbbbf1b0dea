"""A script while it is being written: what has been put down so far, and where in the session the pen is."""

import re
from collections import Counter

from stretchaudio.language import Language, Verbosity
from stretchaudio.script.model import Chapter, Cue, CueKind, Item, Say, TimedCue, Window, WindowKind
from stretchaudio.script.verbosity import CueFilter

SENTENCE_MS = 350
"""Quiet between two sentences."""
PARAGRAPH_MS = 800
"""Quiet before something new begins."""
BEAT_MS = 600
"""Quiet between a start cue and the first beat, so that the first count is heard apart from it."""


_DOUBLE_STOP = re.compile(r"([.?!])\.(?!\.)")
"""A name that ends in a stop of its own, at the end of a phrase."""
_SENTENCE_START = re.compile(r"(?:^|(?<=[.?!] ))\w")


class ScriptBuilder:
    """Collects the items of a script.

    Args:
        language: Where the words come from.
        cue_filter: What of it is spoken.
    """

    def __init__(self, language: Language, cue_filter: CueFilter) -> None:
        self.language = language
        self.cue_filter = cue_filter
        self.items: list[Item] = []
        self.exercise: str | None = None
        self.side: str | None = None
        self.set: int | None = None
        self._used: Counter[str] = Counter()

    def phrase(self, key: str, **values: object) -> str:
        """Fill in a phrase in the form that fits how much is told, taking its alternatives in turn; empty if it is not said."""
        if self.cue_filter.cues is Verbosity.CHIMES:
            return ""
        forms = self.language.phrases[key]
        alternatives = forms[self.cue_filter.cues]
        text = alternatives[self.turn(f"phrase {key}", len(alternatives))].format(**values)
        text = _DOUBLE_STOP.sub(r"\1", text)
        return _SENTENCE_START.sub(lambda match: match[0].upper(), text)

    def turn(self, what: str, of: int) -> int:
        """Whose turn it is, from 0, among `of` things that are taken one after the other."""
        self._used[what] += 1
        return (self._used[what] - 1) % of

    def say(self, kind: CueKind, text: str, *, pause_ms: int | None = None) -> None:
        """Add a cue between windows: on the beat after a window, a sentence's pause after other speech."""
        if not text or not self.cue_filter.speaks(kind):
            return
        if pause_ms is None:
            pause_ms = SENTENCE_MS if self.items and isinstance(self.items[-1], Say) else 0
        self.items.append(
            Say(cue=Cue(kind=kind, text=text), exercise=self.exercise, pause_ms=pause_ms)
        )

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
            exercise=self.exercise or "",
            side=side or self.side,
            set=self.set,
            rep=rep,
            pause_ms=pause_ms,
            cues=tuple(
                timed for timed in cues if timed.cue.text and self.cue_filter.speaks(timed.cue.kind)
            ),
            inhale_ms=inhale_ms,
        )
        self.items.append(window)

    def beat_ms(self) -> int:
        """How long to wait before the first beat: a moment after speech, none right after a window."""
        return BEAT_MS if isinstance(self.items[-1], Say) else 0

    def chapter(self, title: str, dose: str) -> None:
        """Begin an exercise."""
        self.items.append(Chapter(title=title, dose=dose))
        self.exercise = title


def timed(kind: CueKind, text: str, at_ms: int, *, follows: bool = False) -> TimedCue:
    """A cue inside a window."""
    return TimedCue(cue=Cue(kind=kind, text=text), at_ms=at_ms, follows=follows)
