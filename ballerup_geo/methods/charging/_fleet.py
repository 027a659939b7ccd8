"""Answer 6: the plan's chargers for the municipal fleet, shared out over its bases; what they could give at night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.charging._cars import MAIN
from ballerup_geo.methods.charging._empty import empty_table
from ballerup_geo.methods.charging._reports import KINDS
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable, Text
from ballerup_geo.spec.words import number

__all__ = ["FLEET", "share_of_chargers"]

Floats = NDArray[np.float64]

SHIFTS: Mapping[str, Text] = {
    "day": Text(da="om dagen", en="by day"),
    "day_evening": Text(da="dag og aften", en="day and evening"),
    "round_the_clock": Text(da="hele døgnet", en="round the clock"),
}
DAYS_A_YEAR = 365.0
FLEET_ACCESS = "fleet"


def share_of_chargers(
    total: int, weight: Floats, *, known: NDArray[np.int64], most: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Share chargers out over bases by weight (Sainte-Laguë: the next goes where weight / (2 · has + 1) is greatest).

    The chargers that a base has, it keeps; beyond them none gets more than its most. Where all are full, chargers are
    left over.

    Examples
    --------
    >>> none, weight, room = np.zeros(3, np.int64), np.array([4.0, 2.0, 1.0]), np.array([9, 9, 9])
    >>> share_of_chargers(7, weight, known=none, most=room).tolist()
    [4, 2, 1]
    >>> share_of_chargers(7, weight, known=none, most=np.array([2, 9, 9])).tolist()
    [2, 3, 2]
    >>> share_of_chargers(7, weight, known=np.array([0, 0, 4]), most=room).tolist()
    [2, 1, 4]
    """
    has = known.astype(np.int64)
    for _ in range(total - int(has.sum())):
        claim = np.where(has < most, weight / (2 * has + 1), -1.0)
        if not len(claim) or claim.max() < 0:
            break
        has[int(np.argmax(claim))] += 1
    return has


def _fleet(given: Given, scene: Scene, _found: Found) -> Found:
    bases = cast("gpd.GeoDataFrame | None", given.inputs["fleet_bases"])
    known = _known_plugs(scene)
    indicators = {"fleet_chargers": None if known is None else float(known)}
    if bases is None:
        return Found(
            tables={"fleet": empty_table(_TABLE)},
            indicators={**indicators, "fleet_missing": None, "night_kwh": None},
            notes=(_NO_BASES,),
        )
    table, left, odd = _table(given, scene, bases)
    notes: list[Words] = [_without_km(odd)] if odd else []
    if left:
        notes.append(_left_over(left))
    missing = None if known is None else float(table["missing"].sum())
    return Found(
        tables={"fleet": table},
        indicators={**indicators, "fleet_missing": missing, "night_kwh": float(table["night_kwh"].sum())},
        notes=tuple(notes),
    )


def _known_plugs(scene: Scene) -> int | None:
    if scene.chargers is None:
        return None
    return int(scene.chargers.loc[(scene.chargers["access"] == FLEET_ACCESS).to_numpy(bool), "plugs"].sum())


