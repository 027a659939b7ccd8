"""Answer 8: what electric cars, the fleet and heat pumps add to the load of each area of the electricity net."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.charging._cars import HIGH, LOW, MAIN
from ballerup_geo.methods.charging._columns import of_homes
from ballerup_geo.methods.charging._empty import empty_table
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable, Text
from ballerup_geo.spec.words import number

__all__ = ["POWER"]

Floats = NDArray[np.float64]

STATES: Mapping[str, Text] = {
    "room": Text(da="ledig effekt er nok", en="spare power suffices"),
    "perhaps": Text(da="måske for lidt", en="perhaps too little"),
    "short": Text(da="for lidt ledig effekt", en="too little spare power"),
    "unknown": Text(da="ledig effekt ukendt", en="spare power unknown"),
}
PERCENT = 100.0


def _power(given: Given, scene: Scene, found: Found) -> Found:
    areas = cast("gpd.GeoDataFrame | None", given.inputs["power_areas"])
    if areas is None:
        return Found(
            tables={"power_load": empty_table(_TABLE)},
            indicators={"ev_kw": None, "heat_pump_kw": None, "added_kw": None, "power_short": None},
            notes=(_NO_AREAS,),
        )
    ordered = gpd.GeoDataFrame(areas.sort_values("area_id", kind="stable").reset_index(drop=True))
    shapes = ordered.geometry.to_numpy()
    area = _area_of(shapes, scene.doors.geometry.to_numpy())
    dwellings = _summed(area, scene.doors["dwellings"].to_numpy(np.float64), len(ordered)).astype(np.int64)
    load = {bound: _summed(area, _ev_kw(given, scene, bound), len(ordered)) for bound in (MAIN, LOW, HIGH)}
    fleet = _fleet_kw(given, found, shapes)
    pumps = cast("pd.DataFrame | None", given.inputs["heat_pumps"])
    heat = np.full(len(ordered), np.nan) if pumps is None else _heat_kw(pumps, ordered["area_id"])
    rest = fleet + np.nan_to_num(heat)
    spare = _spare(ordered)
    added = {bound: load[bound] + rest for bound in load}
    table = gpd.GeoDataFrame(
        {
            "area_id": ordered["area_id"].astype(str),
            "dwellings": dwellings,
            "spare_kw": spare,
            "ev_kw": load[MAIN],
            "ev_kw_low": load[LOW],
            "ev_kw_high": load[HIGH],
            "fleet_kw": fleet,
            "heat_pump_kw": heat,
            "added_kw": added[MAIN],
            "short_kw": np.where(np.isnan(spare), np.nan, np.maximum(added[MAIN] - spare, 0.0)),
            "state": _states(spare, added),
        },
        geometry=shapes,
        crs=areas.crs,
    )
    outside = float(scene.doors["dwellings"].to_numpy()[area < 0].sum())
    return Found(
        tables={"power_load": table},
        indicators={
            "ev_kw": float(sum(load[MAIN])),
            "heat_pump_kw": None if pumps is None else float(np.nansum(heat)),
            "added_kw": float(added[MAIN].sum()),
            "power_short": None if np.isnan(spare).all() else float((table["state"] == "short").sum()),
        },
        notes=tuple(note for note in (_outside(outside), None if pumps is not None else _NO_PUMPS) if note),
    )


def _area_of(shapes: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the row of the area that holds each point, the first of several; −1: none."""
    point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    area = np.full(len(points), len(shapes), dtype=np.int64)
    np.minimum.at(area, point, shape)
    return np.where(area == len(shapes), -1, area)


def _summed(area: NDArray[np.int64], values: Floats, areas: int) -> Floats:
    inside = area >= 0
    return np.bincount(area[inside], values[inside], areas).astype(np.float64)


def _ev_kw(given: Given, scene: Scene, bound: str) -> Floats:
    """Return what each door's electric cars add to the evening peak from today to the target year.

    A car that charges at home adds ``peak_kw_home``, another ``peak_kw_away``: the mean over many cars at the hour of
    the greatest load, not the power of a charger. The scenarios give low and high.
    """
    cars = scene.cars
    more = cars.electric(bound, cars.target_year) - cars.electric(bound, cars.base_year)
    home = scene.home_share()
    return more * (home * number_of(given, "peak_kw_home") + (1 - home) * number_of(given, "peak_kw_away"))


def _fleet_kw(given: Given, found: Found, shapes: NDArray[np.object_]) -> Floats:
    """Return what the fleet's missing chargers add, where the bases are known."""
    fleet = found.tables.get("fleet")
    if fleet is None or not len(fleet):
        return np.zeros(len(shapes))
    area = _area_of(shapes, gpd.GeoDataFrame(fleet).geometry.to_numpy())
    kw = number_of(given, "fleet_charger_kw") * number_of(given, "fleet_peak_pct") / PERCENT
    return _summed(area, fleet["missing"].to_numpy(np.float64) * kw, len(shapes))


