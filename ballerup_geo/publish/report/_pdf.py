"""A page as PDF, by the machine's Chromium: tagged, with bookmarks and text that can be selected."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["browser_path", "print_pdf"]

_log = logging.getLogger(__name__)

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "msedge")
_PATIENCE_S = 90.0


def browser_path() -> Path | None:
    """Return a browser of Chromium's family, None where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return None if found is None else Path(found)


def print_pdf(page: Path, target: Path) -> bool:
    """Print a page to a PDF; say whether it is there.

    The browser opens nothing but the page: it has a profile of its own that is thrown away, and no network use of its
    own. The PDF holds the time of printing, so it is not the same bytes twice.
    """
    browser = browser_path()
    if browser is None:
        return False
    with tempfile.TemporaryDirectory(prefix="ballerup-geo-") as profile:
        command = [
            str(browser),
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            "--export-tagged-pdf",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={target.absolute()}",
            page.absolute().as_uri(),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:  # its sandbox refuses the superuser, as in a container
            command.insert(1, "--no-sandbox")
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            _log.warning("the browser made no PDF: %s", error)
            return False
    if done.returncode or not target.is_file():
        _log.warning("the browser made no PDF (it left with %d)", done.returncode)
        return False
    return True
