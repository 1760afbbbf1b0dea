"""Choosing a bed: one made by the program, a music file, or a folder of them."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from stretchaudio.audio.files import state_of
from stretchaudio.cache import Cache, CacheArea, key_of
from stretchaudio.errors import FileError, UsageError, did_you_mean
from stretchaudio.mix.model import (
    GENERATED_BEDS,
    GENERATED_LUFS,
    OFF,
    OTHER,
    ROOM_TONE,
    Mix,
    MusicInfo,
    MusicInfoRequest,
    Source,
)
from stretchaudio.util.workers import Workers

WORKS = "mp3, flac, ogg, opus, wav and aiff work; other formats do when ffmpeg is installed."
MAX_MUSIC_PEAK_DB = -2.0
"""Music is not brought up so far that its peaks are above this; it has to leave room for the limiter to rest."""
ENOUGH = 1.5
"""How much more music is looked at than the track is likely to last."""
MOST_BYTES = 2_000_000_000
"""What converted music in the cache may take."""
LONGEST_CONVERSION_S = 900
_FACTS_FORMAT = 1
_OWN = {".mp3", ".flac", ".ogg", ".oga", ".opus", ".wav", ".aif", ".aiff"}
_THROUGH_FFMPEG = {
    ".m4a",
    ".aac",
    ".mp4",
    ".m4b",
    ".wma",
    ".webm",
    ".mka",
    ".wv",
    ".ape",
    ".ac3",
    ".caf",
    ".amr",
    ".dsf",
}


def bed_sources(
    mix: Mix,
    room_tone_db: float | None,
    about_ms: int,
    *,
    cache: Cache,
    workers: Workers,
    notice: Callable[[str], None],
) -> tuple[Source, ...]:
    """What the bed of a mix is made of, in the order it is played.

    Args:
        mix: What was asked for.
        room_tone_db: The level of the room tone, which stands in for a bed where there is none; None for digital silence.
        about_ms: How long the track will be, more or less; music that would not be reached is not looked at.
        cache: Where it is kept what is known of music.
        workers: The helpers that measure it.
        notice: Told of music that is damaged.

    Raises:
        UsageError: If there is no such bed.
        FileError: If music cannot be read.
    """
    if mix.bed == OFF:
        return () if room_tone_db is None else (Source(name=ROOM_TONE, gain_db=room_tone_db),)
    if _is_made(mix.bed):
        name, _, seed = mix.bed.partition(":")
        gain_db = mix.bed_level_lufs - GENERATED_LUFS
        return (
            Source(name=name, seed=int(seed or 0), gain_db=gain_db, level_lufs=mix.bed_level_lufs),
        )
    sources: list[Source] = []
    for path in music_files(mix.bed):
        sources.append(_source(path, mix, cache, workers, notice))
        if sum(source.length_ms for source in sources) > ENOUGH * about_ms:
            break
    return tuple(sources)


def check_bed(bed: str) -> None:
    """See that there is such a bed, before anything is made.

    Raises:
        UsageError: If there is none.
        FileError: If a folder has no music in it.
    """
    if bed != OFF and not _is_made(bed):
        music_files(bed)


def _is_made(bed: str) -> bool:
    name, colon, seed = bed.partition(":")
    return name in GENERATED_BEDS and (not colon or (seed.isascii() and seed.isdecimal()))


def bed_name(bed: str) -> str:
    """What a bed is called where it is shown."""
    path = Path(bed).expanduser()
    return bed if _is_made(bed) or bed == OFF else path.resolve().name


def refuse_music(bed: str, written: Iterable[Path]) -> None:
    """See that nothing is written over music, nor among music where it would be played the next time.

    Raises:
        UsageError: If something would be.
    """
    if bed == OFF or _is_made(bed):
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
    """The music files that a bed names.

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
    """What tells whether the music of a bed has changed: its files with their sizes and times.

    Raises:
        UsageError: If there is no such bed.
        FileError: If it cannot be read.
    """
    if bed == OFF or _is_made(bed):
        return ()
    try:
        return tuple(f"{path.resolve()} {state_of(path)}" for path in music_files(bed))
    except OSError as error:
        raise FileError.from_os_error(error, f"read {bed}") from None


