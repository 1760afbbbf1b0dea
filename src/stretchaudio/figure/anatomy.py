"""Find what no body can do: joints beyond their limits, limbs in the air or the ground, a fall."""

import math
from collections.abc import Iterator, Mapping

from stretchaudio.figure.geometry import distance
from stretchaudio.figure.pose import SIDES, Pose
from stretchaudio.figure.reach import reach_target, rests, solve
from stretchaudio.figure.skeleton import RADII, Body, centre_of_mass

TOUCH = 1.0
"""What touches is as near as this, in hundredths of the body's height."""

LIMITS: Mapping[str, tuple[float, float]] = {
    "lower back bend": (-35, 60), "lower back lean": (-20, 20), "lower back turn": (-8, 8),
    "middle back bend": (-13, 23), "middle back lean": (-10, 10), "middle back turn": (-18, 18),
    "upper back bend": (-13, 23), "upper back lean": (-10, 10), "upper back turn": (-18, 18),
    "neck bend": (-55, 45), "neck lean": (-40, 40), "neck turn": (-45, 45),
    "head bend": (-25, 25), "head lean": (-8, 8), "head turn": (-45, 45),
    "shoulder lift": (0, 180), "shoulder lift backward": (0, 60), "shoulder out": (-50, 240),
    "shoulder turn": (-112, 112), "shoulder up": (-10, 40), "shoulder forward": (-30, 32),
    "elbow elbow": (0, 160), "wrist wrist": (0, 90), "wrist palm": (-180, 180),
    "hip lift": (-30, 145), "hip out": (-30, 60), "hip turn": (-45, 85),
    "knee knee": (0, 160), "foot point": (-30, 76), "toes toes": (0, 80),
}  # fmt: skip
"""How far joints go, in degrees, helped by hands or weight.

After I. A. Kapandji, The Physiology of the Joints (spine: flexion of 60 in the lower back and 45 in
the upper, extension of 35 and 25, 20 to a side in each, turns of 5 and 35; hip 145, knee 160,
elbow 160), and the shoulder's reach back of 60 after the AAOS. The thoracic spine has two parts
here, which share its range. A hip that is bent goes farther out and turns farther than a straight
one; a foot that points bends in its middle, too, where the figure's is stiff.
"""


def faults(pose: Pose) -> Iterator[str]:
    """List what is wrong with a pose, in finished clauses; nothing if it can be done."""
    solved, body = solve(pose)
    for name, degrees in joint_angles(solved):
        low, high = LIMITS[name.removeprefix("right ").removeprefix("left ")]
        if not low - 0.5 <= degrees <= high + 0.5:
            yield f"{_plain(name)} is at {degrees:.0f}°, and goes from {low:g}° to {high:g}°"
    yield from _contacts(pose, body)
    yield from _reaches(pose, body)
    if _stands(pose):
        beside = -_inside(pose, body)
        if beside > 0:
            yield f"the body falls over: its weight is {beside:.1f} % of its height beside its feet"


def _plain(name: str) -> str:
    *where, what = name.split()
    return " ".join(where if where[-1] == what else [*where, f"'{what}'"])


def joint_angles(pose: Pose) -> Iterator[tuple[str, float]]:
    """Name every joint's angles."""
    trunk = (*zip(("lower back", "middle back", "upper back"), pose.spine, strict=True),
             ("neck", pose.neck), ("head", pose.head))  # fmt: skip
    for name, bend in trunk:
        yield from ((f"{name} {what}", degrees) for what, degrees in bend)
    for side in SIDES:
        arm, leg = pose.arms[side], pose.legs[side]
        backward = arm.lift if 140 < arm.out < 220 else 0
        yield f"{side} shoulder lift backward", backward
        if arm.lift > 15:  # below, there is hardly a direction
            yield f"{side} shoulder out", arm.out
        for joint, limb, names in (
            ("shoulder", arm, ("lift", "turn", "up", "forward")), ("elbow", arm, ("elbow",)),
            ("wrist", arm, ("wrist", "palm")), ("hip", leg, ("lift", "out", "turn")),
            ("knee", leg, ("knee",)), ("foot", leg, ("point",)), ("toes", leg, ("toes",)),
        ):  # fmt: skip
            yield from ((f"{side} {joint} {name}", getattr(limb, name)) for name in names)


def _contacts(pose: Pose, body: Body) -> Iterator[str]:
    for name in pose.ground:
        above = max((body.points[point][2] - radius for point, radius in rests(name)), key=abs)
        if abs(above) > TOUCH:
            where = "above" if above > 0 else "below"
            yield f"the {name} should touch the ground, and is {abs(above):.1f} % {where} it"
    for name, point in body.points.items():
        below = RADII.get(name.rpartition(" ")[2], 0) - point[2]
        if below > TOUCH and name not in pose.ground:
            yield f"the {name} is {below:.1f} % below the ground"


def _reaches(pose: Pose, body: Body) -> Iterator[str]:
    for name, reach in pose.reach.items():
        side, _, what = name.partition(" ")
        joint = f"{side} {'ankle' if what == 'foot' else what}"
        short = distance(body.points[joint], reach_target(body, reach, name))
        if short > TOUCH:
            yield f"the {name} does not reach the {reach.to}: {short:.1f} % are missing"


def _stands(pose: Pose) -> bool:
    on_feet = all(name.rpartition(" ")[2] in ("foot", "toes", "heel") for name in pose.ground)
    return on_feet and not pose.chair and not pose.wall


def _inside(pose: Pose, body: Body) -> float:
    """Measure how far the centre of mass is inside the band around the feet on the ground."""
    x, y, _ = centre_of_mass(body)
    feet = [
        (*body.points[f"{name.partition(' ')[0]} {point}"][:2], RADII[point])
        for name in pose.ground
        for point in ("heel", "ball", "toes")
        if not name.endswith(("toes", "heel")) or (point == "heel") == name.endswith("heel")
    ]
    directions = (math.radians(5 * step) for step in range(72))
    return min(
        max((fx - x) * math.cos(way) + (fy - y) * math.sin(way) + radius for fx, fy, radius in feet)
        for way in directions
    )
