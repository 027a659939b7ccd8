"""Answer 6: which zone in which year under a yearly budget, and what that leaves on oil and gas year by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.heating._order import NEVER, Built, Pieces, build, heat_bound
from ballerup_geo.methods.heating._path import heat_path
from ballerup_geo.methods.heating._phases_declared import ASSUMPTIONS, INDICATORS, LIMITS, TABLES
from ballerup_geo.methods.heating._shares import HANDED, ZONE_COLUMN
from ballerup_geo.methods.heating._stock import Stock
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Given

__all__ = ["PHASES", "final_pipes"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PERCENT = 100.0
MWH = 1000.0


def final_pipes(given: Given, load_kw: Floats) -> tuple[Ints, Floats]:
    """Return the width (mm) and the price of a metre, trench and pipe, of pipes that carry a load.

    A load beyond the widest pipe takes several of those side by side.
    """
    table = cast(pd.DataFrame, given.inputs["pipe_sizes"]).sort_values("dn_mm", kind="stable")
    room, price = table["capacity_kw"].to_numpy(np.float64), table["cost_dkk_m"].to_numpy(np.float64)
    pipe = np.minimum(np.searchsorted(room, load_kw * (1.0 - 1e-9)), len(table) - 1)
    beside = np.maximum(np.ceil(load_kw / room[pipe] - 1e-9), 1.0)
    width = table["dn_mm"].to_numpy(np.int64)[pipe]
    return width, number_of(given, "trench_street_dkk_m") + beside * price[pipe]


def _pieces(given: Given, zones: pd.DataFrame, pipes: gpd.GeoDataFrame, shares: pd.DataFrame | None) -> Pieces:
    """Find the pieces of street that several zones' pipes share, each sized once for the sum of their loads."""
    place = pd.Index(zones["zone_id"])
    shape = shapely.to_wkb(shapely.normalize(pipes.geometry.to_numpy()))
    piece, kinds = pd.factorize(pd.Series(shape, dtype=object))
    load: Floats = np.bincount(piece, pipes["load_kw"].to_numpy(np.float64), len(kinds)).astype(np.float64)
    length = np.zeros(len(kinds))
    length[piece] = pipes["length_m"].to_numpy(np.float64)
    service = np.zeros(len(zones))
    if shares is not None:
        summed = shares.groupby(ZONE_COLUMN)["service_dkk"].sum()
        service = summed.reindex(place, fill_value=0.0).to_numpy(np.float64)
    return Pieces(
        zone=place.get_indexer(pd.Index(pipes["zone_id"])).astype(np.int64),
        piece=piece.astype(np.int64),
        length_m=length,
        cost_dkk=length * final_pipes(given, load)[1],
        own_m=zones["service_m"].to_numpy(np.float64),
        own_dkk=service,
    )


def _limit(given: Given, name: str) -> float:
    """Return a yearly budget, infinite where it is 0 (no limit)."""
    value = number_of(given, name)
    return value if value > 0 else np.inf


def _years(given: Given) -> Ints:
    first, last = int(number_of(given, "phase_first_year")), int(number_of(given, "phase_last_year"))
    if last < first:
        what = f"{last} is before phase_first_year = {first}"
        todo = "let the last year be the first one or a later one"
        raise MethodError(Fault("analysis heating", "assumptions.phase_last_year", what, todo))
    return np.arange(first, last + 1)


