"""The analyses' methods: pure functions from tables, rasters and assumptions to tables, rasters and indicators."""

from __future__ import annotations

from importlib import import_module

from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.spec import Method
from ballerup_geo.spec.faults import nearest

__all__ = ["METHOD_IDS", "get_method"]

METHOD_IDS = ("rainwater", "school_routes", "charging", "heating", "lokalplan", "trees")
"""Every method, by the name in an analysis file's ``method``; each is ``METHOD`` of the module of that name."""


def get_method(method_id: str) -> Method:
    """Return a method by its name.

    Raises
    ------
    ProjectError
        There is none of that name; the message names the nearest.
    """
    if method_id not in METHOD_IDS:
        raise ProjectError(Fault("method", method_id, "there is no such method", nearest(method_id, METHOD_IDS)))
    method = import_module(f"ballerup_geo.methods.{method_id}").METHOD
    if not isinstance(method, Method):
        raise TypeError(f"ballerup_geo.methods.{method_id}.METHOD is no Method")
    return method
