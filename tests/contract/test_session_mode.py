"""What a person on the mat sees and does: the session mode in a browser."""

import json
import re
from itertools import combinations

import pytest
from playwright.sync_api import expect

from browsing import NODE_MODULES, PHONE, now, plays_from

pytestmark = pytest.mark.xdist_group("browser")

SCREENS = [
    {"width": width, "height": height}
    for width, height in (
        (320, 568),
        (360, 740),
        (390, 664),
        (430, 932),
        (568, 320),
        (768, 1024),
        (844, 390),
        (1280, 900),
        (1920, 1080),
    )
]
ON_THE_MAT = ("mode-exercise", "dial", "coming", "longer", "mode-play", "skip", "segments")
MM_PER_PX = 65 / 390
"""On a phone 65 mm and 390 CSS pixels wide."""
MM_PER_ARC_MINUTE = 0.582
"""At two metres: 2000 mm times the tangent of a sixtieth of a degree."""


@pytest.fixture
def phone(open_context, host, session_page, request):
    """A phone on the mat, with the session in full screen."""
    size = {"width": 390, "height": 844}
    own = getattr(request, "param", {})
    page = open_context(viewport=size, has_touch=True, **own).new_page()
    page.add_init_script(
        "navigator.vibrate = (ms) => { (window.buzzes ??= []).push(ms); return true };"
        "navigator.mediaSession.setPositionState = (state) => { window.lockScreen = state };"
        "navigator.wakeLock.request = async () => { window.locks = (window.locks ?? 0) + 1;"
        " const lock = new EventTarget(); lock.release = async () => {"
        " window.locks -= 1; lock.dispatchEvent(new Event('release')) }; return lock };"
    )
    page.goto(host + session_page)
    page.get_by_role("button", name="Play", exact=True).click()
    plays_from(page, 0)
    return page


def plan(page):
    return json.loads(page.locator("#data").text_content())


def stage(page, kind):
    return next(one for one in plan(page)["stages"] if one["kind"] == kind)


def seek(page, seconds):
    page.evaluate("t => { document.getElementById('audio').currentTime = t }", seconds)
    page.wait_for_function(
        "t => Math.abs(document.getElementById('audio').currentTime - t) < 2", arg=seconds
    )


def arc_minutes(page, selector):
    """How large its capitals look at two metres; they are 0.71 of the size of a font."""
    size = page.evaluate(
        "s => parseFloat(getComputedStyle(document.querySelector(s)).fontSize)", selector
    )
    return size * 0.71 * MM_PER_PX / MM_PER_ARC_MINUTE


def test_a_hold_is_read_from_two_metres(phone):
    hold = stage(phone, "hold")
    seek(phone, hold["start"] + 10)
    expect(phone.locator("#mode-exercise")).to_have_text("Side neck stretch")
    expect(phone.locator("#mode-about")).to_have_text("Right side")
    expect(phone.locator("#mode-number")).to_have_text(re.compile("^(20|19|18)$"))
    expect(phone.locator("#mode-unit")).to_have_text("Hold")
    assert arc_minutes(phone, "#mode-exercise") >= 9
    assert arc_minutes(phone, "#mode-number") >= 30
    expect(phone.locator("#mode-next")).to_have_text("Switch sides, 6 seconds")
    small = arc_minutes(phone, "#mode-next")
    seek(phone, hold["end"] - 4)
    expect(phone.locator(".mode.soon")).to_be_visible()
    assert arc_minutes(phone, "#mode-next") > 1.4 * small
    assert phone.evaluate("window.locks") == 1
    phone.locator("#mode-play").click()
    phone.wait_for_function("() => window.locks === 0")


def test_reps_are_counted_and_what_is_explained_stands_there(phone):
    reps = stage(phone, "rep")
    seek(phone, reps["start"] - 8)
    sentence = phone.locator("#mode-words")
    expect(sentence).to_have_text(re.compile(r"[a-z]{3}.*\."))
    assert arc_minutes(phone, "#mode-words") >= 5
    expect(phone.locator("#mode-figure")).to_be_visible()
    assert phone.locator("#mode-figure").evaluate("one => one.naturalWidth")
    seek(phone, reps["start"] + reps["every"] * 1.2)
    expect(phone.locator("#mode-number")).to_have_text("2")
    expect(phone.locator("#mode-unit")).to_have_text("of 10")
    expect(phone.locator("#mode-figure")).to_be_hidden()
    segments = phone.evaluate("document.querySelectorAll('#segments span').length")
    assert segments == len(plan(phone)["exercises"])


