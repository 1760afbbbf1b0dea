"""Handouts on paper: pages are counted in what a browser prints."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browsing import CHROMIUM, needed
from conftest import Built, Ran
from stretchaudio.errors import FileError
from stretchaudio.language import languages
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.library import bundled_exercises, read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.track.handout import Person, handout
from stretchaudio.track.manifest import Manifest
from stretchaudio.track.reader import read_embedded
from stretchaudio.util.print_pdf import print_pdf

pytestmark = pytest.mark.xdist_group("browser")

ANNA = Person(
    name="Anna Katharina Beispiel-Mustermann",
    date="2026-05-03",
    page="https://example.org/stretching/sessions/anna-k-0123456789abcdef0123456789abcdef/",
)


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page[^s]", pdf))


def in_language(manifest: Manifest, code: str) -> tuple[Manifest, Routine]:
    """Write a manifest of the eight exercises of back-basics, with their words in a language."""
    routine = read_routine("back-basics", language=code)
    chapters, windows, cues = [], [], []
    one = manifest.chapters[0]
    work = next(window for window in manifest.windows if window.kind == "hold")
    for at, exercise in enumerate(routine.exercises):
        start_s = 100.0 * (at + 1)
        dose = describe_work(exercise, 0.5, code=code)
        chapters.append(
            replace(one, title=exercise.name, start_s=start_s, end_s=start_s + 90, dose=dose)
        )
        windows.append(replace(work, start_s=start_s + 50, length_s=30.0))
        says = [("setup", step.say) for step in exercise.setup]
        says += [("caution", exercise.caution)] if exercise.caution else []
        for number, (kind, text) in enumerate(says):
            begin_s = start_s + 2 * number + 1
            cue = replace(manifest.cues[0], kind=kind, text=text, start_s=begin_s)
            cues.append(replace(cue, end_s=begin_s + 1))
    found = replace(
        manifest,
        title=routine.title,
        language=code,
        chapters=tuple(chapters),
        windows=tuple(windows),
        cues=tuple(cues),
        duration_s=1000.0,
    )
    return found, routine


def test_eight_exercises_are_one_page_of_either_paper_in_every_language(
    browser, sided: Built
) -> None:
    manifest = read_embedded(sided.path).manifest
    page = browser.new_page()
    for code in languages():
        translated, routine = in_language(manifest, code)
        for paper in ("A4", "letter"):
            page.set_content(handout(translated, routine, person=ANNA, paper=paper))
            assert page.locator(".handout tbody tr:has(.time)").count() == 8
            assert sheets(page.pdf(prefer_css_page_size=True)) == 1, (code, paper)
    page.emulate_media(media="print")
    assert page.locator(".code svg").is_visible()
    assert page.locator(".comfort svg").is_visible()
    assert page.locator("#scale text").all_text_contents() == [str(n) for n in range(11)]
    assert all(
        step.say in page.inner_text("table") for one in routine.exercises for step in one.setup
    )
    colours = page.evaluate(
        "[...new Set([...document.querySelectorAll('.handout *')]"
        ".filter(one => one.innerText).map(one => getComputedStyle(one).color))]"
    )
    page.close()
    assert colours == ["rgb(0, 0, 0)"], "black on white tells all"


def test_the_longest_exercises_are_not_cut_eight_on_a_sheet_and_thirty_on_two(
    browser, sided: Built
) -> None:
    manifest = read_embedded(sided.path).manifest
    exercises = sorted(bundled_exercises().values(), key=_letters, reverse=True)
    page = browser.new_page()
    for count, most in ((8, 1), (30, 2)):
        longest = of_exercises(manifest, exercises[:count])
        for paper in ("A4", "letter"):
            page.set_content(handout(longest, person=ANNA, paper=paper))
            assert sheets(page.pdf(prefer_css_page_size=True)) <= most, (count, paper)
    page.close()


def _letters(exercise: Mapping[str, Any]) -> int:
    return sum(map(len, map(str, [*exercise.get("setup", ()), exercise.get("caution", "")])))


def of_exercises(manifest: Manifest, exercises: Sequence[Mapping[str, Any]]) -> Manifest:
    """Write a manifest of exercises of the library, each with a long dose."""
    work = next(window for window in manifest.windows if window.kind == "hold")
    chapters, windows, cues = [], [], []
    for at, exercise in enumerate(exercises, 1):
        start_s, title = 100.0 * at, str(exercise["name"])
        dose = "3 sets of 10 reps of 3 s, each side"
        one = replace(manifest.chapters[0], title=title, start_s=start_s, dose=dose)
        chapters.append(replace(one, end_s=start_s + 90))
        windows.append(replace(work, start_s=start_s + 50, length_s=30.0))
        says = [("setup", str(text)) for text in exercise.get("setup", ())]
        says += [("caution", str(exercise["caution"]))] if "caution" in exercise else []
        for number, (kind, text) in enumerate(says):
            begin_s = start_s + 2 * number + 1
            cue = replace(manifest.cues[0], kind=kind, text=text, start_s=begin_s)
            cues.append(replace(cue, end_s=begin_s + 1))
    return replace(
        manifest,
        chapters=tuple(chapters),
        windows=tuple(windows),
        cues=tuple(cues),
        duration_s=100.0 * len(exercises) + 200,
    )


def test_build_prints_a_pdf_where_a_browser_is_and_fails_where_that_fails(
    run: Callable[..., Ran], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed(CHROMIUM, "chromium")
    (home / "a.yaml").write_text("title: A\nexercises: [{name: Bridge, reps: 2}]\n")
    monkeypatch.setenv("STRETCHAUDIO_BROWSER", CHROMIUM or "")
    ran = run("build", "a.yaml", "-q", "--handout", "--handout-name", "Anna K.")
    assert ran.code == 0, ran.err
    assert "Name: <b>Anna K.</b>" in (home / "a.html").read_text()
    first = (home / "a.pdf").read_bytes()
    assert sheets(first) == 1
    failing = home / "browser"
    failing.write_text("#!/bin/sh\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setenv("STRETCHAUDIO_BROWSER", str(failing))
    ran = run("build", "a.yaml", "-q", "--handout")
    assert (ran.code, (home / "a.pdf").read_bytes()) == (4, first)
    assert "did not print the PDF." in ran.err
    monkeypatch.setenv("STRETCHAUDIO_BROWSER", "none")
    assert run("build", "a.yaml", "-q", "--handout").code == 0
    with pytest.raises(FileError, match="none is here"):
        print_pdf("<p>")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--handout-name", "Anna"), "Write --handout, too."),
        (("--handout", "--handout-page", "anna"), "'anna' is not the address of a page."),
    ],
)
def test_what_a_handout_cannot_show_is_told(
    run: Callable[..., Ran], options: tuple[str, ...], said: str
) -> None:
    ran = run("build", "back-basics", *options)
    assert (ran.code, said in ran.err) == (2, True)
