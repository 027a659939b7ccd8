"""Shares of pupils with a low-stress route: by school, class level, district, income, and by rule set."""

from __future__ import annotations

from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._dark import in_the_dark
from ballerup_geo.methods.school_routes._income import groups_by_income
from ballerup_geo.methods.school_routes._journeys import NO_ROUTE, Which
from ballerup_geo.methods.school_routes._pupils import LEVELS
from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.methods.school_routes._streets import numbers
from ballerup_geo.methods.school_routes._told import share_told
from ballerup_geo.methods.school_routes._ways import entitled_of
from ballerup_geo.methods.school_routes._words import LEVEL_WORDS, NOTES, RULE_WORDS
from ballerup_geo.network import RULES
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable

__all__ = ["SHARES", "Shares"]

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]


class Shares:
    """Counts pupils by any division of the ways to school; a share is one of those with a known legal route."""

    def __init__(self, given: Given, scene: Scene) -> None:
        self.scene = scene
        self.pupils: Numbers = np.where(scene.routed, scene.trips.pupils, 0.0)
        self.entitled = entitled_of(given, scene)
        self.dark = in_the_dark(scene)
        self.least = int(cast(int, given.assumptions["flow_rounding"]))

    def total(self, group: Rows, size: int, among: NDArray[np.bool_] | None = None) -> Numbers:
        """Return the pupils of each part (−1: of none), of all ways or of some."""
        mine = group >= 0 if among is None else (group >= 0) & among
        return np.bincount(group[mine], weights=self.pupils[mine], minlength=size).astype(np.float64)

    def pct(self, group: Rows, size: int, holds: NDArray[np.bool_]) -> Numbers:
        """Return the share of the pupils of each part for whom something holds, percent, as it may be told.

        NaN where nobody is, or too few; see `share_told`.
        """
        return share_told(self.total(group, size, holds), self.total(group, size), self.least)

    def calm(self, which: Which, threshold: int | NDArray[np.int8]) -> NDArray[np.bool_]:
        """Return ``bool[k]``: a route of at most some stress is there, by a rule set and bound."""
        return _calm(self.scene.journeys.need[which], threshold)

    def interval(self, group: Rows, size: int, threshold: int | NDArray[np.int8]) -> tuple[Numbers, Numbers, Numbers]:
        """Return a share by the chosen rule set, cautious, and the least and most over rule sets and missing data.

        Rule sets for streets and for crossings, each of the former with each of the latter.
        """
        journeys = self.scene.journeys
        main = self.pct(group, size, self.calm((journeys.rules, True), threshold))
        needs = [(cautious, need) for (_, cautious), need in journeys.need.items()]
        needs += [(cautious, need) for (_, _, cautious), need in journeys.need_otherwise.items()]
        least = [self.pct(group, size, _calm(need, threshold)) for cautious, need in needs if cautious]
        most = [self.pct(group, size, _calm(need, threshold)) for cautious, need in needs if not cautious]
        return main, np.asarray(np.min(least, axis=0)), np.asarray(np.max(most, axis=0))

    def columns(self, group: Rows, size: int) -> dict[str, Any]:
        """Return the columns that every table of shares has."""
        found: dict[str, Any] = {"pupils": whole(self.total(group, size))}
        for name, threshold in _thresholds(self.scene).items():
            parts = zip(("", "_least", "_most"), self.interval(group, size, threshold), strict=True)
            found |= {f"{name}{part}_pct": np.round(values, 2) for part, values in parts}
        found["dark_pct"] = (
            np.full(size, np.nan) if self.dark is None else np.round(self.pct(group, size, self.dark), 2)
        )
        found["entitled"] = whole(self.total(group, size, self.entitled))
        return found


def _calm(need: NDArray[np.int8], threshold: int | NDArray[np.int8]) -> NDArray[np.bool_]:
    return np.asarray((need != NO_ROUTE) & (need <= threshold))


def _thresholds(scene: Scene) -> dict[str, int | NDArray[np.int8]]:
    """Return the stress that shares are told for: what each class accepts, and both thresholds side by side."""
    return {"accepted": scene.journeys.accepted, "lts1": 1, "lts2": 2}


def whole(values: Numbers) -> NDArray[np.int64]:
    """Return counts as whole numbers."""
    counts: NDArray[np.int64] = np.round(values).astype(np.int64)
    return counts


def _shares(given: Given, scene: Scene, _: Found) -> Found:
    given.progress("shares", 0.75)
    shares, trips = Shares(given, scene), scene.trips
    everyone = np.zeros(len(trips.site), np.int64)
    least = int(cast(int, given.assumptions["flow_rounding"]))
    districts = cast("gpd.GeoDataFrame | None", given.inputs.get("school_districts"))
    areas = cast("gpd.GeoDataFrame | None", given.inputs.get("statistics_areas"))
    area = _area_of(scene, areas)
    tables = {
        "by_school": _by_school(scene, shares),
        "by_level": pd.DataFrame(
            {"level": [level.name for level in LEVELS], **shares.columns(trips.level.astype(np.int64), len(LEVELS))}
        ),
        "by_district": _by_shape(districts, ("school", "class_from", "class_to"), trips.district, shares),
        "by_area": _by_shape(areas, ("area_id",), area, shares),
        "by_income": _by_income(given, shares, areas, area),
        "by_rules": _by_rules(shares, everyone),
    }
    tables = {name: _with_pupils(table) for name, table in tables.items()}
    notes = (NOTES["no_areas"],) if areas is None else ()
    return Found(tables=tables, indicators=_indicators(scene, shares, everyone, least), notes=notes)


