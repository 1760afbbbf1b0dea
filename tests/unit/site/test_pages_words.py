"""What a page says of a track, in the words of its language."""

import pytest

from stretchaudio.language import language
from stretchaudio.site.pages import background


@pytest.mark.parametrize(
    ("bed", "shown"),
    [
        ("rain", "Regen"),
        ("rain:2, bowls, rain:3", "Regen, Klangschalen"),
        ("calm, quiet.mp3", "calm, quiet.mp3"),
    ],
)
def test_beds_are_named_in_the_language_of_the_page(bed: str, shown: str) -> None:
    assert background(bed, language("de")) == shown
