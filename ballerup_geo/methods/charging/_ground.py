"""Read the scene of the charging analysis from its layers and assumptions."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods.charging._cars import (
    HIGH,
    LOW,
    MAIN,
    SCENARIOS,
    Cars,
    Counted,
    Shares,
    counted_cars,
    share_out,
)
from ballerup_geo.methods.charging._homes import HOMES, Ground, ground_under, home_class, unknown_ground
from ballerup_geo.methods.charging._reports import Report
from ballerup_geo.methods.charging._scene import Energy, Scene
from ballerup_geo.methods.charging._supply import counted_chargers, counted_parking, plugs_on
from ballerup_geo.methods.charging._walk import walk_of
from ballerup_geo.spec import Assumption, Given, Input

__all__ = ["SCENE_ASSUMPTIONS", "SCENE_INPUTS", "scene_of", "table_of"]

BOUNDS = (LOW, MAIN, HIGH)
PERCENT = 100.0

SCENE_INPUTS = (
    Input("municipality", "polygon", columns=("name",)),
    Input("addresses", "point", columns=("address_id", "building_id", "dwellings"), optional_columns=("residents",)),
    Input("buildings", "polygon", columns=("building_id", "use_code")),
    Input("parcels", "polygon", columns=("parcel_id", "owner_kind"), optional_columns=("owner_name",), required=False),
    Input("car_areas", "polygon", columns=("area_id", "cars", "year"), optional_columns=("electric", "plug_in")),
    Input(
        "roads",
        "line",
        columns=("road_id",),
        optional_columns=("name", "class", "owner", "level", "walking_allowed", "parking_sides"),
    ),
    Input("stations", "point", columns=("station_id", "name"), optional_columns=("kind",), required=False),
    Input(
        "chargers",
        "point",
        columns=("charger_id", "plugs", "power_kw"),
        optional_columns=("access", "operator", "hours"),
        required=False,
    ),
    Input(
        "parking",
        "polygon",
        columns=("parking_id",),
        optional_columns=("name", "spaces", "access", "owner_kind", "building_use"),
        required=False,
    ),
)


def _percent(name: str) -> Assumption:
    return Assumption(name, "%", minimum=0.0, maximum=100.0)


SCENE_ASSUMPTIONS = (
    Assumption("target_year", "år", kind="integer", minimum=2000, maximum=2100),
    *(_percent(f"ev_share_{scenario}_pct") for scenario in SCENARIOS),
    *(_percent(f"phev_share_{scenario}_pct") for scenario in SCENARIOS),
    _percent("ev_share_unknown_pct"),
    _percent("phev_share_unknown_pct"),
    *(Assumption(f"cars_per_dwelling_{kind}", "1", minimum=0.0) for kind in HOMES),
    *(Assumption(f"appetite_today_{kind}", "1", minimum=0.0) for kind in HOMES),
    *(Assumption(f"appetite_target_{kind}", "1", minimum=0.0) for kind in HOMES),
    Assumption("own_parking_free_m2", "m²", minimum=0.0),
    Assumption("own_parking_dwellings_max", "1", minimum=1.0),
    *(_percent(f"home_share_{kind}_{bound}_pct") for kind in HOMES for bound in BOUNDS),
    *(Assumption(f"bev_kwh_per_year_{bound}", "kWh", minimum=0.0) for bound in BOUNDS),
    _percent("phev_energy_pct"),
    _percent("away_share_home_pct"),
    _percent("away_share_no_home_pct"),
    Assumption("space_m2", "m²", minimum=1.0),
    Assumption("same_charger_m", "m", minimum=0.0),
    Assumption("charger_on_parking_m", "m", minimum=0.0),
    Assumption("same_parking_pct", "%", minimum=1.0, maximum=100.0),
    Assumption("network_snap_m", "m", minimum=0.0),
    Assumption("network_off_m", "m", minimum=0.0),
)


def table_of(given: Given, name: str) -> gpd.GeoDataFrame | None:
    """Return a layer of features, None where it is unknown."""
    return cast("gpd.GeoDataFrame | None", given.inputs[name])


def _needed(given: Given, name: str) -> gpd.GeoDataFrame:
    return cast(gpd.GeoDataFrame, given.inputs[name])


def _share(given: Given, name: str) -> float:
    return number_of(given, name) / PERCENT


def scene_of(given: Given) -> Scene:
    """Read the scene.

    Raises
    ------
    MethodError
        There are no dwellings, cars were counted after the target year, more electric cars are expected than cars, or
        a low assumption lies above the main or high one.
    DataError
        The counts of cars cannot be (see ``counted_cars``); addresses that stand more than once.
    """
    _refuse_disordered(given)
    town = _needed(given, "municipality")
    outline = shapely.union_all(town.geometry.to_numpy())
    doors, reports = _doors(given)
    given.progress("sharing out the cars", 0.1)
    cars, more = _cars(given, doors)
    reports += more
    chargers, parking = table_of(given, "chargers"), table_of(given, "parking")
    if chargers is not None:
        chargers, more = counted_chargers(chargers, outline, same_place_m=number_of(given, "same_charger_m"))
        reports += more
    if parking is not None:
        parking, more = counted_parking(
            parking,
            space_m2=number_of(given, "space_m2"),
            same_share=number_of(given, "same_parking_pct") / 100.0,
        )
        parking = parking.assign(plugs=_plugs(given, parking, chargers))
        reports += more
    given.progress("walking network", 0.2)
    walk, more = walk_of(
        _needed(given, "roads"),
        doors.geometry,
        ids=doors["address_id"],
        snap_m=number_of(given, "network_snap_m"),
        max_off_m=number_of(given, "network_off_m"),
    )
    return Scene(
        town=outline,
        town_name=str(town["name"].iloc[0]),
        doors=doors,
        cars=cars,
        energy=_energy(given),
        walk=walk,
        chargers=chargers,
        parking=parking,
        buildings=_needed(given, "buildings"),
        parcels=table_of(given, "parcels"),
        roads=_needed(given, "roads"),
        stations=table_of(given, "stations"),
        reports=(*reports, *more),
    )


def _refuse_disordered(given: Given) -> None:
    """Refuse bounds that would turn an interval around."""
    rising = (
        ["ev_share_low_pct", "ev_share_main_pct", "ev_share_high_pct"],
        *([f"home_share_{kind}_{bound}_pct" for bound in BOUNDS] for kind in HOMES),
        [f"bev_kwh_per_year_{bound}" for bound in BOUNDS],
        ["utilisation_low_pct", "utilisation_pct", "utilisation_high_pct"],
        ["walk_near_m", "walk_far_m"],
    )
    for names in rising:
        values = [number_of(given, name) for name in names]
        if values != sorted(values):
            what = f"{', '.join(names)} are {', '.join(f'{value:g}' for value in values)}"
            raise MethodError(Fault("charging", names[0], what, "let none be less than the one before it"))


def _plugs(given: Given, parking: gpd.GeoDataFrame, chargers: gpd.GeoDataFrame | None) -> NDArray[np.int64]:
    """Return the plugs on each parking area that others than the municipality's own vehicles may use; −1: unknown."""
    if chargers is None:
        return np.full(len(parking), -1, dtype=np.int64)
    others = chargers[(chargers["access"] != "fleet").to_numpy(bool)]
    return plugs_on(parking, gpd.GeoDataFrame(others), reach_m=number_of(given, "charger_on_parking_m"))


