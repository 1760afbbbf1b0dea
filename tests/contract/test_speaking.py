"""Who speaks: the voice that is named, or the best there is.

Programs, recordings, plug-ins; what a user has set for good.
"""

import itertools
import json
import os
import re
import shutil
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from conftest import DATA, Built, Ran
from fake_google import FakeGoogle
from listening import Listener, decode, loudness
from sessions import choose_voice, open_engine
from stretchaudio import UsageError, VoiceError
from stretchaudio.cli import build as cli_build
from stretchaudio.config import config_file
from stretchaudio.language import language
from stretchaudio.speech import auto, engine
from stretchaudio.speech.engine import Engines, Prosody
from stretchaudio.speech.engines import flite, online, say
from stretchaudio.speech.leveling import decode as decode_sound
from stretchaudio.speech.text import pronouncing
from tiny_piper import write_voice

ENGLISH = language("en")


SHORT = DATA / "short.yaml"


RATE_HZ = 24_000


FREE = "title: Free\nexercises:\n  - {name: Fold, hold: 10-60s}\n"


@pytest.fixture
def no_voice_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRETCHAUDIO_VOICE")


@pytest.fixture
def only_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has no other voice than the one that comes with the program."""
    monkeypatch.setattr(auto, "LOCAL", ("espeak",))


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGoogle]:
    monkeypatch.setattr(online, "LONGEST_WAIT_S", 0.1)
    with closing(FakeGoogle()) as server:
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, server.address)
        yield server


def _set(text: str) -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("no_voice_named", "only_embedded")
def test_without_a_network_a_voice_of_this_machine_speaks_and_it_is_said_why(
    run: Callable[..., Ran],
) -> None:
    ran = run("build", SHORT)
    assert ran.code == 0
    assert (
        ran.err
        == "Voice: espeak:en-us+klatt4 (the best on this machine; Google does not answer).\n"
    )
    assert "voice espeak:en-us+klatt4" in ran.out


@pytest.mark.usefixtures("no_voice_named", "only_embedded")
def test_packets_that_vanish_cost_no_more_than_three_seconds(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole:  # takes connections and never says a word
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{hole.getsockname()[1]}")
        start = time.monotonic()
        ran = run("script", SHORT)
        assert ran.code == 0
        assert "Google does not answer" in ran.err
        assert auto.GOOGLE_WITHIN_S <= time.monotonic() - start < auto.GOOGLE_WITHIN_S + 3


@pytest.mark.usefixtures("no_voice_named", "only_embedded")
def test_google_speaks_when_it_answers_and_then_needs_no_network_for_the_same_again(
    google: FakeGoogle, run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("build", SHORT, "--cache-dir", tmp_path / "cache")
    assert run(*arguments).err == "Voice: gtts:en (Google answers).\n"
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    for more in ([], ["--offline"], ["--room-tone", "off"]):
        assert (
            run(*arguments, *more).err
            == "Voice: gtts:en (all of it was spoken by Google before).\n"
        )
    assert run(*arguments, "--cues", "brief").err.startswith("Voice: espeak:")
    assert (
        "Google is not asked with --offline" in run(*arguments, "--cues", "brief", "--offline").err
    )
    assert "Google's voice cannot change its speed" in run(*arguments, "--speed", "0.9").err


@pytest.mark.usefixtures("no_voice_named", "only_embedded")
def test_a_fitted_session_that_google_spoke_before_needs_no_network(
    google: FakeGoogle,
    run: Callable[..., Ran],
    write: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = ("build", write(FREE), "--minutes", "1", "--cache-dir", tmp_path / "cache")
    assert run(*arguments).err == "Voice: gtts:en (Google answers).\n"
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert run(*arguments).err == "Voice: gtts:en (all of it was spoken by Google before).\n"


@pytest.mark.usefixtures("no_voice_named", "only_embedded")
def test_a_failure_on_the_way_offers_another_voice_for_all_of_it_and_never_mixes(
    google: FakeGoogle,
    run: Callable[..., Ran],
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = itertools.count()
    google.fault = lambda _: "403" if next(answers) > 3 else ""
    arguments = ("build", SHORT, "--cache-dir", tmp_path / "cache")
    ran = run(*arguments)
    assert ran.code == 3
    assert "Google refuses to speak it" in ran.err
    assert "--voice espeak:en-us+klatt4" in ran.err
    assert "are done and kept" in ran.err
    assert not list(home.glob("*.mp3"))
    answers = itertools.count()
    monkeypatch.setattr(
        cli_build,
        "_wants_another_voice",
        lambda error: error.instead == "espeak:en-us+klatt4",
    )
    ran = run(*arguments)
    assert ran.code == 0
    assert "voice espeak:en-us+klatt4" in ran.out


@pytest.mark.usefixtures("no_voice_named")
def test_a_downloaded_piper_voice_comes_before_google(
    google: FakeGoogle, run: Callable[..., Ran]
) -> None:
    from stretchaudio.speech.engines import piper

    write_voice(piper.folder())
    assert (
        run("script", SHORT).err
        == "Voice: piper:en_US-tiny-low (a Piper voice that you downloaded).\n"
    )
    assert not google.asked


@pytest.mark.usefixtures("no_voice_named")
def test_the_best_voice_of_this_machine_is_the_one_best_understood() -> None:
    """The order is that of the table in docs/voices.md."""
    assert auto.LOCAL == ("flite", "pico", "say", "espeak")
    expected = "flite" if shutil.which("flite") else "pico"
    assert auto.local_voice(Engines(), ENGLISH, Prosody()).engine == expected
    assert auto.local_voice(Engines(), ENGLISH, Prosody(pitch=-2)).engine == "pico"
    assert str(auto.local_voice(Engines(), language("hi"), Prosody())) == "espeak:hi+klatt4"


def _seconds(voice: str, prosody: Prosody) -> float:
    with closing(open_engine(choose_voice(voice, ENGLISH, prosody), jobs=1)) as speaking:
        return (
            len(decode_sound(speaking.speak("Reach up as high as you can, and hold it there.")))
            / RATE_HZ
        )


def _there(name: str) -> pytest.MarkDecorator:
    assert shutil.which(name) or "STRETCHAUDIO_TEST_ALL" not in os.environ, f"{name} is missing"
    return pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")


LOCAL_VOICES = [
    "espeak",
    "pico",
    pytest.param("flite", marks=_there("flite")),
    pytest.param("flite:slt", marks=_there("flite")),
]


@pytest.mark.parametrize("voice", LOCAL_VOICES)
def test_speed_changes_how_long_it_speaks(voice: str) -> None:
    usual = _seconds(voice, Prosody())
    assert abs(_seconds(voice, Prosody(speed=0.8)) / usual * 0.8 - 1) < 0.15
    assert abs(_seconds(voice, Prosody(speed=1.3)) / usual * 1.3 - 1) < 0.2


def _pitch_hz(voice: str, semitones: float) -> float:
    """The median of the pitch, by autocorrelation."""
    with closing(
        open_engine(choose_voice(voice, ENGLISH, Prosody(pitch=semitones)), jobs=1)
    ) as speaking:
        samples = decode_sound(speaking.speak("Lean over, and hold it there for a long while."))
    found = []
    for start in range(0, len(samples) - 1800, 600):
        part = samples[start : start + 1800]
        if np.std(part) > 0.03:
            likeness = np.correlate(part, part, "full")[len(part) - 1 :]
            low, high = RATE_HZ // 400, RATE_HZ // 60
            found.append(RATE_HZ / (low + int(np.argmax(likeness[low:high]))))
    return float(np.median(found))


@pytest.mark.parametrize("voice", ["espeak:en-us", "pico"])
def test_pitch_is_in_semitones(voice: str) -> None:
    usual = _pitch_hz(voice, 0)
    assert abs(12 * np.log2(_pitch_hz(voice, 4) / usual) - 4) < 1.5
    assert abs(12 * np.log2(_pitch_hz(voice, -4) / usual) + 4) < 1.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--speed", "2"], "A speed of 2 is out of range."),
        (["--speed", "nan"], "A speed of nan is out of range."),
        (["--pitch", "-12"], "A pitch of -12 is out of range."),
        (["--voice", "gtts", "--pitch", "1"], "gtts cannot change its pitch."),
    ],
)
def test_a_manner_that_cannot_be_is_refused(
    run: Callable[..., Ran], arguments: list[str], message: str
) -> None:
    ran = run("build", SHORT, *arguments)
    assert ran.code == 2
    assert message in ran.err


def test_words_are_spoken_as_a_routine_or_a_user_says(
    write: Callable[..., Path], build: Callable[..., Built]
) -> None:
    say = pronouncing(
        {"Cat-cow": "cat cow", "cat-cow stretch": "the cat and the cow", "psoas": "no"},
        {"PSOAS": "so as", "so as": "x"},
    )
    assert (
        say("The cat-cow, then the Cat-Cow stretch.")
        == "The cat cow, then the the cat and the cow."
    )
    assert (
        say("Psoasis is another word; the psoas is one.")
        == "Psoasis is another word; the so as is one."
    )
    assert pronouncing({"don\u2019t": "do not"})("Don't stop.") == "do not stop."
    assert pronouncing({})("1\u20132 \u201creps\u201d") == '1\u20132 "reps"'
    routine = "title: T\nsay: {psoas: so as}\nexercises:\n  - {name: The psoas, hold: 5s}\n"
    plain = build(write(routine.replace("say: {psoas: so as}\n", "")), voice="espeak")
    length_s = {cue["text"]: cue["end_s"] - cue["start_s"] for cue in plain.manifest["cues"]}
    said = build(write(routine), voice="espeak").manifest["cues"]
    changed = {
        cue["text"]
        for cue in said
        if abs(cue["end_s"] - cue["start_s"] - length_s[cue["text"]]) > 0.001
    }
    assert changed == {"Let's begin with The psoas."}


def test_a_routine_can_say_things_its_own_way(
    write: Callable[..., Path], build: Callable[..., Built]
) -> None:
    own = (
        "title: T\nphrases: {release: And let it go., hold: {full: ['Stay, {duration}.'], "
        "minimal: Stay.}, goodbye: ''}\n"
    )
    built = build(write(own + "exercises:\n  - {name: Fold, hold: 8s}\n"), voice="espeak")
    texts = [cue["text"] for cue in built.manifest["cues"]]
    assert "And let it go." in texts
    assert "Stay, 8 seconds." in texts
    assert not [text for text in texts if "end of" in text]


@pytest.mark.parametrize("cues", ["full", "brief", "minimal"])
def test_a_phrase_of_its_own_never_takes_another_away(
    write: Callable[..., Path], build: Callable[..., Built], cues: str
) -> None:
    from stretchaudio.language import Verbosity
    from stretchaudio.script.verbosity import CueFilter

    own = "title: T\nphrases: {release: {minimal: Go limp.}, hold: {brief: 'Stay, {duration}.'}}\n"
    built = build(
        write(own + "exercises:\n  - {name: Fold, hold: 8s}\n"),
        voice="espeak",
        cue_filter=CueFilter(cues=Verbosity(cues)),
    )
    texts = {cue["kind"]: cue["text"] for cue in built.manifest["cues"]}
    assert texts["name"] == ("We stay for 8 seconds." if cues == "full" else "Stay, 8 seconds.")
    assert texts["start"] == "Stay."
    assert (
        texts["release"]
        == {"full": "And release.", "brief": "Release.", "minimal": "Go limp."}[cues]
    )


@pytest.mark.usefixtures("no_voice_named")
def test_a_voice_that_cannot_read_the_words_is_passed_over(
    write: Callable[..., Path], run: Callable[..., Ran]
) -> None:
    """Flite and Pico pass over foreign letters without a sound."""
    path = write(
        "title: T\nexercises:\n  - {name: \u041f\u0440\u0438\u0432\u0435\u0442, hold: 5s}\n"
    )
    assert run("script", path).err.startswith("Voice: espeak:")
    ran = run("build", path, "--voice", "pico", "--cache-dir", "cache")
    assert ran.code == 3
    assert "Pico cannot read '\u041f' in the cue" in ran.err
    assert run("script", SHORT, "--voice", "pico").code == 0


SCRIPT = """#!{python}
import sys, wave, math, struct
text, out = sys.argv[1], sys.argv[2]
with wave.open(out, "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(16000)
    samples = (int(9000 * math.sin(i / 6)) for i in range(800 * len(text)))
    file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "my voice.py"
    path.write_text(SCRIPT.format(python=sys.executable), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_any_program_that_writes_a_sound_file_can_speak(
    program: Path, build: Callable[..., Built]
) -> None:
    _set(f"commands: {{mine: ['{program}', '{{text}}', '{{file}}']}}\n")
    assert build(SHORT, voice="command:mine").manifest["voice"] == "command:mine"
    assert str(choose_voice("command", ENGLISH)) == "command:mine"


def test_a_text_is_an_argument_and_never_a_part_of_a_shell_line(
    program: Path, tmp_path: Path
) -> None:
    _set(f"commands: {{mine: ['{program}', '{{text}}', '{{file}}']}}\n")
    with closing(open_engine(choose_voice("command:mine", ENGLISH), jobs=1)) as speaking:
        speaking.speak(f"-- $(touch {tmp_path}/evil); {{file}}")
    assert not (tmp_path / "evil").exists()


def test_every_place_of_an_argument_is_filled_in(program: Path) -> None:
    code = (
        "import shutil, sys; assert sys.argv[1] == 'say=Rest. at 0.9'; "
        "shutil.copy(sys.argv[2].partition('=')[2], sys.argv[3])"
    )
    _record(program.parent, "sound", 1)
    arguments = [
        sys.executable,
        "-c",
        code,
        "say={text} at {speed}",
        f"from={program.parent / 'sound.flac'}",
        "{file}",
    ]
    _set(f"commands: {{mine: {json.dumps(arguments)}, slow: [cp, a, '{{file}}']}}\n")
    with closing(
        open_engine(choose_voice("command:mine", ENGLISH, Prosody(speed=0.9)), jobs=1)
    ) as speaking:
        assert speaking.speak("Rest.")
    with pytest.raises(UsageError, match="'slow' takes no speed"):
        open_engine(choose_voice("command:slow", ENGLISH, Prosody(speed=0.9)), jobs=1)


def test_a_new_program_speaks_anew(program: Path) -> None:
    _set(f"commands: {{mine: ['{program}', '{{text}}', '{{file}}']}}\n")
    before = open_engine(choose_voice("command:mine", ENGLISH), jobs=1).version
    program.write_text(program.read_text(encoding="utf-8") + "# louder\n", encoding="utf-8")
    assert open_engine(choose_voice("command:mine", ENGLISH), jobs=1).version != before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["false", "{file}"], r"false failed \(exit code 1\)"),
        (["true", "{file}"], "true wrote no sound"),
        (
            [sys.executable, "-c", "import sys; sys.exit('no paper')", "{file}"],
            "exit code 1.: no paper",
        ),
        (
            [sys.executable, "-c", "import sys; open(sys.argv[1], 'w').write('text')", "{file}"],
            "not sound",
        ),
    ],
)
def test_a_program_that_fails_fails_the_build(
    run: Callable[..., Ran], arguments: list[str], message: str
) -> None:
    _set(f"commands: {{mine: {json.dumps(arguments)}}}\n")
    ran = run("build", SHORT, "--voice", "command:mine", "--cache-dir", "cache")
    assert ran.code == 3
    assert re.search(message, ran.err)
    assert not list(Path().glob("*.mp3"))


