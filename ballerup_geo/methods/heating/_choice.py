"""Answer 5: district heating or a heat pump, for each building that has neither, in three ledgers kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.heating._choice_columns import INDICATORS, LIMITS, SCENARIOS, TABLES, ZONE_LEDGERS
from ballerup_geo.methods.heating._flip import answer_of, cheapest_of, flips, steps
from ballerup_geo.methods.heating._ledgers import LEDGERS, Houses, Ledger, Values, capacity_kw, ledger_of, margin
from ballerup_geo.methods.heating._ledgers_declared import ASSUMPTIONS, VALUE_NAMES
from ballerup_geo.methods.heating._pump_place import noise_distance_m, pump_doubts
from ballerup_geo.methods.heating._shares import HANDED, PIPE_COLUMNS, ZONE_COLUMN
from ballerup_geo.methods.heating._stock import Stock
from ballerup_geo.methods.heating._tables import UNKNOWN_STAGE
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Given

__all__ = ["CHOICE", "Chosen", "chosen", "grouped"]

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

KWH = 1000.0
PERCENT = 100.0
SETTLED = ("district", "heat_pump")
"""Present heating that leaves nothing to choose."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One ledger's answer for each building (arrays by building that is asked)."""

    ledger: Ledger
    answer: Names
    cheapest: Names
    firm: NDArray[np.bool_]
    """Whether no single swing of an assumption turns the answer."""
    flips: Mapping[str, Floats]
    tornado: pd.DataFrame
    """By swing: the mean lead of district heating and its share of the heat, at the low and at the high end."""


def chosen(name: str, houses: Houses, values: Values, *, low_mwh: Floats, high_mwh: Floats) -> Chosen:
    """Answer for one ledger.

    Parameters
    ----------
    name
        A key of ``LEDGERS``.
    houses, values
        Buildings that are to choose, and the assumptions.
    low_mwh, high_mwh
        Ends of each building's heat demand, float64[n].
    """
    ledger = ledger_of(name, houses, values)
    answer = answer_of(ledger)
    firm = np.ones(len(answer), dtype=np.bool_)
    rows: dict[str, dict[str, float]] = {}
    for step in steps(name, houses, values, low_mwh=low_mwh, high_mwh=high_mwh):
        turned = answer_of(step.ledger)
        firm &= turned == answer
        end = "high" if step.up else "low"
        row = rows.setdefault(step.swing, {})
        row[f"lead_{end}"] = _lead(step.ledger, houses.heat_mwh)
        row[f"dh_{end}_pct"] = _share(turned == "dh", houses.heat_mwh)
    tornado = pd.DataFrame([{"swing": key, **row} for key, row in rows.items()])
    main = {"lead": _lead(ledger, houses.heat_mwh), "dh_pct": _share(answer == "dh", houses.heat_mwh)}
    tornado = tornado.assign(**main, span=(tornado["lead_high"] - tornado["lead_low"]).abs())
    tornado = tornado.sort_values(["span", "swing"], ascending=[False, True], kind="stable").reset_index(drop=True)
    return Chosen(ledger, answer, cheapest_of(ledger), firm, flips(name, houses, values), tornado)


def _lead(ledger: Ledger, heat_mwh: Floats) -> float:
    """Return by how much district heating is cheaper than heat pumps, mean by heat, DKK/MWh."""
    return float(np.average(ledger.total("hp") - ledger.total("dh"), weights=heat_mwh))


def _share(rows: NDArray[np.bool_], heat_mwh: Floats) -> float:
    return PERCENT * float(heat_mwh[rows].sum()) / float(heat_mwh.sum())


def _mean(values: Floats, heat_mwh: Floats) -> float:
    """Return the mean by heat of what is known, NaN where nothing is."""
    known = np.isfinite(values)
    return float(np.average(values[known], weights=heat_mwh[known])) if known.any() else float("nan")


def grouped(answers: Mapping[str, Chosen], houses: Houses, groups: Names, *, key: str = "stage") -> pd.DataFrame:
    """Sum the ledgers by a group of buildings (stages of the heat plan, zones): a row for each group and ledger.

    Parameters
    ----------
    groups
        The group of each building that is asked, object[n]; buildings without one (None) are left out.
    key
        Name of the group's column.
    """
    rows = []
    for group in sorted({str(each) for each in groups if each is not None}):
        mine = groups == group
        heat = houses.heat_mwh[mine]
        for name, one in answers.items():
            costs = {
                f"{system}_dkk_mwh": _mean(one.ledger.total(system)[mine], heat) if system in one.ledger.lines else None
                for system in ("dh", "hp", "gas")
            }
            rows.append(
                {
                    key: group,
                    "ledger": name,
                    "buildings": int(mine.sum()),
                    "heat_mwh": float(heat.sum()),
                    **costs,
                    "dh_pct": _share(one.answer[mine] == "dh", heat),
                    "firm_pct": _share(one.firm[mine], heat),
                }
            )
    columns = [key, "ledger", "buildings", "heat_mwh", "dh_dkk_mwh", "hp_dkk_mwh", "gas_dkk_mwh", "dh_pct", "firm_pct"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"buildings": np.int64, **dict.fromkeys(columns[3:], np.float64)})


