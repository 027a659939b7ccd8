"""Answer 1: electric cars and what they use, by address, year and scenario; who can charge at home and who cannot."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.charging._cars import HIGH, LOW, MAIN, SCENARIO_CODES, SCENARIOS
from ballerup_geo.methods.charging._columns import of_homes
from ballerup_geo.methods.charging._ground import SCENE_ASSUMPTIONS, SCENE_INPUTS
from ballerup_geo.methods.charging._homes import HOME_CODES
from ballerup_geo.methods.charging._reports import KINDS, notes_of, reports_table
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.spec import Assumption, Given, Indicator, OutputColumn, OutputTable
from ballerup_geo.spec.words import number

__all__ = ["DEMAND", "Range", "range_of", "square_ids", "squares"]

Floats = NDArray[np.float64]


def _interval(name: str, unit: str, da: str, en: str) -> tuple[OutputColumn, OutputColumn, OutputColumn]:
    """Declare the main value of a figure and its interval."""
    return (
        of_homes(name, unit, da, en),
        of_homes(f"{name}_low", unit, f"{da}, mindst", f"{en}, at least"),
        of_homes(f"{name}_high", unit, f"{da}, højst", f"{en}, at most"),
    )


class Range:
    """Main value, low and high of a figure of each door: float64[n]."""

    __slots__ = ("high", "low", "main")

    def __init__(self, main: Floats, low: Floats, high: Floats) -> None:
        self.main, self.low, self.high = main, low, high

    def columns(self, name: str) -> dict[str, Floats]:
        """Return the three as columns of a table."""
        return {name: self.main, f"{name}_low": self.low, f"{name}_high": self.high}


def range_of(scene: Scene, year: int) -> dict[str, Range]:
    """Return what each door has in a year, by name.

    Electric cars (``ev``) range over the scenarios, the energy (``kwh``) also over what a car uses in a year, those
    without charging at home (``ev_no_home``) over how many can charge at home; low and high are the corners of both.
    In the base year the scenarios agree: cars have been counted.
    """
    return {
        "ev": Range(*(scene.cars.electric(scenario, year) for scenario in (MAIN, LOW, HIGH))),
        "kwh": Range(*(scene.kwh(scenario, year, scenario) for scenario in (MAIN, LOW, HIGH))),
        "ev_no_home": Range(
            scene.without_home(MAIN, year, MAIN),
            scene.without_home(LOW, year, HIGH),
            scene.without_home(HIGH, year, LOW),
        ),
    }


def _demand(given: Given, scene: Scene, _found: Found) -> Found:
    years = scene.cars.years
    by_year = {year: range_of(scene, year) for year in years}
    last = by_year[years[-1]]
    counted = scene.cars.counted
    totals = {name: (each.main.sum(), each.low.sum(), each.high.sum()) for name, each in last.items()}
    return Found(
        tables={
            "demand": _points(scene, by_year[years[0]], last),
            "demand_years": _scenario_years(scene),
            "demand_address_years": _address_years(scene, by_year),
            "demand_cells": _cells(scene, last, number_of(given, "demand_cell_m")),
            "demand_areas": _areas(given, scene, last),
            "reports": reports_table(scene.reports),
        },
        indicators={
            "cars": float(counted.cars.sum()),
            "ev_today": float((counted.bev + counted.phev).sum()),
            **{
                f"{indicator}{end}": float(totals[name][place])
                for indicator, name in (("ev_target", "ev"), ("ev_no_home_target", "ev_no_home"), ("kwh_target", "kwh"))
                for place, end in enumerate(("", "_low", "_high"))
            },
        },
        notes=(_distances(given), *_unknown(given, scene), *notes_of(scene.reports)),
    )


def _distances(given: Given) -> Words:
    """Say how far the map's walking distances are, and how large its squares: maps name them in words alone."""
    near, far, cell = (number_of(given, name) for name in ("walk_near_m", "walk_far_m", "demand_cell_m"))
    return {
        "da": f"Den korte gangafstand er {number(near)} m, den lange {number(far)} m; kvadraterne er {number(cell)} m.",
        "en": (
            f"The short walking distance is {number(near, language='en')} m, the long one "
            f"{number(far, language='en')} m; squares are {number(cell, language='en')} m."
        ),
    }


