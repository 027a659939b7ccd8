"""Answers 1 and 2: heat demand and present heating by building and hectare, and the list of what leaves oil and gas."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._code_words import OWNERS as KNOWN_OWNERS
from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.heating._areas import STAGES
from ballerup_geo.methods.heating._columns import of_homes
from ballerup_geo.methods.heating._demand import CLASSES, METHODS
from ballerup_geo.methods.heating._present import FOSSIL, PRESENT, READ_FROM, fossil_supplement
from ballerup_geo.methods.heating._register import LABELS, UNKNOWN_LABEL, age_words
from ballerup_geo.methods.heating._reports import KINDS, notes_of, reports_table
from ballerup_geo.methods.heating._stock import STOCK_ASSUMPTIONS, STOCK_INPUTS, Stock
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given, Indicator, OutputColumn, OutputTable, Text

__all__ = ["BUILDINGS", "OWNERS", "PHASE_OUT", "SQUARES", "combustion_t", "on_list"]

Floats = NDArray[np.float64]

MWH = 1000.0
HECTARE_M = 100.0
HECTARES_A_KM2 = 100.0
TJ_A_GWH = 3.6
KG_A_TONNE = 1000.0
UNKNOWN_STAGE = "unknown"

OWNERS: Mapping[str, Text] = {**KNOWN_OWNERS, "unknown": Text(da="ukendt", en="unknown")}
"""Kinds of owners."""
OBLIGATIONS: Mapping[str, Text] = {
    "connect": Text(da="ældre tilslutningspligt", en="older duty to connect"),
    "remain": Text(da="ældre forblivelsespligt", en="older duty to remain"),
}
ALL_STAGES: Mapping[str, Text] = {**STAGES, UNKNOWN_STAGE: Text(da="ukendt", en="unknown")}


def _mwh(name: str, da: str, en: str) -> OutputColumn:
    return of_homes(name, "MWh", da, en)


def _interval(da: str, en: str) -> tuple[OutputColumn, OutputColumn, OutputColumn]:
    return (
        _mwh("heat_mwh", da, en),
        _mwh("heat_mwh_low", f"{da}, mindst", f"{en}, at least"),
        _mwh("heat_mwh_high", f"{da}, højst", f"{en}, at most"),
    )


def _heat(stock: Stock) -> dict[str, Floats]:
    demand = stock.demand
    return {
        "heat_mwh": demand.kwh / MWH,
        "heat_mwh_low": demand.low / MWH,
        "heat_mwh_high": demand.high / MWH,
    }


def _years(values: NDArray[np.int64]) -> pd.Series[int]:
    return pd.Series(values).astype("Int64").mask(values < 0)


def _stage(stock: Stock) -> NDArray[np.object_]:
    if stock.areas is None:
        return np.full(len(stock.building_id), UNKNOWN_STAGE, dtype=object)
    return stock.areas.stage


def _labels(stock: Stock) -> NDArray[np.object_]:
    return np.full(len(stock.building_id), UNKNOWN_LABEL, dtype=object) if stock.label is None else stock.label


def _buildings(_given: Given, stock: Stock, _found: Found) -> Found:
    demand, heat = stock.demand, _heat(stock)
    table = gpd.GeoDataFrame(
        {
            "building_id": stock.building_id,
            "heat_class": stock.kind,
            "year_built": _years(stock.year),
            "area_m2": stock.area_m2,
            "buildings": np.ones(len(stock.building_id), dtype=np.int64),
            "dwellings": stock.dwellings,
            **heat,
            "method": demand.method,
            "present": stock.present,
            "read_from": stock.read_from,
            "register_year": _years(stock.updated),
            "energy_label": _labels(stock),
            "stage": _stage(stock),
            "owner_kind": stock.owner_kind,
        },
        geometry=stock.shape,
        crs=CRS,
    )
    rough = demand.estimated
    notes: list[Words] = [age_words(stock.updated)]
    if stock.areas is None:
        notes.append(
            {
                "da": "Varmeplanens områder er ukendte: ingen fjernvarme er betvivlet, og listen har ingen status.",
                "en": "The heat plan's areas are unknown: no district heating is doubted, and the list has no stage.",
            }
        )
    return Found(
        tables={"heat_buildings": table, "heating_reports": reports_table(stock.reports)},
        indicators={
            "heat_gwh": float(heat["heat_mwh"].sum()) / MWH,
            "heat_gwh_low": float(heat["heat_mwh_low"].sum()) / MWH,
            "heat_gwh_high": float(heat["heat_mwh_high"].sum()) / MWH,
            "heated_buildings": float(len(table)),
            "unheated_buildings": float(stock.unheated),
            "measured_pct": 100.0 * float(demand.kwh[~rough].sum()) / max(float(demand.kwh.sum()), 1.0),
            "calibration_factor": stock.calibration,
            "labelled_pct": None
            if stock.label is None
            else 100.0 * float((stock.label != UNKNOWN_LABEL).sum()) / len(table),
        },
        notes=(*notes, *notes_of(stock.reports)),
    )


def _squares(given: Given, stock: Stock, _found: Found) -> Found:
    corner = np.floor(stock.xy / HECTARE_M)
    corners, cell = np.unique(corner, axis=0, return_inverse=True)
    cell, corners = cell.reshape(-1), corners * HECTARE_M
    summed = {name: np.bincount(cell, values, len(corners)) for name, values in _heat(stock).items()}
    fossil = np.isin(stock.present, FOSSIL)
    west, south = corners.T
    dense = number_of(given, "dense_tj_km2") / TJ_A_GWH * MWH / HECTARES_A_KM2
    table = gpd.GeoDataFrame(
        {
            "cell_id": [f"{x:.0f}_{y:.0f}" for x, y in corners],
            "buildings": np.bincount(cell, minlength=len(corners)).astype(np.int64),
            **summed,
            "fossil_buildings": np.bincount(cell, fossil, len(corners)).astype(np.int64),
            "dense": summed["heat_mwh"] >= dense,
        },
        geometry=shapely.box(west, south, west + HECTARE_M, south + HECTARE_M),
        crs=CRS,
    )
    return Found(tables={"heat_squares": table}, indicators={"dense_hectares": float(table["dense"].sum())})


def on_list(stock: Stock) -> NDArray[np.bool_]:
    """Tell which buildings stand on the list: heated by oil or gas, or block heating that is to be looked up."""
    return np.isin(stock.present, (*FOSSIL, "block_check"))


def combustion_t(given: Given, stock: Stock) -> Floats:
    """Return tonnes of CO2 a year from burning oil and gas: heat / efficiency × factor of the fuel (float64[n])."""
    tonnes = np.zeros(len(stock.building_id))
    for fuel in FOSSIL:
        factor = number_of(given, f"{fuel}_kg_kwh") / (number_of(given, f"{fuel}_efficiency_pct") / 100.0)
        rows = stock.present == fuel
        tonnes[rows] = stock.demand.kwh[rows] * factor / KG_A_TONNE
    return tonnes


def _phase_out(given: Given, stock: Stock, _found: Found) -> Found:
    rows = on_list(stock)
    areas, stage = stock.areas, _stage(stock)
    nothing = np.full(len(rows), None, dtype=object)
    unknown = np.full(len(rows), -1, dtype=np.int64)
    every = pd.DataFrame(
        {
            "building_id": stock.building_id,
            "present": stock.present,
            "read_from": stock.read_from,
            "stage": stage,
            "heat_area_id": nothing if areas is None else areas.area_id,
            "start_year": _years(unknown if areas is None else areas.start_year),
            "end_year": _years(unknown if areas is None else areas.end_year),
            "older_duty": nothing if areas is None else areas.obligation,
            "owner_kind": stock.owner_kind,
            "heat_class": stock.kind,
            "use_code": stock.use_code,
            "year_built": _years(stock.year),
            "register_year": _years(stock.updated),
            "energy_label": _labels(stock),
            "buildings": np.ones(len(rows), dtype=np.int64),
            "dwellings": stock.dwellings,
            **_heat(stock),
            "co2_t": combustion_t(given, stock),
        }
    )
    listed = every[rows].reset_index(drop=True)
    burning = listed[listed["present"].isin(FOSSIL)]
    municipal = burning["owner_kind"] == "municipality"
    approved = burning["stage"].isin(("supplied", "approved"))
    return Found(
        tables={
            "phase_out": listed,
            "phase_out_groups": _grouped(listed, ["present", "stage", "owner_kind"]),
            "phase_out_years": _grouped(listed, ["stage", "end_year", "present"]),
            "phase_out_labels": _grouped(listed, ["present", "energy_label"]),
        },
        indicators={
            "fossil_buildings": float(len(burning)),
            "fossil_dwellings": float(burning["dwellings"].sum()),
            "fossil_municipal": float(municipal.sum()),
            "fossil_approved": None if areas is None else float(approved.sum()),
            "block_check": float(len(listed) - len(burning)),
            "fossil_gwh": float(burning["heat_mwh"].sum()) / MWH,
            "fossil_co2_t": float(burning["co2_t"].sum()),
            "fossil_supplements": float((fossil_supplement(stock.supplement) & ~rows).sum()),
            "unknown_heating": float((stock.present == "unknown").sum()),
            "process_fossil_gwh": number_of(given, "process_fossil_mwh") / MWH or None,
        },
    )


def _grouped(listed: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sum the list by some of its columns, in a fixed order."""
    sums = ["buildings", "dwellings", "heat_mwh", "heat_mwh_low", "heat_mwh_high", "co2_t"]
    return listed.groupby(keys, dropna=False, sort=True)[sums].sum().reset_index()


