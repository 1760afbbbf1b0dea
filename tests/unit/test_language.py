"""Other languages: every pack complete and speakable, every translation the same session."""

import string
from typing import Any

import pytest

from conftest import REPOSITORY
from sessions import choose_voice
from stretchaudio import Level, UsageError, read_routine
from stretchaudio.language import language, languages
from stretchaudio.script.model import Window
from stretchaudio.script.write import write_script

ROUTINES = REPOSITORY / "routines"
TRANSLATIONS = sorted(path for path in ROUTINES.glob("*.yaml") if "." in path.stem)


def test_these_languages_can_be_spoken() -> None:
    assert languages() == ("de", "en", "es", "fr", "hi", "it", "pt")
    others = ("de", "es", "fr", "hi", "it", "pt")
    assert {path.stem for path in TRANSLATIONS} == {
        *(f"back-basics.{code}" for code in others),
        *(f"desk-break.{code}" for code in others),
        *(f"daily-fifteen.{code}" for code in ("de", "es", "fr")),
    }


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", languages())
def test_a_pack_says_everything_english_says(code: str) -> None:
    english, pack = language("en"), language(code)
    assert pack.phrases.keys() == english.phrases.keys()
    for key, forms in pack.phrases.items():
        allowed = set().union(
            *(_fields(text) for texts in english.phrases[key].values() for text in texts)
        )
        allowed |= {"n", "total", "ordinal"} if key in {"set", "set_last"} else set()
        allowed |= {"side", "label"} if allowed & {"side", "label"} else set()
        allowed |= {"sentence", "clause"} if allowed & {"sentence", "clause"} else set()
        for texts in forms.values():
            for text in texts:
                assert _fields(text) <= allowed, (key, text)
    assert len(pack.sides) == 2
    for right, left in (pack.sides, *pack.leads.values()):
        assert pack.mirrored(right.spoken) == left.spoken
        assert pack.mirrored(left.spoken) == right.spoken
    for noun in ("second", "minute", "set", "rep", "breath", "time", "more"):
        assert pack.amount(1, noun)
        assert "7" in pack.amount(7, noun)


def _page_texts(pack: Any, path: str = "") -> dict[str, set[str]]:
    """The placeholders of each text of a pack's page, by where it stands."""
    if isinstance(pack, dict):
        found = [_page_texts(value, f"{path}/{key}") for key, value in pack.items()]
    elif isinstance(pack, list):
        found = [_page_texts(value, f"{path}/{at}") for at, value in enumerate(pack)]
    else:
        assert pack.strip(), path
        return {path: _fields(pack)}
    return {key: fields for texts in found for key, fields in texts.items()}


@pytest.mark.parametrize("code", languages())
def test_a_pack_has_every_word_of_the_pages(code: str) -> None:
    assert _page_texts(language(code).page) == _page_texts(language("en").page)


def test_a_pack_tells_its_name_its_code_and_its_direction() -> None:
    packs = [language(code) for code in languages()]
    assert [(pack.name, pack.iso_639_2) for pack in packs] == [
        ("German", "ger"),
        ("English", "eng"),
        ("Spanish", "spa"),
        ("French", "fre"),
        ("Hindi", "hin"),
        ("Italian", "ita"),
        ("Portuguese", "por"),
    ]
    assert {pack.direction for pack in packs} == {"ltr"}


@pytest.mark.parametrize("code", languages())
def test_a_pack_has_a_voice_of_its_own(code: str) -> None:
    voice = choose_voice("espeak", language(code))
    assert voice.name.split("-")[0].split("+")[0] == code
    assert choose_voice("gtts", language(code)).name == code


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("level", Level)
def test_a_translation_is_the_same_session(path, level: Level) -> None:
    original = write_script(read_routine(ROUTINES / f"{path.stem.partition('.')[0]}.yaml"), level)
    translated = write_script(read_routine(path), level)
    assert translated.language == path.stem.partition(".")[2]

    def windows(script) -> list:
        return [
            (item.kind, item.length_ms, item.set, item.rep)
            for item in script.items
            if isinstance(item, Window)
        ]

    assert windows(translated) == windows(original)


def test_a_language_chooses_the_translation() -> None:
    assert read_routine("desk-break", language="es").language == "es"
    assert read_routine("desk-break", language="en").language == "en"
    assert read_routine("desk-break.es", language="de").language == "de"
    with pytest.raises(UsageError, match="There is no warm-up in the language 'es'"):
        read_routine("warm-up", language="es")
    no_italian = "There is no daily-fifteen in the language 'it'"
    with pytest.raises(UsageError, match=no_italian) as caught:
        read_routine("daily-fifteen", language="it")
    assert caught.value.hint == "There is daily-fifteen in de, es, fr."
