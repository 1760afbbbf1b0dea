"""Write a handout: one page to print, with each exercise and when it is done."""

from dataclasses import dataclass
from pathlib import Path

from stretchaudio.language import language
from stretchaudio.script.model import CueKind
from stretchaudio.track.chapters import chapters_of, within
from stretchaudio.track.manifest import Manifest
from stretchaudio.util.templates import render_template
from stretchaudio.util.units import format_clock

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoutRow:
    """An exercise on a handout."""

    title: str
    start_text: str
    """When it begins, as m:ss."""
    dose: str
    """How much is done, as `show` words it."""
    sentences: tuple[str, ...]
    """How one gets into it."""
    caution: str
    """What to mind; empty when there is nothing."""


def handout_rows(manifest: Manifest) -> tuple[HandoutRow, ...]:
    """List the exercises of a session in order."""
    rows = []
    chapters = chapters_of(manifest)
    # For players the first exercise begins with the track, if little is said before it.
    exercises = chapters[len(chapters) - len(manifest.chapters) :]
    for entry, chapter in zip(manifest.chapters, exercises, strict=True):
        span_s = (chapter.start_s, chapter.end_s)
        cues = within(manifest.cues, span_s)
        if not within(manifest.windows, span_s):
            continue
        rows.append(
            HandoutRow(
                title=chapter.title,
                start_text=format_clock(entry.start_s),
                dose=chapter.dose,
                sentences=tuple(cue.text for cue in cues if cue.kind == CueKind.SETUP),
                caution=" ".join(cue.text for cue in cues if cue.kind == CueKind.CAUTION),
            )
        )
    return tuple(rows)


def handout(
    manifest: Manifest, *, summary: str = "", source: str | None = None, licence: str | None = None
) -> str:
    """Write a handout as HTML, which a browser prints or saves as a PDF.

    Args:
        manifest: The manifest of the session's track.
        summary: One sentence about it.
        source: Where its prescription comes from.
        licence: The licence under which it may be passed on.
    """
    return render_template(
        TEMPLATES / "handout.html.j2",
        manifest=manifest,
        rows=handout_rows(manifest),
        length=format_clock(manifest.duration_s),
        direction=language(manifest.language).direction,
        summary=summary,
        source=source,
        licence=licence,
    )
