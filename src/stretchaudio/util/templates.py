"""Fill in HTML templates; whatever a title holds is shown as text."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_template(template: Path, **context: Any) -> str:
    """Fill in a template.

    Args:
        template: Its file; those that it extends or includes are in the same folder.
        context: The values that it shows.
    """
    return _environment(template.parent).get_template(template.name).render(**context)
