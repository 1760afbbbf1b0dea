"""Know the one body that all figures have: its lengths, its limits, where its joints are.

Lengths are in hundredths of the body's height, after Drillis and Contini (1966) as in D. A. Winter,
Biomechanics and Motor Control of Human Movement, figure 4.1; weights and centres, table 4.1. The
head and the hands are drawn a little smaller.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stretchaudio.figure.geometry import (
    Matrix,
    Vector,
    add,
    between,
    product,
    rotation,
    scale,
    times,
)
from stretchaudio.figure.pose import Arm, Bend, Leg, Pose

SPINE = 7.6
"""Each of the three parts of the spine."""
PELVIS, NECK, HEAD = 6.0, 6.6, 6.2
CLAVICLE, HIP = 10.4, 5.4
UPPER_ARM, FOREARM, HAND = 18.6, 14.6, 9.0
THIGH, SHANK, FOOT, HEEL, ANKLE = 24.5, 24.6, 10.6, 3.2, 3.9
SHOULDER_DROP = 1.6
"""How far the shoulders are below the top of the spine."""
SEAT_BELOW_HIP = 5.2

RADII: Mapping[str, float] = {
    "shoulder": 3.5, "elbow": 2.5, "wrist": 1.8, "hand": 1.7, "fingers": 1.1,
    "hip": 5.0, "knee": 3.5, "ankle": 2.2, "heel": 2.2, "ball": 1.7, "toes": 1.2,
}  # fmt: skip
"""How thick a limb is at each of its joints."""
TORSO: Mapping[str, tuple[float, float]] = {
    "hips": (3.6, 5.4), "waist": (3.4, 4.8), "ribs": (4.4, 5.2), "chest": (5.6, 5.2),
}  # fmt: skip
"""Half the breadth, to the middle of the rounded sides, and their radius."""
SKULL, JAW = 5.4, 3.4

WEIGHTS: Mapping[str, float] = {
    "head": 8.1, "trunk": 49.7, "upper arm": 2.8, "forearm": 2.2, "thigh": 10.0, "shank": 4.65,
    "foot": 1.45,
}  # fmt: skip
"""Percent of the body's weight; the forearm has its hand with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body in a pose."""

    points: Mapping[str, Vector]
    """Joints and ends by their names, such as `right knee`."""
    frames: Mapping[str, Matrix]
    """Which way a part is turned: `pelvis`, `chest`, `head`, `right foot`, ..."""

    def moved(self, by: Vector) -> "Body":
        """Move the whole body."""
        return Body(
            points={name: add(point, by) for name, point in self.points.items()},
            frames=self.frames,
        )


def place_joints(pose: Pose) -> Body:
    """Find every joint from the angles, going out from the middle of the hips."""
    points: dict[str, Vector] = {"hips": (0, 0, 0)}
    frame = bent(rotation("z", -pose.pelvis.turn), pose.pelvis, turned=False)
    frames = {"pelvis": frame}
    at = scale(times(frame, (0, 0, 1)), PELVIS)
    points["waist"] = at
    for name, bend in zip(("ribs", "chest", "collar"), pose.spine, strict=True):
        frame = bent(frame, bend)
        at = add(at, scale(times(frame, (0, 0, 1)), SPINE))
        points[name] = at
        frames[name] = frame
    frames["thorax"] = frames["collar"]
    neck = bent(frame, pose.neck)
    points["neck"] = add(at, scale(times(neck, (0, 0, 1)), NECK))
    head = bent(neck, pose.head)
    frames["head"] = head
    points["head"] = add(points["neck"], times(head, (0.9, 0, HEAD)))
    points["skull"] = add(points["neck"], times(head, (-0.6, 0, 2.5)))
    points["chin"] = add(points["neck"], times(head, (2.2, 0, 1.4)))
    points["nose"] = add(points["head"], times(head, (5.7, 0, -1)))
    points["forehead"] = add(points["head"], times(head, (4.4, 0, 2.6)))
    for side, sign in (("right", 1), ("left", -1)):
        points[f"{side} ear"] = add(points["head"], times(head, (0, -sign * SKULL, -1)))
        points[f"{side} nape"] = add(points["head"], times(head, (-4.9, -sign * 2, -2.6)))
        clavicle(points, frames, pose, side, sign)
        _leg(points, frames, pose.legs[side], side, sign)
    return Body(points=points, frames=frames)


