"""The heated buildings of the municipality, read once for all parts of the heating analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods.heating._areas import HeatAreas, areas_of
from ballerup_geo.methods.heating._demand import YEARS, Demand, calibrated, corrected, estimate, heat_classes, measured
from ballerup_geo.methods.heating._present import MISSING, present_heating
from ballerup_geo.methods.heating._register import REGISTER_INPUTS, Ground, ground_of, labels_of, updated_years
from ballerup_geo.methods.heating._reports import Report
from ballerup_geo.spec import Assumption, Given, Input
from ballerup_geo.spec.codelists import register_codes

__all__ = ["STOCK_ASSUMPTIONS", "STOCK_INPUTS", "Stock", "stock_of"]

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

BUILT = 6
PERCENT = 100.0
KWH = 1000.0

STOCK_INPUTS = (
    Input("municipality", "polygon", columns=("name",)),
    Input(
        "buildings",
        "polygon",
        columns=(
            *("building_id", "use_code", "status", "year_built", "dwelling_area_m2", "business_area_m2"),
            *("heating_installation", "heating_fuel"),
        ),
        optional_columns=("floor_area_m2", "storeys", "heating_supplement", "dwellings", "municipal", "updated"),
    ),
    Input(
        "heat_rates",
        "table",
        columns=("heat_class", "from_year", "to_year", "kwh_m2", "low_kwh_m2", "high_kwh_m2", "source"),
        optional_columns=("degree_days",),
    ),
    Input(
        "heat_areas",
        "polygon",
        columns=("heat_area_id", "kind", "stage"),
        optional_columns=("start_year", "end_year", "supplier", "obligation"),
        required=False,
    ),
    Input("heat_customers", "table", columns=("building_id",), required=False),
    Input(
        "heat_meters",
        "table",
        columns=("building_id", "kwh", "year"),
        optional_columns=("degree_days",),
        required=False,
    ),
    Input("parcels", "polygon", columns=("parcel_id", "owner_kind"), required=False),
    *REGISTER_INPUTS,
)
STOCK_ASSUMPTIONS = (
    Assumption("normal_degree_days", "graddage", minimum=500.0, maximum=6000.0),
    Assumption("space_share_pct", "%", minimum=0.0, maximum=100.0),
    Assumption("meter_error_pct", "%", minimum=0.0, maximum=100.0),
    Assumption("meter_most_kwh_m2", "kWh/m²", minimum=1.0),
    Assumption("storeys_beside", "1", minimum=0.0),
    Assumption("known_total_mwh", "MWh", minimum=0.0, unknown=0.0),
)


@dataclass(frozen=True, slots=True)
class Stock:
    """Buildings that are heated, in the order of ``building_id``; all arrays are by building."""

    town_name: str
    building_id: Names
    shape: NDArray[np.object_]
    xy: Floats
    """A place within each building, float64[n, 2]."""
    use_code: NDArray[np.int64]
    kind: Names
    year: NDArray[np.int64]
    """−1: unknown."""
    area_m2: Floats
    dwellings: NDArray[np.int64]
    owner_kind: Names
    present: Names
    read_from: Names
    supplement: NDArray[np.int64]
    demand: Demand
    calibration: float
    areas: HeatAreas | None
    ground: Ground
    label: Names | None
    """Energy label (keys of ``LABELS``); None: the layer is unknown."""
    updated: NDArray[np.int64]
    """Year of the register's last change; −1: unknown."""
    unheated: int
    """Buildings that the register says have no heating; they have no demand and are in no table."""
    reports: tuple[Report, ...]


def table_of(given: Given, name: str) -> pd.DataFrame | None:
    """Return a layer, None where it is unknown."""
    return cast("pd.DataFrame | None", given.inputs[name])


