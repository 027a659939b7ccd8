"""Answer 5: the campaign — what may be expected planted where owners are asked, by street and by housing association.

``expected = offered × acceptance``. Offered are the sites of a garden, at most as many as one garden is expected to
take, and all sites of an association. Acceptance is the share of the offered trees that are planted: an assumption for
each kind of owner, with a low and a high one. The plan's sentence can be read in two ways, and both are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.trees._campaign_declared import (
    CAMPAIGN_ASSUMPTIONS,
    CAMPAIGN_INDICATORS,
    CAMPAIGN_LIMITS,
    CAMPAIGN_TABLES,
    LEVELS,
    OWNERS_ASKED,
    READINGS,
)
from ballerup_geo.methods.trees._chosen import ranked_sites
from ballerup_geo.methods.trees._goal import Goal, goal_of
from ballerup_geo.methods.trees._sizes import SIZES
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Given
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["CAMPAIGN", "asked", "campaign_words"]

PERCENT = 100.0
ASKED = {"garden": "garden", "housing_association": "association", "cooperative": "cooperative"}
"""Who is asked → the stem of its assumptions."""


def asked(sites: pd.DataFrame, *, garden_most: int) -> pd.DataFrame:
    """Return the parcels whose owners are asked, by parcel: who is asked, its sites, those offered, those chosen.

    Parameters
    ----------
    sites
        ``parcel_id, place, owner_kind, owner_name, street, size, rank``; rank is missing where a site is not chosen.
    garden_most
        Most trees that are offered to one garden.

    Returns
    -------
    frame
        Index ``parcel_id``: ``owner, owner_name, street, sites, offered, chosen, chosen_offered`` and the chosen of
        each size.
    """
    own = sites[sites["place"].isin(["garden", "association"])]
    owner = own["owner_kind"].where(own["place"] == "association", "garden")
    chosen = own["rank"].notna()
    table = own[["parcel_id", "owner_name", "street"]].assign(owner=owner, sites=1, chosen=chosen.astype(np.int64))
    for size in SIZES:
        table[size] = (chosen & (own["size"] == size)).astype(np.int64)
    firsts = dict.fromkeys(("owner", "owner_name", "street"), "first")
    sums = dict.fromkeys(("sites", "chosen", *SIZES), "sum")
    found = table.groupby("parcel_id", sort=True).agg({**firsts, **sums})
    most = np.where(found["owner"] == "garden", garden_most, np.iinfo(np.int64).max)
    offered = np.minimum(found["sites"].to_numpy(np.int64), most)
    return found.assign(offered=offered, chosen_offered=np.minimum(found["chosen"].to_numpy(np.int64), most))


def _campaign(given: Given, town: TreeTown, found: Found) -> Found:
    sites = ranked_sites(found)
    parcels = asked(sites, garden_most=int(number_of(given, "garden_offer_most")))
    rates = {
        owner: [number_of(given, f"accept_{stem}_{level}_pct") / PERCENT for level in LEVELS]
        for owner, stem in ASKED.items()
    }
    goal = goal_of(given)
    streets = _streets(town, parcels, rates, near_m=number_of(given, "street_near_m"))
    associations = _associations(given, town, found, sites, parcels, rates)
    readings = _readings(parcels, rates, goal)
    whole = readings.iloc[0]
    return Found(
        tables={
            "streets": streets,
            "associations": associations,
            "association_sites": _association_sites(sites),
            "campaign": _by_owner(given, parcels, rates),
            "readings": readings,
        },
        indicators={
            "offered": float(whole["offered"]),
            **{f"expected_{level}": float(whole[f"expected_{level}"]) for level in LEVELS},
            "accept_needed_pct": None if pd.isna(whole["needed_pct"]) else float(whole["needed_pct"]),
            "offers": float(len(associations)),
        },
        notes=_nameless(parcels),
    )


def _expected(offered: Mapping[str, float] | pd.Series[Any], rates: Mapping[str, list[float]]) -> list[float]:
    """Return the expected plantings, low, middle and high, of offers by owner."""
    return [sum(float(offered.get(owner, 0)) * rate[at] for owner, rate in rates.items()) for at in range(len(LEVELS))]


def _streets(
    town: TreeTown, parcels: pd.DataFrame, rates: Mapping[str, list[float]], *, near_m: float
) -> gpd.GeoDataFrame:
    """Return the gardens of each street, as lines; those of no named street are left to a note."""
    gardens = parcels[(parcels["owner"] == "garden") & parcels["street"].notna()]
    street = gardens["street"].astype(str)
    every = town.parcels[(town.parcels["place"] == "garden") & town.parcels["street"].notna()]
    homes = every.groupby(every["street"].astype(str), sort=True).size()
    sums = gardens.groupby(street, sort=True)[["sites", "offered", "chosen"]].sum()
    sums = sums.assign(asked=gardens.groupby(street).size()).reindex(homes.index, fill_value=0)
    sums["gardens"] = homes
    lines = _lines(town, every, near_m)
    return gpd.GeoDataFrame(
        {
            "street": sums.index.to_numpy(object),
            **{name: sums[name].to_numpy(np.int64) for name in ("gardens", "asked", "sites", "offered", "chosen")},
            **{
                f"expected_{level}": sums["offered"].to_numpy(float) * rates["garden"][at]
                for at, level in enumerate(LEVELS)
            },
        },
        geometry=[lines[name] for name in sums.index],
        crs=CRS,
    )


def _nameless(parcels: pd.DataFrame) -> tuple[Words, ...]:
    """Say how many gardens lie by no named street."""
    gardens = parcels[(parcels["owner"] == "garden") & parcels["street"].isna()]
    if gardens.empty:
        return ()
    gardens_n, trees_n = float(len(gardens)), float(gardens["offered"].sum())
    return (
        {
            "da": f"{number(gardens_n)} haver med {number(trees_n)} tilbudte træer ligger ved ingen vej med navn: "
            "de tæller med, men står ikke på kortet.",
            "en": f"{number(gardens_n, language='en')} gardens with {number(trees_n, language='en')} trees offered lie "
            "by no named street: they count, but do not stand on the map.",
        },
    )


def _lines(town: TreeTown, gardens: gpd.GeoDataFrame, near_m: float) -> dict[str, Any]:
    """Return the lines of each named road that run by its gardens; all of them where none is so near."""
    named = town.roads[town.roads["name"].notna()]
    beside = {str(name): group.to_numpy() for name, group in gardens.geometry.groupby(gardens["street"].astype(str))}
    found: dict[str, Any] = {}
    for name, group in named.geometry.groupby(named["name"].astype(str), sort=True):
        if str(name) in beside:
            near = shapely.union_all(shapely.buffer(beside[str(name)], near_m, quad_segs=2))
            whole = shapely.union_all(np.asarray(group.to_numpy()))
            line = shapely.intersection(whole, near)
            found[str(name)] = shapely.line_merge(line if shapely.length(line) > 0 else whole)
    return found


def _associations(
    given: Given,
    town: TreeTown,
    found: Found,
    sites: gpd.GeoDataFrame,
    parcels: pd.DataFrame,
    rates: Mapping[str, list[float]],
) -> gpd.GeoDataFrame:
    """Return a row for each association with a site: what it is offered, and on what footing."""
    own = parcels[parcels["owner"] != "garden"].assign(
        name=lambda one: one["owner_name"].fillna(pd.Series(one.index, one.index))
    )
    funding = {owner: str(given.assumptions[f"funding_{owner}"]) for owner in OWNERS_ASKED}
    plantable = found.tables["parcels"].set_index("parcel_id")["plantable_m2"]
    grounds = town.parcels.set_index("parcel_id").geometry
    species, ties = _mixes(sites, own["name"]), _ties(sites, own["name"])
    rows: list[dict[str, Any]] = []
    shapes = []
    for (name, owner), group in own.groupby(["name", "owner"], sort=True):
        area = np.asarray(grounds.loc[group.index].to_numpy())
        offered = float(group["offered"].sum())
        shapes.append(shapely.union_all(area))
        rows.append(
            {
                "association": name,
                "owner_kind": owner,
                "parcels": len(group),
                "area_ha": float(shapely.area(area).sum()) / 10_000.0,
                "plantable_ha": float(plantable.reindex(group.index).sum()) / 10_000.0,
                **{name: int(group[name].sum()) for name in ("sites", "chosen", *SIZES)},
                **{f"expected_{level}": offered * rates[str(owner)][at] for at, level in enumerate(LEVELS)},
                **{
                    f"chosen_{level}": float(group["chosen"].sum()) * rates[str(owner)][at]
                    for at, level in enumerate(LEVELS)
                },
                "species": species.get(str(name)),
                "legal_basis": owner,
                "funding": funding[str(owner)],
                "unchecked": ties.get(str(name)),
            }
        )
    table = pd.DataFrame(rows, columns=[column.name for column in _columns("associations")])
    order = table.sort_values(["chosen", "sites", "association"], ascending=[False, False, True], kind="stable").index
    frame = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)
    return gpd.GeoDataFrame(frame.loc[order]).reset_index(drop=True)


def _columns(table: str) -> tuple[Any, ...]:
    return next(each.columns for each in CAMPAIGN_TABLES if each.name == table)


def _of_association(sites: pd.DataFrame, names: pd.Series[Any]) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return the offered sites of associations, the chosen ones where any are chosen, and whose they are."""
    own = sites[sites["parcel_id"].isin(names.index)]
    owner = own["parcel_id"].map(names)
    some = own["rank"].notna().groupby(owner).transform("any")
    kept = own["rank"].notna() | ~some
    return own[kept], owner[kept]


