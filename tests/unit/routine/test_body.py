"""Parts of the body and equipment are one thing in every language."""

import pytest

from stretchaudio.routine.body import body_parts, equipment, group_of, hue_of, names_of


@pytest.mark.parametrize("written", ["cou", "Nacken", "neck", "गर्दन", "CUELLO"])
def test_a_part_is_known_by_its_name_in_any_language(written: str) -> None:
    (part,) = body_parts([written], "it")
    assert (part.id, part.label) == ("neck", "collo")
    assert (group_of([written]), hue_of([written])) == ("neck", hue_of(["neck"]))


def test_what_is_not_known_stays_as_it_was_written() -> None:
    (part,) = body_parts(["left ear"], "de")
    assert (part.id, part.label, group_of(["left ear"])) == ("left ear", "left ear", "other")
    assert [one.label for one in equipment(["Matte", "kettle"], "fr")] == ["tapis", "kettle"]


def test_a_part_is_found_by_all_its_names() -> None:
    assert {"cou", "Nacken", "neck", "pescoço"} <= names_of("neck")
