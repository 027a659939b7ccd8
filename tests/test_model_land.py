"""The modelled municipality's land: its facts hold, its water runs where it should, at every cell size."""

from __future__ import annotations

from importlib.resources import files

import geopandas as gpd
import numpy as np
import pytest
import shapely
from rasterio.features import rasterize

from ballerup_geo import hydrology
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.sources.model import Town
from ballerup_geo.sources.model.embankments import lay_banks
from ballerup_geo.sources.model.frame import BOUNDS, facts, frame_box, grid, outline
from ballerup_geo.sources.model.lakes import place_lakes
from ballerup_geo.sources.model.relief import build_relief
from ballerup_geo.sources.model.streams import trace_streams

COARSE_M, FINE_M = 20.0, 10.0
REQUIRED = {
    "municipality": {"name", "code"},
    "neighbours": {"name", "code"},
    "recipients": {"recipient_id", "name", "kind", "downstream_id", "target_year", "target_text"},
    "streams": {"stream_id", "name", "protected", "culverted"},
    "lakes": {"lake_id", "name"},
    "culverts": {"culvert_id", "kind", "diameter_mm", "capacity_l_s"},
    "stations": {"station_id", "name", "kind"},
    "places": {"name", "kind"},
}
GEOMETRY = {
    "municipality": {"Polygon"},
    "neighbours": {"Polygon", "MultiPolygon"},
    "recipients": {"LineString", "MultiLineString", "Polygon"},
    "streams": {"LineString", "MultiLineString"},
    "lakes": {"Polygon"},
    "culverts": {"LineString"},
    "stations": {"Point"},
    "places": {"Point"},
}


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(FINE_M)


def heights(town: Town) -> Raster:
    terrain = town.layer("terrain")
    assert isinstance(terrain, Raster)
    return terrain


def burn(shapes: list[tuple[shapely.Geometry, int]], grid: Raster, *, touched: bool = False) -> np.ndarray:
    return rasterize(shapes, out_shape=grid.shape, transform=grid.transform, all_touched=touched, dtype="int32")


@pytest.fixture(scope="module")
def drained(town: Town) -> tuple[Raster, np.ndarray, np.ndarray, np.ndarray]:
    """Terrain with the culverts open, mask of the municipality, recipient labels (1 …) and flow directions."""
    terrain = heights(town)
    open_ground = terrain.array.copy()
    for line in town.table("culverts").geometry:
        along = np.arange(0.0, line.length, FINE_M / 4.0)
        places = shapely.get_coordinates(shapely.line_interpolate_point(line, np.append(along, line.length)))
        cells = tuple(np.array([terrain.cell_of(x, y) for x, y in places]).T)
        bed = np.linspace(open_ground[cells][0], open_ground[cells][-1], len(places))
        open_ground[cells] = np.minimum(open_ground[cells], bed)
    recipients = town.table("recipients")
    marks = burn([(shape, n + 1) for n, shape in enumerate(recipients.geometry)], terrain, touched=True)
    directions = hydrology.flow_directions(open_ground)
    labels = hydrology.watersheds(directions, marks)
    return terrain, burn([(outline(), 1)], terrain) == 1, labels, directions


@pytest.mark.parametrize("layer_id", sorted(REQUIRED))
def test_layers_keep_their_contract(town: Town, layer_id: str) -> None:
    table = town.table(layer_id)
    assert set(table.columns) == REQUIRED[layer_id] | {"geometry"}
    assert table.crs == CRS
    assert len(table) > 0
    assert set(table.geom_type) <= GEOMETRY[layer_id]
    assert table.is_valid.all()
    assert not table.is_empty.any()
    identifier = next((c for c in table.columns if c.endswith("_id") and c != "downstream_id"), None)
    if identifier:
        assert table[identifier].is_unique
        assert table[identifier].notna().all()


def test_every_fact_table_names_its_source() -> None:
    folder = files("ballerup_geo.sources.model").joinpath("facts")
    tables = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    assert len(tables) >= 10
    for entry in tables:
        assert "source" in entry.read_text(encoding="utf-8"), entry.name


