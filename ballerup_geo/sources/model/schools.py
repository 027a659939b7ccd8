"""Municipal schools, one point a site: known positions as they are, the others in the middle of their grounds."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.houses import campus_middle
from ballerup_geo.sources.model.lots import Lots, draw_lots
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["build_schools"]


def build_schools(town: Town) -> gpd.GeoDataFrame:
    """Return the school sites with classes and pupils."""
    sites = facts("schools")["site"]
    known = {(row["school"], row["site"]): row for row in facts("town")["site"]}
    rows = [known[site["school"], site["site"]] for site in sites]
    return gpd.GeoDataFrame(
        {
            "school_id": [f"SK{number:02d}" for number in range(1, len(sites) + 1)],
            "school": [site["school"] for site in sites],
            "site": [site["site"] for site in sites],
            "kind": ["municipal"] * len(sites),
            "class_from": [int(row["class_from"]) for row in rows],
            "class_to": [int(row["class_to"]) for row in rows],
            "pupils": [int(row["pupils"]) for row in rows],
        },
        geometry=[_place(town, site) for site in sites],
        crs=CRS,
    )


def _place(town: Town, site: dict[str, object]) -> shapely.Point:
    position = site.get("position_m")
    if isinstance(position, list):
        return shapely.Point(position)
    lots: Lots = town.part(draw_lots)
    ground = _grounds(str(site["school"]), str(site["site"]))
    return shapely.Point(campus_middle(lots, int(np.flatnonzero(lots.quarter == ground)[0])))


def _grounds(school: str, site: str) -> int:
    """Return the school ground of the plan that bears the site's name, or the school's."""
    named = {quarter.name: index for index, quarter in enumerate(quarters()) if quarter.kind == "school"}
    return named.get(f"{school} {site}", named.get(school, -1))
