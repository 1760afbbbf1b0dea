"""Templates to pages; whatever a title holds is shown as text."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def page(template: str, **context: Any) -> str:
    """Fill in a template.

    Args:
        template: Its file's name.
        context: What it shows.
    """
    return _environment().get_template(template).render(**context)


def clock(seconds: float) -> str:
    """A time within a track: 3:07, or 1:03:07."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
