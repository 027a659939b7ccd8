"""Candidate zones and their pipes on paper: houses along one street (drawn in ``heat_maker.py``)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from heat_maker import PIPES, area, areas, heated, houses, placed, street, streets
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError
from ballerup_geo.methods import get_method
from ballerup_geo.methods.heating._money import annuity
from ballerup_geo.methods.heating._zones import grow_zones
from ballerup_geo.run._verify import verified
from ballerup_geo.spec import Outcome

ROUND = {
    "zone_least_buildings": 2.0,
    "zone_least_mwh_m": 0.001,
    "full_load_h": 2000.0,
    "diversity": 0.6,
    "trench_street_dkk_m": 3000.0,
    "trench_service_dkk_m": 1000.0,
    "lost_heat_dkk_mwh": 0.0,
    "discount_rate_pct": 0.0,
    "net_years": 40.0,
}
STREET = streets(street((-5, -15), (1000, -15)))
"""One street, 20 m south of the middles of the houses."""


def pipe_at(x: float) -> gpd.GeoDataFrame:
    """A pipe that lies today, across the street."""
    line = street((x, -30), (x, 0))["shape"]
    return placed([{"pipe_id": "P"}], [line])


def zoned(*changes: dict[str, object], **more: object) -> Outcome:
    layers = {"roads": STREET, "heat_network": pipe_at(-5)} | more
    values = {**ROUND, **layers.pop("assumptions", {})}  # type: ignore[dict-item]
    return heated(houses(*changes), assumptions=values, **layers)


def test_two_houses_by_hand() -> None:
    """Houses of 10 MWh (5 kW) at 5 m and 105 m along the street; the net lies at −5 m, 20 m of service line each.

    10 m of street carry 0.6 × 10 + 0.4 × 5 = 8 kW, 100 m 5 kW: DN 20 throughout, 110 m × (3000 + 1000). Service lines:
    40 m × (1000 + 1000). In all 520,000 DKK, 150 m, 20 MWh: 0.1333 MWh/m. Lost: 150 m × 10 W × 8.76 = 13.14 MWh.
    """
    found = zoned({}, {})
    (zone,) = found.tables["heat_zones"].to_dict("records")
    assert (zone["buildings"], zone["reached"], zone["stage"]) == (2, True, "unknown")
    assert (zone["trench_m"], zone["service_m"], zone["trunk_m"]) == pytest.approx((150.0, 40.0, 0.0))
    assert zone["mwh_m"] == pytest.approx(20 / 150)
    assert (zone["cost_dkk"], zone["bound_dkk"]) == pytest.approx((520_000.0, 520_000.0))
    assert zone["loss_mwh"] == pytest.approx(150 * 10 * 8.76 / 1000)
    assert zone["net_dkk_mwh"] == pytest.approx(520_000 / 40 / 20)
    pipes = found.tables["heat_pipes"]
    assert pipes["length_m"].tolist() == pytest.approx([10.0, 100.0])
    assert pipes["load_kw"].tolist() == pytest.approx([8.0, 5.0])
    assert pipes["consumers"].tolist() == [2, 1]
    assert verified(get_method("heating"), found)


def test_lost_heat_makes_pipes_dearer() -> None:
    """10 W for 8,760 h are 0.0876 MWh a year and metre: at 100 DKK and no rate over 40 years 350.4 DKK a metre."""
    found = zoned({}, {}, assumptions={"lost_heat_dkk_mwh": 100.0})
    assert found.tables["heat_zones"]["cost_dkk"].tolist() == pytest.approx([520_000 + 150 * 350.4])


def test_annuity_on_paper() -> None:
    assert annuity(0.1, 1) == pytest.approx(1.1)
    assert annuity(0.1, 2) == pytest.approx(1 / (1 / 1.1 + 1 / 1.21))
    assert annuity(0.0, 20) == 0.05


def test_the_way_to_the_net_is_laid_too() -> None:
    """Houses at 505 and 605 m, the net at −5 m: 610 m of street, of which 500 m lead to the streets of the zone."""
    empty = [{"heating_installation": 1, "heating_fuel": None}] * 5
    cut = streets(*(street((x - 5, -15), (x + 95, -15), name=f"V{x}") for x in range(0, 1000, 100)))
    found = zoned(*empty, {}, {}, roads=cut)
    (zone,) = found.tables["heat_zones"].to_dict("records")
    assert (zone["buildings"], zone["trench_m"]) == (2, pytest.approx(610 + 40))
    assert zone["trunk_m"] == pytest.approx(500.0)


def test_without_a_net_pipes_begin_in_the_zone_and_it_is_said() -> None:
    found = zoned({}, {}, heat_network=None)
    (zone,) = found.tables["heat_zones"].to_dict("records")
    assert not zone["reached"]
    assert zone["trunk_m"] == 0.0
    assert any("nettet er ukendt" in note["da"] for note in found.notes)
    assert found.indicators["near_net"] is None


def test_who_has_a_heat_pump_or_the_net_is_no_candidate_and_who_lies_off_streets_is_told() -> None:
    pump = {"heating_installation": 5, "heating_fuel": 1}
    net = {"heating_installation": 1, "heating_fuel": None}
    found = zoned({}, pump, net, {}, {})
    assert found.tables["heat_zones"]["buildings"].tolist() == [3]
    far = heated(houses({}, {}), assumptions=ROUND)
    assert (far.indicators["zones"], far.indicators["off_streets"]) == (0, 2)
    assert len(verified(get_method("heating"), far).tables["heat_pipes"]) == 0


def test_buildings_near_the_net() -> None:
    found = zoned({}, {}, {"heating_installation": 7, "heating_fuel": 1}, heat_network=pipe_at(100))
    assert found.indicators["near_net"] == 1


def test_zones_keep_to_one_area() -> None:
    plan = areas(area("A", "approved", 0, 110, end_year=2027), area("B", "planned", 200, 310, end_year=2030))
    cut = streets(*(street((x - 5, -15), (x + 95, -15), name=f"V{x}") for x in range(0, 400, 100)))
    found = zoned({}, {}, {}, {}, roads=cut, heat_areas=plan)
    zones = found.tables["heat_zones"]
    assert zones[["stage", "end_year", "buildings"]].to_numpy().tolist() == [
        ["approved", 2027, 2],
        ["planned", 2030, 2],
    ]


def test_pipes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(DataError, match="wider one carries or costs less"):
        zoned({}, {}, pipe_sizes=PIPES.assign(cost_dkk_m=[3.0, 2.0, 1.0]))
    with pytest.raises(DataError, match="there is no pipe"):
        zoned({}, {}, pipe_sizes=PIPES.head(0))


def test_a_denser_zone_never_costs_more_a_mwh() -> None:
    """Other things equal: the same houses with twice the heat, in pipes wide enough for both."""
    wide = PIPES.tail(1)
    costs = [
        zoned({"dwelling_area_m2": size}, {"dwelling_area_m2": size}, pipe_sizes=wide).tables["heat_zones"][
            "net_dkk_mwh"
        ]
        for size in (100.0, 200.0)
    ]
    assert costs[1].iloc[0] == pytest.approx(costs[0].iloc[0] / 2)


@st.composite
def street_net(draw: st.DrawFn) -> dict[str, np.ndarray]:
    count = draw(st.integers(1, 12))
    junction = st.integers(0, 6)
    ends = draw(st.lists(st.tuples(junction, junction), min_size=count, max_size=count))
    numbers = st.lists(st.floats(0, 200), min_size=count, max_size=count)
    return {
        "ends": np.array(ends, dtype=np.int32),
        "heat_mwh": np.array(draw(numbers)),
        "trench_m": np.array(draw(numbers)) + 1.0,
        "buildings": np.array(draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))),
        "area": np.array(draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count))),
    }


@settings(max_examples=80, deadline=None)
@examples(street_net(), st.floats(0.1, 3.0), st.integers(9, 30))
def test_zones_hang_together_and_keep_what_they_promise(net: dict[str, np.ndarray], least: float, most: int) -> None:
    ends = net.pop("ends")
    zone = grow_zones(ends, **net, least_mwh_m=least, most_buildings=most)
    for name in np.unique(zone[zone >= 0]):
        rows = zone == name
        assert net["heat_mwh"][rows].sum() >= least * net["trench_m"][rows].sum() - 1e-6
        assert net["buildings"][rows].sum() <= most
        assert len(set(net["area"][rows]) - {-1}) <= 2 - (net["area"][rows].max() >= 0)
        together = {int(ends[rows][0, 0])}
        for _ in range(rows.sum()):
            together |= {int(v) for pair in ends[rows] if set(pair.tolist()) & together for v in pair}
        assert together == set(ends[rows].ravel().tolist())
    dense = (net["heat_mwh"] > 0) & (net["heat_mwh"] >= least * net["trench_m"])
    assert (zone[dense] >= 0).all()
    assert pd.Series(zone[zone >= 0]).nunique() == zone.max() + 1


def test_effective_width_by_hand() -> None:
    """Two houses of 100 m² on parcels of 500 m² and 1,500 m²: plot ratio 0.1, width 60 · 0.1^−0.5, 2,000 m² of land."""
    land = [shapely.box(-5, -5, 15, 20), shapely.box(90, -5, 140, 25)]
    parcels = placed([{"parcel_id": f"M{n}", "owner_kind": "private"} for n in (1, 2)], land)
    rule = {"effective_width_m": 60.0, "effective_width_power": -0.5}
    found = zoned({}, {}, parcels=parcels, assumptions=rule)
    (zone,) = found.tables["heat_zones"].to_dict("records")
    trench = 2000 / (60 * 0.1**-0.5)
    assert (zone["land_m2"], zone["plot_ratio"]) == pytest.approx((2000.0, 0.1))
    assert (zone["rule_trench_m"], zone["rule_mwh_m"]) == pytest.approx((trench, 20 / trench))
    assert found.indicators["rule_trench_pct"] == pytest.approx(100 * trench / 150)
    assert zoned({}, {}).indicators["rule_trench_pct"] is None


def test_plants_by_hand() -> None:
    """H1 has the net: 5 kW. With the zone 0.8 of H2 and H3 join: n = 2.6, 13 kW × (0.6 + 0.4 / 2.6); 20 % are lost."""
    net = {"heating_installation": 1, "heating_fuel": None}
    plants = placed([{"plant_id": "V1", "name": "Øst", "capacity_mw": 0.02}], [shapely.Point(0, 0)])
    values = {"connection_pct": 80.0, "network_loss_pct": 20.0}
    found = zoned(net, {}, {}, heat_plants=plants, assumptions=values)
    loads = found.tables["plant_load"].set_index("scene")
    assert loads.loc["today", ["buildings", "heat_mwh", "load_mw"]].tolist() == pytest.approx([1, 10.0, 0.005 / 0.8])
    assert loads.loc["zones", "load_mw"] == pytest.approx(0.013 * (0.6 + 0.4 / 2.6) / 0.8)
    assert loads.loc["today", "used_pct"] == pytest.approx(31.25)
    assert any("Øst" in note["da"] for note in found.notes)
    assert zoned(net, {}, {}, heat_plants=plants.assign(capacity_mw=np.nan)).indicators["plant_mw"] is None
    assert zoned(net, {}, {}).indicators["plant_mw"] is None
