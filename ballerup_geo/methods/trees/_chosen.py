"""The chosen sites alone, in their order, and the steps in which a map shows them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ballerup_geo.methods._code_words import OWNERS
from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.trees._sizes import SIZES
from ballerup_geo.methods.trees._town import PLACES, TreeTown
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given, OutputColumn, OutputTable, Text

__all__ = ["CHOSEN", "ranked_sites"]

PERCENT = 100.0
KINDS = {
    f"{place}_{size}": Text(da=f"{words.da}, {each.da} træ", en=f"{words.en}, {each.en} tree")
    for place, words in PLACES.items()
    for size, each in SIZES.items()
}
"""Whose ground and how large a tree: what a map colours by."""


def ranked_sites(found: Found) -> gpd.GeoDataFrame:
    """Return the sites with what the parts before found of each; without a choice no site has a rank."""
    sites = gpd.GeoDataFrame(found.tables["sites"])
    more = found.columns.get("sites")
    if more is not None:
        new = more[[name for name in more if name not in sites]].reindex(sites["site_id"])
        sites = sites.assign(**{str(name): new[name].to_numpy() for name in new})
    if "rank" not in sites:
        return sites.assign(rank=pd.Series(pd.NA, index=sites.index, dtype="Int64"))
    rank = sites["rank"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    return sites.assign(rank=pd.array(rank, dtype="Float64").astype("Int64"))


def _chosen(given: Given, _town: TreeTown, found: Found) -> Found:
    sites = ranked_sites(found)
    own = gpd.GeoDataFrame(sites[sites["rank"].notna()]).sort_values("rank", kind="stable", ignore_index=True)
    own["kind"] = own["place"].astype(str) + "_" + own["size"].astype(str)
    names = [column.name for column in _COLUMNS]
    known = {name: own[name].to_numpy() if name in own else np.full(len(own), None, dtype=object) for name in names}
    chosen = gpd.GeoDataFrame(known, geometry=own.geometry.to_numpy(), crs=CRS)
    return Found(tables={"chosen": chosen, "chosen_steps": _steps(own, int(number_of(given, "slider_steps")))})


def _steps(own: pd.DataFrame, steps: int) -> pd.DataFrame:
    """Return how many of the chosen are planted at each step, whose they are and the share of all benefit."""
    benefit = (
        np.cumsum(np.nan_to_num(pd.to_numeric(own["benefit"], errors="coerce").to_numpy(float)))
        if "benefit" in own
        else None
    )
    whole = 0.0 if benefit is None or not len(benefit) else float(benefit[-1])
    rows: list[dict[str, Any]] = []
    for step in range(1, steps + 1):
        trees = round(len(own) * step / steps)
        place = own["place"].iloc[:trees]
        share = PERCENT * float(benefit[trees - 1]) / whole if benefit is not None and trees and whole > 0 else np.nan
        counts = {f"{name}_trees": int((place == name).sum()) for name in ("garden", "association")}
        rows.append({"trees": trees, **counts, "benefit_pct": share})
    return pd.DataFrame(rows)


_COLUMNS = (
    text("site_id", "plads", "site"),
    count("rank", "nummer blandt de valgte", "number among the chosen"),
    text("kind", "jord og størrelse", "ground and size", KINDS),
    text("parcel_id", "matrikel", "parcel"),
    text("owner_kind", "ejerforhold", "kind of owner", OWNERS),
    text("owner_name", "ejer", "owner"),
    text("street", "vej", "street"),
    text("species", "art", "species"),
    text("species_why", "hvorfor arten", "why the species"),
    figure("crown_radius_m", "m", "kronens radius som udvokset", "radius of the crown when grown"),
    figure("building_m", "m", "til nærmeste bygning", "to the nearest building"),
    figure("utility_m", "m", "til nærmeste ledning", "to the nearest utility line"),
    figure("boundary_m", "m", "til skel", "to the boundary"),
    figure("tree_m", "m", "til nærmeste træ", "to the nearest tree"),
    figure("road_m", "m", "til nærmeste kørebane eller sti", "to the nearest carriageway or path"),
    text("unchecked", "ikke undersøgt", "not checked"),
    figure("benefit", "1", "gavn", "benefit"),
    figure("canopy_gain", "1", "gavn for kronedækket", "benefit to the canopy"),
    figure("heat_gain", "1", "gavn i varme", "benefit in heat"),
    figure("runoff_gain", "1", "gavn for regnvandet", "benefit to rain water"),
    figure("shade_gain", "1", "gavn som skygge på veje", "benefit as shade on ways"),
)

CHOSEN = Part(
    compute=_chosen,
    assumptions=(Assumption("slider_steps", "1", kind="integer", minimum=1, maximum=200),),
    tables=(
        OutputTable("chosen", "point", _COLUMNS, homes=True),
        OutputTable(
            "chosen_steps",
            "table",
            (
                count("trees", "træer", "trees"),
                count("garden_trees", "heraf i private haver", "of them in private gardens"),
                count("association_trees", "heraf på boligforeningers jord", "of them on housing associations' land"),
                OutputColumn("benefit_pct", "number", "%", "af den samlede gavn", "of the whole benefit"),
            ),
        ),
    ),
)
