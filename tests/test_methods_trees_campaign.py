"""Campaign, ledger, new wood and hedges of the trees analysis: figures that can be checked on paper."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_geo.errors import MethodError
from ballerup_geo.methods._part import Found
from ballerup_geo.methods.trees._campaign import CAMPAIGN, campaign_words
from ballerup_geo.methods.trees._forest import FOREST
from ballerup_geo.methods.trees._ledger import LEDGER, counted, ledger_words
from ballerup_geo.methods.trees._native import native_mix
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.spec import Given

CRS = "EPSG:25832"
DAY = datetime.date(2028, 6, 30)
SHIPPED = {name: each.value for name, each in read_project(shipped_root()).analyses["trees"].assumptions.items()}


def frame(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(west, south, east, north)


def town(parcels: gpd.GeoDataFrame, **known: Any) -> TreeTown:
    """A town of these parcels on a square of 10 km, with nothing else in it but what is given."""
    nothing = dict.fromkeys(("trees", "canopy", "areas", "greens", "protected", "utilities", "cover"))
    empty = {"buildings": frame([]), "addresses": frame([]), "roads": frame([], name=[])}
    parts: dict[str, Any] = {**nothing, **empty, **known}
    return TreeTown("Lilleby", box(0, 0, 10_000, 10_000), parcels, culprits=(), notes=(), **parts)


def asked_of(inputs: Mapping[str, Any] | None = None, **assumptions: Any) -> Given:
    given = {"lavbund": None, "tree_species": None, "planting_ledger": None, "streams": None, "lakes": None}
    return Given({**given, **(inputs or {})}, {**SHIPPED, **assumptions}, lambda _label, _share: None)


# ---------------------------------------------------------------- the ledger

FEW = st.integers(0, 9)
PLACES = {"H1": "garden", "H2": "garden", "B1": "association", "K1": "other"}


def listed(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["parcel_id", "date", "planted", "survived", "removed"])


def test_the_ledger_is_added_up_as_on_paper() -> None:
    rows = listed(
        ("B1", "2026-10-01", 100, 90, 4),  # 6 more are dead but stand: alive 90
        ("H1", "2026-10-02", 3, None, None),  # nobody has counted: alive 3
        ("H1", "2028-05-01", 0, 2, 1),  # counted later: 2 alive, 1 removed
        ("B1", "2027-10-01", 50, None, 5),  # alive 90 + 45
        ("K1", "2027-04-01", 30, 30, 0),  # the municipality's own land
    )
    ledger, odd = counted(rows, PLACES, as_of=DAY)
    assert odd.empty
    assert [tuple(row) for row in ledger.to_numpy(object)] == [
        ("garden", 2026, 3, 0, 3, 0, 3),
        ("garden", 2027, 0, 0, 3, 0, 3),
        ("garden", 2028, 0, 1, 3, 1, 2),
        ("association", 2026, 100, 4, 100, 4, 90),
        ("association", 2027, 50, 5, 150, 9, 135),
        ("association", 2028, 0, 0, 150, 9, 135),
        ("other", 2027, 30, 0, 30, 0, 30),
        ("other", 2028, 0, 0, 30, 0, 30),
    ]


def test_what_cannot_be_is_named_and_nothing_is_dropped_silently() -> None:
    rows = listed(
        ("H1", "2026-10-01", 5, 4, 2),  # 4 + 2 of 5: planted and alive 5
        ("H2", "2026-10-01", 2, None, None),
        ("H2", "2027-10-01", 0, 3, 0),  # 3 alive of 2: the count is passed over
        ("X9", "2026-11-01", 7, 7, 0),  # no such parcel
        ("B1", "2028-07-01", 9, 9, 0),  # tomorrow
        ("B1", None, 8, 8, 0),
    )
    ledger, odd = counted(rows, PLACES, as_of=DAY)
    assert [tuple(row) for row in odd.to_numpy(object)] == [
        (1, "H1", "2026-10-01", "contradicts"),
        (3, "H2", "2027-10-01", "contradicts"),
        (4, "X9", "2026-11-01", "no_parcel"),
        (5, "B1", "2028-07-01", "future"),
        (6, "B1", "", "no_date"),
    ]
    last = ledger.groupby("place")[["planted_total", "alive_total"]].last()
    assert last.to_dict("index") == {
        "garden": {"planted_total": 7, "alive_total": 7},
        "unknown": {"planted_total": 7, "alive_total": 7},
    }


def test_numbers_that_are_none_and_rows_that_stand_twice_are_named_by_their_place_in_the_list() -> None:
    rows = listed(
        ("H1", "2026-10-01", 5, None, None),
        ("H1", "2026-10-01", 5, None, None),  # the first again
        ("H1", "2026-10-01", 2, None, None),  # another planting on that day
        ("B1", "2026-10-01", -4, None, None),
        ("B1", "2026-10-02", "mange", None, None),
        ("B1", "2026-10-03", 9, 2.5, None),
    )
    ledger, odd = counted(rows, PLACES, as_of=DAY)
    assert odd[["row", "fault"]].to_numpy(object).tolist() == [
        [2, "twice"],
        [4, "no_number"],
        [5, "no_number"],
        [6, "no_number"],
    ]
    assert ledger[["place", "alive_total"]].to_numpy(object).tolist() == [["garden", 7]]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(PLACES)), st.integers(0, 900), FEW, FEW, FEW), max_size=20))
def test_no_tree_comes_from_nowhere(rows: list[tuple[str, int, int, int, int]]) -> None:
    first = datetime.date(2026, 1, 1)
    made = listed(*((name, str(first + datetime.timedelta(day)), *trees) for name, day, *trees in rows))
    ledger, _ = counted(made, PLACES, as_of=DAY)
    last = ledger.groupby("place").last()
    assert last["planted_total"].sum() == sum(row[2] for row in set(rows))
    assert (ledger["alive_total"] >= 0).all()
    assert (ledger["alive_total"] + ledger["removed_total"] <= ledger["planted_total"]).all()


def test_pace_and_words_of_the_ledger() -> None:
    parcels = frame([box(0, 0, 9, 9), box(9, 0, 18, 9)], parcel_id=["H1", "K1"], place=["garden", "other"])
    rows = listed(("H1", "2026-12-31", 2000, 1900, 50), ("K1", "2026-12-31", 500, 500, 0))
    days = {"ledger_as_of": "2028-12-31", "goal_year": 2030, "goal_trees": 20_000}
    found = LEDGER.compute(asked_of({"planting_ledger": rows}, **days), town(parcels), Found())
    assert found.indicators["ledger_planted"] == 2000.0  # the municipality's own 500 do not count
    assert found.indicators["ledger_pace"] == pytest.approx(18_000 / (730 / 365.25))
    assert found.tables["ledger"]["goal_pct"].tolist()[0] == pytest.approx(10.0)
    late = LEDGER.compute(
        asked_of({"planting_ledger": rows}, **days | {"ledger_as_of": "2026-12-30"}), town(parcels), Found()
    )
    assert "(række 1, 2; tabellen ledger_faults)" in late.notes[0]["da"]
    assert "H1" not in late.notes[0]["da"]  # a page names nobody's garden
    words = ledger_words(found.indicators, trees=20_000, year=2030)
    assert words["da"].startswith("2.000 af 20.000 træer er plantet ifølge kommunens liste; 1.900 af dem lever.")
    unknown = LEDGER.compute(asked_of(**days), town(parcels), Found())
    assert unknown.indicators == dict.fromkeys(found.indicators)
    assert unknown.tables["ledger"].empty
    assert "ukendt" in unknown.notes[0]["da"]
    with pytest.raises(MethodError, match="is no day"):
        LEDGER.compute(asked_of({"planting_ledger": rows}, ledger_as_of="i går"), town(parcels), Found())


# ---------------------------------------------------------------- the campaign

ACCEPT = {"garden": (10, 20, 50), "association": (20, 40, 60), "cooperative": (10, 30, 50)}
RATES = {
    f"accept_{who}_{level}_pct": value
    for who, values in ACCEPT.items()
    for level, value in zip(("low", "mid", "high"), values, strict=True)
}


def village() -> tuple[TreeTown, Found]:
    """Two gardens in Nordgade (5 and 2 sites), one in no street (1), an estate of 10 sites, a cooperative of 4."""
    owners = ["private", "private", "private", "housing_association", "cooperative", "municipality"]
    parcels = frame(
        [box(100 * n, 0, 100 * n + 100, 100) for n in range(6)],
        parcel_id=["H1", "H2", "H3", "B1", "C1", "K1"],
        owner_kind=owners,
        owner_name=[None, None, None, "Lillebo", None, "Kommunen"],
        place=["garden"] * 3 + ["association"] * 2 + ["other"],
        street=["Nordgade", "Nordgade", None, "Nordgade", "Sydgade", None],
    )
    counts = [5, 2, 1, 10, 4, 3]
    own = np.repeat(np.arange(6), counts)
    sites = frame(
        [shapely.Point(100 * n + 5, 5) for n in own],
        site_id=[f"T{n:03d}" for n in range(len(own))],
        **{str(name): parcels[name].to_numpy(object)[own] for name in parcels if name != "geometry"},
        size=["small", "medium", "large", "small", "small"] * 5,
        crown_radius_m=3.0,
        species=["Stilkeg", "Skovfyr", None, "Stilkeg", "Tjørn"] * 5,
        unchecked=["tinglysning; LER"] * 24 + ["tinglysning"],
    )
    chosen = [1, 2, 3, 4, None, None, None, None, *range(5, 11), *[None] * 11]
    rank = pd.DataFrame({"rank": pd.array(chosen, dtype="Int64")})
    rank.index = pd.Index(sites["site_id"])
    room = pd.DataFrame({"parcel_id": parcels["parcel_id"], "plantable_m2": 5000.0})
    roads = frame([shapely.LineString([(0, -10), (600, -10)])], name=["Nordgade"])
    return town(parcels, roads=roads), Found(tables={"sites": sites, "parcels": room}, columns={"sites": rank})


def campaign(**assumptions: Any) -> Found:
    place, before = village()
    numbers = {**RATES, "garden_offer_most": 3, "goal_trees": 10, **assumptions}
    return CAMPAIGN.compute(asked_of(**numbers), place, before)


def test_offers_and_expected_trees_of_streets_are_those_on_paper() -> None:
    found = campaign()
    streets = found.tables["streets"].set_index("street")
    north = streets.loc["Nordgade"]
    # 5 and 2 sites, of which 3 and 2 are offered; 20 % of 5 is 1
    assert north[["gardens", "asked", "sites", "offered", "chosen"]].tolist() == [2, 2, 7, 5, 4]
    assert north[["expected_low", "expected_mid", "expected_high"]].tolist() == [0.5, 1.0, 2.5]
    assert north.geometry.length == pytest.approx(222.0, abs=3.0)  # by its two gardens and a little on
    assert streets.index.tolist() == ["Nordgade"]
    assert found.notes[0]["da"].startswith("1 haver med 1 tilbudte træer")


def test_each_association_gets_an_offer_with_its_trees_and_its_footing() -> None:
    offers = campaign(funding_cooperative="Byrådet 4. marts 2027: 200 kr. pr. træ").tables["associations"]
    assert offers["association"].tolist() == ["Lillebo", "C1"]  # no name: the parcel's number
    first, second = (offers.iloc[at] for at in (0, 1))
    assert first[["sites", "chosen", "small", "medium", "large"]].tolist() == [10, 6, 4, 1, 1]
    assert first[["expected_low", "expected_mid", "expected_high"]].tolist() == [2.0, 4.0, 6.0]
    assert first["chosen_mid"] == pytest.approx(2.4)
    assert first["species"] == "Stilkeg 3, Skovfyr 1, Tjørn 1"
    assert first["unchecked"] == "tinglysning; LER"
    assert (first["legal_basis"], first["funding"]) == ("housing_association", "ikke afklaret")
    assert second["funding"] == "Byrådet 4. marts 2027: 200 kr. pr. træ"
    assert second["chosen"] == 0
    assert len(campaign().tables["association_sites"]) == 6


def test_both_readings_say_what_acceptance_the_number_asks() -> None:
    found = campaign()
    readings = found.tables["readings"].set_index("reading")
    both, alone = readings.loc["gardens_and_associations"], readings.loc["associations"]
    # offered: 3 + 2 + 1 of gardens, 10 and 4 of associations
    assert (both["offered"], alone["offered"]) == (20, 14)
    assert both["expected_mid"] == pytest.approx(6 * 0.2 + 10 * 0.4 + 4 * 0.3)
    assert both["needed_pct"] == pytest.approx(50.0)
    assert alone["needed_pct"] == pytest.approx(100 * 10 / 14)
    assert both["reach"] == "possible"  # 11 at most
    assert alone["reach"] == "not_expected"  # 8 at most
    assert found.indicators["expected_high"] == pytest.approx(11.0)
    assert "50 % af tilbuddene" in campaign_words(found.tables, trees=10)["da"]
    assert campaign(goal_trees=21).tables["readings"]["reach"].tolist() == ["no_room", "no_room"]


# ---------------------------------------------------------------- new wood and hedges


FARM = {
    "habitat_reach_m": 100.0,
    "wood_least_ha": 0.5,
    "wood_width_m": 20.0,
    "hedge_least_m": 50.0,
    "hedge_apart_m": 10.0,
    "hedge_width_m": 6.0,
}


def farm(**cover: Any) -> tuple[TreeTown, dict[str, Any]]:
    """A field of 4 ha, forest of 2 ha 50 m to its west and of 1 ha 80 m to its east; the far field stands alone."""
    shapes = {
        "field": box(1000, 1000, 1200, 1200),
        "west": box(850, 1000, 950, 1200),
        "east": box(1280, 1000, 1380, 1100),
        "far": box(5000, 5000, 5100, 5100),
    }
    kinds = ["field", "forest", "forest", "field"]
    parcels = frame(
        [box(900, 900, 1250, 1300), box(4900, 4900, 5200, 5200)],
        parcel_id=["M1", "M2"],
        owner_kind=["municipality", "private"],
        owner_name=["Kommunen", None],
        place=["other", "other"],
    )
    known = town(parcels, cover=frame(list(shapes.values()), cover=kinds), **cover)
    return known, dict(FARM)


def test_new_wood_joins_what_lies_apart() -> None:
    place, numbers = farm()
    found = FOREST.compute(asked_of(**numbers), place, Found())
    first, far = (found.tables["forest"].iloc[at] for at in (0, 1))
    assert (first["parcel_id"], first["owner_kind"]) == ("M1", "municipality")
    assert far["owner_kind"] == "private"
    assert pd.isna(far["parcel_id"])  # the table is published: no person's land by its number
    assert first["area_ha"] == pytest.approx(4.0, abs=0.02)  # the corners are rounded
    assert first["nearest_m"] == pytest.approx(50.0, abs=0.1)
    assert (first["linked_ha"], first["joined_ha"]) == (pytest.approx(3.0), pytest.approx(1.0))
    assert first["gain_ha"] == pytest.approx(first["area_ha"] + 1.0)
    assert (far["linked_ha"], far["gain_ha"]) == (0.0, 0.0)
    assert pd.isna(first["low_pct"])
    assert found.indicators["forest_low_ha"] is None
    assert "Beskyttet natur er ukendt" in found.notes[0]["da"]
    assert "lavbundsjord" in found.notes[1]["da"]


def test_closed_land_low_soil_and_narrow_strips() -> None:
    # a view over the southern half, a road 10 m off along x = 1150, low soil under the western half
    closed = frame([box(900, 900, 1300, 1100)], kind=["view"])
    road = frame([shapely.LineString([(1150, 900), (1150, 1300)])], name=[None])
    place, numbers = farm(protected=closed, roads=road)
    numbers |= {"wood_road_m": 10.0}
    low = frame([box(900, 900, 1070, 1300)])
    forest = FOREST.compute(asked_of({"lavbund": low}, **numbers), place, Found()).tables["forest"]
    near = forest[forest["parcel_id"] == "M1"]
    assert len(near) == 1  # east of the road 40 × 100 m are left: less than half a hectare
    assert near["area_ha"].iloc[0] == pytest.approx(1.4, abs=0.02)
    assert near["low_pct"].iloc[0] == pytest.approx(50.0, abs=0.5)
    assert not near.geometry.iloc[0].intersects(box(900, 900, 1300, 1099.9))
    numbers["wood_width_m"] = 110.0
    assert "M1" not in set(FOREST.compute(asked_of(**numbers), place, Found()).tables["forest"]["parcel_id"])


@pytest.mark.parametrize(("kind", "closes"), [("afforestation_unwanted", True), ("church_line", False), ("nyt", True)])
def test_wood_is_neither_put_where_it_is_unwanted_nor_where_a_protection_is_not_known(kind: str, closes: bool) -> None:
    place, numbers = farm(protected=frame([box(900, 900, 1300, 1300)], kind=[kind]))
    forest = FOREST.compute(asked_of(**numbers), place, Found()).tables["forest"]
    assert ("M1" not in set(forest["parcel_id"])) == closes


def test_what_a_layer_brings_is_kept_clear_of_and_what_no_source_tells_is_said() -> None:
    place, numbers = farm(protected=frame([box(0, 0, 1, 1)], kind=["view"]))
    asked = asked_of({"deeds": frame([box(900, 900, 1300, 1300)], deed_id=["B"])}, **numbers)
    asked = replace(asked, untold={"protected_nature": {"kind": ["view", "forest_line"]}})
    found = FOREST.compute(asked, place, Found())
    assert "M1" not in set(found.tables["forest"]["parcel_id"])
    assert "does not tell of views to be kept open: candidates" in found.notes[0]["en"]
    through = asked_of({"dug_lines": frame([shapely.LineString([(1100, 900), (1100, 1300)])])}, **numbers)
    both = FOREST.compute(through, place, Found()).tables["forest"]
    assert (both["parcel_id"] == "M1").sum() == 2  # a line from north to south parts the field


def test_hedges_stand_along_fields_once() -> None:
    place, numbers = farm()
    hedges = FOREST.compute(asked_of(**numbers), place, Found()).tables["hedgerows"]
    near = hedges[hedges["parcel_id"] == "M1"]
    assert near["length_m"].sum() == pytest.approx(800.0)
    assert near["joined_ha"].iloc[0] == pytest.approx(1.0)
    assert near["area_ha"].sum() == pytest.approx(0.48)


def test_no_cover_is_unknown_and_not_nothing() -> None:
    place, numbers = farm()
    unknown = town(place.parcels)
    found = FOREST.compute(asked_of(**numbers), unknown, Found())
    assert found.indicators["forest_ha"] is None
    assert found.tables["forest"].empty
    assert "ukendt" in found.notes[0]["da"]


def test_a_mix_is_native_and_not_all_of_one_family() -> None:
    rows = [
        *((f"Eg {n}", "Quercus", "Fagaceae", True, "tree", 3, 0, None) for n in range(4)),
        ("Bøg", "Fagus", "Fagaceae", True, "tree", 2, 0, None),
        ("Kastanje", "Castanea", "Fagaceae", True, "tree", 1, 0, None),
        ("Rødel", "Alnus", "Betulaceae", True, "tree", 0, 3, None),
        ("Ask", "Fraxinus", "Oleaceae", True, "tree", 3, 3, "asketoptørre"),
        ("Robinie", "Robinia", "Fabaceae", False, "tree", 3, 0, None),
        ("Slåen", "Prunus", "Rosaceae", True, "shrub", 3, 0, None),
    ]
    names = ["species", "genus", "family", "native", "form", "dry", "wet", "excluded"]
    species = pd.DataFrame(rows, columns=names)
    assert native_mix(species, wet=False, trees=8, shrubs=2) == ("Eg 0", "Eg 1", "Bøg", "Slåen")
    assert native_mix(species, wet=True, trees=8, shrubs=2) == ("Rødel",)
