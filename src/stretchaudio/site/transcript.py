"""Write the words of a track as its page shows them: counts of a row in one line."""

from collections.abc import Iterator
from itertools import groupby

from stretchaudio.script.model import COUNTED, CueKind
from stretchaudio.track.captions import Line, LineKind, transcript, window_name
from stretchaudio.track.manifest import Manifest

_FOLDED = frozenset({CueKind.COUNT, CueKind.COUNTDOWN, CueKind.LEAD_IN, CueKind.BREATH})
"""Kinds of cues that come in rows and are nothing to read."""
_FEW = 3
"""As many counts are written out; of more, the first and the last."""


def page_lines(manifest: Manifest) -> tuple[Line, ...]:
    """List cues, and windows that the page names, in order."""
    named = {line.text for line in transcript(manifest) if line.kind is LineKind.WINDOW}
    lines = list(_cues(manifest))
    for window in manifest.windows:
        text = window_name(window, manifest.language)
        if window.kind not in COUNTED and text in named:
            end_s = round(window.start_s + window.length_s, 3)
            lines.append(Line(start_s=window.start_s, end_s=end_s, text=text, kind=LineKind.WINDOW))
    return tuple(sorted(lines, key=lambda line: (line.start_s, line.end_s, line.kind, line.text)))


def _cues(manifest: Manifest) -> Iterator[Line]:
    numbered = enumerate(manifest.cues)
    for _, group in groupby(numbered, key=lambda one: -1 if one[1].kind in _FOLDED else one[0]):
        cues = [cue for _, cue in group]
        texts = [cue.text for cue in cues]
        text = " ".join(texts) if len(texts) <= _FEW else f"{texts[0]} … {texts[-1]}"
        yield Line(start_s=cues[0].start_s, end_s=cues[-1].end_s, text=text, kind=LineKind.CUE)
