"""The ``[source…]`` tables of a layer file: where a layer comes from, one model a kind.

``[source.model]`` is the modelled municipality, ``[source.kept]`` a file that a planner points at, and each
``[[source.fetch]]`` a service that ``ballerup-geo fetch`` may ask, in order of preference.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from ballerup_geo.spec._model import Identifier, Model, NonEmpty, Text

__all__ = [
    "DatafordelerJoin",
    "DatafordelerSource",
    "DatafordelerTable",
    "DhmSource",
    "DmiSource",
    "DownloadSource",
    "FactsSource",
    "FetchSource",
    "FileSource",
    "GtfsSource",
    "KeyName",
    "Mapped",
    "ModelSource",
    "OgcPart",
    "OgcSource",
    "OsmSource",
    "OwnRegister",
    "PostgisSource",
    "Scalar",
    "Service",
    "Sources",
    "StatbankSource",
]

Scalar = str | int | float | bool

KeyName = Literal["datafordeler", "dataforsyningen", "postgis"]
"""The keys that services want; ``ballerup_geo.sources`` knows the variable that holds each."""

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SECRET = re.compile(r"(?i)[?&](api_?key|token|password|pwd|username|secret)=")


def _address(url: str) -> str:
    """Refuse an address that is not https (this machine's own servers may be http), or that holds a secret."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("write an address that begins with https://")
    if not parts.hostname or re.search(r"[\s<>\"]", url):
        raise ValueError("write a whole address without spaces, e.g. https://geoserver.plandata.dk/geoserver/wfs")
    if parts.username or parts.password or _SECRET.search(url):
        raise ValueError("keys and passwords stand in the environment or in .env, never in a content file")
    return url


Url = Annotated[NonEmpty, AfterValidator(_address)]


class ModelSource(Model):
    """The modelled municipality makes this layer."""

    kind: Literal["model"]
    licence: NonEmpty
    attribution: Text


class Mapped(Model):
    """What every source of real data says: how its columns and values become ours, and whose data they are."""

    columns: Annotated[
        dict[Identifier, NonEmpty], Field(description="our column = the source's column; unnamed ones keep their name")
    ] = {}
    values: Annotated[
        dict[Identifier, dict[NonEmpty, Scalar]],
        Field(description="per column of ours: the source's value (as text) = our value; values not named are kept"),
    ] = {}
    constants: Annotated[
        dict[Identifier, Scalar], Field(description="columns that the source lacks and that are the same in every row")
    ] = {}
    number: Annotated[
        Identifier | None, Field(description="text column to fill with row numbers, where the source has no identifier")
    ] = None
    untold: Annotated[
        dict[Identifier, list[NonEmpty]],
        Field(
            description="per column of ours: codes that this source never delivers; whether there are any is unknown, "
            "and pages say so"
        ),
    ] = {}
    date: Annotated[NonEmpty | None, Field(description="what the data describe: a day, month or year")] = None
    licence: NonEmpty
    attribution: Text


class _Readable(Model):
    """How a file is read that does not say it all itself."""

    table: Annotated[NonEmpty | None, Field(description="table inside the file, where it holds several")] = None
    assume_crs: Annotated[
        NonEmpty | None, Field(description="the CRS of a file that does not say it, e.g. EPSG:25832")
    ] = None
    x: Annotated[
        NonEmpty | None, Field(description="column with the east coordinate or longitude, in a table without geometry")
    ] = None
    y: Annotated[
        NonEmpty | None, Field(description="column with the north coordinate or latitude; assume_crs says of what")
    ] = None


class FileSource(_Readable, Mapped):
    """A file that GDAL, pandas or pyarrow reads: GeoPackage, GeoParquet, shapefile, GeoJSON, GeoTIFF, CSV, Excel …"""

    kind: Literal["file"]
    path: Annotated[
        NonEmpty, Field(description="relative to the project's folder (the shipped project: the output folder)")
    ]
    feature: Annotated[
        NonEmpty | None,
        Field(
            description="what is read from an OpenStreetMap file (roads, crossings, chargers, parking …), or stations "
            "from a timetable (GTFS zip)"
        ),
    ] = None


class Service(Mapped):
    """A source that ``fetch`` asks over the network.

    ``attribution`` names whoever publishes the data and the data set ("Klimadatastyrelsen, Danmarks Højdemodel");
    "Indeholder data fra …" with the month and year of fetching is put around it.
    """

    kind: str
    key: Annotated[KeyName | None, Field(description="the key that the service wants; none for an open one")] = None


class DownloadSource(_Readable, Service):
    """A file on a web server, one that GDAL, pandas or pyarrow reads; an archive's member is named."""

    kind: Literal["file"]
    url: Url
    member: Annotated[NonEmpty | None, Field(description="the file inside a zip or tar archive")] = None


Only = Annotated[
    dict[NonEmpty, Scalar | list[Scalar]],
    Field(description="only features whose column has this value (or one of these): komnr = 151"),
]


class OgcPart(Model):
    """One feature type of a service, where a layer is made from several."""

    type_name: Annotated[NonEmpty, Field(description="WFS type name (pdk:…) or OGC API collection")]
    url: Annotated[Url | None, Field(description="where this type is at another service of the same kind")] = None
    geometry: NonEmpty | None = None
    columns: dict[Identifier, NonEmpty] = {}
    values: dict[Identifier, dict[NonEmpty, Scalar]] = {}
    constants: dict[Identifier, Scalar] = {}
    only: Only = {}


class OgcSource(Service):
    """A WFS 2.0 or an OGC API Features service: one feature type, or several whose rows are put together."""

    kind: Literal["ogc"]
    protocol: Literal["wfs", "features"] = "wfs"
    url: Annotated[Url, Field(description="the service without parameters; OGC API Features: its landing page")]
    type_name: Annotated[NonEmpty | None, Field(description="WFS type name (pdk:…) or OGC API collection")] = None
    parts: Annotated[list[OgcPart], Field(description="several types, each with what differs from the others")] = []
    only: Only = {}
    dialect: Annotated[
        Literal["cql", "fes"], Field(description="how a WFS is told only: cql (GeoServer) or fes (the standard's XML)")
    ] = "cql"
    geometry: Annotated[
        NonEmpty | None, Field(description="the geometry's column, where the service does not describe its types")
    ] = None
    sort_by: Annotated[
        NonEmpty | None, Field(description="a column without repeats, so that pages keep a stable order")
    ] = None
    page: Annotated[int, Field(ge=1, le=100_000, description="features asked for at a time")] = 2000

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> OgcSource:
        if (self.type_name is None) == (not self.parts):
            raise ValueError('give type_name = "…", or [[source.fetch.parts]] with a type_name each')
        return self


class DatafordelerTable(Model):
    """One entity of a register, and how it is asked for."""

    access: Annotated[
        Literal["file", "wfs", "graphql"],
        Field(description="file: the weekly file of all; wfs: what lies in the municipality; graphql: pages of rows"),
    ] = "file"
    url: Annotated[Url, Field(description="file: …/FileDownloads; else the service without parameters")]
    register_: Annotated[NonEmpty, Field(alias="register", description="BBR, DAR, MAT, DAGI, GEODKV …")]
    entity: Annotated[NonEmpty, Field(description="entity of the register, or WFS type name")]
    format: Annotated[Literal["gpkg", "csv", "json"], Field(description="of the file")] = "gpkg"
    params: Annotated[
        dict[NonEmpty, NonEmpty], Field(description="further parameters of the file: MunicipalityCode")
    ] = {}
    only: Only = {}
    geometry: Annotated[
        NonEmpty | None, Field(description="wfs: the geometry's column; csv, json, graphql: the column with WKT")
    ] = None
    dialect: Annotated[Literal["cql", "fes"], Field(description="how a WFS is told only")] = "cql"
    sort_by: Annotated[NonEmpty | None, Field(description="wfs: a column without repeats, for pages")] = None
    page: Annotated[int, Field(ge=1, le=100_000, description="rows asked for at a time; wfs and graphql")] = 1000


class DatafordelerJoin(DatafordelerTable):
    """A further entity whose columns stand beside, as ``<name>.<column>``; rows are matched by a column of each."""

    name: Annotated[Identifier, Field(description="what its columns are called by")]
    on: Annotated[NonEmpty, Field(description="column of what was there before; of an earlier join: name.column")]
    to: Annotated[NonEmpty, Field(description="column of this entity that holds the same")]
    unmatched: Annotated[Literal["drop", "keep"], Field(description="rows without a partner")] = "drop"
    count: Annotated[bool, Field(description="its rows are counted for each: <name>.count, 0 for none")] = False
    join: Annotated[list[DatafordelerJoin], Field(description="entities joined to this one first")] = []


class DatafordelerSource(Service, DatafordelerTable):
    """A register on Datafordeler: the weekly file of an entity, its WFS, or its GraphQL; with others joined to it."""

    kind: Literal["datafordeler"]
    key: KeyName | None = "datafordeler"
    join: Annotated[list[DatafordelerJoin], Field(description="further entities, in this order")] = []
    dissolve: Annotated[
        NonEmpty | None, Field(description="rows with the same value of this column become one, their shapes united")
    ] = None
    unknown: Annotated[
        dict[Identifier, list[Scalar]], Field(description="per column of ours: values that stand for not known")
    ] = {}
    filled: Annotated[dict[Identifier, Scalar], Field(description="per column of ours: what stands for no value")] = {}


class DhmSource(Service):
    """Danmarks Højdemodel: terrain or surface, by WCS 1.0.0, in tiles."""

    kind: Literal["dhm"]
    key: KeyName | None = "dataforsyningen"
    url: Annotated[Url, Field(description="the service without parameters")]
    coverage: Annotated[NonEmpty, Field(description="dhm_terraen, dhm_overflade")]
    format: Annotated[NonEmpty, Field(description="the service's name for GeoTIFF")] = "GTiff"
    cell_m: Annotated[float, Field(ge=0.4, le=100, description="the model's own is 0.4 m")] = 0.4
    tile_cells: Annotated[int, Field(ge=64, le=8192, description="a tile's side in cells, asked for at a time")] = 2000


class OsmSource(Service):
    """OpenStreetMap: an Overpass service, or a regional extract (.osm.pbf) on a web server."""

    kind: Literal["osm"]
    access: Literal["overpass", "extract"] = "overpass"
    url: Url
    feature: Annotated[NonEmpty, Field(description="what is read: roads, crossings, chargers, parking …")]


class StatbankSource(Service):
    """A table of Statistics Denmark."""

    kind: Literal["statbank"]
    url: Url
    table: NonEmpty
    variables: Annotated[
        dict[NonEmpty, list[NonEmpty]],
        Field(description="variable = the values asked for; * for all. A variable's parts or its total, never both"),
    ]
    spread: Annotated[
        NonEmpty | None, Field(description="the variable whose values become columns, e.g. DRIV; capital letters")
    ] = None
    period: Annotated[
        NonEmpty | None, Field(description="the newest period that ends so is taken, e.g. M01: 1 January")
    ] = None
    texts: Annotated[bool, Field(description="values come as words rather than codes")] = False


class DmiSource(Service):
    """DMI's open climate data: a collection's parameter for the municipality or its grid cells."""

    kind: Literal["dmi"]
    url: Url
    collection: NonEmpty
    parameters: Annotated[list[NonEmpty], Field(min_length=1)]
    resolution: Literal["hour", "day", "month", "year"] = "month"
    since: Annotated[NonEmpty | None, Field(description="first day asked for: 2011-01-01")] = None


class GtfsSource(Service):
    """A timetable: stops with the departures of a weekday."""

    kind: Literal["gtfs"]
    url: Url


class FactsSource(Service):
    """A table of facts that the package carries: the same for every municipality, each row with its own source."""

    kind: Literal["facts"]
    table: Annotated[NonEmpty, Field(description="charging_rules, heat_rates, pipe_sizes, rain_events, tree_species")]


class PostgisSource(Service):
    """A table, a view or an SQL file of the database that the key ``postgis`` leads to."""

    kind: Literal["postgis"]
    key: KeyName | None = "postgis"
    table: Annotated[NonEmpty | None, Field(description="schema.table or view")] = None
    query: Annotated[NonEmpty | None, Field(description="path of an SQL file in the project's folder")] = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> PostgisSource:
        if (self.table is None) == (self.query is None):
            raise ValueError("give table, or query")
        return self


FetchSource = Annotated[
    OgcSource
    | DatafordelerSource
    | DhmSource
    | OsmSource
    | StatbankSource
    | DmiSource
    | GtfsSource
    | FactsSource
    | PostgisSource
    | DownloadSource,
    Field(discriminator="kind"),
]


class OwnRegister(Model):
    """Says that no open service has the layer: whoever keeps the register delivers it, as a file or from PostGIS."""

    holder: Annotated[Text, Field(description="who keeps it: the municipality, the supplier of heat …")]
    note: Annotated[Text, Field(description="what is known of services that nearly have it, and what is done without")]


class Sources(Model):
    """Where a layer comes from under ``--data model`` and under ``--data kept``."""

    model: ModelSource | None = None
    kept: Annotated[FileSource | None, Field(description="a file of yours; it goes before what fetch brought")] = None
    own: Annotated[
        OwnRegister | None, Field(description="no open service has this layer: whose own register it comes from")
    ] = None
    fetch: Annotated[
        list[FetchSource],
        Field(
            description="services, in order of preference: the first whose key is there is asked, the next if it fails"
        ),
    ] = []
