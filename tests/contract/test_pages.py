"""What a published site does in a browser.

Debian's Chromium, axe-core and html-validate look at pages that `publish` wrote.
"""

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import html5lib
import pytest
import uvicorn
from playwright.sync_api import expect, sync_playwright
from starlette.applications import Starlette

from conftest import REPOSITORY
from sessions import publish
from stretchaudio import Options, read_routine
from stretchaudio.site.publish import SiteRequest
from stretchaudio.site.server import listening, site_app
from stretchaudio.track.handout import handout
from stretchaudio.track.reader import read_embedded

# One process of pytest opens the browser and publishes the site.
pytestmark = pytest.mark.xdist_group("browser")

CHROMIUM = shutil.which("chromium")
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


def _needed(there: object, what: str) -> None:
    if not there:
        assert "STRETCHAUDIO_TEST_ALL" not in os.environ, f"{what} is missing"
        pytest.skip(f"{what} is not installed")


# What the tests take.


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Path:
    """A site with two of the program's routines, and some whose titles no template should trust."""
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
def session_page(pages):
    """The session with the longest audio; it has several exercises."""
    return pages[1]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a site in a subfolder of its host."""
    app = Starlette()
    app.mount("/stretch", site_app(folder))
    with listening("127.0.0.1", 0) as bound:
        web = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=web.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not web.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/stretch/"
        web.should_exit = web.force_exit = True
        thread.join()


@pytest.fixture(scope="session")
def host(folder):
    with served(folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    _needed(CHROMIUM, "chromium")
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
    page.goto(address)
    expect(page.locator("#offline")).to_have_text("Available offline", timeout=15_000)


# What the site does.


def test_every_page_is_valid_html_and_its_title_is_text_whatever_it_is(folder, pages):
    trees = {}
    for name in pages:
        text = (folder / name).read_text(encoding="utf-8")
        trees[name] = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
        assert all(script.get("src") for script in trees[name].iter("script")), name
        assert not any(
            key.startswith("on") or key == "style"
            for element in trees[name].iter()
            for key in element.attrib
        ), name
    for link in trees["index.html"].findall(".//h2/a"):
        heading = trees[link.get("href").removeprefix("./")].find(".//h1")
        assert link.text
        assert "".join(heading.itertext()) == link.text


def test_every_link_leads_to_a_file_of_the_site(folder, pages):
    for name in pages:
        tree = html5lib.parse(
            (folder / name).read_text(encoding="utf-8"), namespaceHTMLElements=False
        )
        for element in tree.iter():
            for link in (element.get("href"), element.get("src")):
                if link and not link.startswith(("#", "http:", "https:")) and element.tag != "meta":
                    assert (folder / urljoin(name, link)).is_file(), (name, link)


def test_sessions_are_found_by_word_and_by_filter_and_counted_aloud(page, host):
    page.goto(host)
    cards = page.locator("#sessions > li")
    total = cards.count()
    title = cards.first.locator("h2").inner_text()
    page.get_by_label("Search").fill(title.upper())
    expect(cards.first).to_be_visible()
    page.get_by_label("Search").fill("no such stretch")
    expect(page.get_by_role("status").filter(has_text="0 of")).to_have_text(
        f"0 of {total} sessions"
    )
    expect(page.get_by_text("No session fits.")).to_be_visible()
    page.get_by_role("button", name="Clear").press("Enter")
    expect(page.locator("#count")).to_have_text(f"{total} sessions")
    page.get_by_label("Equipment").select_option(label="None needed")
    expect(cards.locator("visible=true")).to_have_count(
        cards.filter(has_text="No equipment").count()
    )


def test_without_scripts_there_is_a_plain_list_and_a_plain_player(open_context, host, session_page):
    page = open_context(java_script_enabled=False).new_page()
    page.goto(host)
    expect(page.get_by_role("search")).to_be_hidden()
    expect(page.locator("#sessions > li").first).to_be_visible()
    page.goto(host + session_page)
    expect(page.locator("audio")).to_be_visible()
    expect(page.get_by_role("link", name="Download MP3")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_hidden()


def test_a_session_plays_and_the_transcript_follows_inside_its_box(page, host, session_page):
    page.goto(host + session_page)
    line = page.locator("#transcript button").nth(-3)
    start = float(line.get_attribute("data-start"))
    top = page.evaluate("scrollY")
    page.evaluate("t => { document.getElementById('audio').currentTime = t - 0.5 }", start)
    page.get_by_role("button", name="Play").click()
    expect(line).to_have_attribute("aria-current", "true", timeout=5000)
    expect(page.locator("#transcript [aria-current]")).to_have_count(1)
    page.wait_for_function("document.getElementById('transcript').scrollTop > 0")
    assert page.evaluate("scrollY") == top
    assert page.evaluate("document.activeElement.id") == "play"


def test_exercises_and_sentences_are_jumped_to_by_a_click(page, host, session_page):
    page.goto(host + session_page)
    chapter = page.locator("#chapters button").nth(2)
    chapter.click()
    plays_from(page, float(chapter.get_attribute("data-start")) - 0.1)
    now_playing = page.locator("#chapters [aria-current=true]")  # the exercise, or its first set
    expect(now_playing).to_have_attribute("data-start", chapter.get_attribute("data-start"))
    line = page.locator("#transcript button").nth(4)
    line.click()
    plays_from(page, float(line.get_attribute("data-start")) - 0.1)


def test_the_timeline_seeks_where_it_is_clicked(page, host, session_page):
    page.goto(host + session_page)
    box = page.locator("#seek").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    half = page.evaluate("Number(document.getElementById('audio').dataset.duration) / 2")
    assert now(page) == pytest.approx(half, rel=0.01)


def test_everything_is_done_with_keys_alone(page, host, session_page):
    page.goto(host + session_page)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Space")
    plays_from(page, 0)
    page.keyboard.press("l")
    plays_from(page, 10)
    page.keyboard.press("j")
    plays_from(page, 0)
    page.keyboard.press("n")
    plays_from(
        page, float(page.locator("#chapters button").nth(1).get_attribute("data-start")) - 0.1
    )
    page.keyboard.press("k")
    page.wait_for_function("document.getElementById('audio').paused")
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.id || document.activeElement.closest('[id]')?.id")
        )
    for name in ("seek", "audio", "play", "speed", "chapters", "transcript", "follow"):
        assert name in seen, name
    page.locator("#transcript [tabindex='0']").focus()
    page.keyboard.press("End")
    expect(page.locator("#transcript button").last).to_be_focused()


def test_an_address_with_a_time_starts_there_and_a_place_is_remembered(page, host, session_page):
    page.goto(f"{host}{session_page}#t=21")
    page.get_by_role("button", name="Play").click()
    plays_from(page, 21, within=5)
    page.wait_for_timeout(300)
    page.goto("about:blank")
    page.goto(host + session_page)
    page.get_by_role("button", name=re.compile("Continue at 0:2")).click()
    plays_from(page, 20, within=8)


def test_no_page_scrolls_sideways_on_a_phone_and_targets_are_large(open_context, host, pages):
    page = open_context(viewport=PHONE).new_page()
    for name in pages:
        page.goto(host + name, wait_until="domcontentloaded")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        small = page.evaluate(
            "[...document.querySelectorAll('button, select, summary, .button, input[type=search]')]"
            ".filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => "
            "e.outerHTML)"
        )
        assert small == [], name


def test_a_visited_session_plays_and_seeks_without_a_network(open_context, host, session_page):
    context = open_context()
    page = context.new_page()
    kept_offline(page, host + session_page)
    context.set_offline(True)
    for address in (session_page, session_page.removesuffix("index.html")):
        page.goto(host + address)
        chapter = page.locator("#chapters button").last
        chapter.click()
        plays_from(page, float(chapter.get_attribute("data-start")) - 0.1)
    page.goto(host)
    expect(page.locator("#sessions > li").first).to_be_visible()


def test_audio_that_is_stored_while_it_plays_goes_on_playing(open_context, host, session_page):
    page = open_context().new_page()
    page.goto(host, wait_until="load")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(host + session_page)
    assert page.evaluate("Boolean(navigator.serviceWorker.controller)")
    page.get_by_role("button", name="Play").click()
    plays_from(page, 0)
    expect(page.locator("#offline")).to_have_text("Available offline", timeout=15_000)
    for number in (-1, 1):
        chapter = page.locator("#chapters button").nth(number)
        chapter.click()
        plays_from(page, float(chapter.get_attribute("data-start")) - 0.1)


def test_a_session_never_visited_leads_back_to_the_list_without_a_network(
    open_context, host, session_page, pages
):
    context = open_context()
    page = context.new_page()
    kept_offline(page, host + session_page)
    context.set_offline(True)
    page.goto(host + pages[2])
    expect(page.get_by_text("not on this device yet")).to_be_visible()


@pytest.mark.parametrize(
    ("wanted", "status", "got"),
    [
        ("bytes=0-", 206, (0, None)),
        ("bytes=100-199", 206, (100, 200)),
        ("bytes=-50", 206, (-50, None)),
        ("bytes=0-999999999", 206, (0, None)),
        ("bytes=999999999-", 416, None),
        ("bytes=9-3", 200, (0, None)),
    ],
)
def test_parts_of_stored_audio_are_what_was_asked_for(stored_session, folder, wanted, status, got):
    page, audio = stored_session
    data = (folder / audio).read_bytes()
    answer = page.evaluate(
        "async ([url, range]) => { const r = await fetch(url, { headers: { Range: range } });"
        " const b = new Uint8Array(await r.arrayBuffer());"
        " return { status: r.status, range: r.headers.get('content-range'), length: "
        "r.headers.get('content-length'),"
        " size: b.length, head: [...b.slice(0, 8)], tail: [...b.slice(-8)] }; }",
        [Path(audio).name, wanted],
    )
    assert answer["status"] == status
    if got is None:
        assert answer["range"] == f"bytes */{len(data)}"
        return
    part = data[slice(*got)]
    assert (answer["size"], bytes(answer["head"]), bytes(answer["tail"])) == (
        len(part),
        part[:8],
        part[-8:],
    )
    if status == 206:
        first, end, _ = slice(*got).indices(len(data))
        assert answer["range"] == f"bytes {first}-{end - 1}/{len(data)}"
        assert answer["length"] == str(len(part))


@pytest.fixture(scope="module")
def stored_session(browser, host, folder, session_page):
    """An offline page whose audio is stored, and the audio's file."""
    context = browser.new_context()
    page = context.new_page()
    kept_offline(page, host + session_page)
    page.reload()
    context.set_offline(True)
    yield page, str(next((folder / session_page).parent.glob("*.mp3")).relative_to(folder))
    context.close()


