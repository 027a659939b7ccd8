"""Answer 7: what heat pumps draw from the electricity net on a cold day, by area of the net."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._columns import figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.heating._columns import of_homes
from ballerup_geo.methods.heating._present import FOSSIL
from ballerup_geo.methods.heating._stock import Stock
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable

__all__ = ["HEAT_POWER", "electric_kw"]

Floats = NDArray[np.float64]

BY_NET = ("supplied", "approved", "planned")
"""Stages of areas where the net is there or to come."""
PERCENT = 100.0


def electric_kw(kwh: Floats, *, full_load_h: float, cold_cop: float, diversity: float) -> Floats:
    """Return what a heat pump adds to the load of the electricity net at its peak: heat / hours / COP × diversity.

    Examples
    --------
    >>> electric_kw(np.array([15_000.0]), full_load_h=2000.0, cold_cop=2.5, diversity=0.8).round(6).tolist()
    [2.4]
    """
    return np.asarray(kwh / full_load_h / cold_cop * diversity)


def _power(given: Given, stock: Stock, _found: Found) -> Found:
    layer = given.inputs["power_areas"]
    if layer is None:
        names = ("area_id", "buildings", "kw_today", "kw_individual", "kw_all", "spare_kw", "short")
        nothing = pd.DataFrame({name: np.empty(0) for name in names})
        table = gpd.GeoDataFrame(nothing, geometry=np.empty(0, dtype=object), crs=CRS)
        return Found(
            tables={"heat_power": table.astype({"area_id": object, "buildings": np.int64, "short": bool})},
            indicators={"pump_kw_today": None, "pump_kw_individual": None, "pump_kw_all": None, "pump_short": None},
            notes=(
                {
                    "da": "Elnettets områder er ukendte: hvad varmepumper trækker, er ikke regnet.",
                    "en": "The areas of the electricity net are unknown: what heat pumps draw was not reckoned.",
                },
            ),
        )
    areas = gpd.GeoDataFrame(cast(pd.DataFrame, layer)).sort_values("area_id", kind="stable").reset_index(drop=True)
    kw = electric_kw(
        stock.demand.kwh,
        full_load_h=number_of(given, "full_load_h"),
        cold_cop=number_of(given, "cold_cop"),
        diversity=number_of(given, "pump_diversity_pct") / PERCENT,
    )
    area = _first_area(areas, stock.xy)
    fossil = np.isin(stock.present, FOSSIL)
    alone = fossil.copy()
    if stock.areas is not None:
        alone &= ~np.isin(stock.areas.stage, BY_NET)
    sums = {
        "kw_today": kw * (stock.present == "heat_pump"),
        "kw_individual": kw * alone,
        "kw_all": kw * fossil,
    }
    size = len(areas) + 1  # the last one: outside all areas
    by_area = {name: np.bincount(area, values, size)[:-1] for name, values in sums.items()}
    spare = np.full(len(areas), np.nan)
    if "spare_kw" in areas:
        spare = np.array(areas["spare_kw"].astype("Float64").to_numpy(np.float64, na_value=np.nan))
    table = gpd.GeoDataFrame(
        {
            "area_id": areas["area_id"].astype(str).to_numpy(object),
            "buildings": np.bincount(area, minlength=size)[:-1].astype(np.int64),
            **by_area,
            "spare_kw": spare,
            "short": by_area["kw_all"] > spare,
        },
        geometry=areas.geometry.to_numpy(),
        crs=CRS,
    )
    return Found(
        tables={"heat_power": table},
        indicators={
            "pump_kw_today": float(sums["kw_today"].sum()),
            "pump_kw_individual": float(sums["kw_individual"].sum()),
            "pump_kw_all": float(sums["kw_all"].sum()),
            "pump_short": float(table["short"].sum()) if np.isfinite(spare).any() else None,
        },
    )


def _first_area(areas: gpd.GeoDataFrame, spots: Floats) -> NDArray[np.int64]:
    """Return the area of each building; of overlapping ones the first counts, outside all the number of areas."""
    point, shape = shapely.STRtree(areas.geometry.to_numpy()).query(shapely.points(spots), predicate="intersects")
    hit = np.full(len(spots), len(areas), dtype=np.int64)
    np.minimum.at(hit, point, shape)
    return hit


def _kw(name: str, da: str, en: str) -> OutputColumn:
    return of_homes(name, "kW", da, en)


HEAT_POWER: Part[Stock] = Part(
    compute=_power,
    inputs=(Input("power_areas", "polygon", columns=("area_id",), optional_columns=("spare_kw",), required=False),),
    assumptions=(
        Assumption("cold_cop", "1", minimum=1.0, maximum=8.0),
        Assumption("pump_diversity_pct", "%", minimum=1.0, maximum=100.0),
    ),
    tables=(
        OutputTable(
            "heat_power",
            "polygon",
            (
                text("area_id", "netområde", "net area"),
                OutputColumn("buildings", "integer", None, "opvarmede bygninger", "heated buildings"),
                _kw("kw_today", "varmepumper i dag", "heat pumps today"),
                _kw(
                    "kw_individual",
                    "dertil, hvis olie og gas uden for fjernvarmens områder bliver til varmepumper",
                    "more, if oil and gas outside the areas of district heating become heat pumps",
                ),
                _kw(
                    "kw_all",
                    "dertil, hvis al olie og gas bliver til varmepumper",
                    "more, if all oil and gas become heat pumps",
                ),
                figure("spare_kw", "kW", "ledig effekt", "spare power"),
                OutputColumn(
                    "short",
                    "boolean",
                    None,
                    "effekten rækker ikke, hvis al olie og gas bliver til varmepumper",
                    "power does not suffice if all oil and gas become heat pumps",
                ),
            ),
        ),
    ),
    indicators=(
        Indicator(
            "pump_kw_today", "kW", "Varmepumpers træk en kold dag", "Load of heat pumps on a cold day", significant=2
        ),
        Indicator(
            "pump_kw_individual",
            "kW",
            "Mere træk, hvis olie og gas uden for fjernvarmens områder bliver til varmepumper",
            "More load if oil and gas outside the areas of district heating become heat pumps",
            significant=2,
        ),
        Indicator(
            "pump_kw_all",
            "kW",
            "Mere træk, hvis al olie og gas bliver til varmepumper",
            "More load if all oil and gas become heat pumps",
            significant=2,
        ),
        Indicator(
            "pump_short",
            "1",
            "Netområder, hvor effekten så ikke rækker",
            "Net areas where the power would not suffice then",
        ),
    ),
    limits=(
        {
            "da": "Elvarme, der bliver til varmepumper og aflaster elnettet, er ikke trukket fra.",
            "en": "Electric heating that becomes heat pumps and relieves the electricity net is not deducted.",
        },
    ),
)
"""Load of heat pumps on the electricity net."""