def test_a_command_that_is_not_described_is_refused() -> None:
    with pytest.raises(VoiceError, match="Describe your program under 'commands'"):
        choose_voice("command:mine", ENGLISH)
    _set("commands: {other: [nosuchprogram, '{file}']}\n")
    with pytest.raises(UsageError, match="There is no command 'mine'"):
        choose_voice("command:mine", ENGLISH)
    with pytest.raises(UsageError, match="there is no such program"):
        choose_voice("command:other", ENGLISH)


def _record(folder: Path, stem: str, seed: int) -> None:
    """A sentence in a person's own voice: here, noise in the shape of syllables."""
    rng = np.random.default_rng(seed)
    sound = rng.standard_normal(RATE_HZ) * (0.1 + 0.1 * np.sin(np.arange(RATE_HZ) / 1500) ** 2)
    soundfile.write(
        folder / f"{stem}.flac",
        np.concatenate([np.zeros(5000), sound * 0.3, np.zeros(9000)]),
        RATE_HZ,
    )


PLUGIN = """
import io
import numpy as np
import soundfile
from stretchaudio.speech.engine import Engine

SUPPORTS, ONLINE = frozenset(), False

def unavailable_reason():
    return ""

def voices(language):
    return ("beep",)

def resolve_voice(name, language):
    return name

def open_engine(voice, jobs):
    return Beeper()

class Beeper(Engine):
    version = "1"

    def speak(self, text):
        file = io.BytesIO()
        tone = 0.3 * np.sin(np.arange(8000 + 200 * len(text)) / 8)
        soundfile.write(file, tone, 24000, format="WAV")
        return file.getvalue()
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Install a package that offers the engine `beeper`: a module and its entry point."""

    def install(module: str) -> None:
        site = tmp_path / "site"
        facts = site / "beeper-1.0.dist-info"
        facts.mkdir(parents=True)
        (site / "beeper.py").write_text(module, encoding="utf-8")
        (facts / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: beeper\nVersion: 1.0\n", encoding="utf-8"
        )
        (facts / "entry_points.txt").write_text(
            "[stretchaudio.engines]\nbeeper = beeper\n", encoding="utf-8"
        )
        monkeypatch.syspath_prepend(site)
        forget()

    def forget() -> None:
        sys.modules.pop("beeper", None)
        for kept in (engine._plugins, engine._module):
            kept.cache_clear()

    yield install
    forget()