def _with_pupils(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows without a pupil: they tell nothing, and withholding what is small would cover for them."""
    return table[table["pupils"] > 0].reset_index(drop=True)


def _by_school(scene: Scene, shares: Shares) -> gpd.GeoDataFrame:
    schools = scene.trips.schools
    names = {name: schools[name].astype(object) for name in ("school_id", "school", "site")}
    columns = shares.columns(scene.trips.site.astype(np.int64), len(schools))
    return gpd.GeoDataFrame({**names, **columns}, geometry=schools.geometry.to_numpy(), crs=CRS)


def _by_shape(
    shapes: gpd.GeoDataFrame | None, names: tuple[str, ...], group: NDArray[Any], shares: Shares
) -> gpd.GeoDataFrame:
    if shapes is None:
        shapes = gpd.GeoDataFrame({name: [] for name in names}, geometry=gpd.GeoSeries([], crs=CRS), crs=CRS)
    columns = shares.columns(group.astype(np.int64), len(shapes))
    kept = {name: shapes[name].to_numpy() for name in names}
    return gpd.GeoDataFrame({**kept, **columns}, geometry=shapes.geometry.to_numpy(), crs=CRS)


def _area_of(scene: Scene, areas: gpd.GeoDataFrame | None) -> Rows:
    """Return the row of the statistics area that each way begins in, −1 for none."""
    trips = scene.trips
    of_home = np.full(len(trips.homes), -1, np.int64)
    if areas is not None:
        row, area = shapely.STRtree(areas.geometry.to_numpy()).query(
            trips.homes.geometry.to_numpy(), predicate="intersects"
        )
        of_home[row[::-1]] = area[::-1]
    return of_home[trips.home]


def _by_income(given: Given, shares: Shares, areas: gpd.GeoDataFrame | None, area: Rows) -> pd.DataFrame:
    size = int(cast(int, given.assumptions["income_groups"]))
    if areas is None or not np.isfinite(numbers(areas, "income_dkk")).any():
        size, group = 0, np.full(len(area), -1, np.int64)
        income = np.empty((0, 2))
    else:
        of_area, income = groups_by_income(numbers(areas, "income_dkk"), numbers(areas, "residents"), size)
        group = np.append(of_area, -1)[area]
    return pd.DataFrame(
        {
            "income_group": np.arange(1, size + 1),
            "income_from_dkk": income[:, 0],
            "income_to_dkk": income[:, 1],
            **shares.columns(group, size),
        }
    )


def _by_rules(shares: Shares, everyone: Rows) -> pd.DataFrame:
    """Tell what each rule set says, cautious and lenient about missing data: where they disagree is seen."""
    rows: list[dict[str, Any]] = []
    for rules in RULES:
        row: dict[str, Any] = {"rules": rules, "pupils": int(whole(shares.total(everyone, 1))[0])}
        for name, threshold in _thresholds(shares.scene).items():
            for part, cautious in (("least", True), ("most", False)):
                share = shares.pct(everyone, 1, shares.calm((rules, cautious), threshold))
                row[f"{name}_{part}_pct"] = round(float(share[0]), 2)
        rows.append(row)
    return pd.DataFrame(rows)


def _indicators(scene: Scene, shares: Shares, everyone: Rows, told_from: int) -> dict[str, float | None]:
    trips, journeys = scene.trips, scene.journeys
    found: dict[str, float | None] = {}
    for name, threshold in _thresholds(scene).items():
        main, least, most = shares.interval(everyone, 1, threshold)
        found |= {f"{name}_pct": _known(main), f"{name}_least_pct": _known(least), f"{name}_most_pct": _known(most)}
    for group in scene.groups:
        mine = np.where(group.pupils > 0.0, 0, -1)
        calm = shares.calm((journeys.rules, True), group.accepted)
        found[f"low_{group.name}_pct"] = _known(shares.pct(mine, 1, calm))
    found["dark_pct"] = None if shares.dark is None else _known(shares.pct(everyone, 1, shares.dark))
    found["pupils"] = float(np.round(shares.total(everyone, 1)[0]))
    found["pupils_unknown"] = _withheld(trips.pupils[~scene.routed].sum(), told_from)
    found["entitled"] = _withheld(shares.total(everyone, 1, shares.entitled)[0], told_from)
    return found


def _withheld(pupils: float, least: int) -> float | None:
    """Return a count of pupils, None where it is so small that it could tell of somebody."""
    count = float(np.round(pupils))
    return None if 0.0 < count < least else count


def _known(values: Numbers) -> float | None:
    return float(values[0]) if np.isfinite(values[0]) else None


# ---------------------------------------------------------------- what is declared


def _of_pupils(name: str, da: str, en: str) -> OutputColumn:
    return figure(name, "%", da, en, behind="pupils")


def _three(name: str, da: str, en: str) -> tuple[OutputColumn, ...]:
    words = (("", "", ""), ("_least", ", mindst", ", at least"), ("_most", ", højst", ", at most"))
    return tuple(_of_pupils(f"{name}{part}_pct", f"{da}{more}", f"{en}{also}") for part, more, also in words)


_PUPILS = OutputColumn("pupils", "integer", None, "elever", "pupils", behind="pupils")
_COLUMNS = (
    _PUPILS,
    *_three("accepted", "har lavstress-rute efter klassetrin", "have a low-stress route for their class"),
    *_three("lts1", "har lavstress-rute på trin 1", "have a low-stress route of level 1"),
    *_three("lts2", "har lavstress-rute på trin 1–2", "have a low-stress route of level 1–2"),
    _of_pupils("dark_pct", "har lavstress-rute i mørke", "have a low-stress route in the dark"),
    OutputColumn(
        "entitled",
        "integer",
        None,
        "bor længere væk end lovens afstand",
        "live beyond the law's distance",
        behind="entitled",
    ),
)
_CLASSES = (count("class_from", "fra klasse", "from class"), count("class_to", "til klasse", "to class"))


def _table(name: str, geometry: Any, *columns: OutputColumn) -> OutputTable:
    return OutputTable(name, geometry, (*columns, *_COLUMNS))


def _pct(name: str, da: str, en: str) -> Indicator:
    return Indicator(name, "%", da, en)


SHARES: Part[Scene] = Part(
    compute=_shares,
    inputs=(
        Input(
            "statistics_areas",
            "polygon",
            columns=("area_id",),
            optional_columns=("income_dkk", "residents"),
            required=False,
        ),
    ),
    assumptions=(Assumption("income_groups", "1", "integer", minimum=1, maximum=10),),
    tables=(
        _table(
            "by_school",
            "point",
            text("school_id", "skole-id", "school id"),
            text("school", "skole", "school"),
            text("site", "afdeling", "site"),
        ),
        _table("by_level", "table", text("level", "klassetrin", "class level", LEVEL_WORDS)),
        _table("by_district", "polygon", text("school", "skoledistrikt", "school district"), *_CLASSES),
        _table("by_area", "polygon", text("area_id", "statistikområde", "statistics area")),
        _table(
            "by_income",
            "table",
            count("income_group", "indkomstgruppe, 1 den laveste", "income group, 1 the lowest"),
            OutputColumn("income_from_dkk", "number", "DKK/year", "indkomst fra", "income from"),
            OutputColumn("income_to_dkk", "number", "DKK/year", "til", "to"),
        ),
        OutputTable(
            "by_rules",
            "table",
            (
                text("rules", "regelsæt", "rule set", RULE_WORDS),
                _PUPILS,
                *(
                    _of_pupils(f"{name}_{part}_pct", f"{da}, {more}", f"{en}, {also}")
                    for name, da, en in (
                        ("accepted", "som klassetrinnet tåler", "that the class accepts"),
                        ("lts1", "på trin 1", "of level 1"),
                        ("lts2", "på trin 1–2", "of level 1–2"),
                    )
                    for part, more, also in (("least", "mindst", "at least"), ("most", "højst", "at most"))
                ),
            ),
        ),
    ),
    indicators=(
        _pct("accepted_pct", "Elever med en lavstress-rute til skole", "Pupils with a low-stress route to school"),
        _pct("accepted_least_pct", "Det samme, mindst", "The same, at least"),
        _pct("accepted_most_pct", "Det samme, højst", "The same, at most"),
        _pct("low_0_3_pct", "Heraf børnehaveklasse–3. klasse", "Of them classes 0–3"),
        _pct("low_4_10_pct", "Heraf 4.–10. klasse", "Of them classes 4–10"),
        _pct("lts1_pct", "Elever med en rute på trin 1", "Pupils with a route of level 1"),
        _pct("lts1_least_pct", "Rute på trin 1, mindst", "Route of level 1, at least"),
        _pct("lts1_most_pct", "Rute på trin 1, højst", "Route of level 1, at most"),
        _pct("lts2_pct", "Elever med en rute på trin 1–2", "Pupils with a route of level 1–2"),
        _pct("lts2_least_pct", "Rute på trin 1–2, mindst", "Route of level 1–2, at least"),
        _pct("lts2_most_pct", "Rute på trin 1–2, højst", "Route of level 1–2, at most"),
        _pct("dark_pct", "Elever med en lavstress-rute i mørke", "Pupils with a low-stress route in the dark"),
        Indicator("pupils", "1", "Elever, der er fulgt til skole", "Pupils followed to school"),
        Indicator("pupils_unknown", "1", "Elever uden kendt skole eller rute", "Pupils without known school or route"),
        Indicator(
            "entitled",
            "1",
            "Elever, der bor længere fra skolen end lovens afstand",
            "Pupils who live farther from school than the law's distance",
        ),
    ),
)
