"""Solve a pose: bend limbs to what they reach for, set the body down on the ground."""

import math
from collections.abc import Mapping

from stretchaudio.figure.geometry import (
    Vector,
    add,
    dot,
    scale,
    subtract,
    times,
    transposed,
    unit,
)
from stretchaudio.figure.pose import OTHER, SIDES, Arm, Pose, Reach
from stretchaudio.figure.skeleton import (
    FOREARM,
    HAND,
    RADII,
    SEAT_BELOW_HIP,
    SHANK,
    THIGH,
    UPPER_ARM,
    Body,
    hip_frame,
    place_joints,
    shoulder_frame,
)

DIRECTIONS: Mapping[str, Vector] = {
    "forward": (1, 0, 0), "back": (-1, 0, 0), "up": (0, 0, 1), "down": (0, 0, -1),
    "right": (0, -1, 0), "left": (0, 1, 0),
}  # fmt: skip
RESTS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "foot": (("heel", RADII["heel"]), ("ball", RADII["ball"])),
    "heel": (("heel", RADII["heel"]),),
    "toes": (("ball", RADII["ball"]),),
    "instep": (("toes", RADII["toes"]),),
    "knee": (("knee", RADII["knee"]),),
    "shank": (("knee", RADII["knee"]), ("toes", RADII["toes"])),
    "ankle": (("ankle", RADII["ankle"]),),
    "leg": (("knee", RADII["knee"]),),
    "hand": (("hand", RADII["hand"]),),
    "fingers": (("fingers", RADII["fingers"]),),
    "forearm": (("elbow", RADII["elbow"]), ("wrist", RADII["wrist"])),
    "elbow": (("elbow", RADII["elbow"]),),
    "hip": (("hip", SEAT_BELOW_HIP),),
    "shoulder": (("shoulder", RADII["shoulder"]),),
}
"""What lies on the ground for each word, and how far its middle is above it."""
TRUNK: Mapping[str, tuple[str, float]] = {
    "head": ("head", 5.6), "forehead": ("forehead", 1.6), "back": ("chest", 5.4),
    "chest": ("chest", 5.4), "belly": ("waist", 4.9), "seat": ("hips", 5.6),
}  # fmt: skip


def solve(pose: Pose) -> tuple[Pose, Body]:
    """Find the angles that a pose leaves open, and where its joints are then."""
    for side in SIDES:
        if f"{side} foot" in pose.reach:
            pose = _leg_reached(pose, side)
        if f"{side} foot" in pose.ground:
            pose = _foot_flat(pose, side)
    height = -ground_of(pose, place_joints(pose))
    sides = sorted(SIDES, key=lambda side: _follows(pose, side))
    for side in sides:
        for what in ("elbow", "hand"):
            if f"{side} {what}" in pose.reach:
                pose = _arm_reached(pose, side, what, height)
    return pose, place_joints(pose).moved((0, 0, height))


def _follows(pose: Pose, side: str) -> bool:
    """Whether a hand reaches for the other arm, which then comes first."""
    reach = pose.reach.get(f"{side} hand")
    joints = [
        f"{who} {what}" for who in ("other", OTHER[side]) for what in ("hand", "wrist", "elbow")
    ]
    return reach is not None and reach.to in joints


def rests(name: str) -> tuple[tuple[str, float], ...]:
    """Name the points that rest on the ground for a word such as `right foot`."""
    if name in TRUNK:
        return (TRUNK[name],)
    side, _, part = name.partition(" ")
    return tuple((f"{side} {point}", radius) for point, radius in RESTS[part])


def ground_of(pose: Pose, body: Body) -> float:
    """Find how high the ground is: below what first touches it."""
    found = [
        body.points[point][2] - radius
        for name in pose.ground
        if not _reaches_floor(pose, name)
        for point, radius in rests(name)
    ]
    return min(found, default=0.0)


def _reaches_floor(pose: Pose, name: str) -> bool:
    limb = name.replace("forearm", "elbow")
    return limb in pose.reach and pose.reach[limb].by[2] == "floor"


def reach_target(body: Body, reach: Reach, limb: str) -> Vector:
    """Find where a limb such as `right hand` is to be."""
    side, _, part = limb.partition(" ")
    name, radius = reach.to, RADII.get(part, 0)
    if name.startswith("other "):
        name = f"{OTHER[side]} {name.removeprefix('other ')}"
    if name not in body.points:
        name = f"{side} {name}"
    forward, outward, up = reach.by
    at = body.points[name]
    y = at[1] - _sign(side) * outward
    return at[0] + forward, y, radius if up == "floor" else at[2] + up


def _sign(side: str) -> int:
    return 1 if side == "right" else -1


def direction(words: str, side: str) -> Vector:
    """Read a direction such as `down out` for a side."""
    own = {"out": DIRECTIONS[side], "in": DIRECTIONS[OTHER[side]], **DIRECTIONS}
    return unit(add((0, 0, 0), *(own[word] for word in words.split())))


