"""Which species stands where: what the place asks for, and no species, genus or family too frequent.

Species follow the choice of sites (what a tree gives depends on its size, not on its species), so that the caps hold
among the chosen ones: those are what is planted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.trees._chosen import ranked_sites
from ballerup_geo.methods.trees._sizes import SIZES, Size, sizes_of
from ballerup_geo.methods.trees._town import TreeTown, layer_of
from ballerup_geo.siting import capped_mix
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable
from ballerup_geo.spec.words import number

__all__ = ["SPECIES", "Chosen", "choose_species"]

Names = NDArray[np.object_]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]

LEVELS = ("species", "genus", "family")
"""What the caps are about, from the narrowest."""
WELL, HARDLY = 2, 0
"""How a species does on a kind of ground, 0–3: from here on well; here not at all."""
PERCENT = 100.0
NONE = -1
ANY_SOIL = "any"
CLASS_SIZE = {name: place for place, name in enumerate(SIZES)}

SPECIES_INPUTS = (
    Input(
        "tree_species",
        "table",
        columns=("species", "genus", "family", "native", "form", "crown_radius_m", "height_m"),
        optional_columns=("soil", "dry", "wet", "salt", "excluded"),
        required=False,
    ),
    Input("wet_ground", "polygon", required=False),
)
SPECIES_ASSUMPTIONS = (
    *(Assumption(f"most_{level}_pct", "%", minimum=1.0, maximum=100.0) for level in LEVELS),
    Assumption("salt_road_m", "m", minimum=0.0, maximum=50.0),
    Assumption("dry_paved_m", "m", minimum=0.0, maximum=20.0),
    Assumption("usual_soil", "-", kind="text", choices=("any", "poor", "medium", "rich", "clay")),
    Assumption("shrub_least_m", "m", minimum=0.0, maximum=60.0),
    Assumption("shrub_cost", "1", minimum=0.0, maximum=10.0),
    Assumption("foreign_cost", "1", minimum=0.0, maximum=10.0),
    Assumption("untold_cost", "1", minimum=0.0, maximum=10.0),
    Assumption("soil_cost", "1", minimum=0.0, maximum=10.0),
    Assumption("smaller_cost", "1", minimum=0.0, maximum=10.0),
    Assumption("uneven_cost", "1", minimum=0.0, maximum=30.0),
)
WORTH = 100.0
"""Of a tree with a species, beside which all costs are small: no place goes without one while one may stand there."""

_MIX_COLUMNS: tuple[OutputColumn, ...] = (
    text("species", "art", "species"),
    text("genus", "slægt", "genus"),
    text("family", "familie", "family"),
    OutputColumn("native", "boolean", None, "hjemmehørende", "native"),
    count("trees", "pladser", "sites"),
    figure("share_pct", "%", "andel", "share"),
    figure(
        "plan_share_pct", "%", "andel i haver og på boligforeningers jord", "share in gardens and on associations' land"
    ),
    count("chosen", "valgte pladser", "chosen sites"),
    figure("chosen_share_pct", "%", "andel af de valgte", "share of the chosen"),
)
SPECIES_MIX = OutputTable("species_mix", "table", _MIX_COLUMNS)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A species and the reason for each place, and the mix that they are together."""

    species: Names
    why: Names
    mix: pd.DataFrame
    notes: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class _Places:
    """What each place asks for, by place."""

    size: Whole
    """0 small, 1 medium, 2 large."""
    wet: Flags
    dry: Flags
    salt: Flags

    def groups(self, rows: Whole) -> tuple[Whole, Whole]:
        """Return the places that stand for each group of like ones, and the group of each row."""
        key = ((self.size * 2 + self.wet) * 2 + self.dry) * 2 + self.salt
        _, first, group = np.unique(key[rows], return_index=True, return_inverse=True)
        return rows[first], group.reshape(-1)


