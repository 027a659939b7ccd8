"""What the rainwater analysis reads, assumes and gives: the declaration of its core, without values."""

from __future__ import annotations

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods.rainwater._ground import COVERS
from ballerup_geo.methods.rainwater._words import KIND_WORDS, NO_NEIGHBOUR, NOWHERE, STARTS
from ballerup_geo.spec import Assumption, Indicator, Input, OutputColumn, OutputRaster, OutputTable

__all__ = [
    "RUN_ASSUMPTIONS",
    "RUN_INDICATORS",
    "RUN_INPUTS",
    "RUN_RASTERS",
    "RUN_TABLES",
    "VOLUME_ASSUMPTIONS",
    "VOLUME_INDICATORS",
    "VOLUME_INPUTS",
    "VOLUME_RASTERS",
    "VOLUME_TABLES",
]


_RECIPIENT = text("recipient_id", "recipient", "recipient")
_KIND = text("kind", "slags", "kind", KIND_WORDS)
_TARGET_YEAR = count("target_year", "målår", "target year")
_EVENT = text("event_id", "hændelse", "event")

RUN_INPUTS = (
    Input("terrain", "raster"),
    Input("municipality", "polygon", columns=("name",)),
    Input(
        "recipients",
        "any",
        columns=("recipient_id", "name"),
        optional_columns=("kind", "downstream_id", "target_year", "target_text"),
        required=False,
    ),
    Input("culverts", "line", columns=("culvert_id",), optional_columns=("capacity_l_s",), required=False),
    Input("neighbours", "polygon", columns=("name", "code"), required=False),
    Input("land_cover", "polygon", columns=("cover",), required=False),
)

RUN_ASSUMPTIONS = (
    Assumption("bluespot_min_depth_m", "m", minimum=0.0),
    Assumption("bluespot_min_volume_m3", "m³", minimum=0.0),
    Assumption("drainage_line_min_ha", "ha", minimum=0.0),
    Assumption("culvert_max_drop_m", "m", minimum=0.0),
    Assumption("terrain_gap_max_pct", "%", minimum=0.0, maximum=100.0),
    Assumption("upstream_cut_max_pct", "%", minimum=0.0),
    *(Assumption(f"runoff_{cover}", "1", minimum=0.0, maximum=1.0) for cover in (*COVERS, "unmapped")),
    Assumption("hydrological_reduction", "1", minimum=0.0, maximum=1.0),
)

