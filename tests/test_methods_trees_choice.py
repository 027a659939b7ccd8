"""The chosen trees: no garden has more than it is offered, and no species, genus or family more than its share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from ballerup_geo.spec import Outcome
from tests.tree_maker import homes, houses, parcels, placed, planted

CAPS = {"species": 10.0, "genus": 20.0, "family": 30.0}
GOAL = 60


def kinds() -> pd.DataFrame:
    """Twenty trees: two species a genus, two genera a family; the first ones suit best, so that all would be those."""
    rows = [
        (f"Art {k:02}", f"Slægt {k // 2}", f"Familie {k // 4}", k < 12, "tree", "any" if k < 8 else "rich", 20.0)
        for k in range(20)
    ]
    frame = pd.DataFrame(rows, columns=["species", "genus", "family", "native", "form", "soil", "height_m"])
    return frame.assign(crown_radius_m=np.where(np.arange(20) % 3 == 0, 1.4, 3.4), excluded=None, dry=2, wet=2, salt=2)


def twelve_gardens(**more: Any) -> dict[str, Any]:
    """Ten gardens of 30 × 30 m with a house and two residents each, and an association's ground of 60 × 60 m."""
    plots = [shapely.box(x, y, x + 30, y + 30) for y in (0, 40) for x in range(0, 150, 30)]
    plots.append(shapely.box(0, 80, 60, 140))
    middles = [shapely.centroid(plot) for plot in plots]
    owners = ["private"] * 10 + ["housing_association"]
    areas = placed(
        [shapely.box(-10, -10, 75, 150), shapely.box(75, -10, 160, 150)], area_id=["A", "B"], residents=[100, 50]
    )
    return {
        "parcels": parcels(*plots, owners=owners),
        "buildings": houses(*(middle.buffer(4, cap_style="square") for middle in middles)),
        "addresses": homes(*((middle.x, middle.y) for middle in middles)),
        "tree_species": kinds(),
        "statistics_areas": areas,
        **more,
    }


@pytest.fixture(scope="module")
def town() -> Outcome:
    return planted(**twelve_gardens(), assumptions={"goal_trees": GOAL})


def test_no_garden_has_more_of_the_choice_than_it_is_offered(town: Outcome) -> None:
    sites = town.tables["sites"]
    chosen = sites[sites["rank"].notna()]
    each = chosen[chosen["place"] == "garden"].groupby("parcel_id").size()
    all_sites = sites[sites["place"] == "garden"].groupby("parcel_id").size()
    assert all_sites.min() > 3, "a limit that nothing meets shows nothing"
    assert each.max() == 3
    assert sorted(chosen["rank"]) == list(range(1, len(chosen) + 1))
    assert len(chosen) == town.indicators["chosen"] == GOAL
    owners = town.tables["campaign"].set_index("owner")
    assert owners.loc["garden", "chosen"] == (chosen["place"] == "garden").sum()
    wide = planted(**twelve_gardens(), assumptions={"goal_trees": GOAL, "garden_offer_most": 100})
    assert wide.indicators["near_after_pct"] is not None
    free = wide.tables["sites"]
    free = free[free["rank"].notna() & (free["place"] == "garden")]
    assert free.groupby("parcel_id").size().max() > 3


def test_the_caps_hold_among_the_chosen_and_in_the_plans_ground(town: Outcome) -> None:
    sites = town.tables["sites"].merge(kinds()[["species", "genus", "family"]], on="species", how="left")
    plan = sites[sites["place"] != "other"]
    chosen = plan[plan["rank"].notna()]
    assert chosen["species"].notna().all()
    for level, most in CAPS.items():
        for trees in (chosen, plan):
            assert trees[level].value_counts().max() <= most / 100 * len(trees)
        share = 100 * chosen[level].value_counts().max() / len(chosen)
        assert town.indicators[f"chosen_{level}_most_pct"] == pytest.approx(share)
    mix = town.tables["species_mix"]
    assert mix["chosen"].sum() == len(chosen)
    assert mix.set_index("species")["chosen"].to_dict() == {
        **dict.fromkeys(kinds()["species"], 0),
        **chosen["species"].value_counts().to_dict(),
    }
    crown = kinds().set_index("species")["crown_radius_m"]
    assert (crown[chosen["species"]].to_numpy() <= chosen["crown_radius_m"].to_numpy()).all()
    best = chosen["species"].isin(kinds()["species"][:12]).mean()
    assert best > 0.7, "native species (three of five) go before where the caps and the room allow"
    told = town.tables["chosen"].set_index("site_id")["species"]
    assert told.to_dict() == chosen.set_index("site_id")["species"].to_dict()


def test_where_too_few_species_suit_the_chosen_go_without_and_are_counted() -> None:
    few = kinds()[:4]
    told = planted(**twelve_gardens(tree_species=few), assumptions={"goal_trees": GOAL})
    # one family: 30 % of 60; each genus at most 12, each species 6
    assert told.indicators["chosen_without_species"] == 60 - 18
    assert told.indicators["chosen_family_most_pct"] == 30
    assert any("42 af dem valgte" in note["da"] for note in told.notes)
    bare = told.tables["chosen"]["species"].isna()
    assert bare.sum() == 42
    assert told.tables["chosen"]["species_why"][bare].str.contains("ingen art passer").all()
