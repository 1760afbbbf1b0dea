"""Fill in HTML templates; whatever a title holds is shown as text."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stretchaudio.util.units import format_clock, format_size

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment(folder: Path) -> "Environment":
    # Loaded when there is something to fill in: most builds write no page.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["clock"] = format_clock
    environment.globals["file_size"] = format_size
    return environment


def render_template(template: Path, **context: Any) -> str:
    """Fill in a template; templates show times with `clock`, sizes with `file_size`.

    Args:
        template: Its file; those that it extends or includes are in the same folder.
        context: The values it shows.
    """
    return _environment(template.parent).get_template(template.name).render(**context)
