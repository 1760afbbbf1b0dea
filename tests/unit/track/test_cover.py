"""A cover shows the session."""

import io
import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from conftest import REPOSITORY, SIDED, Built
from stretchaudio.track.cover import Drawing, cover
from tag_readers import eyed3


def test_the_cover_is_a_small_square_jpeg_that_shows_the_session(
    build: Callable[..., Built], write: Callable[..., Path]
) -> None:
    covers = []
    for routine in (REPOSITORY / "routines" / "desk-break.yaml", write(SIDED)):
        built = build(routine)
        data = next(iter(eyed3.load(built.path).tag.images)).image_data
        assert len(data) <= 150_000
        picture = Image.open(io.BytesIO(data))
        assert (picture.format, picture.size) == ("JPEG", (1400, 1400))
        assert len(picture.getcolors(1 << 24)) > 100
        covers.append(data)
    assert covers[0] != covers[1]


def test_each_exercise_has_a_piece_of_the_ring_and_its_work_a_piece_inside() -> None:
    drawing = Drawing(
        title="", note="", exercises=((0.1, 0.5), (0.5, 0.9)), windows=((0.6, 0.8),), hue=270
    )
    picture = Image.open(io.BytesIO(cover(drawing)))

    def at(turn: float, radius: float) -> tuple[int, ...]:
        way = 2 * math.pi * turn
        x, y = (0.5 + radius * math.sin(way), 0.5 - radius * math.cos(way))
        return tuple(round(one / 16) for one in picture.getpixel((1400 * x, 1400 * y)))

    ground, first, second, work = at(0.0, 0.0), at(0.3, 0.41), at(0.7, 0.41), at(0.7, 0.352)
    assert len({ground, first, second, work}) == 4
    for turn in (0.11, 0.49):
        assert at(turn, 0.41) == at(turn, 0.45) == at(turn, 0.38) == first
    assert at(0.0, 0.41) == at(0.95, 0.41) == at(0.4983, 0.41) == ground, "between exercises"
    assert at(0.3, 0.352) == at(0.7, 0.47) == ground, "beside the rings"