def choose_species(given: Given, town: TreeTown, sizes: Sequence[Size], sites: pd.DataFrame, chosen: Flags) -> Chosen:
    """Choose a species for each site: the best mix that keeps the caps, among the chosen sites and in the rest apart.

    Each site gets a tree whose crown has room; wet, dry and salty ground gets species that are told to do well there
    before those of which nothing is told, and none that is told to fail. Native species, the usual soil and crowns that
    fill their room go before. The caps (10-20-30) hold among the chosen sites, among the others in gardens and on
    associations' land (so for all of that ground together), and on other ground; as far as there are species enough,
    among the trees of each size too. A site for which no species is left within them has none, and is counted. Species
    are mixed along the parcels, so that neighbours differ.

    Parameters
    ----------
    chosen
        Which sites are chosen, bool ``[sites]``.
    """
    table = given.inputs.get("tree_species")
    species = np.full(len(sites), None, dtype=object)
    why = np.full(len(sites), None, dtype=object)
    if table is None:
        return Chosen(species, why, _mix_of(None, species, sites, chosen), (_NO_TABLE,))
    kinds = _proposable(cast(pd.DataFrame, table), shrub_least_m=number_of(given, "shrub_least_m"))
    places = _places(given, town, sites)
    plan = (sites["place"] != "other").to_numpy(bool)
    for part in (chosen, plan & ~chosen, ~plan & ~chosen):
        for rows, kind in _kinds_of(given, kinds, sizes, places, np.flatnonzero(part)):
            told = kind != NONE
            reasons = np.array([_why(kinds, k, places, int(rows[0])) for k in range(len(kinds))], dtype=object)
            species[rows[told]] = kinds["species"].to_numpy(object)[kind[told]]
            why[rows[told]] = reasons[kind[told]]
    none = pd.isna(species)
    why[pd.isna(species)] = "ingen art passer her inden for grænserne for art, slægt og familie"
    notes = _notes(given, int(none.sum()), int((none & chosen).sum()))
    return Chosen(species, why, _mix_of(kinds, species, sites, chosen), notes)


def _kinds_of(
    given: Given, kinds: pd.DataFrame, sizes: Sequence[Size], places: _Places, rows: Whole
) -> list[tuple[Whole, Whole]]:
    """Return for each group of like places its rows, and the position of the species of each (`NONE`: none).

    The caps hold among all of them; among the trees of each size as far as no site goes without a species for it.
    """
    if not rows.size or kinds.empty:
        return []
    like, group = places.groups(rows)
    profit = _profit(given, kinds, sizes, places, like)
    demand = np.bincount(group, minlength=len(like)).astype(np.int64)
    chosen = capped_mix(
        demand,
        profit,
        labels=[pd.factorize(kinds[level], sort=True)[0].astype(np.int64) for level in LEVELS],
        shares=[number_of(given, f"most_{level}_pct") / PERCENT for level in LEVELS],
        classes=places.size[like],
        excess_cost=number_of(given, "uneven_cost"),
    )
    return [(rows[group == at], _interleaved(chosen[at], int(demand[at]))) for at in range(len(like))]


def _proposable(table: pd.DataFrame, *, shrub_least_m: float) -> pd.DataFrame:
    """Return the trees of the table that are not excluded, by name; figures that are not told are NaN.

    Shrubs that grow as high as ``shrub_least_m`` are among them: they may stand as small trees.
    """
    excluded = table["excluded"].notna() & (table["excluded"] != "") if "excluded" in table else False
    kinds = pd.DataFrame(
        table[((table["form"] == "tree") | (table["height_m"] >= shrub_least_m)) & ~excluded]
    ).sort_values("species", ignore_index=True)
    for name in ("dry", "wet", "salt"):
        told = kinds[name] if name in kinds else pd.Series(np.nan, index=kinds.index)
        kinds[name] = told.astype("Float64").to_numpy(np.float64, na_value=np.nan)
    if "soil" not in kinds:
        kinds["soil"] = None
    return kinds


