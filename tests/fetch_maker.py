"""Small projects whose layers are fetched: a layer from a service, and a fetch that loses no time with waiting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
from project_maker import ProjectMaker, frame, squares

from ballerup_geo.catalog import FetchReport, fetch
from ballerup_geo.sources import Keys, Limits

QUICK = Limits(connect_s=1.0, read_s=5.0, total_s=20.0, attempts=2, first_wait_s=0.01, longest_wait_s=0.02)
ABOUT = {"licence": "CC BY 4.0", "attribution": {"da": "Plandata, Søer", "en": "Plandata, Lakes"}}
COLUMNS = {"lake_id": {"type": "text", "required": True, "unique": True}, "name": {"type": "text"}}
MAPPED = {"lake_id": "gid", "name": "navn"}


def lakes(number: int = 12) -> gpd.GeoDataFrame:
    """Squares in the square municipality, every third in another municipality by its number."""
    return frame(
        squares(number),
        gid=[f"L{i:03d}" for i in range(number)],
        navn=[f"Sø {i}" for i in range(number)],
        komnr=[163 if i % 3 == 2 else 151 for i in range(number)],
    )


def service(url: str, **fields: Any) -> dict[str, Any]:
    """A ``[[source.fetch]]`` of kind ogc."""
    source = {"kind": "ogc", "url": url, "type_name": "pdk:lakes", "columns": MAPPED, **ABOUT, **fields}
    return {name: value for name, value in source.items() if value is not None}


def add_lakes(maker: ProjectMaker, *sources: dict[str, Any], name: str = "lakes", **fields: Any) -> None:
    maker.layer(name, geometry="polygon", columns=COLUMNS, sources={"fetch": list(sources)}, **fields)


def bring(maker: ProjectMaker, *names: str, keys: Keys | None = None, **options: Any) -> FetchReport:
    """Fetch without keys of the machine and without long pauses."""
    return fetch(maker.project(), names, out=maker.out, keys=keys or Keys({}), **{"limits": QUICK, **options})


def said(report: FetchReport) -> str:
    return "\n".join(str(fault) for fetched in report.layers for fault in fetched.faults)


def kept_file(maker: ProjectMaker, name: str = "lakes.parquet") -> Path:
    return maker.root / "data" / "kept" / name
