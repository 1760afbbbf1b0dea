"""Write a programme as a calendar (iCalendar, RFC 5545): an event for each session."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

from stretchaudio.programme.model import Programme, day_of
from stretchaudio.programme.plan import Slot, Week
from stretchaudio.routine.describe import describe_work

USUAL_AT = time(7, 30)
USUAL_REMINDER_MS = 15 * 60_000
_PRODID = "-//stretchaudio//stretchaudio//EN"


def programme_calendar(
    programme: Programme,
    weeks: Sequence[Week],
    *,
    start: date,
    zone: ZoneInfo | None = None,
    base_url: str | None = None,
) -> bytes:
    """Write the events of a programme.

    The same programme gives the same bytes, so that a calendar which reads the file again changes
    what is there.

    Args:
        programme: The programme.
        weeks: Its sessions, planned with weeks that begin on the day of the week of `start`.
        start: The first day.
        zone: Where its times are meant; None for wherever one is.
        base_url: The address of the site that has the sessions' pages, with a slash at its end.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODID)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", programme.title)
    begins: dict[date, datetime] = {}
    for slot in (slot for week in weeks for slot in week.slots):
        day = day_of(start, slot.week, slot.weekday)
        at = begins.get(day) or datetime.combine(day, programme.at or USUAL_AT, tzinfo=zone)
        length = timedelta(minutes=-(-slot.session.about_ms // 60_000))
        event = _event(programme, slot, base_url)
        event.add("dtstart", at)
        event.add("dtend", at + length)
        # The same in each run; of the day's time only the date is known here, in no zone.
        event.add("dtstamp", datetime.combine(start, time(), tzinfo=UTC))
        event.add("uid", f"{programme.id}-{at:%Y%m%dT%H%M}@stretchaudio")
        calendar.add_component(event)
        begins[day] = at + length
    if zone is not None:
        calendar.add_missing_timezones(min(begins), max(begins) + timedelta(weeks=1))
    written: bytes = calendar.to_ical()
    return written


def _event(programme: Programme, slot: Slot, base_url: str | None) -> Event:
    session = slot.session
    routine = session.done
    doses = (
        f"{one.name}: {describe_work(one, session.level.fraction)}" for one in routine.exercises
    )
    event = Event()
    event.add("summary", routine.title)
    event.add("description", "\n".join((f"{programme.title}, week {slot.week}.", *doses)))
    if base_url is not None:
        event.add("url", f"{base_url}sessions/{session.id}/")
    remind_ms = USUAL_REMINDER_MS if programme.remind_ms is None else programme.remind_ms
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", routine.title)
    alarm.add("trigger", timedelta(milliseconds=-remind_ms))
    event.add_component(alarm)
    return event
