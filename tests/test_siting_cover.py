"""Covering: by hand, against every choice there is, against HiGHS on the whole model, and as properties."""

from __future__ import annotations

import itertools

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from ballerup_geo.errors import DataError, MethodError
from ballerup_geo.siting import coverage_curve, fair_cover, fewest_sites, maximal_cover, nested_phases
from ballerup_geo.siting._cover_problem import reduce_cover
from ballerup_geo.siting._cover_relaxation import Relaxation

few = settings(max_examples=40, deadline=None)


@st.composite
def instances(draw):
    """A small cover matrix, whole weights, and which columns are open already."""
    rows, sites = draw(st.integers(1, 18)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cover = random.random((rows, sites)) < draw(st.sampled_from([0.2, 0.4, 0.6]))
    existing = np.flatnonzero(random.random(sites) < 0.2)
    return cover, random.integers(0, 6, rows).astype(float), existing


def covered(cover, weights, columns):
    return weights[cover[:, list(columns)].any(axis=1)].sum()


def every_choice(cover, existing, count):
    free = [j for j in range(cover.shape[1]) if j not in existing]
    return [[*existing, *chosen] for chosen in itertools.combinations(free, count)]


def best_of_all(cover, weights, existing):
    free = cover.shape[1] - len(existing)
    return [
        max(covered(cover, weights, choice) for choice in every_choice(cover, existing, count))
        for count in range(free + 1)
    ]


def odd_town(corners=7, copies=40, seed=5):
    """Demand between each two of a few sites, many times over: the relaxation takes halves of sites everywhere."""
    random = np.random.default_rng(seed)
    pairs = np.array(list(itertools.combinations(range(corners), 2)))
    rows = []
    for copy in range(copies):
        for pair in pairs[random.permutation(len(pairs))[: corners + 2]]:
            rows.append(pair + copy * corners)
    rows.extend(random.integers(0, copies * corners, (60, 2)))
    place = np.repeat(np.arange(len(rows)), 2)
    cover = np.zeros((len(rows), copies * corners), dtype=bool)
    cover[place, np.concatenate(rows)] = True
    return cover, random.integers(1, 20, len(rows)).astype(float)


def by_highs(cover, weights, count):
    """The same question put to HiGHS as a whole, without any of our reductions."""
    rows, sites = cover.shape
    table = sparse.vstack(
        (
            sparse.hstack((-sparse.csr_array(cover.astype(float)), sparse.eye_array(rows))),
            np.r_[np.ones(sites), np.zeros(rows)][None],
        ),
        format="csr",
    )
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = table.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.r_[np.zeros(sites), weights]
    model.col_lower_, model.col_upper_ = np.zeros(sites + rows), np.ones(sites + rows)
    model.row_lower_, model.row_upper_ = np.full(rows + 1, -highspy.kHighsInf), np.r_[np.zeros(rows), float(count)]
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = table.indptr, table.indices, table.data
    model.integrality_ = [highspy.HighsVarType.kInteger] * sites + [highspy.HighsVarType.kContinuous] * rows
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", 1)  # all solvers of a process share one pool, as the first one asks
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(model)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solver.getInfo().objective_function_value


def test_two_sites_on_paper() -> None:
    cover = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]])
    siting = maximal_cover(cover, [4, 1, 1, 3], sites=2)
    assert siting.sites.tolist() == [0, 2]
    assert (siting.covered, siting.bound, siting.proved) == (9.0, 9.0, True)
    kept = maximal_cover(cover, [4, 1, 1, 3], sites=1, existing=[1])
    assert kept.sites.tolist() == [0, 1]
    assert (kept.covered, kept.added.tolist()) == (6.0, [0])


def test_a_site_inside_another_is_dominated_and_a_useless_one_is_not_built() -> None:
    cover = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]])
    siting = maximal_cover(cover, [2, 3, 7], sites=3)
    assert siting.dominated.tolist() == [0, 2]
    assert siting.added.tolist() == [1]
    assert siting.covered == 5.0