def _compute(given: Given, stock: Stock, found: Found) -> Found:
    values = {name: number_of(given, name) for name in VALUE_NAMES}
    asked = ~np.isin(stock.present, SETTLED) & (stock.demand.kwh > 0)
    if not asked.any():
        return Found(
            tables={table.name: pd.DataFrame({column.name: [] for column in table.columns}) for table in TABLES[1:]}
            | {
                "heat_choice": gpd.GeoDataFrame({column.name: [] for column in TABLES[0].columns}, geometry=[], crs=CRS)
            },
            indicators={indicator.name: None for indicator in INDICATORS},
        )
    houses = _houses(stock, asked, values, found)
    low, high = (_known(end[asked] / KWH, houses.heat_mwh) for end in (stock.demand.low, stock.demand.high))
    answers = {name: chosen(name, houses, values, low_mwh=low, high_mwh=high) for name in LEDGERS}
    doubt = _doubts(stock, asked, houses, values)
    left = margin(houses, values)
    agree = _agreement([one.answer for one in answers.values()])
    heat = houses.heat_mwh
    zones = grouped(answers, houses, _zones(stock, asked, found), key=ZONE_COLUMN)
    return Found(
        tables={
            "heat_choice": _choice_table(stock, asked, houses, values, answers, doubt, left, agree),
            "heat_ledgers": grouped(answers, houses, _stages(stock)[asked]),
            "zone_ledgers": zones,
            "heat_cost_lines": _lines(answers, heat),
            "heat_tornado": _tornado(answers, len(heat)),
            "heat_connection": _connection(houses, values),
        },
        indicators={
            **{f"{name}_dh_pct": _share(one.answer == "dh", heat) for name, one in answers.items()},
            **{f"{name}_firm_pct": _share(one.firm, heat) for name, one in answers.items()},
            "ledgers_agree_pct": _share(agree != "split", heat),
            "company_pays_pct": _share(left >= 0, heat),
            "household_stays_pct": _stays(answers["household"], houses),
            "hp_doubt_buildings": float((doubt != "none").sum()),
        },
        columns={"heat_zones": _beside_zones(zones)} if len(zones) else {},
    )


def _beside_zones(zones: pd.DataFrame) -> pd.DataFrame:
    """Return the ledgers of each zone side by side, indexed by zone."""
    kept = zones.set_index(ZONE_COLUMN)[["ledger", "dh_dkk_mwh", "hp_dkk_mwh", "dh_pct"]]
    each = (kept[kept["ledger"] == name].drop(columns="ledger").add_prefix(f"{name}_") for name in LEDGERS)
    wide = pd.concat(each, axis=1)
    return wide[[column.name for column in ZONE_LEDGERS]]


def _known(end_mwh: Floats, heat_mwh: Floats) -> Floats:
    return np.where(end_mwh > 0, end_mwh, heat_mwh)


def _stays(household: Chosen, houses: Houses) -> float | None:
    """Return for how much of the heat on gas staying costs the household least, None where none is on gas."""
    gas = houses.on_gas
    return _share(household.cheapest[gas] == "gas", houses.heat_mwh[gas]) if gas.any() else None


def _agreement(answers: Sequence[Names]) -> Names:
    """Return the answer where all ledgers give the same, else ``split``."""
    same = np.all([answer == answers[0] for answer in answers], axis=0)
    return np.where(same, answers[0], "split").astype(object)


def _houses(stock: Stock, asked: NDArray[np.bool_], values: Values, found: Found) -> Houses:
    heat = stock.demand.kwh[asked] / KWH
    street = np.full(len(heat), values["street_m"] * values["street_dkk_m"])
    service = np.full(len(heat), values["service_m"] * values["service_dkk_m"])
    given = found.columns.get(HANDED)
    if given is not None and set(PIPE_COLUMNS) <= set(given.columns):
        laid = given.reindex(stock.building_id[asked])[list(PIPE_COLUMNS)].to_numpy(np.float64)
        street = np.where(np.isfinite(laid[:, 0]), laid[:, 0], street)
        service = np.where(np.isfinite(laid[:, 1]), laid[:, 1], service)
    return Houses(heat, street, service, stock.present[asked] == "gas")


