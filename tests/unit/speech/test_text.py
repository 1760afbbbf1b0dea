"""Text made speakable, a voice that always says the same, and clips of one loudness."""

import pytest
import yaml

from conftest import DATA
from stretchaudio import VoiceError
from stretchaudio.language import language, languages
from stretchaudio.speech.text import normalise

ENGLISH = language("en")


CASES = [
    (path.stem.rpartition(".")[2], typed, spoken)
    for path in sorted(DATA.glob("spoken.*.yaml"))
    for typed, spoken in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader).items()
]


@pytest.mark.parametrize(("code", "typed", "spoken"), CASES)
def test_typed_text_is_made_speakable(code: str, typed: str, spoken: str) -> None:
    assert normalise(typed, language(code).spoken) == spoken


def test_every_language_has_cases() -> None:
    assert {code for code, _, _ in CASES} == set(languages())


@pytest.mark.parametrize("text", ["...", "🙂", " - ", "\u200b"])
def test_text_with_nothing_to_speak_is_refused(text: str) -> None:
    with pytest.raises(VoiceError, match="nothing to speak"):
        normalise(text, ENGLISH.spoken)


def test_normalising_twice_changes_nothing_more() -> None:
    for code, _, spoken in CASES:
        assert normalise(spoken, language(code).spoken) == spoken