@few
@given(instances())
def test_every_number_of_sites_is_the_best_of_all_choices(instance) -> None:
    cover, weights, existing = instance
    best = best_of_all(cover, weights, existing)
    curve = coverage_curve(sparse.csr_matrix(cover), weights, existing=existing)
    assert curve.covered == pytest.approx(best)
    assert curve.proved.all()
    assert np.all(np.diff(curve.covered) >= 0)
    assert curve.gain[1:] == pytest.approx(np.diff(best))
    for count, added in enumerate(curve.added):
        siting = maximal_cover(cover, weights, sites=count, existing=existing)
        assert siting.covered == pytest.approx(best[count])
        assert covered(cover, weights, siting.sites) == pytest.approx(siting.covered)
        assert set(existing) <= set(siting.sites.tolist())
        assert len(added) <= count
        assert covered(cover, weights, [*existing, *added]) == pytest.approx(best[count])


@few
@given(instances(), st.integers(0, 40))
def test_the_fewest_sites_are_enough_and_one_fewer_is_not(instance, fortieths) -> None:
    share = fortieths / 40
    cover, weights, existing = instance
    best = best_of_all(cover, weights, existing)
    asked = share * weights.sum()
    if asked > best[-1] + 1e-6:
        with pytest.raises(MethodError, match="all candidates together cover"):
            fewest_sites(cover, weights, share=share, existing=existing)
        return
    least = next(count for count, most in enumerate(best) if most >= asked - 1e-8)
    siting = fewest_sites(cover, weights, share=share, existing=existing)
    assert siting.proved
    assert siting.covered == pytest.approx(best[least])
    assert len(siting.added) == least
    if least:
        assert best[least - 1] <= siting.one_fewer + 1e-9 < asked + 1e-9


def test_halves_of_sites_are_cut_off_and_branched_on() -> None:
    cover, weights = odd_town()
    for count in (90, 120):
        siting = maximal_cover(cover, weights, sites=count)
        assert siting.proved
        assert covered(cover, weights, siting.sites) == siting.covered
        assert siting.covered == pytest.approx(by_highs(cover, weights, count), rel=1e-7)


def test_without_the_effort_to_branch_the_bound_stays_a_bound() -> None:
    random = np.random.default_rng(0)
    cover, weights = random.random((200, 50)) < 0.05, random.integers(1, 9, 200).astype(float)
    hasty = maximal_cover(cover, weights, sites=12, effort=0)
    best = maximal_cover(cover, weights, sites=12)
    assert (hasty.proved, best.proved) == (False, True)
    assert hasty.covered <= best.covered <= hasty.bound
    assert best.covered == pytest.approx(by_highs(cover, weights, 12), rel=1e-7)


def test_the_same_question_has_the_same_answer_in_any_order_of_rows() -> None:
    cover, weights = odd_town(copies=6)
    order = np.random.default_rng(1).permutation(len(weights))
    first = maximal_cover(cover, weights, sites=17)
    assert maximal_cover(cover, weights, sites=17).sites.tolist() == first.sites.tolist()
    assert maximal_cover(cover[order], weights[order], sites=17).covered == pytest.approx(first.covered)


@few
@given(instances(), st.integers(0, 8))
def test_the_worst_served_district_comes_first(instance, count) -> None:
    cover, weights, existing = instance
    free = cover.shape[1] - len(existing)
    count = min(count, free)
    district = np.arange(len(weights)) % 3
    if weights.sum() == 0:
        return
    fair = fair_cover(cover, weights, district, sites=count, existing=existing, levels=None)

    def shares(choice):
        hit = cover[:, choice].any(axis=1)
        return [weights[hit & (district == d)].sum() / weights[district == d].sum() for d in fair.districts]

    choices = every_choice(cover, existing, count)
    assert sorted(fair.share) == pytest.approx(max(sorted(shares(choice)) for choice in choices), abs=2e-3)
    assert fair.share == pytest.approx(shares(fair.siting.sites.tolist()))
    assert fair.siting.covered == pytest.approx(fair.free.covered - fair.price)
    assert fair.price >= 0
    bounded = fair_cover(cover, weights, district, sites=count, existing=existing, give_up=0.1)
    assert bounded.price <= 0.1 * bounded.free.covered + 1e-6


