"""The modelled layers of the rain: sourced where they are facts, plausible where they are invented."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from layer_contract import assert_as_the_layer_file_says

from ballerup_geo.catalog import Catalog
from ballerup_geo.errors import SourceError
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.sources.model import BUILDERS, Town
from ballerup_geo.sources.model.frame import facts, outline
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.relief import build_relief, height_at
from ballerup_geo.sources.model.streams import trace_streams

FEATURES = ("basins", "measures", "sewer_areas", "green_areas", "critical_functions", "ground_conflicts")
MM_PER_L_S_HA = 600.0 / 10_000.0
"""One litre a second on a hectare, for ten minutes, in millimetres."""


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(10.0)


def heights(town: Town, points: np.ndarray) -> np.ndarray:
    return height_at(town.part(build_relief), shapely.get_coordinates(points))


def share_on(shapes: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """The share of each shape's area that lies on other ground."""
    one, other = shapely.STRtree(ground).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[one], ground[other]))
    return np.bincount(one, weights=shared, minlength=len(shapes)) / shapely.area(shapes) if len(one) else np.zeros(1)


@pytest.mark.parametrize("layer_id", FEATURES)
def test_the_layer_is_as_its_file_says(town: Town, layer_id: str) -> None:
    assert_as_the_layer_file_says(town, layer_id)
    assert town.table(layer_id).geometry.intersects(outline()).all()


@pytest.fixture(scope="module")
def events(town: Town) -> pd.DataFrame:
    return pd.DataFrame(town.layer("rain_events"))


def test_rain_events_stand_in_the_order_of_what_falls_each_with_a_source(events: pd.DataFrame) -> None:
    assert 6 <= len(events) <= 9
    assert (events["rain_mm"] * events["climate_factor"]).is_monotonic_increasing
    assert events["event_id"].is_unique
    assert events["source"].str.contains(r"kloakviden\.eu|sn\.dk").all()
    assert set(events.columns) == set(read_project(shipped_root()).layers["rain_events"].columns)


def test_rain_events_are_those_of_their_sources(events: pd.DataFrame) -> None:
    design = events[events["return_period_y"].notna()]
    assert len(design) == 7
    assert (design["duration_min"] == 10).all()
    mm = {2: 9.0, 5: 11.4, 10: 13.8, 100: 22.8}
    assert (design["rain_mm"] == design["return_period_y"].map(mm)).all()
    later = design[design["climate_factor"] > 1].set_index("return_period_y")["climate_factor"]
    assert later.to_dict() == {2: 1.2, 10: 1.3, 100: 1.4}
    rest = events[events["return_period_y"].isna()]
    assert rest["rain_mm"].tolist() == [15.0, 42.2]
    assert (rest["duration_min"] == 30).all()
    assert (rest["climate_factor"] == 1.0).all()


def test_millimetres_follow_from_the_intensities_that_the_source_gives() -> None:
    rows = [row for row in facts("rain_events")["event"] if "intensity_l_s_ha" in row]
    assert len(rows) == 7
    for row in rows:
        assert row["rain_mm"] == pytest.approx(row["intensity_l_s_ha"] * MM_PER_L_S_HA, abs=1e-9), row["event_id"]
        assert f"{row['intensity_l_s_ha']} l/s/ha" in row["source"]


@pytest.mark.parametrize("layer_id", ["basins", "measures"])
def test_a_basin_keeps_clear_of_houses_streets_and_water(town: Town, layer_id: str) -> None:
    shapes = town.table(layer_id).geometry.to_numpy()
    assert shapely.contains_properly(outline(), shapes).all()
    for other in ("buildings", "lakes", *(["streams"] if layer_id == "basins" else [])):
        tree = shapely.STRtree(town.table(other).geometry.to_numpy())
        assert tree.query(shapes, predicate="intersects").size == 0, other
    roads = town.table("roads")
    streets = shapely.STRtree(roads.geometry[roads["class"] != "path"].to_numpy())
    assert streets.query(shapes, predicate="dwithin", distance=7.0).size == 0
    together = np.concatenate([town.table(name).geometry.to_numpy() for name in ("basins", "measures")])
    assert len(shapely.STRtree(together).query(together, predicate="intersects")[0]) == len(together)


