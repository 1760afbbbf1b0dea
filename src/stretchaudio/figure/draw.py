"""Draw solved poses as one small SVG, in three colours that the page around it chooses.

`currentColor` is the body, `--work` what works and where it is felt, `--paper` the ground of the
picture, which shows as a thin line where one limb is before another.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from stretchaudio.figure.geometry import Circle, Vector, add, outline, unit
from stretchaudio.figure.marks import felt_along
from stretchaudio.figure.parts import Camera, Part, Tone, body_parts, edges, eyes
from stretchaudio.figure.pose import Pose
from stretchaudio.figure.reach import solve
from stretchaudio.figure.skeleton import RADII, SEAT_BELOW_HIP, Body, place_joints

SCALE = 4
"""Units of the picture for each hundredth of the body's height; whole ones are precise enough."""
HIDDEN = -0.6
"""How far a place on the skin faces away when it is not seen any more; -1 is straight away."""
TINY = 1.5
"""Units up to which a step of an outline is left out; the next one goes on from where it was."""
MARGIN = 3.0
LOW = 15.0
"""The mat is under what is lower than this."""
GAP = 9.0
"""Between two poses of a figure."""
_DARK = "color:#d8d3c8;--work:#f59e6c;--paper:#272522"
COLOURS = (
    f"<style>svg{{color:#33475b}}svg:target{{{_DARK}}}"
    f"@media(prefers-color-scheme:dark){{svg{{{_DARK}}}}}</style>"
)
"""Those of a figure by itself: in a light room, in a dark one, and wherever `#dark` asks for it."""
ACCENT = "var(--work,#c2410c)"
PAPER = "var(--paper,#fff)"

