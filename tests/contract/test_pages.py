"""What a published site does in a browser.

Debian's Chromium, axe-core and html-validate look at pages that `publish` wrote.
"""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import html5lib
import pytest
from PIL import Image
from playwright.sync_api import expect

from browsing import NODE_MODULES, PHONE, kept_offline, needed, now, plays_from, served
from stretchaudio.track.handout import handout
from stretchaudio.track.reader import read_embedded

# One process of pytest opens the browser and publishes the site.
pytestmark = pytest.mark.xdist_group("browser")


# What the site does.


def test_every_page_is_valid_html_and_its_title_is_text_whatever_it_is(folder, pages):
    trees = {}
    for name in pages:
        text = (folder / name).read_text(encoding="utf-8")
        trees[name] = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
        assert all(
            script.get("src") or script.get("type") in {"application/json", "application/ld+json"}
            for script in trees[name].iter("script")
        ), name
        assert not any(
            key.startswith("on") or key == "style"
            for element in trees[name].iter()
            for key in element.attrib
        ), name
    for link in trees["index.html"].findall(".//h3/a"):
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
                    assert (folder / urljoin(name, link).partition("#")[0]).is_file(), (name, link)


def test_sessions_are_found_by_chips_words_and_exercises_and_counted_aloud(open_context, host):
    page = open_context(locale="en-GB").new_page()
    page.goto(host)
    cards = page.locator(".card")
    total = cards.count()
    shown = cards.locator("visible=true")
    page.get_by_text("Equipment, Language").click()
    # The reader's language is chosen; another press shows all.
    english = page.get_by_role("button", name="English")
    expect(english).to_have_attribute("aria-pressed", "true")
    expect(shown).to_have_count(total - 1)
    english.click()
    expect(page.locator("#count")).to_have_text(f"{total} sessions")
    for word in ("COU", "neck", "estiramiento de"):  # in any language, and an exercise's name
        page.get_by_role("searchbox").fill(word)
        expect(page.locator(".card", has_text="Pausa")).to_be_visible()
    page.get_by_role("searchbox").fill("no such stretch")
    expect(page.get_by_role("status").filter(has_text="0 of")).to_have_text(
        f"0 of {total} sessions"
    )
    expect(page.get_by_text("No session fits.")).to_be_visible()
    page.get_by_role("button", name="Clear").press("Enter")
    expect(page.locator("#count")).to_have_text(f"{total} sessions")
    page.get_by_role("button", name="5 min", exact=True).click()
    # Lengths are compared as they are shown, and a minute more is let pass.
    lengths = [int(card.get_attribute("data-minutes")) for card in cards.all()]
    assert any(length == 6 for length in lengths)
    expect(shown).to_have_count(sum(length <= 6 for length in lengths))
    page.get_by_role("button", name="shoulders", exact=True).click()
    expect(shown).to_have_count(2)


def test_the_filters_speak_the_readers_language(open_context, host):
    page = open_context(locale="de-AT").new_page()
    page.goto(host)
    chip = page.get_by_role("button", name="Nacken", exact=True)
    expect(chip).to_have_attribute("lang", "de")
    chip.click()
    expect(page.locator(".card").locator("visible=true")).to_have_count(2)


def test_without_scripts_there_is_a_plain_list_and_a_plain_player(open_context, host, session_page):
    page = open_context(java_script_enabled=False).new_page()
    page.goto(host)
    expect(page.get_by_role("search")).to_be_hidden()
    expect(page.locator(".card").first).to_be_visible()
    page.goto(host + session_page)
    expect(page.locator("audio")).to_be_visible()
    expect(page.get_by_role("link", name="Download MP3")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_hidden()


def test_exercises_and_sentences_are_jumped_to_by_a_click(page, host, session_page):
    """While one reads, the page stays where it is, and Pause in reach."""
    page.goto(host + session_page)
    expect(page.locator("audio")).to_be_hidden()
    chapter = page.locator("#chapters button").nth(2)
    chapter.click()
    plays_from(page, float(chapter.get_attribute("data-start")) - 0.1)
    now_playing = page.locator("#chapters [aria-current=true]")  # the exercise, or its first set
    expect(now_playing).to_have_attribute("data-start", chapter.get_attribute("data-start"))
    line = page.locator("#transcript button").nth(-3)
    line.click()
    plays_from(page, float(line.get_attribute("data-start")) - 0.1)
    expect(line).to_have_attribute("aria-current", "true", timeout=5000)
    expect(page.locator("#transcript [aria-current]")).to_have_count(1)
    top = page.evaluate("scrollY")
    page.wait_for_function("document.getElementById('transcript').scrollTop > 0")
    assert page.evaluate("scrollY") == top
    page.locator("#bar").get_by_role("button", name="Pause").click()
    page.wait_for_function("document.getElementById('audio').paused")


def test_the_timeline_seeks_where_it_is_clicked(page, host, session_page):
    page.goto(host + session_page)
    box = page.locator("#seek").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    half = page.evaluate("Number(document.getElementById('audio').dataset.duration) / 2")
    assert now(page) == pytest.approx(half, rel=0.01)
    page.keyboard.press("ArrowRight")
    assert now(page) == pytest.approx(half + 5, abs=0.5)
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 20)
    expect(page.locator("#bubble")).to_have_text(re.compile(r"\d:\d\d .+"))
    page.mouse.up()
    expect(page.locator("#bubble")).to_be_hidden()


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
    for name in ("seek", "play", "speed", "chapters", "transcript", "follow"):
        assert name in seen, name
    page.locator("#transcript [tabindex='0']").focus()
    page.keyboard.press("End")
    expect(page.locator("#transcript button").last).to_be_focused()