def test_basins_lie_low_beside_the_water_that_they_hold_back(town: Town) -> None:
    basins = town.table("basins")
    assert len(basins) == len(facts("basins")["basin"])
    middles = shapely.centroid(basins.geometry.to_numpy())
    ground = heights(town, middles)
    around = shapely.get_coordinates(shapely.boundary(shapely.buffer(middles, 250.0, quad_segs=8)))
    assert (ground < heights(town, shapely.points(around)).reshape(len(basins), -1).mean(axis=1) - 0.3).all()
    for middle, height in zip(middles, ground, strict=True):
        stream = min(town.part(trace_streams), key=lambda each: each.line.distance(middle))
        assert stream.line.distance(middle) < 120.0
        assert abs(height - stream.level_near(middle)) < 1.0
    ids = set(town.table("recipients")["recipient_id"])
    assert set(basins["recipient_id"]) <= ids
    assert basins["sluice"].any()
    assert not basins["sluice"].all()


def test_basins_are_as_large_as_their_volume_asks_for(town: Town) -> None:
    rows = facts("basins")["basin"]
    areas = [row["volume_m3"] / row["depth_m"] for row in rows]
    assert town.table("basins").area.to_numpy() == pytest.approx(areas, rel=1e-6)


def test_the_measures_are_examples_and_say_so(town: Town) -> None:
    measures = town.table("measures")
    assert len(measures) == 2
    assert measures["name"].str.startswith("Eksempel").all()
    assert measures["note"].str.startswith("Eksempel").all()
    assert (measures["kind"] == "basin").all()
    park = next(quarter.outline for quarter in quarters() if quarter.name == "Baltorpplænen")
    assert park.contains(measures.geometry[0])
    ditch = town.table("streams").query("stream_id == 'skelgroeften'").geometry.iloc[0]
    assert ditch.intersection(measures.geometry[1]).length > 40.0
    assert measures["capacity_l_s"].notna().tolist() == [False, True]
    assert (share_on(measures.geometry.to_numpy(), town.table("ground_conflicts").geometry.to_numpy()) == 0.0).all()


def test_every_quarter_with_houses_has_its_sewers_once(town: Town) -> None:
    rows = facts("sewers")["area"]
    named = [name for row in rows for name in row["quarters"]]
    open_kinds = ("park", "sport", "forest")
    assert sorted(named) == sorted(quarter.name for quarter in quarters() if quarter.kind not in open_kinds)
    sewers = town.table("sewer_areas")
    shapes = sewers.geometry.to_numpy()
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)
    assert share_on(shapes, town.table("lakes").geometry.to_numpy()).max() < 1e-9
    homes = town.table("buildings").query("dwellings > 0").geometry.centroid
    sewered = sewers[sewers["system"] != "none"].union_all()
    assert homes.within(sewered).mean() > 0.99
    assert 0.35 < sewered.area / outline().area < 0.65


def test_sewers_lead_to_recipients_that_there_are(town: Town) -> None:
    sewers = town.table("sewer_areas").set_index("sewer_area_id")
    assert set(sewers["system"]) == {"combined", "separate", "none"}
    lead = sewers[sewers["system"] != "none"]["outlet_recipient"]
    assert set(lead) == set(town.table("recipients")["recipient_id"])
    assert sewers.loc[sewers["system"] == "none", "outlet_recipient"].isna().all()
    assert sewers["service_level_y"].isna().all()


def test_green_areas_hold_hardly_a_house_and_no_water(town: Town) -> None:
    green = town.table("green_areas")
    shapes = green.geometry.to_numpy()
    assert share_on(shapes, town.table("lakes").geometry.to_numpy()).max() < 1e-9
    roofs = share_on(shapes, town.table("buildings").geometry.to_numpy())
    assert roofs.max() < 0.05  # a farm on its meadow
    assert (roofs > 0.001).sum() < 10
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum(), rel=1e-6)
    assert 0.1 < shapely.area(shapes).sum() / outline().area < 0.4


def test_green_areas_bear_the_names_that_are_known(town: Town) -> None:
    green = town.table("green_areas").set_index("name")
    park = green.loc["Baltorpplænen"]
    assert (park["kind"], park["public"]) == ("park", True)
    stations = town.table("stations").set_index("name")
    assert park.geometry.distance(stations.geometry["Ballerup"]) < 300.0
    assert green.loc[["Ballerup Idrætspark", "Jonstrup Vang"], "kind"].tolist() == ["sport", "forest"]
    assert {"park", "sport", "forest", "common", "meadow"} == set(green["kind"])


