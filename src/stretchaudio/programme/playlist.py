"""Write a programme's tracks in the order of their days, as a playlist (extended M3U)."""

from collections.abc import Mapping, Sequence

from stretchaudio.programme.model import WEEKDAYS
from stretchaudio.programme.plan import Week


def playlist(weeks: Sequence[Week], durations_s: Mapping[str, float]) -> str:
    """Write a playlist.

    Args:
        weeks: What is done when.
        durations_s: The length of each track, by session.
    """
    lines = ["#EXTM3U"]
    for slot in (slot for week in weeks for slot in week.slots):
        session = slot.session
        day = f"Week {slot.week}, {WEEKDAYS[slot.weekday].capitalize()}"
        lines += [
            f"#EXTINF:{durations_s[session.id]:.0f},{day}: {session.routine.title}",
            f"{session.id}.mp3",
        ]
    return "\n".join([*lines, ""])
