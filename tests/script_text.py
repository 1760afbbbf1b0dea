"""A script as lines of text, for golden files."""

from collections.abc import Iterator

from stretchaudio.script.model import Chapter, Say, Script, Window


def lines(script: Script) -> Iterator[str]:
    """One line for each cue and window.

    Cues inside a window are indented, with their time in it.
    """
    for item in script.items:
        if isinstance(item, Chapter):
            yield f"# {item.title}"
        elif isinstance(item, Say):
            yield f"{item.cue.kind}: {item.cue.text}" + (
                f"  (after {item.pause_ms} ms)" if item.pause_ms else ""
            )
        else:
            yield from _window(item)


def _window(window: Window) -> Iterator[str]:
    facts = [
        f"{window.length_ms / 1000:g} s",
        window.side,
        window.set and f"set {window.set}",
        window.rep and f"rep {window.rep}",
    ]
    pause = f"  (after {window.pause_ms} ms)" if window.pause_ms else ""
    yield f"[{window.kind} {', '.join(fact for fact in facts if fact)}]{pause}"
    for timed in window.cues:
        at = f"+{timed.at_ms} ms" if timed.follows else f"{timed.at_ms / 1000:g} s"
        yield f"    {at} {timed.cue.kind}: {timed.cue.text}"
