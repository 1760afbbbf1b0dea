"""Templates to pages; whatever a title holds is shown as text."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = (Path(__file__).parent / "templates", Path(__file__).parent.parent / "templates")


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
