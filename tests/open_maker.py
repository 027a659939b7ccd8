"""A village in Ballerup as the open services tell it: elements of OpenStreetMap, a StatBank table, a timetable.

Metres east and north of 12.36° E, 55.73° N; the municipality is 1600 m square around it. Two streets meet at (0, 0)::

    Skolevej (-400,0)-(400,0)    Byvej (0,-400)-(0,400)    a path (400,0)-(400,300) to the school at (400, 330)

Ten houses on Skolevej, one block of flats (3 storeys, 20 × 50 m) on Byvej, a car park, a charging station, S-train at
(-350, -60).
"""

from __future__ import annotations

import math
from typing import Any

from servers.open_services import OpenServices

LON, LAT = 12.36, 55.73
NORTH_M = 111_320.0
EAST_M = NORTH_M * math.cos(math.radians(LAT))


class Village:
    """Collects elements."""

    def __init__(self) -> None:
        self.elements: list[dict[str, Any]] = []
        self._next = 1

    def node(self, east: float, north: float, **tags: str) -> int:
        lon, lat = round(LON + east / EAST_M, 7), round(LAT + north / NORTH_M, 7)
        return self._add("node", lat=lat, lon=lon, tags=plain(tags))

    def way(self, nodes: list[int], **tags: str) -> int:
        return self._add("way", nodes=nodes, tags=plain(tags))

    def line(self, *places: tuple[float, float], **tags: str) -> int:
        return self.way([self.node(*place) for place in places], **tags)

    def box(self, east: float, north: float, width: float, height: float, **tags: str) -> int:
        right, top = east + width, north + height
        nodes = [self.node(*place) for place in ((east, north), (right, north), (right, top), (east, top))]
        return self.way([*nodes, nodes[0]], **tags)

    def relation(self, ways: list[int], **tags: str) -> int:
        members = [{"type": "way", "ref": way, "role": "outer"} for way in ways]
        return self._add("relation", members=members, tags=plain(tags))

    def _add(self, kind: str, **fields: Any) -> int:
        number, self._next = self._next, self._next + 1
        kept = {name: value for name, value in fields.items() if name != "tags" or value}
        self.elements.append({"type": kind, "id": number, **kept})
        return number


def plain(tags: dict[str, str]) -> dict[str, str]:
    """``addr__street`` is the key addr:street."""
    return {key.replace("__", ":"): value for key, value in tags.items()}


def village() -> list[dict[str, Any]]:
    """The elements of the village."""
    town = Village()
    edge = town.box(-800, -800, 1600, 1600)
    town.relation(
        [edge], type="boundary", boundary="administrative", admin_level="7", name="Ballerup Kommune", ref="151"
    )
    beside = town.box(800, -800, 1600, 1600)
    town.relation([beside], type="boundary", boundary="administrative", admin_level="7", name="Herlev Kommune")
    middle = town.node(0, 0, highway="traffic_signals")
    west, east = town.node(-400, 0), town.node(400, 0)
    south, north = town.node(0, -400), town.node(0, 400)
    town.way([west, middle, east], highway="residential", name="Skolevej", maxspeed="DK:urban", lit="yes")
    town.way([south, middle, north], highway="tertiary", name="Byvej", maxspeed="50", cycleway__both="track", lanes="2")
    door = town.node(400, 300)
    town.way([east, door], highway="cycleway", name="Skolestien", lit="no", surface="asphalt")
    town.box(380, 300, 40, 60, amenity="school", name="Skovvejens Skole", grades="0-9")
    town.node(0, 100, highway="crossing", crossing="zebra", crossing__island="no")
    for number in range(10):
        place = -380 + number * 36
        town.box(place, 12, 12, 10, building="house", start_date="1962")
        town.node(place + 6, 14, addr__street="Skolevej", addr__housenumber=str(1 + 2 * number))
    town.box(20, -200, 20, 50, building="apartments", building__levels="3")
    for number in range(2):
        town.node(25, -190 + 30 * number, addr__street="Byvej", addr__housenumber=str(2 + number))
    town.node(700, 700, addr__street="Marken", addr__housenumber="1")  # no house near
    town.box(60, -200, 40, 50, amenity="parking", capacity="30", access="yes", name="P Byvej")
    town.node(
        70, -190, amenity="charging_station", capacity="4", socket__type2="4", socket__type2__output="22 kW",
        access="yes", operator="Strøm",
    )  # fmt: skip
    town.node(70, 190, amenity="charging_station", operator="Ukendt")  # nothing known of it
    town.node(-350, -60, railway="station", network="S-tog", name="Ballerup St.")
    town.node(-100, 60, natural="tree", species="Tilia cordata", diameter_crown="6 m", start_date="1970s")
    town.line((-700, 500), (700, 520), waterway="stream", name="Jonstrup Å")
    town.box(-600, 600, 100, 80, natural="water", name="Søen")
    town.box(-600, -600, 200, 150, leisure="park", name="Parken")
    town.node(0, 50, place="town", name="Ballerup")
    town.box(-600, 350, 60, 40, landuse="basin", basin="retention", name="Bassinet")
    town.line((-20, 508), (20, 510), waterway="stream", tunnel="culvert", diameter="600")
    town.node(150, 60, amenity="fire_station", name="Brandstationen")
    town.line((-640, -620), (-640, -460), barrier="hedge")
    return town.elements


