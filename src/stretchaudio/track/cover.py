"""The cover: a calm picture of the session itself, a ring of its exercises around its title and length."""

import colorsys
import hashlib
import io
import math
import textwrap
import unicodedata
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stretchaudio.script.model import BETWEEN
from stretchaudio.track.manifest import Manifest

COVER_FORMAT = 1
"""Raised whenever covers change their looks."""
SIZE = 1400
MOST_BYTES = 150_000
_RING = (0.455, 0.375)
"""The outer and inner radius of the ring of exercises, as parts of the picture's side."""
_WINDOWS = (0.36, 0.345)
"""The same of the thin ring of holds and reps within."""
_GAP_DEGREES = 1.2
_TITLE_WIDTH = 0.56
_FONT_SIZES = (132, 112, 96, 82, 70, 60, 52)
_MOST_LINES = 4
_NO_LETTERS = {"So", "Sk", "Cc", "Cn", "Co", "Cs"}
"""Categories of what a title can have and no font for text draws well, such as emoji."""
_JOINERS = "\u200d\ufe0e\ufe0f"
"""What is left of them."""
_FACES = (
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
_SCALE = 2
"""Drawn larger and made smaller, for smooth edges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What a cover shows."""

    title: str
    """In its middle."""
    note: str
    """Below the title."""
    exercises: tuple[tuple[float, float], ...]
    """Where the pieces of the ring begin and end, as parts of the whole turn."""
    windows: tuple[tuple[float, float], ...]
    """The same of the thin ring within."""


def drawing_of(manifest: Manifest) -> Drawing:
    """What the cover of a track shows."""
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
    )


def cover(drawing: Drawing) -> bytes:
    """Draw a cover.

    Returns:
        A JPEG of 1400 x 1400, at most 150 kB.
    """
    return _jpeg(_drawn(drawing))


def is_cover(data: bytes) -> bool:
    """Whether something is a picture such as `cover` draws, and not whatever somebody put in its place."""
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


def icon(drawing: Drawing, size: int) -> bytes:
    """The same in small, as a PNG.

    Args:
        drawing: What it shows; letters would be too small.
        size: Its side, in pixels.
    """
    from PIL import Image

    target = io.BytesIO()
    _drawn(drawing).resize((size, size), Image.Resampling.LANCZOS).save(
        target, "PNG", optimize=True
    )
    return target.getvalue()


def _drawn(drawing: Drawing) -> Any:
    from PIL import Image, ImageDraw

    hue = hashlib.sha256(drawing.title.encode()).digest()[0] / 255
    image = Image.new("RGB", (SIZE * _SCALE, SIZE * _SCALE), _colour(hue, 0.16, 0.97))
    draw = ImageDraw.Draw(image)
    for number, (start, end) in enumerate(drawing.exercises):
        shade = _colour(hue + 0.04 * (number % 4), 0.42, (0.62, 0.72, 0.56, 0.67)[number % 4])
        _arc(draw, _RING, (start * 360, end * 360 - _GAP_DEGREES), shade)
    for start, end in drawing.windows:
        _arc(draw, _WINDOWS, (start * 360, end * 360), _colour(hue, 0.35, 0.45))
    image = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    _write(ImageDraw.Draw(image), drawing, _colour(hue, 0.55, 0.25))
    return image


def _arc(draw: Any, radii: tuple[float, float], degrees: tuple[float, float], colour: str) -> None:
    """A piece of a ring.

    Args:
        draw: The picture.
        radii: Outer and inner, as parts of the picture's side.
        degrees: Where it begins and ends, clockwise from the top.
        colour: As hexadecimal RGB.
    """
    side = SIZE * _SCALE
    outer, inner = radii
    box = (side * (0.5 - outer), side * (0.5 - outer), side * (0.5 + outer), side * (0.5 + outer))
    first, last = degrees
    draw.arc(
        box,
        first - 90,
        max(first + 0.3, last) - 90,
        fill=colour,
        width=round(side * (outer - inner)),
    )


def _write(draw: Any, drawing: Drawing, colour: str) -> None:
    words = "".join(
        letter for letter in drawing.title if unicodedata.category(letter) not in _NO_LETTERS
    ).split()
    words = [word.strip(_JOINERS) for word in words]
    face = _face(" ".join(words))
    title = " ".join(word for word in words if word and not _missing(face, word))
    font, lines = _fitted(draw, title, face)
    height = font.size * 1.2
    top = SIZE / 2 - (height * len(lines) + 110) / 2
    for number, line in enumerate(lines):
        draw.text(
            (SIZE / 2, top + height * (number + 0.5)), line, font=font, fill=colour, anchor="mm"
        )
    draw.text(
        (SIZE / 2, top + height * len(lines) + 75),
        drawing.note,
        font=_font(None, 64),
        fill=colour,
        anchor="mm",
    )


def _fitted(draw: Any, title: str, face: str | None) -> tuple[Any, list[str]]:
    """The largest letters in which a title fits, and its lines; one that never does is cut."""
    for size in _FONT_SIZES:
        font = _font(face, size)
        columns = max(4, math.floor(_TITLE_WIDTH * SIZE / (size * 0.52)))
        lines = textwrap.wrap(title, columns, break_long_words=size == _FONT_SIZES[-1])
        wide = (
            max((draw.textlength(line, font=font) for line in lines), default=0)
            > _TITLE_WIDTH * SIZE
        )
        if len(lines) <= _MOST_LINES and not wide:
            return font, lines
    return font, textwrap.wrap(title, columns - 3, max_lines=_MOST_LINES, placeholder=" …")


def _face(title: str) -> str | None:
    """The font that has most of a title's letters: Pillow's own, which knows the Latin ones, or one of the system's."""
    best, fewest = None, _missing(None, title)
    for face in _FACES if fewest else ():
        try:
            missing = _missing(face, title)
        except OSError:  # it is not installed
            continue
        if missing < fewest:
            best, fewest = face, missing
    return best


def _missing(face: str | None, text: str) -> int:
    """How many letters of a text a font has not; it draws a box for each of them."""
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


def _colour(hue: float, saturation: float, value: float) -> str:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _jpeg(image: Any) -> bytes:
    for quality in (88, 75, 60, 40):
        target = io.BytesIO()
        image.save(target, "JPEG", quality=quality, optimize=True, progressive=True)
        if target.tell() <= MOST_BYTES:
            break
    return target.getvalue()
