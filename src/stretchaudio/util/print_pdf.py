"""Print a page as a PDF, by a browser of this machine."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from stretchaudio.errors import FileError

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
_LONGEST_S = 60
"""A page takes a second or two; the first start on a slow machine takes longer."""


def browser() -> str | None:
    """Find a browser that prints without a window; None where there is none.

    `STRETCHAUDIO_BROWSER` names another program, or `none`.
    """
    asked = os.environ.get("STRETCHAUDIO_BROWSER")
    if asked:
        return shutil.which(asked)
    return next(filter(None, map(shutil.which, (*_BROWSERS, _MAC))), None)


def print_pdf(html: str) -> bytes:
    """Print a page that asks for nothing of a network.

    Raises:
        FileError: If no browser is there, or it fails.
    """
    program = browser()
    if program is None:
        raise FileError(
            "A PDF is printed by Chromium, Chrome or Edge, and none is here.",
            hint="Write the handout as a page, which any browser prints.",
        )
    # A browser that snap installed does not see the system's folder of temporary files.
    with tempfile.TemporaryDirectory(dir=Path.home() if "snap" in program else None) as folder:
        page, pdf = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        command = [
            *(program, "--headless", "--disable-gpu", "--no-pdf-header-footer"),
            *(["--no-sandbox"] if is_root else []),
            *(f"--user-data-dir={folder}/profile", f"--print-to-pdf={pdf}", page.as_uri()),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=True)
            return pdf.read_bytes()
        except (OSError, subprocess.SubprocessError):
            raise FileError(
                f"The browser {program} did not print the PDF.",
                hint="STRETCHAUDIO_BROWSER names another one, or `none` for no PDF.",
            ) from None