def _heat_kw(pumps: pd.DataFrame, area_id: pd.Series[str]) -> Floats:
    """Return what the heat pumps of the heating analysis add to each of the same net areas; missing: it has no such."""
    kw = pumps["kw_individual"].astype("Float64").groupby(pumps["area_id"].astype(str)).first()
    return np.asarray(kw.reindex(area_id.astype(str)).to_numpy(np.float64, na_value=np.nan), dtype=np.float64)


def _spare(areas: gpd.GeoDataFrame) -> Floats:
    if "spare_kw" not in areas:
        return np.full(len(areas), np.nan)
    spare: Floats = areas["spare_kw"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    return spare


def _states(spare: Floats, added: Mapping[str, Floats]) -> NDArray[np.object_]:
    """Say where the spare power suffices even for many cars, where not even for few."""
    conditions = [np.isnan(spare), added[LOW] > spare, added[HIGH] > spare]
    return np.select(conditions, ["unknown", "short", "perhaps"], "room").astype(object)


def _outside(dwellings: float) -> Words | None:
    if not dwellings:
        return None
    return {
        "da": f"{number(dwellings)} boliger ligger uden for netområderne og er ikke regnet med dér.",
        "en": f"{number(dwellings, language='en')} dwellings lie outside the net areas and are not counted there.",
    }


_NO_AREAS: Words = {
    "da": "Netområderne er ukendte: hvad elnettet får mere, er ikke regnet.",
    "en": "The areas of the electricity net are unknown: what is added to the net was not reckoned.",
}
_NO_PUMPS: Words = {
    "da": "Varmepumper er ikke lagt til netområdernes belastning: varmeanalysens tal mangler.",
    "en": "Heat pumps are not added to the load of the net areas: the heating analysis' figures are missing.",
}


def _kw(name: str, da: str, en: str) -> OutputColumn:
    return of_homes(name, "kW", da, en)


_TABLE = OutputTable(
    "power_load",
    "polygon",
    (
        text("area_id", "netområde", "net area"),
        count("dwellings", "boliger", "dwellings"),
        figure("spare_kw", "kW", "ledig effekt", "spare power"),
        _kw("ev_kw", "elbilers tillæg i spidslasten", "added by electric cars at the peak"),
        _kw("ev_kw_low", "elbilers tillæg, mindst", "added by electric cars, at least"),
        _kw("ev_kw_high", "elbilers tillæg, højst", "added by electric cars, at most"),
        figure("fleet_kw", "kW", "kommunens bilers tillæg", "added by the municipal fleet"),
        _kw("heat_pump_kw", "varmepumpers tillæg", "added by heat pumps"),
        _kw("added_kw", "tillæg i alt", "added in all"),
        _kw("short_kw", "effekt, der mangler", "power that is missing"),
        text("state", "vurdering", "judgement", STATES),
    ),
)

POWER: Part[Scene] = Part(
    compute=_power,
    inputs=(
        Input("power_areas", "polygon", columns=("area_id",), optional_columns=("spare_kw",), required=False),
        Input("heat_pumps", "polygon", columns=("area_id", "kw_individual"), required=False),
    ),
    assumptions=(
        Assumption("peak_kw_home", "kW", minimum=0.0),
        Assumption("peak_kw_away", "kW", minimum=0.0),
        Assumption("fleet_peak_pct", "%", minimum=0.0, maximum=100.0),
    ),
    tables=(_TABLE,),
    indicators=(
        Indicator(
            "ev_kw",
            "kW",
            "Elbilernes tillæg i elnettets spidslast til målåret",
            "Added by electric cars to the peak load until the target year",
            significant=2,
        ),
        Indicator(
            "heat_pump_kw",
            "kW",
            "Varmepumpers tillæg i netområderne, hvis olie og gas uden for fjernvarmens områder bliver til varmepumper",
            "Added in the net areas by heat pumps if oil and gas outside the areas of district heating become such",
            significant=2,
        ),
        Indicator(
            "added_kw",
            "kW",
            "Tillæg i netområderne i alt: elbiler, kommunens biler og varmepumper",
            "Added in the net areas in all: electric cars, the municipal fleet and heat pumps",
            significant=2,
        ),
        Indicator(
            "power_short",
            "1",
            "Netområder, hvor den ledige effekt ikke rækker",
            "Net areas whose spare power does not suffice",
        ),
    ),
    limits=(
        {
            "da": (
                "Spidslasten er et gennemsnit over mange biler i den travleste time; hvor en bil faktisk lader "
                "uden for hjemmet, vides ikke."
            ),
            "en": (
                "The peak is a mean over many cars in the busiest hour; where a car charges away from home is not "
                "known."
            ),
        },
        {
            "da": (
                "Varmepumper er varmeanalysens: dem, der kommer, hvis olie og gas uden for fjernvarmens områder bliver "
                "til varmepumper. Deres kolde dag er lagt til bilernes travleste time, som om de faldt sammen."
            ),
            "en": (
                "Heat pumps are those of the heating analysis that come if oil and gas outside the areas of district "
                "heating become heat pumps. Their cold day is added to the cars' busiest hour as if they coincided."
            ),
        },
    ),
)
"""Added load of the electricity net."""