def test_publishing_again_keeps_stored_sessions_and_drops_those_that_are_gone(
    browser, folder, pages, tmp_path
):
    copy = shutil.copytree(folder, tmp_path / "site")
    gone, stays = (page.removesuffix("index.html") for page in pages[1:3])
    with served(copy) as host:
        context = browser.new_context()
        page = context.new_page()
        for name in (gone, stays):
            kept_offline(page, host + name)
        shutil.rmtree(copy / gone)
        worker = (copy / "worker.js").read_text(encoding="utf-8")
        (copy / "worker.js").write_text(re.sub(rf'"{gone}[^"]*",? ?', "", worker), encoding="utf-8")
        stored = page.evaluate_handle(
            "() => async () => (await Promise.all((await caches.keys()).map(async (name) =>"
            " (await (await caches.open(name)).keys()).map((request) => request.url)))).flat()"
        )
        assert any(gone in url for url in stored.evaluate("list => list()"))
        page.evaluate(
            "navigator.serviceWorker.ready.then((registration) => registration.update()).then(() "
            "=> true)"
        )
        page.wait_for_function(
            "async ([list, gone]) => !(await list()).some((url) => url.includes(gone))",
            arg=[stored, gone],
        )
        assert any(
            stays in url and url.endswith(".mp3") for url in stored.evaluate("list => list()")
        )
        context.close()


