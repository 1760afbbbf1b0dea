"""A manifest to a cue sheet: one page to print, with what is done when."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from stretchaudio.script.model import WORK
from stretchaudio.share.pages import page
from stretchaudio.shown import clock, shown_length
from stretchaudio.track.chapters import chapters_of, within
from stretchaudio.track.manifest import Manifest, WindowEntry

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """An exercise on a cue sheet."""

    title: str
    """Its name."""
    start_text: str
    """When it begins."""
    dose: str
    """How much is done."""
    sentences: tuple[str, ...]
    """How one gets into it."""
    caution: str
    """What to mind, or nothing."""


def sheet_rows(manifest: Manifest) -> tuple[SheetRow, ...]:
    """The exercises of a session, in order."""
    rows = []
    for chapter in chapters_of(manifest):
        span_s = (chapter.start_s, chapter.end_s)
        windows, cues = within(manifest.windows, span_s), within(manifest.cues, span_s)
        if windows:
            rows.append(
                SheetRow(
                    title=chapter.title,
                    start_text=clock(chapter.start_s),
                    dose=_dose(windows),
                    sentences=tuple(cue.text for cue in cues if cue.kind == "setup"),
                    caution=" ".join(cue.text for cue in cues if cue.kind == "caution"),
                )
            )
    return tuple(rows)


def _dose(windows: Sequence[WindowEntry]) -> str:
    """Such as "3 × 23 s", "2 × 30 s, right / left" (on each side) or "14 × 3 s, right ↔ left" (in all, in turn)."""
    done = [one for one in windows if one.kind in WORK]
    sides = list(dict.fromkeys(one.side for one in done if one.side is not None))
    in_turn = sum(one.side != other.side for one, other in pairwise(done)) > 1
    counted = done if in_turn or not sides else [one for one in done if one.side in {None, sides[0]}]
    counts = Counter((one.kind, one.length_s) for one in counted)
    figures = " + ".join(
        f"{count} × {shown_length(length_s)}" if count > 1 else shown_length(length_s) for (_, length_s), count in counts.items()
    )
    return ", ".join([figures, (" ↔ " if in_turn else " / ").join(sides)] if sides else [figures])


def cuesheet(manifest: Manifest, *, summary: str = "", source: str | None = None, licence: str | None = None) -> str:
    """A cue sheet as HTML; a browser prints it, or saves it as a PDF.

    Args:
        manifest: The session.
        summary: One sentence about it.
        source: Where its prescription comes from.
        licence: Under which it may be passed on.
    """
    return page(
        "cuesheet.html.j2",
        manifest=manifest,
        rows=sheet_rows(manifest),
        length=clock(manifest.duration_s),
        direction="rtl" if manifest.language in RIGHT_TO_LEFT else "ltr",
        summary=summary,
        source=source,
        licence=licence,
    )