def _mixes(sites: pd.DataFrame, names: pd.Series[Any]) -> dict[str, str]:
    """Return the species of each association's trees with their numbers, the most frequent first."""
    own, owner = _of_association(sites, names)
    known = own[own["species"].notna()]
    found: dict[str, str] = {}
    for name, group in known.groupby(owner.loc[known.index], sort=True):
        counts = group["species"].value_counts()
        order = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
        found[str(name)] = ", ".join(f"{species} {number(float(trees))}" for species, trees in order)
    return found


def _ties(sites: pd.DataFrame, names: pd.Series[Any]) -> dict[str, str]:
    """Return what nobody has looked into at any of an association's sites, each named once."""
    own, owner = _of_association(sites, names)
    known = own[own["unchecked"].notna()]
    said = known.groupby([owner.loc[known.index], "unchecked"], sort=True).size()
    found: dict[str, list[str]] = {}
    for name, ties in said.index:
        for tie in str(ties).split("; "):
            if tie not in found.setdefault(str(name), []):
                found[str(name)].append(tie)
    return {name: "; ".join(ties) for name, ties in found.items()}


def _association_sites(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the chosen sites on associations' land: they tell about no home."""
    own = gpd.GeoDataFrame(sites[(sites["place"] == "association") & sites["rank"].notna()]).sort_values("rank")
    name = own["owner_name"].fillna(own["parcel_id"])
    columns = {name: own[name].to_numpy() for name in ("site_id", "rank", "size", "species", "crown_radius_m")}
    return gpd.GeoDataFrame(
        {**columns, "association": name.to_numpy(object)}, geometry=own.geometry.to_numpy(), crs=CRS
    )


def _by_owner(given: Given, parcels: pd.DataFrame, rates: Mapping[str, list[float]]) -> pd.DataFrame:
    """Return the campaign by kind of owner."""
    sums = parcels.groupby("owner")[["sites", "offered", "chosen", "chosen_offered"]].sum()
    rows: list[dict[str, Any]] = []
    for owner in OWNERS_ASKED:
        own = {str(name): int(sums[name].get(owner, 0)) for name in sums}
        rows.append(
            {
                "owner": owner,
                "owners": int((parcels["owner"] == owner).sum()),
                **{name: own[name] for name in ("sites", "offered", "chosen")},
                **{f"accept_{level}_pct": rates[owner][at] * PERCENT for at, level in enumerate(LEVELS)},
                **{f"expected_{level}": own["offered"] * rates[owner][at] for at, level in enumerate(LEVELS)},
                **{f"chosen_{level}": own["chosen_offered"] * rates[owner][at] for at, level in enumerate(LEVELS)},
                "legal_basis": owner,
                "funding": str(given.assumptions[f"funding_{owner}"]),
            }
        )
    return pd.DataFrame(rows)


def _readings(parcels: pd.DataFrame, rates: Mapping[str, list[float]], goal: Goal) -> pd.DataFrame:
    """Return what each reading of the plan's sentence leaves room for, and the acceptance that the number asks."""
    rows: list[dict[str, Any]] = []
    for reading, owners in READINGS.items():
        own = parcels[parcels["owner"].isin(owners[0])]
        offered = own.groupby("owner")["offered"].sum()
        expected = _expected(offered, rates)
        chosen = _expected(own.groupby("owner")["chosen_offered"].sum(), rates)
        total = int(offered.sum())
        rows.append(
            {
                "reading": reading,
                "sites": int(own["sites"].sum()),
                "offered": total,
                "chosen": int(own["chosen"].sum()),
                **{f"expected_{level}": expected[at] for at, level in enumerate(LEVELS)},
                "chosen_mid": chosen[1],
                "needed_pct": PERCENT * goal.trees / total if total else np.nan,
                "reach": _reach(expected, total, goal.trees),
            }
        )
    return pd.DataFrame(rows)


def _reach(expected: list[float], offered: int, trees: int) -> str:
    """Say whether so many trees can be expected: a code of `REACH`."""
    if offered < trees:
        return "no_room"
    low, middle, high = expected
    if low >= trees:
        return "expected"
    if middle >= trees:
        return "likely"
    return "possible" if high >= trees else "not_expected"


def _round(value: float, language: Language) -> str:
    return number(value, digits=min(0, known_digits(value, significant=2)), language=language)


def campaign_words(tables: Mapping[str, pd.DataFrame], *, trees: int) -> Words:
    """Say what may be expected where all are asked, and the acceptance that the plan's number asks."""
    whole, other = (tables["readings"].iloc[at] for at in (0, 1))
    words: dict[Language, str] = {}
    for language in ("da", "en"):
        low, middle, high = (_round(float(whole[f"expected_{level}"]), language) for level in LEVELS)
        offered, goal = _round(float(whole["offered"]), language), number(trees, language=language)
        needed, alone = _percent(whole["needed_pct"], language), _percent(other["needed_pct"], language)
        words[language] = (
            f"Spørges alle haveejere og boligforeninger om deres {offered} tilbudte træer, kan der ventes omkring "
            f"{middle} plantet ({low}–{high}; andelen, der siger ja, er antaget). {goal} træer kræver, at {needed} af "
            f"tilbuddene bliver til et træ; {alone}, hvis kun boligforeningers jord tæller."
            if language == "da"
            else f"If all garden owners and housing associations are asked about their {offered} offered trees, about "
            f"{middle} may be expected planted ({low}–{high}; the share who say yes is assumed). {goal} trees ask that "
            f"{needed} of the offers become a tree; {alone} if associations' land alone counts."
        )
    return words


def _percent(value: Any, language: Language) -> str:
    if pd.isna(value):
        return {"da": "en ukendt andel", "en": "an unknown share"}[language]
    if float(value) > PERCENT:
        return {"da": "mere end alle", "en": "more than all"}[language]
    return f"{number(float(value), digits=0, language=language)} %"


CAMPAIGN = Part(
    compute=_campaign,
    assumptions=CAMPAIGN_ASSUMPTIONS,
    tables=CAMPAIGN_TABLES,
    indicators=CAMPAIGN_INDICATORS,
    limits=CAMPAIGN_LIMITS,
)
