"""Build hook: lay Leaflet's distribution files and licence into ``ballerup_geo/publish/static/vendor/``.

The repository holds no copy of the library; ``package.json`` and ``package-lock.json`` pin it (version and integrity
hash) and ``npm ci`` brings it. The folder is kept as long as it was made from the present lock file, so a rebuild
needs no network.
A source archive carries the pins, not the library.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PINS = ("package.json", "package-lock.json", ".npmrc")
VENDOR = Path("ballerup_geo/publish/static/vendor")
FILES = {
    "leaflet/dist/leaflet.js": "leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet.css",
    "leaflet/LICENSE": "leaflet-LICENSE.txt",
    "leaflet/package.json": "leaflet-package.json",
}
STAMP = "lock.sha256"


class VendorHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's hook is generic over its builder's configuration
    """Runs before a wheel or an editable install is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (hatchling's signature)
        """Bring the vendor files, unless they are there already or a source archive is being made."""
        if self.target_name != "sdist":
            lay_vendor(Path(self.root))


def lay_vendor(root: Path) -> bool:
    """Lay the vendor files under ``root``; True if they were brought now, False if those of this lock file were there.

    Raises
    ------
    SystemExit
        When npm is missing or fails, with what to do.
    """
    vendor = root / VENDOR
    lock = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    if _is_current(vendor, lock):
        return False
    with tempfile.TemporaryDirectory(prefix="ballerup-geo-vendor-") as folder:
        modules = _npm_ci(root, Path(folder))
        vendor.mkdir(parents=True, exist_ok=True)
        (vendor / STAMP).unlink(missing_ok=True)
        for origin, name in FILES.items():
            _copy_whole(modules / origin, vendor / name)
    (vendor / STAMP).write_text(lock + "\n", encoding="ascii")
    return True


def _is_current(vendor: Path, lock: str) -> bool:
    stamp = vendor / STAMP
    complete = all((vendor / name).is_file() for name in FILES.values())
    return complete and stamp.is_file() and stamp.read_text(encoding="ascii").strip() == lock


def _npm_ci(root: Path, folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            "npm is missing: the maps' JavaScript (Leaflet) is brought by npm while the package is built. "
            "Install Node.js with npm (Debian: apt-get install npm) and try again, "
            "or install a wheel that someone has built (make wheel), which needs only Python."
        )
    for name in PINS:
        shutil.copyfile(root / name, folder / name)
    command = [npm, "ci", "--omit=dev", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"npm ci failed (exit {done.returncode}); is the network reachable?\n{done.stderr.strip()}")
    return folder / "node_modules"


def _copy_whole(origin: Path, target: Path) -> None:
    """Copy so that a build running at the same time never reads half a file."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    os.close(handle)
    shutil.copyfile(origin, name)
    Path(name).chmod(0o644)
    Path(name).replace(target)
