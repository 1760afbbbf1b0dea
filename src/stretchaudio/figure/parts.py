"""Give a body its flesh: bands around balls at its joints, in the order of their depth."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from stretchaudio.figure.geometry import Circle, Vector, add, between, dot, scale, times
from stretchaudio.figure.pose import SIDES, Pose
from stretchaudio.figure.skeleton import HIP, JAW, RADII, SKULL, TORSO, Body

VIEWS: Mapping[str, tuple[float, float]] = {
    "front": (0, 0), "back": (180, 0), "right": (90, 0), "left": (-90, 0),
    "right front": (48, 14), "left front": (-48, 14),
    "right back": (132, 14), "left back": (-132, 14),
    "above": (180, 78), "feet": (0, 48),
}  # fmt: skip
"""From where one looks, in degrees: to the right of its front, and up."""
FOLDED = 75
"""Degrees from which a limb's two parts are drawn one before the other."""

Ball = tuple[Vector, float]
Band = Sequence[Ball]


class Tone(StrEnum):
    """How a part is painted."""

    NEAR = "near"
    FAR = "far"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Part:
    """What is painted in one go: bands that touch each other."""

    bands: Sequence[Sequence[Circle]]
    depth: float
    tone: Tone


class Camera:
    """Look at a body from a side; what is near has a greater depth."""

    def __init__(self, view: str) -> None:
        azimuth, up = (math.radians(degrees) for degrees in VIEWS[view])
        front = (math.cos(azimuth), -math.sin(azimuth), 0.0)
        self._right = (math.sin(azimuth), math.cos(azimuth), 0.0)
        self._towards = add(scale(front, math.cos(up)), (0, 0, math.sin(up)))
        self._up = add(scale(front, -math.sin(up)), (0, 0, math.cos(up)))
        self.is_level = up == 0

    def see(self, point: Vector) -> tuple[float, float]:
        """Find a point on the picture: to the right, and down."""
        return dot(point, self._right), -dot(point, self._up)

    def circle(self, ball: Ball) -> Circle:
        """Find a ball on the picture."""
        return (*self.see(ball[0]), ball[1])

    def depth(self, point: Vector) -> float:
        """Measure how near a point is."""
        return dot(point, self._towards)


def body_parts(pose: Pose, body: Body, camera: Camera) -> list[Part]:
    """List the parts of a body, the farthest first."""
    far_leg = _far(body, camera, "hip")
    far_arm = _far(body, camera, "shoulder")
    parts = [_part(camera, list(_torso(body)), Tone.NEAR), *_head(body, camera)]
    for side in SIDES:
        at = body.points
        leg = [(f"{side} {name}", RADII[name]) for name in ("hip", "knee", "ankle")]
        arm = [(f"{side} {name}", RADII[name]) for name in ("shoulder", "elbow", "wrist")]
        foot = [
            [(at[f"{side} {one}"], RADII[one]) for one in pair]
            for pair in (("ankle", "heel", "ball"), ("ball", "toes"))
        ]
        hand = [[(at[f"{side} {one}"], RADII[one]) for one in ("wrist", "hand", "fingers")]]
        for limb, balls, end, far, bend in (
            ("leg", leg, foot, far_leg, pose.legs[side].knee),
            ("arm", arm, hand, far_arm, pose.arms[side].elbow),
        ):
            tone = Tone.FAR if side == far else Tone.NEAR
            tone = Tone.WORK if f"{side} {limb}" in pose.work else tone
            upper, lower = ([(at[name], r) for name, r in pair] for pair in (balls[:2], balls[1:]))
            if bend < FOLDED:
                parts.append(_part(camera, [upper, lower, *end], tone))
            else:
                parts += [_part(camera, [upper], tone), _part(camera, [lower, *end], tone)]
    return sorted(parts, key=lambda part: (part.tone != Tone.FAR, part.depth))


def _far(body: Body, camera: Camera, joint: str) -> str | None:
    """Find the side that is farther away, if the body is seen from a side."""
    right, left = (camera.depth(body.points[f"{side} {joint}"]) for side in SIDES)
    if abs(right - left) < HIP * 1.2:
        return None
    return "right" if right < left else "left"


def _part(camera: Camera, bands: Sequence[Band], tone: Tone) -> Part:
    points = [point for band in bands for point, _ in band]
    depth = sum(map(camera.depth, points)) / len(points)
    return Part([[camera.circle(ball) for ball in band] for band in bands], depth, tone)


def _torso(body: Body) -> Iterator[Band]:
    rings = []
    frames = ("pelvis", "pelvis", "ribs", "chest")
    for (name, (half, radius)), frame in zip(TORSO.items(), frames, strict=True):
        aside = times(body.frames[frame], (0, half, 0))
        middle = body.points[name]
        rings.append([(add(middle, aside), radius), (add(middle, scale(aside, -1)), radius)])
    for low, high in pairwise(rings):
        yield [*low, *high]
    shoulders = [body.points[f"{side} shoulder"] for side in SIDES]
    yield [*rings[-1], *((point, RADII["shoulder"] * 0.92) for point in shoulders)]
    slope = between(body.points["collar"], body.points["neck"], 0.35)
    yield [(slope, 2.6), *((point, RADII["shoulder"] * 0.6) for point in shoulders)]
    yield [(body.points["collar"], 3.0), (body.points["neck"], 2.7), (body.points["skull"], 2.7)]


def _head(body: Body, camera: Camera) -> Iterator[Part]:
    at, head = body.points, body.frames["head"]
    bridge = add(at["head"], times(head, (4, 0, 0.8)))
    bands: list[Band] = [
        [(at["head"], SKULL), (at["chin"], JAW)],
        [(bridge, 1.2), (at["nose"], 0.7)],
    ]
    yield _part(camera, bands, Tone.NEAR)


def eyes(body: Body, camera: Camera) -> Iterator[Circle]:
    """Find the eyes that are seen."""
    head = body.frames["head"]
    for y in (-2.1, 2.1):
        normal = times(head, (4.6, y, 0.6))
        if camera.depth(normal) > 1.2:
            yield camera.circle((add(body.points["head"], normal), 0.75))


def edges(circles: Iterable[Circle]) -> tuple[float, float, float, float]:
    """Find the left, top, right and bottom edge of some circles."""
    found = list(circles)
    return (
        min(x - r for x, _, r in found),
        min(y - r for _, y, r in found),
        max(x + r for x, _, r in found),
        max(y + r for _, y, r in found),
    )
