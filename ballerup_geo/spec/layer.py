"""A layer file (``layers/<id>.toml``): what the maps are made from."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ballerup_geo.spec._model import Identifier, Model, NonEmpty, Text
from ballerup_geo.spec.sources import Sources

__all__ = ["Accessibility", "AccountYear", "Column", "Layer", "Municipality"]


class Column(Model):
    """One column of a layer, or the values of a raster's cells."""

    type: Literal["text", "integer", "number", "boolean", "date"]
    title: Text
    unit: Annotated[
        NonEmpty | None, Field(description="SI or Danish unit; a column name carries it too (length_m)")
    ] = None
    required: Annotated[bool, Field(description="every row must have a value")] = False
    unique: Annotated[bool, Field(description="no two rows share a value")] = False
    minimum: float | None = None
    maximum: float | None = None
    codes: Annotated[dict[str, Text] | None, Field(description="the values allowed, each with its meaning")] = None
    register_codes: Annotated[
        Literal["bbr_021", "bbr_056", "bbr_057", "bbr_058"] | None,
        Field(description="the values allowed are a Danish register's code list"),
    ] = None
    behind: Annotated[
        Identifier | None,
        Field(
            description="the column tells about persons or single homes; this whole-number column of the layer (it may "
            "be the column itself) counts them, and no page shows the value where they are fewer than a map's k"
        ),
    ] = None


class Accessibility(Model):
    """What only the municipality can say in the accessibility statement: whom a reader asks, and as of when."""

    written: Annotated[
        str,
        Field(
            pattern=r"^([^\s@<>\"]+@[^\s@<>\"]+\.[a-z]{2,}|https://[^\s<>\"]+)$",
            max_length=200,
            description="an e-mail address, or the https:// address of a contact form",
        ),
    ]
    telephone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9 ]{6,18}[0-9]$", description="digits and spaces")]
    date: Annotated[
        str,
        Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="the day the statement was last gone through: 2026-11-23"),
    ]
    official: Annotated[
        str | None,
        Field(
            pattern=r"^https://[^\s<>\"]+$",
            max_length=200,
            description="address of the official statement (https://was.digst.dk/…), where there is one",
        ),
    ] = None

    @field_validator("date")
    @classmethod
    def _is_a_day(cls, day: str) -> str:
        datetime.date.fromisoformat(day)
        return day


class AccountYear(Model):
    """One year of the municipality's own CO2 account (Energi- og CO2-regnskabet, the green accounts)."""

    year: Annotated[int, Field(ge=1990, le=2100)]
    tonnes: Annotated[float, Field(gt=0, description="tonnes of CO2 from the municipality as a geographic area")]
    source: NonEmpty


class Municipality(Model):
    """Which municipality the project is about; only in ``layers/municipality.toml``."""

    name: NonEmpty
    code: Annotated[str, Field(pattern=r"^\d{4}$", description="four digits, e.g. 0151")]
    accessibility: Annotated[
        Accessibility | None, Field(description="without it, the accessibility statement says that this is not told")
    ] = None
    co2_account: tuple[AccountYear, ...] = Field(
        default=(), strict=False, description="years of the CO2 account; the plan's are 1990 (target) and 2019 (data)"
    )


class Layer(Model):
    """A layer: its contract (geometry, columns) and its sources."""

    title: Text
    description: Text
    geometry: Literal["point", "line", "polygon", "any", "raster", "table"]
    columns: dict[Identifier, Column] = {}
    cell: Annotated[Column | None, Field(description="a raster's cell values (type number), with unit and range")] = (
        None
    )
    clip: Annotated[
        Literal["municipality", "surroundings", "none"],
        Field(description="keep features that touch the municipality; those within margin_m of it; or all"),
    ] = "municipality"
    margin_m: Annotated[float, Field(ge=0, le=100_000)] = 0.0
    homes: Annotated[
        bool, Field(description='rows are single homes: only a map with homes = "individual" shows columns with behind')
    ] = False
    may_be_empty: Annotated[bool, Field(description="no feature here is an answer, not a fault")] = False
    municipality: Municipality | None = None
    source: Sources

    @property
    def required_columns(self) -> tuple[str, ...]:
        """The columns in which every row must have a value."""
        return tuple(name for name, column in self.columns.items() if column.required)

    @model_validator(mode="after")
    def _untold_codes_are_codes(self) -> Layer:
        for source in (*self.source.fetch, *([self.source.kept] if self.source.kept is not None else [])):
            for name, codes in source.untold.items():
                known = (self.columns[name].codes or {}) if name in self.columns else {}
                for code in codes:
                    if code not in known:
                        raise ValueError(f"untold.{name}: {code!r} is no code of that column")
        return self

    @model_validator(mode="after")
    def _counts_are_there(self) -> Layer:
        counts = [name for name, column in self.columns.items() if column.type == "integer"]
        for name, column in self.columns.items():
            if column.behind is not None and column.behind not in counts:
                known = ", ".join(counts) or "none"
                raise ValueError(f"column {name!r}: behind = {column.behind!r} is no whole-number column ({known})")
        return self