def _unknown(given: Given, scene: Scene) -> list[Words]:
    notes: list[Words] = []
    if scene.chargers is None:
        notes.append(
            {
                "da": "Ladestanderne er ukendte: hvad der er dækket i dag, kan ikke siges.",
                "en": "The chargers are unknown: what is covered today cannot be said.",
            }
        )
    elif len(cast("pd.DataFrame", given.inputs["chargers"])) and not len(scene.chargers):
        notes.append(
            {
                "da": "Ingen af lagets ladestandere kan regnes med; der er regnet med, at der ingen er.",
                "en": "None of the layer's chargers can be counted; it was taken that there are none.",
            }
        )
    elif not len(scene.chargers):
        notes.append(
            {
                "da": (
                    "Laget med ladestandere er tomt, og der er regnet med, at der ingen er. Er de blot ikke kendt, "
                    "skal laget fjernes."
                ),
                "en": (
                    "The layer of chargers is empty, which was taken to mean that there are none. If they are "
                    "merely not known, leave the layer out."
                ),
            }
        )
    return notes


def _points(scene: Scene, first: dict[str, Range], last: dict[str, Range]) -> gpd.GeoDataFrame:
    doors = scene.doors
    return gpd.GeoDataFrame(
        {
            "address_id": doors["address_id"],
            "home": doors["home"],
            "dwellings": doors["dwellings"],
            "cars": scene.cars.cars,
            "ev_today": first["ev"].main,
            "ev_no_home_today": first["ev_no_home"].main,
            "kwh_today": first["kwh"].main,
            **last["ev"].columns("ev"),
            **last["ev_no_home"].columns("ev_no_home"),
            **last["kwh"].columns("kwh"),
        },
        geometry=doors.geometry.to_numpy(),
        crs=doors.crs,
    )


def _scenario_years(scene: Scene) -> pd.DataFrame:
    """Return the totals of the municipality: a row a scenario and year."""
    home = scene.home_share(MAIN)
    rows = []
    for scenario in SCENARIOS:
        for year in scene.cars.years:
            bev, phev = scene.cars.bev(scenario, year), scene.cars.phev(scenario, year)
            electric = bev + phev
            no_home = [float((electric * (1 - scene.home_share(bound))).sum()) for bound in (MAIN, HIGH, LOW)]
            kwh = [float(scene.kwh(scenario, year, bound).sum()) for bound in (MAIN, LOW, HIGH)]
            rows.append(
                (
                    scenario,
                    year,
                    float(scene.cars.cars.sum()),
                    float(bev.sum()),
                    float(phev.sum()),
                    float((electric * home).sum()),
                    *no_home,
                    *kwh,
                )
            )
    names = [column.name for column in _YEARS.columns]
    return pd.DataFrame(rows, columns=names)