_COUNTS = (count("buildings", "bygninger", "buildings"), count("dwellings", "boliger", "dwellings"))
_PRESENT = text("present", "varme i dag", "heating today", PRESENT)
_STAGE = text("stage", "områdets status", "stage of the area", ALL_STAGES)
_OWNER = text("owner_kind", "ejer", "owner", OWNERS)
_CO2 = OutputColumn("co2_t", "number", "t", "CO2 fra afbrænding", "CO2 from burning", behind="buildings")
_HEAT = _interval("varmebehov", "heat demand")
_END = count("end_year", "omstilling til", "conversion until")
_CLASS = text("heat_class", "varmeklasse", "heat class", CLASSES)
_LABEL = text("energy_label", "energimærke", "energy label", LABELS)
_UPDATED = count("register_year", "BBR rettet i", "register changed in")
_READ = text("read_from", "læst af", "read from", READ_FROM)

BUILDINGS: Part[Stock] = Part(
    compute=_buildings,
    inputs=STOCK_INPUTS,
    assumptions=STOCK_ASSUMPTIONS,
    tables=(
        OutputTable(
            "heat_buildings",
            "polygon",
            (
                text("building_id", "bygning", "building"),
                _CLASS,
                count("year_built", "opførelsesår", "year built"),
                figure("area_m2", "m²", "opvarmet areal", "heated area"),
                *_COUNTS,
                *_HEAT,
                text("method", "fundet ved", "found by", METHODS),
                _PRESENT,
                _READ,
                _UPDATED,
                _LABEL,
                _STAGE,
                _OWNER,
            ),
            homes=True,
        ),
        OutputTable(
            "heating_reports",
            "table",
            (
                text("kind", "hvad", "what", KINDS),
                text("layer", "lag", "layer"),
                text("row_id", "række", "row"),
            ),
            homes=True,
        ),
    ),
    indicators=(
        Indicator("heat_gwh", "GWh", "Varmebehov i et normalår", "Heat demand in a normal year", significant=2),
        Indicator("heat_gwh_low", "GWh", "Varmebehov, mindst", "Heat demand, at least", significant=2),
        Indicator("heat_gwh_high", "GWh", "Varmebehov, højst", "Heat demand, at most", significant=2),
        Indicator("heated_buildings", "1", "Opvarmede bygninger", "Heated buildings", significant=3),
        Indicator(
            "unheated_buildings",
            "1",
            "Bygninger, som BBR siger er uden varme",
            "Buildings that the register says have no heating",
            significant=3,
        ),
        Indicator("measured_pct", "%", "Andel af varmen, der er målt", "Share of the heat that is measured"),
        Indicator("calibration_factor", "1", "Faktor til det kendte forbrug", "Factor to the known total", digits=2),
        Indicator("labelled_pct", "%", "Bygninger med et energimærke", "Buildings with an energy label"),
    ),
    limits=(
        {
            "da": (
                "Varmebehovet er anslået efter areal og opførelsesår, hvor der ikke er målt: det enkelte hus kan ligge "
                "uden for intervallet. Summens interval lægger alle mindst-tal og alle højst-tal sammen: for bredt."
            ),
            "en": (
                "Heat demand is estimated by area and year built where nothing is measured: a single house may lie "
                "outside its interval. The interval of a sum adds all lows and all highs and is too wide."
            ),
        },
        {
            "da": (
                "BBR om varme rettes af ejerne og kan være gammelt. Energimærket vises, hvor det er kendt; "
                "varmebehovet regnes ikke af det, for mærket siger, hvad huset burde bruge."
            ),
            "en": (
                "The register's word on heating is kept up by owners and may be old. The energy label is shown where "
                "it is known; heat demand is not reckoned from it, since a label says what the house ought to use."
            ),
        },
    ),
)
"""Answer 1: heat demand by building."""

