"""A published site as files.

What is written, when, and what is not touched; the feed; the server.
"""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
import requests
from lxml import etree
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from PIL import Image

from conftest import DATA, Ran
from programs import started
from serving import running
from sessions import build_session, publish, settings_of
from stretchaudio import Options, Routine, Track, read_routine
from stretchaudio.cli import site as site_commands
from stretchaudio.errors import BrokenTrackError, FileError, UsageError
from stretchaudio.routine.library import all_routines
from stretchaudio.session.build import build_track
from stretchaudio.site import publish as publishing
from stretchaudio.site.folder import locked
from stretchaudio.site.publish import STATE_NAME, SiteRequest
from stretchaudio.site.server import address_of, listening, site_server
from stretchaudio.util.qr import qr_text

SPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
BASE_URL = "https://example.org/stretch/"
ROUTINES = {
    "neck": (
        "title: Neck\nsummary: For the neck.\nfocus: [neck]\nexercises: [{name: Neck, hold: 2s}]\n"
    ),
    "hips": (
        "title: Hips\nequipment: [mat]\n"
        "exercises: [{name: Hips, hold: 2s}, {name: Legs, reps: 2}]\n"
    ),
    "back": "title: Back\nexercises: [{name: Back, hold: 2s, sets: 2}]\n",
}


@pytest.fixture
def site(home: Path) -> Path:
    return home / "site"


@pytest.fixture
def routines(home: Path) -> Path:
    folder = home / "mine"
    folder.mkdir()
    for name, text in ROUTINES.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def _wanted(folder: Path, *names: str, **facts: Any) -> SiteRequest:
    return SiteRequest(
        routines=tuple(read_routine(folder / f"{name}.yaml") for name in names or ROUTINES), **facts
    )


