"""A sheet's exercise is one of the library only if its name surely says so."""

from typing import Any

import pytest
import yaml

from conftest import DATA
from stretchaudio.routine.import_sheet import match

PAIRS: dict[str, Any] = yaml.safe_load((DATA / "names.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "meaning"), PAIRS["same"].items())
def test_spellings_and_plurals_of_a_name_are_found(name: str, meaning: str) -> None:
    found = match.find(name, "en")
    assert found is not None
    assert found.id == meaning


@pytest.mark.parametrize("name", [*PAIRS["missed"], *PAIRS["other"]])
def test_another_name_is_never_taken_for_one_of_the_library(name: str) -> None:
    assert match.find(name, "en") is None
