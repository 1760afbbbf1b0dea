"""Draw the cover of a session: a ring of its exercises around its title and length."""

import colorsys
import io
import math
import textwrap
import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stretchaudio.routine.body import hue_of
from stretchaudio.script.model import BETWEEN
from stretchaudio.track.manifest import Manifest

COVER_FORMAT = 3
"""Raised whenever the looks of covers change."""
SIZE = 1400
MOST_BYTES = 150_000
_RING = (0.455, 0.375)
"""The outer and inner radius of the ring of exercises, as parts of the picture's side."""
_WINDOWS = (0.36, 0.345)
"""The radii of the thin ring of holds and reps inside it."""
_GAP_DEGREES = 1.2
_LEAST_DEGREES = 0.3
# Colours: saturation and value, in the hue of the part of the body.
_BACKGROUND, _WORK, _TITLE = (0.16, 0.97), (0.35, 0.45), (0.55, 0.25)
_EXERCISES = ((0.0, 0.42, 0.62), (0.04, 0.42, 0.72), (0.08, 0.42, 0.56), (0.12, 0.42, 0.67))
"""The shades of the ring, in turn: how far the hue is turned, saturation, value."""
_TITLE_WIDTH = 0.56
_FONT_SIZES = (132, 112, 96, 82, 70, 60, 52)
_MOST_LINES = 4
_NO_LETTERS = {"So", "Sk", "Cc", "Cn", "Co", "Cs"}
"""Categories of characters that no font for text draws well, such as emoji."""
_JOINERS = "\u200d\ufe0e\ufe0f"
"""Characters that join emoji and are left when these are removed."""
_FONT_FACES = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf",
    "Nirmala.ttf",
    "Kohinoor.ttc",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "arial.ttf",
)
"""Fonts that Linux, Windows and macOS have for other scripts."""
# Pictures are drawn larger and made smaller, for smooth edges.
_SCALE = 3
_STEPS = 32
"""From the ground to a colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The content of a cover."""

    title: str
    note: str
    """A few words below the title."""
    exercises: tuple[tuple[float, float], ...]
    """Where the pieces of the ring begin and end, as parts of the whole turn."""
    windows: tuple[tuple[float, float], ...]
    """Where the pieces of the thin ring inside it begin and end."""
    hue: int
    """In degrees."""


def drawing_of(manifest: Manifest, focus: Iterable[str] = ()) -> Drawing:
    """Choose the content of a track's cover.

    Args:
        manifest: The manifest of the track.
        focus: The parts of the body it is for; the first gives the hue.
    """
    whole_s = manifest.duration_s
    return Drawing(
        title=manifest.title,
        note=f"{max(1, round(whole_s / 60))} min",
        exercises=tuple((one.start_s / whole_s, one.end_s / whole_s) for one in manifest.chapters),
        windows=tuple(
            (one.start_s / whole_s, (one.start_s + one.length_s) / whole_s)
            for one in manifest.windows
            if one.kind not in BETWEEN
        ),
        hue=hue_of(focus),
    )


def cover(drawing: Drawing) -> bytes:
    """Draw a cover.

    Returns:
        A JPEG of 1400 x 1400, at most 150 kB.
    """
    return _jpeg(_drawn(drawing))


def is_cover(data: bytes) -> bool:
    """Tell whether a picture has the form, size and length of one that `cover` draws."""
    from PIL import Image, UnidentifiedImageError

    if len(data) > MOST_BYTES or not data.startswith(b"\xff\xd8\xff"):
        return False
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(data), formats=["JPEG"]) as picture,
        ):
            return bool(picture.size == (SIZE, SIZE))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return False


def icon(drawing: Drawing, size: int, *, part: float = 1.0) -> bytes:
    """Draw a cover in small, as a PNG.

    Args:
        drawing: Without letters, which would be too small.
        size: Its side, in pixels.
        part: How much of the side the drawing takes. Systems cut icons to a shape of their own:
            what lies within 0.8 of the middle stays (W3C, maskable icons).
    """
    from PIL import Image

    drawn, side = _drawn(drawing), round(size * part)
    picture = Image.new("RGB", (size, size), drawn.getpixel((0, 0)))
    edge = (size - side) // 2
    picture.paste(drawn.resize((side, side), Image.Resampling.LANCZOS), (edge, edge))
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()


def smaller(cover: bytes, side: int) -> bytes:
    """Make a cover smaller, as a JPEG.

    Args:
        cover: A JPEG.
        side: The new side, in pixels.
    """
    from PIL import Image

    target = io.BytesIO()
    with Image.open(io.BytesIO(cover), formats=["JPEG"]) as picture:
        picture.draft("RGB", (side, side))
        small = picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    small.save(target, "JPEG", quality=80, optimize=True)
    return target.getvalue()


def _drawn(drawing: Drawing) -> Any:
    from PIL import ImageChops, ImageDraw

    # A palette of each colour's mixtures with the ground is twice as fast as a composite.
    hue = drawing.hue / 360
    ground = _rgb(hue, *_BACKGROUND)
    colours = [_rgb(hue + turn, *shade) for turn, *shade in _EXERCISES] + [_rgb(hue, *_WORK)]
    image = ImageChops.add(_pieces(drawing), _rings(drawing))
    image.putpalette(
        round(low + (high - low) * step / (_STEPS - 1))
        for colour in colours
        for step in range(_STEPS)
        for low, high in zip(ground, colour, strict=True)
    )
    image = image.convert("RGB")
    _write(ImageDraw.Draw(image), drawing, _rgb(hue, *_TITLE))
    return image