def _table(given: Given, scene: Scene, bases: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int, int]:
    """Return a row a base, how many chargers no base has room for, and how many bases tell no mileage.

    The fleet's chargers that stand at no base are part of the plan's number, and are not shared out again.
    """
    ordered = bases.sort_values("base_id", kind="stable").reset_index(drop=True)
    vehicles = ordered["vehicles"].to_numpy(np.int64)
    km, odd = _mileage(ordered, number_of(given, "fleet_km_unknown"))
    kwh_a_day = vehicles * km * number_of(given, "fleet_kwh_per_km") / DAYS_A_YEAR
    hours = _hours(given, ordered)
    kw = number_of(given, "fleet_charger_kw")
    busy = np.divide(kwh_a_day, hours * kw, out=np.full(len(hours), np.inf), where=hours > 0)
    there = _plugs_at(scene, ordered, number_of(given, "fleet_base_m"))
    elsewhere = (_known_plugs(scene) or 0) - int(np.maximum(there, 0).sum())
    total = max(0, int(given.assumptions["fleet_chargers_target"]) - elsewhere)
    weight = np.where(np.isfinite(busy), busy, vehicles)
    chargers = share_of_chargers(total, weight, known=np.maximum(there, 0), most=vehicles)
    night = _night_hours(kwh_a_day, chargers, kw=kw, free_h=hours, window_h=number_of(given, "night_window_h"))
    table = gpd.GeoDataFrame(
        {
            "base_id": ordered["base_id"].astype(str),
            "name": ordered["name"].astype(object) if "name" in ordered else None,
            "vehicles": vehicles,
            "km_per_year": km,
            "shift": ordered["shift"].astype(object) if "shift" in ordered else None,
            "kwh_per_day": kwh_a_day,
            "least": np.minimum(np.ceil(weight), vehicles).astype(np.int64),
            "chargers": chargers,
            "known": there,
            "missing": np.maximum(chargers - np.maximum(there, 0), 0),
            "power_kw": chargers * kw,
            "night_hours": night,
            "night_kwh": night * chargers * kw,
            **_near(given, scene, ordered),
        },
        geometry=ordered.geometry.to_numpy(),
        crs=bases.crs,
    )
    return table, max(0, total - int(chargers.sum())), odd


def _mileage(bases: gpd.GeoDataFrame, unknown_km: float) -> tuple[Floats, int]:
    if "km_per_year" not in bases:
        return np.full(len(bases), unknown_km), len(bases)
    km = bases["km_per_year"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(km), unknown_km, km), int(np.isnan(km).sum())


def _hours(given: Given, bases: gpd.GeoDataFrame) -> Floats:
    """Return the hours a day that a vehicle of each base stands there; of an unknown shift those of the day shift."""
    shift = bases["shift"].astype(object).to_numpy() if "shift" in bases else np.full(len(bases), None, dtype=object)
    known = {name: number_of(given, f"hours_home_{name}") for name in SHIFTS}
    return np.array([known.get(each, known["day"]) for each in shift], dtype=np.float64)


def _plugs_at(scene: Scene, bases: gpd.GeoDataFrame, reach_m: float) -> NDArray[np.int64]:
    """Return the fleet's plugs at each base, each counted at the nearest; −1: chargers are unknown."""
    if scene.chargers is None:
        return np.full(len(bases), -1, dtype=np.int64)
    fleet = scene.chargers[(scene.chargers["access"] == FLEET_ACCESS).to_numpy(bool)]
    if not len(bases) or not len(fleet):
        return np.zeros(len(bases), dtype=np.int64)
    plug, base = shapely.STRtree(bases.geometry.to_numpy()).query_nearest(
        fleet.geometry.to_numpy(), max_distance=reach_m, all_matches=False
    )
    return np.bincount(base, fleet["plugs"].to_numpy()[plug], len(bases)).astype(np.int64)


def _night_hours(
    kwh_a_day: Floats, chargers: NDArray[np.int64], *, kw: float, free_h: Floats, window_h: float
) -> Floats:
    """Return the hours a night that each charger is left to the public, once the fleet has charged.

    The fleet charges while its vehicles stand there; what it does not need of the night is the public's. A base whose
    vehicles are out all night leaves the whole night.
    """
    power = chargers * kw
    own = np.divide(kwh_a_day, power, out=np.full(len(power), np.inf), where=power > 0)
    before_night = np.maximum(free_h - window_h, 0.0)
    needed = np.maximum(own - before_night, 0.0)
    return np.where(power > 0, np.maximum(window_h - needed, 0.0), 0.0)


def _near(given: Given, scene: Scene, bases: gpd.GeoDataFrame) -> dict[str, NDArray[np.generic]]:
    """Return the dwellings, and the target year's cars without charging at home, within a short walk of each base."""
    ways = scene.walk.to_sites(bases.geometry, limit_m=number_of(given, "walk_near_m")).tocoo()
    cars = scene.without_home(MAIN, scene.cars.target_year)
    homes = scene.doors["dwellings"].to_numpy(np.float64)
    return {
        "night_dwellings": np.bincount(ways.col, homes[ways.row], len(bases)).astype(np.int64),
        "night_cars": np.bincount(ways.col, cars[ways.row], len(bases)).astype(np.float64),
    }


