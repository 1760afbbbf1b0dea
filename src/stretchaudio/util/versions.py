"""Tell which version of a package is installed."""

from functools import cache
from importlib.metadata import version as _version


@cache
def version(package: str) -> str:
    """Look up a package's version; its files are searched once."""
    return _version(package)
