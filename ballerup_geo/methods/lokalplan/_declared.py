"""The numbers that an assessment is reckoned with: each has its value, unit and source in the analysis file."""

from __future__ import annotations

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods.lokalplan._proposal import USES
from ballerup_geo.methods.lokalplan._situation import COVERS
from ballerup_geo.spec import Assumption, OutputTable, Text

__all__ = ["ASSUMPTIONS", "PLANS"]


def _pct(name: str) -> Assumption:
    return Assumption(name, "%", minimum=0.0, maximum=100.0)


def _share(name: str) -> Assumption:
    return Assumption(name, "1", minimum=0.0, maximum=1.0)


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption("least_area_m2", "m²", minimum=1.0),
    _pct("repair_max_pct"),
    _pct("outside_told_pct"),
    _pct("demolished_from_pct"),
    Assumption("least_behind", "1", "integer", minimum=3),
    *(_share(f"runoff_{cover}") for cover in ("unmapped", *COVERS)),
    _share("hydrological_reduction"),
    Assumption("initial_loss_mm", "mm", minimum=0.0),
    Assumption("retention_return_period_y", "år", minimum=0.1),
    Assumption("allowed_l_s_ha", "l/s/ha", minimum=0.0),
    Assumption("heat_target_year", "år", "integer", minimum=2020),
    Assumption("new_heat_kwh_m2", "kWh/m²", minimum=0.0),
    Assumption("new_heat_co2_kg_mwh", "kg/MWh", minimum=0.0),
    Assumption("pipe_clearance_m", "m", minimum=0.0),
    Assumption("cars_per_dwelling", "1", minimum=0.0),
    _pct("electric_share_pct"),
    _pct("electric_today_pct"),
    Assumption("cars_per_plug", "1", minimum=0.1),
    Assumption("km_per_car", "km", minimum=0.0),
    Assumption("car_co2_g_km", "g/km", minimum=0.0),
    Assumption("pupils_per_dwelling", "1", minimum=0.0),
    Assumption("school_near_m", "m", minimum=0.0),
    _pct("calm_look_pct"),
    _pct("canopy_target_pct"),
    Assumption("crown_unknown_m", "m", minimum=0.0),
    Assumption("crown_reach_m", "m", minimum=0.0),
    Assumption("tree_sight_m", "m", minimum=0.0),
    Assumption("green_distance_m", "m", minimum=0.0),
    _pct("roof_usable_pct"),
    Assumption("solar_kwh_m2", "kWh/m²", minimum=0.0),
    Assumption("default_use", "-", "text", choices=tuple(dict.fromkeys(USES.values()))),
    Assumption("default_plot_ratio_pct", "%", minimum=1.0, maximum=1000.0),
    Assumption("default_dwelling_m2", "m²", minimum=1.0),
    Assumption("least_dwelling_m2", "m²", minimum=1.0),
    Assumption("default_space_m2", "m²", minimum=1.0),
    Assumption("default_storeys", "1", minimum=1.0),
    Assumption("default_basin_depth_m", "m", minimum=0.0),
    *(_share(f"default_sealed_{kind}") for kind in ("building", "road", "parking", "green", "basin")),
)

_STATUS = {
    "kladde": Text(da="kladde", en="draft"),
    "forslag": Text(da="forslag", en="proposal"),
    "vedtaget": Text(da="vedtaget", en="adopted"),
    "aflyst": Text(da="aflyst", en="cancelled"),
}
PLANS = OutputTable(
    "plans",
    "polygon",
    (
        count("rank", "plads efter bekymring", "place by concern"),
        text("plan_id", "plan", "plan"),
        text("name", "navn", "name"),
        text("status", "status", "status", _STATUS),
        count("concern", "ting at se efter", "things to look into"),
        count("unknown", "ukendte svar", "unknown answers"),
        figure("area_m2", "m²", "areal", "area"),
        figure("sealed_pct", "%", "befæstet andel", "sealed share"),
        figure("runoff_100_m3", "m³", "overfladevand ved 100-årsregn", "surface water in a 100-year rain"),
        figure("bluespot_m2", "m²", "areal i lavninger", "area in hollows"),
        figure("touched_buildings", "1", "berørte bygninger", "buildings touched"),
        figure("upstream_ha", "ha", "opland gennem området", "catchment through the area"),
        figure("fossil_buildings", "1", "bygninger på olie eller gas", "buildings on oil or gas"),
        figure("heat_mwh", "MWh", "varmebehov", "heat demand"),
        figure("canopy_pct", "%", "kronedække", "canopy"),
        figure("protected_m2", "m²", "beskyttet natur", "protected nature"),
        figure("solar_mwh", "MWh", "el fra tage", "power from roofs"),
        text("looked", "hvad der bør undersøges", "what to look into"),
    ),
)
"""All plans of a layer, the one with most to look into first. No column tells about single homes."""
