"""A manifest to a cue sheet: one page to print, with what is done when."""

from dataclasses import dataclass
from itertools import groupby

from stretchaudio.share.pages import page
from stretchaudio.shown import clock, shown_length
from stretchaudio.track.chapters import chapters_of
from stretchaudio.track.manifest import Manifest, WindowEntry

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_DONE = {"hold", "rep", "breath", "time"}


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
        windows = [one for one in manifest.windows if chapter.start_s <= one.start_s < chapter.end_s]
        cues = [one for one in manifest.cues if chapter.start_s <= one.start_s < chapter.end_s]
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


def _dose(windows: list[WindowEntry]) -> str:
    """Such as "3 × 23 s" or "14 × 3 s, right / left": figures that every language reads."""
    done = [one for one in windows if one.kind in _DONE]
    counts: dict[tuple[str, float], int] = {}
    for (kind, length_s), group in groupby(done, key=lambda one: (one.kind, one.length_s)):
        counts[kind, length_s] = counts.get((kind, length_s), 0) + len(list(group))
    figures = " + ".join(
        f"{count} × {shown_length(length_s)}" if count > 1 else shown_length(length_s) for (_, length_s), count in counts.items()
    )
    sides = dict.fromkeys(one.side for one in done if one.side is not None)
    return ", ".join([figures, " / ".join(sides)] if sides else [figures])


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