def test_another_package_can_offer_an_engine(
    install: Callable[..., None], build: Callable[..., Built], run: Callable[..., Ran]
) -> None:
    install(PLUGIN)
    assert "beeper" in Engines().ids()
    assert build(SHORT, voice="beeper").manifest["voice"] == "beeper:beep"
    assert "beeper:beep" in run("voices", "--offline").out


def test_an_engine_of_another_package_that_needs_a_network_is_not_asked_offline(
    install: Callable[..., None], run: Callable[..., Ran]
) -> None:
    install(PLUGIN.replace("frozenset(), False", "frozenset(), True"))
    ran = run("build", SHORT, "--voice", "beeper", "--cache-dir", "cache", "--offline")
    assert ran.code == 3
    assert "beeper:beep needs a network, and --offline forbids it" in ran.err


@pytest.mark.parametrize("says", ["return None", "raise KeyError(text)"])
def test_an_engine_that_breaks_fails_the_build(
    install: Callable[..., None], run: Callable[..., Ran], says: str
) -> None:
    install(PLUGIN.replace("return file.getvalue()", says))
    ran = run("build", SHORT, "--voice", "beeper", "--cache-dir", "cache")
    assert ran.code == 3
    assert "The engine beeper" in ran.err


def test_a_broken_engine_does_not_hide_the_others(
    install: Callable[..., None], run: Callable[..., Ran]
) -> None:
    install(PLUGIN.replace('return ""', "raise ZeroDivisionError"))
    ran = run("voices", "--offline")
    assert ran.code == 0
    assert "It is broken (ZeroDivisionError" in ran.out
    assert "espeak:en-us+klatt4" in ran.out


