"""Put tracks of a batch on a site, each with a page that no list names, and link handouts to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stretchaudio.errors import UsageError
from stretchaudio.routine.library import read_routine
from stretchaudio.session.batch import Job
from stretchaudio.session.options import Options
from stretchaudio.session.sidecars import Sidecars
from stretchaudio.site.folder import STATE_NAME
from stretchaudio.site.publish import SiteRequest, publish, site_id
from stretchaudio.track.reader import read_embedded
from stretchaudio.util.atomic import atomic_write
from stretchaudio.util.bucket import is_bucket

PAGES = "pages.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Where the pages of a batch go."""

    site: Path
    base_url: str | None = None
    """The site's address; None for that of the last time."""


def check_pages(request: PageRequest | None, *, are_wanted: bool, place: str) -> None:
    """Refuse pages that have no place, before anything is made.

    Raises:
        UsageError: If rows want pages and no site is named, or a new one without an address.
    """
    if are_wanted and request is None:
        raise UsageError(
            "Rows of the table ask for a page, and no site is named.",
            hint="Name its folder: --site FOLDER --base-url https://…",
        )
    if are_wanted and is_bucket(place):
        raise UsageError(
            "Pages are made of tracks in a folder, not in a bucket.",
            hint="Name a folder for -o, or leave the column 'page' empty.",
        )
    if request and request.base_url is None and not (request.site / STATE_NAME).is_file():
        raise UsageError(
            f"There is no site in {request.site} yet, and a new one needs an address.",
            hint="Add --base-url https://…, where the folder will be on the web.",
        )


def make_pages(jobs: Sequence[Job], request: PageRequest, options: Options, folder: Path) -> None:
    """Publish the tracks of some jobs, list their addresses, and put these on their handouts.

    Raises:
        UsageError: If the site has no address, or holds something else.
        StretchaudioError: If a track or a file cannot be read or written.
    """
    done = publish(
        request.site,
        SiteRequest(
            tracks=tuple(job.path for job in jobs), unlisted=True, base_url=request.base_url
        ),
        options,
    )
    if done.base_url is None:
        raise UsageError("A page's QR code needs the site's address.", hint="Add --base-url URL.")
    # Each id is the track's name with a secret behind it.
    ids = {name.rpartition("-")[0]: name for name in done.unlisted}
    pages = {job.path: f"{done.base_url}sessions/{ids[site_id(job.path.stem)]}/" for job in jobs}
    with atomic_write(folder / PAGES) as file:
        lines = ["track,page", *(f"{path.name},{page}" for path, page in pages.items())]
        file.write("".join(f"{line}\n" for line in lines).encode())
    for job in jobs:
        _write_handout(job, pages[job.path])


def _write_handout(job: Job, page: str) -> None:
    """Write a job's handout again, with its page."""
    wanted = job.sidecars
    person = replace(wanted.person, page=page)
    linked = Sidecars(handout=wanted.handout, pdf=wanted.pdf, person=person)
    manifest = read_embedded(job.path).manifest
    routine = read_routine(job.routine, language=job.language)
    for path, write in linked.paths(job.path).items():
        contents = write(manifest, routine)
        if contents is not None:
            with atomic_write(path) as file:
                file.write(contents.encode() if isinstance(contents, str) else contents)
