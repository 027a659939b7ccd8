"""Answer 5: parking areas that a dated rule may ask chargers of — "muligt krav", never more than that."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods._code_words import OWNERS
from ballerup_geo.methods._columns import count, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.charging._empty import empty_table
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable, Text

__all__ = ["BUILDING_USES", "DUTIES", "USE_GROUPS", "plugs_asked"]

RESIDENTIAL, OTHER = "residential", "non_residential"
USE_GROUPS: Mapping[str, str] = {
    "flats": RESIDENTIAL,
    "rows": RESIDENTIAL,
    "office": OTHER,
    "retail": OTHER,
    "industry": OTHER,
    "school": OTHER,
    "sport": OTHER,
    "public": OTHER,
}
"""Use of the building that parking belongs to → whom a rule applies to; other parking belongs to no building."""
BUILDING_USES: Mapping[str, Text] = {
    "flats": Text(da="etageboliger", en="flats"),
    "rows": Text(da="rækkehuse", en="terraced houses"),
    "office": Text(da="kontor", en="office"),
    "retail": Text(da="butikker og service", en="shops and services"),
    "industry": Text(da="industri og lager", en="industry and storage"),
    "school": Text(da="skole", en="school"),
    "sport": Text(da="idræt", en="sport"),
    "public": Text(da="anden institution", en="other institution"),
    "station": Text(da="station", en="station"),
    "none": Text(da="ingen bygning", en="no building"),
}
SECONDARY_FROM = 900
"""BBR uses from here on are garages and sheds."""
STATES: Mapping[str, Text] = {
    "possible": Text(da="muligt krav", en="possible duty"),
    "possible_unknown": Text(da="muligt krav; ladere ukendt", en="possible duty; chargers unknown"),
    "possible_prepared": Text(da="muligt krav om forberedelse", en="possible duty to prepare"),
    "expected": Text(da="ventet krav", en="duty to come"),
    "met": Text(da="muligt krav, kendte ladere er nok", en="possible duty, known chargers suffice"),
}
REASONS: Mapping[str, Text] = {
    f"{group}_{state}": Text(
        da=f"{da_state}, {da_group}, flere pladser end grænsen",
        en=f"{en_state}, {en_group}, more spaces than the limit",
    )
    for group, da_group, en_group in ((RESIDENTIAL, "boliger", "dwellings"), (OTHER, "ikke bolig", "not dwellings"))
    for state, da_state, en_state in (
        ("existing", "bestående bygning", "existing building"),
        ("new", "ny bygning", "new building"),
    )
}
STANDINGS: Mapping[str, Text] = {
    "in_force": Text(da="gældende", en="in force"),
    "expected": Text(da="ventes", en="expected"),
}


def plugs_asked(spaces: int, *, at_least: int, per_spaces: int | None) -> int:
    """Return the plugs that a rule asks of a parking area: one for each so many spaces begun, and at least so many.

    Examples
    --------
    >>> plugs_asked(21, at_least=1, per_spaces=None), plugs_asked(41, at_least=1, per_spaces=10)
    (1, 5)
    """
    return at_least if per_spaces is None else max(at_least, math.ceil(spaces / per_spaces))


def _duties(given: Given, scene: Scene, _found: Found) -> Found:
    rules = cast("pd.DataFrame | None", given.inputs["charging_rules"])
    if rules is None or scene.parking is None:
        return Found(
            tables={"duties": empty_table(_TABLE)},
            indicators={"possible_duties": None, "possible_plugs": None},
            notes=(_NO_RULES if rules is None else _NO_PARKING,),
        )
    as_of = _day(str(given.assumptions["duties_as_of"]))
    year = _year_built(scene, number_of(given, "duty_building_m"))
    rows = [row for rule in _held(rules, as_of) for row in _of_rule(scene.parking, rule, year, as_of)]
    table = _ordered(rows, scene.parking)
    open_ = table[table["state"].isin(["possible", "possible_unknown"])]
    return Found(
        tables={"duties": table},
        indicators={
            "possible_duties": float(open_["parking_id"].nunique()),
            "possible_plugs": float(open_.groupby("parking_id")["plugs_missing"].max().sum()),
        },
    )


def _day(words: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(datetime.date.fromisoformat(words))
    except ValueError as error:
        what = f'"{words}" is no day'
        raise MethodError(Fault("charging", "duties_as_of", what, "write it as 2026-11-23")) from error


def _held(rules: pd.DataFrame, as_of: pd.Timestamp) -> Iterator[Any]:
    """Yield the rules that hold on a day or are still to come, by day and id."""
    ended = rules["to_date"].notna() & (rules["to_date"] < as_of) if "to_date" in rules else False
    yield from rules[~pd.Series(ended, index=rules.index)].sort_values(["from_date", "rule_id"]).itertuples(index=False)


def _year_built(scene: Scene, reach_m: float) -> NDArray[np.float64]:
    """Return the year of the nearest building that is no shed, for each parking area; NaN: none near, or unknown."""
    parking = gpd.GeoDataFrame(scene.parking)
    main = scene.buildings[(scene.buildings["use_code"].astype("Int64").fillna(0) < SECONDARY_FROM).to_numpy(bool)]
    year = np.full(len(parking), np.nan)
    if "year_built" not in main or not len(parking):
        return year
    area, house = shapely.STRtree(main.geometry.to_numpy()).query_nearest(
        parking.geometry.to_numpy(), max_distance=reach_m, all_matches=False
    )
    year[area] = main["year_built"].astype("Float64").to_numpy(np.float64, na_value=np.nan)[house]
    return year


def _of_rule(
    parking: gpd.GeoDataFrame, rule: Any, year_built: NDArray[np.float64], as_of: pd.Timestamp
) -> Iterator[dict[str, Any]]:
    """Yield the parking areas that a rule applies to.

    A building counts as new when its year lies after the year the rule took force; one of unknown year counts as
    existing.
    """
    new = year_built > rule.from_date.year
    fits = new if rule.building_state == "new" else ~new
    group = parking["building_use"].map(lambda use: USE_GROUPS.get(use, "")).to_numpy(object)
    spaces = parking["spaces"].to_numpy(np.int64)
    for row in np.flatnonzero(fits & (group == rule.applies_to) & (spaces > int(rule.spaces_over))):
        asked = plugs_asked(
            int(spaces[row]), at_least=int(rule.chargers_min), per_spaces=_whole(rule, "chargers_per_spaces")
        )
        ducts = _whole(rule, "prepared_per_spaces")
        plugs = int(parking["plugs"].iloc[row])
        yield {
            "row": int(row),
            "rule_id": str(rule.rule_id),
            "rule": str(rule.title),
            "from_date": rule.from_date,
            "standing": str(rule.standing),
            "spaces_over": int(rule.spaces_over),
            "reason": f"{rule.applies_to}_{rule.building_state}",
            "plugs_asked": asked,
            "prepared": None if ducts is None else math.ceil(int(spaces[row]) / ducts),
            "plugs_known": None if plugs < 0 else plugs,
            "plugs_missing": max(0, asked - max(plugs, 0)),
            "state": _state(rule, as_of, asked=asked, plugs=plugs),
        }


def _whole(rule: Any, name: str) -> int | None:
    value = getattr(rule, name, None)
    return None if value is None or pd.isna(value) else int(value)


def _state(rule: Any, as_of: pd.Timestamp, *, asked: int, plugs: int) -> str:
    if rule.standing == "expected" or rule.from_date > as_of:
        return "expected"
    if asked == 0:
        return "possible_prepared"
    if plugs < 0:
        return "possible_unknown"
    return "possible" if plugs < asked else "met"


def _ordered(rows: list[dict[str, Any]], parking: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows with their parking area, numbered: what may be missing first, the larger before the smaller.

    The first number stands last: a map draws row over row, and of an area under several rules the most urgent is seen.
    """
    if not rows:
        return gpd.GeoDataFrame(empty_table(_TABLE))
    frame = pd.DataFrame(rows)
    areas = parking.iloc[frame["row"].to_numpy()].reset_index(drop=True)
    named = ("parking_id", "name", "building_use", "owner_kind", "spaces", "estimated")
    joined = gpd.GeoDataFrame(
        {**{name: areas[name] for name in named}, **{name: frame[name] for name in frame.columns if name != "row"}},
        geometry=areas.geometry.to_numpy(),
        crs=parking.crs,
    )
    for name in ("prepared", "plugs_known"):
        joined[name] = pd.array(joined[name].astype(object).where(joined[name].notna(), None), dtype="Int64")
    rank = joined["state"].map({state: place for place, state in enumerate(STATES)})
    order = pd.DataFrame(
        {"state": rank, "spaces": -joined["spaces"], "id": joined["parking_id"], "rule": joined["rule_id"]}
    )
    listed = joined.iloc[order.sort_values(["state", "spaces", "id", "rule"]).index]
    return gpd.GeoDataFrame(listed.assign(number=np.arange(1, len(listed) + 1))[::-1].reset_index(drop=True))


