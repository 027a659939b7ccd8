"""The lokalplan climate check on a town whose every figure is on paper, and what must hold for any area."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import plan_maker as town
import pyogrio
import pytest
import shapely
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

from ballerup_geo.errors import DataError
from ballerup_geo.methods.lokalplan import METHOD, Assessment, Ground, area_of, assess, lokalplan, proposal_of
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.raster import CRS
from ballerup_geo.sources.file.area import read_drawing

E = town.EAST
N = town.NORTH


@pytest.fixture(scope="module")
def ground() -> Ground:
    return town.ground()


def look(ground: Ground, shape: shapely.Geometry, planned: gpd.GeoDataFrame | None = None) -> Assessment:
    area = area_of(gpd.GeoDataFrame(geometry=[shape], crs=CRS), ground, where="area.gpkg")
    proposal = None if planned is None else proposal_of(planned, area.shape, ground, where="forslag.gpkg")
    return assess(area, ground, proposal=proposal)


PAPER: dict[str, tuple[float | None, float | None, str]] = {
    # rain, m²: 200 roof, 4,800 paved, 5,000 grass (0.1); the proposal: 1,200 roof, 5,800 paved, 300 road, 2,200 grass,
    # 500 garden
    "recipient_w": (50, 50, "told"),
    "recipient_e": (50, 50, "told"),
    "sealed_pct": (50, 73, "told"),
    "runoff_5_m3": (5500 * 0.9 * 0.010, 7570 * 0.9 * 0.010, "look"),
    "runoff_10_m3": (5500 * 0.9 * 0.0176, 7570 * 0.9 * 0.0176, "look"),
    "runoff_100_m3": (5500 * 0.9 * 0.0274, 7570 * 0.9 * 0.0274, "look"),
    "bluespot_m2": (1000, None, "told"),
    "bluespots": (1, None, "told"),
    "bluespot_m3": (300, None, "told"),
    "bluespot_fields_m2": (None, 0, "met"),
    "touched_buildings": (1, 1, "look"),
    "facade_depth_m": (0.3, 0.3, "told"),
    "upstream_ha": (12, None, "told"),
    "flow_path_m": (100, 0, "met"),
    "downstream_buildings": (7, None, "told"),
    "downstream_m3": (50, None, "told"),
    "downstream_more_m3": (None, 2070 * 0.9 * 0.0274, "look"),
    # 1 l/s/ha over one hectare in ten minutes is 0.6 m³; the basin holds 100 m³
    "retention_m3": (87.12 - 0.6, 119.9088 - 0.6, "not_met"),
    # heat: 3,000 m² × 35 kWh is 105 MWh, at 60 kg/MWh 6.3 t
    "district_pct": (60, 60, "told"),
    "heat_year": (2027, None, "met"),
    "heat_mwh": (50, 155, "told"),
    "fossil_buildings": (10, 10, "look"),
    "pipes_m": (100, 0, "met"),
    # charging: 30 dwellings × 0.9 cars; 25 % electric, five a plug; the rule asks for one plug per 10 spaces of 25
    "cars": (10, 37, "told"),
    "plugs_advisable": (0.5, 1.85, "told"),
    "covered_pct": (40, None, "told"),
    # school: 6 of 10 pupils have a low-stress route; 30 dwellings × 0.27 pupils; 200 m of the way have stress 3
    "pupils": (10, 18.1, "told"),
    "calm_pct": (60, None, "look"),
    "calm_near_pct": (60, 60, "look"),
    "way_stress_m": (200, 200, "look"),
    "way_pieces": (None, 2, "told"),
    "way_crossings": (1, 1, "look"),
    # green: one of two addresses has three trees within 30 m; the farther one has 275 m to the green
    "trees": (4, 3, "told"),
    "trees_lost": (None, 1, "look"),
    "three_trees_pct": (50, None, "look"),
    "green_m": (275, None, "met"),
    "protected_m2": (1000, 0, "met"),
    "hot_pct": (50, 73, "look"),
    # sun: 35 % of the roof, 170 kWh/m²
    "solar_roof_m2": (70, 420, "told"),
    "solar_mwh": (11.9, 71.4, "told"),
    # CO2: a car drives 16,000 km at 140 g, 88 of 100 burn: 1.9712 t
    "heat_co2_t": (10, 16.3, "told"),
    "cars_co2_t": (19.712, 72.9344, "told"),
    "co2_t": (29.712, 89.2344, "look"),
}
UNITS = {
    "w": "%",
    "e": "%",
    "pct": "%",
    "m3": "m³",
    "m2": "m²",
    "m": "m",
    "ha": "ha",
    "mwh": "MWh",
    "t": "t",
    "year": "year",
}
UNKNOWN = {
    "heat_choice": "analysen »Varme« er ikke kørt",
    "heat_duties": "laget »Ældre varmepligter og forbud« er ukendt",
    "ler_m": "laget »Ledninger fra LER« er ukendt",
    "solar_taken_m2": "laget »Tage med solceller« er ukendt",
    "parking_spaces": "laget »Parkering« er ukendt",
    "plugs": "laget »Ladestandere« er ukendt",
    "plugs_required": "analysen »Opladning« er ikke kørt",
    "shared_m": "analysen »Opladning« er ikke kørt",
    "tree_sites": "analysen »Træer« er ikke kørt",
    "native_species": "laget »Træarter« er ukendt",
    "lavbund_m2": "laget »Lavbundsjord« er ukendt",
    "wet_m2": "analysen »Regnvand« er ikke kørt",
    "fragile_pct": "laget »Statistikområder« er ukendt",
}


def test_every_figure_is_that_of_the_paper_and_what_is_missing_is_named(ground: Ground) -> None:
    found = look(ground, town.AREA, town.proposal())
    seen = {figure.id: figure for theme in found.themes for figure in theme.figures}
    for name, (existing, proposed, standing) in PAPER.items():
        figure = seen.pop(name)
        for value, paper in ((figure.existing, existing), (figure.proposed, proposed)):
            assert value == (None if paper is None else pytest.approx(paper, rel=1e-9)), name
        assert (figure.standing, figure.missing) == (standing, None), name
        assert figure.unit == UNITS.get(name.rsplit("_", 1)[-1], "1"), name
        assert (figure.rule is None) <= (standing == "told"), name  # a status is held to a rule that is named
    for name, why in UNKNOWN.items():
        figure = seen.pop(name)
        assert (figure.existing, figure.proposed, figure.standing) == (None, None, "unknown"), name
        assert figure.missing is not None, name
        assert figure.missing.da == why
    assert seen.pop("heat_supply").existing.da == "fjernvarme, projekt godkendt"
    assert seen.pop("protected_kinds").existing.en == "lake protection line and bog (section 3)"
    assert seen.pop("canopy_pct").existing == pytest.approx(4 * np.pi * 4 / 100, rel=0.01)
    assert not seen
    assert found.concern == 15 + 2
    assert not any(figure.assumed for theme in found.themes for figure in theme.figures)


def test_protection_that_the_source_never_tells_of_is_unknown_and_met_by_none() -> None:
    untold = {"protected_nature": {"kind": ["beach_line", "monument_line"]}}
    found = look(Ground(replace(town.given(), untold=untold)), town.AREA, town.proposal())
    seen = {figure.id: figure for theme in found.themes for figure in theme.figures}
    assert seen["protected_kinds"].existing.da.endswith(
        "; ukendt, da lagets kilde ikke fortæller om dem: strandbeskyttelseslinje og fortidsmindebeskyttelseslinje"
    )
    assert (seen["protected_m2"].proposed, seen["protected_m2"].standing) == (0.0, "look")


def test_duties_lines_from_ler_and_roofs_with_solar_cells_are_told_where_known() -> None:
    """LER: 100 m along x 148.5, 1.5 m beside the field; a roof of 100 m², 60 of them on the field, and one of 16 m²."""
    known = {
        "heat_duties": town.layer([town.TOWN, town.box(200, 0, 300, 300)], duty_id=["1", "2"], kind=["connect", "ban"]),
        "dug_lines": town.layer([town.line((148.5, 0), (148.5, 1000))], line_id=["l"]),
        "solar_roofs": town.layer([town.box(146, 160, 156, 170), town.box(110, 110, 114, 114)], roof_id=["a", "b"]),
    }
    found = look(town.ground(**known), town.AREA, town.proposal())
    assert found.figure("heat_duties").existing.da == "tilslutningspligt"
    ler = found.figure("ler_m")
    assert (ler.existing, ler.standing) == (pytest.approx(100), "look")
    assert ler.proposed == pytest.approx(50 + np.sqrt(2**2 - 1.5**2), abs=0.05)  # the rim is round at the corner
    assert found.figure("pipes_m").how.en.endswith("Not looked at: the layer “Pipes and cables” is unknown.")
    roofs = found.figure("solar_taken_m2")
    assert (roofs.existing, roofs.proposed) == (pytest.approx(116), pytest.approx(56))


@pytest.mark.parametrize(("district", "pump", "choice"), [(400.0, 500.0, "fjernvarme"), (500.0, 400.0, "varmepumpe")])
def test_what_is_unknown_above_is_that_of_the_paper_where_it_is_known(
    district: float, pump: float, choice: str
) -> None:
    known = {
        "heat_zones": town.layer([town.TOWN], zone_id=["z"], society_dh_dkk_mwh=[district], society_hp_dkk_mwh=[pump]),
        "parking": town.layer(  # the proposal builds on the second, and has 25 spaces of its own
            [town.box(110, 160, 130, 170), town.box(160, 160, 170, 170)], parking_id=["1", "2"], spaces=[20, 8]
        ),
        "chargers": town.layer([town.point(120, 165), town.point(300, 300)], charger_id=["1", "2"], plugs=[4, 2]),
        "shared_mobility": town.layer([town.point(250, 150)], name=["Stationen"], shared_cars=[3]),
        "tree_sites": town.layer(
            [town.point(110, 190), town.point(160, 160), town.point(170, 115)], site_id=["1", "2", "3"]
        ),
        "tree_species": pd.DataFrame({"species": ["Eg", "Bøg", "Platan"], "native": [True, True, False]}),
        "lavbund": town.layer([town.box(140, 100, 160, 200)]),  # 10 × 50 m of the field, 6 × 50 m of the road
        "wet_ground": town.layer([town.box(90, 100, 120, 120)], wet_id=["w"]),
        "statistics_areas": town.layer(
            [town.box(0, 0, 150, 1000), town.box(150, 0, 1000, 1000)],
            area_id=["a", "b"],
            residents=[100, 200],
            residents_over_75=[10, 20],
            residents_under_5=[10, 0],
        ),
    }
    found = look(town.ground(**known), town.AREA, town.proposal())
    paper = {
        "parking_spaces": (28, 45, "told"),
        "plugs": (4, None, "told"),
        "shared_m": (50, None, "told"),
        "tree_sites": (3, 1, "told"),
        "lavbund_m2": (2000, 800, "look"),
        "wet_m2": (400, 0, "told"),
        "fragile_pct": (15, None, "told"),
    }
    figures = {name: found.figure(name) for name in paper}
    assert {name: (each.existing, each.proposed, each.standing) for name, each in figures.items()} == paper
    assert figures["shared_m"].title.da.endswith("(Stationen)")
    assert found.figure("native_species").existing.da == "Bøg, Eg"
    assert found.figure("heat_choice").existing.da == choice


def test_cars_with_a_plug_are_those_that_the_analysis_counts() -> None:
    """Of ten cars 3 have a plug; 27 new ones by the share of 12 %: 7 and 7 + 23.76 burn 16,000 km × 140 g."""
    demand = town.inputs()["demand"].assign(ev_today=[1.0, 2.0])
    found = look(town.ground(demand=demand), town.AREA, town.proposal()).figure("cars_co2_t")
    assert (found.existing, found.proposed) == (pytest.approx(7 * 2.24), pytest.approx((7 + 27 * 0.88) * 2.24))


@pytest.mark.parametrize(
    ("stages", "year", "standing"),
    [
        (("planned", "planned"), 2035, "told"),
        (("approved", "planned"), 2027, "met"),
        (("planned", "approved"), 2035, "look"),
    ],
)
def test_the_year_of_2030_holds_for_approved_areas_alone(stages: tuple[str, str], year: float, standing: str) -> None:
    heat = town.layer(
        [town.box(0, 0, 150, 1000), town.box(150, 0, 1000, 1000)],
        heat_area_id=["a", "b"],
        kind=["district_heating"] * 2,
        stage=list(stages),
        end_year=[2027, 2035],
    )
    figure = look(town.ground(heat_areas=heat), town.AREA).figure("heat_year")
    assert (figure.existing, figure.standing) == (year, standing)
    assert (figure.rule is None) == (figure.target is None) == (standing == "told")


def test_rules_for_new_buildings_ask_for_plugs_by_use(ground: Ground) -> None:
    duties = town.layer(
        [town.box(110, 150, 120, 160)] * 2,
        parking_id=["p", "p"],
        plugs_asked=[2, 1],
        plugs_missing=[1, 0],
        state=["possible", "met"],
    )
    found = look(town.ground(duties=duties), town.AREA, town.proposal()).figure("plugs_required")
    assert (found.existing, found.proposed, found.standing) == (2, 2 + 3, "look")
    assert "Boligregel" in found.how.da
    shop = look(town.ground(duties=duties), town.AREA, town.proposal(use=["butik", None, None]))
    assert shop.figure("plugs_required").proposed == 2 + 50


def test_a_proposal_without_figures_stands_on_named_defaults(ground: Ground) -> None:
    bare = town.proposal()[["kind", "geometry"]]
    found = look(ground, town.AREA, bare)
    assert "etageareal, boliger, befæstet andel, etager, bassinvolumen og anvendelse" in found.notes[0].da
    assert found.figure("heat_mwh").proposed == pytest.approx(50 + 2500 * 1.1 * 35 / 1000)
    assert found.figure("pupils").proposed == pytest.approx(10 + 28 * 0.27)  # 2,750 m² ÷ 95 m² is 28 dwellings
    assert found.figure("retention_m3").target == 200  # 400 m² × 0.5 m
    marked = {figure.id for theme in found.themes for figure in theme.figures if figure.assumed}
    assert {"sealed_pct", "heat_mwh", "cars", "retention_m3", "solar_mwh", "co2_t"} <= marked
    assert "touched_buildings" not in marked


def test_columns_as_a_shapefile_cuts_them_are_known(ground: Ground) -> None:
    whole = town.proposal()
    cut = whole.rename(columns={name: name[:10].upper() for name in whole.columns if name != "geometry"})
    found = look(ground, town.AREA, cut)
    assert found.as_json() == look(ground, town.AREA, whole).as_json()
    assert "etageareal" not in "".join(note.da for note in found.notes)
    both = look(ground, town.AREA, whole.assign(KIND="hus")).as_json()  # the name in full goes first
    assert both.pop("notes")[0]["da"] == "Disse kolonner i forslaget læses ikke: KIND (ment som kind?)."
    assert both.items() <= found.as_json().items()


def test_columns_that_are_not_read_are_named_with_the_nearest_known_one(ground: Ground) -> None:
    odd = town.proposal().rename(columns={"storeys": "stories"}).assign(farve="rød", fid=[1, 2, 3])
    notes = look(ground, town.AREA, odd).notes
    assert notes[0].da == "Disse kolonner i forslaget læses ikke: stories (ment som storeys?) og farve."
    assert "etager" in notes[1].da


def test_ground_that_shapes_of_a_proposal_share_counts_once(ground: Ground) -> None:
    field, road, basin = town.proposal().geometry
    over = shapely.union(road, town.box(150, 150, 160, 170))  # 200 m² of the road lie on the building field
    twice = town.layer(
        [field, over, basin, basin],
        **{name: [*rows, None] for name, rows in town.proposal()[list(town.proposal())[:-1]].items()},
    )
    twice["kind"] = ["byggefelt", "vej", "bassin", "grønt"]
    plain, found = look(ground, town.AREA, town.proposal()), look(ground, town.AREA, twice)
    for name in ("sealed_pct", "hot_pct", "runoff_10_m3", "solar_roof_m2", "retention_m3"):
        assert found.figure(name).proposed == pytest.approx(plain.figure(name).proposed), name
    assert "600 m² af forslaget er tegnet flere gange" in "".join(note.da for note in found.notes)
    assert [shape.area for shape in found.lines["planned_road"]] == [300]
    assert found.lines["planned_green"] == ()


def test_what_the_proposal_stands_on_is_taken_away(ground: Ground) -> None:
    over = town.layer([town.box(105, 105, 125, 125)], kind=["vej"], sealed_share=[1.0])
    found = look(ground, town.AREA, over)
    assert found.figure("fossil_buildings").proposed == 5
    assert found.figure("touched_buildings").proposed == 0
    assert found.figure("heat_mwh").proposed == 30
    assert "1 af områdets bygninger" in found.notes[0].da


def with_basin(corners: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    """The proposal with another outline of its basin."""
    basin = shapely.Polygon([(E + x, N + y) for x, y in corners])
    return town.proposal().set_geometry([*town.proposal().geometry[:2], basin], crs=CRS)


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (town.proposal(kind=["hus", "vej", "bassin"]), '"hus" is no kind'),
        (town.proposal()[["geometry"]], "the column is missing"),
        (town.proposal(dwellings=[200, None, None]), "less than 25 m² each"),
        (town.proposal(sealed_share=[80, 1.0, 0.0]), "cannot be"),
        (town.proposal(floor_area_m2=["mange", None, None]), '"mange" cannot be'),
        (town.proposal(dwellings=[-1, None, None]), '"-1.*" cannot be'),
        (town.proposal(volume_m3=[None, None, np.inf]), '"inf" cannot be'),
        (with_basin([(160, 110), (180, 110), (170, 110)]), "row 3.*has no area"),
        (with_basin([(160, 110), (180, 130), (180, 110), (160, 130)]), "row 3.*crosses itself"),
        (with_basin([(160, 110), (np.inf, 130), (180, 110)]), "row 3.*no numbers"),
        (
            town.proposal(kind=["byggefelt", "vej", "byggefelt"]).set_geometry(
                [town.box(150, 150, 200, 200), town.box(150, 100, 156, 150), town.box(190, 140, 200, 160)], crs=CRS
            ),
            "two building fields overlap by 100 m²",
        ),
        (
            town.proposal().set_geometry(
                [town.box(350, 150, 400, 200), town.box(150, 100, 156, 150), town.box(160, 110, 180, 130)], crs=CRS
            ),
            "lies outside the plan area",
        ),
        (town.proposal().iloc[:0], "has no features"),
        (town.proposal().set_geometry([None, *town.proposal().geometry[1:]], crs=CRS), "row 1.*has no shape"),
    ],
)
def test_a_proposal_that_cannot_be_is_refused_in_a_planners_words(
    ground: Ground, frame: gpd.GeoDataFrame, what: str
) -> None:
    with pytest.raises(DataError, match=what):
        proposal_of(frame, town.AREA, ground, where="forslag.gpkg")


# ---------------------------------------------------------------- areas as they come


def test_holes_and_parts_count_as_drawn(ground: Ground) -> None:
    holed = shapely.difference(town.AREA, town.box(105, 105, 145, 125))
    parts = shapely.MultiPolygon([town.box(100, 100, 150, 200), town.box(160, 100, 200, 200)])
    assert look(ground, holed).figure("fossil_buildings").existing == 0
    assert look(ground, parts).area_m2 == 9000
    several = gpd.GeoDataFrame(geometry=list(parts.geoms), crs=CRS)
    assert area_of(several, ground, where="x").shape.equals(shapely.normalize(parts))


def test_heights_are_left_out_and_thin_strips_are_no_area(ground: Ground) -> None:
    high = shapely.force_3d(town.AREA, 12.0)
    thin = town.box(300, 300, 300.0004, 900)  # less than the millimetre that coordinates are kept to
    area = area_of(gpd.GeoDataFrame(geometry=[high, thin], crs=CRS), ground, where="x")
    assert area.shape.equals(town.AREA)
    assert not area.shape.has_z
    tall = town.proposal().set_geometry(shapely.force_3d(town.proposal().geometry.to_numpy(), 3.0), crs=CRS)
    plain = look(ground, town.AREA, town.proposal()).as_json()
    assert look(ground, high, tall).as_json() == plain


def test_a_neighbour_that_shares_a_border_tells_nothing() -> None:
    heat = town.layer(
        [town.AREA, town.box(200, 100, 300, 200)],
        heat_area_id=["i", "f"],
        kind=["individual", "district_heating"],
        stage=["individual", "approved"],
        end_year=[None, 2035],
    )
    zones = town.layer(
        [town.box(200, 100, 300, 200)], zone_id=["z"], society_dh_dkk_mwh=[1.0], society_hp_dkk_mwh=[2.0]
    )
    spots = town.inputs()["bluespots"].set_geometry(
        [town.box(150, 100, 170, 150), town.box(200, 100, 220, 120)], crs=CRS
    )
    found = look(town.ground(heat_areas=heat, heat_zones=zones, bluespots=spots), town.AREA)
    seen = {figure.id: figure for theme in found.themes for figure in theme.figures}
    assert "heat_year" not in seen
    assert seen["heat_choice"].existing.en.startswith("no zone")
    assert (seen["bluespots"].existing, seen["bluespot_m3"].existing) == (1, 300)


def test_what_lies_outside_is_cut_off_and_told(ground: Ground) -> None:
    area = area_of(gpd.GeoDataFrame(geometry=[town.box(-100, 0, 300, 100)], crs=CRS), ground, where="x")
    assert area.shape.area == 30_000
    assert area.notes[0].da == "25 % af området ligger uden for kommunen og er skåret fra."


def test_a_small_crossing_is_mended_and_told_and_a_bow_tie_is_refused(ground: Ground) -> None:
    corners = [(100, 100), (200, 100), (200, 200), (100, 200), (100, 99.9), (100.1, 100.05)]
    crossed = shapely.Polygon([(E + x, N + y) for x, y in corners])
    assert not crossed.is_valid
    area = area_of(gpd.GeoDataFrame(geometry=[crossed], crs=CRS), ground, where="x")
    assert area.shape.area == pytest.approx(10_000, abs=20)
    assert "krydsede sig selv" in area.notes[0].da
    bow = shapely.Polygon([(E, N), (E + 100, N + 100), (E + 100, N), (E, N + 100)])
    with pytest.raises(DataError, match="crosses itself"):
        area_of(gpd.GeoDataFrame(geometry=[bow], crs=CRS), ground, where="x")


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        (town.box(2000, 0, 2100, 100), "lies outside the municipality"),
        (town.box(0, 0, 0.001, 500), "assessment needs at least 100 m²"),
        (shapely.Polygon([(E, N), (E + 100, N), (E + 200, N)]), "needs at least 100 m²|has no area"),
        (town.line((0, 0), (10, 10)), "holds LineString"),
        (town.point(5, 5), "holds Point"),
        (shapely.Polygon(), "has no features"),
    ],
)
def test_an_area_that_cannot_be_assessed_is_refused(ground: Ground, shape: shapely.Geometry, what: str) -> None:
    with pytest.raises(DataError, match=what):
        area_of(gpd.GeoDataFrame(geometry=[shape], crs=CRS), ground, where="x")


def test_an_outline_of_50000_corners_is_drawn_with_fewer(ground: Ground) -> None:
    turn = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    ring = np.column_stack([E + 500 + 300 * np.cos(turn), N + 500 + 300 * np.sin(turn)])
    area = area_of(gpd.GeoDataFrame(geometry=[shapely.Polygon(ring)], crs=CRS), ground, where="x")
    assert shapely.get_num_coordinates(area.shape) < 5000
    assert area.shape.area == pytest.approx(np.pi * 300**2, rel=1e-3)
    assert "50.000 hjørner" in area.notes[0].da


def test_the_whole_municipality_has_the_towns_own_totals(ground: Ground) -> None:
    found = look(ground, town.TOWN)
    assert found.figure("heat_mwh").existing == 50
    assert found.figure("pupils").existing == 10
    assert found.figure("calm_pct").existing == 60
    assert found.figure("bluespot_m3").existing == 350
    assert found.figure("touched_buildings").existing == 1
    assert found.figure("recipient_e").existing == pytest.approx(85)


@settings(max_examples=15, deadline=None)
@cases(st.floats(1, 999), st.booleans())
def test_two_areas_that_do_not_meet_sum(cut: float, upright: bool) -> None:
    one = town.box(0, 0, cut, 1000) if upright else town.box(0, 0, 1000, cut)
    few = {"least_behind": 0}
    known = town.given()
    ground = Ground(type(known)(known.inputs, {**known.assumptions, **few}, known.progress))
    whole, parts = look(ground, town.TOWN), [look(ground, shape) for shape in (one, town.TOWN.difference(one))]
    summed = 0
    for theme in whole.themes:
        for figure in theme.figures:
            if figure.adds_up and figure.missing is None:
                halves = [part.figure(figure.id).existing for part in parts]
                assert sum(halves) == pytest.approx(figure.existing, rel=1e-6, abs=1e-6), figure.id
                summed += 1
    assert summed >= 14


@settings(max_examples=10, deadline=None)
@cases(st.integers(0, 40), st.booleans())
def test_the_order_of_corners_changes_nothing(start: int, backwards: bool) -> None:
    ground = town.ground()
    ring = shapely.get_coordinates(shapely.segmentize(town.AREA, 10.0))[:-1]
    turned = np.roll(ring, start, axis=0)[:: -1 if backwards else 1]
    plain, other = look(ground, shapely.Polygon(ring)), look(ground, shapely.Polygon(turned))
    assert json.dumps(other.as_json()) == json.dumps(plain.as_json())


def test_figures_with_few_behind_are_withheld() -> None:
    few = town.inputs()["addresses"].assign(dwellings=[1, 1], residents=[2, 2])
    trips = town.inputs()["trips"].assign(pupils_exact=[1.0, 1.0])
    heat = town.inputs()["heat_buildings"].assign(buildings=[1, 1])
    found = look(town.ground(addresses=few, trips=trips, heat_buildings=heat), town.AREA, town.proposal())
    for name in ("pupils", "calm_pct", "calm_near_pct", "cars", "cars_co2_t", "heat_mwh", "heat_co2_t", "co2_t"):
        figure = found.figure(name)
        assert (figure.existing, figure.proposed, figure.standing) == (None, None, "unknown"), name
        assert figure.missing is not None
        assert figure.missing.da == "skjult: færre end 5 står bag"
    assert "50.0" not in json.dumps(found.figure("heat_mwh").how.model_dump())


def test_pupils_whose_school_is_unknown_are_in_no_share() -> None:
    trips = town.inputs()["trips"].assign(school_id=["s", None])
    assert look(town.ground(trips=trips), town.AREA).figure("calm_pct").existing == 100


def test_all_plans_are_ranked_and_one_that_cannot_be_assessed_says_why() -> None:
    table = lokalplan(town.given()).tables["plans"]
    assert list(table["plan_id"]) == ["P-1", "P-2", "P-3"]
    assert list(table["rank"]) == [1, 2, 3]
    assert table["concern"].is_monotonic_decreasing
    assert table["heat_mwh"].tolist()[:2] == [50, 0]
    assert "outside the municipality" in table["looked"].iloc[2]
    assert list(table.columns[:-1]) == [column.name for column in METHOD.tables[0].columns]


def test_the_coefficients_are_those_of_the_rainwater_analysis() -> None:
    analyses = read_project(shipped_root()).analyses
    shared = analyses["lokalplan"].assumptions.keys() & analyses["rainwater"].assumptions.keys()
    same = {name for name in shared if name.startswith("runoff_")} | {"hydrological_reduction", "initial_loss_mm"}
    assert len(same) == 13
    for name in same:
        assert analyses["lokalplan"].assumptions[name].value == analyses["rainwater"].assumptions[name].value, name


@pytest.mark.parametrize(("driver", "suffix"), [("GPKG", "gpkg"), ("GML", "gml"), ("MapInfo File", "tab")])
def test_a_drawing_of_several_features_with_heights_is_one_area(
    ground: Ground, tmp_path: Path, driver: str, suffix: str
) -> None:
    halves = [shapely.force_3d(town.box(100 + x, 100, 102 + x, 200), 9.0) for x in range(0, 100, 2)]
    pyogrio.write_dataframe(
        gpd.GeoDataFrame({"nr": range(50)}, geometry=halves, crs=CRS), tmp_path / f"a.{suffix}", driver=driver
    )
    drawing = read_drawing(tmp_path / f"a.{suffix}", town=town.TOWN)
    area = area_of(drawing.frame, ground, where="a")
    assert area.shape.geom_type == "Polygon"
    assert area.shape.symmetric_difference(town.AREA).area == pytest.approx(0, abs=1)
