"""Calculate with points and rotations in space, and with outlines on a plane.

x points forward, y to the left, z up, as a body stands.
"""

import math
from collections.abc import Sequence

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]
"""Three rows."""
Circle = tuple[float, float, float]
"""The centre and the radius."""

IDENTITY: Matrix = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def add(*vectors: Vector) -> Vector:
    """Add vectors."""
    xs, ys, zs = zip(*vectors, strict=True)
    return sum(xs), sum(ys), sum(zs)


def subtract(a: Vector, b: Vector) -> Vector:
    """Go from b to a."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def scale(a: Vector, factor: float) -> Vector:
    """Make a vector longer or shorter."""
    return a[0] * factor, a[1] * factor, a[2] * factor


def between(a: Vector, b: Vector, fraction: float) -> Vector:
    """Go a fraction of the way from a to b."""
    return add(scale(a, 1 - fraction), scale(b, fraction))


def dot(a: Vector, b: Vector) -> float:
    """Multiply two vectors to a number."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """Multiply two vectors to one across both."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def unit(a: Vector) -> Vector:
    """Make a vector 1 long; one without a length stays."""
    return scale(a, 1 / (math.hypot(*a) or 1))


def distance(a: Vector, b: Vector) -> float:
    """Measure from one point to another."""
    return math.dist(a, b)


def times(m: Matrix, a: Vector) -> Vector:
    """Turn a vector."""
    return dot(m[0], a), dot(m[1], a), dot(m[2], a)


def transposed(m: Matrix) -> Matrix:
    """Turn a rotation back."""
    x, y, z = zip(*m, strict=True)
    return x, y, z


def product(*matrices: Matrix) -> Matrix:
    """Join rotations, the last done first."""
    result = IDENTITY
    for matrix in matrices:
        columns = transposed(matrix)
        x, y, z = (tuple(dot(row, column) for column in columns) for row in result)
        result = x, y, z  # type: ignore[assignment]
    return result


def rotation(axis: str, degrees: float) -> Matrix:
    """Turn about the axis x, y or z, as a right hand's fingers curl around its thumb."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    if axis == "x":
        return (1, 0, 0), (0, c, -s), (0, s, c)
    if axis == "y":
        return (c, 0, s), (0, 1, 0), (-s, 0, c)
    return (c, -s, 0), (s, c, 0), (0, 0, 1)


Run = tuple[Circle, float, float]
"""A circle, and from which to which angle the outline follows it."""


def outline(circles: Sequence[Circle]) -> list[Run]:
    """Draw a band around circles: the convex outline, as arcs that straight lines join.

    The outline follows, in each direction, the circle that reaches farthest; it changes from one
    to another where both reach equally far.
    """
    changes = sorted({angle for a in circles for b in circles for angle in _equally_far(a, b)})
    if not changes:
        return [(max(circles, key=lambda one: one[2]), 0.0, math.tau)]
    runs: list[Run] = []
    for start, end in zip(changes, [*changes[1:], changes[0] + math.tau], strict=True):
        middle = (start + end) / 2
        farthest = max(circles, key=lambda one: _reach(one, middle))
        if runs and runs[-1][0] == farthest:
            runs[-1] = farthest, runs[-1][1], end
        else:
            runs.append((farthest, start, end))
    if len(runs) > 1 and runs[0][0] == runs[-1][0]:
        runs[0] = runs[0][0], runs.pop()[1] - math.tau, runs[0][2]
    return runs


def _reach(circle: Circle, angle: float) -> float:
    return circle[0] * math.cos(angle) + circle[1] * math.sin(angle) + circle[2]


def _equally_far(a: Circle, b: Circle) -> tuple[float, ...]:
    dx, dy, dr = a[0] - b[0], a[1] - b[1], b[2] - a[2]
    apart = math.hypot(dx, dy)
    if apart <= abs(dr) or apart == 0:
        return ()
    middle, half = math.atan2(dy, dx), math.acos(dr / apart)
    return (middle + half) % math.tau, (middle - half) % math.tau
