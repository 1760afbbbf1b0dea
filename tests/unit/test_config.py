"""What a user has set for good."""

from collections.abc import Callable

import pytest

from conftest import DATA, Ran
from stretchaudio.config import _KINDS, Config, config, config_file
from stretchaudio.errors import ConfigError, FileError

SHORT = DATA / "short.yaml"


def _set(text: str) -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text(text, encoding="utf-8")


def test_a_voice_can_be_set_for_good(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRETCHAUDIO_VOICE")
    _set("voice: espeak:en-us+f3\nspeed: 0.9\npitch: -1\n")
    assert "voice espeak:en-us+f3" in run("build", SHORT).out
    monkeypatch.setenv("STRETCHAUDIO_VOICE", "espeak:en-us+m2")
    assert "voice espeak:en-us+m2" in run("build", SHORT).out
    assert "voice espeak:en-us+klatt4" in run("build", SHORT, "--voice", "espeak").out


def test_a_config_file_is_read_again_when_it_changes() -> None:
    assert config() == Config(voice="espeak")
    _set("# voice: espeak\n")
    assert config() == Config(voice="espeak")
    _set("offline: true\nsay: {cat-cow: cat cow}\n")
    assert config() == Config(voice="espeak", offline=True, say={"cat-cow": "cat cow"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("voise: espeak\n", ":1:1: 'voise' is not a setting. Perhaps you meant voice?"),
        ("voice: espeak\nspeed: fast\n", ":2:8: 'speed': expected a number, such as 0.9"),
        ("offline: maybe\n", ":1:10: 'offline': expected true or false"),
        ("say: {'': word}\n", ":1:7: 'say': '' is not a word"),
        ("say: [a]\n", ":1:6: 'say': expected words and how they are spoken"),
        (
            "commands: {mine: 'say {text} -o {file}'}\n",
            ":1:18: 'commands': expected a list of arguments, never one string",
        ),
        (
            "commands: {mine: [say, '{text}']}\n",
            ":1:18: 'commands': expected {file} among the arguments",
        ),
        ("voice: [\n", "this is not YAML"),
        ("- voice\n", ":1:1: expected keys with values at the top of the file, such as 'voice: "),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(
    run: Callable[..., Ran], text: str, message: str
) -> None:
    _set(text)
    ran = run("build", SHORT)
    assert ran.code == ConfigError.exit_code == 2
    assert message in ran.err
    assert str(config_file()) in ran.err


def test_a_folder_in_place_of_the_config_file_is_an_error() -> None:
    config_file().mkdir(parents=True)
    with pytest.raises(FileError, match=r"^The config file .*config\.yaml is not a file\.$"):
        config()


@pytest.mark.parametrize("value", ["[a]", "{a: [b]}", "", "~", "[[a]]", "{a: ~}"])
@pytest.mark.parametrize("key", _KINDS)
def test_a_setting_of_another_kind_is_told_with_its_place(key: str, value: str) -> None:
    _set(f"# Mine\n{key}: {value}\n")
    column = (
        len(f"{key}: ") + 1 + value.startswith("{") * len("{a: ") * (key in {"say", "commands"})
    )
    with pytest.raises(ConfigError) as caught:
        config()
    place = f"{config_file()}:2:{column if value else len(key) + 2}: '{key}'"
    assert caught.value.message.startswith(f"{place}: expected ")
