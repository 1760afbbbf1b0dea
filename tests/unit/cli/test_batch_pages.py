"""Tracks of a batch get pages that no list names, and their handouts open them."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import SIDED, Built, Ran
from stretchaudio.cli.batch_pages import PAGES, PageRequest, check_pages, make_pages
from stretchaudio.errors import UsageError
from stretchaudio.session.batch import Job
from stretchaudio.session.options import Options
from stretchaudio.session.sidecars import Sidecars
from stretchaudio.track.handout import Person
from stretchaudio.util.qr import qr_inline

ADDRESS = "https://example.org/clinic/"


def test_a_handout_opens_the_page_of_its_track_and_keeps_its_address(
    build: Callable[..., Built], write: Callable[..., Path], home: Path
) -> None:
    routine = write(SIDED)
    sidecars = Sidecars(handout=True, person=Person(name="Anna K."))
    job = Job(row=1, routine=str(routine), path=build(routine).path, sidecars=sidecars)
    request = PageRequest(site=home / "site", base_url=ADDRESS)
    listed = []
    for _ in range(2):
        make_pages([job], request, Options(voice="espeak"), home)
        listed.append((home / PAGES).read_text())
    assert listed[0] == listed[1], "a page that is there stays where it is"
    (row,) = csv.DictReader(listed[0].splitlines())
    assert row["track"] == job.path.name
    folder = row["page"].removeprefix(ADDRESS)
    assert (home / "site" / folder / "index.html").is_file()
    assert folder not in (home / "site" / "index.html").read_text()
    sheet = job.path.with_suffix(".html").read_text()
    assert "Name: <b>Anna K.</b>" in sheet
    assert qr_inline(row["page"]) in sheet


def test_pages_without_a_place_are_refused_before_anything_is_made(
    run: Callable[..., Ran], home: Path
) -> None:
    (home / "people.csv").write_text("routine,page\nback-basics,yes\n")
    ran = run("batch", "people.csv", "-o", "out")
    assert (ran.code, "--site FOLDER --base-url" in ran.err) == (2, True)
    assert not (home / "out").exists()
    with pytest.raises(UsageError, match="a new one needs an address"):
        check_pages(PageRequest(site=home / "site"), are_wanted=True, place="out")