def _may_be_music(path: Path) -> bool:
    return (
        path.suffix.lower() in _OWN | _THROUGH_FFMPEG
        and not path.name.startswith(".")
        and path.is_file()
    )


def _in_order(path: Path) -> list[tuple[int, str]]:
    """The order people expect: 2 before 10."""
    return [
        (int(part), "") if part.isdecimal() else (0, part.lower())
        for part in re.split(r"(\d+)", path.name)
    ]


def _source(
    path: Path, mix: Mix, cache: Cache, workers: Workers, notice: Callable[[str], None]
) -> Source:
    try:
        state = key_of(_FACTS_FORMAT, str(path.resolve()), state_of(path))
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    facts, playable = _facts(path, state, cache, workers)
    if facts.damaged:
        seconds = facts.length_ms // 1000
        notice(
            f"{path} is damaged: it ends after {seconds // 60}:{seconds % 60:02}, and is played as far as that."
        )
    gain_db = round(min(mix.bed_level_lufs - facts.lufs, MAX_MUSIC_PEAK_DB - facts.peak_db), 2)
    return Source(
        name=path.name,
        path=str(playable),
        digest=facts.digest,
        length_ms=facts.length_ms,
        gain_db=gain_db,
        level_lufs=round(facts.lufs + gain_db, 2),
    )


def _facts(path: Path, state: str, cache: Cache, workers: Workers) -> tuple[MusicInfo, Path]:
    """What is known of a file, and the file to be played: itself, or what ffmpeg made of it."""
    converted = cache.folder / CacheArea.MUSIC / state[:2] / f"{state}.flac"
    data = cache.get(CacheArea.MUSIC, state)
    playable = converted if converted.is_file() else path
    if data is not None:
        facts = MusicInfo.from_json(data)
        if not facts.converted or playable is converted:
            cache.touch(CacheArea.MUSIC, f"{state}.flac")
            return facts, playable
    if not path.stat().st_size:
        raise FileError(f"{path} is empty.", hint=OTHER)
    found = _measure(path, workers)
    if found is None:
        _convert(path, converted, cache)
        playable = converted
        found = _measure(converted, workers)
    if found is None:
        raise FileError(f"{path} cannot be read as music.", hint=OTHER)
    cache.put(CacheArea.MUSIC, state, found.to_json(converted=playable is converted))
    return found, playable


def _measure(path: Path, workers: Workers) -> MusicInfo | None:
    found: MusicInfo | None = workers.call(MusicInfoRequest(path=str(path)))
    return found


def _convert(path: Path, target: Path, cache: Cache) -> None:
    """Have ffmpeg turn a file into one that can be read here."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise FileError(f"{path} cannot be read as music.", hint=WORKS)
    with cache.new_file(target) as part:
        # The protocols are named so that a playlist cannot send ffmpeg into the network.
        command = [
            program,
            "-v",
            "error",
            "-nostdin",
            "-y",
            "-protocol_whitelist",
            "file",
            "-i",
            f"file:{path}",
            "-map",
            "0:a:0",
        ]
        try:
            done = subprocess.run(
                [*command, "-ac", "2", "-f", "flac", f"file:{part}"],
                capture_output=True,
                check=False,
                timeout=LONGEST_CONVERSION_S,
            )
        except subprocess.TimeoutExpired:
            minutes = LONGEST_CONVERSION_S // 60
            raise FileError(
                f"ffmpeg did not convert {path} within {minutes} minutes.",
                hint="Convert it yourself, to flac.",
            ) from None
        if done.returncode:
            raise _refusal(path, done.stderr.decode(errors="replace"))
    cache.trim(CacheArea.MUSIC, MOST_BYTES)


def _refusal(path: Path, said: str) -> FileError:
    """What ffmpeg says when it cannot convert a file, in our words where they are better."""
    if "No space left" in said:
        return FileError(
            "Cannot write to the cache: no space is left on its disk.",
            hint="Name another place with --cache-dir.",
        )
    if "matches no streams" in said:
        return FileError(f"{path} has no sound in it.", hint=OTHER)
    lines = [line for line in said.strip().splitlines() if not line.startswith("To ignore this")]
    quoted = f" ffmpeg says: {lines[-1].rstrip('.')}." if lines else ""
    return FileError(f"{path} cannot be read as music.{quoted}", hint=OTHER)
