"""The words that tell modelled data from real stand in every file that is made from the model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ballerup_geo.spec.notice import MODEL_NOTICE

WITHOUT_DATA = {
    "site/assets",
    "planners/assets",
    "results/site.json",
    "results/planners.json",
    "results/.ballerup-geo.lock",
}
"""Leaflet and our script, the records of what the two sites were made from, the lock."""


def test_every_file_made_from_the_model_says_so(modelled: Path) -> None:
    told = MODEL_NOTICE.da
    words = (told.encode(), told.encode("unicode_escape"), told.encode("utf-16-be"))  # the last one: a PDF's metadata
    seen: Counter[str] = Counter()
    silent = []
    for path in sorted(path for path in modelled.rglob("*") if path.is_file()):
        name = path.relative_to(modelled).as_posix()
        if any(name.startswith(exempt) for exempt in WITHOUT_DATA):
            continue
        seen[path.suffix] += 1
        content = path.read_bytes()
        if not any(form in content for form in words):
            silent.append(name)
    assert silent == []
    least = {
        ".parquet": 10,
        ".tif": 4,
        ".gpkg": 1,
        ".json": 10,
        ".csv": 1,
        ".html": 4,
        ".js": 8,
        ".webp": 20,
        ".pdf": 4,
        ".png": 4,
        ".svg": 4,
    }
    assert {suffix: seen[suffix] >= number for suffix, number in least.items()} == dict.fromkeys(least, True)