def _places(given: Given, town: TreeTown, sites: pd.DataFrame) -> _Places:
    """Tell what the ground of each site is like."""
    points = sites.geometry.to_numpy()
    wet, dry = np.zeros(len(sites), dtype=bool), np.zeros(len(sites), dtype=bool)
    ground = layer_of(given, "wet_ground")
    if ground is not None and len(ground):
        wet[shapely.STRtree(ground.geometry.to_numpy()).query(points, predicate="intersects")[0]] = True
    if town.cover is not None:
        hard = town.cover.geometry.to_numpy()[town.cover["cover"].isin(("road", "paved")).to_numpy(bool)]
        if len(hard):
            reach = number_of(given, "dry_paved_m")
            dry[shapely.STRtree(hard).query(points, predicate="dwithin", distance=reach)[0]] = True
    salt = (sites["road_m"] <= number_of(given, "salt_road_m")).to_numpy(bool)
    return _Places(np.array(sites["size"].map(CLASS_SIZE), dtype=np.int64), wet, dry & ~wet, salt)


def _profit(given: Given, kinds: pd.DataFrame, sizes: Sequence[Size], places: _Places, like: Whole) -> Floats:
    """Return what each species is worth in each group, NaN where it may not stand; float64[g, k]."""
    crown = kinds["crown_radius_m"].to_numpy(np.float64)
    room = np.array([size.crown_m for size in sizes])
    below = np.concatenate([[0.0], room[:-1]])
    size = places.size[like]
    profit = np.full((len(like), len(kinds)), WORTH)
    profit[crown[None, :] > room[size][:, None]] = np.nan
    profit -= number_of(given, "smaller_cost") * (crown[None, :] <= below[size][:, None])
    profit -= number_of(given, "shrub_cost") * (kinds["form"] != "tree").to_numpy(bool)[None, :]
    profit -= number_of(given, "foreign_cost") * ~kinds["native"].to_numpy(bool)[None, :]
    usual = str(given.assumptions["usual_soil"])
    profit -= number_of(given, "soil_cost") * ~kinds["soil"].isin((ANY_SOIL, usual)).to_numpy(bool)[None, :]
    for name, asked in (("wet", places.wet), ("dry", places.dry), ("salt", places.salt)):
        does = kinds[name].to_numpy(np.float64)
        cost = np.where(np.isnan(does), number_of(given, "untold_cost"), np.maximum(WELL - does, 0.0))
        cost = np.where(does <= HARDLY, np.nan, cost)
        profit -= np.where(asked[like][:, None], cost[None, :], 0.0)
    return profit


def _interleaved(chosen: Whole, wanted: int) -> Whole:
    """Return kinds in an order in which each is spread evenly, `NONE` (spread too) where there are too few."""
    number_each = np.append(chosen, max(0, wanted - int(chosen.sum())))
    kind = np.repeat(np.append(np.arange(len(chosen)), NONE), number_each)
    begin = np.repeat(np.cumsum(number_each) - number_each, number_each)
    place = (np.arange(len(kind)) - begin + 0.5) / np.repeat(number_each, number_each)
    return kind[np.lexsort((kind, place))][:wanted].astype(np.int64)


def _why(kinds: pd.DataFrame, kind: int, places: _Places, one: int) -> str:
    """Say in Danish why a species stands in places like one."""
    row = kinds.iloc[kind]
    reasons = [f"kronens radius på {number(row['crown_radius_m'], digits=1)} m har plads"]
    if row["form"] != "tree":
        reasons.append("høj busk, der kan stå som lille træ")
    if row["native"]:
        reasons.append("hjemmehørende")
    for name, asked, words in (
        ("wet", places.wet[one], "våd bund"),
        ("dry", places.dry[one], "tør bund ved belægning"),
        ("salt", places.salt[one], "salt fra vejen"),
    ):
        if asked:
            reasons.append(f"om {words} er intet oplyst" if np.isnan(row[name]) else f"tåler {words}")
    return "; ".join(reasons)