def _rings(drawing: Drawing) -> Any:
    """Draw how much of each place lies in a ring, in steps: larger, then smaller."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (SIZE * _SCALE, SIZE * _SCALE))
    draw = ImageDraw.Draw(image)
    for start, end in drawing.exercises:
        last = max(start * 360 + _LEAST_DEGREES, end * 360 - _GAP_DEGREES)
        draw.polygon(_arc(image.width, _RING, (start * 360, last)), fill=_STEPS - 1)
    for start, end in drawing.windows:
        last = max(start * 360 + _LEAST_DEGREES, end * 360)
        draw.polygon(_arc(image.width, _WINDOWS, (start * 360, last)), fill=_STEPS - 1)
    return image.reduce(_SCALE)


def _pieces(drawing: Drawing) -> Any:
    """Draw which colour each place has that lies in a ring; they meet where there is no ring."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (SIZE, SIZE), len(_EXERCISES) * _STEPS)
    draw = ImageDraw.Draw(image)
    radii = (0.5, (_RING[1] + _WINDOWS[0]) / 2)
    for number, ends in enumerate(drawing.exercises):
        start, end = (end * 360 - _GAP_DEGREES / 2 for end in ends)
        draw.polygon(_arc(SIZE, radii, (start, end)), fill=number % len(_EXERCISES) * _STEPS)
    return image


def _arc(
    side: int, radii: tuple[float, float], degrees: tuple[float, float]
) -> list[tuple[float, float]]:
    """List the corners of a piece of a ring, near enough to each other to look round.

    Args:
        side: The picture's side.
        radii: Outer and inner radius, as parts of the side.
        degrees: Where it begins and ends, clockwise from the top.
    """
    first, last = degrees
    steps = math.ceil(2 * (last - first))
    turns = [math.radians(first + (last - first) * step / steps) for step in range(steps + 1)]
    ways = ((radii[0], turns), (radii[1], reversed(turns)))
    return [
        (side * (0.5 + radius * math.sin(turn)), side * (0.5 - radius * math.cos(turn)))
        for radius, along in ways
        for turn in along
    ]


def _write(draw: Any, drawing: Drawing, colour: tuple[int, int, int]) -> None:
    title, face = _drawable(drawing.title)
    font, lines = _fitted(draw, title, face)
    middle = SIZE / 2
    height = font.size * 1.2
    top = middle - (height * len(lines) + 110) / 2
    for number, line in enumerate(lines):
        place = (middle, top + height * (number + 0.5))
        draw.text(place, line, font=font, fill=colour, anchor="mm")
    place = (middle, top + height * len(lines) + 75)
    draw.text(place, drawing.note, font=_font(None, 64), fill=colour, anchor="mm")


def _drawable(title: str) -> tuple[str, str | None]:
    """Leave out the words of a title that cannot be drawn; choose the font for the others."""
    letters = (letter for letter in title if unicodedata.category(letter) not in _NO_LETTERS)
    words = [word.strip(_JOINERS) for word in "".join(letters).split()]
    face = _face(" ".join(words))
    return " ".join(word for word in words if word and not _missing(face, word)), face


def _fitted(draw: Any, title: str, face: str | None) -> tuple[Any, list[str]]:
    """Find the largest font in which a title fits, and its lines; one that never fits is cut."""
    for size in _FONT_SIZES:
        font = _font(face, size)
        columns = max(4, math.floor(_TITLE_WIDTH * SIZE / (size * 0.52)))
        lines = textwrap.wrap(title, columns, break_long_words=size == _FONT_SIZES[-1])
        widest = max((draw.textlength(line, font=font) for line in lines), default=0)
        if len(lines) <= _MOST_LINES and widest <= _TITLE_WIDTH * SIZE:
            return font, lines
    return font, textwrap.wrap(title, columns - 3, max_lines=_MOST_LINES, placeholder=" …")


def _face(title: str) -> str | None:
    """Choose the font that has most of a title's letters: Pillow's, which is Latin, or another."""
    best, fewest = None, _missing(None, title)
    for face in _FONT_FACES if fewest else ():
        try:
            missing = _missing(face, title)
        except OSError:  # it is not installed
            continue
        if missing < fewest:
            best, fewest = face, missing
    return best


def _missing(face: str | None, text: str) -> int:
    """Count the letters of a text that a font does not have; it draws a box for each of them."""
    font = _font(face, 20)
    box = bytes(font.getmask("\uffff"))
    return sum(
        bytes(font.getmask(letter)) == box
        for letter in text
        if unicodedata.category(letter)[0] in "LNP"
    )


@lru_cache(maxsize=32)
def _font(face: str | None, size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size) if face is None else ImageFont.truetype(face, size)


def _rgb(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _jpeg(image: Any) -> bytes:
    for quality in (88, 75, 60, 40):
        target = io.BytesIO()
        image.save(target, "JPEG", quality=quality, optimize=True)
        if target.tell() <= MOST_BYTES:
            break
    return target.getvalue()