CARS = """OMRÅDE;BILTYPE;BRUG;DRIV;TID;INDHOLD
151;4000101002;1000;20200;2025M01;24100
151;4000101002;1000;20225;2025M01;2400
151;4000101002;1000;20232;2025M01;1100
151;4000101002;1000;20200;2026M01;24700
151;4000101002;1000;20225;2026M01;3900
151;4000101002;1000;20232;2026M01;1200
151;4000101002;1000;20200;2026M10;25000
151;4000101002;1000;20225;2026M10;5000
151;4000101002;1000;20232;2026M10;-
"""
PEOPLE = "OMRÅDE;KØN;ALDER;CIVILSTAND;TID;INDHOLD\n" + "".join(
    f"151;TOT;{age};TOT;2026K{quarter};{age % 7 + quarter}\n" for age in range(126) for quarter in (1, 2)
)
HEATING = "AMT;BEBO;ANVENDELSE;OPVARMNING;TID;INDHOLD\n" + "".join(
    f"Ballerup;Beboede boliger;{use};{heating};{year};{number}\n"
    for year, number in ((2025, 5), (2026, 7))
    for use in ("Parcelhuse", "Etageboliger")
    for heating in ("Fjernvarme", "Centralvarme med olie")
)


def timetable(*, bus_trips: int = 130) -> dict[str, str]:
    """An S-train stop with two tracks and a bus stop with two poles; ``late`` runs on the one Thursday with works."""
    stops = [("p", "Ballerup St.", -350, -60, "", 1), ("t1", "Ballerup St.", -350, -58, "p", 0)]
    stops += [("t2", "Ballerup St.", -350, -62, "p", 0), ("b1", "Byvej (Skolevej)", 5, 30, "", 0)]
    stops += [("b2", "Byvej (Skolevej)", -5, -30, "", 0), ("far", "Langt væk", 90_000, 0, "", 0)]
    lines = ["stop_id,stop_name,stop_lat,stop_lon,parent_station,location_type"]
    for number, name, east, north, parent, kind in stops:
        lines.append(f'{number},"{name}",{LAT + north / NORTH_M:.6f},{LON + east / EAST_M:.6f},{parent},{kind}')
    trips = [("s", "wk", f"s{n}") for n in range(40)] + [("b", "wk", f"b{n}") for n in range(bus_trips)]
    trips += [("s", "late", "late"), ("ferry", "wk", "f")]
    calls = [f"s{n},06:00:00,06:00:00,{stop},1" for n in range(40) for stop in ("t1", "t2")]
    calls += [f"b{n},06:00:00,06:00:00,b{1 + n % 2},1" for n in range(bus_trips)]
    calls += ["late,25:10:00,25:10:00,t1,1", "f,07:00:00,07:00:00,b1,1", "s0,07:00:00,07:00:00,far,2"]
    days = "monday,tuesday,wednesday,thursday,friday,saturday,sunday"
    return {
        "stops.txt": "\n".join(lines) + "\n",
        "routes.txt": "route_id,route_short_name,route_type\ns,C,109\nb,350S,700\nferry,F1,1000\n",
        "trips.txt": "route_id,service_id,trip_id\n" + "".join(",".join(trip) + "\n" for trip in trips),
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + "\n".join(calls) + "\n",
        "calendar.txt": f"service_id,{days},start_date,end_date\nwk,1,1,1,1,1,0,0,20261116,20261206\n",
        "calendar_dates.txt": "service_id,date,exception_type\nwk,20261119,2\nlate,20261119,1\nwk,20261121,1\n",
    }


def services() -> OpenServices:
    """All of it, ready to be served."""
    months = {"acc_precip": [61.5, 40.0], "mean_temp": [1.5, 2.0], "mean_radiation": [18.0]}
    return OpenServices(village(), {"BIL54": CARS, "FOLK1A": PEOPLE, "BOL102": HEATING}, timetable(), months)
