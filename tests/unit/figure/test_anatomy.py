"""Every pose of the library can be done by a body, and shows the side that the words name."""

import re
from collections.abc import Iterator

import pytest

from stretchaudio.figure.anatomy import faults
from stretchaudio.figure.geometry import distance
from stretchaudio.figure.library import Figure, read_figures
from stretchaudio.figure.parts import Camera
from stretchaudio.figure.pose import SIDES, Pose, mirrored
from stretchaudio.figure.reach import solve
from stretchaudio.figure.skeleton import FOREARM, SHANK, SPINE, THIGH, UPPER_ARM
from stretchaudio.routine.folders import bundled_folder
from stretchaudio.routine.library import read_exercises
from stretchaudio.routine.model import Lead

FIGURES = read_figures(bundled_folder() / "figures")
EXERCISES = {one.id: one for one in read_exercises()}
LIMBS = {
    "arm": "arm", "hand": "arm", "elbow": "arm", "forearm": "arm", "shoulder": "arm",
    "leg": "leg", "foot": "leg", "knee": "leg", "ankle": "leg", "heel": "leg", "toes": "leg",
}  # fmt: skip


def poses(figure: Figure) -> Iterator[Pose]:
    for frame in figure.frames:
        yield frame.pose
        if frame.ghost:
            yield frame.ghost


@pytest.mark.parametrize("name", FIGURES)
def test_a_body_can_do_each_pose_on_either_side(name: str) -> None:
    for pose in poses(FIGURES[name]):
        assert [*faults(pose), *faults(mirrored(pose))] == []


def test_limbs_are_as_long_in_every_pose() -> None:
    for figure in FIGURES.values():
        for pose in poses(figure):
            at = solve(pose)[1].points
            for side in SIDES:
                for start, end, length in (
                    ("shoulder", "elbow", UPPER_ARM), ("elbow", "wrist", FOREARM),
                    ("hip", "knee", THIGH), ("knee", "ankle", SHANK),
                ):  # fmt: skip
                    measured = distance(at[f"{side} {start}"], at[f"{side} {end}"])
                    assert measured == pytest.approx(length)
            for low, high in (("waist", "ribs"), ("ribs", "chest"), ("chest", "collar")):
                assert distance(at[low], at[high]) == pytest.approx(SPINE)


def test_the_other_side_is_the_mirrored_body() -> None:
    for figure in FIGURES.values():
        pose = figure.frames[-1].pose
        ours, theirs = solve(pose)[1].points, solve(mirrored(pose))[1].points
        for name, (x, y, z) in ours.items():
            side, _, joint = name.partition(" ")
            other = {"right": f"left {joint}", "left": f"right {joint}"}.get(side, name)
            assert theirs[other] == pytest.approx((x, -y, z), abs=1e-6)
        assert mirrored(mirrored(pose)) == pose


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"legs": {"right": {"knee": 170}, "left": {}}}, "right knee is at 170°"),
        ({"spine": [{"bend": -50}, {}, {}]}, "lower back 'bend' is at -50°"),
        ({"ground": ["left foot", "left hand"]}, "the left hand should touch the ground"),
        (
            {"ground": ["right foot", "left foot"], "legs": {"right": {"lift": 20}, "left": {}}},
            "the right foot should touch the ground, and is",
        ),
        ({"ground": ["right foot"]}, "the body falls over"),
        ({"ground": ["right knee"]}, "below the ground"),
        (
            {"ground": ["left foot"], "reach": {"left hand": "right ankle"}},
            "the left hand does not reach the right ankle",
        ),
    ],
)
def test_what_no_body_can_do_is_found(keys: dict[str, object], fault: str) -> None:
    assert any(fault in one for one in faults(Pose.model_validate(keys)))


def test_right_is_the_right_of_the_body_in_every_view() -> None:
    body = solve(Pose(ground=("right foot", "left foot")))[1].points

    def seen(view: str) -> tuple[float, float]:
        camera = Camera(view)
        across = camera.see(body["right hand"])[0] - camera.see(body["left hand"])[0]
        ahead = camera.see(body["nose"])[0] - camera.see(body["head"])[0]
        return across, ahead

    assert seen("front")[0] < 0 < seen("back")[0]  # as somebody who faces us; as we ourselves
    assert seen("right")[1] > 0 > seen("left")[1]
    for side in SIDES:
        near = Camera(side)
        assert near.depth(body[f"{side} hand"]) > near.depth(body["hips"])


def test_every_exercise_has_a_figure_and_movements_have_both_ends() -> None:
    assert EXERCISES.keys() <= FIGURES.keys()
    for name, exercise in EXERCISES.items():
        frames = FIGURES[name].frames
        assert 1 <= len(frames) <= 3
        phases = [len(getattr(step, "phases", ())) for step in exercise.work]
        moves = max(phases, default=0) > 1 and not exercise.id.startswith("quadruped")
        shown = len(frames) > 1 or frames[0].ghost or frames[0].pose.circle
        assert shown or not moves or name == "prone-extension", name


def test_the_limb_at_work_is_one_that_the_words_name() -> None:
    """`Right foot forward` is drawn with the right leg in the accent colour, never the left."""
    for exercise in EXERCISES.values():
        words = " ".join([*(one.say for one in exercise.setup), exercise.recap or ""]).casefold()
        named = {
            f"{side} {LIMBS[limb]}"
            for side, limb in re.findall(r"(right|left) (\w+)", words)
            if limb in LIMBS
        }
        for pose in poses(FIGURES[exercise.id]):
            assert set(pose.work) <= named, exercise.id
        if exercise.sides and exercise.lead in {Lead.LEG, Lead.FOOT, Lead.KNEE}:
            assert "right leg" in FIGURES[exercise.id].frames[-1].pose.work, exercise.id


@pytest.mark.parametrize("name", [
    "dynamic-twist", "standing-torso-twist", "seated-twist", "chair-twist",
    "quadruped-torso-rotation",
])  # fmt: skip
def test_a_turn_goes_to_the_right(name: str) -> None:
    assert all(part.turn > 0 for part in FIGURES[name].frames[-1].pose.spine)


@pytest.mark.parametrize(("name", "sign"), [
    ("seated-side-bend", 1), ("quadruped-sidebend", 1), ("half-pancake", 1),
    ("dynamic-side-reach", -1),
])  # fmt: skip
def test_a_bend_goes_to_the_side_that_is_said(name: str, sign: int) -> None:
    """The right arm that reaches over leans the body to the left."""
    assert all(sign * part.lean > 0 for part in FIGURES[name].frames[-1].pose.spine)
