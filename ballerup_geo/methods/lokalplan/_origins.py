"""What an assessment reads, and how it says that something of it is unknown."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.spec import Input, Text

__all__ = ["INPUTS", "ORIGINS"]

_LAYERS: Mapping[str, tuple[str, str]] = {
    "land_cover": ("Arealdække", "Land cover"),
    "buildings": ("Bygninger", "Buildings"),
    "addresses": ("Adresser", "Addresses"),
    "rain_events": ("Regnhændelser", "Rain events"),
    "heat_areas": ("Varmeområder", "Heat areas"),
    "heat_network": ("Fjernvarmenet", "District-heating net"),
    "heat_duties": ("Ældre varmepligter og forbud", "Older heat duties and bans"),
    "utilities": ("Ledninger i jorden", "Pipes and cables"),
    "dug_lines": ("Ledninger fra LER", "Lines from the register LER"),
    "parking": ("Parkering", "Parking"),
    "chargers": ("Ladestandere", "Chargers"),
    "charging_rules": ("Regler om ladestandere", "Rules on chargers"),
    "trees": ("Træer", "Trees"),
    "green_areas": ("Grønne områder", "Green areas"),
    "tree_species": ("Træarter", "Tree species"),
    "protected_nature": ("Beskyttet natur og landskab", "Protected nature"),
    "lavbund": ("Lavbundsjord", "Low-lying soil"),
    "solar_roofs": ("Tage med solceller", "Roofs with solar panels"),
    "statistics_areas": ("Statistikområder", "Statistics areas"),
    "lokalplaner": ("Lokalplaner", "Local plans"),
}
_ANALYSES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "rainwater": (
        "Regnvand",
        "Rainwater",
        ("catchments", "bluespots", "drainage_lines", "touched_buildings", "directions", "wet_ground"),
    ),
    "heating": ("Varme", "Heating", ("heat_buildings", "phase_out", "heat_zones")),
    "charging": ("Opladning", "Charging", ("demand", "duties", "shared_mobility")),
    "school_routes": ("Skoleveje", "School routes", ("trips", "ways_from", "hard_crossings")),
    "trees": ("Træer", "Trees", ("tree_sites",)),
}
ORIGINS: Mapping[str, Text] = {
    **{
        name: Text(da=f"laget »{da}« er ukendt", en=f"the layer “{en}” is unknown")
        for name, (da, en) in _LAYERS.items()
    },
    **{
        name: Text(da=f"analysen »{da}« er ikke kørt", en=f"the analysis “{en}” has not been run")
        for da, en, names in _ANALYSES.values()
        for name in names
    },
}
"""Why an input is unknown, by its name."""

INPUTS: tuple[Input, ...] = (
    Input("municipality", "polygon"),
    Input("land_cover", "polygon", ("cover",), required=False),
    Input("buildings", "polygon", ("building_id", "use_code"), ("dwellings", "floor_area_m2", "storeys"), False),
    Input("addresses", "point", ("address_id",), ("building_id", "dwellings", "residents"), False),
    Input(
        "rain_events", "table", ("event_id", "return_period_y", "duration_min", "rain_mm", "climate_factor"), (), False
    ),
    Input("heat_areas", "polygon", ("heat_area_id", "kind", "stage"), ("end_year", "supplier", "obligation"), False),
    Input("heat_network", "line", ("pipe_id",), (), False),
    Input("heat_duties", "polygon", ("duty_id", "kind"), ("name",), False),
    Input("utilities", "line", ("utility_id", "kind"), (), False),
    Input("dug_lines", "line", ("line_id",), (), False),
    Input("parking", "polygon", ("parking_id", "spaces"), ("access", "building_use"), False),
    Input("chargers", "point", ("charger_id", "plugs"), ("access",), False),
    Input(
        "charging_rules",
        "table",
        ("rule_id", "title", "from_date", "applies_to", "building_state", "spaces_over", "chargers_min", "standing"),
        ("to_date", "chargers_per_spaces", "prepared_per_spaces"),
        False,
    ),
    Input("trees", "point", ("tree_id",), ("crown_m",), False),
    Input("green_areas", "polygon", ("area_id",), ("public", "name"), False),
    Input("tree_species", "table", ("species",), ("native", "excluded"), False),
    Input("protected_nature", "polygon", ("kind",), ("name",), False),
    Input("lavbund", "polygon", (), (), False),
    Input("solar_roofs", "polygon", ("roof_id",), (), False),
    Input("statistics_areas", "polygon", ("area_id", "residents"), ("residents_over_75", "residents_under_5"), False),
    Input("lokalplaner", "polygon", ("plan_id", "name", "status"), (), False),
    Input("catchments", "polygon", ("recipient_id", "name"), (), False),
    Input("bluespots", "polygon", ("bluespot_id", "volume_m3", "max_depth_m", "buildings"), (), False),
    Input("drainage_lines", "line", ("upstream_ha",), (), False),
    Input("touched_buildings", "polygon", ("building_id", "touched_from_mm", "depth_m"), (), False),
    Input("wet_ground", "polygon", ("wet_id",), (), False),
    Input("directions", "raster", (), (), False),
    Input("heat_buildings", "polygon", ("building_id", "heat_mwh", "buildings"), (), False),
    Input("phase_out", "table", ("building_id", "present", "co2_t"), (), False),
    Input("heat_zones", "polygon", ("zone_id", "society_dh_dkk_mwh", "society_hp_dkk_mwh"), (), False),
    Input("demand", "point", ("address_id", "cars", "ev_no_home", "covered_target_pct"), ("ev_today",), False),
    Input("duties", "polygon", ("parking_id", "plugs_asked", "plugs_missing", "state"), (), False),
    Input("shared_mobility", "point", ("name", "shared_cars"), (), False),
    Input("trips", "point", ("address_id", "pupils_exact", "low_stress", "school_id"), (), False),
    Input("ways_from", "line", ("way_id", "next_way", "stress"), ("from_0_3", "from_4_6", "from_7_9"), False),
    Input("hard_crossings", "point", ("crossing", "stress"), (), False),
    Input("tree_sites", "point", ("site_id",), ("rank",), False),
)
