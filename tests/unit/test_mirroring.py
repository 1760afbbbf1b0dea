"""The other side of a sentence: right and left change where they are sides, and only there."""

from collections.abc import Iterator

import pytest
import yaml

from conftest import DATA
from stretchaudio.language import language, languages

CASES = yaml.safe_load((DATA / "mirroring.yaml").read_text(encoding="utf-8"))
LEAST_SIDES, LEAST_CASES = 15, 40


SIDES = [(code, text) for code, groups in CASES.items() for text in groups["sides"]]


def _cases() -> Iterator[tuple[str, str, str]]:
    for code, groups in CASES.items():
        for text, expected in (groups["sides"] | groups.get("one_way", {})).items():
            yield code, text, expected
        for text in groups["no_sides"]:
            yield code, text, text


def test_every_language_has_many_cases() -> None:
    assert tuple(CASES) == languages()
    for groups in CASES.values():
        assert len(groups["sides"]) >= LEAST_SIDES
        assert sum(map(len, groups.values())) >= LEAST_CASES
        assert all(text != expected for text, expected in groups["sides"].items())


@pytest.mark.parametrize(("code", "text", "expected"), list(_cases()))
def test_only_sides_change(code: str, text: str, expected: str) -> None:
    assert language(code).mirrored(text) == expected


@pytest.mark.parametrize(("code", "text"), SIDES)
def test_the_other_side_of_the_other_side_is_the_first(code: str, text: str) -> None:
    words = language(code)
    assert words.mirrored(words.mirrored(text)) == text


@pytest.mark.parametrize("code", languages())
def test_placeholders_are_always_sides(code: str) -> None:
    words = language(code)
    assert words.mirrored("{right}, {left}, {right}.") == "{left}, {right}, {left}."


@pytest.mark.parametrize("code", languages())
def test_the_words_for_a_side_are_each_others_other_side(code: str) -> None:
    words = language(code)
    for first, second in (words.sides, *words.leads.values()):
        assert words.mirrored(first.spoken) == second.spoken
        assert words.mirrored(second.spoken) == first.spoken
        assert words.mirrored(first.label) == second.label
