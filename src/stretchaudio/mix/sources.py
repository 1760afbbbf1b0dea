"""Resolve the bed that a user names: a generated one, a music file, or a folder of them."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from operator import itemgetter
from pathlib import Path

from stretchaudio.audio import ffmpeg
from stretchaudio.audio.beds import BOWLS, GENERATED_BEDS, is_generated
from stretchaudio.audio.files import state_of
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.cache import Cache, CacheArea, key_of
from stretchaudio.errors import FileError, UsageError, did_you_mean
from stretchaudio.mix.model import (
    GENERATED_LUFS,
    OFF,
    OTHER,
    RIDE_MS,
    ROOM_TONE,
    BedSource,
    Mix,
    MusicInfo,
    MusicInfoRequest,
)
from stretchaudio.util.workers import Workers

WORKS = "mp3, flac, ogg, opus, wav and aiff work; other formats do when ffmpeg is installed."
MAX_MUSIC_PEAK_DB = -2.0
"""Music is not raised so far that its peaks are above this, so that the limiter can rest."""
ENOUGH = 1.5
"""Times the track's likely length: so much music is looked at."""
MOST_BYTES = 2_000_000_000
"""The size that converted music in the cache may have."""
MOST_RIDE_DB = 6.0
"""Soft parts of music are raised, and loud ones lowered, by so much at the most."""
_BENEATH_BOWLS_DB = -6.0
"""The level of the drone beneath bowls, beside theirs."""
_PAUSE_LU = 25.0
"""What is so much softer than the piece is a pause, and is left alone."""
_INFO_FORMAT = 2
_OWN = {".mp3", ".flac", ".ogg", ".oga", ".opus", ".wav", ".aif", ".aiff"}


def bed_sources(
    bed: str,
    mix: Mix,
    room_tone_db: float | None,
    about_ms: int,
    *,
    cache: Cache,
    workers: Workers,
    notice: Callable[[str], None],
) -> tuple[BedSource, ...]:
    """List what a bed is made of, in the order it is played.

    Args:
        bed: Its name, a music file or a folder of them, or off.
        mix: What else was asked for.
        room_tone_db: The level of the room tone, which stands in for a bed where there is none;
            None for digital silence.
        about_ms: How long the track will be, more or less; music that would not be reached is not
            looked at.
        cache: Where the measures of music are kept.
        workers: The helpers that measure it.
        notice: Told of music that is damaged.

    Raises:
        UsageError: If there is no such bed.
        FileError: If music cannot be read.
    """
    if bed == OFF:
        return () if room_tone_db is None else (BedSource(name=ROOM_TONE, gain_db=room_tone_db),)
    if is_generated(bed):
        name, _, seed = bed.partition(":")
        level_lufs = mix.bed_level_lufs
        gain_db = level_lufs - GENERATED_LUFS + (_BENEATH_BOWLS_DB if name == BOWLS else 0.0)
        return (BedSource(name=name, seed=int(seed or 0), gain_db=gain_db, level_lufs=level_lufs),)
    sources: list[BedSource] = []
    for path in music_files(bed):
        sources.append(_source(path, mix, cache, workers, notice))
        if sum(source.length_ms for source in sources) > ENOUGH * about_ms:
            break
    return tuple(sources)


def check_bed(bed: str) -> None:
    """Check that there is such a bed, before anything is made.

    Raises:
        UsageError: If there is none.
        FileError: If a folder has no music in it.
    """
    if bed != OFF and not is_generated(bed):
        music_files(bed)


def bed_name(bed: str) -> str:
    """Return the name of a bed as it is shown."""
    path = Path(bed).expanduser()
    return bed if is_generated(bed) or bed == OFF else path.resolve().name


def bed_names(mix: Mix) -> str:
    """Name the beds of a mix in the order they are heard: "rain, bowls"; off if there is none."""
    return ", ".join(bed_name(bed) for bed in mix.beds if bed != OFF) or OFF


def refuse_music(bed: str, written: Iterable[Path]) -> None:
    """Refuse to write over music, or among music where it would be played the next time.

    Raises:
        UsageError: If something would be.
    """
    if bed == OFF or is_generated(bed):
        return
    music = Path(bed).expanduser().resolve()
    for path in written:
        among = music.is_dir() and path.resolve().parent == music
        same = path.resolve() == music or (
            path.exists() and music.exists() and path.samefile(music)
        )
        if among or same:
            raise UsageError(
                f"{path} would be written over the music, or among it.",
                hint="Choose another place with --output.",
            )


def music_files(bed: str) -> tuple[Path, ...]:
    """List the music files that a bed names.

    Raises:
        UsageError: If there is no such file or folder.
        FileError: If a folder has no music in it.
    """
    path = Path(bed).expanduser()
    try:
        if bed and path.is_dir():
            found = [one for one in path.iterdir() if _may_be_music(one)]
            if not found:
                raise FileError(
                    f"The folder {bed} has no music in it; folders inside it do not count.",
                    hint=WORKS,
                )
            return tuple(sorted(found, key=_in_order))
        if path.is_file():
            return (path,)
    except OSError as error:
        raise FileError.from_os_error(error, f"read {bed}") from None
    if bed and path.exists():
        raise UsageError(
            f"{bed} is not an ordinary file.", hint="Name a music file or a folder of them."
        )
    near = did_you_mean(bed, GENERATED_BEDS) if not path.suffix else ""
    hint = f"Name a music file, a folder of them, {', '.join(GENERATED_BEDS)}, or off."
    raise UsageError(
        f"There is no bed '{bed}', neither by that name nor as a file or folder.{near}", hint=hint
    )