def _doors(given: Given) -> tuple[gpd.GeoDataFrame, list[Report]]:
    """Return the addresses with dwellings and how a car is charged there, in the order of ``address_id``."""
    addresses = _needed(given, "addresses")
    if not addresses["address_id"].is_unique:
        raise DataError(Fault("layer addresses", "address_id", "an address stands more than once", "deliver each once"))
    homes = addresses[(addresses["dwellings"].astype("Int64").fillna(0) > 0).to_numpy(bool)]
    if not len(homes):
        what = "no address has a dwelling"
        raise MethodError(Fault("layer addresses", "dwellings", what, "deliver addresses with their dwellings"))
    homes = homes.sort_values("address_id", kind="stable").reset_index(drop=True)
    buildings, parcels = _needed(given, "buildings"), table_of(given, "parcels")
    ground = None if parcels is None else ground_under(gpd.GeoDataFrame(homes), parcels, buildings)
    use = buildings.drop_duplicates("building_id").set_index("building_id")["use_code"].reindex(homes["building_id"])
    kind = home_class(
        ground,
        use,
        free_min_m2=number_of(given, "own_parking_free_m2"),
        dwellings_max=number_of(given, "own_parking_dwellings_max"),
    )
    doors = gpd.GeoDataFrame(
        {
            "address_id": homes["address_id"].astype(str),
            "building_id": homes["building_id"].astype(str),
            "dwellings": homes["dwellings"].astype(np.int64),
            "residents": _residents(homes),
            "home": kind,
            "owner_kind": np.full(len(homes), None, dtype=object) if ground is None else ground.owner_kind,
            "parcel": np.full(len(homes), -1, dtype=np.int64) if ground is None else ground.parcel,
        },
        geometry=homes.geometry.to_numpy(),
        crs=addresses.crs,
    )
    return doors, _odd_doors(doors, use, ground)


