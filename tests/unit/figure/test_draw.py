"""Figures are small, whole SVG in colours that the page chooses."""

import re

import pytest
from lxml import etree

from stretchaudio.figure.draw import Frame, draw, symbol
from stretchaudio.figure.library import read_figures
from stretchaudio.figure.pose import Pose
from stretchaudio.routine.library import bundled_folder

FIGURES = read_figures(bundled_folder() / "figures")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_an_svg_of_at_most_4_kb_in_three_colours(name: str) -> None:
    svg = draw(FIGURES[name].frames, title="Somebody & a chair")
    assert len(svg.encode()) <= 4096
    root = etree.fromstring(svg)
    assert root.get("aria-label") == "Somebody & a chair"
    colours = {
        value
        for element in root.iter()
        for key, value in element.attrib.items()
        if key in {"fill", "stroke"} and value != "none"
    }
    allowed = {"currentColor", "var(--figure-accent,#c2410c)", "var(--figure-paper,#fff)"}
    assert colours <= allowed
    left, _, width, height = map(int, root.get("viewBox").split())
    assert (left, width > 0, height > 0) == (0, True, True)
    assert not re.search(r"nan|inf", svg)


def test_the_limb_at_work_has_the_accent_and_the_far_side_is_pale() -> None:
    svg = draw([Frame(pose=Pose(ground=("right foot", "left foot"), work=("right leg",)))])
    root = etree.fromstring(svg)
    assert len(root.findall(".//{*}path[@fill='var(--figure-accent,#c2410c)']")) == 1
    assert len(root.findall(".//{*}g[@opacity='.5']/{*}path")) == 2  # an arm and a leg


def test_a_figure_that_nobody_reads_aloud_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in draw([Frame(pose=Pose())])


def test_a_symbol_is_the_same_picture() -> None:
    frames = FIGURES["cat-cow"].frames
    drawn = etree.fromstring(draw(frames))
    shown = etree.fromstring(symbol(frames, "f1"))
    assert shown.get("viewBox") == drawn.get("viewBox")
    assert len(shown.findall(".//{*}path")) or len(shown.findall(".//path"))
