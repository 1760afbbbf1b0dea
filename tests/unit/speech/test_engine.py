"""The voice that a user names."""

import pytest

from sessions import choose_voice
from stretchaudio import UsageError
from stretchaudio.language import language

ENGLISH = language("en")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("espeak:en-gb", "no voice 'en-gb'. Perhaps you meant en-gb-x-rp"),
        ("espeak:en-us+klat4", "no variant 'klat4'. Perhaps you meant klatt4"),
        ("espeak:nowhere", "no voice 'nowhere'"),
        ("espaek", "no voice engine 'espaek'. Perhaps you meant espeak"),
        ("espeak:../../etc", "no voice '../../etc'"),
        ("espeak:en-us+../../x", "no variant '../../x'"),
    ],
)
def test_a_wrong_voice_is_refused_with_suggestions(wanted: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace(".", r"\.").replace("+", r"\+")):
        choose_voice(wanted, ENGLISH)


def test_the_language_has_a_voice_of_its_own() -> None:
    assert str(choose_voice("espeak", ENGLISH)) == "espeak:en-us+klatt4"
    assert str(choose_voice("espeak:EN-US+f3", ENGLISH)) == "espeak:en-us+f3"
