"""One process, many solvers: charging, pipes and school routes ask HiGHS one after the other."""

from __future__ import annotations

import highspy
import numpy as np
import pytest
from scipy import sparse

from ballerup_geo.siting import maximal_cover, solver


@pytest.mark.parametrize("options", [{}, {"solver": "simplex"}, {"solver": "ipm", "run_crossover": "off"}])
def test_solvers_of_all_kinds_answer_in_one_process(options: dict[str, str]) -> None:
    assert maximal_cover(sparse.csr_array(np.eye(3)), [1.0, 5.0, 2.0], sites=1).covered == 5.0
    highs = solver(**options)
    assert highs.getOptionValue("threads")[1] == 1
    highs.addVar(0.0, 4.0)
    highs.changeColCost(0, -1.0)
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    assert highs.getInfo().objective_function_value == pytest.approx(-4.0)


def test_a_solver_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    solver().run()
    assert capfd.readouterr().out == ""