def test_a_tap_pauses_a_swipe_and_keys_change_the_exercise(phone):
    phone.touchscreen.tap(195, 330)
    phone.wait_for_function("() => document.getElementById('audio').paused")
    phone.keyboard.press("Space")
    plays_from(phone, 0, within=8)
    second, third = (one["start"] for one in plan(phone)["exercises"][1:3])
    phone.mouse.move(300, 330)
    phone.mouse.down()
    phone.mouse.move(100, 335, steps=4)
    phone.mouse.up()
    first = plan(phone)["exercises"][0]["start"]
    plays_from(phone, first - 0.1)
    phone.keyboard.press("ArrowRight")
    plays_from(phone, second - 0.1)
    phone.locator("#mode-next-exercise").click()
    plays_from(phone, third - 0.1)
    phone.locator("#skip").click()
    expect(phone.locator("#mode")).to_have_attribute("data-kind", "transition")


def test_i_need_longer_repeats_fifteen_seconds(phone):
    """At once where fifteen seconds have passed; else what is missing before the countdown."""
    hold = stage(phone, "hold")
    seek(phone, hold["end"] - 8)
    phone.locator("#longer").click()
    page_time = now(phone)
    assert page_time == pytest.approx(hold["end"] - 8 - 15, abs=2)
    seek(phone, hold["start"] + 5)
    phone.locator("#longer").click()
    assert now(phone) == pytest.approx(hold["start"], abs=1)
    expect(phone.locator("#mode-number")).to_have_text(re.compile("^(40|39|38)$"))
    seek(phone, hold["start"] + 9)
    phone.wait_for_function(
        "t => document.getElementById('audio').currentTime < t", arg=hold["start"] + 5
    )
    expect(phone.locator("#mode-number")).to_have_text(re.compile("^(30|29|28)$"))


def test_edges_are_felt_and_the_lock_screen_tells_the_exercise(phone):
    hold = stage(phone, "hold")
    seek(phone, hold["start"] - 0.5)
    phone.wait_for_function("() => window.buzzes?.length === 1")
    told = phone.evaluate(
        "(({ title, artist, album, artwork }) => ({ title, artist, album,"
        " sizes: artwork.map((one) => one.sizes) }))(navigator.mediaSession.metadata)"
    )
    assert told == {
        "title": "Side neck stretch · Right side",
        "artist": "Desk break",
        "album": "Gentle stretches",
        "sizes": ["96x96", "256x256", "512x512"],
    }
    seek(phone, hold["start"] + 2)
    phone.wait_for_function(f"() => Math.abs(lockScreen.position - {hold['start']} - 2) < 2")
    assert phone.evaluate(
        "Math.abs(lockScreen.duration - document.getElementById('audio').dataset.duration) < 0.1"
        " && lockScreen.playbackRate === 1"
    )


def test_escape_leaves_and_the_sound_goes_on(phone):
    phone.keyboard.press("Escape")
    expect(phone.locator("#mode")).to_be_hidden()
    assert not phone.evaluate("document.getElementById('audio').paused")
    expect(phone.locator("#play")).to_be_focused()
    phone.locator("#full").click()
    expect(phone.locator("#mode")).to_be_visible()
    phone.go_back()
    expect(phone.locator("#mode")).to_be_hidden()


def test_after_the_end_there_is_a_tick_for_today_and_a_file_of_all(phone):
    seek(phone, plan(phone)["exercises"][-1]["end"])
    length = phone.evaluate("Number(document.getElementById('audio').dataset.duration)")
    seek(phone, length - 0.3)
    expect(phone.locator(".well-done")).to_be_visible()
    phone.locator(".values").get_by_role("button", name="3", exact=True).click()
    expect(phone.get_by_role("link", name=re.compile("Next: "))).to_be_visible()
    phone.locator("#done").click()
    expect(phone.locator("#now-left")).to_have_text("0:00 left")
    expect(phone.locator("#days .done")).to_have_count(1)
    expect(phone.locator("#days li")).to_have_count(14)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Save as CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == '"day","time","session","title","minutes","scale","value"'
    assert re.fullmatch(
        r'"[\d-]{10}","\d\d:\d\d","desk-break","Desk break","6","pain","3"', rows[1]
    )
    assert len(rows) == 2


def test_a_delay_leaves_time_to_lie_down(open_context, host, session_page):
    page = open_context(viewport=PHONE).new_page()
    page.goto(host + session_page)
    page.get_by_label("Start after").select_option("5")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#mode-number")).to_have_text("4")
    assert page.evaluate("document.getElementById('audio').paused")
    page.get_by_text("Get comfortable").click()  # a tap begins at once
    plays_from(page, 0)


