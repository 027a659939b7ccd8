"""A page as PDF, by the machine's Chromium: tagged, with bookmarks and text that can be selected."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from ballerup_geo.spec.words import Language

__all__ = ["browser_path", "print_pdf"]

_log = logging.getLogger(__name__)

_ENGLISH = "#sprog=en"
"""What the address of a page says to be opened in English."""
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "msedge")
_PATIENCE_S = 90.0
_DATE = re.compile(rb"(/(?:Creation|Mod)Date \(D:)\d{14}[+-]\d\d'\d\d'\)")
"""When the browser printed, as it writes it into the PDF; all of it has a fixed length."""


def browser_path() -> Path | None:
    """Return a browser of Chromium's family, None where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return None if found is None else Path(found)


def print_pdf(page: Path, target: Path, *, language: Language, made: datetime) -> bool:
    """Print a page to a PDF; say whether it is there.

    The browser opens nothing but the page: it has a profile of its own that is thrown away, and no network use of its
    own. The PDF is dated ``made`` instead of the hour of printing, so one browser prints the same bytes twice.

    Parameters
    ----------
    language
        The edition: what the page says in the other language is left out, and the PDF says its language.
    made
        When what the page tells was computed.
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
            page.absolute().as_uri() + (_ENGLISH if language == "en" else ""),
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
    stamp = made.astimezone(UTC).strftime("%Y%m%d%H%M%S+00'00'").encode()
    target.write_bytes(_DATE.sub(rb"\g<1>" + stamp + b")", target.read_bytes()))  # as long as before: xref still holds
    return True