def music_state(bed: str) -> tuple[str, ...]:
    """Return the music files of a bed with their sizes and times, which tell if it has changed.

    Raises:
        UsageError: If there is no such bed.
        FileError: If it cannot be read.
    """
    if bed == OFF or is_generated(bed):
        return ()
    try:
        return tuple(f"{path.resolve()} {state_of(path)}" for path in music_files(bed))
    except OSError as error:
        raise FileError.from_os_error(error, f"read {bed}") from None


def _may_be_music(path: Path) -> bool:
    return (
        path.suffix.lower() in _OWN | ffmpeg.ENDINGS
        and not path.name.startswith(".")
        and path.is_file()
    )


def _in_order(path: Path) -> list[tuple[int, str]]:
    """Give a sort key for the order people expect: 2 before 10."""
    return [
        (int(part), "") if part.isdecimal() else (0, part.lower())
        for part in re.split(r"(\d+)", path.name)
    ]


def _source(
    path: Path, mix: Mix, cache: Cache, workers: Workers, notice: Callable[[str], None]
) -> BedSource:
    try:
        state = key_of(_INFO_FORMAT, str(path.resolve()), state_of(path))
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    info, playable = _info(path, state, cache, workers)
    if info.damaged:
        seconds = info.length_ms // 1000
        end = f"{seconds // 60}:{seconds % 60:02}"
        notice(f"{path} is damaged: it ends after {end}, and is played as far as that.")
    gain_db = round(min(mix.bed_level_lufs - info.lufs, MAX_MUSIC_PEAK_DB - info.peak_db), 2)
    return BedSource(
        name=path.name,
        path=str(playable),
        digest=info.digest,
        length_ms=info.length_ms,
        gain_db=gain_db,
        level_lufs=round(info.lufs + gain_db, 2),
        ride_db=_ride_db(info),
    )


def _ride_db(info: MusicInfo) -> tuple[float, ...]:
    """Level the soft and loud parts of music, slowly: one gain for each `RIDE_MS`."""
    levels = (*info.levels, info.levels[-1])
    gains = []
    for at_ms in range(0, info.length_ms + RIDE_MS, RIDE_MS):
        after = bisect_left(info.levels, at_ms, key=itemgetter(0))
        (before_ms, before_lufs), (after_ms, after_lufs) = levels[max(0, after - 1)], levels[after]
        way = (at_ms - before_ms) / (after_ms - before_ms) if after_ms > before_ms else 0.0
        lufs = before_lufs + (after_lufs - before_lufs) * min(max(way, 0.0), 1.0)
        missing_lu = info.lufs - lufs if info.lufs - lufs < _PAUSE_LU else 0.0
        gains.append(round(min(max(missing_lu, -MOST_RIDE_DB), MOST_RIDE_DB), 1))
    return tuple(gains)


def _info(path: Path, state: str, cache: Cache, workers: Workers) -> tuple[MusicInfo, Path]:
    """Measure a file; also return the file to be played: itself, or what ffmpeg made of it."""
    converted = cache.folder / CacheArea.MUSIC / state[:2] / f"{state}.flac"
    data = cache.get(CacheArea.MUSIC, state)
    playable = converted if converted.is_file() else path
    if data is not None:
        info = MusicInfo.from_json(data)
        if not info.converted or playable is converted:
            cache.touch(CacheArea.MUSIC, f"{state}.flac")
            return info, playable
    if not path.stat().st_size:
        raise FileError(f"{path} is empty.", hint=OTHER)
    measured = _measure(path, workers)
    if measured is None:
        _convert(path, converted, cache)
        playable = converted
        measured = _measure(converted, workers)
    if measured is None:
        raise FileError(f"{path} cannot be read as sound.", hint=OTHER)
    cache.put(CacheArea.MUSIC, state, measured.to_json(converted=playable is converted))
    return measured, playable


def _measure(path: Path, workers: Workers) -> MusicInfo | None:
    info: MusicInfo | None = workers.call(MusicInfoRequest(path=str(path)))
    return info


def _convert(path: Path, target: Path, cache: Cache) -> None:
    """Have ffmpeg turn a file into one that can be read here."""
    if ffmpeg.is_missing() and path.suffix.lower() not in ffmpeg.ENDINGS:
        raise FileError(f"{path} cannot be read as sound.", hint=WORKS)
    with cache.new_file(target) as part:
        try:
            ffmpeg.convert(path, part, channels=MIX.channels)
        except FileError as error:
            raise FileError(error.message, hint=error.hint or OTHER) from None
    cache.trim(CacheArea.MUSIC, MOST_BYTES)
