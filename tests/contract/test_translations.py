"""Every language, spoken by its own embedded voice."""

import itertools
import re

import pytest

from conftest import REPOSITORY
from listening import SPEECH_AT_MOST
from sessions import plan
from stretchaudio import Level, Options, read_routine
from stretchaudio.language import SPOKEN_VERBOSITIES, Verbosity, languages
from stretchaudio.script.verbosity import CueFilter

TRANSLATIONS = sorted(path for path in (REPOSITORY / "routines").glob("*.yaml") if "." in path.stem)


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("cues", SPOKEN_VERBOSITIES)
def test_a_translation_is_good_to_listen_to(path, cues: Verbosity) -> None:
    manifest = plan(read_routine(path), Options(cue_filter=CueFilter(cues=cues))).manifest
    assert manifest.dropped == ()
    assert (
        sum(cue.end_s - cue.start_s for cue in manifest.cues)
        <= SPEECH_AT_MOST[cues] * manifest.duration_s
    )
    # Other languages take more words than English for the same opening.
    assert next(window.start_s for window in manifest.windows if window.kind != "transition") <= 36
    for cue in manifest.cues:
        assert all(
            len(sentence.split()) <= 14 for sentence in re.split(r"(?<=[.!?])\s", cue.text)
        ), cue


@pytest.mark.parametrize("code", languages())
def test_every_pack_speaks_a_whole_session_without_a_hitch(code: str, tmp_path) -> None:
    """Every phrase with every filler, by the language's own embedded voice."""
    path = tmp_path / "session.yaml"
    path.write_text(
        f"title: A\nlanguage: {code}\nsections:\n  - title: B\n    rounds: 2\n    exercises:\n"
        "      - {name: C, hold: 1m30s, sides: each, sets: 2, tips: [D.], easier: E., caution: "
        "F.}\n"
        "      - {name: G, reps: 4, sides: alternate}\n      - {name: H, reps: 2, sides: [up, "
        "down]}\n"
        "  - title: I\n    exercises:\n      - {name: J, breaths: 3}\n      - {name: K, time: "
        "21s}\n"
        "      - {name: L, work: [{repeat: 3, work: [{hold: 5s, name: M}]}]}\n"
    )
    routine = read_routine(path)
    for level, cues in itertools.product((Level.BEGINNER, Level.ADVANCED), SPOKEN_VERBOSITIES):
        manifest = plan(routine, Options(level=level, cue_filter=CueFilter(cues=cues))).manifest
        assert manifest.voice.startswith("espeak:")
        assert not [dropped for dropped in manifest.dropped if dropped.text]