def _stages(stock: Stock) -> Names:
    if stock.areas is None:
        return np.full(len(stock.building_id), UNKNOWN_STAGE, dtype=object)
    return stock.areas.stage


def _zones(stock: Stock, asked: NDArray[np.bool_], found: Found) -> Names:
    """Return the zone of each building that is asked, None for none."""
    given = found.columns.get(HANDED)
    if given is None or ZONE_COLUMN not in given:
        return np.full(int(asked.sum()), None, dtype=object)
    names = given[ZONE_COLUMN].reindex(stock.building_id[asked])
    return names.astype(object).where(names.notna(), None).to_numpy(object)


def _doubts(stock: Stock, asked: NDArray[np.bool_], houses: Houses, values: Values) -> Names:
    kw, base = capacity_kw(houses, values), values["base_kw"]
    quiet = noise_distance_m(kw, sound_db=values["hp_sound_db"], base_kw=base, limit_db=values["noise_limit_db"])
    share = values["block_built_pct"] / PERCENT
    return pump_doubts(stock.shape, stock.xy, asked, quiet, large=kw > base, built_share=share)


def _choice_table(
    stock: Stock,
    asked: NDArray[np.bool_],
    houses: Houses,
    values: Values,
    answers: Mapping[str, Chosen],
    doubt: Names,
    left: Floats,
    agree: Names,
) -> gpd.GeoDataFrame:
    columns: dict[str, object] = {
        "building_id": stock.building_id[asked],
        "present": stock.present[asked],
        "stage": _stages(stock)[asked],
        "heat_class": stock.kind[asked],
        "buildings": np.ones(len(houses.heat_mwh), dtype=np.int64),
        "heat_mwh": houses.heat_mwh,
        "capacity_kw": capacity_kw(houses, values),
    }
    for name, one in answers.items():
        systems = [system for system in ("dh", "hp", "gas") if system in one.ledger.lines]
        columns |= {f"{name}_{system}_dkk_mwh": one.ledger.total(system) for system in systems}
        columns |= {f"{name}_answer": one.answer, f"{name}_firm": one.firm}
        columns |= {f"{name}_flip_{price}": value for price, value in one.flips.items()}
    columns |= {"agree": agree, "household_cheapest": answers["household"].cheapest, "margin_dkk_mwh": left}
    return gpd.GeoDataFrame({**columns, "pump_doubt": doubt}, geometry=shapely.points(stock.xy[asked]), crs=CRS)


def _lines(answers: Mapping[str, Chosen], heat: Floats) -> pd.DataFrame:
    rows = [
        {
            "ledger": name,
            "system": system,
            "component": component,
            "buildings": int(np.isfinite(line).sum()),
            "dkk_mwh": _mean(line, heat),
        }
        for name, one in answers.items()
        for system, lines in one.ledger.lines.items()
        for component, line in lines.items()
        if np.isfinite(line).any()
    ]
    return pd.DataFrame(rows)


def _tornado(answers: Mapping[str, Chosen], buildings: int) -> pd.DataFrame:
    tables = [one.tornado.assign(ledger=name, rank=np.arange(1, len(one.tornado) + 1)) for name, one in answers.items()]
    table = pd.concat(tables, ignore_index=True).assign(buildings=buildings)
    first = ["ledger", "rank", "swing", "buildings"]
    return table[[*first, *(name for name in table.columns if name not in first)]]


def _connection(houses: Houses, values: Values) -> pd.DataFrame:
    """Return the ledgers at each connection rate; a household's tariff does not follow it."""
    rows = []
    for scenario in SCENARIOS:
        name = "connection_pct" if scenario == "main" else f"connection_{scenario}_pct"
        for ledger in LEDGERS:
            one = ledger_of(ledger, houses, {**values, "connection_pct": values[name]})
            rows.append(
                {
                    "scenario": scenario,
                    "connection_pct": values[name],
                    "ledger": ledger,
                    "buildings": len(houses.heat_mwh),
                    "dh_dkk_mwh": _mean(one.total("dh"), houses.heat_mwh),
                    "hp_dkk_mwh": _mean(one.total("hp"), houses.heat_mwh),
                    "dh_pct": _share(answer_of(one) == "dh", houses.heat_mwh),
                }
            )
    return pd.DataFrame(rows)


CHOICE: Part[Stock] = Part(
    compute=_compute,
    assumptions=ASSUMPTIONS,
    tables=TABLES,
    indicators=INDICATORS,
    limits=LIMITS,
)
"""Answer 5; pipes as the layout of zones shares them among buildings, elsewhere judged by metres."""