RUN_TABLES = (
    OutputTable(
        "catchments",
        "polygon",
        (
            _RECIPIENT,
            text("name", "navn", "name", NOWHERE),
            _KIND,
            figure("area_m2", "m²", "areal", "area"),
            figure("share_pct", "%", "andel af kommunen", "share of the municipality"),
            figure("sealed_m2", "m²", "befæstet areal", "sealed area"),
            figure("sealed_pct", "%", "befæstet andel", "sealed share"),
            text("final_id", "ender i recipient", "ends in recipient"),
            text("final_name", "ender i", "ends in", NOWHERE),
            _TARGET_YEAR,
        ),
    ),
    OutputTable(
        "recipients",
        "table",
        (
            count("label", "nummer i rasterne", "number in the rasters"),
            _RECIPIENT,
            text("name", "navn", "name"),
            _KIND,
            text("downstream_id", "løber videre til", "runs on to"),
            figure("first_area_m2", "m²", "areal, der afvander hertil først", "area that drains here first"),
            figure(
                "final_area_m2",
                "m²",
                "areal i alt, også det, andre recipienter fører hertil",
                "area in all, with what other recipients lead here",
            ),
            _TARGET_YEAR,
            text("target_text", "mål", "target"),
        ),
    ),
    OutputTable(
        "divides",
        "line",
        (
            text("divide_id", "vandskel", "divide"),
            text("name_a", "på den ene side", "on one side", NOWHERE),
            text("name_b", "på den anden side", "on the other side", NOWHERE),
            figure("length_m", "m", "længde", "length"),
        ),
    ),
    OutputTable(
        "flow_paths",
        "line",
        (
            text("path_id", "strømningsvej", "flow path"),
            _RECIPIENT,
            text("name", "navn", "name", NOWHERE),
            text("kind", "begynder ved", "begins at", STARTS),
            figure("start_height_m", "m DVR90", "begynder i kote", "start height"),
            figure("length_m", "m", "længde", "length"),
            figure("drop_m", "m", "fald", "drop"),
        ),
    ),
    OutputTable("high_point", "point", (figure("height_m", "m DVR90", "kote", "height"),)),
    OutputTable(
        "bluespots",
        "polygon",
        (
            count("bluespot_id", "bluespot nr.", "bluespot no."),
            figure("area_m2", "m²", "areal", "area"),
            figure("volume_m3", "m³", "rumfang", "volume"),
            figure("max_depth_m", "m", "største dybde", "greatest depth"),
            figure("fill_mm", "mm", "regn, der fylder den", "rain that fills it"),
            figure("spill_level_m", "m DVR90", "løber over i kote", "spill level"),
            _RECIPIENT,
            text("recipient_name", "løber over mod", "spills towards", NOWHERE),
            OutputColumn("parts", "integer", None, "lavninger inden i den", "hollows nested inside"),
            OutputColumn("buildings", "integer", None, "berørte bygninger, når den er fuld", "buildings touched"),
            OutputColumn("dwellings", "integer", None, "boliger i dem", "dwellings in them"),
            figure("roads_m", "m", "vej under vand, når den er fuld", "road under water when it is full"),
            OutputColumn("critical", "integer", None, "berørte kritiske funktioner", "critical functions touched"),
        ),
    ),
    OutputTable(
        "drainage_lines",
        "line",
        (text("line_id", "linje", "line"), figure("upstream_ha", "ha", "opland", "upstream area")),
    ),
)

RUN_RASTERS = (
    OutputRaster("depth_m", "m", "dybde, når lavningen er fuld", "depth when the hollow is full"),
    OutputRaster("directions", "D8", "strømningsretning (ESRI-koder)", "flow direction (ESRI codes)"),
    OutputRaster(
        "recipient",
        "-",
        "nummer på recipienten, vandet når først, i rækkefølge efter recipient_id; 0: ingen",
        "number of the recipient reached first, in the order of recipient_id; 0: none",
    ),
)

RUN_INDICATORS = (
    Indicator("highest_point_m", "m DVR90", "Kommunens højeste punkt", "Highest point of the municipality", 1),
    Indicator("area_km2", "km²", "Kommunens areal i terrænmodellen", "Municipal area in the terrain model", 1),
    Indicator("recipients_reached", "1", "Recipienter, som regnen når", "Recipients that the rain reaches"),
    Indicator(
        "to_recipients_pct",
        "%",
        "Areal, der løber til en navngiven recipient",
        "Area draining to a named recipient",
    ),
    Indicator(
        "bluespots", "1", "Bluespots (lavninger, hvor vand bliver stående)", "Bluespots (hollows where water stays)"
    ),
    Indicator("bluespot_volume_m3", "m³", "Rumfang af alle bluespots", "Volume of all bluespots", significant=2),
)

VOLUME_INPUTS = (
    Input(
        "rain_events",
        "table",
        columns=("event_id", "duration_min", "rain_mm", "climate_factor", "source"),
        optional_columns=("return_period_y",),
        required=False,
    ),
    Input(
        "sewer_areas",
        "polygon",
        columns=("sewer_area_id", "system"),
        optional_columns=("service_level_y", "outlet_recipient"),
        required=False,
    ),
)

VOLUME_ASSUMPTIONS = (
    Assumption("initial_loss_mm", "mm", minimum=0.0),
    Assumption("service_level_separate_y", "år", minimum=0.0),
    Assumption("service_level_combined_y", "år", minimum=0.0),
    Assumption("sewer_climate_factor", "1", minimum=1.0),
    Assumption("design_return_period_y", "år", minimum=0.0),
)

