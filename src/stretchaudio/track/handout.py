"""Write a handout: one page to print, with each exercise and when it is done."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from stretchaudio.language import language
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import WORK, CueKind
from stretchaudio.track.chapters import chapters_of, within
from stretchaudio.track.manifest import HALF_FRAME_S, CueEntry, Manifest, WindowEntry
from stretchaudio.util.print_pdf import print_pdf
from stretchaudio.util.qr import qr_inline
from stretchaudio.util.templates import render_template
from stretchaudio.util.units import format_clock

if TYPE_CHECKING:
    from stretchaudio.track.figures import ShownFigure

TEMPLATES = Path(__file__).parent / "templates"
HANDOUT_STYLE = TEMPLATES / "handout.css"
"""The style of handouts, by themselves and on a page that is printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose handout it is; what is empty is not on it."""

    name: str = ""
    # Not in `repr`, by which rows of a batch are told apart: tomorrow they are the same.
    date: str = field(default="", repr=False)
    """The day it was made; empty for a line to write it on."""
    page: str = ""
    """The address of the session's page, for a QR code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoutRow:
    """An exercise on a handout."""

    title: str
    section: str
    """The title of the section it is in; empty when there is none."""
    start_text: str
    """When it begins, as m:ss."""
    dose: str
    """How much is done, as `show` words it."""
    sentences: tuple[str, ...]
    """How one gets into it."""
    tips: tuple[str, ...]
    """What helps meanwhile: where to feel it, how to breathe."""
    caution: str
    """What to mind; empty when there is nothing."""
    figure: "ShownFigure | None"
    """Its picture, if it has one."""


def handout_rows(manifest: Manifest, routine: Routine | None = None) -> tuple[HandoutRow, ...]:
    """List the exercises of a session in order.

    Args:
        manifest: The manifest of its track.
        routine: The routine it was built from, which knows its sections.
    """
    rows = []
    section = ""
    from stretchaudio.track.figures import shown_figures

    ahead = _placed(routine)
    figures = shown_figures(manifest, routine)
    chapters = chapters_of(manifest)
    # For players the first exercise begins with the track, if little is said before it.
    exercises = chapters[len(chapters) - len(manifest.chapters) :]
    for entry, chapter in zip(manifest.chapters, exercises, strict=True):
        span_s = (chapter.start_s, chapter.end_s)
        cues = within(manifest.cues, span_s)
        work = [one for one in within(manifest.windows, span_s) if one.kind in WORK]
        if not work:
            continue
        # An exercise may be in several sections; some may have been left out of the track.
        while any(name == chapter.title for name, _ in ahead):
            name, section = ahead.pop(0)
            if name == chapter.title:
                break
        setup = tuple(cue.text for cue in cues if cue.kind == CueKind.SETUP)
        rows.append(
            HandoutRow(
                title=chapter.title,
                section=section,
                start_text=format_clock(entry.start_s),
                dose=chapter.dose,
                sentences=setup,
                tips=tuple(dict.fromkeys(cue.text for cue in cues if _is_tip(cue, work))),
                caution=" ".join(cue.text for cue in cues if cue.kind == CueKind.CAUTION),
                figure=figures.get(chapter.title),
            )
        )
    return tuple(rows)


def _placed(routine: Routine | None) -> list[tuple[str, str]]:
    """List the exercises of a routine in the order they are done, each with its section's title."""
    return [
        (exercise.name, section.title or "")
        for section in (routine.sections if routine else ())
        for _ in range(section.rounds)
        for exercise in section.exercises
    ]


def _is_tip(cue: CueEntry, work: Sequence[WindowEntry]) -> bool:
    """Tell a tip, which is spoken during the work, from praise, which comes behind it."""
    if cue.kind != CueKind.TIP:
        return False
    heard_s = cue.start_s + HALF_FRAME_S
    last = work[max(0, bisect_right(work, heard_s, key=lambda one: one.start_s) - 1)]
    return last.start_s <= heard_s < last.start_s + last.length_s


# Measured in Chromium, on A4 and letter, at which size of type nothing takes a further sheet: with
# figures, the German and the French back-basics at 8.8 pt, the Italian at 9.2; without, the eight
# longest exercises at 8.9, any twelve at 8.1, and on two sheets any 24 at 8.5, any thirty at 7.7
# and the thirty longest at 7.3.
_SIZES = (1700, 2100, 3100, 3700, 4400)
"""Letters on a sheet above which type is a size smaller; the sizes are in the style."""
_ROW = 100
"""Letters whose room a row takes besides its words."""
_ONE_SHEET = 12
"""Exercises that go on one sheet."""


def _size(rows: Sequence[HandoutRow]) -> int:
    """Choose the size of type with which no sentence is cut and no sheet wasted, 0 the largest."""
    letters = sum(_ROW + len(" ".join((*row.sentences, row.caution))) for row in rows)
    a_sheet = letters / (1 if len(rows) <= _ONE_SHEET else 2)
    return sum(a_sheet > most for most in _SIZES)


def handout(
    manifest: Manifest,
    routine: Routine | None = None,
    *,
    person: Person | None = None,
    paper: str | None = None,
) -> str:
    """Write a handout as HTML, which a browser prints or saves as a PDF.

    Args:
        manifest: The manifest of the session's track.
        routine: The routine it was built from.
        person: Whose it is.
        paper: "A4" or "letter"; None for that of the printer.
    """
    words = language(manifest.language)
    page = person.page if person else ""
    return render_template(
        TEMPLATES / "handout.html.j2",
        manifest=manifest,
        direction=words.direction,
        style=HANDOUT_STYLE.read_text(encoding="utf-8"),
        paper=paper,
        body=handout_body(
            manifest, routine, qr_svg=qr_inline(page) if page else None, person=person
        ),
    )


def handout_pdf(
    manifest: Manifest, routine: Routine | None = None, *, person: Person | None = None
) -> bytes:
    """Print a handout as a PDF of A4 sheets.

    Raises:
        FileError: If no browser is there, or it fails.
    """
    return print_pdf(handout(manifest, routine, person=person, paper="A4"))


def handout_body(
    manifest: Manifest,
    routine: Routine | None = None,
    *,
    qr_svg: str | None = None,
    person: Person | None = None,
    figures: Mapping[str, str] | None = None,
) -> str:
    """Write what a handout shows, for a page around it.

    Args:
        manifest: The manifest of the session's track.
        routine: The routine it was built from.
        qr_svg: The address of the session as a QR code, an SVG element.
        person: Whose it is; None to leave a line for the date.
        figures: The addresses of files with the figures, by the exercises' names; None to draw
            them into the page.
    """
    words = language(manifest.language)
    rows = handout_rows(manifest, routine)
    return render_template(
        TEMPLATES / "handout_body.html.j2",
        manifest=manifest,
        rows=rows,
        size=_size(rows),
        sections=[
            (section, list(members))
            for section, members in groupby(rows, key=lambda one: one.section)
        ],
        level=level_words(manifest),
        summary=routine.summary if routine else "",
        source=routine.source if routine else None,
        licence=routine.licence if routine else None,
        qr_svg=qr_svg,
        person=person or Person(),
        figures=figures,
        t=words.page,
    )


def level_words(manifest: Manifest) -> str:
    """Say how the doses were chosen, in the language of the session."""
    page = language(manifest.language).page
    if manifest.minutes is not None:
        return str(page["fitted"].format(n=f"{manifest.minutes:g}"))
    return str(page["levels"].get(manifest.level, manifest.level))
