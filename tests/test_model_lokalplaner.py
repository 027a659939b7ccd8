"""The modelled local plans: whole, apart from each other, and the same whatever else is built."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from layer_contract import assert_as_the_layer_file_says, assert_inside_the_municipality

from ballerup_geo.sources.model import Town


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(100.0)


def test_the_layer_is_as_its_file_says(town: Town) -> None:
    assert_as_the_layer_file_says(town, "lokalplaner", least_rows=60)
    assert_inside_the_municipality(town, "lokalplaner")


def test_plans_do_not_overlap(town: Town) -> None:
    shapes = town.table("lokalplaner").geometry.to_numpy()
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum(), rel=1e-6)


def test_every_status_of_plandata_occurs_and_most_plans_are_adopted(town: Town) -> None:
    counts = town.table("lokalplaner")["status"].value_counts()
    assert set(counts.index) == {"kladde", "forslag", "vedtaget", "aflyst"}
    assert counts["vedtaget"] > counts.sum() / 2


def test_another_seed_keeps_the_outlines_and_changes_the_days(town: Town) -> None:
    other = Town(100.0, seed=7).table("lokalplaner")
    own = town.table("lokalplaner")
    assert shapely.equals(own.geometry.to_numpy(), other.geometry.to_numpy()).all()
    assert not np.array_equal(own["date"].to_numpy(), other["date"].to_numpy())
