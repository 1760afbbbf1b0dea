"""Write times, sizes, counts and commands as people read them."""

import shlex


def format_clock(seconds: float) -> str:
    """Write a time within a track: 3:07, or 1:03:07."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def format_timestamp(seconds: float) -> str:
    """Write a time within a track to the millisecond: 3:07.250, or 1:03:07.250."""
    minutes, rest_ms = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{start}:{rest_ms / 1000:06.3f}"


def format_vtt_timestamp(seconds: float) -> str:
    """Write a time as WebVTT does: 00:03:07.250."""
    minutes, rest_ms = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest_ms / 1000:06.3f}"


def format_srt_timestamp(seconds: float) -> str:
    """Write a time as SubRip does: 00:03:07,250."""
    return format_vtt_timestamp(seconds).replace(".", ",")


def format_lrc_timestamp(seconds: float) -> str:
    """Write a time as LRC does: 03:07.25; minutes may exceed 99."""
    minutes, hundredths = divmod(round(seconds * 100), 6000)
    return f"{minutes:02}:{hundredths / 100:05.2f}"


def format_duration(seconds: float) -> str:
    """Write a length of time as every language does: 30 s, 1 min 30 s."""
    minutes, rest_s = divmod(round(seconds, 3), 60)
    shown = [f"{minutes:g} min"] if minutes else []
    return " ".join([*shown, *([f"{round(rest_s, 3):g} s"] if rest_s or not shown else [])])


def format_size(size_bytes: int) -> str:
    """Write a file's size: 320 kB, 4.1 MB."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{size_bytes / 1e3:.0f} kB"


def format_count(number: int | str, noun: str) -> str:
    """Write a number with its noun: 1 cue, 2 cues, 10-15 cues."""
    return f"{number} {noun}" if str(number) == "1" else f"{number} {noun}s"


def shell_command(*words: object) -> str:
    """Write a command of this program so that it can be copied into a shell."""
    return shlex.join(["stretchaudio", *map(str, words)])