Line = Sequence[tuple[float, float]]
"""Points on the picture, one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A pose of a figure, and the pose that it is reached from, if that is drawn."""

    pose: Pose
    ghost: Pose | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """Some SVG, and where its edges are in hundredths of the body's height."""

    svg: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure that is drawn, in units of its own."""

    content: str
    """What is inside the `svg` element."""
    top: int
    width: int
    height: int

    def document(self, title: str = "") -> str:
        """Write the picture as an SVG document, with colours of its own.

        Args:
            title: What it shows, for those who do not see it.
        """
        label = f' role="img" aria-label="{escape(title)}"' if title else ""
        where = 'xmlns="http://www.w3.org/2000/svg" id="dark"'
        return f"<svg {where} {self._box}{label}>{COLOURS}{self.content}</svg>"

    def element(self) -> str:
        """Write the picture for the midst of a page, which chooses its colours."""
        return f'<svg {self._box} aria-hidden="true">{self.content}</svg>'

    @property
    def _box(self) -> str:
        return f'viewBox="0 {self.top} {self.width} {self.height}"'


def draw(frames: Sequence[Frame]) -> Picture:
    """Draw the poses of a figure beside each other, from left to right."""
    content, width, height, top = _row(frames)
    return Picture(content=content, top=top, width=width, height=height)


def _row(frames: Sequence[Frame]) -> tuple[str, int, int, int]:
    drawings = [_frame(frame) for frame in frames]
    x, parts = MARGIN, []
    top = min(one.box[1] for one in drawings) - MARGIN
    bottom = max(one.box[3] for one in drawings) + MARGIN
    for number, one in enumerate(drawings):
        if number:
            parts.append(_next(x + GAP / 2, (top + bottom) / 2))
            x += GAP
        parts.append(f'<g transform="translate({_n(x - one.box[0])})">{one.svg}</g>')
        x += one.box[2] - one.box[0]
    style = 'fill="currentColor" stroke-linejoin="round" stroke-linecap="round"'
    svg = f"<g {style}>{''.join(parts)}</g>"
    return svg, _units(x + MARGIN), _units(bottom - top), _units(top)


def _next(x: float, y: float) -> str:
    return _bar(f"M{_n(x - 1.2)} {_n(y - 2.4)}l10 10-10 10", 1, 0.5)


def _frame(frame: Frame) -> Drawing:
    pose, body = solve(frame.pose)
    camera = Camera(pose.view)
    parts = body_parts(pose, body, camera)
    chair, mat = _chair(pose, body, camera), _mat(body, camera)
    seen = [band for part in parts for band in part.bands]
    back = []
    if frame.ghost:
        ghost, ghost_body = solve(frame.ghost)
        before = [band for part in body_parts(ghost, ghost_body, camera) for band in part.bands]
        seen += before
        back.append(_path(before, 'opacity=".2"'))
    if chair:
        path = "".join(map(_polyline, chair))
        back.append(f'<path d="{path}" stroke="currentColor" stroke-width="7" opacity=".3"/>')
    things = [(x, y, 1.0) for line in (*chair, *mat) for x, y in line]
    box = edges([*(one for band in seen for one in band), *things])
    wall = _wall(pose, body, camera)
    if wall is not None:
        box = edges([_corner(box, 0), _corner(box, 2), (wall, -1, 1)])
        back.append(_bar(f"M{_n(wall)} 0V{_n(box[1])}", 1.2, 0.5))
    if mat:
        back.insert(0, f'<path d="{_polyline(mat[0])}" opacity=".12"/>')
    else:
        back.insert(0, _bar(f"M{_n(box[0])} 0H{_n(box[2])}", 0.9, 0.4))
        box = edges([_corner(box, 0), _corner(box, 2), (box[0], 0, 0.5)])
    above = [_path([[eye] for eye in eyes(body, camera)], f'fill="{PAPER}"')]
    above += [_felt(body, name, camera) for name in pose.stretch]
    above += [_circle(body, joint, camera) for joint in pose.circle]
    if frame.ghost:
        above += [_arrow(ghost, pose, joint, camera) for joint in pose.arrow]
    return Drawing("".join([*back, _painted(parts), *above]), box)


def _painted(parts: Sequence[Part]) -> str:
    """Paint the parts one over the other; those of the far side are pale all together."""
    far = "".join(_path(part.bands) for part in parts if part.tone == Tone.FAR)
    rest = "".join(
        _path(part.bands, f'fill="{ACCENT}"' if part.tone == Tone.WORK else "")
        for part in parts
        if part.tone != Tone.FAR
    )
    pale = f'<g opacity=".5">{far}</g>' if far else ""
    return f'<g stroke="{PAPER}" stroke-width="5" paint-order="stroke">{pale}{rest}</g>'


def _corner(box: Sequence[float], first: int) -> Circle:
    return box[first], box[first + 1], 0


def _units(value: float) -> int:
    return round(value * SCALE)


def _n(value: float) -> str:
    return str(_units(value))


def _bar(path: str, width: float, opacity: float) -> str:
    style = f'fill="none" stroke="currentColor" stroke-width="{_n(width)}" opacity="{opacity:g}"'
    return f'<path d="{path}" {style}/>'


def _path(bands: Iterable[Sequence[Circle]], style: str = "") -> str:
    return f'<path d="{"".join(map(_band, bands))}" {style}'.rstrip() + "/>"


def _band(circles: Sequence[Circle]) -> str:
    """Write a band around circles as arcs and lines, each from where the one before it ended."""
    runs = outline(circles)
    if len(runs) == 1:
        left, top, radius = (_units(value) for value in runs[0][0])
        return f"M{left - radius} {top}a{radius} {radius} 0 110 1z"
    steps: list[str] = []
    here = (0, 0)
    for (x, y, r), start, end in runs:
        a, b = (
            (_units(x + r * math.cos(one)), _units(y + r * math.sin(one))) for one in (start, end)
        )
        if not steps:
            steps.append(f"M{a[0]} {a[1]}")
            here = a
        elif math.dist(a, here) > TINY:
            steps.append(f"l{_pair(a, here)}")
            here = a
        if math.dist(b, here) > TINY:
            large = int(end - start > math.pi)
            steps.append(f"a{_units(r)} {_units(r)} 0 {large}1{_pair(b, here)}")
            here = b
    return f"{''.join(steps)}z"


def _pair(to: tuple[int, int], here: tuple[int, int]) -> str:
    x, y = to[0] - here[0], to[1] - here[1]
    return f"{x}{y}" if y < 0 else f"{x} {y}"


def _felt(body: Body, name: str, camera: Camera) -> str:
    """Draw where a stretch is felt, unless that is on the side that is not seen."""
    line = felt_along(body, name)
    if sum(camera.depth(unit(out)) for _, out in line) < HIDDEN * len(line):
        return ""
    points = [camera.see(point) for point, _ in line]
    return _accent(_polyline(points), 'stroke-width="22" opacity=".5"')


def _accent(path: str, style: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{ACCENT}" {style}/>'


def _polyline(points: Line) -> str:
    path, here = "", (0, 0)
    for x, y in points:
        to = _units(x), _units(y)
        path += f"{'l' if path else 'M'}{_pair(to, here)}"
        here = to
    return path


def _arrow(start: Pose, end: Pose, joint: str, camera: Camera) -> str:
    """Draw the way of a joint from one pose to another, as the angles change evenly."""
    height = solve(end)[1].points["hips"][2]
    first = solve(start)[1].points["hips"][2]
    points = []
    for step in range(9):
        part = step / 8
        body = place_joints(Pose.model_validate(_mixed(start.model_dump(), end.model_dump(), part)))
        up = first + (height - first) * part - body.points["hips"][2]
        points.append(camera.see(add(body.points[joint], (0, 0, up))))
    return _arrow_along(points)


def _circle(body: Body, joint: str, camera: Camera) -> str:
    """Draw a circle with a head, up in front and down behind, around a joint."""
    turns = [math.radians(20 + 40 * step) for step in range(9)]
    radius = 4.6 if "shoulder" in joint else 7
    around = [(radius * math.cos(turn), 0.0, radius * math.sin(turn)) for turn in turns]
    return _arrow_along([camera.see(add(body.points[joint], one)) for one in around])


def _arrow_along(points: Sequence[tuple[float, float]]) -> str:
    (ax, ay), (bx, by) = points[-2], points[-1]
    way = math.atan2(by - ay, bx - ax)
    barbs = [(bx - 3 * math.cos(way + turn), by - 3 * math.sin(way + turn)) for turn in (0.6, -0.6)]
    head = _polyline([barbs[0], points[-1], barbs[1]])
    return _accent(_polyline(points) + head, 'stroke-width="6"')


def _mixed(a: Any, b: Any, part: float) -> Any:
    """Mix the numbers of two poses."""
    if isinstance(b, dict) and isinstance(a, dict):
        return {key: _mixed(a.get(key), value, part) for key, value in b.items()}
    if isinstance(b, float) and isinstance(a, float):
        return a + (b - a) * part
    if isinstance(b, tuple) and isinstance(a, tuple) and len(a) == len(b):
        return tuple(_mixed(x, y, part) for x, y in zip(a, b, strict=True))
    return b


def _mat(body: Body, camera: Camera) -> list[Line]:
    """Lay a mat on the ground, if that is seen from above."""
    if camera.is_level:
        return []
    low = [point for point in body.points.values() if point[2] < LOW]
    xs, ys, _ = zip(*low, strict=True)
    (left, right), (near, far) = ((min(one) - 6, max(one) + 6) for one in (xs, ys))
    corners = ((left, near), (right, near), (right, far), (left, far), (left, near))
    return [[camera.see((x, y, 0)) for x, y in corners]]


def _chair(pose: Pose, body: Body, camera: Camera) -> list[Line]:
    if not pose.chair:
        return []
    hips = body.points["hips"]
    seat = hips[2] - SEAT_BELOW_HIP - 0.8
    back, front = (-10.0, 10.0) if pose.chair == "back" else (-18.0, 4.0)
    half, leaned = 9.5, back - 2.5
    top, slat = seat + 26, seat + 18
    lines: list[list[Vector]] = [
        [(back, -half, seat), (front, -half, seat), (front, half, seat), (back, half, seat),
         (back, -half, seat)],
        [(leaned, -half, slat), (leaned, -half, top), (leaned, half, top), (leaned, half, slat),
         (leaned, -half, slat)],
        *([(x, y, seat), (x, y, 0.8)] for x in (back, front) for y in (-half, half)),
        *([(back, y, seat), (leaned, y, slat)] for y in (-half, half)),
    ]  # fmt: skip
    return [[camera.see((hips[0] + x, hips[1] + y, z)) for x, y, z in line] for line in lines]


def _wall(pose: Pose, body: Body, camera: Camera) -> float | None:
    """Find where a wall stands that a hand is on."""
    if not pose.wall:
        return None
    hand, _ = camera.see(body.points[f"{pose.wall}"])
    middle, _ = camera.see(body.points["hips"])
    away = math.copysign(RADII["hand"] + 0.6, hand - middle)
    return hand + away
