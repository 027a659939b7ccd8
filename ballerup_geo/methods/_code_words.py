"""What the codes of layers that several analyses read are called in their results."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.spec import Text

__all__ = ["OWNERS", "ROAD_CLASSES"]

OWNERS: Mapping[str, Text] = {
    "private": Text(da="privat", en="private"),
    "cooperative": Text(da="andelsboligforening", en="housing cooperative"),
    "housing_association": Text(da="alment boligselskab", en="housing association"),
    "municipality": Text(da="kommunen", en="the municipality"),
    "state": Text(da="staten", en="the state"),
    "company": Text(da="virksomhed", en="company"),
    "road": Text(da="vejareal", en="road land"),
    "other": Text(da="anden eller ukendt ejer", en="other or unknown owner"),
}
"""Kinds of owners of parcels and parking."""
ROAD_CLASSES: Mapping[str, Text] = {
    "motorway": Text(da="motorvej", en="motorway"),
    "primary": Text(da="overordnet vej", en="primary road"),
    "secondary": Text(da="fordelingsvej", en="secondary road"),
    "tertiary": Text(da="kvartersvej", en="tertiary road"),
    "residential": Text(da="boligvej", en="residential street"),
    "service": Text(da="adgangsvej", en="service road"),
}
"""Classes of roads, paths apart."""
