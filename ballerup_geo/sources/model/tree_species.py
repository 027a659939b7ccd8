"""Species to plant: the rows of the facts, each with its sources."""

from __future__ import annotations

import pandas as pd

from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.town import Town

__all__ = ["build_tree_species"]

UNVERIFIED = "unverified"
SCORES = ("dry", "wet", "salt")
TEXTS = ("soil", "excluded")


def build_tree_species(_town: Town) -> pd.DataFrame:
    """Return the species in the order of the facts; what no source tells is missing."""
    rows = facts("tree_species")["species"]
    kept = ("species", "latin", "family", "native", "form", "height_m", "crown_radius_m", "source", "height_source")
    table = pd.DataFrame({name: [row[name] for row in rows] for name in kept})
    table["genus"] = [row["latin"].split()[0] for row in rows]
    for name in SCORES:
        table[name] = pd.array([row.get(name) for row in rows], dtype="Int64")
    for name in TEXTS:
        table[name] = [row.get(name) for row in rows]
    table["crown_source"] = [row.get("crown_source", UNVERIFIED) for row in rows]
    return table