SQUARES: Part[Stock] = Part(
    compute=_squares,
    assumptions=(Assumption("dense_tj_km2", "TJ/km²", minimum=0.0),),
    tables=(
        OutputTable(
            "heat_squares",
            "polygon",
            (
                text("cell_id", "kvadrat", "square"),
                count("buildings", "bygninger", "buildings"),
                *_HEAT,
                OutputColumn(
                    "fossil_buildings",
                    "integer",
                    None,
                    "bygninger på olie og gas",
                    "buildings on oil and gas",
                    behind="buildings",
                ),
                OutputColumn("dense", "boolean", None, "tæt nok til fjernvarme", "dense enough for district heating"),
            ),
        ),
    ),
    indicators=(
        Indicator(
            "dense_hectares",
            "ha",
            "Hektarer, hvor varmen ligger tæt nok til traditionel fjernvarme",
            "Hectares where heat lies densely enough for traditional district heating",
        ),
    ),
)
"""Heat density on the hectare grid."""

PHASE_OUT: Part[Stock] = Part(
    compute=_phase_out,
    assumptions=(
        *(Assumption(f"{fuel}_kg_kwh", "kg/kWh", minimum=0.0) for fuel in FOSSIL),
        *(Assumption(f"{fuel}_efficiency_pct", "%", minimum=1.0, maximum=120.0) for fuel in FOSSIL),
        Assumption("process_fossil_mwh", "MWh", minimum=0.0, unknown=0.0),
    ),
    tables=(
        OutputTable(
            "phase_out",
            "table",
            (
                text("building_id", "bygning", "building"),
                _PRESENT,
                _READ,
                _STAGE,
                text("heat_area_id", "varmeplanområde", "heat-plan area"),
                count("start_year", "omstilling fra", "conversion from"),
                _END,
                text("older_duty", "ældre pligt", "older duty", OBLIGATIONS),
                _OWNER,
                _CLASS,
                count("use_code", "anvendelse (BBR)", "use (register)"),
                count("year_built", "opførelsesår", "year built"),
                _UPDATED,
                _LABEL,
                *_COUNTS,
                *_HEAT,
                _CO2,
            ),
            homes=True,
            spreadsheet=True,
        ),
        OutputTable("phase_out_groups", "table", (_PRESENT, _STAGE, _OWNER, *_COUNTS, *_HEAT, _CO2)),
        OutputTable("phase_out_years", "table", (_STAGE, _END, _PRESENT, *_COUNTS, *_HEAT, _CO2)),
        OutputTable("phase_out_labels", "table", (_PRESENT, _LABEL, *_COUNTS, *_HEAT, _CO2)),
    ),
    indicators=(
        Indicator("fossil_buildings", "1", "Bygninger på olie og gas", "Buildings on oil and gas", significant=3),
        Indicator("fossil_dwellings", "1", "Boliger på olie og gas", "Dwellings on oil and gas", significant=3),
        Indicator("fossil_municipal", "1", "Kommunale bygninger på olie og gas", "Municipal buildings on oil and gas"),
        Indicator(
            "fossil_approved",
            "1",
            "Bygninger på olie og gas i forsynede og godkendte fjernvarmeområder",
            "Buildings on oil and gas in supplied and approved district-heating areas",
            significant=3,
        ),
        Indicator("block_check", "1", "Blokvarme, der skal kontrolleres", "Block heating to be looked up"),
        Indicator("fossil_gwh", "GWh", "Varme fra olie og gas", "Heat from oil and gas", significant=2),
        Indicator(
            "fossil_co2_t", "t", "CO2 fra olie og gas til varme", "CO2 from oil and gas for heating", significant=2
        ),
        Indicator(
            "fossil_supplements",
            "1",
            "Øvrige bygninger med olieovn eller gasradiator ved siden af",
            "Other buildings with an oil stove or a gas radiator beside",
        ),
        Indicator("unknown_heating", "1", "Bygninger med ukendt varme", "Buildings of unknown heating"),
        Indicator(
            "process_fossil_gwh",
            "GWh",
            "Procesvarme fra olie og gas (ikke kortlagt: står ikke i BBR)",
            "Process heat from oil and gas (not mapped: not in the register)",
            significant=2,
        ),
    ),
    limits=(
        {
            "da": (
                "Et godkendt projekt giver ingen pligt, og siden 1. januar 2019 kan ny pligt ikke pålægges: "
                "listen siger, hvad der står tilbage, ikke hvad nogen skal. Ældre pligter er vist som sådan."
            ),
            "en": (
                "An approved project creates no duty, and new duties to connect ended on 1 January 2019: the list says "
                "what remains, not what anyone must do. Older duties are shown as such."
            ),
        },
        {
            "da": (
                "Procesvarme (målet i 2035) kan ikke læses af BBR: den er ukendt, til kommunens tal skrives i "
                "process_fossil_mwh, og den er i ingen af de andre tal."
            ),
            "en": (
                "Process heat (the target of 2035) cannot be read from the register: it is unknown until the "
                "municipality's figure is entered in process_fossil_mwh, and it is in none of the other figures."
            ),
        },
    ),
)
"""Answer 2: the 2030 list."""