def _residents(homes: gpd.GeoDataFrame) -> NDArray[np.int64]:
    if "residents" not in homes:
        return np.full(len(homes), -1, dtype=np.int64)
    known: NDArray[np.int64] = homes["residents"].astype("Int64").fillna(-1).to_numpy(np.int64)
    return known


def _odd_doors(doors: gpd.GeoDataFrame, use: pd.Series[int], ground: Ground | None) -> list[Report]:
    lost = doors[use.isna().to_numpy(bool)]
    reports = [
        Report("no_building", "addresses", str(row), point.x, point.y)
        for row, point in zip(lost["address_id"], lost.geometry, strict=True)
    ]
    return reports if ground is None else [*reports, *unknown_ground(doors, ground)]


def _by_home(given: Given, doors: gpd.GeoDataFrame, stem: str) -> NDArray[np.float64]:
    kind = doors["home"].to_numpy(object)
    return np.select([kind == each for each in HOMES], [number_of(given, f"{stem}_{each}") for each in HOMES], 0.0)


def _cars(given: Given, doors: gpd.GeoDataFrame) -> tuple[Cars, list[Report]]:
    """Return the cars of each door, today and as the scenarios expect them."""
    weight = _by_home(given, doors, "cars_per_dwelling") * doors["dwellings"].to_numpy(np.float64)
    counted, reports = counted_cars(
        doors,
        _needed(given, "car_areas"),
        weight=weight,
        appetite=_by_home(given, doors, "appetite_today"),
        unknown=Shares(_share(given, "ev_share_unknown_pct"), _share(given, "phev_share_unknown_pct")),
    )
    target_year = int(given.assumptions["target_year"])
    if counted.year > target_year:
        what = f"the cars are counted in {counted.year}, after the target year {target_year}"
        raise MethodError(Fault("charging", "target_year", what, "ask for a later year"))
    appetite = _by_home(given, doors, "appetite_target")
    bev, phev = {}, {}
    for scenario in SCENARIOS:
        shares = Shares(_share(given, f"ev_share_{scenario}_pct"), _share(given, f"phev_share_{scenario}_pct"))
        bev[scenario], phev[scenario] = _expected(counted, appetite, shares)
    return Cars(counted, target_year, bev, phev), reports


def _expected(
    counted: Counted, appetite: NDArray[np.float64], shares: Shares
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return battery electric cars and plug-in hybrids of each door when they have these shares of all cars."""
    both = shares.bev + shares.phev
    electric = share_out(both * float(counted.cars.sum()), counted.cars * appetite, counted.cars)
    of_bev = shares.bev / both if both > 0 else 1.0
    return electric * of_bev, electric * (1.0 - of_bev)


def _energy(given: Given) -> Energy:
    return Energy(
        bev_kwh={bound: number_of(given, f"bev_kwh_per_year_{bound}") for bound in BOUNDS},
        phev_share=_share(given, "phev_energy_pct"),
        home_share={
            bound: {kind: _share(given, f"home_share_{kind}_{bound}_pct") for kind in HOMES} for bound in BOUNDS
        },
        away_home=_share(given, "away_share_home_pct"),
        away_no_home=_share(given, "away_share_no_home_pct"),
    )