def _bent_to(start: Vector, target: Vector, upper: float, lower: float, pole: Vector) -> Vector:
    """Find the middle joint of a limb of two parts that reaches as near to a target as it can."""
    line = subtract(target, start)
    far = min(max(math.hypot(*line), abs(upper - lower) + 1e-6), upper + lower - 1e-6)
    along = (upper**2 - lower**2 + far**2) / (2 * far)
    line = unit(line)
    aside = unit(subtract(pole, scale(line, dot(pole, line))))
    return add(start, scale(line, along), scale(aside, math.sqrt(max(0, upper**2 - along**2))))


def _leg_reached(pose: Pose, side: str) -> Pose:
    body, reach, leg = place_joints(pose), pose.reach[f"{side} foot"], pose.legs[side]
    start, sign = body.points[f"{side} hip"], _sign(side)
    target = reach_target(body, reach, f"{side} foot")
    pole = direction(reach.bend or "forward", side)
    knee = _bent_to(start, target, THIGH, SHANK, pole)
    back = transposed(body.frames["pelvis"])
    thigh = times(back, unit(subtract(knee, start)))
    out = math.degrees(math.asin(max(-1, min(1, -sign * thigh[1]))))
    lift = math.degrees(math.atan2(thigh[0], -thigh[2]))
    straight = leg.model_copy(update={"lift": lift, "out": out, "turn": 0})
    shank = times(back, unit(subtract(target, knee)))
    x, y, z = times(transposed(hip_frame(straight, sign)), shank)
    bend = math.degrees(math.acos(max(-1, min(1, -z))))
    turn = math.degrees(math.atan2(sign * y, -x)) if bend > 1 else leg.turn
    solved = straight.model_copy(update={"turn": turn, "knee": bend})
    return pose.model_copy(update={"legs": {**pose.legs, side: solved}})


def _foot_flat(pose: Pose, side: str) -> Pose:
    shank = place_joints(pose).frames[f"{side} shank"]
    point = math.degrees(math.atan2(shank[2][0], shank[2][2]))
    leg = pose.legs[side].model_copy(update={"point": point})
    return pose.model_copy(update={"legs": {**pose.legs, side: leg}})


def _arm_reached(pose: Pose, side: str, what: str, height: float) -> Pose:
    body = place_joints(pose).moved((0, 0, height))
    reach, arm, sign = pose.reach[f"{side} {what}"], pose.arms[side], _sign(side)
    start = body.points[f"{side} shoulder"]
    target = reach_target(body, reach, f"{side} {what}")
    if what == "elbow":
        elbow, hand = target, add(target, (1, 0, 0))
    else:
        fingers = direction(reach.fingers, side) if reach.fingers else None
        hand = subtract(target, scale(fingers, HAND / 2)) if fingers else target
        lower = FOREARM if fingers else FOREARM + HAND / 2
        chest = times(body.frames["thorax"], (-0.5, -sign * 0.6, -0.6))
        pole = direction(reach.bend, side) if reach.bend else chest
        elbow = (
            body.points[f"{side} elbow"]
            if f"{side} elbow" in pose.reach
            else _bent_to(start, hand, UPPER_ARM, lower, pole)
        )
    solved = _arm_through(body, arm, sign, (start, elbow, hand))
    pose = pose.model_copy(update={"arms": {**pose.arms, side: solved}})
    if what == "hand" and reach.fingers:
        frame = place_joints(pose).frames[f"{side} arm"]
        x, y, z = times(transposed(frame), direction(reach.fingers, side))
        wrist = math.degrees(math.acos(max(-1, min(1, -z))))
        palm = math.degrees(math.atan2(x, -sign * y))
        solved = solved.model_copy(update={"wrist": wrist, "palm": palm})
        pose = pose.model_copy(update={"arms": {**pose.arms, side: solved}})
    return pose


def _arm_through(body: Body, arm: Arm, sign: int, joints: tuple[Vector, Vector, Vector]) -> Arm:
    """Find the angles of an arm whose shoulder, elbow and hand are known."""
    shoulder, elbow, hand = joints
    back = transposed(body.frames["thorax"])
    x, y, z = times(back, unit(subtract(elbow, shoulder)))
    lift = math.degrees(math.acos(max(-1, min(1, -z))))
    out = math.degrees(math.atan2(-sign * y, x))
    if out < -120:  # behind the back is reached by the outside
        out += 360
    straight = arm.model_copy(update={"lift": lift, "out": out, "turn": 0, "wrist": 0, "palm": 0})
    forearm = times(back, unit(subtract(hand, elbow)))
    x, y, z = times(transposed(shoulder_frame(straight, sign)), forearm)
    bend = math.degrees(math.acos(max(-1, min(1, -z))))
    turn = math.degrees(math.atan2(-sign * y, x)) if bend > 1 else 0
    return straight.model_copy(update={"turn": turn, "elbow": bend})