def test_an_address_with_a_time_starts_there_and_a_place_is_remembered(page, host, session_page):
    page.goto(f"{host}{session_page}#t=21")
    page.get_by_role("button", name="Continue 0:21").click()
    plays_from(page, 21, within=5)
    page.wait_for_timeout(300)
    page.goto("about:blank")
    page.goto(host + session_page)
    expect(page.get_by_role("button", name="From the start")).to_be_visible()
    page.goto(host)
    expect(page.locator("#first")).to_have_text(re.compile(r"Continue: .+ left"))
    page.locator("#first").click()
    page.get_by_role("button", name=re.compile("Continue 0:2")).click()
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
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".card.here")).to_have_count(1)
    page.locator(".card.here").get_by_role("button", name="Remove").click()
    expect(page.locator(".card.here")).to_have_count(0)


def test_audio_that_is_stored_while_it_plays_goes_on_playing(open_context, host, session_page):
    page = open_context().new_page()
    page.goto(host, wait_until="load")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(host + session_page)
    assert page.evaluate("Boolean(navigator.serviceWorker.controller)")
    chapter = page.locator("#chapters button").nth(1)
    chapter.click()
    plays_from(page, float(chapter.get_attribute("data-start")) - 0.1)
    page.get_by_role("button", name="Keep on this phone").click()
    expect(page.get_by_role("button", name="Remove from this phone")).to_be_visible(timeout=15_000)
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
    page.goto(host + pages[1])
    expect(page.get_by_text("is not on this device")).to_be_visible()


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
    page.get_by_role("button", name="Clear").click()
    page.locator(f".card a[href$='{session_page}']").click()
    expect(page.get_by_role("button", name="Share")).to_be_hidden()
    drawn = page.locator("#chapters .figure").evaluate_all(
        "all => all.map(one => one.naturalWidth)"
    )
    assert len(drawn) == 5
    assert all(drawn)
    chapter = page.locator("#chapters button").nth(1)
    chapter.click()
    plays_from(page, float(chapter.get_attribute("data-start")) - 0.1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(open_context, host, pages, scheme):
    axe = NODE_MODULES / "axe-core" / "axe.min.js"
    needed(axe.exists(), "axe-core")
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
    needed(program.exists(), "html-validate")
    rules = {"extends": ["html-validate:recommended"], "rules": {"long-title": "off"}, "root": True}
    (tmp_path / "rules.json").write_text(json.dumps(rules))
    track = next((folder / "sessions" / "desk-break").glob("*.mp3"))
    sheet = tmp_path / "sheet.html"
    sheet.write_text(handout(read_embedded(track).manifest))
    command = [
        program.resolve(),
        "--config",
        tmp_path / "rules.json",
        sheet,
        *(folder / name for name in pages),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_moves_while_a_page_loads_and_none_is_heavy(open_context, host, folder, pages):
    """On a slow connection, as a phone has it."""
    page = open_context(viewport=PHONE).new_page()
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => {"
        " for (const entry of list.getEntries()) window.moved += entry.value"
        " }).observe({ type: 'layout-shift', buffered: true })"
    )
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    slow = {"offline": False, "latency": 150, "downloadThroughput": 2e5, "uploadThroughput": 1e5}
    client.send("Network.emulateNetworkConditions", slow)
    for name in pages[:3]:
        assert (folder / name).stat().st_size < 150_000
        page.goto(host + name)
        page.wait_for_timeout(300)
        assert page.evaluate("window.moved") <= 0.02, name


def test_large_letters_keep_words_whole(open_context, host, session_page):
    page = open_context(viewport={"width": 390, "height": 844}).new_page()
    for name in ("", session_page):
        page.goto(host + name)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        broken = page.evaluate(
            r"""[...document.querySelectorAll('h1, h2, h3, .summary, button')]
                .filter((e) => e.checkVisibility()).flatMap((e) => [...e.childNodes])
                .filter((node) => node.nodeType === Node.TEXT_NODE)
                .flatMap((node) => [...node.data.matchAll(/\S+/g)].filter((word) => {
                    const range = document.createRange();
                    range.setStart(node, word.index);
                    range.setEnd(node, word.index + word[0].length);
                    return new Set([...range.getClientRects()].map((box) => box.top)).size > 1;
                }).map(String)).filter((word) => word.length < 40)"""
        )
        assert broken == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_forced_colours_show_the_playhead(open_context, host, session_page):
    page = open_context(viewport=PHONE, forced_colors="active").new_page()
    page.goto(f"{host}{session_page}#t=180")
    page.wait_for_function("() => document.getElementById('seek').value > 179")
    thumb = page.evaluate(
        "getComputedStyle(document.getElementById('seek'), '::-webkit-slider-thumb')"
        ".backgroundColor"
    )
    panel = page.evaluate("getComputedStyle(document.querySelector('.player')).backgroundColor")
    assert thumb not in {panel, "rgba(0, 0, 0, 0)"}
    at = page.locator("#seek").bounding_box()
    with Image.open(io.BytesIO(page.screenshot(clip=at))) as picture:
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}
    assert tuple(map(int, re.findall(r"\d+", thumb)[:3])) in colours
