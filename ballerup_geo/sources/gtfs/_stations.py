"""Stops put together as stations, each with its kind and the departures of an ordinary weekday."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import SourceError
from ballerup_geo.raster import CRS
from ballerup_geo.sources._request import Bounds, Delivery, FetchRequest, Request
from ballerup_geo.sources.file.mapping import translate
from ballerup_geo.sources.gtfs._feed import Feed
from ballerup_geo.sources.gtfs._weekday import ordinary_weekday
from ballerup_geo.spec import FileSource, GtfsSource, Mapped

__all__ = ["fetch_gtfs", "read_gtfs"]

LIMIT_BYTES = 2_000_000_000


def fetch_gtfs(source: GtfsSource, request: FetchRequest) -> Delivery:
    """Bring a timetable and return its stations: ``station_id``, ``name``, ``kind``, ``departures_per_weekday``.

    Raises
    ------
    SourceError
        It cannot be brought, is no whole timetable, or no service runs on a weekday.
    """
    host = urlsplit(source.url).hostname

    def told(size: int, total: int | None) -> None:
        request.progress(f"{request.layer_id}: {host}", size / total if total else 0.0)

    path = request.work / "timetable.zip"
    request.client.download(source.url, path, limit_bytes=LIMIT_BYTES, progress=told)
    return _read(path, source, request, request.area, key=request.place, origin=f"timetable, {host}")


def read_gtfs(path: Path, source: FileSource, request: Request) -> Delivery:
    """Read the stations of a timetable that a planner points at."""
    return _read(path, source, request, request.bounds, key="source.kept.path", origin=path.name)


@dataclass(frozen=True, slots=True)
class _Trips:
    """Kind of each trip that runs on the day, by trip."""

    day: str
    kind: Mapping[str, str]


def _read(path: Path, source: Mapped, request: Request, area: Bounds | None, *, key: str, origin: str) -> Delivery:
    with Feed.opened(path, request, key) as feed:
        stops, total = _stops(feed, area)
        trips = _trips(feed, request, key)
        columns = ("trip_id", "stop_id")
        calls = feed.rows_of("stop_times.txt", columns, key="stop_id", among=set(stops["stop_id"]))
        frame, notes = _stations(stops, calls, trips)
        notes = [*feed.notes, f"departures are those of {trips.day}, the Tuesday–Thursday with most trips", *notes]
    offered = tuple(frame.columns.drop("geometry"))
    delivery = translate(Delivery(frame, origin=origin, notes=tuple(notes), offered=offered), source, request)
    return replace(delivery, origin=f"{origin}, {trips.day}", total=total, date=source.date or trips.day)


def _stops(feed: Feed, area: Bounds | None) -> tuple[gpd.GeoDataFrame, int]:
    """Return the stops within the area in EPSG:25832, each with the number of its station, and how many there are."""
    optional = ("parent_station", "location_type")
    frame = feed.table("stops.txt", ("stop_id", "stop_name", "stop_lat", "stop_lon"), optional)
    twice = frame["stop_id"].duplicated()
    if twice.any():
        feed.notes.append(f"{int(twice.sum())} stops stand twice in the timetable; the first of each was taken")
        frame = frame[~twice]
    east, north = (pd.to_numeric(frame[name], errors="coerce") for name in ("stop_lon", "stop_lat"))
    points = gpd.GeoSeries(gpd.points_from_xy(east, north), crs="EPSG:4326")
    placed = (east.between(-180, 180) & north.between(-90, 90)).to_numpy(bool)
    if not placed.all():
        feed.notes.append(f"{int((~placed).sum())} of {len(frame)} stops have no coordinates and were left out")
    stops = gpd.GeoDataFrame(frame[placed], geometry=points[placed].to_crs(CRS), crs=CRS)
    if area is not None:
        stops = stops.cx[area[0] : area[2], area[1] : area[3]]
    return gpd.GeoDataFrame(stops.reset_index(drop=True)), len(frame)


def _trips(feed: Feed, request: Request, key: str) -> _Trips:
    routes = feed.table("routes.txt", ("route_id", "route_type"), ("route_short_name",))
    trips = feed.table("trips.txt", ("route_id", "service_id", "trip_id"))
    found = ordinary_weekday(feed, Counter(trips["service_id"].tolist()))
    if found is None:
        what = "no service of the timetable runs on a Tuesday, Wednesday or Thursday"
        raise SourceError(request.fault(key, what, "get a timetable that holds now"))
    day, services = found
    kinds = {
        route.route_id: _kind(str(route.route_type), str(route.route_short_name))
        for route in routes.itertuples(index=False)
    }
    running = trips[trips["service_id"].isin(services)]
    kind = {trip: kinds.get(route, "") for trip, route in zip(running["trip_id"], running["route_id"], strict=True)}
    return _Trips(day.isoformat(), kind)


def _kind(route_type: str, line: str) -> str:
    """Return our kind of a route, or nothing for one that makes no station of ours."""
    facts = _facts()
    number = int(route_type) if re.fullmatch(r"\s*\d{1,6}\s*", route_type, re.ASCII) else -1
    for kind, types in facts["kinds"].items():
        if kind != "source" and number in types:
            return str(kind)
    lines = facts["lines"]
    return "s_train" if number in lines["train_types"] and line.strip() in lines["s_train"] else ""


def _stations(stops: gpd.GeoDataFrame, calls: pd.DataFrame, trips: _Trips) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Put stops together, and count departures; the last stop of a trip counts as one, too."""
    calls = calls.assign(kind=calls["trip_id"].map(trips.kind))
    calls = calls[calls["kind"].fillna("") != ""]
    station = _station_of(stops)
    calls = calls.assign(station=calls["stop_id"].map(dict(zip(stops["stop_id"], station, strict=True))))
    counts = sorted(Counter(zip(calls["station"].tolist(), calls["kind"].tolist(), strict=True)).items())
    names = stops.assign(station=station).drop_duplicates("station").set_index("station")
    parents = stops[stops["stop_id"].isin(stops["parent_station"])].set_index("stop_id")
    rows, small = [], 0
    for (number, kind), departures in counts:
        if kind == "bus" and departures < _facts()["large"]["bus_departures"]:
            small += 1
            continue
        place = parents.loc[number] if number in parents.index else names.loc[number]
        middle = place.geometry if number in parents.index else _middle(stops[station == number])
        rows.append((f"{number}/{kind}", place["stop_name"].strip(), kind, int(departures), middle))
    frame = pd.DataFrame(rows, columns=["station_id", "name", "kind", "departures_per_weekday", "geometry"])
    notes = [f"{small} bus stops with fewer than {_facts()['large']['bus_departures']} departures were left out"]
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS), notes if small else []


def _station_of(stops: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the station of each stop: its parent, else the first stop of its name that lies near."""
    station = stops["parent_station"].where(stops["parent_station"] != "", None).astype(object)
    reach_m = float(_facts()["same_stop"]["reach_m"])
    alone = stops[station.isna()]
    for _, poles in alone.groupby("stop_name", sort=True):
        ordered = poles.sort_values("stop_id", kind="stable")
        first = ordered.iloc[0]
        near = ordered.geometry.distance(first.geometry) <= reach_m
        station.loc[ordered.index] = np.where(near, first["stop_id"], ordered["stop_id"])
    return np.asarray(station, dtype=object)


def _middle(poles: gpd.GeoDataFrame) -> Any:
    east, north = poles.geometry.x.mean(), poles.geometry.y.mean()
    return gpd.points_from_xy([east], [north])[0]


@cache
def _facts() -> dict[str, Any]:
    path = files("ballerup_geo.sources.gtfs") / "kinds.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