def _without_km(rows: int) -> Words:
    return {
        "da": f"{number(rows)} × {KINDS['base_without_km'].da}.",
        "en": f"{number(rows, language='en')} × {KINDS['base_without_km'].en}.",
    }


def _left_over(chargers: int) -> Words:
    return {
        "da": f"{number(chargers)} af flådens ladere er ikke fordelt: der er flere ladere end biler på baserne.",
        "en": (
            f"{number(chargers, language='en')} of the fleet's chargers are not shared out: the bases have fewer "
            "vehicles."
        ),
    }


_NO_BASES: Words = {
    "da": "Baserne for kommunens biler er ukendte: flådens ladere er ikke fordelt.",
    "en": "The bases of the municipal fleet are unknown: its chargers are not shared out.",
}
_TABLE = OutputTable(
    "fleet",
    "point",
    (
        text("base_id", "base", "base"),
        text("name", "navn", "name"),
        count("vehicles", "biler", "vehicles"),
        figure("km_per_year", "km", "kørsel pr. bil om året", "driven by a vehicle a year"),
        text("shift", "hvornår bilerne er ude", "when the vehicles are out", SHIFTS),
        figure("kwh_per_day", "kWh", "forbrug pr. døgn", "use a day"),
        count(
            "least",
            "ladere mindst, hvis de bruges hele tiden bilerne holder",
            "chargers at least, if in use whenever vehicles stand",
        ),
        count("chargers", "ladere efter planens antal", "chargers out of the plan's number"),
        count("known", "kendte ladere (−1: ukendt)", "known chargers (−1: unknown)"),
        count("missing", "ladere, der mangler", "chargers missing"),
        figure("power_kw", "kW", "effekt i alt", "power in all"),
        figure("night_hours", "h", "timer om natten til andre", "hours at night for others"),
        figure("night_kwh", "kWh", "energi om natten til andre", "energy at night for others"),
        count("night_dwellings", "boliger inden for kort gang", "dwellings within a short walk"),
        OutputColumn(
            "night_cars",
            "number",
            "1",
            "elbiler uden ladning hjemme inden for kort gang",
            "electric cars without charging at home within a short walk",
            behind="night_dwellings",
        ),
    ),
)

FLEET: Part[Scene] = Part(
    compute=_fleet,
    inputs=(
        Input(
            "fleet_bases",
            "point",
            columns=("base_id", "vehicles"),
            optional_columns=("name", "km_per_year", "shift"),
            required=False,
        ),
    ),
    assumptions=(
        Assumption("fleet_chargers_target", "1", kind="integer", minimum=0),
        Assumption("fleet_km_unknown", "km", minimum=0.0),
        Assumption("fleet_kwh_per_km", "kWh/km", minimum=0.0),
        Assumption("fleet_charger_kw", "kW", minimum=0.1),
        *(Assumption(f"hours_home_{shift}", "h", minimum=0.0, maximum=24.0) for shift in SHIFTS),
        Assumption("night_window_h", "h", minimum=0.0, maximum=24.0),
        Assumption("fleet_base_m", "m", minimum=0.0),
    ),
    tables=(_TABLE,),
    indicators=(
        Indicator(
            "fleet_chargers",
            "1",
            "Kendte ladere til kommunens egne biler",
            "Known chargers for the municipality's own vehicles",
        ),
        Indicator("fleet_missing", "1", "Ladere, der mangler på baserne", "Chargers missing at the bases"),
        Indicator(
            "night_kwh",
            "kWh",
            "Energi, flådens ladere kan give andre om natten",
            "Energy that the fleet's chargers can give others at night",
            significant=2,
        ),
    ),
    limits=(
        {
            "da": "Om en base må åbnes for andre om natten, og om bilerne kan lade om natten, er ikke undersøgt.",
            "en": (
                "Whether a base may be opened to others at night, and whether vehicles can charge then, has not "
                "been looked into."
            ),
        },
    ),
)
"""The fleet's chargers by base."""
