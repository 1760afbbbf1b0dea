"""A picture of a track: what it shows, and that it can be read."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from PIL import ImageFont

from conftest import DATA, Ran
from stretchaudio.session.plot import LABEL_PX, NAME_PX, Label, _placed

SVG = "{http://www.w3.org/2000/svg}"
STRETCH = DATA / "stretch.yaml"


@pytest.fixture
def picture(run: Callable[..., Ran], home: Path) -> ET.Element:
    done = run("plot", STRETCH, "--bed", "rain", "--chimes", "soft", "-o", "picture.svg")
    assert (done.code, done.err) == (0, "")
    return ET.fromstring((home / "picture.svg").read_bytes())  # noqa: S314 - our own picture


def _texts(picture: ET.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


def test_a_picture_names_exercises_and_says_what_its_colours_mean(picture: ET.Element) -> None:
    texts = _texts(picture)
    for expected in (
        "Side reach",
        "hold",
        "transition",
        "said",
        "level of the bed",
        "chime",
        "0:00",
        "0:10",
    ):
        assert expected in texts
    assert any(text.startswith("Stay") for text in texts)


def _size(label: Label, size_px: float) -> tuple[float, float]:
    """Where a label begins and ends in a font that is wide."""
    font = ImageFont.load_default(100)
    return label.x, label.x + font.getlength(label.text) * size_px / 100


@pytest.mark.parametrize("size_px", [NAME_PX, LABEL_PX])
def test_labels_never_lie_on_each_other(size_px: float) -> None:
    texts = [
        "1",
        "Breathe into the stretch, and let your shoulders drop.",
        "MMMMMMMM",
        "Übung",
        "Hold",
        "And release.",
    ] * 20
    placed = list(_placed(((at * 9.7, text) for at, text in enumerate(texts)), size_px, 3))
    assert len(placed) > 12
    for one, other in combinations(placed, 2):
        (begin, end), (other_begin, other_end) = _size(one, size_px), _size(other, size_px)
        assert one.lane != other.lane or end <= other_begin or other_end <= begin, (one, other)


def test_a_picture_is_an_svg(run: Callable[..., Ran], home: Path) -> None:
    done = run("plot", STRETCH, "-o", "picture.gif")
    assert done.code == 2
    assert "A picture is an SVG" in done.err
    assert not (home / "picture.gif").exists()


def test_titles_are_text(write: Callable[..., Path], run: Callable[..., Ran], home: Path) -> None:
    path = write("title: 'Calm <x> & $\\x_{$ 🎵'\nexercises: [{name: 'B {{ 7 }}', hold: 5s}]\n")
    done = run("plot", path, "-o", "p.svg")
    assert (done.code, done.err) == (0, "")
    texts = _texts(ET.fromstring((home / "p.svg").read_bytes()))  # noqa: S314 - our own picture
    assert "Calm <x> & $\\x_{$ 🎵" in texts
    assert "B {{ 7 }}" in texts