def stock_of(given: Given) -> Stock:
    """Read the stock.

    Raises
    ------
    MethodError
        No building is heated; see also :func:`calibrated`.
    DataError
        The rates contradict themselves (see :func:`estimate`).
    """
    reports: list[Report] = []
    buildings = _standing(given, reports)
    shapes = buildings.geometry.to_numpy()
    spots = shapely.get_coordinates(shapely.point_on_surface(shapes))
    installation, fuel = _codes(buildings, "heating_installation"), _codes(buildings, "heating_fuel")
    layer = table_of(given, "heat_areas")
    areas = None if layer is None else areas_of(gpd.GeoDataFrame(layer), spots, buildings["building_id"], reports)
    present, read_from = present_heating(
        installation,
        fuel,
        supplied=None if areas is None else areas.stage == "supplied",
        customer=_customers(given, buildings, reports),
    )
    _report(reports, "unknown_code", buildings, read_from == "unknown_code")
    heated = present != "none"
    if not heated.any():
        what = "no building is heated"
        raise MethodError(Fault("layer buildings", "heating_installation", what, "deliver the register's codes"))
    kept = gpd.GeoDataFrame(buildings[heated]).reset_index(drop=True)
    if areas is not None:
        areas = areas.of(heated)
    kind = heat_classes(kept["use_code"].to_numpy(np.int64))
    _report(reports, "unknown_use", kept, ~np.isin(kept["use_code"], _known_uses()))
    year = _codes(kept, "year_built")
    odd = (year < YEARS[0]) | (year > YEARS[1])
    _report(reports, "odd_year", kept, odd)
    year = np.where(odd, MISSING, year)
    area, known = _heated_area(given, kept, reports)
    demand = estimate(kind, year, area, _rates(given), area_known=known)
    demand = measured(demand, _metered(given, kept, area, reports), error_share=_share(given, "meter_error_pct"))
    demand, factor = calibrated(demand, number_of(given, "known_total_mwh") * KWH)
    ground = ground_of(table_of(given, "parcels"), spots[heated])
    label = labels_of(given, kept["building_id"].to_numpy(object), reports)
    return Stock(
        town_name=str(cast(pd.DataFrame, given.inputs["municipality"])["name"].iloc[0]),
        building_id=kept["building_id"].to_numpy(object),
        shape=kept.geometry.to_numpy(),
        xy=spots[heated],
        use_code=kept["use_code"].to_numpy(np.int64),
        kind=kind,
        year=year,
        area_m2=area,
        dwellings=np.maximum(_codes(kept, "dwellings"), 0),
        owner_kind=_owners(given, kept, ground),
        present=present[heated],
        read_from=read_from[heated],
        supplement=_codes(kept, "heating_supplement"),
        demand=demand,
        calibration=factor,
        areas=areas,
        ground=ground,
        label=label,
        updated=updated_years(kept),
        unheated=int((~heated).sum()),
        reports=tuple(reports),
    )


def _share(given: Given, name: str) -> float:
    return number_of(given, name) / PERCENT


def _known_uses() -> list[int]:
    return [int(code) for code in register_codes("bbr_021")]


def _report(reports: list[Report], kind: str, buildings: pd.DataFrame, rows: NDArray[np.bool_]) -> None:
    reports.extend(Report(kind, "buildings", str(name)) for name in buildings["building_id"].to_numpy()[rows])


def _standing(given: Given, reports: list[Report]) -> gpd.GeoDataFrame:
    """Return buildings that stand and may be heated, each once, by ``building_id``."""
    layer = cast(gpd.GeoDataFrame, given.inputs["buildings"])
    twice = layer["building_id"].duplicated().to_numpy(bool)
    _report(reports, "double_building", layer, twice)
    use = layer["use_code"].to_numpy(np.int64)
    stands = (layer["status"] == BUILT).to_numpy(bool) & ~twice & (heat_classes(use) != np.array(None))
    return gpd.GeoDataFrame(layer[stands]).sort_values("building_id", kind="stable").reset_index(drop=True)


def _codes(table: pd.DataFrame, name: str) -> NDArray[np.int64]:
    """Return a column of whole numbers, −1 where nothing stands in it."""
    if name not in table:
        return np.full(len(table), MISSING, dtype=np.int64)
    return np.array(table[name].astype("Int64").fillna(MISSING), dtype=np.int64)


def _numbers(table: pd.DataFrame, name: str) -> Floats:
    """Return a column of numbers, 0 where nothing stands in it."""
    if name not in table:
        return np.zeros(len(table))
    return np.array(table[name].astype("Float64").fillna(0.0), dtype=np.float64)