def test_the_site_works_from_a_folder_on_the_disk(page, folder, session_page):
    page.goto((folder / "index.html").as_uri())
    page.locator(f"#sessions a[href$='{session_page}']").click()
    expect(page.get_by_role("button", name="Share")).to_be_hidden()
    chapter = page.locator("#chapters button").nth(1)
    chapter.click()
    plays_from(page, float(chapter.get_attribute("data-start")) - 0.1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(open_context, host, pages, scheme):
    axe = NODE_MODULES / "axe-core" / "axe.min.js"
    _needed(axe.exists(), "axe-core")
    page = open_context(color_scheme=scheme, viewport=PHONE, bypass_csp=True).new_page()
    for name in pages[:4]:
        page.goto(host + name)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.add_script_tag(path=str(axe))
        found = page.evaluate("axe.run(document, { preload: false }).then(r => r.violations)")
        assert found == [], (
            name,
            [(f["id"], f["impact"], [n["html"][:200] for n in f["nodes"]]) for f in found],
        )


def test_html_validate_finds_nothing_wrong(folder, pages, tmp_path):
    """Nor with a cue sheet. The title of 500 characters is longer than it likes."""
    program = NODE_MODULES / ".bin" / "html-validate"
    _needed(program.exists(), "html-validate")
    rules = {"extends": ["html-validate:recommended"], "rules": {"long-title": "off"}, "root": True}
    (tmp_path / "rules.json").write_text(json.dumps(rules))
    track = next((folder / "sessions" / "desk-break").glob("*.mp3"))
    sheet = tmp_path / "sheet.html"
    sheet.write_text(
        handout(read_embedded(track).manifest, summary=HOSTILE["script"], source=HOSTILE["quotes"])
    )
    command = [
        program.resolve(),
        "--config",
        tmp_path / "rules.json",
        sheet,
        *(folder / name for name in pages),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