def bent(frame: Matrix, bend: Bend, *, turned: bool = True) -> Matrix:
    """Bend a part of the spine: forward, then to a side, then turn it."""
    turn = rotation("z", -bend.turn) if turned else rotation("z", 0)
    return product(frame, turn, rotation("x", bend.lean), rotation("y", bend.bend))


def clavicle(
    points: dict[str, Vector], frames: dict[str, Matrix], pose: Pose, side: str, sign: int
) -> None:
    """Place a shoulder, and the arm that hangs from it."""
    arm, thorax = pose.arms[side], frames["thorax"]
    root = add(points["collar"], times(thorax, (0, 0, -SHOULDER_DROP)))
    out = times(
        product(rotation("z", sign * arm.forward), rotation("x", -sign * arm.up)),
        (0, -sign * CLAVICLE, 0),
    )
    points[f"{side} shoulder"] = add(root, times(thorax, out))
    _arm(points, frames, arm, side, sign)


def _arm(
    points: dict[str, Vector], frames: dict[str, Matrix], arm: Arm, side: str, sign: int
) -> None:
    frame = product(frames["thorax"], shoulder_frame(arm, sign))
    at = points[f"{side} shoulder"]
    points[f"{side} elbow"] = at = add(at, times(frame, (0, 0, -UPPER_ARM)))
    frame = product(frame, rotation("y", -arm.elbow))
    points[f"{side} wrist"] = at = add(at, times(frame, (0, 0, -FOREARM)))
    frame = product(frame, rotation("z", sign * arm.palm), rotation("x", -sign * arm.wrist))
    points[f"{side} hand"] = add(at, times(frame, (0, 0, -HAND * 0.5)))
    points[f"{side} fingers"] = add(at, times(frame, (0, 0, -HAND)))
    frames[f"{side} arm"] = frame


def shoulder_frame(arm: Arm, sign: int) -> Matrix:
    """Turn an upper arm: plane of elevation, elevation, axial rotation (ISB, Wu et al. 2005)."""
    plane = -sign * arm.out
    return product(
        rotation("z", plane),
        rotation("y", -arm.lift),
        rotation("z", -plane - sign * arm.turn),
    )


def _leg(
    points: dict[str, Vector], frames: dict[str, Matrix], leg: Leg, side: str, sign: int
) -> None:
    pelvis = frames["pelvis"]
    at = add(points["hips"], times(pelvis, (0, -sign * HIP, 0)))
    points[f"{side} hip"] = at
    frame = product(pelvis, hip_frame(leg, sign))
    frames[f"{side} thigh"] = frame
    points[f"{side} knee"] = at = add(at, times(frame, (0, 0, -THIGH)))
    frame = product(frame, rotation("y", leg.knee))
    frames[f"{side} shank"] = frame
    points[f"{side} ankle"] = at = add(at, times(frame, (0, 0, -SHANK)))
    frame = product(frame, rotation("y", leg.point))
    frames[f"{side} foot"] = frame
    points[f"{side} heel"] = add(at, times(frame, (-HEEL, 0, -ANKLE + RADII["heel"])))
    ball = (FOOT - 4, 0, -ANKLE + RADII["ball"])
    points[f"{side} ball"] = add(at, times(frame, ball))
    toes = times(product(frame, rotation("y", -leg.toes)), (4, 0, RADII["toes"] - RADII["ball"]))
    points[f"{side} toes"] = add(points[f"{side} ball"], toes)


def hip_frame(leg: Leg, sign: int) -> Matrix:
    """Turn a thigh: flexion, abduction, axial rotation (ISB, Wu et al. 2002)."""
    return product(
        rotation("y", -leg.lift),
        rotation("x", -sign * leg.out),
        rotation("z", -sign * leg.turn),
    )


def centre_of_mass(body: Body) -> Vector:
    """Find the body's centre of mass."""
    at = body.points
    parts = [(WEIGHTS["head"], at["head"])]
    parts.append((WEIGHTS["trunk"], between(at["hips"], at["collar"], 0.5)))
    for side in ("right", "left"):
        limbs = (
            ("upper arm", "shoulder", "elbow", 0.436),
            ("forearm", "elbow", "hand", 0.6),
            ("thigh", "hip", "knee", 0.433),
            ("shank", "knee", "ankle", 0.433),
            ("foot", "heel", "toes", 0.5),
        )
        for name, start, end, fraction in limbs:
            middle = between(at[f"{side} {start}"], at[f"{side} {end}"], fraction)
            parts.append((WEIGHTS[name], middle))
    total = sum(weight for weight, _ in parts)
    return add(*(scale(point, weight / total) for weight, point in parts))