_NO_RULES: Words = {
    "da": "Reglerne om ladestandere er ukendte: ingen liste over mulige krav.",
    "en": "The rules on chargers are unknown: no list of possible duties.",
}
_NO_PARKING: Words = {
    "da": "Parkeringsarealerne er ukendte: ingen liste over mulige krav.",
    "en": "The parking areas are unknown: no list of possible duties.",
}
_TABLE = OutputTable(
    "duties",
    "polygon",
    (
        count("number", "nummer på listen", "place in the list"),
        text("parking_id", "parkeringsareal", "parking area"),
        text("name", "navn", "name"),
        text("state", "status", "state", STATES),
        text("reason", "grund", "reason", REASONS),
        text("building_use", "bygningen, den hører til", "building it belongs to", BUILDING_USES),
        text("owner_kind", "ejerforhold", "kind of owner", OWNERS),
        count("spaces", "pladser", "spaces"),
        OutputColumn("estimated", "boolean", None, "pladser anslået af arealet", "spaces estimated from the area"),
        text("rule_id", "regel", "rule"),
        text("rule", "regelsæt", "rule set"),
        OutputColumn("from_date", "date", None, "gælder fra", "holds from"),
        text("standing", "reglens status", "the rule's standing", STANDINGS),
        count("spaces_over", "gælder ved flere pladser end", "applies to more spaces than"),
        count("plugs_asked", "ladeudtag, reglen nævner", "plugs that the rule names"),
        count("prepared", "pladser forberedt, reglen nævner", "prepared spaces that the rule names"),
        count("plugs_known", "kendte ladeudtag", "known plugs"),
        count("plugs_missing", "ladeudtag, der måske mangler", "plugs that may be missing"),
    ),
)

