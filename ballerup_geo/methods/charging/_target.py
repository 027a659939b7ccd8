"""Answer 2: the plan's 25 %, in the six cells that its words allow.

Two readings of "ca. 25 % af bilerne, som vi forventer kører på el": a quarter of all cars, taken as battery electric
ones (today no more than there are), or a quarter of the electric cars (plug-in hybrids with them). Three of
"ladeinfrastruktur": public; public and on shared parking; all, at home too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.charging._cars import MAIN
from ballerup_geo.methods.charging._cells import (
    ALL_CARS,
    READINGS,
    Reading,
    cell_of,
    charger_kwh,
    readings_of,
    stock_of,
)
from ballerup_geo.methods.charging._demand import square_ids, squares
from ballerup_geo.methods.charging._empty import empty_table
from ballerup_geo.methods.charging._reach import Served
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.methods.charging._supply import ACCESS_CODES, SUPPLIES, SUPPLY_CODES, plugs_on, supply_of
from ballerup_geo.spec import Assumption, Given, Indicator, OutputColumn, OutputTable

__all__ = ["TARGET", "UNDECIDED"]

Floats = NDArray[np.float64]

UNDECIDED = "undecided"
CHOICES = (UNDECIDED, *(f"{reading}_{supply}" for reading in READINGS for supply in SUPPLIES))
PERCENT = 100.0


def _target(given: Given, scene: Scene, _found: Found) -> Found:
    given.progress("the 25 % target", 0.5)
    stock = stock_of(given, scene)
    years = sorted({scene.cars.base_year, scene.cars.target_year})
    rows = []
    shown: dict[int, tuple[Reading, Served | None]] = {}
    for year in years:
        for reading in READINGS:
            cars = readings_of(scene, reading, year, share=number_of(given, "target_share_pct") / PERCENT)
            for supply in SUPPLIES:
                row, reached = cell_of(given, scene, cars, supply, stock)
                rows.append({"reading": reading, "supply": supply, "year": year, **row})
                if (reading, supply) == (ALL_CARS, "public"):
                    shown[year] = cars[MAIN], reached
    table = pd.DataFrame(rows)[[column.name for column in _CELLS.columns]]
    by_year = {"covered_today_pct": shown[years[0]], "covered_target_pct": shown[years[-1]]}
    return Found(
        tables={"target_cells": table, "charger_sites": _sites(given, scene)},
        indicators=_indicators(given, scene, table, years),
        columns=_covered(given, scene, by_year),
    )


def _sites(given: Given, scene: Scene) -> gpd.GeoDataFrame:
    """Return the chargers that count, with what they give."""
    if scene.chargers is None:
        return gpd.GeoDataFrame(empty_table(_SITES))
    chargers = scene.chargers
    kwh = charger_kwh(chargers, utilisation=number_of(given, "utilisation_pct") / PERCENT)
    return gpd.GeoDataFrame(
        {
            **{name: chargers[name] for name in ("charger_id", "plugs", "power_kw", "access", "operator", "hours")},
            "total_kw": chargers["plugs"] * chargers["power_kw"],
            "kwh": kwh,
        },
        geometry=chargers.geometry.to_numpy(),
        crs=scene.doors.crs,
    )


def _covered(
    given: Given, scene: Scene, by_year: Mapping[str, tuple[Reading, Served | None]]
) -> dict[str, pd.DataFrame]:
    """Return the share of the cars without charging at home that find a public charger, by address and by square."""
    corners, cell = squares(scene, number_of(given, "demand_cell_m"))
    doors: dict[str, Floats] = {}
    cells: dict[str, Floats] = {}
    for name, (cars, found) in by_year.items():
        if found is not None:
            doors[name] = _share(found.doors, cars.no_home)
            cells[name] = _share(_sums(cell, found.doors), _sums(cell, cars.no_home))
    return {
        "demand": pd.DataFrame(doors, index=pd.Index(scene.doors["address_id"], name="address_id")),
        "demand_cells": pd.DataFrame(cells, index=pd.Index(square_ids(corners), name="cell_id")),
    }


def _sums(cell: NDArray[np.int64], values: Floats) -> Floats:
    return np.bincount(cell, values).astype(np.float64)


def _share(part: Floats, whole: Floats) -> Floats:
    """Return the share in percent; unknown where there is nothing to share."""
    share: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return PERCENT * share


def _indicators(given: Given, scene: Scene, table: pd.DataFrame, years: list[int]) -> dict[str, float | None]:
    first, last = table[table["year"] == years[0]], table[table["year"] == years[-1]]
    marked = str(given.assumptions["target_reading"])
    chosen = last[last["reading"] + "_" + last["supply"] == marked]
    public = last[(last["reading"] == ALL_CARS) & (last["supply"] == "public")].iloc[0]
    return {
        "covered_today_low_pct": _known(first["energy_pct"].min()),
        "covered_today_high_pct": _known(first["energy_pct"].max()),
        "covered_low_pct": _known(last["energy_pct"].min()),
        "covered_high_pct": _known(last["energy_pct"].max()),
        "covered_marked_pct": _known(chosen["energy_pct"].iloc[0]) if len(chosen) else None,
        "public_kw": _known(public["supply_kw"]),
        "shared_public_plugs": _on_shared_parking(scene, number_of(given, "charger_on_parking_m")),
        "afir_target_kw": float(public["need_kw"]),
        "near_public_pct": _known(public["near_pct"]),
        "far_public_pct": _known(public["far_pct"]),
    }


def _on_shared_parking(scene: Scene, reach_m: float) -> float | None:
    """Return the publicly accessible plugs on parking that residents share; None: chargers or parking are unknown."""
    if scene.chargers is None or scene.parking is None:
        return None
    shared = scene.parking[(scene.parking["access"] == "residents").to_numpy(bool)]
    public = scene.chargers[supply_of(scene.chargers["access"], "public")]
    return float(plugs_on(gpd.GeoDataFrame(shared), gpd.GeoDataFrame(public), reach_m=reach_m).sum())


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _percent(name: str, da: str, en: str) -> OutputColumn:
    return figure(name, "%", da, en)


_CELLS = OutputTable(
    "target_cells",
    "table",
    (
        text("reading", "læsning af »25 % af bilerne«", "reading of “25 % of the cars”", READINGS),
        text("supply", "læsning af »ladeinfrastruktur«", "reading of “charging infrastructure”", SUPPLY_CODES),
        count("year", "år", "year"),
        figure("cars", "1", "biler, der skal dækkes", "cars to be covered"),
        figure("cars_no_home", "1", "heraf uden ladning hjemme", "of them without charging at home"),
        figure("need_kwh", "kWh", "deres forbrug om året", "what they use in a year"),
        figure("supply_kwh", "kWh", "energi, ladningen kan give om året", "energy that charging can give in a year"),
        _percent("energy_pct", "forbrug dækket", "use covered"),
        _percent("energy_low_pct", "forbrug dækket, mindst", "use covered, at least"),
        _percent("energy_high_pct", "forbrug dækket, højst", "use covered, at most"),
        figure("gap_kwh", "kWh", "mangler om året", "missing in a year"),
        figure("need_kw", "kW", "effekt efter AFIR's regnestykke", "power by AFIR's arithmetic"),
        figure("supply_kw", "kW", "effekt, der er", "power there is"),
        _percent("power_pct", "effekt dækket", "power covered"),
        figure("gap_kw", "kW", "effekt, der mangler", "power that is missing"),
        figure(
            "near_cars",
            "1",
            "uden ladning hjemme, med ledig lader inden for kort gang",
            "without charging at home, with a free charger within a short walk",
        ),
        _percent(
            "near_pct", "andel med ledig lader inden for kort gang", "share with a free charger within a short walk"
        ),
        figure(
            "far_cars",
            "1",
            "uden ladning hjemme, med ledig lader inden for længere gang",
            "without charging at home, with a free charger within a longer walk",
        ),
        _percent(
            "far_pct", "andel med ledig lader inden for længere gang", "share with a free charger within a longer walk"
        ),
        figure(
            "gap_cars",
            "1",
            "uden ladning hjemme og uden ledig lader inden for gang",
            "without charging at home and without a free charger in walking distance",
        ),
    ),
)
_SITES = OutputTable(
    "charger_sites",
    "point",
    (
        text("charger_id", "ladested", "charging site"),
        count("plugs", "ladeudtag", "plugs"),
        figure("power_kw", "kW", "effekt pr. ladeudtag", "power of a plug"),
        text("access", "hvem må lade", "who may charge", ACCESS_CODES),
        text("operator", "operatør", "operator"),
        figure("hours", "h", "åbent i døgnet", "open hours a day"),
        figure("total_kw", "kW", "effekt i alt", "power in all"),
        figure("kwh", "kWh", "energi, stedet kan give om året", "energy that the site can give in a year"),
    ),
)


def _covers(name: str, da: str, en: str) -> Indicator:
    return Indicator(name, "%", da, en, significant=2)


TARGET: Part[Scene] = Part(
    compute=_target,
    assumptions=(
        Assumption("target_share_pct", "%", minimum=0.0, maximum=100.0),
        Assumption("target_reading", "-", kind="text", choices=CHOICES),
        Assumption("afir_kw_per_bev", "kW", minimum=0.0),
        Assumption("afir_kw_per_phev", "kW", minimum=0.0),
        Assumption("utilisation_pct", "%", minimum=0.0, maximum=100.0),
        Assumption("utilisation_low_pct", "%", minimum=0.0, maximum=100.0),
        Assumption("utilisation_high_pct", "%", minimum=0.0, maximum=100.0),
        Assumption("for_residents_pct", "%", minimum=0.0, maximum=100.0),
        Assumption("walk_near_m", "m", minimum=0.0, maximum=2000.0),
        Assumption("walk_far_m", "m", minimum=0.0, maximum=2000.0),
    ),
    tables=(_CELLS, _SITES),
    indicators=(
        _covers(
            "covered_low_pct",
            "Forbrug dækket i målåret uden nye ladere, den strengeste læsning",
            "Use covered in the target year without new chargers, the strictest reading",
        ),
        _covers(
            "covered_high_pct",
            "Forbrug dækket i målåret uden nye ladere, den mildeste læsning",
            "Use covered in the target year without new chargers, the mildest reading",
        ),
        _covers(
            "covered_marked_pct",
            "Forbrug dækket i målåret, den læsning kommunen har valgt",
            "Use covered in the target year, the reading that the municipality has marked",
        ),
        _covers(
            "covered_today_low_pct",
            "Forbrug dækket i dag, den strengeste læsning",
            "Use covered today, the strictest reading",
        ),
        _covers(
            "covered_today_high_pct",
            "Forbrug dækket i dag, den mildeste læsning",
            "Use covered today, the mildest reading",
        ),
        Indicator(
            "shared_public_plugs",
            "1",
            "Offentligt tilgængelige ladeudtag på boligernes fælles parkering",
            "Publicly accessible plugs on the shared parking of dwellings",
        ),
        Indicator("public_kw", "kW", "Offentlig ladeeffekt", "Public charging power", significant=2),
        Indicator(
            "afir_target_kw",
            "kW",
            "Offentlig ladeeffekt efter AFIR's regnestykke for 25 % af bilerne",
            "Public charging power by AFIR's arithmetic for 25 % of the cars",
            significant=2,
        ),
        _covers(
            "near_public_pct",
            "Elbiler uden ladning hjemme med ledig offentlig lader inden for kort gang, målåret",
            "Electric cars without charging at home that have a free public charger within a short walk, target year",
        ),
        _covers(
            "far_public_pct",
            "Elbiler uden ladning hjemme med ledig offentlig lader inden for længere gang, målåret",
            "Electric cars without charging at home that have a free public charger within a longer walk, target year",
        ),
    ),
    limits=(
        {
            "da": (
                "AFIR's effekt er et krav til staten, ikke til kommunen; regnestykket er vist for kommunens andel "
                "af bilerne."
            ),
            "en": (
                "AFIR's power is a duty of the state, not of the municipality; the arithmetic is shown for its "
                "share of the cars."
            ),
        },
        {
            "da": "Målåret er regnet med de ladere, der står i dag: ingen planlagte er med.",
            "en": "The target year is reckoned with the chargers of today: none that are planned are counted.",
        },
    ),
)
"""The target in six cells, today and in the target year."""