def test_area_and_neighbours_cover_the_frame_once(town: Town) -> None:
    area_km2 = town.table("municipality").area.sum() / 1e6
    assert area_km2 == pytest.approx(34.0, abs=0.3)
    around_km2 = town.table("neighbours").area.sum() / 1e6
    assert area_km2 + around_km2 == pytest.approx(frame_box().area / 1e6, abs=1e-6)
    assert set(town.table("neighbours")["name"]) >= {"Herlev", "Furesø", "Gladsaxe", "Egedal", "Albertslund", "Rødovre"}


def test_recipients_form_a_chain(town: Town) -> None:
    recipients = town.table("recipients").set_index("recipient_id")
    assert recipients.loc["soemose_aa", "downstream_id"] == "harrestrup_aa"
    assert recipients.loc["ejby_vaenge", "downstream_id"] == "harrestrup_aa"
    assert recipients["target_year"].dropna().to_dict() == {
        "vaerebro_aa": 2024,
        "soemose_aa": 2026,
        "ejby_vaenge": 2028,
    }
    assert set(recipients["downstream_id"].dropna()) <= set(recipients.index)
    assert recipients.loc["ejby_vaenge", "kind"] == "area"


def test_lakes_are_as_many_and_as_large_as_counted(town: Town) -> None:
    lakes = town.table("lakes")
    inside = lakes[lakes.within(outline())]
    assert len(inside) == 221
    assert inside.area.min() > 100.0
    assert inside.area.sum() / 1e4 == pytest.approx(83.0, abs=2.0)
    assert not lakes.crosses(outline().exterior).any()
    assert len(gpd.sjoin(lakes, lakes, predicate="intersects")) == len(lakes), "no two lakes touch"


def test_terrain_covers_the_frame_with_one_highest_point_inside(town: Town) -> None:
    terrain = heights(town)
    assert terrain.array.dtype == np.float32
    assert terrain.bounds == BOUNDS
    assert np.isfinite(terrain.array).all()
    inside = terrain.array[burn([(outline(), 1)], terrain) == 1]
    top = np.float32(facts("municipality")["highest_point_m"])
    assert inside.max() == top
    assert (inside == top).sum() == 1
    assert 0.0 < inside.min() < 11.0
    assert 11.0 < np.percentile(inside, 10) < np.percentile(inside, 60) < 26.0


def test_soemosen_lies_at_22_metres(town: Town) -> None:
    terrain = heights(town)
    assert terrain.array[terrain.cell_of(713464, 6181601)] == pytest.approx(22.0, abs=1.0)


def test_lakes_are_level(town: Town) -> None:
    terrain = heights(town)
    large = [lake for lake in town.part(place_lakes) if lake.name]
    assert len(large) == 6
    for lake in large:
        core = burn([(lake.blob.outline().buffer(-FINE_M), 1)], terrain) == 1
        assert core.sum() > 20
        assert np.ptp(terrain.array[core]) == 0.0


def test_streams_fall_to_a_mouth_at_the_rim_or_in_another_stream(town: Town) -> None:
    streams = town.part(trace_streams)
    assert len(streams) > 15
    lakes = shapely.union_all(town.table("lakes").geometry.to_numpy())
    for stream in streams:
        assert (np.diff(stream.levels_m) <= 0.0).all(), stream.id
        mouth = shapely.Point(stream.points[-1])
        others = [other.line.distance(mouth) for other in streams if other.id != stream.id]
        ends_well = not frame_box().contains(mouth) or min(others) < 1.0 or lakes.contains(mouth)
        assert ends_well, stream.id


def test_protected_streams_are_about_as_long_as_measured(town: Town) -> None:
    streams = town.table("streams")
    inside_km = shapely.intersection(streams[streams["protected"]].geometry.to_numpy(), outline())
    assert shapely.length(inside_km).sum() / 1000.0 == pytest.approx(11.6, abs=1.5)


def test_both_sides_of_the_divide_are_substantial(
    town: Town, drained: tuple[Raster, np.ndarray, np.ndarray, np.ndarray]
) -> None:
    _terrain, inside, labels, _directions = drained
    ids = town.table("recipients")["recipient_id"].tolist()
    share = {name: float((labels[inside] == n + 1).mean()) for n, name in enumerate(ids)}
    assert 0.35 < share["vaerebro_aa"] < 0.65
    assert 0.30 < share["soemose_aa"] + share["harrestrup_aa"] + share["ejby_vaenge"] < 0.65
    assert min(share.values()) > 0.02
    assert sum(share.values()) > 0.90


