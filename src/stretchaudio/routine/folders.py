"""Know where the program's own routines, exercises and figures are."""

from pathlib import Path


def bundled_folder() -> Path:
    """Find the program's own routines: in the package, or at the top of a working copy."""
    package = Path(__file__).parent.parent
    installed = package / "routines"
    return installed if installed.is_dir() else package.parent.parent / "routines"
