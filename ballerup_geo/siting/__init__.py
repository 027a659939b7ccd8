"""Where to build: optimisation with a proved bound. Arrays in and out, usable without a project."""

from ballerup_geo.siting._cover import coverage_curve, fewest_sites, maximal_cover
from ballerup_geo.siting._fair import FairSiting, fair_cover
from ballerup_geo.siting._layout import costed_layout
from ballerup_geo.siting._layout_task import CostedLayout, Pipes
from ballerup_geo.siting._median import p_median
from ballerup_geo.siting._mix import capped_mix
from ballerup_geo.siting._pack_sizes import SizedPacking, pack_sizes
from ballerup_geo.siting._packing import pack_points, packing_bound
from ballerup_geo.siting._phases import Phases, nested_phases
from ballerup_geo.siting._plantable import Plantable, plantable, polygons_of, shrunk
from ballerup_geo.siting._queue import erlang_b, erlang_c, mean_wait_h, plugs_needed
from ballerup_geo.siting._siting import CoverageCurve, MedianSiting, Siting
from ballerup_geo.siting._solver import solver
from ballerup_geo.siting._steiner import Layout, steiner_network
from ballerup_geo.siting._submodular import Submodular, select_submodular

__all__ = [
    "CostedLayout",
    "CoverageCurve",
    "FairSiting",
    "Layout",
    "MedianSiting",
    "Phases",
    "Pipes",
    "Plantable",
    "Siting",
    "SizedPacking",
    "Submodular",
    "capped_mix",
    "costed_layout",
    "coverage_curve",
    "erlang_b",
    "erlang_c",
    "fair_cover",
    "fewest_sites",
    "maximal_cover",
    "mean_wait_h",
    "nested_phases",
    "p_median",
    "pack_points",
    "pack_sizes",
    "packing_bound",
    "plantable",
    "plugs_needed",
    "polygons_of",
    "select_submodular",
    "shrunk",
    "solver",
    "steiner_network",
]
