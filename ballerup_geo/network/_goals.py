"""Junctions as places to go to, whatever street one comes by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ballerup_geo.network._graph import Arcs, StreetGraph
from ballerup_geo.network._turns import turns_of

__all__ = ["with_goals"]

Array = np.ndarray[Any, np.dtype[Any]]


def with_goals(graph: StreetGraph, edges: Array) -> StreetGraph:
    """Return the graph with a goal at the end of each of some edges: a loop of no length, numbered after all edges.

    A target is a place along one edge, so where only one-way streets end it could be reached by that edge alone. At a
    goal (``Snapped`` on the loop, 0 m along) whoever comes to the junction has arrived. ``edges`` int[g]; the goal has
    the columns of its edge.
    """
    at = graph.edges["to_node"].to_numpy()[edges].astype(np.int32)
    count, arcs = len(at), graph.arcs
    loops = pd.DataFrame(graph.edges.drop(columns="geometry")).iloc[edges].assign(from_node=at, length_m=0.0)
    drawn = shapely.linestrings(np.repeat(graph.nodes_xy[at][:, None, :], 2, axis=1)) if count else []
    added = gpd.GeoDataFrame(loops, geometry=drawn, crs=graph.edges.crs)
    number = np.arange(count, dtype=np.int32)
    more = Arcs(
        np.concatenate([arcs.edge, number + np.int32(len(graph.edges))]),
        np.concatenate([arcs.tail, at]),
        np.concatenate([arcs.head, at]),
        np.concatenate([arcs.forward, np.ones(count, bool)]),
        np.concatenate([arcs.length_m, np.zeros(count)]),
    )
    loop_arc = np.stack([number + np.int32(len(arcs.edge)), np.full(count, -1, np.int32)], axis=1)
    return replace(
        graph,
        edges=gpd.GeoDataFrame(pd.concat([graph.edges, added], ignore_index=True), crs=graph.edges.crs),
        arcs=more,
        arc_of=np.concatenate([graph.arc_of, loop_arc]),
        turns=turns_of(more.edge, more.tail, more.head, len(graph.nodes_xy)),
    )