def _state(site: Path) -> dict[str, tuple[int, int]]:
    """Every file with its size and time."""
    return {
        str(path.relative_to(site)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in site.rglob("*")
        if path.is_file()
    }


def test_publishing_again_changes_no_file(site: Path, routines: Path) -> None:
    first = publish(site, _wanted(routines, base_url=BASE_URL))
    assert (first.built, first.kept) == (["back", "hips", "neck"], [])
    assert first.base_url == BASE_URL
    before = _state(site)
    again = publish(site, _wanted(routines, base_url=BASE_URL))
    assert (again.built, again.kept) == ([], ["back", "hips", "neck"])
    assert _state(site) == before


def test_only_what_changed_is_built_and_what_is_gone_goes(
    site: Path, routines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(site, _wanted(routines, base_url=BASE_URL))
    before = _state(site)
    (routines / "hips.yaml").write_text(ROUTINES["hips"].replace("hold: 2s", "hold: 3s"))
    built = []

    def build(routine: Routine, *given: Any, **more: Any) -> Track:
        built.append(routine.id)
        return build_track(routine, *given, **more)

    monkeypatch.setattr(publishing, "build_track", build)
    done = publish(site, _wanted(routines, "neck", "hips", base_url=BASE_URL, prune=True))
    assert built == done.built == ["hips"]
    assert done.removed == ["back"]
    after = _state(site)
    assert not (site / "sessions" / "back").exists()
    assert {name for name in before.keys() & after.keys() if before[name] == after[name]} >= {
        name for name in before if name.startswith("sessions/neck/") and "index" not in name
    }  # the page named the session to do next, which is gone
    assert len(list((site / "sessions" / "hips").glob("*.mp3"))) == 1


def test_another_voice_or_level_builds_anew(site: Path, routines: Path) -> None:
    publish(site, _wanted(routines, "neck"))
    assert publish(site, _wanted(routines, "neck"), Options(speed=1.2)).built == ["neck"]
    assert publish(site, _wanted(routines, "neck"), Options(speed=1.2)).built == []


def test_a_track_that_was_tampered_with_is_built_again(site: Path, routines: Path) -> None:
    publish(site, _wanted(routines, "neck"))
    track = next((site / "sessions" / "neck").glob("*.mp3"))
    data = track.read_bytes()
    track.write_bytes(data[:-100])
    publish(site, _wanted(routines, "neck"))
    assert track.read_bytes() == data


@pytest.mark.parametrize("at", range(1, 17))
def test_an_interrupted_run_leaves_the_old_site_whole(
    site: Path, routines: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is being written when it ends, every page there is shows files that are there."""
    publish(site, _wanted(routines, base_url=BASE_URL))
    for name, text in ROUTINES.items():
        (routines / f"{name}.yaml").write_text(text.replace("2s", "3s"))
    left = iter(range(at))

    def replace(source: Path, target: Path) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        source.rename(target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            publish(site, _wanted(routines, "neck", "hips", base_url=BASE_URL, prune=True))
    _is_whole(site)
    publish(site, _wanted(routines, "neck", "hips", base_url=BASE_URL, prune=True))
    _is_whole(site)
    assert sorted(path.name for path in (site / "sessions").iterdir()) == ["hips", "neck"]
    assert not [path for path in site.rglob("*") if path.name.startswith(".")]
    files = set(json.loads((site / STATE_NAME).read_text())["files"]) | {STATE_NAME}
    assert files == set(_state(site))


def _is_whole(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text()
        for link in re.findall(r'(?:href|src)="([^"#:]+)"', text):
            # The page for what is not found is shown anywhere, and links from the host's root.
            path = page.parent / link.removeprefix("/stretch/")
            assert path.exists(), (page, link)
    for track in site.rglob("*.mp3"):
        assert MP3(track).info.length > 1


def test_a_first_run_that_was_interrupted_can_be_taken_up(
    site: Path, routines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "site_files", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish(site, _wanted(routines))
    assert publish(site, _wanted(routines)).built == ["back", "hips", "neck"]
    _is_whole(site)


def test_a_cue_that_cannot_be_spoken_leaves_the_site_as_it_was(site: Path, routines: Path) -> None:
    publish(site, _wanted(routines))
    before = _state(site)
    (routines / "neck.yaml").write_text(
        "title: Neck\nexercises: [{name: Nacken, setup: ['שלום'], hold: 2s}]\n"
    )
    wanted = _wanted(routines, "neck")
    with pytest.raises(Exception, match=r"."):
        publish(site, wanted, Options(voice="flite:nobody"))
    assert _state(site) == before


def test_a_folder_that_holds_something_else_is_left_alone(home: Path, routines: Path) -> None:
    with pytest.raises(UsageError, match="holds other things"):
        publish(routines, _wanted(routines))
    assert sorted(path.name for path in routines.iterdir()) == [
        "back.yaml",
        "hips.yaml",
        "neck.yaml",
    ]
    with pytest.raises(UsageError, match="is not a folder"):
        publish(routines / "neck.yaml", _wanted(routines))


def test_files_that_are_not_the_sites_stay(site: Path, routines: Path) -> None:
    publish(site, _wanted(routines))
    (site / "CNAME").write_text("example.org\n")
    (site / "sessions" / "notes.txt").write_text("mine\n")
    publish(site, _wanted(routines, "neck", prune=True))
    assert (site / "CNAME").exists()
    assert (site / "sessions" / "notes.txt").exists()


def test_a_state_that_names_files_elsewhere_removes_nothing_there(
    site: Path, routines: Path, home: Path
) -> None:
    publish(site, _wanted(routines))
    victim = home / "victim.txt"
    victim.write_text("mine\n")
    state = json.loads((site / STATE_NAME).read_text())
    state["files"] += ["../victim.txt", str(victim), "sessions/../../victim.txt"]
    (site / STATE_NAME).write_text(json.dumps(state))
    publish(site, _wanted(routines, "neck", prune=True))
    assert victim.exists()
    (site / STATE_NAME).write_text("[]")
    with pytest.raises(FileError, match="is damaged"):
        publish(site, _wanted(routines))


def test_finished_tracks_can_be_published(site: Path, routines: Path, home: Path) -> None:
    build_session(read_routine(routines / "hips.yaml"), home / "Übung für Hüften.mp3")
    done = publish(site, SiteRequest(tracks=(home / "Übung für Hüften.mp3",)))
    assert done.built == ["ubung-fur-huften"]
    page = (site / "sessions" / "ubung-fur-huften" / "index.html").read_text()
    assert "Hips" in page
    assert "mat" in page
    published = next((site / "sessions" / "ubung-fur-huften").glob("*.mp3"))
    assert published.read_bytes() == (home / "Übung für Hüften.mp3").read_bytes()


def test_two_sessions_of_one_name_are_refused(site: Path, routines: Path, home: Path) -> None:
    build_session(read_routine(routines / "hips.yaml"), home / "Hips.mp3")
    with pytest.raises(UsageError, match="the name of another session"):
        publish(
            site,
            SiteRequest(routines=_wanted(routines, "hips").routines, tracks=(home / "Hips.mp3",)),
        )
    assert not site.exists()


# The feed.


@pytest.fixture
def feed(site: Path, routines: Path) -> Path:
    publish(site, _wanted(routines, base_url=BASE_URL, title="Mine & <yours>"))
    return site / "feed.xml"


def test_podcast_apps_find_everything_in_the_feed(site: Path, feed: Path) -> None:
    parsed = feedparser.parse(feed.read_text())
    assert not parsed.bozo
    assert parsed.feed.title == "Mine & <yours>"
    assert parsed.feed.image.href == f"{BASE_URL}cover.jpg"
    assert sorted(entry.title for entry in parsed.entries) == ["Back", "Hips", "Neck"]
    for entry in parsed.entries:
        (enclosure,) = entry.enclosures
        track = site / enclosure.href.removeprefix(BASE_URL)
        assert (enclosure.type, int(enclosure.length)) == ("audio/mpeg", track.stat().st_size)
        assert abs(int(entry.itunes_duration) - MP3(track).info.length) <= 1
        assert (site / entry.image.href.removeprefix(BASE_URL)).is_file()


def test_episodes_have_chapters_and_transcripts_in_the_podcast_namespace(
    site: Path, feed: Path
) -> None:
    space = {"podcast": "https://podcastindex.org/namespace/1.0"}
    items = etree.parse(feed).getroot().findall("./channel/item")
    for item in items:
        chapters, transcript = (
            item.find("podcast:chapters", space),
            item.find("podcast:transcript", space),
        )
        assert chapters is not None
        assert transcript is not None
        assert chapters.get("type") == "application/json+chapters"
        found = json.loads((site / chapters.get("url", "").removeprefix(BASE_URL)).read_text())
        assert found["chapters"][0]["startTime"] == 0
        assert (transcript.get("type"), transcript.get("language")) == ("text/vtt", "en")
        assert (
            (site / transcript.get("url", "").removeprefix(BASE_URL))
            .read_text()
            .startswith("WEBVTT")
        )


def test_the_feed_keeps_to_the_schema_of_rss(feed: Path) -> None:
    schema = etree.XMLSchema(etree.parse(DATA / "rss.xsd"))
    schema.assertValid(etree.parse(feed))


def test_characters_that_xml_cannot_hold_are_left_out_of_the_feed(
    site: Path, routines: Path
) -> None:
    text = ROUTINES["neck"].replace("For the neck.", '"For \\uFFFEthe neck."')
    (routines / "neck.yaml").write_text(text)
    publish(site, _wanted(routines, "neck", base_url=BASE_URL))
    (description,) = etree.parse(site / "feed.xml").getroot().findall("./channel/item/description")
    assert description.text == "For the neck."


def test_episodes_keep_their_identity_and_date(site: Path, routines: Path, feed: Path) -> None:
    def identities() -> dict[str, tuple[str, str]]:
        return {
            entry.title: (entry.id, entry.published)
            for entry in feedparser.parse(feed.read_text()).entries
        }

    before = identities()
    (routines / "hips.yaml").write_text(ROUTINES["hips"].replace("hold: 2s", "hold: 4s"))
    publish(
        site,
        _wanted(routines, base_url="https://elsewhere.example/", title="Mine"),
        Options(speed=1.1),
    )
    assert identities() == before
    assert len({guid for guid, _ in before.values()}) == 3


def test_without_an_address_there_is_no_feed_and_pages_say_nothing_of_one(
    site: Path, routines: Path
) -> None:
    assert publish(site, _wanted(routines)).base_url is None
    assert not (site / "feed.xml").exists()
    assert "Subscribe" not in (site / "index.html").read_text()


def test_a_site_remembers_its_address_and_name_and_gives_up_its_feed_only_when_told(
    site: Path, routines: Path, feed: Path
) -> None:
    publish(site, _wanted(routines, "neck"))
    assert feedparser.parse(feed.read_text()).feed.title == "Mine & <yours>"
    publish(site, _wanted(routines, "neck", base_url=""))
    assert not feed.exists()
    publish(site, _wanted(routines, "neck"))
    assert not feed.exists()


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "ftp://example.org/",
        "https://",
        "https://x.org/?a=1",
        "javascript:alert(1)",
        "https://x.org:99999/",
        "https://x.org/\x01",
        "https://" + "x" * 999,
    ],
)
def test_an_address_that_is_none_is_refused(site: Path, routines: Path, url: str) -> None:
    with pytest.raises(UsageError, match="cannot be the address"):
        publish(site, _wanted(routines, base_url=url))
    assert not site.exists()


@pytest.fixture
def picture(home: Path) -> Callable[..., Path]:
    def draw(width: int, height: int, kind: str = "JPEG") -> Path:
        path = home / f"mine.{kind.lower()}"
        Image.new("RGB", (width, height), "teal").save(path, kind)
        return path

    return draw


def test_a_podcast_is_the_podcasters(
    site: Path, routines: Path, picture: Callable[..., Path]
) -> None:
    """What directories ask for is in the feed, remembered, and there is a feed for each language.

    Apple: owner, category, a square cover of 1400 to 3000 pixels, explicit, one language a show.
    """
    (routines / "hals.yaml").write_text(
        "title: Hals\nlanguage: de\nexercises: [{name: Hals, hold: 2s, sets: 2}]\n"
    )
    wanted = _wanted(
        routines,
        *ROUTINES,
        "hals",
        base_url=BASE_URL,
        author="Ada <Physio>",
        email="ada@example.org",
        category="medicine",
        cover=picture(1500, 1500, "PNG"),
    )
    publish(site, wanted)
    publish(site, _wanted(routines, "neck"))
    schema = etree.XMLSchema(etree.parse(DATA / "rss.xsd"))
    guids = set()
    for name, titles in (("feed.xml", ["Neck", "Hips", "Back"]), ("feed-de.xml", ["Hals"])):
        tree = etree.parse(site / name)
        schema.assertValid(tree)
        parsed = feedparser.parse((site / name).read_text())
        assert not parsed.bozo
        assert [entry.title for entry in parsed.entries] == titles
        channel = tree.getroot().find("channel")
        assert channel is not None
        assert channel.findtext("itunes:owner/itunes:email", "", SPACES) == "ada@example.org"
        assert channel.findtext("itunes:author", "", SPACES) == "Ada <Physio>"
        assert channel.findtext("itunes:type", "", SPACES) == "episodic"
        category = channel.find("itunes:category/itunes:category", SPACES)
        assert category is not None
        assert category.get("text") == "Medicine"
        assert channel.findtext("image/url") == f"{BASE_URL}cover.png"
        assert channel.findtext("podcast:locked", "", SPACES) == "yes"
        assert channel.findtext("podcast:person", "", SPACES) == "Ada <Physio>"
        guids.add(channel.findtext("podcast:guid", "", SPACES))
    assert len(guids) == 2
    assert (site / "cover.png").read_bytes() == picture(1500, 1500, "PNG").read_bytes()
    notes = feedparser.parse((site / "feed-de.xml").read_text()).entries[0].content[0].value
    assert "Hals, 2 Durchgänge mit 2 s halten" in notes
    assert "xml-stylesheet" in (site / "feed.xml").read_text()
    shown = etree.XSLT(etree.parse(site / "feed.xsl"))(etree.parse(site / "feed.xml"))
    assert "Neck" in shown.getroot().xpath("string(//h2)")


def test_episodes_are_an_hour_apart_and_never_in_the_future(site: Path, routines: Path) -> None:
    publish(site, _wanted(routines, "back", "hips", base_url=BASE_URL))
    publish(site, _wanted(routines, "neck"))
    state = json.loads((site / STATE_NAME).read_text())["sessions"]
    back, hips, neck = (
        datetime.fromisoformat(state[name]["published"]) for name in ("back", "hips", "neck")
    )
    assert hips - back == timedelta(hours=1)
    assert hips <= neck <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"category": "Fitnes"}, "is not a category of Apple's"),
        ({"cover": (1400, 1500)}, "is 1400 × 1500 pixels"),
        ({"cover": (900, 900)}, "is 900 × 900 pixels"),
        ({"language": "xx"}, "There are no pages in the language 'xx'"),
    ],
)
def test_what_a_podcast_cannot_have_is_refused(
    site: Path, routines: Path, picture: Callable[..., Path], facts: dict[str, Any], said: str
) -> None:
    if "cover" in facts:
        facts = {"cover": picture(*facts["cover"])}
    with pytest.raises(UsageError, match=said):
        publish(site, _wanted(routines, "neck", **facts))
    assert not (site / "index.html").exists()


# What is added, kept and removed.


def test_publishing_adds_and_keeps_the_rest_and_unpublishing_removes(
    run: Callable[..., Ran], site: Path, routines: Path
) -> None:
    publish(site, _wanted(routines, "neck", "back", base_url=BASE_URL))
    done = publish(site, _wanted(routines, "hips"))
    assert (done.built, done.kept, done.removed) == (["hips"], ["back", "neck"], [])
    assert all(name in (site / "index.html").read_text() for name in ("Back", "Hips", "Neck"))
    _is_whole(site)
    ran = run("unpublish", site, "neck")
    assert "removed: neck" in ran.out
    assert not (site / "sessions" / "neck").exists()
    assert "Neck" not in (site / "index.html").read_text() + (site / "feed.xml").read_text()
    ran = run("unpublish", site, "nek")
    assert (ran.code, "has no session 'nek'" in ran.err) == (2, True)
    assert run("unpublish", "nowhere", "neck").code == 2


def test_an_unlisted_session_is_found_by_its_address_alone(
    run: Callable[..., Ran], site: Path, routines: Path, home: Path
) -> None:
    publish(site, _wanted(routines, "back", base_url=BASE_URL))
    ran = run("publish", site, routines / "neck.yaml", "--unlisted", "--qr", home / "code.svg")
    found = re.search(rf"{re.escape(BASE_URL)}(sessions/neck-[0-9a-f]{{32}}/)", ran.out)
    assert found
    page = (site / found[1] / "index.html").read_text()
    assert '<meta name="robots" content="noindex">' in page
    secret = Path(found[1]).name
    for path in site.iterdir():
        if path.is_file() and path.name != STATE_NAME:
            assert secret.encode() not in path.read_bytes(), path
    back = (site / "sessions" / "back" / "index.html").read_text()
    assert secret not in back
    assert (home / "code.svg").read_bytes().startswith(b"<?xml")
    assert (site / found[1] / "qr.svg").read_bytes() == (home / "code.svg").read_bytes()
    again = run("publish", site, routines / "neck.yaml", "--unlisted")
    assert found[0] in again.out
    assert "removed: " in run("unpublish", site, "neck").out
    assert not (site / found[1]).exists()


def test_a_session_whose_track_is_gone_is_told(site: Path, routines: Path) -> None:
    publish(site, _wanted(routines, "neck", "back"))
    next((site / "sessions" / "neck").glob("*.mp3")).unlink()
    with pytest.raises(FileError, match="The track of 'neck'"):
        publish(site, _wanted(routines, "back"))


# The commands.


def test_the_command_says_what_it_did(run: Callable[..., Ran], routines: Path) -> None:
    files = [routines / f"{name}.yaml" for name in ROUTINES]
    ran = run("publish", "site", *files)
    assert ran.code == 0
    assert "new or changed: back, hips, neck" in ran.out
    assert "--base-url" in ran.out
    ran = run("publish", "site", *files[:2], "--base-url", BASE_URL, "--prune")
    assert ran.out.startswith("will be removed: back\n")
    assert "2 sessions, 2 unchanged" in ran.out


def test_all_are_the_routines_that_a_name_finds(
    run: Callable[..., Ran], home: Path, routines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that come with the program are left out here: to speak them all takes minutes."""
    (home / "routines").symlink_to(routines)
    own = [found for found in all_routines(translations=True) if found[0] in ROUTINES]
    monkeypatch.setattr(site_commands, "all_routines", lambda **_: iter(own))
    ran = run("publish", "site", "--all")
    assert ran.code == 0, ran.err
    assert "new or changed: back, hips, neck" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "A site needs a session"),
        (("--all", "back-basics"), "exclude each other"),
        (("nothing.mp3",), "Cannot read nothing.mp3"),
    ],
)
def test_what_cannot_be_published_is_told(
    run: Callable[..., Ran], home: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = run("publish", "site", *arguments)
    assert ran.code in {2, 4}
    assert said in ran.err
    assert not (home / "site" / "index.html").exists()


@pytest.fixture
def served(site: Path, routines: Path) -> Iterator[str]:
    publish(site, _wanted(routines, "neck"))
    with running(site_server(site)) as port:
        yield address_of("127.0.0.1", port)


def _get(url: str, **headers: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # no proxy
        return session.get(url, headers=headers, timeout=10)


def test_the_server_sends_the_parts_that_a_player_seeks_to(served: str, site: Path) -> None:
    track = next(site.rglob("*.mp3"))
    url = f"{served}{track.relative_to(site)}"
    data = track.read_bytes()
    whole = _get(url)
    assert (whole.status_code, whole.headers["accept-ranges"], whole.content) == (
        200,
        "bytes",
        data,
    )
    assert whole.headers["content-type"] == "audio/mpeg"
    part = _get(url, Range="bytes=100-199")
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 100-199/{len(data)}")
    assert part.content == data[100:200]
    assert _get(url, Range="bytes=-50").content == data[-50:]
    assert _get(url, Range=f"bytes={len(data)}-").status_code == 416


def test_the_server_shows_the_list_and_nothing_outside_the_site(served: str, site: Path) -> None:
    (site.parent / "secret.txt").write_text("mine\n")
    assert b"Neck" in _get(served).content
    for path in (
        "../secret.txt",
        "%2e%2e/secret.txt",
        "sessions/../../secret.txt",
        "..%2fsecret.txt",
    ):
        assert _get(served + path).status_code == 404
    (site / "link.txt").symlink_to(site.parent / "secret.txt")
    assert _get(f"{served}link.txt").status_code == 404


def test_serve_prints_its_address_and_ends_at_ctrl_c(site: Path, routines: Path) -> None:
    publish(site, _wanted(routines, "neck"))
    arguments = ("serve", site, "--port", "0", "--host", "127.0.0.1")
    with started(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        address = (process.stdout.readline() if process.stdout else "").strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        assert _retry(address).status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = (stream.read() for stream in (process.stdout, process.stderr) if stream)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "--host 0.0.0.0" in out


def _retry(address: str) -> requests.Response:
    for _ in range(100):
        try:
            return _get(address)
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(address)


def test_serve_needs_a_site_and_a_free_port(
    run: Callable[..., Ran], site: Path, routines: Path
) -> None:
    assert "There is no site in nowhere" in run("serve", "nowhere").err
    publish(site, _wanted(routines, "neck"))
    with listening("127.0.0.1", 0) as taken:
        taken.listen()
        ran = run("serve", site, "--port", str(taken.getsockname()[1]))
    assert (ran.code, "Cannot listen on" in ran.err) == (2, True)
    assert run("serve", site, "--host", "no.such.host.invalid").code == 2


def test_a_phone_can_read_the_code_in_the_terminal() -> None:
    rows = qr_text("http://192.0.2.7:8000/").splitlines()
    assert len({len(row) for row in rows}) == 1
    assert set("".join(rows)) == set("█▀▄ ")
    assert set(rows[0]) == {"█"}


def test_play_builds_and_hands_the_track_to_a_player(
    run: Callable[..., Ran], home: Path, routines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = home / "programs"
    programs.mkdir()
    player = programs / "mpv"
    player.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {home}/played\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert run("play", routines / "neck.yaml", "-q").code == 0
    played = (home / "played").read_text().splitlines()
    assert MP3(played[-1]).tags["TIT2"].text == ["Neck"]
    player.write_text("#!/bin/sh\nexit 1\n")
    ran = run("play", routines / "neck.yaml", "-q")
    assert ran.code == 2
    assert played[-1] in ran.err


# What is not trusted.


def test_a_damaged_track_is_not_published(site: Path, routines: Path, home: Path) -> None:
    build_session(read_routine(routines / "hips.yaml"), home / "hips.mp3")
    data = (home / "hips.mp3").read_bytes()
    (home / "hips.mp3").write_bytes(data[:-3000])
    with pytest.raises(BrokenTrackError, match=r"hips\.mp3 failed verification: length"):
        publish(site, SiteRequest(tracks=(home / "hips.mp3",)))
    assert not site.exists()


def test_what_stands_in_place_of_a_cover_is_not_published(
    site: Path, routines: Path, home: Path
) -> None:
    build_session(read_routine(routines / "hips.yaml"), home / "hips.mp3")
    tags = ID3(home / "hips.mp3")
    tags["APIC:"].data = b"<html><script>alert(1)</script>"
    tags.save(v2_version=3)
    publish(site, SiteRequest(tracks=(home / "hips.mp3",)))
    assert next(site.rglob("cover-*.jpg")).read_bytes().startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(site_id="x"),
        lambda data: data["sessions"].update(neck=[]),
        lambda data: data["sessions"]["neck"].update(published="garbage"),
        lambda data: data["sessions"]["neck"].update(size="large"),
        lambda data: data.update(files=[1]),
    ],
)
def test_a_memory_that_is_damaged_is_told_and_nothing_changes(
    site: Path, routines: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    publish(site, _wanted(routines, "neck"))
    data = json.loads((site / STATE_NAME).read_text())
    change(data)
    (site / STATE_NAME).write_text(json.dumps(data))
    before = _state(site)
    with pytest.raises(FileError, match="is damaged"):
        publish(site, _wanted(routines, "neck"))
    assert _state(site) == before


def test_two_runs_do_not_write_one_site_at_once(
    site: Path, routines: Path, shared_cache: Path
) -> None:
    with (
        locked(site, shared_cache / "locks"),
        pytest.raises(UsageError, match="is being written by another run"),
    ):
        publish(site, _wanted(routines))
    publish(site, _wanted(routines))


def test_a_linked_folder_is_not_followed(site: Path, routines: Path, home: Path) -> None:
    publish(site, _wanted(routines))
    victim = home / "victim"
    (site / "sessions" / "back").rename(victim)
    (site / "sessions" / "back").symlink_to(victim)
    files = sorted(path.name for path in victim.iterdir())
    publish(site, _wanted(routines, "neck", prune=True))
    assert sorted(path.name for path in victim.iterdir()) == files


def test_unfinished_files_of_killed_runs_are_removed(site: Path, routines: Path) -> None:
    publish(site, _wanted(routines))
    for name in (
        ".index.html-0123456789abcdef.part",
        "sessions/neck/.index.html-0123456789abcdef.part",
        "style.0123456789.css",
    ):
        (site / name).write_text("half")
    publish(site, _wanted(routines))
    assert not [path for path in site.rglob("*") if path.is_file() and path.read_bytes() == b"half"]


def test_recordings_that_changed_are_noticed_and_helpers_are_not(
    home: Path, routines: Path
) -> None:
    routine = read_routine(routines / "neck.yaml")
    (home / "voice").mkdir()
    options = Options(voice="recordings:voice")

    def key(options: Options) -> str:
        with settings_of(options) as settings:
            return publishing._key(routine, settings)

    before = key(options)
    assert key(replace(options, jobs=1, cache_dir=home)) == before
    (home / "voice" / "one.wav").write_bytes(b"RIFF")
    assert key(options) != before
