"""A manifest to a handout: one page to print, with what is done when."""

from dataclasses import dataclass
from pathlib import Path

from stretchaudio.language import language
from stretchaudio.track.chapters import chapters_of, within
from stretchaudio.track.manifest import Manifest
from stretchaudio.util.templates import render_template
from stretchaudio.util.units import format_clock

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoutRow:
    """An exercise on a handout."""

    title: str
    """Its name."""
    start_text: str
    """When it begins."""
    dose: str
    """How much is done, as `show` words it."""
    sentences: tuple[str, ...]
    """How one gets into it."""
    caution: str
    """What to mind, or nothing."""


def handout_rows(manifest: Manifest) -> tuple[HandoutRow, ...]:
    """The exercises of a session, in order."""
    rows = []
    for chapter in chapters_of(manifest):
        span_s = (chapter.start_s, chapter.end_s)
        windows, cues = within(manifest.windows, span_s), within(manifest.cues, span_s)
        if windows:
            rows.append(
                HandoutRow(
                    title=chapter.title,
                    start_text=format_clock(chapter.start_s),
                    dose=chapter.dose,
                    sentences=tuple(cue.text for cue in cues if cue.kind == "setup"),
                    caution=" ".join(cue.text for cue in cues if cue.kind == "caution"),
                )
            )
    return tuple(rows)


def handout(
    manifest: Manifest, *, summary: str = "", source: str | None = None, licence: str | None = None
) -> str:
    """A handout as HTML; a browser prints it, or saves it as a PDF.

    Args:
        manifest: The session.
        summary: One sentence about it.
        source: Where its prescription comes from.
        licence: Under which it may be passed on.
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