@few
@given(instances())
def test_what_is_built_first_stays_and_the_loss_is_against_the_best(instance) -> None:
    cover, weights, existing = instance
    best = best_of_all(cover, weights, existing)
    counts = [count for count in (1, 2, 4) if count < len(best)]
    if not counts:
        return
    plan = nested_phases(cover, weights, sites=counts, existing=existing)
    for earlier, later in itertools.pairwise(plan.added):
        assert set(earlier) <= set(later)
    for k, count in enumerate(counts):
        assert len(plan.added[k]) <= count
        assert covered(cover, weights, [*existing, *plan.added[k]]) == pytest.approx(plan.covered[k])
        assert plan.loss[k] == pytest.approx(best[count] - plan.covered[k])
    assert plan.loss[plan.anchor] == 0


def test_phases_may_have_weights_of_their_own() -> None:
    cover = np.eye(3, dtype=bool)
    plan = nested_phases(cover, [[5, 1, 1], [0, 9, 8]], sites=[1, 2], importance=[1, 3])
    assert [added.tolist() for added in plan.added] == [[1], [1, 2]]
    assert plan.covered.tolist() == [1, 17]
    assert plan.loss.tolist() == [4, 0]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"sites": 4}, MethodError, "4 sites are asked for, but there are 3 candidates"),
        ({"sites": 3, "existing": [0]}, MethodError, "there are 2 candidates"),
        ({"sites": -1}, MethodError, "no number of sites"),
        ({"sites": 1.5}, MethodError, "no number of sites"),
        ({"weights": [1, -1]}, DataError, "weights: row 1: -1.0 is no weight"),
        ({"weights": [np.nan, 1]}, DataError, "weights: row 0: nan is no weight"),
        ({"weights": [1, 1, 1]}, DataError, "does not match 2 rows"),
        ({"existing": [3]}, DataError, "existing: 3: is not among the 3 columns"),
        ({"existing": [-1]}, DataError, "existing: -1"),
        ({"existing": [0.5]}, DataError, "no column numbers"),
        ({"cover": np.zeros((2, 0))}, MethodError, "no site to choose from"),
        ({"cover": [1, 0]}, DataError, "no matrix"),
        ({"cover": [[np.nan, 0, 0], [0, 0, 1]]}, DataError, "not all are numbers"),
    ],
)
def test_bad_input_is_an_error_that_says_so(asked, error, words) -> None:
    given_ = {"cover": np.ones((2, 3)), "weights": [1, 1], "sites": 1} | asked
    with pytest.raises(error, match=words):
        maximal_cover(given_.pop("cover"), given_.pop("weights"), **given_)


def test_bad_shares_phases_and_districts_are_errors() -> None:
    cover = np.eye(3)
    with pytest.raises(MethodError, match="no share"):
        fewest_sites(cover, np.ones(3), share=1.1)
    with pytest.raises(MethodError, match="falls from one phase"):
        nested_phases(cover, np.ones(3), sites=[2, 1])
    with pytest.raises(MethodError, match="there is no phase"):
        nested_phases(cover, np.ones(3), sites=[])
    with pytest.raises(DataError, match="does not match 2 phases"):
        nested_phases(cover, np.ones((3, 3)), sites=[1, 2])
    with pytest.raises(DataError, match="the district is missing"):
        fair_cover(cover, np.ones(3), np.array(["a", None, "b"], dtype=object), sites=1)


def test_nothing_to_cover_needs_nothing() -> None:
    for cover in (np.zeros((2, 2)), sparse.csr_matrix((0, 2))):
        siting = maximal_cover(cover, np.ones(cover.shape[0]), sites=1)
        assert (siting.covered, siting.added.size, siting.proved) == (0.0, 0, True)
    assert fewest_sites(np.ones((2, 2)), [0, 0], share=1.0).added.size == 0


def test_a_solver_that_gives_up_proves_nothing() -> None:
    cover = np.random.default_rng(3).random((60, 12)) < 0.3
    problem = reduce_cover(sparse.csr_array(cover), np.ones(60), np.zeros(12, dtype=np.bool_))
    relaxation = Relaxation(problem)
    relaxation._highs.setOptionValue("simplex_iteration_limit", 0)
    relaxation.ask_for(3)
    with pytest.raises(MethodError, match="found no answer"):
        relaxation.solve()