def test_reduced_motion_steps_by_seconds(open_context, host, session_page):
    page = open_context(viewport=PHONE, reduced_motion="reduce").new_page()
    page.goto(f"{host}{session_page}#t=90")
    page.get_by_role("button", name=re.compile("Continue")).click()
    plays_from(page, 90, within=8)
    steps = page.evaluate(
        "new Promise((done) => { const seen = new Set(); const from = performance.now();"
        " (function look() { seen.add(document.getElementById('rest').style.strokeDashoffset);"
        " if (performance.now() - from > 2000) done(seen.size); else requestAnimationFrame(look); }"
        ")(); })"
    )
    assert 2 <= steps <= 4


def test_everything_has_its_place_on_every_screen(phone, host, session_page):
    """Nothing of the mode, the session page or the list lies outside the screen or is covered."""
    seek(phone, stage(phone, "hold")["start"] + 5)
    phone.locator("#mode-play").click()
    for size in SCREENS:
        phone.set_viewport_size(size)
        boxes = {name: phone.locator(f"#{name}").bounding_box() for name in ON_THE_MAT}
        for name, box in boxes.items():
            assert box["x"] >= 0, (size, name)
            assert box["y"] >= 0, (size, name)
            assert box["x"] + box["width"] <= size["width"] + 1, (size, name)
            assert box["y"] + box["height"] <= size["height"] + 1, (size, name)
        apart = ("mode-exercise", "dial", "coming", "mode-play")
        for one, other in combinations(apart, 2):
            assert not _overlap(boxes[one], boxes[other]), (size, one, other)
    for name in ("", session_page):
        phone.goto(host + name)
        for size in SCREENS:
            phone.set_viewport_size(size)
            assert phone.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_page_prints_as_its_handout_on_as_few_sheets_as_it_may(page, host, session_page):
    """Eight exercises on one sheet of A4, thirty on two; the rows are those of a real session."""
    page.goto(host + session_page)
    for rows, sheets in ((8, 1), (30, 2)):
        page.evaluate(
            """rows => {
                const body = [...document.querySelectorAll('.handout tbody')].at(-1);
                const all = [...document.querySelectorAll('.handout tbody tr:has(.time)')];
                for (let n = all.length; n < rows; n++) {
                    body.append(all[n % all.length].cloneNode(true));
                }
                document.querySelector('.handout').classList.toggle('size-4', rows > 8);
            }""",
            rows,
        )
        data = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", data)) == sheets
    page.emulate_media(media="print")
    expect(page.locator(".paper .code")).to_be_visible()
    expect(page.locator("main")).to_be_hidden()
    colours = page.evaluate(
        "[...new Set([...document.querySelectorAll('.handout *')]"
        ".filter(one => one.checkVisibility() && one.innerText)"
        ".map(one => getComputedStyle(one).color))]"
    )
    assert colours == ["rgb(0, 0, 0)"], "doses, too"


def _overlap(one, other):
    return (
        one["x"] + one["width"] > other["x"] + 1
        and other["x"] + other["width"] > one["x"] + 1
        and one["y"] + one["height"] > other["y"] + 1
        and other["y"] + other["height"] > one["y"] + 1
    )


def test_a_slow_machine_keeps_thirty_frames_a_second(phone):
    """By the CPU time of a frame, whatever else the machine does: a quarter of a thirtieth."""
    seek(phone, stage(phone, "hold")["start"] + 5)
    client = phone.context.new_cdp_session(phone)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})

    def metrics():
        found = client.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in found}

    before = metrics()
    frames = phone.evaluate(
        "new Promise((done) => { let n = 0; const from = performance.now(); (function look() { n++;"
        " if (performance.now() - from > 2000) done(n); else requestAnimationFrame(look); })(); })"
    )
    after = metrics()
    assert (after["TaskDuration"] - before["TaskDuration"]) / frames < 1 / 30 / 4
    # One when a second is over, and some of the page below.
    assert after["LayoutCount"] - before["LayoutCount"] <= 8


@pytest.mark.parametrize("phone", [{"bypass_csp": True}], indirect=True)
def test_axe_finds_no_barrier_on_the_mat(phone):
    axe = NODE_MODULES / "axe-core" / "axe.min.js"
    phone.locator("#mode-play").click()
    phone.evaluate(axe.read_text())
    found = phone.evaluate("axe.run(document, { preload: false }).then(r => r.violations)")
    assert found == [], [(one["id"], [n["html"][:200] for n in one["nodes"]]) for one in found]
