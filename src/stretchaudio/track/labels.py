"""Write a track's timeline as labels, as sound editors read them beside its stems.

One label a line: start and end in seconds, and a text, with tabs between them
(https://manual.audacityteam.org/man/importing_and_exporting_labels.html).
"""

from stretchaudio.track.captions import window_name
from stretchaudio.track.manifest import Manifest, WindowEntry

_BELL = "\u266a"


def labels(manifest: Manifest) -> str:
    """Write exercises, windows, words and bells as labels, in the order they begin."""
    spans = [(one.start_s, one.end_s, one.title) for one in manifest.chapters]
    spans += [
        (one.start_s, one.start_s + one.length_s, _name(one, manifest.language))
        for one in manifest.windows
    ]
    spans += [(one.start_s, one.end_s, one.text) for one in manifest.cues]
    spans += [(one.at_s, one.at_s, _BELL) for one in manifest.chimes]
    # Of those that begin together the longest comes first: what it holds follows.
    spans.sort(key=lambda span: (span[0], -span[1]))
    return "".join(
        f"{start_s:.6f}\t{end_s:.6f}\t{' '.join(text.split())}\n" for start_s, end_s, text in spans
    )


def _name(window: WindowEntry, code: str) -> str:
    name = window_name(window, code)
    return f"{name}, {window.side}" if window.side else name