def test_rain_on_the_summit_reaches_a_recipient(drained: tuple[Raster, np.ndarray, np.ndarray, np.ndarray]) -> None:
    terrain, inside, labels, _directions = drained
    assert labels.ravel()[np.argmax(np.where(inside, terrain.array, -np.inf))] > 0


def test_hollows_are_many_but_not_everywhere(drained: tuple[Raster, np.ndarray, np.ndarray, np.ndarray]) -> None:
    terrain, inside, _labels, _directions = drained
    deep = hydrology.fill_depressions(terrain.array) - terrain.array
    assert 0.02 < (deep[inside] > 0.1).mean() < 0.12
    assert np.percentile(deep[inside & (deep > 0.1)], 99) < 4.5


def test_culverts_lie_where_streams_or_roads_pass_a_dam(town: Town) -> None:
    culverts = town.table("culverts")
    streams = shapely.union_all([stream.line for stream in town.part(trace_streams)])
    banks = town.part(lay_banks)
    dams = shapely.union_all([bank.line for bank in banks])
    rail = next(bank.line for bank in banks if bank.kind == "rail")
    under = culverts[culverts["kind"] != "underpass"]
    assert len(under) > 15
    assert (under.distance(streams) < 0.1).all()
    assert under.intersects(dams).all()
    underpasses = culverts[culverts["kind"] == "underpass"]
    assert len(underpasses) >= 5
    assert underpasses.intersects(rail).all()
    assert culverts.loc[culverts["kind"] == "culvert", ["diameter_mm", "capacity_l_s"]].notna().all(axis=None)


def test_dams_stand_above_the_water_that_passes_under_them(town: Town) -> None:
    terrain = heights(town)
    culverts = town.table("culverts")
    rises = []
    for line in culverts.loc[culverts["kind"] != "underpass", "geometry"]:
        places = shapely.get_coordinates(shapely.line_interpolate_point(line, np.linspace(0, 1, 41), normalized=True))
        profile = np.array([terrain.array[terrain.cell_of(x, y)] for x, y in places])
        rises.append(profile.max() - min(profile[0], profile[-1]))
    assert 0.8 < np.median(rises) < 4.0
    assert max(rises) < 7.0


def test_the_same_seed_gives_the_same_land_in_whatever_order_layers_are_asked_for() -> None:
    forward, backward = Town(COARSE_M), Town(COARSE_M)
    forward.layer("streams")
    terrain = heights(forward)
    backward.layer("culverts")
    backward.layer("lakes")
    assert np.array_equal(terrain.array, heights(backward).array)
    assert forward.table("lakes").equals(backward.table("lakes"))
    assert forward.table("culverts").equals(backward.table("culverts"))


def test_another_seed_gives_another_land_in_the_same_frame(town: Town) -> None:
    other = Town(COARSE_M, seed=7)
    assert not np.array_equal(other.part(build_relief).values, town.part(build_relief).values)
    assert not other.table("streams").equals(town.table("streams"))
    assert other.table("municipality").equals(town.table("municipality"))


def test_the_landscape_is_the_same_at_every_cell_size(town: Town) -> None:
    fine, coarse = heights(town).array, heights(Town(COARSE_M)).array
    rows, columns = coarse.shape
    means = fine[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2).mean(axis=(1, 3))
    apart = np.abs(means - coarse)
    assert np.corrcoef(means.ravel(), coarse.ravel())[0, 1] > 0.999
    assert np.median(apart) < 0.05
    assert np.percentile(apart, 99) < 1.0


def test_a_cell_size_that_does_not_divide_the_frame_still_covers_it() -> None:
    transform, (rows, columns) = grid(70.0)
    assert (transform.c, transform.f) == (BOUNDS[0], BOUNDS[3])
    assert (rows, columns) == (122, 158)
    assert grid(0.4)[1] == (21_250, 27_500)
