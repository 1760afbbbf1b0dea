"""What tests of pages share: a published site, its address, and a browser that looks at it.

It is a plugin of pytest; the browser is imported only when a test takes it.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stretchaudio import Options, read_routine

CHROMIUM = shutil.which("chromium")
REPOSITORY = Path(__file__).parent.parent
NODE_MODULES = Path(os.environ.get("STRETCHAUDIO_NODE_MODULES", "node_modules"))
"""Where axe-core and html-validate are installed."""
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
PHONE = {"width": 360, "height": 740}
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "quotes": "\"&' {{ 7 * 7 }}",
    "emoji": "Morning 🌅🧘‍♀️ five",
    "arabic": "تمارين الظهر الصباحية",
    "long": "Stretch" * 71 + "abc",
}


def needed(there: object, what: str) -> None:
    if not there:
        assert "STRETCHAUDIO_TEST_ALL" not in os.environ, f"{what} is missing"
        pytest.skip(f"{what} is not installed")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a site in a subfolder of its host."""
    import uvicorn
    from starlette.applications import Starlette

    from serving import running
    from stretchaudio.site.server import site_app

    app = Starlette()
    app.mount("/stretch", site_app(folder))
    with running(uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))) as port:
        yield f"http://127.0.0.1:{port}/stretch/"


def now(page):
    return page.evaluate("document.getElementById('audio').currentTime")


def plays_from(page, seconds, within=3):
    """Waits until the audio plays at a time, or up to `within` seconds later."""
    page.wait_for_function(
        "([from, to]) => { const a = document.getElementById('audio');"
        " return !a.paused && a.readyState > 2 && a.currentTime > from && a.currentTime < to; }",
        arg=[seconds, seconds + within],
        timeout=10_000,
    )


def kept_offline(page, address):
    from playwright.sync_api import expect

    page.goto(address)
    page.locator("#keep").click()
    expect(page.locator("#keep")).to_have_attribute("data-kept", "true", timeout=15_000)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Path:
    """A site with two of the program's routines, and some whose titles no template should trust."""
    from sessions import publish
    from stretchaudio.site.publish import SiteRequest

    routines = tmp_path_factory.mktemp("routines")
    for name, title in HOSTILE.items():
        words = {
            "title": title,
            "summary": f"{title[:300]} & more",
            "focus": [title[:40]],
            "phrases": {"welcome": "Hello.", "goodbye": "Bye."},
        }
        text = "".join(
            f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in words.items()
        )
        exercises = [
            "{name: Neck, hold: 20s}",
            "{name: Hips, reps: 4}",
            "{name: Legs, hold: 10s, sides: each}",
        ]
        (routines / f"{name}.yaml").write_text(f"{text}exercises: [{', '.join(exercises)}]\n")
    files = [REPOSITORY / "routines" / name for name in ("desk-break.yaml", "desk-break.es.yaml")]
    wanted = SiteRequest(
        routines=tuple(read_routine(path) for path in [*files, *sorted(routines.glob("*.yaml"))]),
        base_url="https://example.org/stretch",
        title="Gentle stretches",
    )
    site = tmp_path_factory.mktemp("published") / "site"
    publish(site, wanted, Options(voice="espeak", cache_dir=shared_cache))
    return site


@pytest.fixture(scope="session")
def pages(folder):
    """The site's pages, relative to it; the longest session first of the sessions."""
    sessions = sorted(
        folder.glob("sessions/*/index.html"),
        key=lambda page: -max(p.stat().st_size for p in page.parent.glob("*.mp3")),
    )
    return ["index.html", *(str(page.relative_to(folder)) for page in sessions)]


@pytest.fixture(scope="session")
def session_page():
    """A session with several exercises."""
    return "sessions/desk-break/index.html"


@pytest.fixture(scope="session")
def host(folder):
    with served(folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    needed(CHROMIUM, "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def complaints():
    """What browsers complained of, and requests that left the site."""
    return []


@pytest.fixture
def open_context(browser, host, complaints):
    """Opens contexts that note complaints and stray requests; fails a test that left some."""
    contexts = []

    def open_one(**options):
        context = browser.new_context(**options)
        context.on(
            "console",
            lambda message: (
                complaints.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on(
            "request",
            lambda request: (
                complaints.append(request.url)
                if not request.url.startswith((host, "file:", "data:"))
                else None
            ),
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    # Pictures that were never shown are not there without a network.
    assert [
        complaint
        for complaint in complaints
        if complaint != "Failed to load resource: net::ERR_FAILED"
    ] == []


@pytest.fixture
def page(open_context):
    return open_context().new_page()
