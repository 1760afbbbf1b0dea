"""How long a script will take, before it has been spoken."""

from stretchaudio.script.model import Say, Script, Window
from stretchaudio.timeline import END_MS, START_MS

CHARACTERS_A_SECOND = 15.5
CUE_S = 0.15
"""With the rate above, fitted to what the embedded voice takes for the bundled routines."""


def estimated_s(script: Script) -> float:
    """About how long the track will be."""
    total_s = (START_MS + END_MS) / 1000
    for item in script.items:
        if isinstance(item, Window):
            total_s += (item.pause_ms + item.length_ms) / 1000
        elif isinstance(item, Say):
            total_s += item.pause_ms / 1000 + CUE_S + len(item.cue.text) / CHARACTERS_A_SECOND
    return total_s
