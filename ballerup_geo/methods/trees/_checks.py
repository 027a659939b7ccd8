"""What has not been checked for a tree: the ties that no layer has brought."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.trees._town import TreeTown, layer_of
from ballerup_geo.spec import Given, Text

__all__ = ["TIES", "unchecked_ties"]

Names = NDArray[np.object_]
Shapes = NDArray[np.object_]

IN_FORCE = ("vedtaget", "forslag")

TIES = {
    "deeds": Text(da="tinglysning", en="registered easements"),
    "dug_lines": Text(da="Ledningsejerregistret (LER)", en="the register of utility owners (LER)"),
    "local_plans": Text(da="lokalplan", en="local plan"),
    "solar_roofs": Text(da="solceller", en="solar panels"),
    "utilities": Text(da="ledninger", en="utility lines"),
    "protected_nature": Text(da="beskyttet natur", en="protected nature"),
    "trees": Text(da="træer, der står der", en="standing trees"),
    "land_cover": Text(da="arealdække", en="land cover"),
    "lakes": Text(da="søer", en="lakes"),
    "streams": Text(da="vandløb", en="streams"),
    "heat_pipes": Text(da="foreslået fjernvarme", en="proposed district heating"),
}
"""Inputs that a site is held against, and what is not checked while one of them is unknown."""
LINES = {
    "section3_stream": "vandløb (§ 3)",
    "section3_salt_meadow": "strandeng (§ 3)",
    "beach_line": "strandbeskyttelseslinje",
    "lake_line": "søbeskyttelseslinje",
    "stream_line": "åbeskyttelseslinje",
    "forest_line": "skovbyggelinje",
    "church_line": "kirkebyggelinje",
    "monument_line": "fortidsmindebeskyttelseslinje",
    "fredning": "fredning",
    "view": "udsigt, der skal holdes åben",
    "afforestation_unwanted": "skovrejsning uønsket",
}


def unchecked_ties(given: Given, town: TreeTown, points: NDArray[np.object_]) -> Names:
    """Return for each place what nobody has checked, in Danish words with "; " between.

    A tie disappears when a layer brings it. A place inside a line that asks for the municipality's word without closing
    the ground, or inside a local plan, has that among its ties.
    """
    missing = [tie.da for name, tie in TIES.items() if given.inputs.get(name) is None]
    missing += [LINES[kind] for kind in given.untold.get("protected_nature", {}).get("kind", ()) if kind in LINES]
    told = np.full(len(points), "; ".join(missing), dtype=object)
    for words, shapes in (*_lines(given, town), *_plans(given)):
        inside = np.unique(shapely.STRtree(shapes).query(points, predicate="intersects")[0])
        told[inside] = [f"{one}; {words}" if one else words for one in told[inside]]
    return told


def _lines(given: Given, town: TreeTown) -> Iterator[tuple[str, Shapes]]:
    """Give the lines and orders that do not close the ground, each with its words."""
    if town.protected is None:
        return
    closed = set(str(given.assumptions["protected_closed"]).split())
    for kind, words in LINES.items():
        shapes = town.protected.geometry.to_numpy()[(town.protected["kind"] == kind).to_numpy(bool)]
        if kind not in closed and len(shapes):
            yield f"inden for {words}", shapes


def _plans(given: Given) -> Iterator[tuple[str, Shapes]]:
    """Give the local plans that hold or are proposed: what a plan says of trees is read in the plan."""
    plans = layer_of(given, "local_plans")
    if plans is None:
        return
    plans = plans[plans["status"].isin(IN_FORCE)].sort_values("plan_id", kind="stable")
    for plan_id, shape in zip(plans["plan_id"], plans.geometry, strict=True):
        yield f"lokalplan {plan_id}", np.array([shape], dtype=object)
