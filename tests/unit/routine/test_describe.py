"""A dose is the same on the screen, on paper and on a page, and is what the windows hold."""

import re
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from conftest import REPOSITORY, Ran
from routines import routine_texts
from sessions import plan
from stretchaudio import Level, Options, Routine, RoutineError, read_routine
from stretchaudio.errors import UsageError
from stretchaudio.language import Language, Verbosity, language, languages
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.parse import parse_routine
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.site.model import SessionInfo, SiteInfo, session_assets
from stretchaudio.site.pages import site_files
from stretchaudio.track.chapters import chapters_of, within
from stretchaudio.track.handout import handout
from stretchaudio.track.manifest import Manifest, WindowEntry

ROUTINES = sorted((REPOSITORY / "routines").glob("*.yaml"))
SILENT = CueFilter(cues=Verbosity.CHIMES)
"""Nothing has to be spoken to know the doses."""


def on_paper(manifest: Manifest) -> list[str]:
    return _cells(r'<td class="dose"[^>]*>(.*?)</td>', handout(manifest))


def on_the_page(manifest: Manifest) -> list[str]:
    site = SiteInfo(
        title="A site",
        summary="",
        language="en",
        base_url=None,
        feeds={},
        icons={},
        cover="cover.jpg",
    )
    facts = SessionInfo(
        id="one",
        manifest=manifest,
        routine=None,
        audio="one.mp3",
        size_bytes=1,
        assets=session_assets(manifest, b"", {}),
        published="2026-01-01",
        changed="2026-01-01",
        key="",
    )
    html = site_files(site, [facts])["sessions/one/index.html"].decode()
    return _cells(r'<span class="dose">(.*?)</span>', html)


def prescribed(routine: Routine, level: Level) -> list[str]:
    return [
        describe_work(exercise, level.fraction, code=routine.language)
        for section in routine.sections
        for _ in range(section.rounds)
        for exercise in section.exercises
    ]


def _cells(pattern: str, html: str) -> list[str]:
    return [unescape(cell) for cell in re.findall(pattern, html)]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("path", ROUTINES, ids=lambda path: path.stem)
def test_bundled_routines_show_one_dose_everywhere(
    run: Callable[..., Ran], path: Path, level: Level
) -> None:
    shown = run("show", path, "--level", level, "--cues", "chimes")
    routine = read_routine(path)
    manifest = plan(routine, Options(level=level, cue_filter=SILENT), measured=False).manifest
    doses = prescribed(routine, level)
    assert on_paper(manifest) == doses
    assert on_the_page(manifest) == doses
    names = [chapter.title for chapter in manifest.chapters]
    printed = shown.out.splitlines()
    for name, dose in zip(names, doses, strict=True):
        assert any(
            re.search(rf"{re.escape(name)} +{re.escape(dose)} +[·█]", line) for line in printed
        ), dose
    _see_in_the_windows(manifest)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=routine_texts)
def test_odd_routines_show_one_dose_everywhere(text: str) -> None:
    try:
        routine = parse_routine(text, file="odd.yaml", library={}, languages=languages())
        manifest = plan(routine, Options(cue_filter=SILENT), measured=False).manifest
    except (RoutineError, UsageError):  # longer than twelve hours
        return
    doses = prescribed(routine, Level.INTERMEDIATE)
    assert [chapter.dose for chapter in manifest.chapters] == doses  # what `show` prints
    assert on_paper(manifest) == doses
    assert on_the_page(manifest) == doses
    _see_in_the_windows(manifest)


def _see_in_the_windows(manifest: Manifest) -> None:
    """Count the doses again from the windows of the track."""
    for chapter in chapters_of(manifest):
        work = [
            one for one in within(manifest.windows, (chapter.start_s, chapter.end_s)) if one.set
        ]
        words = language(manifest.language)
        sets = max((one.set or 0 for one in work), default=1)
        assert (_most(words, "set", chapter.dose) or 1) == sets, chapter
        assert _most(words, "rep", chapter.dose) == _counted(work, "rep"), chapter
        assert _most(words, "breath", chapter.dose) == _counted(work, "breath"), chapter
        held = re.escape(words.page["held"]).replace(r"\{length\}", r"([\d.]+) s")
        for length in re.findall(held, chapter.dose):
            assert float(length) in {one.length_s for one in work if one.kind == "hold"}, chapter
        assert " × " not in re.sub(r"\d+ × \(", "", chapter.dose)


def _most(words: Language, noun: str, dose: str) -> int:
    """The largest number before a noun, whether of one or of several."""
    forms = (re.escape(words.amount(number, noun)) for number in (1, 7))
    patterns = [re.sub(r"[17]", r"(\\d+)", form) + r"(?!\w)" for form in forms]
    found = (number for pattern in patterns for number in re.findall(pattern, dose))
    return max(map(int, found), default=0)


def _counted(work: Sequence[WindowEntry], kind: str) -> int:
    return max((one.rep or 0 for one in work if one.kind == kind), default=0)


@pytest.mark.parametrize(
    ("exercise", "dose"),
    [
        ("reps: 20, sets: 3", "3 sets of 20 reps"),
        (
            "work: [{repeat: 10, work: [{hold: 5s}, {move: 3s}]}], sets: 3",
            "3 sets of 10 × (5 s hold, 3 s move)",
        ),
        ("breaths: 6", "6 breaths"),
        ("reps: 1", "1 rep"),
        ("hold: 15-30s, sets: 2-3", "3 sets of 25 s hold"),
        ("reps: 11, sides: alternate", "12 reps, alternating sides"),
        (
            "work: [{reps: 10}, {hold: 45s}], sets: 3, sides: each",
            "3 sets of (10 reps, 45 s hold), each side",
        ),
        ("work: [{reps: 10}, {hold: 45s}]", "10 reps, 45 s hold"),
        ("time: 5m", "5 min moving"),
    ],
)
def test_a_dose_is_worded_as_it_is_prescribed(exercise: str, dose: str) -> None:
    text = f"title: One\nexercises: [{{name: It, {exercise}}}]\n"
    routine = parse_routine(text, file="one.yaml", library={}, languages=languages())
    assert prescribed(routine, Level.INTERMEDIATE) == [dose]