VOLUME_TABLES = (
    OutputTable(
        "events",
        "table",
        (
            _EVENT,
            figure("return_period_y", "år", "gentagelsesperiode", "return period"),
            figure("duration_min", "min", "varighed", "duration"),
            figure("rain_mm", "mm", "regn med klimafaktor", "rain with climate factor"),
            figure("climate_factor", "1", "klimafaktor", "climate factor"),
            OutputColumn("sourced", "boolean", None, "regnmængden har en kilde", "the rain has a source"),
            figure("volume_m3", "m³", "regn på kommunen", "rain on the municipality"),
            figure("running_m3", "m³", "løber på terrænet", "runs over the ground"),
            figure("stored_m3", "m³", "bliver stående i lavninger", "stays in hollows"),
            figure("lost_m3", "m³", "løber aldrig på terrænet", "never runs over the ground"),
            figure("sewer_m3", "m³", "heraf i kloak", "of that into sewers"),
            figure("outflow_m3", "m³", "forlader kommunens terræn", "leaves the municipality's ground"),
            count("buildings", "berørte bygninger", "buildings touched"),
            count("dwellings", "boliger i dem", "dwellings in them"),
            figure("roads_m", "m", "afskåret vej", "road cut"),
            count("critical", "berørte samfundsvigtige funktioner", "critical functions touched"),
            figure("damage_dkk", "kr.", "skade", "damage"),
        ),
    ),
    OutputTable(
        "event_recipients",
        "table",
        (
            _EVENT,
            _RECIPIENT,
            text("name", "navn", "name", NOWHERE),
            figure("first_m3", "m³", "når den først", "reaches it first"),
            figure(
                "final_m3",
                "m³",
                "når den i alt, også gennem andre recipienter",
                "reaches it in all, through other recipients too",
            ),
            figure("sewer_m3", "m³", "fra kloakkernes udløb", "from sewer outlets"),
        ),
    ),
    OutputTable(
        "event_neighbours",
        "table",
        (
            _EVENT,
            text("code", "kommunekode", "municipality code"),
            text("name", "nabokommune", "neighbouring municipality", NO_NEIGHBOUR),
            figure("volume_m3", "m³", "modtager fra kommunen", "receives from the municipality"),
            figure("share_pct", "%", "andel af det, der forlader kommunen", "share of what leaves"),
        ),
    ),
    OutputTable(
        "event_areas",
        "table",
        (
            _EVENT,
            _RECIPIENT,
            text("name", "navn", "name"),
            figure(
                "inflow_m3", "m³", "vand, der når stedet fra kommunen", "water that reaches it from the municipality"
            ),
            figure("stored_m3", "m³", "bliver stående på stedet", "stays there"),
            count("buildings", "berørte bygninger på stedet", "buildings touched there"),
        ),
    ),
)

VOLUME_RASTERS = (
    OutputRaster("event_depth_m", "m", "vanddybde efter hændelsen", "depth of water after the event", each="events"),
)

VOLUME_INDICATORS = (
    Indicator(
        "to_neighbours_m3",
        "m³",
        "Vand til nabokommunerne i dimensionshændelsen",
        "Water to the neighbouring municipalities in the design event",
        significant=2,
    ),
    Indicator(
        "design_running_m3",
        "m³",
        "Vand på terrænet i dimensionshændelsen",
        "Water running over the ground in the design event",
        significant=2,
    ),
    Indicator(
        "design_stored_m3",
        "m³",
        "Vand, der bliver stående i lavninger i dimensionshændelsen",
        "Water that stays in hollows in the design event",
        significant=2,
    ),
    Indicator(
        "design_sewer_m3",
        "m³",
        "Vand, som kloakkerne tager i dimensionshændelsen",
        "Water that the sewers take in the design event",
        significant=2,
    ),
)
