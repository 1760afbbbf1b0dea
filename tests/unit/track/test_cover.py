"""A cover shows the session."""

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from conftest import REPOSITORY, SIDED, Built
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