def test_an_engine_that_cannot_be_loaded_is_an_error_and_harms_no_other(
    install: Callable[..., None], run: Callable[..., Ran]
) -> None:
    install("import no_such_package")
    ran = run("build", SHORT, "--voice", "beeper")
    assert ran.code == 3
    assert (
        "'beeper' of beeper cannot be loaded (ModuleNotFoundError: No module named "
        "'no_such_package')" in ran.err
    )
    assert "cannot be loaded" in run("voices", "--offline").out


def test_voices_are_equally_loud_and_begin_where_they_should(
    build: Callable[..., Built], tmp_path: Path, program: Path
) -> None:
    """Measured on the decoded track of one session, spoken by every engine that can speak here."""
    from stretchaudio.speech.engines import piper

    write_voice(piper.folder())
    levels = {}
    flite_voices = ["flite:rms", "flite:slt"] if shutil.which("flite") else []
    for voice in ["espeak", "pico:en-US", "pico:en-GB", "piper", *flite_voices]:
        built = build(SHORT, voice=voice)
        samples = decode(built.path)
        listener = Listener(samples)
        cues = built.manifest["cues"]
        for cue in cues[:12]:
            assert abs(listener.onset_s(cue["start_s"], reach_s=0.1) - cue["start_s"]) < 0.03, (
                voice,
                cue,
            )
            assert abs(listener.end_s(cue["end_s"]) - cue["end_s"]) < 0.03, (voice, cue)
        parts = [
            samples[round(cue["start_s"] * RATE_HZ) : round(cue["end_s"] * RATE_HZ)] for cue in cues
        ]
        levels[voice] = loudness(np.concatenate(parts))
    assert max(levels.values()) - min(levels.values()) <= 1.5, levels


