"""Figures are small, whole SVG in colours that the page chooses."""

import re

import pytest
from lxml import etree

from stretchaudio.figure.draw import Frame, draw
from stretchaudio.figure.library import read_figures
from stretchaudio.figure.pose import Pose
from stretchaudio.routine.folders import bundled_folder

FIGURES = read_figures(bundled_folder() / "figures")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_an_svg_of_at_most_4_kb_in_three_colours(name: str) -> None:
    svg = draw(FIGURES[name].frames).document("Somebody & a chair")
    assert len(svg.encode()) <= 4096
    root = etree.fromstring(svg)
    assert root.get("aria-label") == "Somebody & a chair"
    colours = {
        value
        for element in root.iter()
        for key, value in element.attrib.items()
        if key in {"fill", "stroke"} and value != "none"
    }
    allowed = {"currentColor", "var(--work,#c2410c)", "var(--paper,#fff)"}
    assert colours <= allowed
    left, _, width, height = map(int, root.get("viewBox").split())
    assert (left, width > 0, height > 0) == (0, True, True)
    assert not re.search(r"nan|inf", svg)


def test_the_limb_at_work_has_the_accent_and_the_far_side_is_pale() -> None:
    svg = draw(
        [Frame(pose=Pose(ground=("right foot", "left foot"), work=("right leg",)))]
    ).document()
    root = etree.fromstring(svg)
    assert len(root.findall(".//{*}path[@fill='var(--work,#c2410c)']")) == 1
    assert len(root.findall(".//{*}g[@opacity='.5']/{*}path")) == 2  # an arm and a leg


def test_a_page_chooses_the_colours_of_what_stands_in_it() -> None:
    picture = draw([Frame(pose=Pose())])
    assert "prefers-color-scheme:dark" in picture.document()
    element = picture.element()
    assert 'aria-hidden="true"' in element
    assert not re.search("style|http| id=", element)


def test_where_it_is_felt_is_marked_on_the_side_that_is_seen() -> None:
    for view, place, marked in (
        ("back", "upper back", True),
        ("front", "upper back", False),
        ("front", "chest", True),
        ("right", "right calf", True),
    ):
        picture = draw([Frame(pose=Pose(view=view, stretch=(place,)))])
        assert ('stroke="var(--work,#c2410c)"' in picture.content) == marked, (view, place)
