"""Find where a stretch is felt: a line of points on the skin for each word that names a place."""

from collections.abc import Mapping

from stretchaudio.figure.geometry import Vector, add, between, times
from stretchaudio.figure.pose import SIDES
from stretchaudio.figure.skeleton import Body

Along = tuple[str, str, str, tuple[float, ...], Vector]
"""From a point to a point, the frame, fractions of the way, and out of the middle."""
BOTH: Mapping[str, tuple[tuple[str, str, Vector], ...]] = {
    "upper back": (("ribs", "ribs", (-4.4, 0, 2)), ("chest", "chest", (-5, 0, 0)),
                   ("collar", "collar", (-3.4, 0, -1))),
    "lower back": (("hips", "pelvis", (-4.8, 0, 3)), ("waist", "pelvis", (-4.4, 0, 0)),
                   ("ribs", "ribs", (-4.6, 0, 0))),
    "chest": (("chest", "chest", (4.8, 0, -3)), ("chest", "chest", (5, 0, 2)),
              ("collar", "collar", (3, 0, -1))),
    "belly": (("hips", "pelvis", (5, 0, 2)), ("waist", "pelvis", (4.6, 0, 0)),
              ("ribs", "ribs", (5, 0, 0))),
    "neck back": (("collar", "collar", (-2.8, 0, 1)), ("neck", "collar", (-2.6, 0, 0))),
    "neck front": (("collar", "collar", (2.6, 0, 1)), ("neck", "head", (1.6, 0, -2))),
}  # fmt: skip
LIMBS: Mapping[str, Along] = {
    "thigh back": ("hip", "knee", "thigh", (0.25, 0.5, 0.8), (-3.2, 0, 0)),
    "thigh front": ("hip", "knee", "thigh", (0.2, 0.5, 0.8), (3.2, 0, 0)),
    "inner thigh": ("hip", "knee", "thigh", (0.15, 0.4, 0.7), (0, -3, 0)),
    "outer hip": ("hip", "knee", "thigh", (-0.1, 0.1, 0.3), (0, 4.4, 0)),
    "hip front": ("hip", "knee", "thigh", (-0.12, 0.08, 0.25), (4.4, 0, 0)),
    "seat": ("hip", "knee", "thigh", (-0.12, 0.05, 0.2), (-4.4, 0, 0)),
    "calf": ("knee", "ankle", "shank", (0.15, 0.35, 0.6), (-2.4, 0, 0)),
    "shin": ("knee", "ankle", "shank", (0.3, 0.5, 0.8), (2, 0, 0)),
    "shoulder": ("shoulder", "elbow", "collar", (-0.05, 0.15, 0.4), (0, 2, 0)),
}
"""Out of the middle: forward, outward, up."""
FLANK = (("waist", "pelvis", 7.4), ("ribs", "ribs", 8.6), ("chest", "chest", 9.6))
NECK_SIDE = (("collar", "collar", 3.4), ("neck", "collar", 2.6))


def felt_along(body: Body, name: str) -> list[tuple[Vector, Vector]]:
    """Find the line of a stretch by its name, such as `right calf`: points, and out from each."""
    side, _, part = name.partition(" ")
    sign = 1 if side == "right" else -1
    if side not in SIDES:
        places = BOTH[name]
    elif part in ("flank", "neck"):
        breadths = FLANK if part == "flank" else NECK_SIDE
        places = tuple((point, frame, (0, -sign * y, 0)) for point, frame, y in breadths)
    else:
        return _along_limb(body, side, part, sign)
    turned = [(body.points[point], times(body.frames[frame], out)) for point, frame, out in places]
    return [(add(middle, out), out) for middle, out in turned]


def _along_limb(body: Body, side: str, part: str, sign: int) -> list[tuple[Vector, Vector]]:
    start, end, frame, fractions, (x, y, z) = LIMBS[part]
    turned = body.frames[frame if frame in body.frames else f"{side} {frame}"]
    out = times(turned, (x, -sign * y, z))
    first, last = body.points[f"{side} {start}"], body.points[f"{side} {end}"]
    return [(add(between(first, last, fraction), out), out) for fraction in fractions]
