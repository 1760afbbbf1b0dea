"""What travels in a track is read without trusting it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import ID3

from conftest import Built, Ran
from stretchaudio import FileError
from stretchaudio.track.manifest import Manifest
from stretchaudio.track.reader import read_embedded


class Tampering:
    """Tracks that are not what they were; each is told and nothing is written."""

    @staticmethod
    def manifest(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
        tags = ID3(path)
        frame = tags["GEOB:stretchaudio-manifest/1"]
        data = json.loads(frame.data)
        changed = change(data)
        frame.data = json.dumps(data if changed is None else changed).encode()
        tags.save(v2_version=3)

    @staticmethod
    def bytes(path: Path, change: Callable[[bytes], bytes]) -> None:
        path.write_bytes(change(path.read_bytes()))


LIES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no object": (lambda _: ["nothing"], "damaged"),
    "a number that is none": (
        lambda data: data.update(duration_s=float("nan")),
        "NaN or infinity",
    ),
    "an endless track": (lambda data: data.update(duration_s=1e9), "no track has that length"),
    "a text for a number": (lambda data: data["cues"][0].update(start_s="soon"), "damaged"),
    "a window before the start": (
        lambda data: data["windows"][0].update(start_s=-5.0),
        "do not lie within the track",
    ),
    "a window behind the end": (
        lambda data: data["windows"][-1].update(length_s=9000.0),
        "do not lie within the track",
    ),
    "cues at once": (
        lambda data: data["cues"][3].update(start_s=data["cues"][1]["start_s"]),
        "cues overlap",
    ),
    "an unknown kind": (lambda data: data["windows"][0].update(kind="../../etc"), "unknown kind"),
    "another format": (
        lambda data: data.update(format="stretchaudio-manifest/9"),
        "its format is not",
    ),
    "more cues than there is time": (
        lambda data: data.update(cues=data["cues"][:1] * 90_000),
        "more cues than there is time for",
    ),
    "a text without end": (
        lambda data: data["cues"][0].update(text="a" * 5_000),
        "too long to be spoken",
    ),
    "a shape without end": (
        lambda data: data["envelopes"].update(x="!" * 2_000_000),
        "too long to be spoken",
    ),
    "a trace of another track": (
        lambda data: data.update(trace=["!" * 2_500] * 3),
        "trace is not as long as the track",
    ),
    "signs without a trace": (lambda data: data.update(signs=["AAAA"]), "its signs are not those"),
    "signs that are none": (
        lambda data: data.update(
            trace=["!" * round(data["duration_s"] / 0.024)],
            signs=["====" * round(data["duration_s"] / 0.024)],
        ),
        "its signs are not those",
    ),
    "a bell before the start": (
        lambda data: data.update(chimes=[{"kind": "start", "at_s": -1.0}]),
        "chimes do not lie within",
    ),
    "a level that is none": (
        lambda data: data.update(integrated_lufs=1e308),
        "no sound has that level",
    ),
    "control characters": (
        lambda data: data["chapters"][0].update(title="x\x1b[2J"),
        "control characters",
    ),
    "an unknown language": (lambda data: data.update(language="../en"), "its language is unknown"),
}


@pytest.mark.parametrize(("lie", "said"), LIES.values(), ids=LIES)
def test_a_manifest_that_makes_no_sense_is_refused(
    run: Callable[..., Ran], sided: Built, lie: Callable[[dict[str, Any]], Any], said: str
) -> None:
    Tampering.manifest(sided.path, lie)
    ran = run("extract", sided.path)
    assert (ran.code, ran.out) == (4, "")
    assert said in ran.err


def _with_compressed_manifest(data: bytes) -> bytes:
    """The manifest's frame says that it is compressed: what would unpack a bomb."""
    at = data.index(b"GEOB")
    return data[: at + 9] + bytes([data[at + 9] | 0x80]) + data[at + 10 :]


HOSTILE_TAGS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda _: b"", "is not a track"),
    "a text": (lambda _: b"title: Back basics\n" * 40, "is not a track"),
    "no tag": (lambda data: data[int.from_bytes(data[8:9]) :], "is not a track"),
    "a tag of a quarter gigabyte": (
        lambda data: data[:6] + b"\x7f\x7f\x7f\x7f" + data[10:],
        "not one that can be read",
    ),
    "a frame larger than the tag": (
        lambda data: data[:14] + b"\x7f\xff\xff\xff" + data[18:],
        "damaged",
    ),
    "cut off": (lambda data: data[: data.index(b"GEOB") + 400], "cut off"),
    "a compressed manifest": (_with_compressed_manifest, "carries no manifest"),
}


@pytest.mark.parametrize(("change", "said"), HOSTILE_TAGS.values(), ids=HOSTILE_TAGS)
def test_a_hostile_tag_is_refused(
    run: Callable[..., Ran], sided: Built, change: Callable[[bytes], bytes], said: str
) -> None:
    Tampering.bytes(sided.path, change)
    ran = run("extract", sided.path, "--yaml", "out.yaml")
    assert ran.code == 4
    assert said in ran.err
    assert not Path("out.yaml").exists()


def test_a_manifest_from_json_is_the_one_that_was_written(sided: Built) -> None:
    manifest = read_embedded(sided.path).manifest
    assert isinstance(manifest, Manifest)
    assert json.loads(manifest.to_json()) == sided.manifest


def test_reading_a_folder_or_nothing_says_so(home: Path) -> None:
    with pytest.raises(FileError):
        read_embedded(home)
    with pytest.raises(FileError):
        read_embedded(home / "nothing.mp3")