def _phases(given: Given, stock: Stock, found: Found) -> Found:
    years = _years(given)
    zones = found.tables["heat_zones"]
    shares = found.columns.get(HANDED)
    pieces = _pieces(given, zones, gpd.GeoDataFrame(found.tables["heat_pipes"]), shares)
    connect = number_of(given, "connection_pct") / PERCENT
    heat = zones["heat_mwh"].to_numpy(np.float64)
    joined = zones["reached"].to_numpy(np.bool_)
    most_m, most_dkk = _limit(given, "phase_most_m"), _limit(given, "phase_most_dkk")
    built = build(
        pieces,
        heat,
        way_m=zones["trunk_m"].to_numpy(np.float64),
        joined=joined,
        years=years.size,
        most_m=most_m,
        most_dkk=most_dkk,
    )
    best = heat_bound(pieces, heat, joined=joined, years=years.size, most_m=most_m, most_dkk=most_dkk) * connect
    done = built.year != NEVER
    zone_year = np.where(done, built.year + int(years[0]), NEVER)
    got = np.cumsum(np.bincount(built.year[done], heat[done], years.size)) * connect
    path = heat_path(given, stock, _by_building(stock, zones, zone_year, shares))
    per_year = pd.DataFrame(
        {
            "year": years.astype(np.int64),
            "zones": np.bincount(built.year[done], minlength=years.size).astype(np.int64),
            "buildings": np.bincount(
                built.year[done], zones["buildings"].to_numpy(np.float64)[done], years.size
            ).astype(np.int64),
            "laid_m": built.metres,
            "laid_dkk": built.money,
            "connected_mwh": got,
            "most_mwh": best,
        }
    )
    return Found(
        tables={"heat_phases": _table(zones, built, zone_year, heat), "phase_budget": per_year, "heat_path": path},
        indicators={**_figures(per_year, joined), **_left(given, path)},
        notes=()
        if joined.any() or not len(zones)
        else (
            {
                "da": "Ingen zone kan nå fjernvarmenettet ad veje, eller nettet er ukendt: ingen er lagt i et år.",
                "en": "No zone can reach the district-heating net along streets, or it is unknown: none has a year.",
            },
        ),
    )


def _by_building(stock: Stock, zones: pd.DataFrame, zone_year: Ints, shares: pd.DataFrame | None) -> Ints:
    if shares is None:
        return np.full(len(stock.building_id), NEVER, dtype=np.int64)
    zone = shares[ZONE_COLUMN].reindex(stock.building_id)
    place = pd.Index(zones["zone_id"]).get_indexer(pd.Index(zone))
    return np.where(place >= 0, zone_year[place], NEVER)


def _table(zones: pd.DataFrame, built: Built, zone_year: Ints, heat: Floats) -> gpd.GeoDataFrame:
    ordered = built.place != NEVER
    needed = np.where(ordered, built.zone_m, np.nan)
    return gpd.GeoDataFrame(
        {
            "zone_id": zones["zone_id"].to_numpy(object),
            "place": pd.Series(built.place + 1, dtype="Int64").mask(~ordered),
            "year": pd.Series(zone_year, dtype="Int64").mask(zone_year == NEVER),
            "year_or_0": np.where(zone_year == NEVER, 0, zone_year),
            "stage": zones["stage"].to_numpy(object),
            "buildings": zones["buildings"].to_numpy(np.int64),
            "heat_mwh": heat,
            "new_m": needed,
            "new_dkk": np.where(ordered, built.zone_dkk, np.nan),
            "mwh_m": heat / np.maximum(needed, 1.0),
        },
        geometry=gpd.GeoDataFrame(zones).geometry.to_numpy(),
        crs=CRS,
    )


def _figures(per_year: pd.DataFrame, joined: NDArray[np.bool_]) -> Mapping[str, float | None]:
    names = ("phase_zones", "phase_gwh", "phase_km", "phase_dkk", "phase_loss_pct")
    if not joined.any():
        return dict.fromkeys(names)
    got, best = float(per_year["connected_mwh"].sum()), float(per_year["most_mwh"].sum())
    values = (
        float(per_year["zones"].sum()),
        float(per_year["connected_mwh"].iloc[-1]) / MWH,
        float(per_year["laid_m"].sum()) / MWH,
        float(per_year["laid_dkk"].sum()),
        PERCENT * (1.0 - got / best) if best > 0 else None,
    )
    return dict(zip(names, values, strict=True))


def _left(given: Given, path: pd.DataFrame) -> dict[str, float | None]:
    """Return what is left in the last year, of all buildings and of the municipality's own."""
    last = path[path["year"] == path["year"].max()].set_index("scope")
    account = last.loc["all", "account_t"]
    found: dict[str, float | None] = {
        f"phase_left_{name}{end}": float(last.loc[scope, column])
        for scope, end in (("all", ""), ("municipal", "_municipal"))
        for name, column in (("buildings", "left_buildings"), ("t", "burn_t"), ("br18_t", "br18_t"))
    }
    for since in ("1990", "2019"):
        base = number_of(given, f"account_{since}_t")
        known = base > 0 and bool(np.isfinite(account))
        found[f"phase_fall_{since}_pct"] = PERCENT * (1.0 - float(account) / base) if known else None
    return found


PHASES: Part[Stock] = Part(
    compute=_phases, assumptions=ASSUMPTIONS, tables=TABLES, indicators=INDICATORS, limits=LIMITS
)
"""Zones by year, and what they leave."""