def _mix_of(kinds: pd.DataFrame | None, species: Names, sites: pd.DataFrame, chosen: Flags) -> pd.DataFrame:
    """Return how often each species is proposed, the most frequent first."""
    names = [column.name for column in _MIX_COLUMNS]
    if kinds is None or kinds.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
    plan = (sites["place"] != "other").to_numpy(bool)
    mix = kinds[["species", "genus", "family", "native"]].copy()
    trees = pd.Series(species).value_counts()
    inside, planted = pd.Series(species[plan]).value_counts(), pd.Series(species[chosen]).value_counts()
    mix["trees"] = mix["species"].map(trees).fillna(0).astype(np.int64)
    mix["share_pct"] = PERCENT * mix["trees"] / max(1, len(species))
    mix["plan_share_pct"] = PERCENT * mix["species"].map(inside).fillna(0.0) / max(1, int(plan.sum()))
    mix["chosen"] = mix["species"].map(planted).fillna(0).astype(np.int64)
    mix["chosen_share_pct"] = PERCENT * mix["chosen"] / max(1, int(chosen.sum()))
    return mix.sort_values(["trees", "species"], ascending=[False, True], ignore_index=True)[names]


_NO_TABLE: Words = {
    "da": "Tabellen med træarter er ukendt: ingen plads har en art.",
    "en": "The table of tree species is unknown: no site has a species.",
}


def _notes(given: Given, lost: int, lost_chosen: int) -> tuple[Words, ...]:
    notes: list[Words] = []
    if given.inputs.get("wet_ground") is None:
        notes.append(
            {
                "da": "Våd jord fra regnvandsanalysen er ukendt: ingen plads regnes for våd.",
                "en": "Wet ground of the rainwater analysis is unknown: no site is reckoned as wet.",
            }
        )
    if lost:
        notes.append(
            {
                "da": f"{number(lost)} pladser har ingen art, {number(lost_chosen)} af dem valgte: ingen passer inden "
                "for grænserne for art, slægt og familie.",
                "en": f"{number(lost, language='en')} sites have no species, {number(lost_chosen, language='en')} of "
                "them chosen: none suits within the caps on species, genus and family.",
            }
        )
    return tuple(notes)


def _species(given: Given, town: TreeTown, found: Found) -> Found:
    sites = ranked_sites(found)
    ranked = sites["rank"].notna().to_numpy(bool)
    told = choose_species(given, town, sizes_of(given), sites, ranked)
    columns = pd.DataFrame({"species": told.species, "species_why": told.why}, index=pd.Index(sites["site_id"]))
    return Found(
        tables={"species_mix": told.mix},
        columns={"sites": columns},
        indicators=_most_frequent(told.mix, ranked),
        notes=told.notes,
    )


def _most_frequent(mix: pd.DataFrame, ranked: Flags) -> dict[str, float | None]:
    """Return the share of the chosen sites that the most frequent species, genus and family have, per cent."""
    most: dict[str, float | None] = {f"chosen_{level}_most_pct": None for level in LEVELS}
    if mix.empty or not ranked.any():
        return most | {"chosen_without_species": None}
    chosen = int(ranked.sum())
    for level in LEVELS:
        most[f"chosen_{level}_most_pct"] = PERCENT * float(mix.groupby(level)["chosen"].sum().max()) / chosen
    return most | {"chosen_without_species": float(chosen - int(mix["chosen"].sum()))}


SPECIES: Part[TreeTown] = Part(
    compute=_species,
    inputs=SPECIES_INPUTS,
    assumptions=SPECIES_ASSUMPTIONS,
    tables=(SPECIES_MIX,),
    indicators=(
        *(
            Indicator(
                f"chosen_{level}_most_pct",
                "%",
                f"Mest brugte {da} af de valgte pladser",
                f"Most frequent {level} among the chosen sites",
                significant=3,
            )
            for level, da in zip(LEVELS, ("art", "slægt", "familie"), strict=True)
        ),
        Indicator(
            "chosen_without_species",
            "1",
            "Valgte pladser, som ingen art passer til inden for grænserne",
            "Chosen sites that no species suits within the caps",
        ),
    ),
)