@_there("flite")
def test_flite_lists_its_own_voices() -> None:
    assert choose_voice("flite:slt", ENGLISH).name == "slt"
    with pytest.raises(UsageError, match="flite has no voice 'nobody'"):
        choose_voice("flite:nobody", ENGLISH)
    assert flite.voices(language("fr")) == ()


SAY = """#!{python}
import sys, soundfile, numpy
arguments = sys.argv[1:]
if arguments == ["-v", "?"]:
    print("Eddy (English (UK)) en_GB    # Hello! My name is Eddy.")
    print("Samantha            en_US    # Hello! My name is Samantha.")
    print("Amélie              fr_CA    # Bonjour! Je m'appelle Amélie.")
else:
    given = dict(zip(arguments[::2], arguments[1::2]))
    words = len(open(given["-f"], encoding="utf-8").read().split())
    seconds = 60 * words / float(given["-r"])
    tone = 0.3 * numpy.sin(numpy.arange(int(22050 * seconds)) / 9)
    soundfile.write(given["-o"], tone, 22050, format="AIFF")
"""


def test_the_voices_of_macos_are_asked_as_its_manual_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in with the options of `say`."""
    path = tmp_path / "say"
    path.write_text(SAY.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    say._voices.cache_clear()
    assert say.voices(ENGLISH) == ("Eddy (English (UK))", "Samantha")
    assert str(choose_voice("say:samantha", ENGLISH)) == "say:Samantha"
    assert str(choose_voice("say", language("fr"))) == "say:Amélie"
    with pytest.raises(UsageError, match="macOS has no voice 'Nobody'"):
        choose_voice("say:Nobody", ENGLISH)
    assert 0.6 < _seconds("say:Samantha", Prosody()) / (11 * 60 / say.RATE) < 1.4
    say._voices.cache_clear()
