"""An analysis file (``analyses/<id>.toml``): what is asked, with which inputs, targets and assumptions."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ballerup_geo.spec._model import Identifier, Model, NonEmpty, Text

__all__ = [
    "UNVERIFIED",
    "Analysis",
    "AssumptionValue",
    "ClimateEffect",
    "Expectation",
    "InputChoice",
    "Start",
    "Target",
]

UNVERIFIED = "unverified"
"""The ``source`` of a value that nobody has checked yet; pages show it as such."""


class InputChoice(Model):
    """What a method's input is read from: a layer, or a table of another analysis' result."""

    layer: Identifier | None = None
    result: Identifier | None = None
    table: Identifier | None = None
    raster: Identifier | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> InputChoice:
        if (self.layer is None) == (self.result is None):
            raise ValueError('name either layer = "…" or result = "…" with table = "…" or raster = "…"')
        if self.result is not None and (self.table is None) == (self.raster is None):
            raise ValueError('beside result = "…" name one of table = "…" and raster = "…"')
        if self.layer is not None and (self.table is not None or self.raster is not None):
            raise ValueError('table and raster go with result = "…", not with layer = "…"')
        return self


class AssumptionValue(Model):
    """A value that the method needs: with its unit, and who says so."""

    value: bool | int | float | str
    unit: Annotated[NonEmpty, Field(description='"1" for a pure number, "-" for a text or a choice')]
    source: Annotated[NonEmpty, Field(description=f'document and place, or "{UNVERIFIED}"')]
    title: Text
    note: Text | None = None


class Start(Model):
    """Where a measured target began: the first point of the line along which progress is judged."""

    date: Annotated[datetime.date, Field(strict=False)]
    value: float
    source: NonEmpty


class Target(Model):
    """A dated target of the climate plan that this analysis answers to."""

    id: Identifier
    title: Text
    year: Annotated[int, Field(ge=1990, le=2100)]
    section: Annotated[NonEmpty, Field(description="where the plan says it")]
    source: NonEmpty
    kind: Annotated[
        Literal["measured", "registered", "not_mapped"],
        Field(description="from a run; entered by the municipality; or nothing tells yet (why says what lacks)"),
    ]
    indicator: Annotated[Identifier | None, Field(description="the indicator that measures it")] = None
    value: float | None = None
    unit: NonEmpty | None = None
    direction: Annotated[Literal["at_least", "at_most"], Field(description="which side of the value is reached")] = (
        "at_least"
    )
    start: Annotated[
        Start | None, Field(description="of a measured target, where it began; without it the first run on real data")
    ] = None
    status: Annotated[
        Literal["reached", "on_the_way", "behind", "unknown"],
        Field(description="of a registered target, as the municipality says"),
    ] = "unknown"
    status_date: Annotated[
        datetime.date | None,
        Field(strict=False, description="of a registered target, the day the status is of; not one to come"),
    ] = None
    case_number: Annotated[
        NonEmpty | None, Field(description="of a registered target, the municipality's case (sagsnummer)")
    ] = None
    why: Annotated[
        Text | None, Field(description="how it is measured or why it stands as it does; asked for where not_mapped")
    ] = None

    @model_validator(mode="after")
    def _measurable(self) -> Target:
        if (self.value is None) != (self.unit is None):
            raise ValueError("value and unit go together")
        if self.kind == "measured" and self.indicator is None:
            raise ValueError('a measured target names its indicator = "…"')
        if self.kind != "measured" and self.indicator is not None:
            raise ValueError(f"a {self.kind} target has no indicator")
        if self.start is not None and (self.kind != "measured" or self.value is None):
            raise ValueError("start goes with a measured target that has a value")
        if self.kind == "not_mapped" and self.why is None:
            raise ValueError("a target that is not mapped says why")
        return self

    @model_validator(mode="after")
    def _registered(self) -> Target:
        said = self.status != "unknown" or self.status_date is not None or self.case_number is not None
        if self.kind != "registered" and said:
            raise ValueError("status, status_date and case_number are of registered targets; others follow from runs")
        if self.status != "unknown" and self.status_date is None:
            raise ValueError(f'a status goes with its day: status_date = "YYYY-MM-DD" beside status = "{self.status}"')
        if self.status_date is not None and self.status_date > datetime.date.today():
            raise ValueError(f"status_date {self.status_date} is in the future: tell what stands today")
        return self


class ClimateEffect(Model):
    """What an analysis says of CO2, for the yearly account; unknown where it names no indicator."""

    id: Identifier
    title: Text
    base: Annotated[
        Literal["account", "life_cycle", "uptake"],
        Field(
            description="account: burning within the municipality, as its CO2 account reckons; life_cycle: with what "
            "happens elsewhere; uptake: carbon that plants take up. Only account can be added to the account"
        ),
    ]
    before: Annotated[Identifier | None, Field(description="indicator: tonnes a year without the plan")] = None
    after: Annotated[Identifier | None, Field(description="indicator: tonnes a year with it; effect = fall")] = None
    effect: Annotated[Identifier | None, Field(description="indicator: tonnes a year less, in one")] = None
    counted: Annotated[bool, Field(description="part of the sum; false where another effect holds it already")]
    why: Text

    @model_validator(mode="after")
    def _one_way(self) -> ClimateEffect:
        if (self.before is None) != (self.after is None) or (self.before is not None and self.effect is not None):
            raise ValueError("name before and after, or effect, or none of them")
        if self.counted and self.base != "account":
            raise ValueError('only base = "account" is counted: the others are not in the municipality\'s account')
        return self


class Expectation(Model):
    """A range that an indicator must lie in; outside, the result is not written."""

    minimum: float | None = None
    maximum: float | None = None
    why: Text


class Analysis(Model):
    """One question: the method that answers it, and all that the method needs."""

    method: Identifier
    title: Text
    question: Text
    use: Annotated[Text, Field(description="what the answer may be used for, and what not")]
    inputs: dict[Identifier, InputChoice]
    assumptions: dict[Identifier, AssumptionValue] = {}
    targets: tuple[Target, ...] = Field(default=(), strict=False)
    climate_effects: tuple[ClimateEffect, ...] = Field(default=(), strict=False)
    expectations: dict[Identifier, Expectation] = {}
