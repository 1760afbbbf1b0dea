"""A listener's own music: every format, odd lengths and rates, folders, and files that are none."""

import math
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

import sessions
from conftest import DATA, Ran
from listening import available, loudness
from stretchaudio import cache as store
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.errors import FileError
from stretchaudio.mix import music, synth
from stretchaudio.mix.model import Mix
from stretchaudio.mix.music import CHUNK_S, measure_music, read_segment
from stretchaudio.mix.sources import bed_sources, music_files

STRETCH = DATA / "stretch.yaml"
RATE = MIX.sample_rate_hz


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-five seconds of music at 44.1 kHz, which is not what tracks have."""
    path = tmp_path_factory.mktemp("music") / "song.wav"
    soundfile.write(path, synth.render_segment("drone", 1, 0, 25 * 44_100), 44_100)
    return path


@pytest.fixture
def sources(tmp_path: Path) -> Callable[..., list]:
    """What a bed is made of, and what was said about it."""

    def sources(bed: Path | str, about_ms: int = 3_600_000, **mix: object) -> list:
        said: list[str] = []
        found = bed_sources(
            str(bed),
            Mix(**mix),
            None,
            about_ms,
            cache=store.Cache(tmp_path / "cache"),
            workers=sessions.pools.mix,
            notice=said.append,
        )
        return [*found, *said]

    return sources


def _level_of(path: Path) -> float:
    samples, rate_hz = soundfile.read(path, always_2d=True)
    return loudness(samples, rate_hz)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".mp3", ".ogg", ".opus", ".aiff"])
def test_every_format_is_read_at_its_place_and_level(
    suffix: str, song: Path, tmp_path: Path
) -> None:
    path = tmp_path / f"song{suffix}"
    samples, rate_hz = soundfile.read(song)
    if suffix == ".opus":
        soundfile.write(path, samples[: 24 * 48_000], 48_000, format="OGG", subtype="OPUS")
        samples, rate_hz = samples[: 24 * 48_000], 48_000
    else:
        soundfile.write(path, samples, rate_hz)
    info = measure_music(str(path))
    assert info is not None
    assert info.length_ms == pytest.approx(len(samples) / rate_hz * 1000, abs=80)
    assert info.lufs == pytest.approx(_level_of(song), abs=0.7)
    heard = read_segment(str(path), 7 * RATE, 6 * RATE)
    times = np.arange(6 * RATE) / RATE + 7
    expected = np.interp(times, np.arange(len(samples)) / rate_hz, samples[:, 0])
    assert np.corrcoef(heard[:, 0], expected)[0, 1] > 0.98


def test_any_stretch_is_the_same_however_it_is_cut(song: Path) -> None:
    whole = read_segment(str(song), 0, 25 * RATE)
    parts = [read_segment(str(song), at * RATE // 2, RATE // 2) for at in range(50)]
    assert np.array_equal(whole, np.concatenate(parts))
    seam = CHUNK_S * RATE
    assert (
        np.abs(np.diff(whole[seam - 50 : seam + 50, 0], 2)).max()
        < 3 * np.abs(np.diff(whole[seam + 1_000 : seam + 9_000, 0], 2)).max()
    )


@pytest.mark.parametrize(
    ("rate_hz", "channels"), [(8_000, 1), (192_000, 2), (44_100, 6), (22_050, 3), (48_000, 7)]
)
def test_odd_rates_and_channels_are_heard_in_stereo(
    rate_hz: int, channels: int, tmp_path: Path
) -> None:
    path = tmp_path / "odd.wav"
    times = np.arange(12 * rate_hz) / rate_hz
    soundfile.write(
        path, np.repeat(0.3 * np.sin(2 * np.pi * 440 * times)[:, None], channels, axis=1), rate_hz
    )
    info = measure_music(str(path))
    assert info is not None
    assert info.length_ms == 12_000
    heard = read_segment(str(path), RATE, RATE)
    assert heard.shape == (RATE, 2)
    spectrum = np.abs(np.fft.rfft(heard[:, 0] * np.hanning(RATE)))
    assert np.argmax(spectrum) == 440


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".ogg", ".wav"])
def test_a_truncated_file_is_played_as_far_as_it_goes_and_said_to_be_damaged(
    suffix: str, song: Path, tmp_path: Path, sources: Callable[..., list]
) -> None:
    whole, path = tmp_path / f"whole{suffix}", tmp_path / f"cut{suffix}"
    soundfile.write(whole, *soundfile.read(song))
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    found = sources(path)
    assert 9_000 < found[0].length_ms < 21_000
    samples = (found[0].length_ms - 1_000) * RATE // 1000
    assert (
        np.abs(read_segment(str(path), 0, samples) - read_segment(str(whole), 0, samples)).max()
        < 1e-4
    )
    assert (
        suffix in {".ogg", ".wav"} or "is damaged: it ends after 0:1" in found[1]
    )  # the others cannot tell that something is missing


def test_clipped_music_works_and_is_brought_to_its_level(
    tmp_path: Path, sources: Callable[..., list]
) -> None:
    path = tmp_path / "clipped.wav"
    soundfile.write(path, np.clip(8 * synth.render_segment("drone", 1, 0, 12 * RATE), -1, 1), RATE)
    assert sources(path, bed_level_lufs=-20.0)[0].level_lufs == pytest.approx(-20, abs=0.01)


def test_three_hours_are_measured_in_places_and_played_from_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    minute = np.repeat(synth.render_segment("drone", 1, 0, 60 * 8_000)[:, :1], 1, axis=1)
    with soundfile.SoundFile(path, "w", 8_000, 1) as file:
        for _ in range(180):
            file.write(minute)
    info = measure_music(str(path))
    assert info is not None
    assert info.length_ms == 180 * 60_000
    assert np.abs(read_segment(str(path), 170 * 60 * RATE, RATE)).max() > 0.01


def test_quiet_music_with_high_peaks_is_not_brought_up_into_the_limiter(
    tmp_path: Path, sources: Callable[..., list]
) -> None:
    path = tmp_path / "spiky.wav"
    sound = 0.05 * synth.render_segment("drone", 1, 0, 12 * RATE)
    sound[:: RATE // 2] = 0.9
    soundfile.write(path, sound, RATE)
    source = sources(path)[0]
    assert source.level_lufs < -20
    assert 20 * math.log10(0.9) + source.gain_db == pytest.approx(-2.0, abs=0.05)


def _text(path: Path) -> None:
    path.write_text("This is a shopping list, not a song.\n" * 40)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _short(path: Path) -> None:
    soundfile.write(path, synth.render_segment("drone", 1, 0, RATE), RATE)


def _silent(path: Path) -> None:
    soundfile.write(path, np.zeros((12 * RATE, 2)), RATE)


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (_text, "list.mp3", "cannot be read as sound"),
        (_text, "list.wav", "cannot be read as sound"),
        (_empty, "empty.mp3", "is empty"),
        (_short, "short.wav", "contains only 1 s; a bed needs at least 10 s of music"),
        (_silent, "silent.flac", "is silent"),
    ],
)
@pytest.mark.parametrize("programs", ["those there are", "none"])
def test_what_is_no_music_is_refused_and_nothing_is_written(
    make: Callable[[Path], None],
    name: str,
    message: str,
    programs: str,
    run: Callable[..., Ran],
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if programs == "none":
        monkeypatch.setenv("PATH", "")
    path = tmp_path / name
    make(path)
    done = run(
        "build", STRETCH, "--bed", path, "-o", "track.mp3", "--cache-dir", tmp_path / "cache"
    )
    assert done.code == 4
    assert message in done.err
    assert name in done.err
    assert "Traceback" not in done.err
    assert not list(home.glob("*"))
    assert not list((tmp_path / "cache").rglob("*.part"))


@pytest.mark.parametrize(("suffix", "codec"), [(".m4a", "aac"), (".wma", "wmav2"), (".aac", "aac")])
def test_other_formats_go_through_ffmpeg(
    suffix: str,
    codec: str,
    song: Path,
    tmp_path: Path,
    sources: Callable[..., list],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not available("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    path = tmp_path / f"song, d'été{suffix}"
    subprocess.run(["ffmpeg", "-v", "error", "-i", song, "-c:a", codec, path], check=True)
    source = sources(path)[0]
    assert source.name == path.name
    assert source.length_ms == pytest.approx(25_000 * 44_100 / 44_100, abs=100)
    monkeypatch.setenv("PATH", "")
    assert sources(path)[0] == source  # it is converted once
    shutil.rmtree(tmp_path / "cache")
    with pytest.raises(FileError, match=rf"été\{suffix} can only be read with ffmpeg"):
        sources(path)


def test_a_folder_is_played_in_order_with_odd_names_and_nothing_else_in_it(
    song: Path, tmp_path: Path, sources: Callable[..., list]
) -> None:
    folder = tmp_path / "My music, été"
    folder.mkdir()
    for name in ("10 last.wav", "2 second one.wav", "1 première.wav"):
        shutil.copy(song, folder / name)
    (folder / "cover.jpg").write_bytes(b"no music")
    (folder / "._1 première.wav").write_bytes(b"left by a Mac")
    assert [path.name for path in music_files(str(folder))] == [
        "1 première.wav",
        "2 second one.wav",
        "10 last.wav",
    ]
    assert [source.name for source in sources(folder)] == [
        "1 première.wav",
        "2 second one.wav",
        "10 last.wav",
    ]


def test_a_folder_without_music_is_refused(run: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("build", STRETCH, "--bed", tmp_path / "empty")
    assert done.code == 4
    assert "has no music in it" in done.err
    assert "mp3, flac, ogg, opus, wav and aiff work" in done.err


def test_music_that_changed_is_measured_again(
    song: Path, tmp_path: Path, sources: Callable[..., list]
) -> None:
    path = tmp_path / "song.wav"
    shutil.copy(song, path)
    first = sources(path)[0]
    samples, rate_hz = soundfile.read(song)
    soundfile.write(path, 0.5 * samples[: 20 * rate_hz], rate_hz)
    music._open.cache_clear()
    second = sources(path)[0]
    assert second.digest != first.digest
    assert second.length_ms == 20_000


def test_music_that_loops_has_no_hole_at_its_seam(
    song: Path, run: Callable[..., Ran], home: Path
) -> None:
    """Twenty-five seconds under a session of a minute and a half.

    The bed never falls where it is not ducked or faded.
    """
    done = run("build", STRETCH, "--bed", song, "--cues", "chimes", "-o", "track.mp3")
    assert done.code == 0
    heard, _ = soundfile.read(home / "track.mp3")
    inner = heard[4 * RATE : -8 * RATE]
    parts = [
        10 * math.log10(np.mean(inner[at : at + RATE // 2] ** 2))
        for at in range(0, len(inner) - RATE, RATE // 2)
    ]
    assert min(parts) > np.median(parts) - 7


@pytest.mark.parametrize(
    "way", ["the same", "a link", "a hard link", "in the folder", "the manifest"]
)
def test_nothing_is_written_over_music_or_among_it(
    way: str, song: Path, run: Callable[..., Ran], home: Path
) -> None:
    music_folder = home / "music"
    music_folder.mkdir()
    own = music_folder / "own.mp3"
    shutil.copy(song, own)
    before = own.read_bytes()
    bed, output, more = own, own, []
    if way == "a link":
        output = home / "t.mp3"
        output.symlink_to(own)
    if way == "a hard link":
        output = home / "t.mp3"
        os.link(own, output)
    if way == "in the folder":
        bed, output = music_folder, music_folder / "t.mp3"
    if way == "the manifest":
        output, more = home / "t.mp3", ["-m", own]
    done = run("build", STRETCH, "--bed", bed, "-o", output, *more)
    assert done.code == 2
    assert "would be written over the music, or among it" in done.err
    assert own.read_bytes() == before


def test_music_that_vanishes_during_a_build_fails_it(song: Path, tmp_path: Path) -> None:
    path = tmp_path / "gone.wav"
    with pytest.raises(FileError, match=r"gone\.wav cannot be read any more"):
        read_segment(str(path), 0, RATE)


def test_infinite_samples_are_no_trouble(tmp_path: Path, sources: Callable[..., list]) -> None:
    path = tmp_path / "infinite.wav"
    sound = synth.render_segment("drone", 1, 0, 12 * RATE)
    sound[1_000], sound[2_000], sound[3_000] = np.inf, -np.inf, np.nan
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    assert math.isfinite(sources(path)[0].gain_db)


def test_only_as_much_of_a_folder_is_looked_at_as_will_be_played(
    song: Path, tmp_path: Path, sources: Callable[..., list]
) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(4):
        shutil.copy(song, folder / f"{number}.wav")
    (folder / "9 broken.mp3").write_text("no music")
    assert len(sources(folder, about_ms=30_000)) == 2
    with pytest.raises(FileError, match=r"9 broken\.mp3 cannot be read as sound"):
        sources(folder)


def test_two_builds_convert_the_same_file_side_by_side(song: Path, tmp_path: Path) -> None:
    if not available("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    path = tmp_path / "song.m4a"
    subprocess.run(["ffmpeg", "-v", "error", "-i", song, "-c:a", "aac", path], check=True)
    cache = store.Cache(tmp_path / "cache")

    def once(_: int) -> tuple:
        return bed_sources(
            str(path), Mix(), None, 60_000, cache=cache, workers=sessions.pools.mix, notice=print
        )

    with ThreadPoolExecutor(3) as pool:
        first, *others = pool.map(once, range(3))
    assert all(other == first for other in others)
    assert not list((tmp_path / "cache" / "tmp").iterdir())


def test_a_video_without_sound_is_called_that(tmp_path: Path, sources: Callable[..., list]) -> None:
    if not available("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    path = tmp_path / "video.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=d=1:s=64x64", path], check=True
    )
    with pytest.raises(FileError, match="has no sound in it"):
        sources(path)


@pytest.mark.parametrize("bed", ["", "rain:", "rain:x"])
def test_an_empty_name_is_no_bed(bed: str, run: Callable[..., Ran]) -> None:
    assert run("build", STRETCH, "--bed", bed).code == 2


def test_a_pipe_is_no_music(run: Callable[..., Ran], home: Path) -> None:
    os.mkfifo(home / "pipe.wav")
    done = run("build", STRETCH, "--bed", home / "pipe.wav")
    assert done.code == 2
    assert "is not an ordinary file" in done.err