DUTIES: Part[Scene] = Part(
    compute=_duties,
    inputs=(
        Input(
            "charging_rules",
            "table",
            columns=(
                "rule_id",
                "title",
                "from_date",
                "applies_to",
                "building_state",
                "spaces_over",
                "chargers_min",
                "standing",
            ),
            optional_columns=("to_date", "chargers_per_spaces", "prepared_per_spaces"),
            required=False,
        ),
        Input("buildings", "polygon", columns=("building_id", "use_code"), optional_columns=("year_built",)),
    ),
    assumptions=(
        Assumption("duties_as_of", "-", kind="text"),
        Assumption("duty_building_m", "m", minimum=0.0),
    ),
    tables=(_TABLE,),
    indicators=(
        Indicator(
            "possible_duties",
            "1",
            "Parkeringsarealer med et muligt krav om ladere, som ikke er kendt",
            "Parking areas with a possible duty to have chargers that are not known of",
            significant=2,
        ),
        Indicator(
            "possible_plugs",
            "1",
            "Ladeudtag, der måske mangler på dem",
            "Plugs that may be missing on them",
            significant=2,
        ),
    ),
    limits=(
        {
            "da": (
                "Mulige krav er en liste at se efter i: om bygningen er opvarmet, hører til en lille eller "
                "mellemstor virksomhed, er undtaget eller ombygget, vides ikke."
            ),
            "en": (
                "Possible duties are a list to look into: whether the building is heated, belongs to a small or "
                "medium-sized firm, is exempt or renovated is not known."
            ),
        },
    ),
)
"""Duties by dated rules."""