def _address_years(scene: Scene, by_year: dict[int, dict[str, Range]]) -> pd.DataFrame:
    doors = scene.doors
    frames = [
        pd.DataFrame(
            {
                "address_id": doors["address_id"].to_numpy(),
                "year": np.full(len(doors), year, dtype=np.int64),
                "dwellings": doors["dwellings"].to_numpy(),
                **{key: values for name, each in ranges.items() for key, values in each.columns(name).items()},
            }
        )
        for year, ranges in by_year.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _cells(scene: Scene, last: dict[str, Range], cell_m: float) -> gpd.GeoDataFrame:
    """Return the demand on squares of the national grid, each known by its lower left corner."""
    corners, cell = squares(scene, cell_m)
    west, south = corners.T
    return gpd.GeoDataFrame(
        {"cell_id": square_ids(corners), **_summed(scene, last, cell, len(corners))},
        geometry=shapely.box(west, south, west + cell_m, south + cell_m),
        crs=scene.doors.crs,
    )


def squares(scene: Scene, cell_m: float) -> tuple[Floats, NDArray[np.int64]]:
    """Return the lower left corners of the squares that hold doors, float64[m, 2], and the square of each door."""
    corner = np.floor(shapely.get_coordinates(scene.doors.geometry.to_numpy()) / cell_m)
    corners, cell = np.unique(corner, axis=0, return_inverse=True)
    return corners * cell_m, cell.reshape(-1).astype(np.int64)


def square_ids(corners: Floats) -> list[str]:
    """Return the name of each square: east and north of its lower left corner, in metres."""
    return [f"{x:.0f}_{y:.0f}" for x, y in corners]


def _areas(given: Given, scene: Scene, last: dict[str, Range]) -> gpd.GeoDataFrame:
    """Return the demand of the areas that cars are counted in."""
    areas = gpd.GeoDataFrame(given.inputs["car_areas"]).sort_values("area_id", kind="stable")
    shapes = areas.drop_duplicates("area_id", keep="last").reset_index(drop=True)
    area = scene.cars.counted.area
    inside = area >= 0
    summed = _summed(scene, last, np.where(inside, area, len(shapes)), len(shapes) + 1)
    return gpd.GeoDataFrame(
        {"area_id": shapes["area_id"].astype(str), **{name: values[:-1] for name, values in summed.items()}},
        geometry=shapes.geometry.to_numpy(),
        crs=scene.doors.crs,
    )


def _summed(
    scene: Scene, last: dict[str, Range], group: NDArray[np.int64], groups: int
) -> dict[str, NDArray[np.generic]]:
    doors = scene.doors
    today = scene.cars.counted
    values = {
        "cars": scene.cars.cars,
        "ev_today": today.bev + today.phev,
        **{key: each for name, both in last.items() for key, each in both.columns(name).items()},
    }
    dwellings = np.bincount(group, doors["dwellings"].to_numpy(np.float64), groups).astype(np.int64)
    return {"dwellings": dwellings, **{name: np.bincount(group, each, groups) for name, each in values.items()}}


_DWELLINGS = count("dwellings", "boliger", "dwellings")
_CARS = of_homes("cars", "1", "biler", "cars")
_TODAY = of_homes("ev_today", "1", "elbiler i dag", "electric cars today")
_RANGES = (
    *_interval("ev", "1", "elbiler i målåret", "electric cars in the target year"),
    *_interval("ev_no_home", "1", "heraf uden ladning hjemme", "of them without charging at home"),
    *_interval("kwh", "kWh", "forbrug i målåret", "use in the target year"),
)
_COVERED = (
    of_homes(
        "covered_today_pct",
        "%",
        "uden ladning hjemme, med ledig offentlig lader inden for gang i dag",
        "without charging at home, with a free public charger in walking distance today",
    ),
    of_homes(
        "covered_target_pct",
        "%",
        "det samme i målåret uden nye ladere",
        "the same in the target year without new chargers",
    ),
)
"""Filled in by the part that weighs the target."""
_COVERED_FROM = count(
    "covered_from",
    "nye steder, før mindst halvdelen af elbilerne uden lader når en",
    "new sites before at least half of the electric cars without a charger reach one",
)
"""Filled in by the part that chooses new sites."""
_YEARS = OutputTable(
    "demand_years",
    "table",
    (
        text("scenario", "scenarie", "scenario", SCENARIO_CODES),
        count("year", "år", "year"),
        figure("cars", "1", "biler", "cars"),
        figure("bev", "1", "elbiler", "battery electric cars"),
        figure("phev", "1", "pluginhybrider", "plug-in hybrids"),
        figure("ev_home", "1", "kan lade hjemme", "can charge at home"),
        figure("ev_no_home", "1", "kan ikke lade hjemme", "cannot charge at home"),
        figure("ev_no_home_low", "1", "kan ikke lade hjemme, mindst", "cannot charge at home, at least"),
        figure("ev_no_home_high", "1", "kan ikke lade hjemme, højst", "cannot charge at home, at most"),
        figure("kwh", "kWh", "forbrug", "use"),
        figure("kwh_low", "kWh", "forbrug, mindst", "use, at least"),
        figure("kwh_high", "kWh", "forbrug, højst", "use, at most"),
    ),
)

_TABLES = (
    OutputTable(
        "demand",
        "point",
        (
            text("address_id", "adresse", "address"),
            text("home", "parkering hjemme", "parking at home", HOME_CODES),
            _DWELLINGS,
            _CARS,
            _TODAY,
            of_homes(
                "ev_no_home_today", "1", "heraf uden ladning hjemme i dag", "of them without charging at home today"
            ),
            of_homes("kwh_today", "kWh", "forbrug i dag", "use today"),
            *_RANGES,
            *_COVERED,
        ),
        homes=True,
    ),
    _YEARS,
    OutputTable(
        "demand_address_years",
        "table",
        (
            text("address_id", "adresse", "address"),
            count("year", "år", "year"),
            _DWELLINGS,
            *_interval("ev", "1", "elbiler", "electric cars"),
            *_interval("kwh", "kWh", "forbrug", "use"),
            *_interval("ev_no_home", "1", "uden ladning hjemme", "without charging at home"),
        ),
        homes=True,
    ),
    OutputTable(
        "demand_cells",
        "polygon",
        (text("cell_id", "kvadrat", "square"), _DWELLINGS, _CARS, _TODAY, *_RANGES, *_COVERED, _COVERED_FROM),
    ),
    OutputTable("demand_areas", "polygon", (text("area_id", "område", "area"), _DWELLINGS, _CARS, _TODAY, *_RANGES)),
    OutputTable(
        "reports",
        "table",
        (
            text("kind", "hvad", "what", KINDS),
            text("layer", "lag", "layer"),
            text("row_id", "række", "row"),
            figure("x_m", "m", "øst", "east"),
            figure("y_m", "m", "nord", "north"),
        ),
    ),
)


def _indicators(name: str, unit: str, da: str, en: str) -> tuple[Indicator, Indicator, Indicator]:
    return (
        Indicator(name, unit, da, en, significant=2),
        Indicator(f"{name}_low", unit, f"{da}, mindst", f"{en}, at least", significant=2),
        Indicator(f"{name}_high", unit, f"{da}, højst", f"{en}, at most", significant=2),
    )


DEMAND: Part[Scene] = Part(
    compute=_demand,
    inputs=SCENE_INPUTS,
    assumptions=(*SCENE_ASSUMPTIONS, Assumption("demand_cell_m", "m", minimum=10.0)),
    tables=_TABLES,
    indicators=(
        Indicator("cars", "1", "Personbiler i kommunen", "Cars in the municipality", significant=3),
        Indicator(
            "ev_today", "1", "Elbiler og pluginhybrider i dag", "Electric cars and plug-in hybrids today", significant=2
        ),
        *_indicators(
            "ev_target",
            "1",
            "Elbiler og pluginhybrider i målåret",
            "Electric cars and plug-in hybrids in the target year",
        ),
        *_indicators(
            "ev_no_home_target",
            "1",
            "Elbiler uden ladning hjemme i målåret",
            "Electric cars without charging at home in the target year",
        ),
        *_indicators("kwh_target", "kWh", "Elbilernes forbrug i målåret", "What electric cars use in the target year"),
    ),
    limits=(
        {
            "da": "Firmabiler, varebiler, gæster og gennemkørende er ikke med; bilernes antal står stille.",
            "en": "Company cars, vans, guests and through traffic are left out; the number of cars stays.",
        },
        {
            "da": (
                "Biler er kun talt for områder: hvad der står ved en adresse, er områdets tal fordelt efter "
                "boligernes art, ikke adressens egne biler."
            ),
            "en": (
                "Cars are counted by area alone: what stands at an address is its area's number shared out by kind "
                "of dwelling, not its own cars."
            ),
        },
    ),
)
"""Demand: homes, areas and squares, years and scenarios."""