def test_green_areas_are_public_where_the_parcels_under_them_are(town: Town) -> None:
    green, parcels = town.table("green_areas"), town.table("parcels")
    public = parcels[parcels["owner_kind"].isin(["municipality", "state"])].geometry.to_numpy()
    share = share_on(green.geometry.to_numpy(), public)
    assert (share[green["public"]] > 0.9).mean() > 0.95
    assert (share[~green["public"]] < 0.1).all()


def test_critical_functions_stand_at_their_houses(town: Town) -> None:
    functions = town.table("critical_functions")
    counts = functions["kind"].value_counts()
    assert counts["station"] == 5
    assert counts["care_home"] == 5
    assert counts["waterworks"] == 2
    assert {"substation", "fire_station", "health_centre"} <= set(counts.index)
    stations = functions[functions["kind"] == "station"].geometry.to_numpy()
    assert shapely.distance(stations, town.table("stations").geometry.to_numpy()).max() == 0.0
    houses = town.table("buildings")
    rest = functions[functions["kind"] != "station"]
    places = rest.geometry.to_numpy()
    near, metres = shapely.STRtree(houses.geometry.to_numpy()).query_nearest(
        places, return_distance=True, all_matches=False
    )
    assert metres.max() < 0.01
    uses = dict(zip(rest["function_id"].iloc[near[0]], houses["use_code"].iloc[near[1]], strict=True))
    homes = rest.loc[rest["kind"] == "care_home", "function_id"]
    assert {uses[each] for each in homes} == {160}
    assert len({point.wkt for point in functions.geometry}) == len(functions)


def test_conflicts_lie_where_their_kind_has_its_place(town: Town) -> None:
    conflicts = town.table("ground_conflicts")
    counts = conflicts["kind"].value_counts()
    assert (counts["v1"], counts["v2"], counts["bnbo"], counts["fredning"], counts["groundwater"]) == (14, 6, 3, 1, 2)
    assert shapely.contains(shapely.buffer(outline(), 0.01), conflicts.geometry.to_numpy()).all()
    business = shapely.union_all([quarter.outline for quarter in quarters() if quarter.kind == "business"])
    plots = conflicts[conflicts["kind"].isin(["v1", "v2"])]
    assert plots.within(business.buffer(1.0)).all()
    assert not plots.geometry.duplicated().any()
    nature = conflicts[conflicts["kind"] == "section3"]
    lakes = town.table("lakes")
    inside = lakes[lakes.within(outline())].geometry.to_numpy()
    assert share_on(inside, nature.geometry.to_numpy()).min() == pytest.approx(1.0)
    protected = town.table("streams").query("protected").intersection(outline())
    assert protected.difference(nature.union_all().buffer(0.01)).length.sum() < 1.0


def test_an_official_map_is_unknown_and_never_empty(tmp_path: Path) -> None:
    """The model makes no lavbund; and where the file is missing, the message says where it belongs."""
    project = read_project(shipped_root())
    assert "lavbund" not in BUILDERS
    modelled = Catalog(project, out=tmp_path, data="model", cell_m=10.0)
    with pytest.raises(SourceError, match='"lavbund" is unknown: it has no source for --data model'):
        modelled.read("lavbund")
    why = Catalog(project, out=tmp_path, data="kept").why_unknown("lavbund")
    assert why is not None
    assert str(Path("data", "lavbund.gpkg")) in why.what


@pytest.mark.parametrize("layer_id", ["rain_events", *FEATURES])
def test_the_catalog_takes_the_layer_as_it_is(town: Town, tmp_path: Path, layer_id: str) -> None:
    checked = Catalog(read_project(shipped_root()), out=tmp_path, data="model", cell_m=10.0).read(layer_id)
    assert checked.provenance.notes == ()
    assert len(checked.data) == len(town.layer(layer_id))


def test_a_new_layer_changes_no_other(town: Town) -> None:
    backward = Town(2.0)
    for layer_id in reversed(FEATURES):
        assert_geodataframe_equal(backward.table(layer_id), town.table(layer_id))
