"""What the heat plants can deliver, beside the load of district heating today and with the zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._columns import figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.heating._columns import of_homes
from ballerup_geo.methods.heating._shares import HANDED, ZONE_COLUMN
from ballerup_geo.methods.heating._stock import Stock
from ballerup_geo.spec import Given, Indicator, Input, OutputColumn, OutputTable, Text

__all__ = ["PLANTS", "plant_load_mw"]

Floats = NDArray[np.float64]

KWH = 1000.0
KW_A_MW = 1000.0
PERCENT = 100.0
SCENES: Mapping[str, Text] = {
    "today": Text(da="fjernvarme i dag", en="district heating today"),
    "in_time": Text(da="med zonerne, der bygges inden for årene", en="with the zones built within the years"),
    "zones": Text(da="med alle zoner", en="with all zones"),
}


def plant_load_mw(kwh: Floats, weight: Floats, *, full_load_h: float, diversity: float, loss: float) -> float:
    """Return what the plants must deliver on a cold day, MW: heat / hours, after diversity, with what the net loses.

    Of n buildings the factor is d + (1 − d) / n, as pipes are sized; ``weight`` is the share of each that is connected,
    and n their sum.

    Examples
    --------
    >>> plant_load_mw(np.full(2, 1e7), np.ones(2), full_load_h=2000.0, diversity=0.6, loss=0.2)
    10.0
    """
    count = float(weight.sum())
    if count <= 0:
        return 0.0
    share = min(diversity + (1.0 - diversity) / count, 1.0)
    return float((kwh * weight).sum()) / full_load_h * share / (1.0 - loss) / KW_A_MW


def _capacity_mw(layer: pd.DataFrame | None) -> float | None:
    """Return what all plants deliver together; None where they, or the capacity of one of them, are unknown."""
    if layer is None or "capacity_mw" not in layer or not len(layer) or layer["capacity_mw"].isna().any():
        return None
    return float(layer["capacity_mw"].sum())


def _weights(given: Given, stock: Stock, found: Found) -> dict[str, Floats]:
    """Return by scene the share of each building that is connected: 1 today, the connection rate in the zones."""
    today = (stock.present == "district").astype(np.float64)
    handed = found.columns.get(HANDED)
    if handed is None:
        return dict.fromkeys(SCENES, today)
    zone = handed[ZONE_COLUMN].reindex(stock.building_id)
    phases = found.tables["heat_phases"]
    timely = zone.isin(phases.loc[phases["year"].notna(), "zone_id"]).to_numpy(bool)
    rate = number_of(given, "connection_pct") / PERCENT
    return {
        "today": today,
        "in_time": today + rate * timely,
        "zones": today + rate * zone.notna().to_numpy(bool),
    }


def _plants(given: Given, stock: Stock, found: Found) -> Found:
    layer = cast("pd.DataFrame | None", given.inputs["heat_plants"])
    capacity = _capacity_mw(layer)
    rows = []
    for scene, weight in _weights(given, stock, found).items():
        load = plant_load_mw(
            stock.demand.kwh,
            weight,
            full_load_h=number_of(given, "full_load_h"),
            diversity=number_of(given, "diversity"),
            loss=number_of(given, "network_loss_pct") / PERCENT,
        )
        rows.append(
            {
                "scene": scene,
                "buildings": int((weight > 0).sum()),
                "heat_mwh": float((stock.demand.kwh * weight).sum()) / KWH,
                "load_mw": load,
                "capacity_mw": np.nan if capacity is None else capacity,
                "used_pct": np.nan if not capacity else PERCENT * load / capacity,
            }
        )
    table = pd.DataFrame(rows)
    loads = dict(zip(table["scene"], table["load_mw"], strict=True))
    return Found(
        tables={"plant_load": table},
        indicators={
            "plant_mw": capacity,
            "plant_load_mw": float(loads["today"]),
            "plant_load_zones_mw": float(loads["zones"]),
        },
        notes=(_notes(layer, capacity),),
    )


def _notes(layer: pd.DataFrame | None, capacity: float | None) -> Words:
    if layer is None or capacity is None:
        return {
            "da": "Varmeværkernes effekt er ukendt eller ufuldstændig: den er ikke holdt op mod belastningen.",
            "en": "The power of the heat plants is unknown or incomplete: it was not held against the load.",
        }
    names = layer["name"] if "name" in layer else layer["plant_id"]
    listed = ", ".join(sorted(str(name) for name in names.where(names.notna(), layer["plant_id"])))
    return {"da": f"Varmeværker i laget: {listed}.", "en": f"Heat plants of the layer: {listed}."}


PLANTS: Part[Stock] = Part(
    compute=_plants,
    inputs=(
        Input("heat_plants", "point", columns=("plant_id",), optional_columns=("name", "capacity_mw"), required=False),
    ),
    tables=(
        OutputTable(
            "plant_load",
            "table",
            (
                text("scene", "hvornår", "when", SCENES),
                OutputColumn("buildings", "integer", None, "bygninger på nettet", "buildings on the net"),
                of_homes("heat_mwh", "MWh", "varme om året", "heat a year"),
                of_homes("load_mw", "MW", "belastning en kold dag", "load on a cold day"),
                figure("capacity_mw", "MW", "værkernes effekt", "power of the plants"),
                of_homes("used_pct", "%", "belastning af effekten", "load of the power"),
            ),
        ),
    ),
    indicators=(
        Indicator("plant_mw", "MW", "Varmeværkernes effekt", "Power of the heat plants", significant=2),
        Indicator(
            "plant_load_mw",
            "MW",
            "Fjernvarmens belastning i dag, en kold dag",
            "Load of district heating today, on a cold day",
            significant=2,
        ),
        Indicator(
            "plant_load_zones_mw",
            "MW",
            "Fjernvarmens belastning med alle zoner, en kold dag",
            "Load of district heating with all zones, on a cold day",
            significant=2,
        ),
    ),
    limits=(
        {
            "da": (
                "Værkernes effekt er lagt sammen og holdt op mod hele nettets belastning: hvor varmen går ind, tryk, "
                "reserve og kunder uden for kommunen er der ikke set på."
            ),
            "en": (
                "The plants' power is added up and held against the load of the whole net: where heat enters, "
                "pressure, reserve and customers beyond the municipality are not looked at."
            ),
        },
    ),
)
"""Plants and load."""