def _heated_area(given: Given, buildings: gpd.GeoDataFrame, reports: list[Report]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return dwelling and business area, judged by footprint and storeys where that cannot be; and where it is known.

    A building cannot hold more than its footprint on each storey and on the ``storeys_beside`` (loft, basement).
    """
    area = _numbers(buildings, "dwelling_area_m2") + _numbers(buildings, "business_area_m2")
    storeys = np.maximum(_codes(buildings, "storeys"), 1)
    footprint = shapely.area(buildings.geometry.to_numpy())
    room = footprint * (storeys + number_of(given, "storeys_beside"))
    whole = _numbers(buildings, "floor_area_m2")
    judged = np.where((whole > 0) & (whole <= room), whole, footprint * storeys)
    empty, large = area <= 0, area > room
    _report(reports, "no_area", buildings, empty)
    _report(reports, "large_area", buildings, large)
    return np.where(empty | large, judged, area), ~(empty | large)


def _rates(given: Given) -> pd.DataFrame:
    """Return the rates, brought to a normal year."""
    rates = cast(pd.DataFrame, given.inputs["heat_rates"]).copy()
    days = _days(rates)
    for name in ("kwh_m2", "low_kwh_m2", "high_kwh_m2"):
        rates[name] = _normal(given, rates[name].to_numpy(np.float64), days)
    return rates


def _days(table: pd.DataFrame) -> Floats:
    """Return the degree days of each row, NaN where they are unknown."""
    if "degree_days" not in table:
        return np.full(len(table), np.nan)
    return np.array(table["degree_days"].astype("Float64").to_numpy(np.float64, na_value=np.nan), dtype=np.float64)


def _normal(given: Given, kwh: Floats, degree_days: Floats) -> Floats:
    share = _share(given, "space_share_pct")
    return corrected(kwh, degree_days, normal=number_of(given, "normal_degree_days"), space_share=share)


def _metered(given: Given, buildings: pd.DataFrame, area: Floats, reports: list[Report]) -> Floats:
    """Return measured heat in a normal year, kWh, NaN where none is known; the last year of a building counts."""
    meters = table_of(given, "heat_meters")
    found = np.full(len(buildings), np.nan)
    if meters is None:
        return found
    place = pd.Index(buildings["building_id"]).get_indexer(pd.Index(meters["building_id"]))
    known = pd.Index(cast(pd.DataFrame, given.inputs["buildings"])["building_id"])
    lost = ~meters["building_id"].isin(known).to_numpy(bool)
    reports.extend(
        Report("meter_without_building", "heat_meters", str(name)) for name in meters["building_id"].to_numpy()[lost]
    )
    kwh = _normal(given, meters["kwh"].to_numpy(np.float64), _days(meters))
    most = number_of(given, "meter_most_kwh_m2")
    odd = (place >= 0) & ~((kwh > 0) & (kwh <= most * area[np.maximum(place, 0)]))
    reports.extend(Report("odd_meter", "heat_meters", str(name)) for name in meters["building_id"].to_numpy()[odd])
    order = np.argsort(meters["year"].to_numpy(np.int64), kind="stable")
    order = order[(place[order] >= 0) & ~odd[order]]
    found[place[order]] = kwh[order]
    return found


def _customers(given: Given, buildings: pd.DataFrame, reports: list[Report]) -> NDArray[np.bool_] | None:
    """Tell which buildings the supplier has as customers, None without a list."""
    layer = table_of(given, "heat_customers")
    if layer is None:
        return None
    known = pd.Index(cast(pd.DataFrame, given.inputs["buildings"])["building_id"])
    lost = layer["building_id"][~layer["building_id"].isin(known)]
    reports.extend(Report("customer_without_building", "heat_customers", str(name)) for name in lost)
    return buildings["building_id"].isin(layer["building_id"]).to_numpy(bool)


def _owners(given: Given, buildings: pd.DataFrame, ground: Ground) -> Names:
    """Return the kind of owner of each building's parcel; the register's word that it is municipal goes before."""
    owner = np.full(len(buildings), "unknown", dtype=object)
    parcels = table_of(given, "parcels")
    if parcels is not None and len(parcels):
        inside = ground.parcel >= 0
        owner[inside] = parcels["owner_kind"].to_numpy(object)[ground.parcel[inside]]
    if "municipal" in buildings:
        owner[buildings["municipal"].fillna(False).to_numpy(bool)] = "municipality"
    return owner
